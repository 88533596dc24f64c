/** Seeding as the progress bar wants it: the sender's numbers, the receiver's where those are missing. */

import type { SeedingProgress } from '../model/event.ts';
import type { DatabaseObservation, Observation } from '../model/observation.ts';

/** Seedings that are not finished; empty when nothing is being copied. */
export function seedingProgress(observation: Observation): readonly SeedingProgress[] {
  const { distributed } = observation.source;
  // Only a global primary sends copies; in an outage the views still show the last one.
  if (distributed.known && distributed.value?.localRoleDesc === 'SECONDARY') return [];
  const source = observation.source.databases.known ? observation.source.databases.value : [];
  const target = observation.target.databases.known ? observation.target.databases.value : [];
  return source.flatMap((database) => {
    const copy = target.find((other) => other.name.toLowerCase() === database.name.toLowerCase());
    if (arrived(copy)) return [];
    const seeding = database.seeding ?? copy?.seeding ?? null;
    if (seeding === null) return [];
    return [measure(database, copy)];
  });
}

/** The copy takes log, or is open: whatever the seeding views still show is history. */
function arrived(copy: DatabaseObservation | undefined): boolean {
  if (copy?.stateDesc === 'ONLINE') return true;
  const state = copy?.local?.synchronizationStateDesc;
  return state === 'SYNCHRONIZED' || state === 'SYNCHRONIZING';
}

function measure(
  database: DatabaseObservation,
  copy: DatabaseObservation | undefined,
): SeedingProgress {
  const sending = database.seeding;
  const receiving = copy?.seeding ?? null;
  const done = sending?.transferredBytes ?? receiving?.transferredBytes ?? 0;
  const total = sending?.totalBytes ?? receiving?.totalBytes ?? null;
  const rate = sending?.bytesPerSecond ?? receiving?.bytesPerSecond ?? null;
  const left = total === null ? null : Math.max(0, total - done);
  return {
    database: database.name,
    percent:
      total === null || total === 0 ? null : Math.min(100, Math.round((1000 * done) / total) / 10),
    bytesDone: done,
    bytesTotal: total,
    bytesPerSecond: rate,
    etaSeconds: left === null || rate === null || rate <= 0 ? null : Math.ceil(left / rate),
    state: sending?.stateDesc ?? receiving?.stateDesc ?? '',
  };
}
