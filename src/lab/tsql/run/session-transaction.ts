/**
 * The transaction of a session: nesting, savepoints, one writing transaction per database, and the
 * way a commit takes: seal, log (`Instance.commit`), SQLite, wait for the acknowledgement.
 */

import type { CommitOutcome, Instance, RequestContext } from '../../instance.ts';
import { Database } from '../../store/database.ts';
import { StoreTransaction } from '../../store/transaction.ts';
import { AssertionError } from '../../../base/assert.ts';
import { SqlError, sqlError } from '../message.ts';
import { Cancelled } from './cancelled.ts';

/** A point inside a transaction. */
export interface TransactionMark {
  readonly stores: ReadonlyMap<StoreTransaction, number>;
  readonly memory: number;
}

/** The session ended while a commit waited; the client gets this message, or nothing, and the socket is cut. */
export class SessionEnded extends Error {
  override readonly name = 'SessionEnded';
  readonly outcome: Extract<CommitOutcome, { kind: 'session-ended' }>;

  constructor(outcome: Extract<CommitOutcome, { kind: 'session-ended' }>) {
    super('session ended');
    this.outcome = outcome;
  }
}

/** Redo took the database from under the transaction: its fate is sealed, the client must not hear success. */
function takenAway(): SessionEnded {
  return new SessionEnded({ kind: 'session-ended', message: null });
}

/** The transaction of one session. */
export class SessionTransaction {
  readonly #instance: Instance;
  readonly #writers = new Map<string, { name: string; transaction: StoreTransaction }>();
  readonly #memory: { readonly undo: () => void; readonly lasting: boolean }[] = [];
  readonly #savepoints: { name: string; mark: TransactionMark }[] = [];
  /** `@@TRANCOUNT`. */
  count = 0;
  /** After an error that leaves only ROLLBACK. */
  doomed = false;
  descriptor = 0n;
  /** Name given to BEGIN TRANSACTION. */
  name: string | null = null;

  constructor(instance: Instance) {
    this.#instance = instance;
  }

  /** The writing transaction on a database; undefined when nothing was written there yet. */
  writerOf(database: string): StoreTransaction | undefined {
    return this.#writers.get(database.toLowerCase())?.transaction;
  }

  /** Starts or continues writing to a database; waits for its write lock (1222). */
  async writer(
    request: RequestContext,
    database: string,
    lockTimeoutMs: number,
  ): Promise<StoreTransaction> {
    const key = database.toLowerCase();
    const existing = this.#writers.get(key)?.transaction;
    if (existing !== undefined) {
      if (!existing.open) throw takenAway();
      return existing;
    }
    const access = this.#instance.openDatabase(request.identity, database);
    if (access.kind === 'refused') throw new SqlError(access.error);
    if (!access.writable) throw sqlError(3906, database);
    if (!(access.store instanceof Database)) throw new AssertionError('store of another kind');
    const started = await this.#lock(request, access.store, lockTimeoutMs);
    this.#writers.set(key, { name: database, transaction: started });
    const again = this.#instance.openDatabase(request.identity, database);
    if (again.kind === 'refused') throw new SqlError(again.error);
    if (!again.writable) throw sqlError(3906, database);
    return started;
  }

