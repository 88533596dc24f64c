/**
 * Runs the pure engine on the clock: events in, effects carried out, commits and statements answered.
 *
 * Here is the one state of all instances. Rows are changed through `RowKeeper`, sessions are cut
 * through a callback; both belong to the instances.
 */

import { assert } from '../../base/assert.ts';
import type { Lsn } from '../../base/lsn.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LoggedTransaction } from '../backup/log-content.ts';
import type { EngineError, HadrEffect } from '../hadr/effect.ts';
import type { HadrEvent, HadrStatement } from '../hadr/event.ts';
import { recordsFrom } from '../hadr/log.ts';
import type { PayloadReference } from '../hadr/log.ts';
import type { HadrState } from '../hadr/state.ts';
import { step } from '../hadr/step.ts';
import type { CommitOutcome, CommitStart } from '../instance.ts';
import type { ServerMessage } from '../session.ts';
import type { LogPayload } from '../store/database-store.ts';
import { serverMessage } from '../tsql/message.ts';
import { Network } from './network.ts';

type Unstamped<E> = E extends HadrEvent ? Omit<E, 'at'> : never;
/** An event before it gets its time. */
export type TimelessEvent = Unstamped<HadrEvent>;

/** What the host needs of the instances. */
export interface EngineListener {
  /** Rows and images. */
  rows(effect: RowEffect): void;
  cutSessions(instance: string, database: string): void;
  log(instance: string, message: ServerMessage): void;
}

/** Effects on rows. */
export type RowEffect = Extract<
  HadrEffect,
  {
    readonly kind:
      | 'create-store'
      | 'drop-store'
      | 'take-image'
      | 'install-image'
      | 'discard-image'
      | 'redo'
      | 'undo';
  }
>;

/** A message of the engine with its text. */
export function messageOf(error: EngineError): ServerMessage {
  const message = serverMessage(error.number, ...error.parameters);
  return error.state === undefined ? message : { ...message, state: error.state };
}

interface RunningStatement {
  readonly inform: (message: ServerMessage) => void;
  readonly answer: (error: ServerMessage | null) => void;
}

/** The engine with its clock, network, commits and statements. */
export class EngineHost {
  state: HadrState;
  readonly #clock: Clock;
  readonly #network: Network;
  readonly #salt: string;
  readonly #payloads = new WeakMap<PayloadReference, LogPayload>();
  readonly #commits = new Map<number, (outcome: CommitOutcome) => void>();
  readonly #statements = new Map<number, RunningStatement>();
  readonly #backlog: HadrEffect[] = [];
  #listener: EngineListener | null = null;
  #performing = false;
  #lastCommitStart: 'hardened' | 'waits' | ServerMessage | null = null;
  #numbers = 0;
  #events = 0;
  #now = 0;

  constructor(options: {
    readonly clock: Clock;
    readonly salt: string;
    readonly state: HadrState;
  }) {
    this.#clock = options.clock;
    this.#salt = options.salt;
    this.state = options.state;
    this.#network = new Network(options.clock);
  }

  /** Sets who carries out effects on rows and sessions; before the first event. */
  listen(listener: EngineListener): void {
    this.#listener = listener;
  }

  /** A salt that is used once. */
  salt(): string {
    this.#events += 1;
    return `${this.#salt}:${this.#events}`;
  }

