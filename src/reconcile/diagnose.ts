/**
 * Where a switch stands, read from the servers alone: no journal, no memory of any run.
 *
 * One row per situation that a tool which died can leave behind, the most dangerous first; the first
 * row that holds is the diagnosis. A failback is the same table seen from the other end. Acting on it
 * is for the commands: they decide anew from their own look.
 */

import { formatLsn } from '../base/lsn.ts';
import { shownName } from '../base/name.ts';
import type { Fact } from '../model/fact.ts';
import type { Migration } from '../model/migration.ts';
import { sideOf } from '../model/observation.ts';
import type { DistributedObservation, Observation, SideObservation } from '../model/observation.ts';
import { otherSide, type Side } from '../model/side.ts';
import {
  diagnosisRows,
  type DiagnosisRow,
  type SeenRole,
  type SwitchState,
} from './diagnosis-row.ts';
import { divergences, logTails, type Divergence, type LogTail } from './diagnosis-tail.ts';
import { finalLsn, hardenedLsn } from './lsn.ts';
import {
  bindTo,
  findDatabase,
  dagRole,
  instanceName,
  isSynchronous,
  planOf,
  selectedNames,
  sides,
} from './look.ts';
import { controlBlockers, demotingSide, epochBlockers, isLive, isOwed } from './register-look.ts';

/** The answer. */
export interface Diagnosis {
  readonly row: string;
  readonly title: string;
  readonly because: string;
  /** What was seen, one sentence each. */
  readonly evidence: readonly string[];
  readonly next: string;
  readonly outageOpen: boolean;
  /** Both tails; empty unless both sides hold the primary role. */
  readonly tails: readonly LogTail[];
  /** How the copies differ and what each choice throws away; empty where `tails` is. */
  readonly divergences: readonly Divergence[];
}

/** Diagnoses; every observation has an answer. */
export function diagnose(observation: Observation, given: Migration): Diagnosis {
  const migration = bindTo(given, observation);
  const state = switchState(observation, migration);
  const row = diagnosisRows.find((each) => each.holds(state)) ?? nothingFits;
  const isSplit = state.giverRole === 'PRIMARY' && state.takerRole === 'PRIMARY';
  const names = isSplit ? namesOf(observation, migration) : [];
  const databases = {
    source: valueOf(observation, 'source', 'databases') ?? [],
    target: valueOf(observation, 'target', 'databases') ?? [],
  };
  return {
    row: row.id,
    title: row.title,
    because: row.because(state),
    evidence: evidenceOf(observation, migration, state),
    next: row.next(state),
    outageOpen: row.outageOpen === true,
    tails: logTails(names, databases, migration),
    divergences: divergences(names, databases, migration),
  };
}

/** What a combination that no row names is called. */
export const nothingFits: DiagnosisRow = {
  id: 'D-UNKNOWN',
  title: 'The roles cannot be read',
  holds: () => true,
  because: (state) =>
    `${shownName(state.giverName)} shows ${state.giverRole}, ${shownName(state.takerName)} shows ${state.takerRole}: a login without rights sees fewer rows, not errors.`,
  next: () =>
    'sqlferry assess shows which rights are missing; nothing is changed until both roles are seen.',
};

function switchState(observation: Observation, migration: Migration): SwitchState {
  const giver = giverOf(observation);
  const taker = otherSide(giver);
  const giverControl = valueOf(observation, giver, 'control');
  const takerControl = valueOf(observation, taker, 'control');
  const dags = [giver, taker].map((side) => valueOf(observation, side, 'distributed'));
  return {
    giver,
    giverRole: roleOf(observation, giver),
    takerRole: roleOf(observation, taker),
    giverName: instanceName(migration, giver),
    takerName: instanceName(migration, taker),
    register: giverControl?.kind === 'present' ? giverControl.register : null,
    refused: takerControl?.kind === 'present' ? takerControl.refused.epoch : null,
    withoutRegister: [giver, taker].flatMap((side) => {
      const control = valueOf(observation, side, 'control');
      const isMissing = control?.kind === 'missing' || control?.kind === 'no-row';
      return isMissing ? [instanceName(migration, side)] : [];
    }),
    otherGroups: otherGroups(observation),
    takerCopies: valueOf(observation, taker, 'availabilityGroup')?.databases ?? [],
    takerGroup: planOf(migration, taker).availabilityGroup,
    isOwed: giverControl?.kind === 'present' && isOwed(giverControl.register),
    registerBlockers: [
      ...(giverControl === null ? [] : controlBlockers(giverControl, giver, migration)),
      ...(takerControl === null ? [] : controlBlockers(takerControl, taker, migration)),
      ...epochDoubts(observation),
    ],
    synchronousSides: dags.filter((dag) => dag !== null && isSynchronous(dag)).length,
    isSynchronized: everySynchronized(observation, migration, giver),
    isEqual: everyArrived(observation, migration, giver),
    isRequired: dags.some(isRequired),
    command: giver === 'source' ? 'sqlferry cutover' : 'sqlferry failback',
    group: migration.distributedAvailabilityGroup,
  };
}

function epochDoubts(observation: Observation): readonly string[] {
  const source = valueOf(observation, 'source', 'control');
  const target = valueOf(observation, 'target', 'control');
  return source === null || target === null ? [] : epochBlockers(source, target);
}

function otherGroups(observation: Observation): readonly string[] {
  const names = sides.flatMap(
    (side) => valueOf(observation, side, 'availabilityGroup')?.otherDistributed ?? [],
  );
  return [...new Set(names)];
}

