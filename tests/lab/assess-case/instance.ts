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
        'WORKERS',
        'SQL-PORT',
      ]),
      ...all('success', [
        'PAIR-VERSION',
        'PAIR-BUILD',
        'PAIR-INSTANCE-NAME',
        'PAIR-COLLATION',
        'PAIR-CLOCK',
        'PAIR-CONFIGURATION',
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
    expect: bothSides('error', ['VERSION']),
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
    title: 'the clock of the target is a minute ahead',
    faults: [{ fault: 'clock', instance: 'SQLVM', offsetMs: 60_000 }],
    expect: [{ rule: 'PAIR-CLOCK', outcome: 'warning', evidence: /60\.\d s/u }],
  },
];

const NOT_YET = 'no definition of the lab sets it yet';
const OUTSIDE = 'nothing over a SQL Server connection shows it';

/** Rules without such cases. */
export const instanceExempt: Exemptions = {
  'AZ-ROLE': { passes: OUTSIDE, fails: OUTSIDE },
  'OBJ-SERVER': { passes: OUTSIDE, fails: OUTSIDE },
  'OBJ-LOG-BACKUPS': { passes: OUTSIDE, fails: OUTSIDE },
  'SRC-REACH': { fails: 'a case assesses servers that answer; tests/e2e/bad-servers.test.ts' },
  'TGT-REACH': { fails: 'a case assesses servers that answer; tests/e2e/bad-servers.test.ts' },
  'SRC-SERVER-NAME': { fails: NOT_YET },
  'TGT-SERVER-NAME': { fails: NOT_YET },
  'SRC-CLUSTER': { fails: NOT_YET },
  'TGT-CLUSTER': { fails: NOT_YET },
  'SRC-SESSION-ENCRYPTED': { fails: NOT_YET },
  'TGT-SESSION-ENCRYPTED': { fails: NOT_YET },
  'SRC-WORKERS': { fails: NOT_YET },
  'TGT-WORKERS': { fails: NOT_YET },
  'SRC-SQL-PORT': { fails: NOT_YET },
  'TGT-SQL-PORT': { fails: NOT_YET },
  'PAIR-BUILD': { fails: NOT_YET },
  'PAIR-INSTANCE-NAME': { fails: NOT_YET },
  'PAIR-COLLATION': { fails: NOT_YET },
  'PAIR-CONFIGURATION': { fails: NOT_YET },
  'TGT-SPACE': { passes: NOT_YET, fails: NOT_YET },
  'TGT-IFI': { fails: NOT_YET },
};