  /** Applies an event now. Effects of an event inside an effect come after those of the outer one. */
  apply(event: TimelessEvent): void {
    this.#now = Math.max(this.#now, this.#clock.now());
    const result = step(this.state, { ...event, at: this.#now });
    this.state = result.state;
    this.#backlog.push(...result.effects);
    if (this.#performing) return;
    this.#performing = true;
    try {
      for (let next = this.#backlog.shift(); next !== undefined; next = this.#backlog.shift())
        this.#perform(next);
    } finally {
      this.#performing = false;
    }
  }

  /** Runs a statement of the engine; resolves to its error or null. */
  statement(
    run: { readonly instance: string; readonly login: string; readonly statement: HadrStatement },
    inform: (message: ServerMessage) => void,
  ): Promise<ServerMessage | null> {
    this.#numbers += 1;
    const request = this.#numbers;
    return new Promise((answer) => {
      this.#statements.set(request, { inform, answer });
      this.apply({ kind: 'statement', request, salt: this.salt(), ...run });
    });
  }

  /** Commits synchronously; the outcome resolves when the client may be answered. */
  commit(
    place: { readonly instance: string; readonly database: string },
    payload: LogPayload,
    signal: AbortSignal,
  ): CommitStart {
    assert(!this.#performing, 'a commit inside an effect');
    this.#numbers += 1;
    const commit = this.#numbers;
    const reference: PayloadReference = { id: commit };
    this.#payloads.set(reference, payload);
    this.#lastCommitStart = null;
    const outcome = new Promise<CommitOutcome>((resolve) => this.#commits.set(commit, resolve));
    this.apply({ kind: 'commit', commit, ...place, payload: reference, bytes: payload.bytes });
    const start: 'hardened' | 'waits' | ServerMessage | null = this.#lastCommitStart;
    assert(start !== null, 'the engine did not answer a commit');
    if (typeof start === 'object') {
      this.#commits.delete(commit);
      return { kind: 'refused', error: start };
    }
    if (start === 'hardened') this.#endCommit(commit, { kind: 'acknowledged' });
    else this.#forgetWhenAborted(place, commit, signal);
    return { kind: 'hardened', outcome };
  }

  /** Cancels every timer. */
  stop(): void {
    this.#network.stop();
    for (const commit of this.#commits.keys())
      this.#endCommit(commit, { kind: 'session-ended', message: null });
    for (const { answer } of this.#statements.values()) answer(null);
    this.#statements.clear();
  }

  /** A client that stops waiting for its commit is never told how it ended. */
  #forgetWhenAborted(
    place: { readonly instance: string; readonly database: string },
    commit: number,
    signal: AbortSignal,
  ): void {
    const forget = (): void => {
      if (!this.#commits.has(commit)) return;
      this.apply({ kind: 'forget-commit', ...place, commit });
      this.#endCommit(commit, { kind: 'session-ended', message: null });
    };
    if (signal.aborted) forget();
    else signal.addEventListener('abort', forget, { once: true });
  }

  #endCommit(commit: number, outcome: CommitOutcome): void {
    this.#commits.get(commit)?.(outcome);
    this.#commits.delete(commit);
  }

  #perform(effect: HadrEffect): void {
    switch (effect.kind) {
      case 'send': {
        const { from, to, message } = effect;
        const deliver = (): void =>
          this.apply({ kind: 'deliver', from, to, message, salt: this.salt() });
        this.#network.deliver(`${from}>${to}`, effect.delayMs, deliver);
        return;
      }
      case 'timer':
        this.#network.after(effect.delayMs, () =>
          this.apply({ kind: 'timer', timer: effect.timer, salt: this.salt() }),
        );
        return;
      case 'statement-ended':
        this.#statements
          .get(effect.request)
          ?.answer(effect.error === null ? null : messageOf(effect.error));
        this.#statements.delete(effect.request);
        return;
      case 'inform':
        this.#statements.get(effect.request)?.inform(messageOf(effect.message));
        return;
      case 'commit-refused':
        this.#lastCommitStart = messageOf(effect.error);
        return;
      case 'commit-hardened':
        this.#lastCommitStart = effect.waits ? 'waits' : 'hardened';
        return;
      case 'commit-ended':
        this.#endCommit(
          effect.commit,
          effect.outcome === 'acknowledged'
            ? { kind: 'acknowledged' }
            : { kind: 'session-ended', message: null },
        );
        return;
      case 'cut-sessions':
        this.#listener?.cutSessions(effect.instance, effect.database);
        return;
      case 'log':
        this.#listener?.log(effect.instance, messageOf(effect.error));
        return;
      case 'redo':
      case 'undo':
      case 'create-store':
      case 'drop-store':
      case 'take-image':
      case 'install-image':
      case 'discard-image':
        this.#listener?.rows(effect);
    }
  }

  /** The transactions of a database behind a position; null when the oldest of them are gone. */
  transactions(
    place: { readonly instance: string; readonly database: string },
    from: Lsn,
  ): readonly LoggedTransaction[] | null {
    const log = this.state.instances[place.instance]?.databases[place.database]?.log;
    if (log === undefined || log.start > from) return null;
    const found: LoggedTransaction[] = [];
    for (const record of recordsFrom(log, from, Number.POSITIVE_INFINITY)) {
      const payload = record.payload === null ? null : this.payload(record.payload);
      if (payload === undefined) return null;
      const { start, end, totalBytes, committedAt } = record;
      found.push({ start, end, totalBytes, committedAt, payload });
    }
    return found;
  }

  /** The payload behind a reference. */
  payload(reference: PayloadReference): LogPayload | undefined {
    return this.#payloads.get(reference);
  }
}
