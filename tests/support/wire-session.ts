/**
 * A small endpoint behind the `LabSession` seam: it understands a handful of test commands instead
 * of T-SQL, so that tests of the wire need nothing of `lab/tsql`.
 */

import { realClock } from './real-clock.ts';
import type {
  ClientLink,
  EncryptionOffer,
  LabEndpoint,
  LabSession,
  LoginRequest,
  ResponseSink,
  RpcCall,
  ServerMessage,
  TransactionRequest,
} from '../../src/lab/session.ts';
import type { Column, SqlValue } from '../../src/tds/sql-type.ts';

/** Rows of a canned query. */
export interface CannedRowset {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly SqlValue[])[];
}

/** An error of severity 16 unless told otherwise. */
export function errorMessage(number: number, text: string, severity = 16): ServerMessage {
  return { number, state: 1, severity, text, procedure: '', line: 1 };
}

/** A session of the endpoint. */
export class WireSession implements LabSession {
  readonly sessionId: number;
  readonly database: string;
  readonly endpoint: WireEndpoint;
  readonly batches: string[] = [];
  readonly calls: RpcCall[] = [];
  readonly transactions: TransactionRequest[] = [];
  readonly resets: boolean[] = [];
  closed = false;
  end: (message: ServerMessage | null) => void = () => undefined;
  #descriptor = 0n;

  constructor(endpoint: WireEndpoint, sessionId: number, database: string) {
    this.endpoint = endpoint;
    this.sessionId = sessionId;
    this.database = database;
  }

  async batch(text: string, sink: ResponseSink, signal: AbortSignal): Promise<void> {
    this.batches.push(text);
    // `select 1;;select 1` is two statements for this session.
    for (const part of text.split(';;')) await this.#statement(part.trim(), sink, signal);
  }

  async #statement(text: string, sink: ResponseSink, signal: AbortSignal): Promise<void> {
    const canned = this.endpoint.canned.get(text.toLowerCase());
    if (canned !== undefined) return this.#rowset(canned, sink);
    const [verb = '', argument = ''] = text.toLowerCase().split(' ');
    switch (verb) {
      case 'select':
        return this.#rowset(
          {
            columns: [{ name: '', type: { kind: 'int' }, nullable: false }],
            rows: [[Number(argument)]],
          },
          sink,
        );
      case 'length':
        return this.#rowset(
          {
            columns: [{ name: 'n', type: { kind: 'int' }, nullable: false }],
            rows: [[text.length]],
          },
          sink,
        );
      case 'rows':
        return this.#rows(Number(argument), sink, signal);
      case 'wait':
        sink.columns([{ name: 'n', type: { kind: 'int' }, nullable: false }]);
        sink.row([1]);
        this.endpoint.started();
        return new Promise((_resolve, reject) => {
          const stop = (): void => reject(new Error('cancelled'));
          if (signal.aborted) stop();
          else signal.addEventListener('abort', stop);
        });
      case 'silent':
        this.endpoint.started();
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
      case 'fail':
        sink.message(errorMessage(Number(argument), 'failed as asked'));
        return sink.done({ failed: true, command: 0xfd });
      case 'fatal':
        return sink.message(errorMessage(Number(argument), 'fatal as asked', 20));
      case 'bug':
        throw new TypeError('a bug in the session');
      case 'use':
        sink.databaseChanged('master', argument);
        return sink.done({ failed: false, command: 0xfd });
      case 'begin':
        await this.transaction({ kind: 'begin', isolation: 2, name: '' }, sink);
        return undefined;
      case '':
        return undefined;
      default:
        sink.done({ failed: false, command: 0xfd });
        return undefined;
    }
  }

  #rowset(canned: CannedRowset, sink: ResponseSink): void {
    sink.columns(canned.columns);
    for (const row of canned.rows) sink.row(row);
    sink.done({ rowCount: BigInt(canned.rows.length), failed: false, command: 0xc1 });
  }

  async #rows(count: number, sink: ResponseSink, signal: AbortSignal): Promise<void> {
    sink.columns([
      { name: 'id', type: { kind: 'int' }, nullable: false },
      { name: 'text', type: { kind: 'nvarchar', length: 100 }, nullable: true },
    ]);
    for (let index = 0; index < count; index += 1) {
      if (signal.aborted) throw new Error('cancelled');
      sink.row([index, `row ${index} of ${count}`]);
      if (index % 200 === 199) await sink.drain();
      this.endpoint.rowsSent = index + 1;
    }
    sink.done({ rowCount: BigInt(count), failed: false, command: 0xc1 });
  }

  /** `echo`: every parameter comes back as a column and, when it is one, as output parameter. */
  async rpc(call: RpcCall, sink: ResponseSink, signal: AbortSignal): Promise<void> {
    this.calls.push(call);
    if (call.procedure === 'sp_executesql') {
      const [statement] = call.parameters;
      if (typeof statement?.value === 'string' && statement.value !== 'echo')
        return this.batch(statement.value, sink, signal);
    }
    const values = call.procedure === 'sp_executesql' ? call.parameters.slice(2) : call.parameters;
    sink.columns(
      values.map((parameter) => ({
        name: parameter.name.slice(1),
        type: parameter.type,
        nullable: true,
      })),
    );
    sink.row(values.map((parameter) => parameter.value));
    sink.done({ rowCount: 1n, failed: false, command: 0xc1 });
    sink.returnStatus(0);
    for (const parameter of values)
      if (parameter.output) sink.returnValue(parameter.name, parameter.type, parameter.value);
  }

  async transaction(request: TransactionRequest, sink: ResponseSink): Promise<void> {
    this.transactions.push(request);
    const begin = (): void => {
      this.#descriptor += 1n;
      sink.transactionChanged('began', this.#descriptor);
    };
    switch (request.kind) {
      case 'begin':
        begin();
        break;
      case 'commit':
      case 'rollback':
        sink.transactionChanged(
          request.kind === 'commit' ? 'committed' : 'rolled-back',
          this.#descriptor,
        );
        if (request.beginAgain) begin();
        break;
      case 'save':
        break;
    }
    sink.done({ failed: false, command: 0xfd });
  }

  async reset(keepTransaction: boolean): Promise<void> {
    this.resets.push(keepTransaction);
  }

  close(): void {
    this.closed = true;
    this.endpoint.notify();
  }

  onEnded(callback: (message: ServerMessage | null) => void): void {
    this.end = callback;
  }
}

