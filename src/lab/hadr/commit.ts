/**
 * Commits on a primary: into the log, to the forwarder, and back to the client when the mode allows.
 *
 * A commit waits for the forwarder when the DAG is synchronous on both sides and the copy is
 * SYNCHRONIZED or about to be; a lost link releases it unless REQUIRED_SYNCHRONIZED_SECONDARIES_
 * TO_COMMIT holds it (Microsoft Learn, synchronous-commit mode; ALTER AVAILABILITY GROUP).
 */

import type { Lsn } from '../../base/lsn.ts';
import { accessTo } from './access.ts';
import type { EngineError } from './effect.ts';
import type { HadrEvent } from './event.ts';
import { append, makeRecord } from './log.ts';
import { makesCommitsWait, pump, trim } from './ship.ts';
import type { DistributedState, InstanceState, WaitingCommit } from './state.ts';
import {
  changeDatabase,
  databaseAt,
  distributedOver,
  engineError,
  instanceAt,
  linksOver,
  replicaLinksOver,
} from './turn.ts';
import type { DatabasePlace, Turn } from './turn.ts';

type CommitEvent = Extract<HadrEvent, { readonly kind: 'commit' }>;

/** A transaction of a client wants to commit. */
export function commit(turn: Turn, event: CommitEvent): void {
  const place = { instance: event.instance, database: event.database };
  const error = refusal(turn, place);
  if (error !== null) {
    turn.effects.push({ kind: 'commit-refused', commit: event.commit, error });
    return;
  }
  const database = databaseAt(turn, place);
  if (database === undefined) return;
  const record = makeRecord(database.log, {
    bytes: event.bytes,
    payload: event.payload,
    committedAt: turn.at,
  });
  const instance = instanceAt(turn, place.instance);
  const links = linksOver(instance, database.group ?? '');
  const waits =
    links.some((each) => mustWait(each, place.database)) ||
    requiredReplicas(instance, database.group) > 0;
  const waiting: readonly WaitingCommit[] = waits
    ? [...database.waiting, { commit: event.commit, until: record.end }]
    : database.waiting;
  changeDatabase(turn, place, {
    log: append(database.log, record),
    waiting,
    lastCommitLsn: record.lsn,
    lastCommitAt: turn.at,
    redonePosition: record.end,
    redoneBytes: record.totalBytes,
  });
  turn.effects.push({ kind: 'commit-hardened', commit: event.commit, lsn: record.lsn, waits });
  for (const each of links) pump(turn, { ...place, group: each.key });
  trim(turn, place);
}

function refusal(turn: Turn, place: DatabasePlace): EngineError | null {
  const instance = turn.state.instances[place.instance];
  const database = databaseAt(turn, place);
  if (instance?.up !== true || database === undefined) return engineError(911, place.database);
  const access = accessTo(turn.state, place, false);
  if (access.kind === 'refused') return access.error;
  if (!access.writable) return engineError(3906, database.name);
  if (database.log.length >= turn.state.settings.maxHeldRecords)
    return engineError(9002, database.name, 'AVAILABILITY_REPLICA', database.log.start.toString());
  const unmet = distributedOver(instance, database.group ?? '').some(
    (each) =>
      each.requiredSynchronizedSecondariesToCommit > 0 &&
      each.databases[place.database]?.synchronizationState !== 'SYNCHRONIZED',
  );
  const short =
    replicasAt(instance, place.database, database.group).length <
    requiredReplicas(instance, database.group);
  return (unmet || short) && turn.state.switches.requiredSecondariesMissing === 'refuse'
    ? engineError(988, database.name)
    : null;
}

/** REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT of the local group. */
function requiredReplicas(instance: InstanceState, group: string | null): number {
  return group === null
    ? 0
    : (instance.groups[group]?.requiredSynchronizedSecondariesToCommit ?? 0);
}

/** Hardened positions of the SYNCHRONIZED replicas of the local group, highest first. */
function replicasAt(
  instance: InstanceState,
  database: string,
  group: string | null,
): readonly Lsn[] {
  return replicaLinksOver(instance, group ?? '')
    .map((link) => link.databases[database])
    .filter((copy) => copy?.synchronizationState === 'SYNCHRONIZED')
    .map((copy) => copy?.hardenedLsn ?? nothing)
    .toSorted((left, right) => (left > right ? -1 : left < right ? 1 : 0));
}

const nothing = 0n as Lsn;

/** A commit of this database has to wait for the DAG's forwarder or for another replica. */
function mustWait(distributed: DistributedState, database: string): boolean {
  if (distributed.role !== 'PRIMARY') return false;
  const partner = distributed.databases[database];
  return (
    distributed.requiredSynchronizedSecondariesToCommit > 0 ||
    (partner !== undefined && makesCommitsWait(partner))
  );
}

/** Answers the clients whose commits need not wait any longer. */
export function settle(turn: Turn, place: DatabasePlace): void {
  const database = databaseAt(turn, place);
  if (database === undefined || database.waiting.length === 0) return;
  const limit = acknowledgedUpTo(turn, place, database.group);
  const rest = database.waiting.filter((waiting) => {
    if (limit !== 'all' && waiting.until > limit) return true;
    turn.effects.push({ kind: 'commit-ended', commit: waiting.commit, outcome: 'acknowledged' });
    return false;
  });
  if (rest.length < database.waiting.length) changeDatabase(turn, place, { waiting: rest });
}

function acknowledgedUpTo(turn: Turn, place: DatabasePlace, group: string | null): Lsn | 'all' {
  const instance = instanceAt(turn, place.instance);
  const count = requiredReplicas(instance, group);
  let limit: Lsn | 'all' =
    count > 0 ? (replicasAt(instance, place.database, group)[count - 1] ?? nothing) : 'all';
  for (const each of linksOver(instance, group ?? '')) {
    if (!mustWait(each, place.database)) continue;
    const partner = each.databases[place.database];
    // RSSTC waits for a synchronized copy, not only for the position.
    const reached =
      partner !== undefined && makesCommitsWait(partner)
        ? (partner.hardenedLsn ?? nothing)
        : nothing;
    if (limit === 'all' || reached < limit) limit = reached;
  }
  return limit;
}

/** The database loses its role or its instance: waiting clients get no answer. */
export function abandonWaiting(turn: Turn, place: DatabasePlace): void {
  const database = databaseAt(turn, place);
  if (database === undefined || database.waiting.length === 0) return;
  for (const { commit } of database.waiting)
    turn.effects.push({ kind: 'commit-ended', commit, outcome: 'lost' });
  changeDatabase(turn, place, { waiting: [] });
}

/** A client gave up while its commit waited: nobody is to be answered. */
export function forgetCommit(turn: Turn, place: DatabasePlace, commit: number): void {
  const database = databaseAt(turn, place);
  if (database === undefined) return;
  const waiting = database.waiting.filter((each) => each.commit !== commit);
  if (waiting.length < database.waiting.length) changeDatabase(turn, place, { waiting });
}
