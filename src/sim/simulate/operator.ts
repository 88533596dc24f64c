/**
 * One operator: the shipping engine under the kernel, with its ports over the simulated world.
 *
 * Its journal survives it. A killed operator is a program whose call is never answered; a paused one
 * gets its answers late, and acts on them as if nothing had happened.
 */

import type { Act, ActReply } from '../../model/act.ts';
import type { Intent, Policy } from '../../model/decision.ts';
import type { RunResult } from '../../model/event.ts';
import type { Migration } from '../../model/migration.ts';
import type { Observation, SideObservation } from '../../model/observation.ts';
import type { Problem } from '../../model/problem.ts';
import type { Side } from '../../model/side.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Journal, JournalEntry } from '../../ports/journal.ts';
import type { Servers } from '../../ports/servers.ts';
import { run } from '../../engine/run.ts';
import { defaultPolicy } from '../../reconcile/policy.ts';
import { lasting, lateness, type Fault, type FaultPoint } from './fault.ts';
import { hookInterception, type HookPlan } from './hook.ts';
import type { Kernel } from './kernel.ts';
import { lookAt, lookAway } from './look.ts';
import { deliverLater, noReply, runBatch } from './request.ts';
import type { Struck, Victim } from './victim.ts';
import { EPOCH_MS, type SimSession, type SimWorld } from './world.ts';

/** What an operator needs. */
export interface OperatorOptions {
  readonly kernel: Kernel;
  readonly world: SimWorld;
  readonly name: string;
  readonly intent: Intent;
  readonly takeOver: boolean;
  /** Its migration file; another operator may have another one. */
  readonly migration: Migration;
  /** Programs around the switch. */
  readonly hooks: HookPlan;
  /** One way, in milliseconds. */
  readonly latencyMs: number;
  /** Added to virtual time: what this machine's clock says. */
  readonly clockOffsetMs: number;
  /** Lines of earlier runs on the same machine; new ones are added. */
  readonly journal: JournalEntry[];
  /** Asked at every point of every request: what strikes. */
  readonly strike: (struck: Struck) => readonly Fault[];
  /** Told when something is done on another session than the one that was looked through (INV-9). */
  readonly strayed: (what: string) => void;
}

const REFUSED_AFTER_MS = 200;

const goneProblem: Problem = {
  code: 'SF-NET-001',
  summary: 'The server does not answer.',
  because: [],
  remedy: 'Check the network.',
};

const notSent: ActReply = {
  outcome: 'failed',
  elapsedMs: 0,
  problem: { ...goneProblem, summary: 'The session is gone; nothing was sent.' },
};

/** A running operator. */
export class Operator implements Victim {
  readonly options: OperatorOptions;
  result: RunResult | null = null;
  /** What the engine threw, which is a bug; null when it did not. */
  error: string | null = null;
  isKilled = false;
  /** Sides this operator cannot reach until then. */
  readonly awayUntil: Record<Side, number> = { source: -1, target: -1 };
  acts = 0;
  readonly rules = new Set<string>();
  /** Sessions that the newest look came over. */
  readonly #lookedThrough: Record<Side, SimSession | null> = { source: null, target: null };
  #pausedUntil = 0;
  readonly #sessions: Record<Side, SimSession | null> = { source: null, target: null };
  readonly #generations: Record<Side, number> = { source: 0, target: 0 };

  constructor(options: OperatorOptions) {
    this.options = options;
  }

  /** The program has come to its end, or was killed. */
  get isOver(): boolean {
    return this.isKilled || this.result !== null || this.error !== null;
  }

  /** Starts the engine. */
  start(): void {
    const { kernel, migration, intent, takeOver, name, hooks } = this.options;
    kernel.trace(`${name} starts ${intent.goal}`);
    const policy: Policy = { ...defaultPolicy, takeOver };
    kernel.start(
      () =>
        run({
          servers: this.#servers(),
          migration,
          intent,
          interception: hookInterception(hooks, this.#clock(), (line) =>
            kernel.trace(`${name} ${line}`),
          ),
          clock: this.#clock(),
          journal: this.#journal(),
          emit: (event) => {
            if ('rule' in event) this.rules.add(event.rule);
            if (event.kind === 'decided') kernel.trace(`${name} decides ${event.rule}`);
            if (event.kind === 'result')
              kernel.trace(`${name} ends ${event.result.outcome} ${event.result.rule}`);
          },
          signal: new AbortController().signal,
          policy,
        }),
      (result) => {
        this.result = result;
        this.#hangUp();
      },
      (error) => {
        this.error = error instanceof Error ? (error.stack ?? error.message) : 'not an Error';
        this.#hangUp();
      },
    );
  }

