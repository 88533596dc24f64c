/** Whether the articles' conditions for the cutover hold, and what is missing when they do not. */

import { shownName } from '../base/name.ts';
import type { Migration } from '../model/migration.ts';
import type {
  AvailabilityGroupObservation,
  DatabaseObservation,
  DistributedObservation,
} from '../model/observation.ts';
import { dagRole, findDatabase, holds, selectedNames } from './look.ts';
import { hardenedLsn, finalLsn } from './lsn.ts';

/** The parts that readiness reads. */
export interface ReadinessParts {
  readonly sourceGroup: AvailabilityGroupObservation | null;
  readonly targetGroup: AvailabilityGroupObservation | null;
  readonly sourceDag: DistributedObservation | null;
  readonly targetDag: DistributedObservation | null;
  readonly sourceDatabases: readonly DatabaseObservation[];
  readonly targetDatabases: readonly DatabaseObservation[];
}

/** Their names, for rules. */
export const readinessNeeds = [
  'sourceGroup',
  'targetGroup',
  'sourceDag',
  'targetDag',
  'sourceDatabases',
  'targetDatabases',
] as const;

/** What is missing: objects that must be built, or movement that the servers make by themselves. */
export interface Missing {
  /** Steps of `migrate` that are not done. */
  readonly structure: readonly string[];
  /** The link, or states that come by themselves. */
  readonly movement: readonly string[];
}

/** What is missing for the cutover: each group SYNCHRONIZED, the DAG SYNCHRONIZING or SYNCHRONIZED and connected. */
export function missingFor(parts: ReadinessParts, migration: Migration): Missing {
  const dag = shownName(migration.distributedAvailabilityGroup);
  const structure: string[] = [];
  if (parts.sourceGroup === null) {
    structure.push(
      `${shownName(migration.source.availabilityGroup)} does not exist on the source.`,
    );
  }
  if (parts.targetGroup === null) {
    structure.push(
      `${shownName(migration.target.availabilityGroup)} does not exist on the target.`,
    );
  }
  if (parts.sourceDag === null) structure.push(`${dag} does not exist on the source.`);
  else if (dagRole(parts.sourceDag) !== 'PRIMARY')
    structure.push(`The source is not PRIMARY of ${dag}.`);
  if (parts.targetDag === null) structure.push(`The target has not joined ${dag}.`);
  else if (dagRole(parts.targetDag) !== 'SECONDARY')
    structure.push(`The target is not SECONDARY of ${dag}.`);

  const names = selectedNames(migration, parts.sourceDatabases);
  if (names.length === 0) structure.push('No database is selected.');
  const movement = linkBlockers(parts);
  for (const name of names) {
    const source = findDatabase(parts.sourceDatabases, name);
    const target = findDatabase(parts.targetDatabases, name);
    if (parts.sourceGroup !== null && !holds(parts.sourceGroup.databases, name)) {
      structure.push(`${shownName(name)} is not in ${shownName(parts.sourceGroup.name)}.`);
    }
    if (target === null || target.local === null) {
      structure.push(`${shownName(name)} is not seeded yet: ${seedingWords(source, target)}.`);
    } else {
      movement.push(...stateBlockers(source, target, parts));
    }
  }
  return { structure, movement };
}

function linkBlockers(parts: ReadinessParts): string[] {
  if (parts.sourceDag === null || parts.targetDag === null) return [];
  const blockers: string[] = [];
  const remote = parts.sourceDag.remote?.connectedStateDesc ?? 'no row';
  if (remote !== 'CONNECTED') blockers.push(`The source shows the target as ${remote}.`);
  const local = parts.targetDag.localConnectedStateDesc ?? 'no state';
  if (local !== 'CONNECTED') blockers.push(`The target shows itself as ${local}.`);
  return blockers;
}

function stateBlockers(
  source: DatabaseObservation | null,
  target: DatabaseObservation,
  parts: ReadinessParts,
): readonly string[] {
  const blockers: string[] = [];
  const shown = shownName(target.name);
  const sourceMode = parts.sourceGroup?.localAvailabilityModeDesc ?? '';
  const targetMode = parts.targetGroup?.localAvailabilityModeDesc ?? '';
  const sourceState = source?.local?.synchronizationStateDesc ?? 'no row';
  const targetState = target.local?.synchronizationStateDesc ?? 'no row';
  if (!goodState(sourceState, sourceMode))
    blockers.push(`${shown} on the source is ${sourceState}.`);
  if (!goodState(targetState, targetMode))
    blockers.push(`${shown} on the target is ${targetState}.`);
  const row = source?.distributed ?? null;
  const state = row?.synchronizationStateDesc ?? 'no row';
  if (state !== 'SYNCHRONIZING' && state !== 'SYNCHRONIZED') {
    blockers.push(`${shown} in the distributed group is ${state}.`);
  }
  const rows = [row, target.local, source?.local ?? null];
  if (rows.some((each) => each?.isSuspended === true)) {
    blockers.push(`Data movement of ${shown} is suspended.`);
  }
  return blockers;
}

/** An asynchronous replica never becomes SYNCHRONIZED; that is no reason to wait. */
function goodState(state: string, mode: string): boolean {
  return state === 'SYNCHRONIZED' || (mode === 'ASYNCHRONOUS_COMMIT' && state === 'SYNCHRONIZING');
}

/** How far the seeding of a database is, in words. */
export function seedingWords(
  source: DatabaseObservation | null,
  target: DatabaseObservation | null,
): string {
  const rows = [target?.seeding ?? null, source?.seeding ?? null].filter((row) => row !== null);
  const moving = rows.find((row) => row.transferredBytes !== null);
  const newest = moving ?? rows[0];
  const state = target === null ? 'not on the target' : target.stateDesc;
  if (newest === undefined) return `${state}, the seeding views show nothing`;
  const failure = newest.failureStateDesc === null ? '' : `, ${newest.failureStateDesc}`;
  const { transferredBytes, totalBytes } = newest;
  const share =
    transferredBytes !== null && totalBytes !== null && totalBytes > 0
      ? `, ${Math.floor((100 * Math.min(transferredBytes, totalBytes)) / totalBytes)} %`
      : '';
  return `${state}, seeding ${newest.stateDesc}${failure}${share}`;
}

/** Equality or distance of the LSNs of one database, in words. */
export function lagWords(
  source: DatabaseObservation | null,
  target: DatabaseObservation | null,
): string {
  const from = source?.local ?? null;
  const to = target?.local ?? null;
  const end = from === null ? null : finalLsn(from);
  const hardened = to === null ? null : hardenedLsn(to);
  const name = shownName(source?.name ?? target?.name ?? '');
  if (end === null || hardened === null) return `${name}: LSN not shown`;
  if (end === hardened) return `${name}: hardened LSN equal (${hardened})`;
  const row = source?.distributed ?? null;
  const queue = row?.logSendQueueKb ?? null;
  const lag = row?.secondaryLagSeconds ?? null;
  const words = [
    queue === null ? null : `${queue} KB to send`,
    lag === null ? null : `${lag} s behind`,
  ].filter((word) => word !== null);
  return `${name}: source ${end}, target ${hardened}${words.length === 0 ? '' : ` (${words.join(', ')})`}`;
}
