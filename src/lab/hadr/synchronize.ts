/** When the forwarder's copy counts as SYNCHRONIZED, and what follows for waiting commits. */

import { settle } from './commit.ts';
import { sendToPartner } from './route.ts';
import { relayProgress } from './ship.ts';
import type { DistributedState, PartnerOptions } from './state.ts';
import { nameKey } from './state.ts';
import { changePartner, databaseAt, distributedAt, instanceAt, partnerAt } from './turn.ts';
import type { CopyPlace, GroupPlace, Turn } from './turn.ts';

/** A copy this near to the end of the log makes commits wait, so that it can reach the end. */
const nearBytes = 1024 * 1024;

/** This side's copy of both member modes is synchronous. */
export function isSynchronousHere(distributed: DistributedState): boolean {
  return distributed.members.every((member) => member.availabilityMode === 'SYNCHRONOUS_COMMIT');
}

/**
 * Synchronous on both sides: options of a DAG are per side, and one side alone changes nothing.
 * Replicas of one group have the primary's options.
 */
export function isEffectivelySynchronous(distributed: DistributedState): boolean {
  if (distributed.between === 'replicas') return isSynchronousHere(distributed);
  return isSynchronousHere(distributed) && distributed.partner?.synchronous === true;
}

/** This side's options as the partner is told. */
export function ownOptions(distributed: DistributedState, versionMajor: number): PartnerOptions {
  return {
    synchronous: isSynchronousHere(distributed),
    seeding: Object.fromEntries(
      distributed.members.map((member) => [nameKey(member.group), member.seedingMode]),
    ),
    versionMajor,
  };
}

/** Brings the state of one copy up to date, on the primary side, and answers whom that frees. */
export function reassess(turn: Turn, place: CopyPlace): void {
  const distributed = distributedAt(turn, place);
  const partner = partnerAt(turn, place);
  const database = databaseAt(turn, place);
  if (distributed === undefined || partner === undefined || database === undefined) return;
  // Joined for the primary is not yet joined for the copy: its first report makes it flow.
  const flowing =
    distributed.link.connected &&
    partner.joined &&
    partner.suspended === null &&
    partner.receivedLsn !== null;
  const hardened = partner.hardenedLsn ?? 0n;
  let state = partner.synchronizationState;
  let target = partner.catchUpTarget;
  if (!flowing) {
    state = 'NOT SYNCHRONIZING';
    target = null;
  } else if (!isEffectivelySynchronous(distributed) || awaitsUpgrade(turn, place, distributed)) {
    state = 'SYNCHRONIZING';
    target = null;
  } else if (state !== 'SYNCHRONIZED') {
    state = 'SYNCHRONIZING';
    const behind = database.log.totalBytes - partner.hardenedBytes;
    if (target === null && behind <= nearBytes) target = database.log.end;
    if (target !== null && hardened >= target) {
      state = 'SYNCHRONIZED';
      target = null;
    }
  }
  if (state !== partner.synchronizationState || target !== partner.catchUpTarget) {
    changePartner(turn, place, { synchronizationState: state, catchUpTarget: target });
    const synchronized = state === 'SYNCHRONIZED';
    if (flowing && synchronized !== (partner.synchronizationState === 'SYNCHRONIZED'))
      sendToPartner(turn, place, { kind: 'synchronized', database: place.database, synchronized });
  }
  if (distributed.between === 'replicas') relayProgress(turn, place);
  settle(turn, place);
}

/** The copy lies on a newer server and keeps this one's format until it is promoted: it never is SYNCHRONIZED. */
function awaitsUpgrade(turn: Turn, place: CopyPlace, distributed: DistributedState): boolean {
  const { version } = instanceAt(turn, place.instance);
  const format = databaseAt(turn, place)?.formatMajor ?? version.major;
  return (distributed.partner?.versionMajor ?? format) > format;
}

/** Brings every copy of a DAG up to date. */
export function reassessAll(turn: Turn, place: GroupPlace): void {
  for (const database of Object.keys(distributedAt(turn, place)?.databases ?? {}))
    reassess(turn, { ...place, database });
}
