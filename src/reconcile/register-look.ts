/** Questions that several rules ask of the commit register. */

import { sameName } from '../base/name.ts';
import type { FinalLsn } from '../model/act.ts';
import { sideIdentity, type Migration } from '../model/migration.ts';
import type { DatabaseObservation, Observation } from '../model/observation.ts';
import type {
  CommitRegister,
  ControlState,
  RefusedEpoch,
  RegisterFlaw,
} from '../model/register.ts';
import { otherSide, type Side } from '../model/side.ts';
import { dagRole, findDatabase, holds, observedFinalLsns, planOf, sides } from './look.ts';
import { hardenedLsn } from './lsn.ts';
import { glance } from './parts.ts';

/** The register of a side that may be acted on: present and intact; null otherwise. */
export function registerOf(control: ControlState): CommitRegister | null {
  return control.kind === 'present' && control.register.isIntact ? control.register : null;
}

/** The refused epoch of a side that may be acted on: present and intact; null otherwise. */
export function refusedOf(control: ControlState): RefusedEpoch | null {
  return control.kind === 'present' && control.refused.isIntact ? control.refused : null;
}

/**
 * Whether the epoch was aborted and its side has not been seen with its role again: only then may the
 * role be taken back. An aborted epoch that is settled says nothing about why a side is SECONDARY.
 */
export function isOwed(register: CommitRegister | null): boolean {
  return register?.phase === 'aborted' && register.deadlineUtc !== null;
}

/** Whether an epoch is under way: its end is not decided, or decided and not closed. */
export function isLive(register: CommitRegister | null): boolean {
  return register?.phase === 'fenced' || register?.phase === 'committing';
}

/** Whether an epoch is under way or its role is owed: only then the register says what happens next. */
export function isUnderWay(register: CommitRegister | null): boolean {
  return isLive(register) || isOwed(register);
}

/** What is wrong with what a side's control database holds, one sentence each. */
export function controlBlockers(
  control: ControlState,
  side: Side,
  migration: Migration,
): readonly string[] {
  if (control.kind === 'newer-protocol') {
    return [
      `The register on the ${side} was written by a newer sqlferry (protocol ${control.protocol}).`,
    ];
  }
  if (control.kind !== 'present') return [];
  const { register, refused } = control;
  if (!register.isIntact || !refused.isIntact) {
    const table = register.isIntact ? 'refused_epoch' : 'commit_register';
    const flaw = (register.isIntact ? refused.flaw : register.flaw) ?? 'changed';
    return [`The row in sqlferry_control.dbo.${table} on the ${side} ${flawWords[flaw]}`];
  }
  const other = sideIdentity(planOf(migration, otherSide(side)));
  const ids = new Set([register.targetId, refused.sourceId]);
  const strangers = [...ids].filter((id) => !sameName(id, other));
  return strangers.length === 0
    ? []
    : [
        `The register on the ${side} belongs to a switch with ${strangers.join(' and ')}, the migration file says ${other}.`,
      ];
}

const flawWords: Readonly<Record<RegisterFlaw, string>> = {
  changed: 'was changed by hand: its seal does not match.',
  restored:
    'is of another copy of that database: sqlferry_control was restored, copied or attached since the row was written, so it may be older than what has happened.',
  'other-group':
    'belongs to an epoch of an earlier distributed availability group of the same name.',
};

/** What the two sides tell of each other that cannot be: an epoch was refused that the register never reached. */
export function epochBlockers(source: ControlState, target: ControlState): readonly string[] {
  return sides.flatMap((side) => {
    const register = registerOf(side === 'source' ? source : target);
    const refused = refusedOf(side === 'source' ? target : source);
    if (register === null || refused === null || refused.epoch <= register.epoch) return [];
    return [
      `The register on the ${side} stands at epoch ${register.epoch}, but the ${otherSide(side)} has already refused its epoch ${refused.epoch}: the row on the ${side} is older than what has happened.`,
    ];
  });
}

