/**
 * The invariants, watched while a run goes on. Wording and numbers: docs/safety.md.
 *
 * Effects are judged, not conditions: two writable copies after every event of the servers, decisions
 * when a row changes, roles when the server has accepted a statement, promises about time when a timer
 * or an operator decides and four times a virtual second. Who did it is known; what the batch asked
 * itself is not looked at.
 */

import type { Act } from '../../model/act.ts';
import { otherSide, type Side } from '../../model/side.ts';
import type { DistributedState } from '../../lab/hadr/state.ts';
import type { JournalEntry } from '../../ports/journal.ts';
import type { RegisterRow } from '../semantics/control.ts';
import type { Ledger } from './application.ts';
import type { Kernel } from './kernel.ts';
import type { SimWorld, WorldWatch } from './world.ts';

/** A broken invariant. */
export interface Violation {
  readonly invariant: string;
  readonly at: number;
  readonly what: string;
}

/** From the deadline to the role, in milliseconds. */
const GIVE_BACK_MS = 2_000;
const MOST_ACTS_PER_RUN = 300;
const MOST_VIOLATIONS = 20;

/** Watches one run. */
export class Checker implements WorldWatch {
  readonly violations: Violation[] = [];
  readonly #world: SimWorld;
  readonly #kernel: Kernel;
  readonly #ledger: Ledger;
  readonly #aborted = new Set<string>();
  /** Epochs in which the other side was promoted. */
  readonly #carriedOut = new Set<string>();
  /** Acknowledged commits that were nowhere else when a demotion began, by its act. */
  readonly #behind = new Map<Act | null, number>();
  /** Virtual time since which the promise of INV-6 runs, by side; null: it does not. */
  readonly #owedSince: Record<Side, number | null> = { source: null, target: null };

  constructor(world: SimWorld, kernel: Kernel, ledger: Ledger) {
    this.#world = world;
    this.#kernel = kernel;
    this.#ledger = ledger;
    world.watch = this;
    world.engine.onApplied = () => this.#copies();
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
    if (world.dag('source')?.role !== 'PRIMARY' || world.dag('target')?.role !== 'PRIMARY') return;
    if (world.isLossAccepted) return;
    for (const name of world.databases) {
      if (world.isWritable('source', name) && world.isWritable('target', name)) {
        this.report('INV-1', `both copies of ${name} take writes`);
        return;
      }
    }
  }

  /** INV-3, INV-5, INV-6 and INV-8 at every change of a register row. */
  register(side: Side, before: RegisterRow | null, after: RegisterRow | null): void {
    if (after === null || before === null) return;
    if (before.phase === after.phase && before.epoch === after.epoch) return;
    const epoch = `${side} ${after.epoch}`;
    this.#kernel.trace(`${side} register ${after.epoch} ${after.phase}`);
    this.#again(`the register of the ${side} goes to ${after.phase}`);
    if (!this.#isStep(side, before, after))
      this.report(
        'INV-3',
        `${side}: ${before.epoch} ${before.phase} became ${after.epoch} ${after.phase}`,
      );
    if (after.phase === 'fenced' && this.#world.dag(side)?.role !== 'PRIMARY')
      this.report('INV-5', `an epoch begins on the ${side}, which has no role to give away`);
    if (after.phase === 'fenced' && this.#aborted.has(epoch))
      this.report('INV-5', `${epoch} was fenced again`);
    if (after.phase === 'aborted') this.#aborted.add(epoch);
    if (before.phase === 'fenced') this.#timely(side, after);
    if (before.phase === 'fenced' && after.phase === 'committing') this.#complete(side);
  }

  /**
   * The register goes only these ways; a decision is closed when the other side got the role, and taken
   * back only after that side refused it.
   */
  #isStep(side: Side, before: RegisterRow, after: RegisterRow): boolean {
    if (after.epoch !== before.epoch)
      return after.phase === 'fenced' && after.epoch === before.epoch + 1n && isAtRest(before);
    if (before.phase === 'fenced') return after.phase === 'committing' || after.phase === 'aborted';
    if (before.phase !== 'committing') return false;
    const isCarriedOut =
      this.#carriedOut.has(`${side} ${after.epoch}`) ||
      this.#world.dag(otherSide(side))?.role === 'PRIMARY';
    const isRefused = this.#world.control[otherSide(side)].refusedEpoch >= after.epoch;
    return (after.phase === 'done' && isCarriedOut) || (after.phase === 'aborted' && isRefused);
  }

  /** INV-6: up to the deadline the operators decide, after it nobody goes forward. */
  #timely(side: Side, after: RegisterRow): void {
    const world = this.#world;
    const { deadlineAt } = world.servers[side];
    if (deadlineAt === null) return;
    const left = deadlineAt - world.serverTime(side);
    if (after.phase === 'committing' && left <= 0)
      this.report('INV-6', `the ${side} was decided forward ${-left} ms after its deadline`);
    if (after.phase === 'aborted' && world.actor?.kind === 'dead-man' && left > 0)
      this.report('INV-6', `the timer took the ${side} back ${left} ms before the deadline`);
  }

  /** INV-2 at the instant of the decision: the other side holds the whole log of the one that gave the role away. */
  #complete(side: Side): void {
    const world = this.#world;
    if (world.isLossAccepted || world.dag(side)?.role !== 'SECONDARY') return;
    for (const [key, database] of Object.entries(world.instance(side)?.databases ?? {})) {
      const copy = world.instance(otherSide(side))?.databases[key];
      if (database.group !== null && (copy === undefined || copy.log.end < database.log.end))
        this.report('INV-2', `decided forward while the other side misses log of ${key}`);
    }
  }

