/**
 * Drives the engine alone, in virtual time: timers and messages come when they are due, in order.
 *
 * For tests, the simulator and the explorer. Rows are stood for by the ids of their payloads.
 */

import { required } from '../../base/assert.ts';
import type { Lsn } from '../../base/lsn.ts';
import type { EngineError, HadrEffect } from './effect.ts';
import type { HadrEvent, HadrStatement } from './event.ts';
import type { HadrState } from './state.ts';
import { nameKey } from './state.ts';
import { step } from './step.ts';

type Unstamped<E> = E extends HadrEvent ? Omit<E, 'at'> : never;
/** An event before it gets its time. */
export type TimelessEvent = Unstamped<HadrEvent>;

interface Due {
  readonly at: number;
  readonly order: number;
  readonly event: TimelessEvent;
}

/** Events one `advance` may take: far above any scenario, so that a loop of the engine is found. */
const maxEvents = 5_000_000;

/** How a commit ended so far. */
export type CommitFate = 'refused' | 'waiting' | 'acknowledged' | 'lost';

/** The engine with its own clock. */
export class VirtualTime {
  state: HadrState;
  now = 1_000_000;
  events = 0;
  readonly commits = new Map<number, CommitFate>();
  /** Where each commit stands in the log it was written to. */
  readonly positions = new Map<number, Lsn>();
  readonly refusals = new Map<number, EngineError>();
  readonly statements = new Map<number, EngineError | null>();
  readonly informed: EngineError[] = [];
  readonly errorLog: { readonly instance: string; readonly error: EngineError }[] = [];
  /** Payload ids that are applied, by `instance/database`. */
  readonly contents = new Map<string, readonly number[]>();
  /** Databases whose sessions were cut, newest last. */
  readonly cuts: string[] = [];
  /** Called after every event; for checkers that look at each state. */
  onApplied: (() => void) | null = null;
  readonly #images = new Map<string, readonly number[]>();
  readonly #lastArrival = new Map<string, number>();
  #queue: Due[] = [];
  #order = 0;
  #request = 0;

  constructor(state: HadrState) {
    this.state = state;
  }

  /** Applies an event now and carries out what it leads to. */
  apply(event: TimelessEvent): void {
    this.events += 1;
    const result = step(this.state, { ...event, at: this.now });
    this.state = result.state;
    for (const effect of result.effects) this.#perform(effect);
    this.onApplied?.();
  }

  /** A second world that stands where this one stands and goes its own way; the hook is not taken along. */
  fork(): VirtualTime {
    const copy = new VirtualTime(this.state);
    copy.now = this.now;
    copy.events = this.events;
    copy.#order = this.#order;
    copy.#request = this.#request;
    copy.#queue = [...this.#queue];
    for (const [key, fate] of this.commits) copy.commits.set(key, fate);
    for (const [key, lsn] of this.positions) copy.positions.set(key, lsn);
    for (const [key, rows] of this.contents) copy.contents.set(key, rows);
    for (const [key, rows] of this.#images) copy.#images.set(key, rows);
    for (const [key, at] of this.#lastArrival) copy.#lastArrival.set(key, at);
    return copy;
  }

  /** Runs a statement; the error, null when it is done, undefined while it is pending. */
  statement(instance: string, statement: HadrStatement): EngineError | null | undefined {
    this.#request += 1;
    const request = this.#request;
    const salt = `statement ${request}`;
    this.apply({
      kind: 'statement',
      request,
      instance: nameKey(instance),
      login: 'sa',
      statement,
      salt,
    });
    return this.statements.get(request);
  }

  /** Commits one transaction with this payload id. */
  commit(
    at: { readonly instance: string; readonly database: string },
    id: number,
    bytes = 512,
  ): CommitFate {
    const { instance, database } = at;
    const place = { instance: nameKey(instance), database: nameKey(database) };
    this.apply({ kind: 'commit', commit: id, ...place, payload: { id }, bytes });
    const fate = required(this.commits.get(id), `fate of commit ${id}`);
    if (fate !== 'refused') {
      const key = `${place.instance}/${place.database}`;
      this.contents.set(key, [...(this.contents.get(key) ?? []), id]);
    }
    return fate;
  }

  /** Lets time pass. */
  advance(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (let count = 0; count < maxEvents; count += 1) {
      const next = this.#queue[0];
      if (next === undefined || next.at > end) {
        this.now = end;
        return;
      }
      this.#queue.shift();
      this.now = Math.max(this.now, next.at);
      this.apply(next.event);
    }
    throw new RangeError('advance: the engine does not come to rest');
  }

  /** Payload ids applied to a database. */
  contentOf(instance: string, database: string): readonly number[] {
    return this.contents.get(`${nameKey(instance)}/${nameKey(database)}`) ?? [];
  }

  #later(delayMs: number, event: TimelessEvent): void {
    this.#order += 1;
    const due = { at: this.now + delayMs, order: this.#order, event };
    const index = this.#queue.findIndex((other) => other.at > due.at);
    if (index === -1) this.#queue.push(due);
    else this.#queue.splice(index, 0, due);
  }

  #perform(effect: HadrEffect): void {
    switch (effect.kind) {
      case 'send': {
        const way = `${effect.from}>${effect.to}`;
        const arrival = Math.max(this.now + effect.delayMs, this.#lastArrival.get(way) ?? 0);
        this.#lastArrival.set(way, arrival);
        const { from, to, message } = effect;
        this.#later(arrival - this.now, { kind: 'deliver', from, to, message, salt: this.#salt() });
        return;
      }
      case 'timer':
        this.#later(effect.delayMs, { kind: 'timer', timer: effect.timer, salt: this.#salt() });
        return;
      case 'statement-ended':
        this.statements.set(effect.request, effect.error);
        return;
      case 'inform':
        this.informed.push(effect.message);
        return;
      case 'commit-refused':
        this.commits.set(effect.commit, 'refused');
        this.refusals.set(effect.commit, effect.error);
        return;
      case 'commit-hardened':
        this.positions.set(effect.commit, effect.lsn);
        this.commits.set(effect.commit, effect.waits ? 'waiting' : 'acknowledged');
        return;
      case 'commit-ended':
        this.commits.set(effect.commit, effect.outcome);
        return;
      case 'log':
        this.errorLog.push({ instance: effect.instance, error: effect.error });
        return;
      case 'cut-sessions':
        this.cuts.push(`${effect.instance}/${effect.database}`);
        return;
      case 'redo':
      case 'undo':
      case 'create-store':
      case 'drop-store':
      case 'take-image':
      case 'install-image':
        return this.#performOnRows(effect);
      case 'discard-image':
        this.#images.delete(effect.operation);
    }
  }

  #salt(): string {
    return `event ${this.#order}`;
  }

  #performOnRows(
    effect: Extract<HadrEffect, { readonly instance: string; readonly database: string }>,
  ): void {
    const key = `${effect.instance}/${effect.database}`;
    const rows = this.contents.get(key) ?? [];
    switch (effect.kind) {
      case 'redo':
        this.contents.set(key, [...rows, effect.payload.id]);
        return;
      case 'undo':
        if (rows.at(-1) !== effect.payload.id) throw new RangeError(`undo out of order in ${key}`);
        this.contents.set(key, rows.slice(0, -1));
        return;
      case 'create-store':
        this.contents.set(key, []);
        return;
      case 'drop-store':
        this.contents.delete(key);
        return;
      case 'take-image':
        this.#images.set(effect.operation, rows);
        return;
      case 'install-image':
        this.contents.set(key, required(this.#images.get(effect.operation), 'image'));
        return;
      case 'cut-sessions':
    }
  }
}