/** Where a new register of a side begins, so that no epoch the other side knows of is used again. */
export function newEpochs(other: ControlState): {
  readonly epoch?: bigint;
  readonly refused?: bigint;
} {
  const epoch = refusedOf(other)?.epoch ?? 0n;
  const register = registerOf(other);
  const used = register?.epoch ?? 0n;
  // Only a fenced epoch may be promoted yet. One that is committing may have been refused in the rows that
  // are lost, with the way back begun: it counts as refused.
  const refused = register?.phase === 'fenced' ? used - 1n : used;
  return { ...(epoch > 0n ? { epoch } : {}), ...(refused > 0n ? { refused } : {}) };
}

/** The side whose epoch is not closed: the one that gave, or was giving, the role away. */
export function demotingSide(observation: Observation): Side {
  const source = seenRegister(observation, 'source');
  const target = seenRegister(observation, 'target');
  if (isLive(source)) return 'source';
  if (isLive(target)) return 'target';
  if (isOwed(source)) return 'source';
  if (isOwed(target)) return 'target';
  if (target?.phase !== 'aborted') return 'source';
  if (source?.phase !== 'aborted') return 'target';
  return dagRole(glance(observation, 'targetDag')) === 'PRIMARY' ? 'target' : 'source';
}

/**
 * The side whose copy is left behind by `finish`: the source, or the target when the source serves again
 * after a failback, or for good because the migration is given up. Half way through a drop only the side
 * that is left behind still has the group.
 */
export function leavingSide(observation: Observation, intent: { readonly giveUp?: boolean }): Side {
  const source = dagRole(glance(observation, 'sourceDag'));
  const target = dagRole(glance(observation, 'targetDag'));
  if (target === 'PRIMARY') return 'source';
  if (source === 'none') return target === 'SECONDARY' ? 'target' : 'source';
  if (source !== 'PRIMARY') return 'source';
  const back = seenRegister(observation, 'target')?.phase;
  return back === 'done' || back === 'committing' || intent.giveUp === true ? 'target' : 'source';
}

function seenRegister(observation: Observation, side: Side): CommitRegister | null {
  const control = glance(observation, side === 'source' ? 'sourceControl' : 'targetControl');
  return control === null ? null : registerOf(control);
}

/** Hardened LSN of every name on the side that is to be promoted, or null when one is not shown. */
export function targetLsns(
  names: readonly string[],
  databases: readonly DatabaseObservation[],
): readonly FinalLsn[] | null {
  const all: FinalLsn[] = [];
  for (const name of names) {
    const row = findDatabase(databases, name)?.local ?? null;
    const lsn = row === null ? null : hardenedLsn(row);
    if (lsn === null) return null;
    all.push({ database: name, lsn });
  }
  return all;
}

/**
 * Whether the side that gave the role away shows at least the log the other side shows. A LSN that is
 * not shown on the other side is no objection: the register says that nobody was promoted there.
 */
export function holdsEverything(
  own: readonly DatabaseObservation[],
  other: readonly DatabaseObservation[],
): boolean {
  const names = other.map((database) => database.name);
  const shown = names.filter((name) => targetLsns([name], other) !== null);
  return shown.every((name) => {
    const end = observedFinalLsns([name], own)?.[0]?.lsn ?? null;
    const arrived = targetLsns([name], other)?.[0]?.lsn ?? null;
    return end !== null && arrived !== null && end >= arrived;
  });
}

/** Final LSNs: from this run's own demotion when they cover every name, else as the source shows them now. */
export function finalLsnsOf(
  names: readonly string[],
  sourceDatabases: readonly DatabaseObservation[],
  answered: readonly FinalLsn[] | null,
): readonly FinalLsn[] | null {
  if (names.length === 0) return null;
  const databases = answered?.map((final) => final.database) ?? [];
  const covered = answered !== null && names.every((name) => holds(databases, name));
  return covered ? answered : observedFinalLsns(names, sourceDatabases);
}
