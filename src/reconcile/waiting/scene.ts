/** What a judge of waits looks at: both sides by the way the log goes, the clock, and what earlier looks left. */

import { parseUtc } from '../../base/utc.ts';
import type { DatabaseCircumstance, SeedingHistory } from '../../model/circumstance.ts';
import type { Fact } from '../../model/fact.ts';
import type { Migration, MigrationSide } from '../../model/migration.ts';
import type { DatabaseObservation, Observation, SideObservation } from '../../model/observation.ts';
import type { WaitingLimits, WhoseMove } from '../../model/waiting.ts';
import type { Side } from '../../model/side.ts';
import { sameName } from '../../base/name.ts';
import { planOf, selectedNames } from '../look.ts';

/** What is under way: some waits matter only to a switch. */
export type WaitGoal = 'migrate' | 'switch';

/** Everything a judge may look at. */
export interface Scene {
  readonly goal: WaitGoal;
  readonly migration: Migration;
  readonly limits: WaitingLimits;
  readonly observation: Observation;
  /** The look before, to see what moves; `null` at the first one. */
  readonly previous: Observation | null;
  /** This machine's clock, in milliseconds since 1970. */
  readonly now: number;
  /** Side that sends the log: the global primary; the source where no role is seen. */
  readonly sender: SideObservation;
  /** Side that receives it. */
  readonly receiver: SideObservation;
  /** Databases that travel. */
  readonly names: readonly string[];
  /** Time since the seeding of a database last showed something new, in milliseconds; `null` at the first look. */
  readonly stillMs: (database: string) => number | null;
}

/** What a scene is made from. */
export interface SceneInput {
  readonly goal: WaitGoal;
  readonly migration: Migration;
  readonly limits: WaitingLimits;
  readonly observation: Observation;
  readonly previous: Observation | null;
  readonly now: number;
  readonly stillMs: (database: string) => number | null;
}

/** What is under way as the servers show it: a login of the fence list is disabled, or a role has left its side. */
export function goalSeen({ source, target }: Observation): WaitGoal {
  const fenced = (valueOf(source.fenceLogins) ?? []).some((login) => login.isDisabled);
  return (fenced && roleOf(source) === 'PRIMARY') ||
    (roleOf(source) === 'SECONDARY' && roleOf(target) !== null)
    ? 'switch'
    : 'migrate';
}

/** Sets the sides in the way the log goes. */
export function makeScene(input: SceneInput): Scene {
  const { source, target } = input.observation;
  const back = roleOf(target) === 'PRIMARY' && roleOf(source) !== 'PRIMARY';
  const sender = back ? target : source;
  return {
    ...input,
    sender,
    receiver: back ? source : target,
    names: selectedNames(input.migration, valueOf(sender.databases) ?? []),
  };
}

/** The value of a fact, or null when it is not known. */
export function valueOf<T>(fact: Fact<T> | undefined): T | null {
  return fact?.known === true ? fact.value : null;
}

/** DAG-local role as the side shows it. */
export function roleOf(side: SideObservation): string | null {
  return valueOf(side.distributed)?.localRoleDesc ?? null;
}

/** Both sides have the DAG. */
export function isJoined(scene: Scene): boolean {
  return [scene.sender, scene.receiver].every((side) => valueOf(side.distributed) !== null);
}

/** Both sides show the link as CONNECTED; null where a side does not show it. */
export function isConnected({ sender, receiver }: Scene): boolean | null {
  const from = valueOf(sender.distributed);
  const to = valueOf(receiver.distributed);
  if (from === null || to === null) return null;
  // The row of the other member appears a moment after a promotion; then the receiver alone tells.
  const shown = from.remote?.connectedStateDesc ?? to.localConnectedStateDesc;
  return shown === 'CONNECTED' && to.localConnectedStateDesc === 'CONNECTED';
}

/** Databases of a side by name, made once per look: every judge asks for each of them. */
const indexes = new WeakMap<object, ReadonlyMap<string, DatabaseObservation>>();

/** The database on one side. */
export function databaseOn(side: SideObservation, name: string): DatabaseObservation | null {
  const databases = valueOf(side.databases);
  if (databases === null) return null;
  const index =
    indexes.get(databases) ??
    new Map(databases.map((database) => [database.name.toLowerCase(), database]));
  indexes.set(databases, index);
  return index.get(name.toLowerCase()) ?? null;
}

/** Log and files of the database on one side. */
export function circumstanceOf(side: SideObservation, name: string): DatabaseCircumstance | null {
  const all = valueOf(side.circumstances)?.databases ?? [];
  return all.find((each) => sameName(each.name, name)) ?? null;
}

/**
 * The newest try of a seeding that a side remembers. A receiver that refused it cannot name the database;
 * its id in the distributed group, which the sender names, is the same.
 */
export function newestSeeding(
  { sender }: Scene,
  side: SideObservation,
  name: string,
): SeedingHistory | null {
  const ids = new Set(
    historyOf(sender)
      .filter(({ database }) => database !== null && sameName(database, name))
      .map(({ groupDatabaseId }) => groupDatabaseId),
  );
  return (
    historyOf(side).find(
      ({ database, groupDatabaseId }) =>
        (database !== null && sameName(database, name)) || ids.has(groupDatabaseId),
    ) ?? null
  );
}

function historyOf(side: SideObservation): readonly SeedingHistory[] {
  return valueOf(side.circumstances)?.seedings ?? [];
}

/** The side in the migration file. */
export function configured({ migration }: Scene, side: SideObservation): MigrationSide {
  return planOf(migration, side.side);
}

/** Whoever keeps the servers of a side. */
export function keeperOf(side: Side): WhoseMove {
  return side === 'source' ? 'DBA of the source' : 'DBA of the target';
}

/** Age of a moment of that server by its own clock, in milliseconds; null when one of both is not known. */
export function ageOf(side: SideObservation, utc: string | null): number | null {
  const then = utc === null ? null : parseUtc(utc);
  const clock = valueOf(side.serverUtc);
  const now = clock === null ? null : parseUtc(clock);
  return then === null || now === null ? null : Math.max(0, now - then);
}