/** The endpoint; tests set its fields before they connect. */
export class WireEndpoint implements LabEndpoint {
  readonly serverName = 'OnPremNode';
  readonly version = { major: 16, minor: 0, build: 4135 };
  encryption: EncryptionOffer;
  readonly canned = new Map<string, CannedRowset>();
  readonly sessions: WireSession[] = [];
  readonly logins: LoginRequest[] = [];
  rowsSent = 0;
  #link: ClientLink = { delayMs: 0, state: 'open' };
  #linkCallbacks = new Set<() => void>();
  #wake: (() => void)[] = [];
  #startedCount = 0;

  constructor(encryption: EncryptionOffer) {
    this.encryption = encryption;
  }

  async login(request: LoginRequest) {
    this.logins.push(request);
    if (request.password !== 'Passw0rd!')
      return {
        kind: 'refused',
        messages: [errorMessage(18456, `Login failed for user '${request.user}'.`, 14)],
      } as const;
    const database = request.database === '' ? 'master' : request.database;
    const session = new WireSession(this, 51 + this.sessions.length, database);
    this.sessions.push(session);
    return { kind: 'accepted', session, messages: [] } as const;
  }

  link(): ClientLink {
    return this.#link;
  }

  setLink(link: Partial<ClientLink>): void {
    this.#link = { ...this.#link, ...link };
    for (const callback of this.#linkCallbacks) callback();
  }

  onLinkChanged(callback: () => void): () => void {
    this.#linkCallbacks.add(callback);
    return () => this.#linkCallbacks.delete(callback);
  }

  /** A `wait` or `silent` request is running. */
  started(): void {
    this.#startedCount += 1;
    this.notify();
  }

  get startedCount(): number {
    return this.#startedCount;
  }

  notify(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }

  /** Waits for a condition that `notify` announces; fails after five seconds. */
  async until(condition: () => boolean, what: string): Promise<void> {
    const limit = realClock.now() + 5000;
    const cancel = realClock.schedule(5000, () => this.notify());
    while (!condition()) {
      if (realClock.now() >= limit) throw new Error(`waited in vain for ${what}`);
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
    cancel();
  }
}