  /** Lines in its journal. */
  get journalLines(): number {
    return this.options.journal.length;
  }

  /** The process is gone; the servers notice after a while, and what runs there goes on until then. */
  kill(noticedAfterMs: number): void {
    if (this.isOver) return;
    const { kernel, world, name } = this.options;
    kernel.trace(`${name} is killed`);
    this.isKilled = true;
    const left = [this.orphan('source'), this.orphan('target')];
    kernel.schedule(noticedAfterMs, () => {
      for (const session of left) if (session !== null) world.end(session);
    });
  }

  /** The process stands still; its sockets stay open. */
  pause(durationMs: number): void {
    const { kernel, name } = this.options;
    kernel.trace(`${name} is paused for ${durationMs} ms`);
    this.#pausedUntil = Math.max(this.#pausedUntil, kernel.now + durationMs);
  }

  /** The process dies and its journal is not what it was: only so many lines are left. */
  loseStore(kept: number, noticedAfterMs: number): void {
    this.options.kernel.trace(`${this.options.name} loses its store, ${kept} lines are left`);
    this.options.journal.length = kept;
    this.kill(noticedAfterMs);
  }

  /** The network delivers a request a second time, on a session of its own. */
  deliverAgain(act: Act, delayMs: number): void {
    deliverLater({ ...this.options, act }, delayMs);
  }

  /** The server ends the session of this operator on one side. */
  drop(side: Side): void {
    const session = this.#sessions[side];
    this.#sessions[side] = null;
    if (session !== null) this.options.world.end(session);
  }

  /** The client loses its session while the server keeps it, and what runs on it, for a while. */
  orphan(side: Side): SimSession | null {
    const session = this.#sessions[side];
    this.#sessions[side] = null;
    return session;
  }

