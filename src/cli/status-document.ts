/**
 * `sqlferry status` as data: the document of `--json`, from one observation and what `decide()` makes of it. Pure.
 *
 * Relies on the rule that only the DAG-local role tells who may write: the forwarder looks like a
 * primary everywhere else. Keys are a contract (docs of the command line); they stay.
 */

import { formatLsn } from '../base/lsn.ts';
import type { Decision, Policy } from '../model/decision.ts';
import type { Fact } from '../model/fact.ts';
import type { Migration, MigrationSide } from '../model/migration.ts';
import type {
  DatabaseObservation,
  DatabaseReplicaObservation,
  Observation,
  SeedingObservation,
  SideObservation,
} from '../model/observation.ts';
import type { Estimate } from '../model/estimate.ts';
import type { WaitingAnswer } from '../model/waiting.ts';
import { bindTo } from '../reconcile/look.ts';
import { diagnose } from '../reconcile/diagnose.ts';
import type { Diagnosis } from '../reconcile/diagnose.ts';
import { replicasOfSide, type StatusReplica } from './status-replica.ts';
import { estimatesNow } from './estimates-now.ts';
import { deadManStatus, predictedOutage, registerStatus } from './status-register.ts';
import type { StatusDeadMan, StatusRegister } from './status-register.ts';

/** The whole document. */
export interface StatusDocument {
  readonly migration: string;
  readonly phase: StatusPhase;
  readonly next: { readonly action: string; readonly because: string };
  readonly readyForCutover: boolean;
  readonly blockers: readonly string[];
  /** `since`: ISO 8601 UTC or null when no journal tells; `ends`: the command that ends it. */
  readonly outage: { readonly since: string | null; readonly ends: string } | null;
  readonly source: StatusSide;
  readonly target: StatusSide;
  readonly databases: readonly StatusDatabase[];
  readonly register: StatusRegister;
  readonly deadMan: StatusDeadMan;
  /** Outage a cutover would cause now, in milliseconds; null where no cutover can follow. */
  readonly predictedOutageMs: number | null;
  /** Why it waits, the deepest causes first; empty when nothing does. */
  readonly waiting: readonly WaitingAnswer[];
  /** Seeding of what has not arrived, and the outage of a cutover now, as ranges. */
  readonly estimates: readonly Estimate[];
  /** ISO 8601 UTC, by this machine's clock. */
  readonly observedAt: string;
}

/** Where the migration stands. */
export type StatusPhase =
  | 'unknown'
  | 'not-started'
  | 'preparing'
  | 'seeding'
  | 'synchronizing'
  | 'ready-for-cutover'
  | 'fenced'
  | 'outage'
  | 'cut-over'
  | 'finished'
  | 'split-brain';

/** One side. A value that could not be read is null. */
export interface StatusSide {
  readonly instance: string;
  readonly availabilityGroup: string | null;
  /** DAG-local role: `PRIMARY` on the global primary, `SECONDARY` on the forwarder. */
  readonly dagRole: string | null;
  readonly connected: boolean;
  readonly writable: boolean | null;
  /** Availability-group path only: every replica, the one that acts first. */
  readonly replicas?: readonly StatusReplica[];
}

/** One database on both sides. LSNs are decimal strings. */
export interface StatusDatabase {
  readonly name: string;
  readonly sourceState: string | null;
  readonly targetState: string | null;
  readonly dagState: string | null;
  readonly sourceHardenedLsn: string | null;
  readonly targetHardenedLsn: string | null;
  /** Null when one of the two is not known: not known is not equal. */
  readonly lsnEqual: boolean | null;
  readonly sendQueueKb: number | null;
  readonly redoQueueKb: number | null;
  readonly lagSeconds: number | null;
  readonly seeding: StatusSeeding | null;
}

/** Automatic seeding of one database. */
export interface StatusSeeding {
  readonly percent: number | null;
  readonly bytesDone: number;
  readonly bytesTotal: number | null;
  readonly bytesPerSecond: number | null;
  readonly etaSeconds: number | null;
  readonly state: string;
}

/** What the document is made from. */
export interface StatusInput {
  readonly migration: Migration;
  readonly observation: Observation;
  /** What `migrate` would do now. */
  readonly decision: Decision;
  /** What the decision would do, in words. */
  readonly action: string;
  /** Since when the source is demoted, from the journal. */
  readonly outageSince: string | null;
  readonly policy: Policy;
  readonly waiting: readonly WaitingAnswer[];
  readonly observedAt: string;
}

