/** Lab cases of the rules about instances, the pair, the target and server objects. */

import { all, bothSides, type AssessCase, type Exemptions } from './case.ts';
import { everyInstance, instances } from './definition.ts';

/** The cases. */
export const instanceCases: readonly AssessCase[] = [
  {
    title: 'two standalone servers as the article has them',
    expect: [
      ...bothSides('success', [
        'REACH',
        'PERM-READ',
        'PERM-CHANGE',
        'VERSION',
        'EDITION',
        'HADR',
        'HADR-RESTART',
        'SERVER-NAME',
        'CLUSTER',
        'SESSION-ENCRYPTED',
        'SQL-PORT',
      ]),
      ...all('success', [
        'PAIR-VERSION',
        'PAIR-BUILD',
        'PAIR-INSTANCE-NAME',
        'PAIR-COLLATION',
        'PAIR-CLOCK',
        'TGT-IFI',
      ]),
    ],
  },
  {
    title: 'a login that may only connect',
    login: 'visitor',
    expect: [
      ...bothSides('unknown', ['PERM-READ', 'SESSION-ENCRYPTED', 'SQL-PORT']),
      ...bothSides('unknown', ['PERM-CHANGE', 'EP-EXISTS', 'AG-HEALTH', 'FENCE-LOGINS']),
    ],
  },
  {
    title: 'a login without the rights to change',
    lab: (definition) =>
      everyInstance({
        logins: [
          {
            user: 'auditor',
            roles: [],
            permissions: ['VIEW SERVER STATE', 'VIEW ANY DEFINITION', 'VIEW ANY DATABASE'],
            disabled: false,
            users: [],
          },
        ],
      })(definition),
    login: 'auditor',
    expect: bothSides('error', ['PERM-CHANGE']),
  },
  {
    title: 'both servers are SQL Server 2016',
    lab: everyInstance({ release: 2016 }),
    expect: [
      ...bothSides('error', ['VERSION']),
      ...bothSides('warning', ['SUPPORT']),
      ...all('unknown', ['TGT-DRIVES', 'TGT-SPACE']),
    ],
  },
  {
    title: 'both servers are Standard edition',
    lab: everyInstance({ edition: 'Standard' }),
    expect: bothSides('error', ['EDITION']),
  },
  {
    title: 'both servers are Developer edition',
    lab: everyInstance({ edition: 'Developer' }),
    expect: bothSides('warning', ['EDITION']),
  },
  {
    title: 'Always On is disabled on both servers',
    lab: everyInstance({ alwaysOn: 'disabled' }),
    expect: [...bothSides('error', ['HADR']), ...bothSides('skipped', ['HADR-RESTART'])],
  },
  {
    title: 'Always On is enabled, but no server was restarted',
    lab: everyInstance({ alwaysOn: 'restart-pending' }),
    expect: bothSides('error', ['HADR-RESTART']),
  },
  {
    title: 'the target is SQL Server 2025',
    lab: instances('target', { release: 2025 }),
    expect: [
      { rule: 'PAIR-VERSION', outcome: 'error', evidence: /17/u },
      ...all('skipped', ['PAIR-BUILD']),
    ],
  },
  {
    title:
      'both servers call themselves otherwise, are clustered and not encrypted, and listen to nobody',
    lab: everyInstance({
      catalog: {
        serverproperty: [
          { property: 'ServerName', value: 'OLDNAME' },
          { property: 'IsClustered', value: 1 },
        ],
        'sys.dm_exec_connections': [{ encrypt_option: 'FALSE' }],
        'sys.dm_tcp_listener_states': [1433, 1434].flatMap((port) =>
          [true, false].map((isIpv4) => ({
            port,
            is_ipv4: isIpv4,
            type_desc: 'TSQL',
            state_desc: 'PENDING_RESTART',
          })),
        ),
      },
    }),
    expect: [
      ...bothSides('error', ['SERVER-NAME', 'SQL-PORT']),
      ...bothSides('warning', ['CLUSTER', 'SESSION-ENCRYPTED']),
    ],
  },
  {
    title: 'the target has another instance name and another collation',
    lab: instances('target', {
      catalog: {
        serverproperty: [
          { property: 'InstanceName', value: 'SQL2' },
          { property: 'Collation', value: 'Turkish_CI_AS' },
        ],
      },
    }),
    expect: [
      { rule: 'PAIR-INSTANCE-NAME', outcome: 'error', evidence: /target SQL2/u },
      { rule: 'PAIR-COLLATION', outcome: 'warning', evidence: /Turkish_CI_AS/u },
    ],
  },
  {
    title: 'the clock of the target is a minute ahead',
    faults: [{ fault: 'clock', instance: 'SQLVM', offsetMs: 60_000 }],
    expect: [{ rule: 'PAIR-CLOCK', outcome: 'warning', evidence: /60\.\d s/u }],
  },
];

const OUTSIDE = 'nothing over a SQL Server connection shows it';

const NOT_SEEN = 'what a login may not see is unknown, not wrong: a login that may only connect';

/** Rules without such cases. */
export const instanceExempt: Exemptions = {
  'AZ-ROLE': { passes: OUTSIDE, fails: OUTSIDE },
  'DISK-SECTOR': { passes: OUTSIDE, fails: OUTSIDE },
  'OBJ-LOG-BACKUPS': { passes: OUTSIDE, fails: OUTSIDE },
  'SRC-PERM-READ': { fails: NOT_SEEN },
  'TGT-PERM-READ': { fails: NOT_SEEN },
  'SRC-REACH': { fails: 'a case assesses servers that answer; tests/e2e/bad-servers.test.ts' },
  'TGT-REACH': { fails: 'a case assesses servers that answer; tests/e2e/bad-servers.test.ts' },
};