  #hangUp(): void {
    this.drop('source');
    this.drop('target');
  }

  #clock(): Clock {
    const { kernel, clockOffsetMs } = this.options;
    return {
      now: () => EPOCH_MS + kernel.now + clockOffsetMs,
      monotonic: () => kernel.now,
      sleep: (delayMs) => kernel.park<void>((resume) => this.#answer(delayMs, () => resume())),
      schedule: (delayMs, callback) => kernel.schedule(delayMs, callback),
    };
  }

  /** Gives an answer after the delay, later when the process stands still, never when it is dead. */
  #answer(delayMs: number, give: () => void): void {
    const { kernel } = this.options;
    kernel.schedule(delayMs, () => {
      if (this.isKilled) return;
      const still = this.#pausedUntil - kernel.now;
      if (still > 0) this.#answer(still, give);
      else give();
    });
  }

  #journal(): Journal {
    const { journal } = this.options;
    return {
      append: (entry) => void journal.push(entry),
      entries: () => [...journal],
      close: () => undefined,
    };
  }

  #servers(): Servers {
    const { kernel } = this.options;
    return {
      observe: () =>
        kernel.park<Observation>((resume) => {
          this.#strikeAll(null, 'before');
          const seen: { source?: SideObservation; target?: SideObservation } = {};
          const arrived = (side: Side, observation: SideObservation): void => {
            seen[side] = observation;
            const { source, target } = seen;
            if (source !== undefined && target !== undefined) resume({ source, target });
          };
          this.#observeSide('source', (observation) => arrived('source', observation));
          this.#observeSide('target', (observation) => arrived('target', observation));
        }),
      perform: (act) => kernel.park<ActReply>((resume) => this.#perform(act, resume)),
    };
  }

  #isAway(side: Side): boolean {
    const { kernel, world } = this.options;
    return !world.isUp(side) || kernel.now < this.awayUntil[side];
  }

  #observeSide(side: Side, give: (observation: SideObservation) => void): void {
    const { kernel, world, latencyMs } = this.options;
    const away = (): void => {
      this.drop(side);
      const gone = { generation: this.#generations[side], problem: goneProblem };
      this.#answer(REFUSED_AFTER_MS, () => give(lookAway(world, side, gone)));
    };
    kernel.schedule(latencyMs, () => {
      if (this.isKilled) return;
      if (this.#isAway(side)) {
        away();
        return;
      }
      this.#strikeAll(null, 'arrived');
      if (this.isKilled) return;
      const session = this.#open(side);
      const looker = {
        session,
        generation: this.#generations[side],
        migration: this.options.migration,
        roundTripMs: 2 * latencyMs,
      };
      const observation = lookAt(world, side, looker);
      this.#strikeAll(null, 'effect');
      if (this.isKilled) return;
      if (session.isAlive && this.#sessions[side] === session) {
        this.#lookedThrough[side] = session;
        this.#answer(latencyMs, () => give(observation));
      } else away();
    });
  }

  /** The live session of a side, a new one after a broken connection. */
  #open(side: Side): SimSession {
    const current = this.#sessions[side];
    if (current?.isAlive === true) return current;
    const { world, name } = this.options;
    const session = world.connect(side, { login: name, program: 'sqlferry', database: null });
    this.#sessions[side] = session;
    // With the guard taken away a reconnect goes unnoticed.
    if (!world.removed.has('reconnect-voids') || this.#generations[side] === 0)
      this.#generations[side] += 1;
    return session;
  }

  #strikeAll(act: Act | null, point: FaultPoint): readonly Fault[] {
    return this.options.strike({ operator: this, act, point });
  }

  #perform(act: Act, resume: (reply: ActReply) => void): void {
    const { kernel, world, latencyMs, name, strayed } = this.options;
    const { side } = act;
    const started = kernel.now;
    this.acts += 1;
    kernel.trace(`${name} sends ${act.kind} ${side}`);
    const reply = (delayMs: number, given: ActReply): void =>
      this.#answer(delayMs, () => resume({ ...given, elapsedMs: kernel.now - started }));
    const struck = this.#strikeAll(act, 'before');
    if (this.isKilled) return;
    const isOpened = world.removed.has('reconnect-voids') && world.isUp(side);
    const session = isOpened ? this.#open(side) : this.#sessions[side];
    if (session === null || !session.isAlive) {
      this.#sessions[side] = null;
      reply(0, notSent);
      return;
    }
    if (session !== this.#lookedThrough[side])
      strayed(`${act.kind} goes over a session that nothing was seen through`);
    // A process that stands still before it sends, sends when it goes on: nothing looks again.
    this.#answer(latencyMs, () =>
      this.#arrive(act, {
        session,
        reply,
        delayed: lasting(struck, 'delay'),
        stalled: lasting(struck, 'stall'),
      }),
    );
  }

  #arrive(
    act: Act,
    request: {
      readonly session: SimSession;
      readonly reply: (delayMs: number, given: ActReply) => void;
      readonly delayed: number | null;
      readonly stalled: number | null;
    },
  ): void {
    const { session, reply } = request;
    const { kernel, world, latencyMs } = this.options;
    const { side } = act;
    if (this.#isAway(side)) {
      this.drop(side);
      reply(REFUSED_AFTER_MS, noReply);
      return;
    }
    const struck = this.#strikeAll(act, 'arrived');
    const delayed = request.delayed ?? lasting(struck, 'delay');
    const stallMs = request.stalled ?? lasting(struck, 'stall');
    const generation = this.#generations[side];
    const start = (): void =>
      runBatch({
        kernel,
        world,
        act,
        session,
        migration: this.options.migration,
        ...(stallMs === null ? {} : { stallMs }),
        ended: (answer) => {
          if (delayed !== null) world.underWay -= 1;
          this.#leave(act, { session, reply, generation, answer, latencyMs });
        },
      });
    if (delayed === null) {
      if (!session.isAlive && !this.isKilled) this.drop(side);
      start();
      return;
    }
    // The client gives up; the server still holds the session and executes its batch later.
    this.orphan(side);
    world.underWay += 1;
    reply(latencyMs, noReply);
    kernel.schedule(delayed, () => start());
  }

  #leave(
    act: Act,
    reply: {
      readonly session: SimSession;
      readonly reply: (delayMs: number, given: ActReply) => void;
      readonly generation: number;
      readonly answer: ActReply | null;
      readonly latencyMs: number;
    },
  ): void {
    const { side } = act;
    const { session, answer, latencyMs } = reply;
    const { world } = this.options;
    if (this.isKilled) return;
    if (this.#sessions[side] !== session) {
      // The client had given this session up: the server ends it when it cannot answer.
      world.end(session);
      reply.reply(latencyMs, noReply);
      return;
    }
    let late = lateness(this.#strikeAll(act, 'effect'));
    late = Math.max(late, lateness(this.#strikeAll(act, 'reply')));
    if (this.isKilled) return;
    const isLost = answer === null || !session.isAlive || this.#isAway(side);
    if (isLost) this.drop(side);
    const given =
      answer?.outcome === 'ok' && !isLost ? { ...answer, generation: reply.generation } : answer;
    reply.reply(latencyMs + late, isLost || given === null ? noReply : given);
  }
}
