/** Questions that several rules ask of the same parts. */

import { sameName } from '../base/name.ts';
import type { FinalLsn } from '../model/act.ts';
import type { Memory } from '../model/decision.ts';
import { bindMigration, type Migration, type MigrationSide } from '../model/migration.ts';
import type {
  DatabaseObservation,
  DistributedObservation,
  Observation,
  ServerObservation,
} from '../model/observation.ts';
import { sideOf } from '../model/observation.ts';
import type { Side } from '../model/side.ts';
import { finalLsn, hardenedLsn } from './lsn.ts';

/** Both sides in the order in which they are looked at. */
export const sides: readonly Side[] = ['source', 'target'];

/** The side of the migration file. */
export function planOf(migration: Migration, side: Side): MigrationSide {
  return side === 'source' ? migration.source : migration.target;
}

/** The migration with the instances first that act in this observation. */
export function bindTo(migration: Migration, { source, target }: Observation): Migration {
  return bindMigration(migration, { source: source.instance, target: target.instance });
}

/** Name of the instance that acts for a side. */
export function instanceName(migration: Migration, side: Side): string {
  return planOf(migration, side).instances[0].name;
}

/** Whether the side answered. */
export function isConnected(observation: Observation, side: Side): boolean {
  return sideOf(observation, side).connection.kind === 'connected';
}

/** Whether both sides answered. */
export function bothConnected(observation: Observation): boolean {
  return isConnected(observation, 'source') && isConnected(observation, 'target');
}

/** Why a side did not answer. */
export function unreachableReason(observation: Observation, side: Side): string {
  const connection = sideOf(observation, side).connection;
  return connection.kind === 'connected' ? 'it answers' : connection.problem.summary;
}

/** Names of the databases that travel; with `all`, those that the source shows. */
export function selectedNames(
  migration: Migration,
  sourceDatabases: readonly DatabaseObservation[],
): readonly string[] {
  return migration.databases.kind === 'named'
    ? migration.databases.names
    : sourceDatabases.map((database) => database.name);
}

/** The database of that name, or null. */
export function findDatabase(
  databases: readonly DatabaseObservation[],
  name: string,
): DatabaseObservation | null {
  return databases.find((database) => sameName(database.name, name)) ?? null;
}

/** Whether the list holds the name. */
export function holds(names: readonly string[], name: string): boolean {
  return names.some((other) => sameName(other, name));
}

/** Role of the DAG on one side in one word; `none` where it does not exist, `changing` while it moves. */
export type DagRole = 'none' | 'PRIMARY' | 'SECONDARY' | 'changing';

/** Reads the DAG-local role: the only thing that says who is primary. */
export function dagRole(dag: DistributedObservation | null): DagRole {
  if (dag === null) return 'none';
  const pending = dag.localOperationalStateDesc?.startsWith('PENDING') ?? false;
  if (pending) return 'changing';
  switch (dag.localRoleDesc) {
    case 'PRIMARY':
      return 'PRIMARY';
    case 'SECONDARY':
      return 'SECONDARY';
    default:
      return 'changing';
  }
}

/** Whether this side's copy of the DAG has both members on synchronous commit. */
export function isSynchronous(dag: DistributedObservation): boolean {
  return (
    dag.members.length === 2 &&
    dag.members.every((member) => member.availabilityModeDesc === 'SYNCHRONOUS_COMMIT')
  );
}

/** Whether this side's copy of the DAG has both members on asynchronous commit. */
export function isAsynchronous(dag: DistributedObservation): boolean {
  return dag.members.every((member) => member.availabilityModeDesc === 'ASYNCHRONOUS_COMMIT');
}

/**
 * Account that the instance's service shows to its peer: the service account, or the machine's own
 * account where the service runs under a virtual one. Null where neither can be told.
 */
export function networkAccount(server: ServerObservation): string | null {
  const account = server.serviceAccount;
  if (account === null || account.trim() === '') return null;
  const virtual = /^(nt service\\|nt authority\\|localsystem$)/iu.test(account);
  if (virtual) {
    return server.defaultDomain === null ? null : `${server.defaultDomain}\\${server.machineName}$`;
  }
  return account.startsWith('.\\') ? null : account;
}

/** Whether nothing was written between the last two observations, on unchanged sessions. */
export function isQuiet(memory: Memory): boolean {
  const { current, previous } = memory;
  if (current === null || previous === null) return false;
  if (
    current.sourceGeneration !== previous.sourceGeneration ||
    current.targetGeneration !== previous.targetGeneration ||
    current.databases.length === 0 ||
    current.databases.length !== previous.databases.length
  ) {
    return false;
  }
  return current.databases.every((now) => {
    const before = previous.databases.find((other) => sameName(other.name, now.name));
    return (
      before !== undefined &&
      now.sourceHardened !== null &&
      now.targetHardened !== null &&
      now.sourceHardened === before.sourceHardened &&
      now.targetHardened === before.targetHardened &&
      now.sourceLastCommit === before.sourceLastCommit
    );
  });
}

/** Final LSN of every name as the source's own rows show it, or null when one is not shown. */
export function observedFinalLsns(
  names: readonly string[],
  sourceDatabases: readonly DatabaseObservation[],
): readonly FinalLsn[] | null {
  const all: FinalLsn[] = [];
  for (const name of names) {
    const row = findDatabase(sourceDatabases, name)?.local ?? null;
    const lsn = row === null ? null : finalLsn(row);
    if (lsn === null) return null;
    all.push({ database: name, lsn });
  }
  return all;
}

/** Databases whose log on the target does not reach the final LSN, or is not shown. */
export function behind(
  finals: readonly FinalLsn[],
  targetDatabases: readonly DatabaseObservation[],
): readonly string[] {
  return finals
    .filter((final) => {
      const row = findDatabase(targetDatabases, final.database)?.local ?? null;
      const lsn = row === null ? null : hardenedLsn(row);
      return lsn === null || lsn < final.lsn;
    })
    .map((final) => final.database);
}
