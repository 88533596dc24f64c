/** Lab cases of the rules about availability groups and the clusters under them. */

import { all, bothSides, type AssessCase, type Exemptions } from './case.ts';
import { instances, twoPlusTwo, twoPlusTwoWith } from './definition.ts';

const SOURCE = 'ALTER AVAILABILITY GROUP [OnPremAG]';
const TARGET = 'ALTER AVAILABILITY GROUP [AzureAG]';

function other(own: string): string {
  const member = (group: string): string =>
    `'${group}' WITH (LISTENER_URL = 'tcp://${group}.contoso.com:5022', AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT, FAILOVER_MODE = MANUAL, SEEDING_MODE = AUTOMATIC)`;
  return `CREATE AVAILABILITY GROUP [Elsewhere] WITH (DISTRIBUTED) AVAILABILITY GROUP ON ${member(own)}, ${member('ElsewhereAG')}`;
}

const inGroups: readonly AssessCase[] = [
  {
    title: 'both local groups are there, the target is empty',
    stage: 'groups',
    wire: true,
    expect: [
      ...bothSides('success', [
        'AG-HEALTH',
        'AG-TYPE',
        'DAG-NAME',
        'AG-PRIMARY',
        'AG-CONNECTED',
        'AG-COMMIT-MODE',
        'AG-ASYNC-SECONDARY',
        'AG-SESSION-TIMEOUT',
        'AG-REQUIRED-SECONDARIES',
        'AG-BACKUP-PREFERENCE',
        'DAG-OTHER',
      ]),
      ...all('success', [
        'TGT-AG-EMPTY',
        'TGT-AG-SEEDING-MODE',
        'TGT-AG-READABLE',
        'TGT-AG-ROUTING',
        'SRC-AG-FAILOVER-MODE',
        'SRC-AG-DB-FAILOVER',
        'SRC-AG-DATABASES',
        'AG-NAMES',
        'AG-NAME-LENGTH',
        'PAIR-AG-DTC',
        'PAIR-AG-DB-FAILOVER',
      ]),
      ...bothSides('skipped', ['DAG-REQUIRED-SECONDARIES', 'CLUSTER-QUORUM']),
    ],
  },
  {
    title: 'both groups have options that a migration trips over',
    stage: 'groups',
    source: [
      `${SOURCE} MODIFY REPLICA ON N'OnPremNode' WITH (AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT)`,
      `${SOURCE} MODIFY REPLICA ON N'OnPremNode' WITH (SESSION_TIMEOUT = 5)`,
      `${SOURCE} SET (AUTOMATED_BACKUP_PREFERENCE = SECONDARY_ONLY)`,
      `${SOURCE} SET (DTC_SUPPORT = PER_DB)`,
      `${SOURCE} SET (DB_FAILOVER = ON)`,
    ],
    target: [
      `${TARGET} MODIFY REPLICA ON N'SQLVM' WITH (AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT)`,
      `${TARGET} MODIFY REPLICA ON N'SQLVM' WITH (SESSION_TIMEOUT = 5)`,
      `${TARGET} MODIFY REPLICA ON N'SQLVM' WITH (SEEDING_MODE = MANUAL)`,
      `${TARGET} MODIFY REPLICA ON N'SQLVM' WITH (SECONDARY_ROLE (ALLOW_CONNECTIONS = NO))`,
      `${TARGET} SET (AUTOMATED_BACKUP_PREFERENCE = SECONDARY_ONLY)`,
    ],
    expect: [
      {
        rule: 'SRC-AG-COMMIT-MODE',
        outcome: 'warning',
        evidence: /ASYNCHRONOUS_COMMIT/u,
        remedy: /MODIFY REPLICA ON N'OnPremNode' WITH \(AVAILABILITY_MODE = SYNCHRONOUS_COMMIT\)/u,
      },
      { rule: 'SRC-AG-SESSION-TIMEOUT', outcome: 'warning', evidence: /\[OnPremNode\] has 5 s/u },
      ...all('warning', [
        'TGT-AG-COMMIT-MODE',
        'TGT-AG-SESSION-TIMEOUT',
        'TGT-AG-SEEDING-MODE',
        'TGT-AG-READABLE',
        'SRC-AG-BACKUP-PREFERENCE',
        'TGT-AG-BACKUP-PREFERENCE',
        'PAIR-AG-DTC',
        'PAIR-AG-DB-FAILOVER',
      ]),
    ],
  },
  {
    title: 'the source holds a database that the migration file does not name',
    stage: 'groups',
    migration: (migration) => ({ ...migration, databases: { kind: 'named', names: ['Absent'] } }),
    expect: [
      {
        rule: 'SRC-AG-DATABASES',
        outcome: 'error',
        evidence: /also holds \[Adventureworks\]/u,
        remedy: /REMOVE DATABASE \[Adventureworks\]/u,
      },
    ],
  },
  {
    title: 'each local group is in another distributed group already',
    stage: 'groups',
    source: [other('OnPremAG')],
    target: [other('AzureAG')],
    expect: [
      { rule: 'SRC-DAG-OTHER', outcome: 'error', evidence: /\[Elsewhere\]/u },
      { rule: 'TGT-DAG-OTHER', outcome: 'error', evidence: /\[Elsewhere\]/u },
    ],
  },
  {
    title: 'the name of the distributed group is taken by another one on both sides',
    stage: 'groups',
    source: [other('OnPremAG')],
    target: [other('AzureAG')],
    migration: (migration) => ({ ...migration, distributedAvailabilityGroup: 'Elsewhere' }),
    expect: bothSides('error', ['DAG-NAME']),
  },
  {
    title: 'the target is not empty before it joins',
    stage: 'groups',
    target: [
      'CREATE DATABASE [Leftover]',
      "BACKUP DATABASE [Leftover] TO DISK = N'leftover.bak'",
      `${TARGET} ADD DATABASE [Leftover]`,
    ],
    expect: [{ rule: 'TGT-AG-EMPTY', outcome: 'error', evidence: /\[Leftover\]/u }],
  },
  {
    title: 'the distributed group stands and is synchronised',
    stage: 'synchronised',
    expect: [
      ...bothSides('success', ['AG-HEALTH', 'AG-TYPE', 'DAG-NAME', 'DAG-REQUIRED-SECONDARIES']),
      { rule: 'TGT-AG-EMPTY', outcome: 'success', evidence: /already joined/u },
    ],
  },
  {
    title: 'the distributed group requires a synchronised secondary outside a cutover',
    stage: 'synchronised',
    source: [
      'ALTER AVAILABILITY GROUP [DAG] SET (REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT = 1)',
    ],
    target: [
      'ALTER AVAILABILITY GROUP [DAG] SET (REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT = 1)',
    ],
    expect: bothSides('warning', ['DAG-REQUIRED-SECONDARIES']),
  },
  {
    title: 'the migration file uses one name for two groups',
    migration: (migration) => ({ ...migration, distributedAvailabilityGroup: 'AzureAG' }),
    expect: all('error', ['AG-NAMES']),
  },
  {
    title: 'the migration file has a group name of 129 characters',
    migration: (migration) => ({ ...migration, distributedAvailabilityGroup: 'D'.repeat(129) }),
    expect: [{ rule: 'AG-NAME-LENGTH', outcome: 'error', evidence: /129/u }],
  },
  {
    title: 'basic and contained groups have the names of the migration file',
    stage: 'groups',
    lab: (definition) =>
      instances('source', {
        catalog: { 'sys.availability_groups': [{ name: 'OnPremAG', basic_features: true }] },
      })(
        instances('target', {
          catalog: { 'sys.availability_groups': [{ name: 'AzureAG', is_contained: true }] },
        })(definition),
      ),
    expect: [
      { rule: 'SRC-AG-TYPE', outcome: 'error', evidence: /basic/u },
      { rule: 'TGT-AG-TYPE', outcome: 'error', evidence: /contained/u },
    ],
  },
];