/** An epoch that is over says nothing about who would give the role away next: then it is the source. */
function giverOf(observation: Observation): Side {
  const side = demotingSide(observation);
  const control = valueOf(observation, side, 'control');
  if (control?.kind === 'present' && isLive(control.register)) return side;
  const hasPrimary = (['source', 'target'] as const).some(
    (each) => roleOf(observation, each) === 'PRIMARY',
  );
  return hasPrimary ? 'source' : side;
}

function roleOf(observation: Observation, side: Side): SeenRole {
  const seen = sideOf(observation, side);
  if (seen.connection.kind === 'unreachable') return 'away';
  return seen.distributed.known ? dagRole(seen.distributed.value) : 'unknown';
}

type Part =
  | 'availabilityGroup'
  | 'control'
  | 'distributed'
  | 'databases'
  | 'fenceLogins'
  | 'leadership';
type PartValue<K extends Part> = Extract<SideObservation[K], { readonly known: true }>['value'];

function valueOf<K extends Part>(
  observation: Observation,
  side: Side,
  part: K,
): PartValue<K> | null {
  const fact: Fact<PartValue<K>> = sideOf(observation, side)[part];
  return fact.known ? fact.value : null;
}

function isRequired(dag: DistributedObservation | null): boolean {
  return (dag?.requiredSynchronizedSecondariesToCommit ?? 0) > 0;
}

function namesOf(observation: Observation, migration: Migration): readonly string[] {
  const known =
    valueOf(observation, 'source', 'databases') ?? valueOf(observation, 'target', 'databases');
  return selectedNames(migration, known ?? []);
}

function everySynchronized(observation: Observation, migration: Migration, side: Side): boolean {
  const databases = valueOf(observation, side, 'databases') ?? [];
  const names = namesOf(observation, migration);
  return (
    names.length > 0 &&
    names.every(
      (name) =>
        findDatabase(databases, name)?.distributed?.synchronizationStateDesc === 'SYNCHRONIZED',
    )
  );
}

/** The taker has every record up to the end of the giver's log; what is not shown is never equal. */
function everyArrived(observation: Observation, migration: Migration, giver: Side): boolean {
  const own = valueOf(observation, giver, 'databases') ?? [];
  const other = valueOf(observation, otherSide(giver), 'databases') ?? [];
  const names = namesOf(observation, migration);
  return (
    names.length > 0 &&
    names.every((name) => {
      const here = findDatabase(own, name)?.local ?? null;
      const there = findDatabase(other, name)?.local ?? null;
      const end = here === null ? null : finalLsn(here);
      const arrived = there === null ? null : hardenedLsn(there);
      return end !== null && arrived !== null && arrived >= end;
    })
  );
}

function evidenceOf(
  observation: Observation,
  migration: Migration,
  state: SwitchState,
): readonly string[] {
  const { register } = state;
  const lines = [
    `${shownName(state.giverName)}: ${roleWords(state.giverRole)}.`,
    `${shownName(state.takerName)}: ${roleWords(state.takerRole)}.`,
  ];
  if (register !== null) {
    const until = register.deadlineUtc === null ? '' : `, deadline ${register.deadlineUtc}`;
    const refused =
      state.refused === null || state.refused === 0n
        ? ''
        : `; epochs up to ${state.refused} are refused by the other side`;
    lines.push(`Commit register: epoch ${register.epoch} is ${register.phase}${until}${refused}.`);
  }
  lines.push(...state.registerBlockers);
  lines.push(
    `Synchronous commit on ${state.synchronousSides} of 2 sides, hardened LSNs ${state.isEqual ? 'equal' : 'not equal or not shown'}.`,
  );
  for (const side of ['source', 'target'] as const) {
    const disabled = (valueOf(observation, side, 'fenceLogins') ?? []).filter(
      (one) => one.isDisabled,
    );
    if (disabled.length > 0) {
      lines.push(
        `Disabled on the ${side}: ${disabled.map(({ name }) => shownName(name)).join(', ')}.`,
      );
    }
    const leader = valueOf(observation, side, 'leadership');
    if (leader?.kind === 'other') {
      const host = leader.hostName === null ? '' : ` from ${leader.hostName}`;
      lines.push(
        `${leader.loginName}${host} leads on the ${side} since ${leader.loginTimeUtc} (session ${leader.sessionId}).`,
      );
    }
    const seen = sideOf(observation, side);
    if (seen.connection.kind === 'unreachable') lines.push(seen.connection.problem.summary);
  }
  return [...lines, ...positionLines(observation, migration)];
}

/** Where nobody is primary the positions decide who may be. */
function positionLines(observation: Observation, migration: Migration): readonly string[] {
  const isNobody = sides.every((side) => roleOf(observation, side) === 'SECONDARY');
  if (!isNobody) return [];
  return namesOf(observation, migration).map((name) => {
    const [source, target] = sides.map((side) => {
      const row = findDatabase(valueOf(observation, side, 'databases') ?? [], name)?.local;
      const lsn = row === null || row === undefined ? null : hardenedLsn(row);
      return lsn === null ? 'not shown' : formatLsn(lsn);
    });
    return `${shownName(name)} hardened up to: source ${source ?? ''}, target ${target ?? ''}.`;
  });
}

function roleWords(role: SeenRole): string {
  switch (role) {
    case 'PRIMARY':
      return 'PRIMARY, takes writes';
    case 'SECONDARY':
      return 'SECONDARY, takes no writes';
    case 'changing':
      return 'changing its role';
    case 'none':
      return 'has no distributed availability group of this name';
    case 'away':
      return 'does not answer';
    case 'unknown':
      break;
  }
  return 'does not show its role';
}
