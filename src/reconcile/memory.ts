/**
 * What a run remembers, as a fold over observations and replies.
 *
 * Pure: the caller measures how much time went by. Memory makes decisions politer and faster; the
 * guards inside the batches are what makes them safe.
 */

import { unreachable } from '../base/assert.ts';
import { instanceOfAct, type Act, type ActKind, type ActReply } from '../model/act.ts';
import type { Intent, Memory, QuietSample } from '../model/decision.ts';
import type { DatabaseReplicaObservation, Observation } from '../model/observation.ts';
import type { Problem } from '../model/problem.ts';
import { glance } from './parts.ts';
import { mirrorAct, mirrorObservation } from './mirror.ts';
import { isSynchronous } from './look.ts';
import { finalLsn, hardenedLsn } from './lsn.ts';

/** Memory of a run that has seen nothing. */
export const emptyMemory: Memory = {
  demoting: 'source',
  fencedEpoch: null,
  giveBackRefused: false,
  finalLsns: null,
  fencedLogins: [],
  unsettledRoleChange: false,
  outageMs: null,
  givenBack: false,
  refusal: null,
  fencedMs: null,
  current: null,
  previous: null,
  attempts: {},
  seedingMark: null,
  seedingStillMs: 0,
  sinceSeedingRestartMs: null,
};

/** Memory a run with this intent begins with. */
export function startMemory(intent: Intent): Memory {
  return { ...emptyMemory, demoting: intent.goal === 'failback' ? 'target' : 'source' };
}

/**
 * Folds one observation into the memory, before `decide()` looks at it. `elapsedMs` is the time since
 * the observation before; 0 for the first one.
 */
export function rememberObservation(memory: Memory, seen: Observation, elapsedMs: number): Memory {
  const observation = memory.demoting === 'target' ? mirrorObservation(seen) : seen;
  const mark = seedingMark(observation);
  const sample = quietSample(observation);
  const sessionsKept =
    memory.current !== null &&
    memory.current.sourceGeneration === observation.source.generation &&
    memory.current.targetGeneration === observation.target.generation;
  return {
    ...memory,
    finalLsns: sessionsKept ? memory.finalLsns : null,
    unsettledRoleChange: memory.unsettledRoleChange && !isSettled(observation),
    outageMs: outageMs(memory, observation, elapsedMs),
    fencedMs: fencedMs(memory, observation, elapsedMs),
    previous: memory.current,
    current: sample,
    seedingMark: mark,
    seedingStillMs: mark === memory.seedingMark ? memory.seedingStillMs + elapsedMs : 0,
    sinceSeedingRestartMs:
      memory.sinceSeedingRestartMs === null ? null : memory.sinceSeedingRestartMs + elapsedMs,
  };
}

/** Folds the reply of an act into the memory. */
export function rememberAct(memory: Memory, done: Act, reply: ActReply): Memory {
  const act = memory.demoting === 'target' ? mirrorAct(done) : done;
  const key = actKey(act);
  const counted: Memory = {
    ...memory,
    attempts: { ...memory.attempts, [key]: (memory.attempts[key] ?? 0) + 1 },
    sinceSeedingRestartMs: act.kind === 'restart-seeding' ? 0 : memory.sinceSeedingRestartMs,
    fencedEpoch: act.kind === 'demote' ? act.fromEpoch + 1n : memory.fencedEpoch,
  };
  const changesRoles = roleChanges.has(act.kind);
  if (reply.outcome === 'unknown') {
    return changesRoles ? { ...counted, unsettledRoleChange: true } : counted;
  }
  if (reply.outcome === 'failed') return rememberRefusal(counted, act, reply.problem);
  switch (act.kind) {
    case 'demote':
      return { ...counted, finalLsns: reply.finalLsns ?? null, outageMs: 0, refusal: null };
    case 'give-back':
      return { ...counted, givenBack: true, giveBackRefused: false, finalLsns: null };
    case 'promote':
      return { ...counted, finalLsns: null, refusal: null };
    case 'disable-login':
      return act.side === 'source' && !memory.fencedLogins.includes(act.login)
        ? { ...counted, fencedLogins: [...memory.fencedLogins, act.login] }
        : counted;
    case 'enable-login':
      return act.side === 'source' && act.instance === undefined
        ? { ...counted, fencedLogins: memory.fencedLogins.filter((name) => name !== act.login) }
        : counted;
    case 'create-endpoint':
    case 'start-endpoint':
    case 'create-peer-login':
    case 'grant-endpoint-connect':
    case 'create-availability-group':
    case 'add-database':
    case 'grant-create-database':
    case 'join-availability-group':
    case 'create-listener':
    case 'set-failover-mode':
    case 'create-distributed':
    case 'join-distributed':
    case 'restart-seeding':
    case 'resume-database':
    case 'set-replica-synchronous':
    case 'set-distributed-mode':
    case 'kill-sessions':
    case 'create-control-database':
    case 'create-register':
    case 'drop-register':
    case 'create-dead-man':
    case 'rehearse-dead-man':
    case 'drop-dead-man':
    case 'set-required-secondaries':
    case 'record-prior-state':
    case 'await-lsns':
    case 'commit-epoch':
    case 'refuse-epoch':
    case 'close-epoch':
    case 'fence-split-brain':
    case 'force-promote-accepting-data-loss':
    case 'take-over':
    case 'drop-distributed':
      return counted;
  }
  return unreachable(act);
}