  /** INV-3 and INV-8 when a side refuses an epoch. */
  refused(side: Side, epoch: bigint): void {
    const world = this.#world;
    this.#kernel.trace(`${side} refuses ${epoch}`);
    this.#again(`the ${side} refuses ${epoch}`);
    const row = world.control[otherSide(side)].register;
    const isCarriedOut = row?.phase === 'committing' && row.epoch <= epoch;
    if (isCarriedOut && !world.isLossAccepted && world.dag(side)?.role !== 'SECONDARY')
      this.report('INV-3', `the ${side} refuses epoch ${row.epoch}, which made it primary`);
  }

  /** INV-2, INV-4, INV-5 and INV-8 when a role statement was accepted. */
  role(side: Side, statement: 'demote' | 'force', before: DistributedState | undefined): void {
    const world = this.#world;
    this.#kernel.trace(`${side} ${statement === 'demote' ? 'SET (ROLE = SECONDARY)' : 'FORCE'}`);
    // What a person does outside of sqlferry is not ours to answer for.
    if (world.isLossAccepted || world.actor === null) return;
    this.#again(`the ${side} changes its role`);
    const row = world.control[side].register;
    if (statement === 'demote') {
      if (row?.phase !== 'fenced') this.report('INV-5', `the ${side} is demoted without a fence`);
      const behind = this.#behind.get(world.actor?.kind === 'batch' ? world.actor.act : null) ?? 0;
      if (behind > 0)
        this.report(
          'INV-2',
          `the ${side} gives the role away while ${behind} acknowledged commits were nowhere else`,
        );
      return;
    }
    if (before?.role !== 'SECONDARY') return;
    const isPromotion = world.actor.kind === 'batch' && world.actor.act.kind === 'promote';
    if (!isPromotion) {
      if (row?.phase !== 'aborted')
        this.report('INV-3', `the ${side} takes its role back while ${row?.phase ?? 'unknown'}`);
    } else this.#promoted(side);
    this.#ledger.forget();
  }

  /** A batch that gives the role away begins to look at the server. */
  begins(act: Act): void {
    this.#behind.set(act, this.#ledger.behind(this.#world, otherSide(act.side)));
  }

  #promoted(side: Side): void {
    const world = this.#world;
    const row = world.control[otherSide(side)].register;
    const epoch = row?.epoch ?? 0n;
    this.#carriedOut.add(`${otherSide(side)} ${epoch}`);
    if (row?.phase !== 'committing')
      this.report(
        'INV-4',
        `the ${side} is promoted while epoch ${epoch} is ${row?.phase ?? 'gone'}`,
      );
    if (world.control[side].refusedEpoch >= epoch)
      this.report('INV-4', `the ${side} is promoted in the refused epoch ${epoch}`);
    const behind = this.#ledger.behind(world, side);
    if (behind > 0)
      this.report('INV-2', `the ${side} is promoted without ${behind} acknowledged commits`);
  }

  /** INV-8: what took effect before changes nothing when it arrives again. */
  #again(what: string): void {
    const { actor } = this.#world;
    if (actor?.kind === 'batch' && actor.isAgain)
      this.report('INV-8', `${actor.act.kind} arrives again, and ${what}`);
  }

  /** INV-6: the role that is owed, while somebody is there who would take it back. */
  fence(): void {
    const world = this.#world;
    for (const side of ['source', 'target'] as const) {
      const { register, actLock } = world.control[side];
      const { deadlineAt } = world.servers[side];
      const isPast =
        register?.phase === 'fenced' && deadlineAt !== null && world.serverTime(side) > deadlineAt;
      const isOwed = register?.phase === 'aborted' && register.isOwed;
      const isAlone = actLock === null || actLock === 'dead-man';
      const runs =
        (isPast || isOwed) &&
        isAlone &&
        world.isGuarded(side) &&
        world.dag(side)?.role === 'SECONDARY' &&
        register.isIntact;
      const since = this.#owedSince[side];
      this.#owedSince[side] = runs ? (since ?? this.#kernel.now) : null;
      const limit = GIVE_BACK_MS + world.servers[side].jobDelayMs;
      if (runs && since !== null && this.#kernel.now - since > limit)
        this.report('INV-6', `the ${side} is not given back within ${limit} ms`);
    }
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
