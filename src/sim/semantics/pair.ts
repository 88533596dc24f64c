/** The two servers of a migration as a batch reads and changes them: keys, roles, LSNs, one statement. */

import type { Lsn } from '../../base/lsn.ts';
import type { FinalLsn } from '../../model/act.ts';
import { primaryInstance, type Migration } from '../../model/migration.ts';
import type { Side } from '../../model/side.ts';
import type { EngineError } from '../../lab/hadr/effect.ts';
import type { HadrStatement } from '../../lab/hadr/event.ts';
import type {
  DatabaseState,
  DistributedState,
  HadrState,
  InstanceState,
} from '../../lab/hadr/state.ts';
import { nameKey } from '../../lab/hadr/state.ts';
import type { Control } from './control.ts';
import type { GuardName } from './guard.ts';

/** What one atomic sub-step of a batch may look at and change. */
export interface Pair {
  readonly migration: Migration;
  /** Databases of the group; the order is that of the acts. */
  readonly databases: readonly string[];
  /** Guards that are taken away. */
  readonly removed: ReadonlySet<GuardName>;
  control: Control;
  hadr(): HadrState;
  /** Runs one statement on a side: `null` when it was accepted. */
  run(side: Side, statement: HadrStatement): EngineError | null;
}

/** Key of the side's instance in the engine's state. */
export function instanceKey(migration: Migration, side: Side): string {
  return nameKey(primaryInstance(side === 'source' ? migration.source : migration.target).name);
}

/** The side's instance. */
export function instanceOn(pair: Pair, side: Side): InstanceState | undefined {
  return pair.hadr().instances[instanceKey(pair.migration, side)];
}

/** The DAG as one side stores it. */
export function dagOn(pair: Pair, side: Side): DistributedState | undefined {
  const key = nameKey(pair.migration.distributedAvailabilityGroup);
  return instanceOn(pair, side)?.distributed[key];
}

/** One copy of a database. */
export function databaseOn(pair: Pair, side: Side, name: string): DatabaseState | undefined {
  return instanceOn(pair, side)?.databases[nameKey(name)];
}

/** DAG-local role of a side; null when the DAG does not exist there. */
export function roleOn(pair: Pair, side: Side): string | null {
  return dagOn(pair, side)?.role ?? null;
}

/** The role has arrived and every database takes writes. */
export function isOpenPrimary(pair: Pair, side: Side): boolean {
  return (
    roleOn(pair, side) === 'PRIMARY' &&
    pair.databases.every((name) => databaseOn(pair, side, name)?.state === 'ONLINE')
  );
}

/** Every database shows SYNCHRONIZED in the DAG rows of the global primary. */
export function isSynchronized(pair: Pair, side: Side): boolean {
  const dag = dagOn(pair, side);
  return pair.databases.every((name) => {
    const row = dag?.databases[nameKey(name)];
    return row?.synchronizationState === 'SYNCHRONIZED' && row.suspended === null;
  });
}

/** End of the log of every database of a side. */
export function endOfLogs(pair: Pair, side: Side): readonly FinalLsn[] {
  return pair.databases.flatMap((database) => {
    const lsn: Lsn | undefined = databaseOn(pair, side, database)?.log.end;
    return lsn === undefined ? [] : [{ database, lsn }];
  });
}

/** Every database of `reached` is at least where `wanted` is; a database without a value is not. */
export function hasReached(reached: readonly FinalLsn[], wanted: readonly FinalLsn[]): boolean {
  return wanted.every((want) =>
    reached.some((has) => has.database === want.database && has.lsn >= want.lsn),
  );
}