  async #lock(
    request: RequestContext,
    store: Database,
    timeoutMs: number,
  ): Promise<StoreTransaction> {
    const { state, signal } = request;
    const immediate = store.tryBegin();
    if (immediate !== undefined) return immediate;
    state.status = 'suspended';
    state.waitType = 'LCK_M_X';
    const started = await store.begin({ clock: this.#instance.clock, signal, timeoutMs });
    state.status = 'running';
    state.waitType = '';
    if (started instanceof StoreTransaction) {
      if (!signal.aborted) return started;
      started.rollback();
      throw new Cancelled('attention');
    }
    if (started === 'cancelled') throw new Cancelled('attention');
    throw sqlError(1222);
  }

  /** Takes part in rollback: changes in memory tables. */
  readonly undoLog = (undo: () => void): void => {
    this.#memory.push({ undo, lasting: false });
  };

  /** For table variables: a failed statement takes its rows back, a rollback does not. */
  readonly lastingUndoLog = (undo: () => void): void => {
    this.#memory.push({ undo, lasting: true });
  };

  /** A point to return to. */
  mark(): TransactionMark {
    const stores = new Map<StoreTransaction, number>();
    for (const { transaction } of this.#writers.values())
      stores.set(transaction, transaction.mark());
    return { stores, memory: this.#memory.length };
  }

  /** Takes back everything after the mark. */
  undoTo(mark: TransactionMark): void {
    this.#undoMemory(mark.memory, true);
    for (const { transaction } of this.#writers.values()) {
      if (transaction.open) transaction.undoTo(mark.stores.get(transaction) ?? 0);
    }
  }

  /** SAVE TRANSACTION. */
  save(name: string): void {
    this.#savepoints.push({ name, mark: this.mark() });
  }

  /** ROLLBACK to a savepoint; false when there is none of that name. */
  rollbackTo(name: string): boolean {
    const at = this.#savepoints.findLastIndex((savepoint) => savepoint.name === name);
    const savepoint = this.#savepoints[at];
    if (savepoint === undefined) return false;
    this.#undoMemory(savepoint.mark.memory, false);
    this.undoTo(savepoint.mark);
    this.#savepoints.length = at + 1;
    return true;
  }

  /** Makes everything durable; raises the error of a refused commit, or `SessionEnded`. */
  async commit(request: RequestContext): Promise<void> {
    const written = [...this.#writers.values()].map(({ name }) => name);
    await this.#reach(request, 'before', written);
    const outcomes: Promise<CommitOutcome>[] = [];
    try {
      for (const [key, { name, transaction }] of this.#writers) {
        if (!transaction.open) throw takenAway();
        const outcome = this.#commitOne(request, name, transaction);
        this.#writers.delete(key);
        if (outcome !== null) outcomes.push(outcome);
      }
    } catch (error) {
      this.rollback(request);
      throw error;
    }
    this.#forget(request);
    await this.#reach(request, 'after', written);
    if (outcomes.length === 0) return;
    const { state } = request;
    state.status = 'suspended';
    state.waitType = 'HADR_SYNC_COMMIT';
    for (const outcome of outcomes) {
      const result = await outcome;
      if (result.kind === 'session-ended') throw new SessionEnded(result);
    }
    state.status = 'running';
    state.waitType = '';
  }

  async #reach(
    request: RequestContext,
    when: 'before' | 'after',
    written: readonly string[],
  ): Promise<void> {
    for (const name of written) {
      const reached = this.#instance.reach(request, { when, what: 'commit', name });
      if (reached === null) continue;
      await reached;
      if (request.signal.aborted) throw new Cancelled('attention');
    }
  }

  #commitOne(
    request: RequestContext,
    name: string,
    transaction: StoreTransaction,
  ): Promise<CommitOutcome> | null {
    if (transaction.empty) {
      transaction.rollback();
      return null;
    }
    const payload = transaction.seal();
    if (payload.operations.length === 0) {
      transaction.rollback();
      return null;
    }
    const start = this.#instance.commit(request, name, payload);
    if (start.kind === 'refused') throw new SqlError(start.error);
    transaction.commit();
    return start.outcome;
  }

  /** Forgets everything. */
  rollback(request: Pick<RequestContext, 'identity' | 'state'>): void {
    this.#undoMemory(0, false);
    for (const { transaction } of this.#writers.values()) transaction.rollback();
    this.#forget(request);
  }

  #undoMemory(length: number, lasting: boolean): void {
    while (this.#memory.length > length) {
      const entry = this.#memory.pop();
      if (entry !== undefined && (lasting || !entry.lasting)) entry.undo();
    }
  }

  #forget(request: Pick<RequestContext, 'identity' | 'state'>): void {
    const was = this.count;
    this.#writers.clear();
    this.#memory.length = 0;
    this.#savepoints.length = 0;
    this.count = 0;
    this.doomed = false;
    this.descriptor = 0n;
    this.name = null;
    request.state.openTransactions = 0;
    if (was > 0) this.#instance.transactionEnded(request.identity);
  }
}