const twoReplicas: readonly AssessCase[] = [
  {
    title: 'two replicas in a cluster on each side',
    lab: twoPlusTwo,
    expect: [
      ...bothSides('success', [
        'AG-PRIMARY',
        'AG-CONNECTED',
        'AG-ASYNC-SECONDARY',
        'AG-REQUIRED-SECONDARIES',
        'CLUSTER-QUORUM',
        'CLUSTER-NODES',
        'CLUSTER-WITNESS',
      ]),
      { rule: 'SRC-AG-FAILOVER-MODE', outcome: 'success', evidence: /gives AUTOMATIC back/u },
    ],
  },
  {
    title:
      'the source watches databases and fails over by itself, but the migration file names one instance',
    lab: twoPlusTwo,
    source: [`${SOURCE} SET (DB_FAILOVER = ON)`],
    migration: (migration) => ({
      ...migration,
      source: { ...migration.source, listener: null, instances: [migration.source.instances[0]] },
    }),
    expect: [
      {
        rule: 'SRC-AG-FAILOVER-MODE',
        outcome: 'warning',
        evidence: /\[OnPremNode1\], \[OnPremNode2\]/u,
        remedy: /MODIFY REPLICA ON N'OnPremNode2' WITH \(FAILOVER_MODE = MANUAL\)/u,
      },
      ...all('warning', ['SRC-AG-DB-FAILOVER']),
    ],
  },
  {
    title: 'the migration file names the secondaries only',
    lab: twoPlusTwo,
    migration: (migration) => {
      const last = (side: typeof migration.source): typeof migration.source => ({
        ...side,
        instances: [side.instances[1] ?? side.instances[0]],
      });
      return { ...migration, source: last(migration.source), target: last(migration.target) };
    },
    expect: [
      { rule: 'SRC-AG-PRIMARY', outcome: 'error', evidence: /\[OnPremNode2\] is SECONDARY/u },
      { rule: 'TGT-AG-PRIMARY', outcome: 'error', evidence: /\[SQLVM2\] is SECONDARY/u },
    ],
  },
  {
    title: 'the second replica of each side is down',
    lab: twoPlusTwo,
    faults: [
      { fault: 'crash', instance: 'OnPremNode2' },
      { fault: 'crash', instance: 'SQLVM2' },
    ],
    expect: [
      { rule: 'SRC-AG-CONNECTED', outcome: 'error', evidence: /\[OnPremNode2\] is DISCONNECTED/u },
      { rule: 'TGT-AG-CONNECTED', outcome: 'error', evidence: /\[SQLVM2\] is DISCONNECTED/u },
      ...bothSides('error', ['AG-HEALTH']),
      ...bothSides('warning', ['CLUSTER-NODES']),
    ],
  },
  {
    title: 'the source routes readers to its secondary',
    lab: twoPlusTwo,
    source: [
      `${SOURCE} MODIFY REPLICA ON N'OnPremNode2' WITH (SECONDARY_ROLE (READ_ONLY_ROUTING_URL = N'TCP://OnPremNode2.contoso.com:1433'))`,
      `${SOURCE} MODIFY REPLICA ON N'OnPremNode1' WITH (PRIMARY_ROLE (READ_ONLY_ROUTING_LIST = (N'OnPremNode2')))`,
    ],
    expect: [{ rule: 'TGT-AG-ROUTING', outcome: 'warning', evidence: /\[OnPremNode1\]/u }],
  },
  {
    title: 'the secondaries commit asynchronously',
    lab: twoPlusTwo,
    source: [
      `${SOURCE} MODIFY REPLICA ON N'OnPremNode2' WITH (FAILOVER_MODE = MANUAL)`,
      `${SOURCE} MODIFY REPLICA ON N'OnPremNode2' WITH (AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT)`,
    ],
    target: [
      `${TARGET} MODIFY REPLICA ON N'SQLVM2' WITH (FAILOVER_MODE = MANUAL)`,
      `${TARGET} MODIFY REPLICA ON N'SQLVM2' WITH (AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT)`,
    ],
    expect: [
      {
        rule: 'SRC-AG-ASYNC-SECONDARY',
        outcome: 'warning',
        evidence: /\[OnPremNode2\] of \[OnPremAG\]: ASYNCHRONOUS_COMMIT/u,
      },
      ...all('warning', ['TGT-AG-ASYNC-SECONDARY']),
    ],
  },
  {
    title: 'more secondaries are required than there are',
    lab: twoPlusTwo,
    source: [`${SOURCE} SET (REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT = 1)`],
    target: [`${TARGET} SET (REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT = 1)`],
    faults: [{ fault: 'crash', instance: 'SQLVM2' }],
    expect: [
      { rule: 'SRC-AG-REQUIRED-SECONDARIES', outcome: 'warning', evidence: /stops every commit/u },
      { rule: 'TGT-AG-REQUIRED-SECONDARIES', outcome: 'error', evidence: /is 1, 0 synchronous/u },
    ],
  },
  {
    title: 'the clusters were forced up and have an even number of votes',
    lab: twoPlusTwoWith({
      'sys.dm_hadr_cluster': [{ quorum_state: 2, quorum_state_desc: 'FORCED_QUORUM' }],
      'sys.dm_hadr_cluster_members': [{ member_name: 'Cloud Witness', number_of_quorum_votes: 0 }],
    }),
    expect: [
      ...bothSides('error', ['CLUSTER-QUORUM']),
      { rule: 'SRC-CLUSTER-WITNESS', outcome: 'warning', evidence: /2 node\(s\), 2 vote\(s\)/u },
      ...all('warning', ['TGT-CLUSTER-WITNESS']),
    ],
  },
];

/** The cases. */
export const groupCases: readonly AssessCase[] = [...inGroups, ...twoReplicas];

/** Rules without such cases. */
export const groupExempt: Exemptions = {};