function rememberRefusal(memory: Memory, act: Act, problem: Problem): Memory {
  if (act.kind === 'demote' || act.kind === 'promote') {
    const { summary, remedy } = problem;
    return { ...memory, refusal: { summary, remedy } };
  }
  const refused = act.kind === 'give-back' && problem.evidence?.number === roleChangeImpossible;
  return refused ? { ...memory, giveBackRefused: true } : memory;
}

/** Acts whose lost reply leaves open who is primary. */
const roleChanges: ReadonlySet<ActKind> = new Set<ActKind>([
  'demote',
  'promote',
  'give-back',
  'fence-split-brain',
  'force-promote-accepting-data-loss',
]);

/** Error of a group in a state that does not allow the change, as FORCE gives it while RSSTC is set. */
const roleChangeImpossible = 41_190;

/** Names an act with its object, to count how often it was carried out. */
export function actKey(act: Act): string {
  const object =
    'login' in act
      ? act.login
      : 'database' in act
        ? act.database
        : act.kind === 'set-failover-mode'
          ? `${act.replica} ${act.mode}`
          : 'mode' in act
            ? act.mode
            : 'value' in act
              ? String(act.value)
              : '';
  return `${act.kind} ${act.side} ${object} ${instanceOfAct(act) ?? ''}`.trimEnd();
}

/** How often this run carried the act out. */
export function attemptsOf(memory: Memory, act: Act): number {
  return memory.attempts[actKey(act)] ?? 0;
}

/** LSNs of every database that both sides show; null while a side is not known. */
export function quietSample(observation: Observation): QuietSample | null {
  const source = glance(observation, 'sourceDatabases');
  const target = glance(observation, 'targetDatabases');
  if (source === null || target === null) return null;
  const targetRows = new Map(
    target.map((database) => [database.name.toLowerCase(), database.local]),
  );
  return {
    sourceGeneration: observation.source.generation,
    targetGeneration: observation.target.generation,
    databases: source.map((database) => ({
      name: database.name,
      sourceLastCommit: database.local?.lastCommitLsn ?? null,
      sourceHardened: lsnOrNull(database.local, finalLsn),
      targetHardened: lsnOrNull(targetRows.get(database.name.toLowerCase()) ?? null, hardenedLsn),
    })),
  };
}

function lsnOrNull(
  row: DatabaseReplicaObservation | null,
  read: (row: DatabaseReplicaObservation) => QuietSample['databases'][number]['sourceHardened'],
): QuietSample['databases'][number]['sourceHardened'] {
  return row === null ? null : read(row);
}

/** Both servers answer and show no session of sqlferry but ours: no batch can still be running. */
function isSettled(observation: Observation): boolean {
  const source = glance(observation, 'sourceOperators');
  const target = glance(observation, 'targetOperators');
  return source?.length === 0 && target?.length === 0;
}

function outageMs(memory: Memory, observation: Observation, elapsedMs: number): number | null {
  const source = glance(observation, 'sourceDag');
  const target = glance(observation, 'targetDag');
  const over = source?.localRoleDesc === 'PRIMARY' || target?.localRoleDesc === 'PRIMARY';
  if (over) return null;
  const begun = source?.localRoleDesc === 'SECONDARY';
  if (memory.outageMs !== null) return memory.outageMs + elapsedMs;
  return begun ? 0 : null;
}

function fencedMs(memory: Memory, observation: Observation, elapsedMs: number): number | null {
  const logins = glance(observation, 'sourceFenceLogins');
  if (logins === null || logins.some((login) => !login.isDisabled)) return null;
  // Without fence logins the grace begins when the cutover has made both sides synchronous.
  const dags = [glance(observation, 'sourceDag'), glance(observation, 'targetDag')];
  if (!dags.every((dag) => dag !== null && isSynchronous(dag))) return null;
  return memory.fencedMs === null ? 0 : memory.fencedMs + elapsedMs;
}

/** A text that changes whenever a seeding moves. */
function seedingMark(observation: Observation): string {
  const rows = [
    ...(glance(observation, 'sourceDatabases') ?? []),
    ...(glance(observation, 'targetDatabases') ?? []),
  ];
  const link = glance(observation, 'targetDag')?.localConnectedStateDesc ?? 'no link';
  return [
    link,
    ...rows.map((row) => {
      const seeding = row.seeding;
      return `${row.name}|${row.stateDesc}|${seeding?.stateDesc ?? ''}|${seeding?.transferredBytes ?? ''}|${seeding?.attempts ?? ''}`;
    }),
  ].join('\n');
}