/** Builds the document. */
export function statusDocument(input: StatusInput): StatusDocument {
  const { observation, decision } = input;
  const migration = bindTo(input.migration, observation);
  const diagnosis = diagnose(observation, migration);
  const phase = diagnosis.outageOpen ? 'outage' : phaseOf(observation, decision);
  const { source, target } = observation;
  // Where no role is seen, the journal of this machine is the only one to say that it was given away.
  const mayBeOpen = phase === 'unknown' && input.outageSince !== null;
  return {
    migration: migration.name,
    phase,
    next: nextOf(phase, input, diagnosis),
    readyForCutover: phase === 'ready-for-cutover',
    blockers: blockersOf(phase, input),
    outage:
      phase === 'outage' || mayBeOpen ? { since: input.outageSince, ends: diagnosis.next } : null,
    source: sideStatus(source, migration.source),
    target: sideStatus(target, migration.target),
    databases: databaseNames(observation).map((name) => databaseStatus(name, observation)),
    register: registerStatus(observation),
    deadMan: deadManStatus(observation, migration),
    predictedOutageMs: predictedOutage(observation, migration, input.policy),
    waiting: input.waiting,
    estimates: estimatesNow(observation, migration, input.policy),
    observedAt: input.observedAt,
  };
}

/** The value of a fact, or null when it is not known. */
function valueOf<T>(fact: Fact<T>): T | null {
  return fact.known ? fact.value : null;
}

function dagRole(side: SideObservation): string | null {
  return valueOf(side.distributed)?.localRoleDesc ?? null;
}

function phaseOf(observation: Observation, decision: Decision): StatusPhase {
  const { source, target } = observation;
  if (!source.distributed.known || !target.distributed.known) return 'unknown';
  const sourceRole = dagRole(source);
  const targetRole = dagRole(target);
  if (sourceRole === 'PRIMARY' && targetRole === 'PRIMARY') return 'split-brain';
  if (targetRole === 'PRIMARY') return 'cut-over';
  // A finish that stopped half-way: the target serves without a DAG, the source is dropped last.
  const dropped = target.distributed.value === null && isFinished(target);
  if (sourceRole === 'SECONDARY') return dropped ? 'cut-over' : 'outage';
  if (source.distributed.value === null && target.distributed.value === null) {
    if ([source, target].some((side) => isElsewhere(side))) return 'unknown';
    return isFinished(target)
      ? 'finished'
      : decision.phase === 'prepare'
        ? 'not-started'
        : 'preparing';
  }
  const fenced = valueOf(source.fenceLogins) ?? [];
  if (fenced.length > 0 && fenced.every((login) => login.isDisabled)) return 'fenced';
  return phaseByDecision(decision);
}

/** The side's own group is in a distributed group that the migration file does not name. */
function isElsewhere(side: SideObservation): boolean {
  return (
    side.distributed.known &&
    side.distributed.value === null &&
    (valueOf(side.availabilityGroup)?.otherDistributed ?? []).length > 0
  );
}

/** After `finish --drop` the target's own group holds the databases and no DAG is left. */
function isFinished(target: SideObservation): boolean {
  const group = valueOf(target.availabilityGroup);
  return (
    group !== null &&
    group.localRoleDesc === 'PRIMARY' &&
    (valueOf(target.databases) ?? []).some(
      (database) => database.stateDesc === 'ONLINE' && group.databases.includes(database.name),
    )
  );
}

function phaseByDecision(decision: Decision): StatusPhase {
  if (decision.kind === 'done' || decision.phase === 'ready')
    return decision.kind === 'wait' ? 'synchronizing' : 'ready-for-cutover';
  if (decision.phase === 'seed') return 'seeding';
  return decision.phase === 'synchronise' ? 'synchronizing' : 'preparing';
}

/** Rows of the crash table in which the phase alone says what goes on. */
const QUIET_ROWS: ReadonlySet<string> = new Set(['D-CUT-OVER', 'D-NO-GROUP']);

function nextOf(
  phase: StatusPhase,
  input: StatusInput,
  diagnosis: Diagnosis,
): StatusDocument['next'] {
  const { decision } = input;
  const diagnosed = { action: diagnosis.next, because: diagnosis.because };
  switch (phase) {
    case 'split-brain':
    case 'outage':
    case 'unknown':
      return diagnosed;
    case 'cut-over':
      if (!QUIET_ROWS.has(diagnosis.row)) return diagnosed;
      return {
        action: 'sqlferry finish --keep, or sqlferry finish --drop',
        because: 'the target is writable; re-point what still connects to the source',
      };
    case 'finished':
      return {
        action: 'nothing',
        because:
          'the distributed availability group is dropped; the old source takes writes again from whoever may log in there',
      };
    case 'fenced':
      if (diagnosis.row === 'D-FENCE-NO-ROLE') return diagnosed;
      return {
        action: 'sqlferry cutover, or sqlferry abort',
        because: 'the fence logins are disabled on the source and the role has not moved',
      };
    case 'ready-for-cutover':
      return { action: 'sqlferry cutover', because: decision.because };
    case 'not-started':
    case 'preparing':
    case 'seeding':
    case 'synchronizing':
      break;
  }
  return { action: input.action, because: decision.because };
}

