/** A pair of servers as an observation, for tests of the pure core: fresh, ready, or half way. */

import { makeLsn, type Lsn } from '../../src/base/lsn.ts';
import type { Intent } from '../../src/model/decision.ts';
import { known } from '../../src/model/fact.ts';
import type { Migration } from '../../src/model/migration.ts';
import type {
  DatabaseObservation,
  Observation,
  SideObservation,
} from '../../src/model/observation.ts';
import type { Side } from '../../src/model/side.ts';
import { defaultPolicy } from '../../src/reconcile/policy.ts';
import { predict, settle } from '../../src/reconcile/predict.ts';
import { decide } from '../../src/reconcile/decide.ts';
import { rememberAct, rememberObservation, startMemory } from '../../src/reconcile/memory.ts';

/** The article's names. */
export const articleMigration: Migration = {
  name: 'article',
  databases: { kind: 'named', names: ['Adventureworks'] },
  distributedAvailabilityGroup: 'DAG',
  seeding: { kind: 'automatic' },
  source: {
    side: 'source',
    availabilityGroup: 'OnPremAG',
    instances: [
      {
        name: 'OnPremNode',
        fqdn: 'OnPremNode.contoso.com',
        endpoint: { name: 'Hadr_endpoint', port: 5022 },
      },
    ],
    listener: null,
  },
  target: {
    side: 'target',
    availabilityGroup: 'AzureAG',
    instances: [
      { name: 'SQLVM', fqdn: 'SQLVM.contoso.com', endpoint: { name: 'Hadr_endpoint', port: 5022 } },
    ],
    listener: null,
  },
  cutover: {
    maxOutageMs: 30_000,
    fenceLogins: ['app_writer'],
    killSessionsAfterMs: 5000,
    deadMan: 'agent',
    hooks: { beforeFence: null, afterPromote: null },
  },
};

/** A log sequence number by block. */
export function lsnAt(block: bigint): Lsn {
  return makeLsn({ vlf: 42n, block, slot: 1n });
}

/** A database of the source that is ready for an availability group. */
export function plainDatabase(name: string): DatabaseObservation {
  return {
    name,
    stateDesc: 'ONLINE',
    recoveryModelDesc: 'FULL',
    hasLogChain: true,
    local: null,
    distributed: null,
    seeding: null,
    history: null,
  };
}

/** One instance with nothing of a migration on it. */
export function freshSide(side: Side, migration: Migration = articleMigration): SideObservation {
  const plan = side === 'source' ? migration.source : migration.target;
  const name = plan.instances[0].name;
  const names =
    migration.databases.kind === 'named' ? migration.databases.names : ['Adventureworks'];
  return {
    side,
    instance: name,
    generation: 1,
    connection: { kind: 'connected' },
    serverUtc: known('2026-11-21T12:00:00.000Z'),
    server: known({
      serverName: name,
      machineName: name,
      defaultDomain: 'CONTOSO',
      versionMajor: 16,
      productVersion: '16.0.4135.4',
      edition: 'Enterprise Edition (64-bit)',
      engineEdition: 3,
      isHadrEnabled: true,
      serviceAccount: `CONTOSO\\svc_${side}`,
    }),
    endpoint: known(null),
    availabilityGroup: known(null),
    distributed: known(null),
    databases: known(side === 'source' ? names.map((each) => plainDatabase(each)) : []),
    windowsLogins: known([]),
    fenceLogins: known(
      migration.cutover.fenceLogins.map((login) => ({ name: login, isDisabled: false })),
    ),
    sessions: known([]),
    operators: known([]),
    control: known({ kind: 'missing' }),
    deadMan: known({
      jobExists: false,
      agentRunning: true,
      jobRunning: false,
      watcherConnected: false,
      rehearsedUtc: null,
    }),
    leadership: known({ kind: 'free' }),
    roundTripMs: 1,
  };
}

/** Two servers with nothing of a migration on them. */
export function freshObservation(migration: Migration = articleMigration): Observation {
  return { source: freshSide('source', migration), target: freshSide('target', migration) };
}

/** The same observation with parts of one side changed. */
export function changed(
  observation: Observation,
  side: Side,
  change: Partial<SideObservation>,
): Observation {
  return { ...observation, [side]: { ...observation[side], ...change } };
}

/** Every observation on the way to an intent's goal, on servers that do as they should; the last one is the goal. */
export function visited(
  observation: Observation,
  intent: Intent,
  migration: Migration = articleMigration,
): readonly [Observation, ...Observation[]] {
  const seen: [Observation, ...Observation[]] = [observation];
  let newest = observation;
  let memory = startMemory(intent);
  for (let step = 0; step < 500; step += 1) {
    memory = rememberObservation(memory, newest, 10_000);
    const decision = decide(newest, intent, {
      migration,
      memory: { ...memory, outageMs: memory.outageMs === null ? null : 0, seedingStillMs: 0 },
      policy: defaultPolicy,
    });
    if (decision.kind === 'done') return seen;
    if (decision.kind === 'needs-human') {
      throw new Error(`${decision.rule}: ${decision.because} ${decision.blockers.join(' ')}`);
    }
    if (decision.kind === 'act') {
      memory = rememberAct(memory, decision.act, { outcome: 'ok', elapsedMs: 1 });
      newest = predict(newest, decision.act, migration);
    } else {
      newest = settle(newest, migration);
    }
    seen.push(newest);
  }
  throw new Error('the intent was not reached in 500 passes');
}

/** The observation after everything an intent does on servers that do as they should. */
export function driven(
  observation: Observation,
  intent: Intent,
  migration: Migration = articleMigration,
): Observation {
  const seen = visited(observation, intent, migration);
  return seen[seen.length - 1] ?? observation;
}
