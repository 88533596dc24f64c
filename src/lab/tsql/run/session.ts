/** Makes the sessions of an instance: the T-SQL interpreter behind the seam to the sockets. */

import type { SqlType, SqlValue } from '../../../tds/sql-type.ts';
import type { Instance, SessionIdentity, SessionState } from '../../instance.ts';
import type {
  LabSession,
  ResponseSink,
  RpcCall,
  ServerMessage,
  TransactionRequest,
} from '../../session.ts';
import { SqlError } from '../message.ts';
import type { Argument } from '../procedure/procedure.ts';
import { BatchAborted } from './batch-aborted.ts';
import { Cancelled } from './cancelled.ts';
import type { Request, SessionContext } from './context.ts';
import { initialOptions, makeContext } from './context.ts';
import { callProcedure } from './execute.ts';
import { endBatch, failRequest, runText } from './interpreter.ts';
import { checkCancelled } from './rows.ts';
import { sendRowset } from './send-rowset.ts';
import { SessionEnded } from './session-transaction.ts';
import {
  beginTransaction,
  commitTransaction,
  rollbackTransaction,
} from './transaction-statement.ts';

/** What a session is made of. */
export interface SessionOptions {
  readonly instance: Instance;
  readonly identity: SessionIdentity;
  /** Written by the session, read by the catalog; its `database` is the current one. */
  readonly state: SessionState;
}

/** A session with what the instance needs to end it. */
export interface InterpreterSession extends LabSession {
  /** Ends the session from the server's side (KILL, role change, crash): rolls back, then cuts the socket. */
  end(message: ServerMessage | null): void;
}

/** Makes a logged-in session. */
export function makeSession(options: SessionOptions): InterpreterSession {
  return new Session(options);
}

class Session implements InterpreterSession {
  readonly #context: SessionContext;
  readonly #loginDatabase: string;
  #running: AbortController | null = null;
  #ended = false;
  #callback: ((message: ServerMessage | null) => void) | null = null;

  constructor(options: SessionOptions) {
    this.#context = makeContext(options.instance, options.identity, options.state);
    this.#loginDatabase = options.state.database;
  }

  get sessionId(): number {
    return this.#context.identity.sessionId;
  }

  get database(): string {
    return this.#context.state.database;
  }

  async batch(text: string, sink: ResponseSink, signal: AbortSignal): Promise<void> {
    await this.#serve({ sink, signal, text }, (request) => runText(request, text));
  }

  async rpc(call: RpcCall, sink: ResponseSink, signal: AbortSignal): Promise<void> {
    await this.#serve({ sink, signal, text: textOfCall(call) }, async (request) => {
      const outputs: { name: string; type: SqlType; value: SqlValue }[] = [];
      const given = call.parameters.map((parameter): Argument => {
        const slot = { name: parameter.name, type: parameter.type, value: parameter.value };
        if (parameter.output) outputs.push(slot);
        return {
          ...parameter,
          assign: (value, type) => {
            slot.value = value;
            slot.type = type;
          },
        };
      });
      const status = await callProcedure(
        request,
        { name: call.procedure, arguments: given },
        runText,
      );
      sink.returnStatus(status);
      for (const output of outputs) sink.returnValue(output.name, output.type, output.value);
    });
  }

  async transaction(
    asked: TransactionRequest,
    sink: ResponseSink,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#serve({ sink, signal, text: '' }, async (request) => {
      switch (asked.kind) {
        case 'begin':
          beginTransaction(request);
          break;
        case 'commit':
          await commitTransaction(request);
          if (asked.beginAgain) beginTransaction(request);
          break;
        case 'rollback':
          rollbackTransaction(request, asked.name === '' ? null : asked.name);
          if (asked.beginAgain) beginTransaction(request);
          break;
        case 'save':
          this.#context.transaction.save(asked.name);
      }
      sink.done({ failed: false, command: 0xfd });
    });
  }

  async reset(keepTransaction: boolean): Promise<void> {
    const { transaction, state } = this.#context;
    if (!keepTransaction) transaction.rollback(this.#context);
    this.#context.options = initialOptions();
    this.#context.temporaryTables.clear();
    this.#context.sessionContext.clear();
    this.#context.prepared.clear();
    this.#context.rowCount = 0n;
    this.#context.lastError = 0;
    state.contextInfo = null;
    state.database = this.#loginDatabase;
    return Promise.resolve();
  }

  close(): void {
    this.#ended = true;
    this.#running?.abort();
    this.#context.transaction.rollback(this.#context);
    this.#context.temporaryTables.clear();
  }

  end(message: ServerMessage | null): void {
    if (this.#ended) return;
    this.close();
    this.#callback?.(message);
  }

  onEnded(callback: (message: ServerMessage | null) => void): void {
    this.#callback = callback;
  }

  async #serve(
    asked: { sink: ResponseSink; signal: AbortSignal; text: string },
    run: (request: Request) => Promise<void>,
  ): Promise<void> {
    if (this.#ended) return;
    const { state, instance } = this.#context;
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    if (asked.signal.aborted) abort();
    asked.signal.addEventListener('abort', abort, { once: true });
    this.#running = controller;
    state.status = 'running';
    state.currentBatch = asked.text;
    state.lastRequestStart = instance.clock.now();
    const request = this.#request(asked.sink, controller.signal);
    const point = { what: 'batch', name: asked.text } as const;
    try {
      const before = instance.reach(request, { ...point, when: 'before' });
      if (before !== null) await before;
      checkCancelled(request);
      await run(request);
      endBatch(request);
      const after = instance.reach(request, { ...point, when: 'after' });
      if (after !== null) await after;
    } catch (error) {
      this.#fail(request, error);
    } finally {
      this.#context.scopeIdentity = request.scopeIdentity;
      asked.signal.removeEventListener('abort', abort);
      this.#running = null;
      state.status = 'sleeping';
      state.currentBatch = '';
      state.waitType = '';
      state.lastRequestEnd = instance.clock.now();
    }
  }

  #request(sink: ResponseSink, signal: AbortSignal): Request {
    const context = this.#context;
    return {
      identity: context.identity,
      state: context.state,
      inform: (message) => sink.message(message),
      result: (rowset) => sendRowset(sink, rowset),
      signal,
      session: context,
      sink,
      variables: new Map(),
      tableVariables: new Map(),
      scopeIdentity: context.scopeIdentity,
      error: null,
      tryDepth: 0,
      depth: 0,
      procedure: '',
      returnStatus: 0,
    };
  }

  /** What ends a request: cancellation is silent, an error was sent or is sent now, a lost commit ends the session. */
  #fail(request: Request, error: unknown): void {
    const { transaction, options } = this.#context;
    if (error instanceof BatchAborted) {
      endBatch(request);
      return;
    }
    if (error instanceof SessionEnded) {
      this.end(error.outcome.message);
      return;
    }
    if (error instanceof Cancelled) {
      if (transaction.count === 0 || options.xactAbort) transaction.rollback(this.#context);
      return;
    }
    if (error instanceof SqlError) {
      failRequest(request, error);
      return;
    }
    transaction.rollback(this.#context);
    throw error;
  }
}

/** The statement of sp_executesql, which is what a server shows as the running text; else the procedure's name. */
function textOfCall({ procedure, parameters }: RpcCall): string {
  const value = parameters[0]?.value;
  return /(?:^|\.)\[?sp_executesql\]?$/iu.test(procedure) && typeof value === 'string'
    ? value
    : procedure;
}