function unreachableSides(observation: Observation): string {
  const parts = [observation.source, observation.target].flatMap((side) => {
    if (side.connection.kind === 'unreachable') return [side.connection.problem.summary];
    return side.distributed.known ? [] : [`[${side.instance}]: ${side.distributed.because}`];
  });
  return parts.join(' ');
}

function blockersOf(phase: StatusPhase, input: StatusInput): readonly string[] {
  const { decision } = input;
  if (phase === 'ready-for-cutover' || phase === 'cut-over' || phase === 'finished') return [];
  if (phase === 'unknown') return [unreachableSides(input.observation)];
  switch (decision.kind) {
    case 'wait':
      return decision.blockers.length > 0 ? decision.blockers : [decision.because];
    case 'needs-human':
      return decision.blockers.length > 0 ? decision.blockers : [decision.because];
    case 'act':
      return [decision.because];
    case 'done':
      break;
  }
  return [];
}

function sideStatus(side: SideObservation, configured: MigrationSide): StatusSide {
  const group = valueOf(side.availabilityGroup);
  return {
    instance: configured.instances[0].name,
    availabilityGroup: group?.name ?? null,
    dagRole: dagRole(side),
    connected: side.connection.kind === 'connected',
    writable: isWritable(side),
    ...replicasOfSide(side),
  };
}

/** Whether the databases take writes by their role; null when that could not be read. */
function isWritable(side: SideObservation): boolean | null {
  if (!side.distributed.known || !side.availabilityGroup.known || !side.databases.known)
    return null;
  if (isElsewhere(side)) return null;
  const role = side.distributed.value?.localRoleDesc ?? null;
  if (side.distributed.value !== null && role !== 'PRIMARY') return false;
  const group = side.availabilityGroup.value;
  return (
    side.databases.value.length > 0 &&
    side.databases.value.every(
      (database) =>
        database.stateDesc === 'ONLINE' &&
        (database.local === null || group?.localRoleDesc === 'PRIMARY'),
    )
  );
}

function databaseNames(observation: Observation): readonly string[] {
  const names = new Set<string>();
  for (const side of [observation.source, observation.target]) {
    for (const database of valueOf(side.databases) ?? []) names.add(database.name);
  }
  return [...names];
}

function databaseStatus(name: string, observation: Observation): StatusDatabase {
  const source = find(observation.source, name);
  const target = find(observation.target, name);
  const dag = source?.distributed ?? target?.distributed ?? null;
  const sourceLsn = source?.local?.lastHardenedLsn ?? null;
  const targetLsn = target?.local?.lastHardenedLsn ?? null;
  return {
    name,
    sourceState: stateOf(source?.local ?? null),
    targetState: stateOf(target?.local ?? null),
    dagState: stateOf(dag),
    sourceHardenedLsn: sourceLsn === null ? null : formatLsn(sourceLsn),
    targetHardenedLsn: targetLsn === null ? null : formatLsn(targetLsn),
    lsnEqual: sourceLsn === null || targetLsn === null ? null : sourceLsn === targetLsn,
    sendQueueKb: dag?.logSendQueueKb ?? null,
    redoQueueKb: dag?.redoQueueKb ?? null,
    lagSeconds: dag?.secondaryLagSeconds ?? null,
    seeding: seedingStatus(source?.seeding ?? target?.seeding ?? null),
  };
}

function find(side: SideObservation, name: string): DatabaseObservation | null {
  return (valueOf(side.databases) ?? []).find((database) => database.name === name) ?? null;
}

function stateOf(row: DatabaseReplicaObservation | null): string | null {
  return row?.synchronizationStateDesc ?? null;
}

function seedingStatus(seeding: SeedingObservation | null): StatusSeeding | null {
  if (seeding === null) return null;
  const done = seeding.transferredBytes ?? 0;
  const total = seeding.totalBytes;
  const rate = seeding.bytesPerSecond;
  return {
    percent:
      total === null || total === 0 ? null : Math.min(100, Math.round((done / total) * 1000) / 10),
    bytesDone: done,
    bytesTotal: total,
    bytesPerSecond: rate,
    etaSeconds:
      total === null || rate === null || rate <= 0
        ? null
        : Math.ceil(Math.max(0, total - done) / rate),
    state: seeding.stateDesc,
  };
}
