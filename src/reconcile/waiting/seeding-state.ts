/** The seeding of each database as both sides show it: running, queued, failed and why. */

import { bytes } from '../../base/quantity.ts';
import type { SeedingObservation, SideObservation } from '../../model/observation.ts';
import {
  ageOf,
  configured,
  databaseOn,
  isJoined,
  newestSeeding,
  valueOf,
  type Scene,
} from './scene.ts';
import type { SeedingFailure } from './seeding-failure.ts';

/** Databases seeded at the same time (Microsoft Learn, automatic seeding: up to five). */
export const AT_ONCE = 5;

/** The seeding of one database on both sides. */
export interface Seeding {
  readonly database: string;
  readonly from: SeedingObservation | null;
  readonly to: SeedingObservation | null;
  /** Time since it showed something new, or since its newest try began; null when neither is known. */
  readonly quietMs: number | null;
}

/** Open seedings of a look, found once: every judge of this file asks for them. */
const openOnes = new WeakMap<Scene, readonly Seeding[]>();

/** Seedings that are not over. */
export function openSeedings(scene: Scene): readonly Seeding[] {
  const known = openOnes.get(scene) ?? findOpen(scene);
  openOnes.set(scene, known);
  return known;
}

/** How many of them send. */
export function busyOf(scene: Scene): number {
  return openSeedings(scene).filter(({ from }) => isRunning(from)).length;
}

/** Seedings that are not over: the group sends the database, and its copy has not joined. */
function findOpen(scene: Scene): readonly Seeding[] {
  if (!isJoined(scene)) return [];
  const group = valueOf(scene.sender.availabilityGroup);
  const received = scene.receiver.databases.known;
  if (group === null || !received) return [];
  const members = new Set(group.databases.map((name) => name.toLowerCase()));
  return scene.names
    .filter((name) => members.has(name.toLowerCase()))
    .filter((name) => (databaseOn(scene.receiver, name)?.local ?? null) === null)
    .map((database) => ({
      database,
      from: databaseOn(scene.sender, database)?.seeding ?? null,
      to: databaseOn(scene.receiver, database)?.seeding ?? null,
      quietMs: scene.stillMs(database) ?? tryAge(scene, database),
    }));
}

function tryAge(scene: Scene, database: string): number | null {
  const newest = newestSeeding(scene, scene.sender, database);
  return ageOf(scene.sender, newest?.endedUtc ?? newest?.startedUtc ?? null);
}

/** A failed try as a view shows it. */
interface FailedTry {
  readonly text: string;
  readonly state: number | null;
  readonly errorCode: number | null;
  /** Age by that server's clock, in milliseconds; null when it is not shown. */
  readonly ageMs: number | null;
}

/** FAILED that counts: not the documented false alarm of the forwarder. */
function hasFailed(row: {
  readonly stateDesc: string;
  readonly failureStateDesc: string | null;
}): boolean {
  return row.stateDesc.toUpperCase() === 'FAILED' && !isFalseAlarm(row);
}

/** The documented false alarm of the forwarder. */
export function isFalseAlarm(row: { readonly failureStateDesc: string | null }): boolean {
  return (row.failureStateDesc ?? '').toLowerCase().startsWith('seeding check message timeout');
}

/** The newest try on one side, when it failed. The history with its times counts before the bare newest row. */
function failedTry(scene: Scene, side: SideObservation, seeding: Seeding): FailedTry | null {
  const newest = newestSeeding(scene, side, seeding.database);
  const bare = side === scene.sender ? seeding.from : seeding.to;
  const row = newest ?? bare;
  if (row === null || !hasFailed(row)) return null;
  return {
    text: row.failureStateDesc ?? '',
    state: newest === null || newest.failureState === null ? null : newest.failureState % 100,
    errorCode: row.errorCode === 0 ? null : row.errorCode,
    ageMs: ageOf(side, newest?.startedUtc ?? null),
  };
}

/** Tries of both sides that began within this time are the same one, in milliseconds. */
const SAME_TRY_MS = 5000;

/** Why the newest try of a database failed: the receiving side knows more, when it is the same try. */
export function failureOf(scene: Scene, seeding: Seeding): SeedingFailure | null {
  const { sender, receiver } = scene;
  // A newer try that runs makes an older failure history.
  if (isRunning(seeding.from) || isQueued(seeding.from)) return null;
  const from = failedTry(scene, sender, seeding);
  const to = failedTry(scene, receiver, seeding);
  const newestFrom = newestSeeding(scene, sender, seeding.database);
  const age = ageOf(sender, newestFrom?.startedUtc ?? null);
  const isSame =
    to !== null && (to.ageMs === null || age === null || to.ageMs <= age + SAME_TRY_MS);
  const told = isSame ? to : from;
  if (told === null) return null;
  const isNumbered = told.errorCode !== null || from?.errorCode === undefined;
  return {
    side: told === to ? receiver.side : sender.side,
    database: seeding.database,
    receiver: receiver.side,
    receiverInstance: receiver.instance,
    receiverGroup: configured(scene, receiver).availabilityGroup,
    state: told.state,
    text: told.text,
    errorCode: isNumbered ? told.errorCode : (from?.errorCode ?? null),
    isGranted: valueOf(receiver.availabilityGroup)?.canCreateAnyDatabase ?? null,
  };
}

/** `current_state` of a seeding that sends or catches up. */
export function isRunning(row: SeedingObservation | null): boolean {
  return row !== null && /^(?:SEEDING|CATCHUP|SENDING_FILE_LIST)$/iu.test(row.stateDesc);
}

/** `current_state` of a seeding that waits for its turn. */
export function isQueued(row: SeedingObservation | null): boolean {
  return row !== null && /^(?:PENDING|LIMIT_CONCURRENT_BACKUPS)$/iu.test(row.stateDesc);
}

/** What was sent of what, and how fast, in words. */
export function progressWords(row: SeedingObservation | null): string {
  const { transferredBytes, totalBytes, bytesPerSecond } = row ?? {};
  if (transferredBytes === null || transferredBytes === undefined) return 'no amount is shown';
  const of = totalBytes === null || totalBytes === undefined ? '' : ` of ${bytes(totalBytes)}`;
  const rate =
    bytesPerSecond === null || bytesPerSecond === undefined || bytesPerSecond <= 0
      ? ''
      : `, ${bytes(bytesPerSecond)}/s`;
  return `${bytes(transferredBytes)}${of} sent${rate}`;
}

/** Time that the rest takes at the present rate, in milliseconds; null when it cannot be told. */
export function leftMs(row: SeedingObservation | null): number | null {
  if (row === null || row.totalBytes === null || row.transferredBytes === null) return null;
  if (row.bytesPerSecond === null || row.bytesPerSecond <= 0) return null;
  return (1000 * Math.max(0, row.totalBytes - row.transferredBytes)) / row.bytesPerSecond;
}

/** What both seeding views show on both sides, in one sentence. */
export function bothViews(seeding: Seeding): string {
  const words = (row: SeedingObservation | null): string =>
    row === null ? 'no row' : `${row.stateDesc}, ${progressWords(row)}`;
  return `sys.dm_hadr_automatic_seeding and sys.dm_hadr_physical_seeding_stats: on the sender ${words(seeding.from)}; on the receiver ${words(seeding.to)}.`;
}
