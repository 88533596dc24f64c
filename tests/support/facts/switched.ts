/** Facts of a pair after the cutover, with everything as it should be. */

import type { AssessFacts } from '../../../src/model/assess-facts.ts';
import type { CopyFacts } from '../../../src/model/assess-replica.ts';
import { known } from '../../../src/model/fact.ts';
import type { Side } from '../../../src/model/side.ts';
import { goodDatabase, goodFacts, goodGroup, goodReplica } from '../facts.ts';

/** The copy of the database on one side, as the target sees it. */
export function switchedCopy(side: Side): CopyFacts {
  return {
    group: side === 'target' ? 'AzureAG' : 'DAG',
    isDistributed: side === 'source',
    database: 'Adventureworks',
    replicaServerName: side === 'target' ? 'SQLVM' : 'OnPremAG',
    isLocal: side === 'target',
    isPrimaryReplica: side === 'target',
    synchronizationStateDesc: side === 'target' ? 'SYNCHRONIZED' : 'SYNCHRONIZING',
    databaseStateDesc: side === 'target' ? 'ONLINE' : null,
    isSuspended: false,
  };
}

function groups(side: Side, role: string) {
  return known([
    goodGroup(side),
    { ...goodGroup(side), name: 'DAG', isDistributed: true, localRoleDesc: role },
  ]);
}

function members(side: Side) {
  return known([
    goodReplica(side),
    ...['OnPremAG', 'AzureAG'].map((replicaServerName) => ({
      ...goodReplica(side),
      group: 'DAG',
      isDistributed: true,
      replicaServerName,
      availabilityModeDesc: 'ASYNCHRONOUS_COMMIT',
    })),
  ]);
}

/** The target leads, the source follows, jobs and logins are in their places. */
export const switchedFacts: AssessFacts = {
  ...goodFacts,
  source: {
    ...goodFacts.source,
    availabilityGroups: groups('source', 'SECONDARY'),
    groupReplicas: members('source'),
    fenceLogins: known([{ name: 'app_writer', isDisabled: true }]),
  },
  target: {
    ...goodFacts.target,
    availabilityGroups: groups('target', 'PRIMARY'),
    groupReplicas: members('target'),
    copies: known([switchedCopy('target'), switchedCopy('source')]),
    databases: known([
      {
        ...goodDatabase,
        backup: known({
          lastFullFinish: '2026-11-21T13:00:00',
          lastCopyOnlyFinish: null,
          lastLogFinish: '2026-11-21T13:05:00',
          lastLogBackupLsn: null,
        }),
      },
    ]),
    orphans: known([{ name: 'Adventureworks', inside: known([]) }]),
  },
};
