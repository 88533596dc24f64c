/**
 * The invariants, watched while a run goes on. Wording and numbers: docs/safety.md.
 *
 * Looked at after every event of the engine (two writable copies), at every change of a register row
 * (one decision per epoch), at every role statement (no promotion without a decision, no demotion
 * without a fence), and twice a virtual second (a fence that nobody lifts).
 */

import { nameKey } from '../../lab/hadr/state.ts';
import type { JournalEntry } from '../../ports/journal.ts';
import { otherSide, type Side } from '../../model/side.ts';
import type { RegisterRow } from '../semantics/control.ts';
import type { Kernel } from './kernel.ts';
import type { SimWorld, WorldWatch } from './world.ts';

/** A broken invariant. */
export interface Violation {
  readonly invariant: string;
  readonly at: number;
  readonly what: string;
}

/** From the deadline to the role: the job's poll, its locks, the role change and recovery, in milliseconds. */
const GIVE_BACK_MS = 4_000;
const MOST_ACTS_PER_RUN = 300;
const MOST_VIOLATIONS = 20;

/** Watches one run. */
export class Checker implements WorldWatch {
  readonly violations: Violation[] = [];
  readonly #world: SimWorld;
  readonly #kernel: Kernel;
  readonly #committed = new Set<string>();
  readonly #aborted = new Set<string>();

  constructor(world: SimWorld, kernel: Kernel) {
    this.#world = world;
    this.#kernel = kernel;
    world.watch = this;
    world.engine.onApplied = () => this.#copies();
    for (const side of ['source', 'target'] as const) {
      const row = world.control[side].register;
      if (row?.phase === 'committing') this.#committed.add(`${side} ${row.epoch}`);
    }
  }

  /** Notes a broken invariant. */
  report(invariant: string, what: string): void {
    if (this.violations.length >= MOST_VIOLATIONS) return;
    this.violations.push({ invariant, at: this.#kernel.now, what });
    this.#kernel.trace(`VIOLATION ${invariant}: ${what}`);
  }

  /** INV-1. A copy that was dropped out of the group on purpose is a database of its own. */
  #copies(): void {
    const world = this.#world;
    const key = nameKey(world.migration.distributedAvailabilityGroup);
    const source = world.instance('source')?.distributed[key];
    const target = world.instance('target')?.distributed[key];
    if (source?.role !== 'PRIMARY' || target?.role !== 'PRIMARY' || world.isLossAccepted) return;
    for (const name of world.databases) {
      if (world.isWritable('source', name) && world.isWritable('target', name)) {
        this.report('INV-1', `both copies of ${name} take writes`);
        return;
      }
    }
  }

  /** INV-3 and INV-5 at every change of a register row. */
  register(side: Side, before: RegisterRow | null, after: RegisterRow | null): void {
    if (after === null || before === null) return;
    if (before.phase === after.phase && before.epoch === after.epoch) return;
    const world = this.#world;
    const epoch = `${side} ${after.epoch}`;
    this.#kernel.trace(`${side} register ${after.epoch} ${after.phase}`);
    const changesEpoch = after.epoch !== before.epoch;
    const fine =
      (after.phase === 'fenced' && after.epoch === before.epoch + 1n && isAtRest(before)) ||
      (!changesEpoch && before.phase === 'fenced' && after.phase === 'committing') ||
      (!changesEpoch && before.phase === 'fenced' && after.phase === 'aborted') ||
      (!changesEpoch && before.phase === 'committing' && after.phase === 'done') ||
      (!changesEpoch &&
        before.phase === 'committing' &&
        after.phase === 'aborted' &&
        world.control[otherSide(side)].refusedEpoch >= after.epoch);
    if (!fine)
      this.report(
        'INV-3',
        `${side}: ${before.epoch} ${before.phase} became ${after.epoch} ${after.phase}`,
      );
    if (after.phase === 'committing') this.#committed.add(epoch);
    if (after.phase === 'fenced' && this.#aborted.has(epoch))
      this.report('INV-5', `${epoch} was fenced again`);
    if (after.phase === 'aborted') this.#aborted.add(epoch);
  }

  /** INV-4 and INV-5 at every role statement. */
  role(side: Side, statement: 'demote' | 'force', isConsented: boolean): void {
    const world = this.#world;
    this.#kernel.trace(`${side} ${statement === 'demote' ? 'SET (ROLE = SECONDARY)' : 'FORCE'}`);
    if (isConsented) return;
    const dag =
      world.instance(side)?.distributed[nameKey(world.migration.distributedAvailabilityGroup)];
    if (statement === 'demote') {
      if (world.control[side].register?.phase !== 'fenced')
        this.report('INV-5', `the ${side} is demoted without a fence`);
      return;
    }
    if (dag?.role !== 'SECONDARY' || dag.selfDemoted) return;
    const demoting = otherSide(side);
    const row = world.control[demoting].register;
    const epoch = row?.epoch ?? 0n;
    if (!this.#committed.has(`${demoting} ${epoch}`))
      this.report('INV-4', `the ${side} is promoted and epoch ${epoch} was never committing`);
    if (world.control[side].refusedEpoch >= epoch)
      this.report('INV-4', `the ${side} is promoted in the refused epoch ${epoch}`);
  }

  /** INV-6: a fence past its deadline that nobody lifts, while the dead-man could. */
  fence(): void {
    const world = this.#world;
    for (const side of ['source', 'target'] as const) {
      const row = world.control[side].register;
      const server = world.servers[side];
      const isGivenAway =
        row?.phase === 'fenced' || (row?.phase === 'aborted' && this.#isDemoted(side));
      if (!isGivenAway || server.deadlineAt === null) continue;
      if (!world.control[side].deadManRunning || !server.isAgentRunning || !world.isUp(side))
        continue;
      if (world.serverTime(side) > server.deadlineAt + GIVE_BACK_MS)
        this.report('INV-6', `the ${side} is fenced past its deadline`);
    }
  }

  #isDemoted(side: Side): boolean {
    const key = nameKey(this.#world.migration.distributedAvailabilityGroup);
    return this.#world.instance(side)?.distributed[key]?.role === 'SECONDARY';
  }

  /** INV-15 and INV-19 at the end of an operator. */
  operator(acts: number, journal: readonly JournalEntry[]): void {
    if (acts > MOST_ACTS_PER_RUN) this.report('INV-19', `${acts} acts in one run`);
    let open = 0;
    for (const entry of journal) {
      if (entry.kind === 'intent') open += 1;
      if (entry.kind === 'outcome') open -= 1;
      if (open < 0) {
        this.report('INV-15', `an outcome without its intent: ${entry.message}`);
        return;
      }
    }
  }
}

function isAtRest(row: RegisterRow): boolean {
  return row.phase === 'idle' || row.phase === 'aborted' || row.phase === 'done';
}
