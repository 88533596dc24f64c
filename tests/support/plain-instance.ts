/**
 * A standalone instance without availability groups, for tests of the T-SQL engine: every commit is
 * acknowledged at once, a database can be closed or made read-only, commits are recorded.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type {
  CatalogRowset,
  CommitOutcome,
  Instance,
  SessionIdentity,
  SessionState,
} from '../../src/lab/instance.ts';
import { systemClock } from '../../src/adapters/clock.ts';
import type { ResponseSink, ServerMessage } from '../../src/lab/session.ts';
import { SqlAgent } from '../../src/lab/agent/agent.ts';
import { createDatabase } from '../../src/lab/store/database.ts';
import type { Database } from '../../src/lab/store/database.ts';
import type { LogPayload } from '../../src/lab/store/database-store.ts';
import type { InterpreterSession } from '../../src/lab/tsql/run/session.ts';
import { makeSession } from '../../src/lab/tsql/run/session.ts';
import { serverMessage } from '../../src/lab/tsql/message.ts';
import type { Column, SqlValue } from '../../src/tds/sql-type.ts';

/** Everything an instance of the tests offers. */
export interface PlainInstance extends Instance {
  readonly databases: Map<string, PlainDatabase>;
  /** Payloads in commit order. */
  readonly log: LogPayload[];
  /** Opens a session in a database. */
  connect(database?: string): TestSession;
  close(): void;
}

/** A database of the plain instance; tests change its state. */
export interface PlainDatabase {
  readonly id: number;
  readonly name: string;
  readonly store: Database;
  writable: boolean;
  refused: ServerMessage | null;
  /** Outcome of the next commits. */
  outcome: Promise<CommitOutcome> | null;
  refuseCommit: ServerMessage | null;
}

/** What a batch answered. */
export interface Answer {
  readonly sets: { readonly columns: readonly Column[]; readonly rows: (readonly SqlValue[])[] }[];
  readonly errors: ServerMessage[];
  readonly messages: ServerMessage[];
  readonly counts: (bigint | null)[];
  readonly outputs: Map<string, SqlValue>;
  readonly changes: string[];
  status: number | null;
}

/** A session that collects its answers. */
export interface TestSession {
  readonly session: InterpreterSession;
  readonly state: SessionState;
  readonly ended: (ServerMessage | null)[];
  run(text: string, signal?: AbortSignal): Promise<Answer>;
  /** Rows of the only result set; throws when there was an error. */
  rows(text: string): Promise<(readonly SqlValue[])[]>;
  rpc(
    procedure: string,
    parameters: Parameters<InterpreterSession['rpc']>[0]['parameters'],
  ): Promise<Answer>;
}

/** Makes the answer of one request and the sink that fills it. */
export function collect(): { answer: Answer; sink: ResponseSink } {
  const answer: Answer = {
    sets: [],
    errors: [],
    messages: [],
    counts: [],
    outputs: new Map(),
    changes: [],
    status: null,
  };
  const sink: ResponseSink = {
    columns: (columns) => void answer.sets.push({ columns, rows: [] }),
    row: (values) => void answer.sets.at(-1)?.rows.push(values),
    done: (done) => void answer.counts.push(done.rowCount ?? null),
    message: (message) =>
      void (message.severity > 10 ? answer.errors : answer.messages).push(message),
    databaseChanged: (from, to) => void answer.changes.push(`${from}>${to}`),
    transactionChanged: (change) => void answer.changes.push(change),
    returnStatus: (status) => {
      answer.status = status;
    },
    returnValue: (name, _type, value) => void answer.outputs.set(name, value),
    drain: () => Promise.resolve(),
  };
  return { answer, sink };
}

/** Makes an instance with the databases master, tempdb, and `names`. */
export function plainInstance(...names: string[]): PlainInstance {
  const folder = mkdtempSync(join(tmpdir(), 'sqlferry-plain-'));
  const databases = new Map<string, PlainDatabase>();
  ['master', 'tempdb', ...names].forEach((name, i) => {
    const path = i < 2 ? null : join(folder, `${name}.db`);
    databases.set(name.toLowerCase(), {
      id: i + 1,
      name,
      store: createDatabase(path),
      writable: true,
      refused: null,
      outcome: null,
      refuseCommit: null,
    });
  });
  const log: LogPayload[] = [];
  const locks = new Map<string, number>();
  let sessions = 50;
  const rowset = (columns: readonly Column[], rows: () => SqlValue[][]): CatalogRowset => ({
    columns,
    rows,
  });
  const databaseColumns: Column[] = [
    { name: 'name', type: { kind: 'nvarchar', length: 128 }, nullable: false },
    { name: 'database_id', type: { kind: 'int' }, nullable: false },
  ];
  const find = (name: string): PlainDatabase | undefined => databases.get(name.toLowerCase());
  const instance: PlainInstance = {
    databases,
    log,
    release: 2022,
    serverName: 'PLAIN',
    clock: systemClock,
    random: { next: () => 0.5, guid: () => randomUUID().toUpperCase() },
    serverProperty: (name) =>
      name === 'ServerName'
        ? { kind: 'variant', type: { kind: 'nvarchar', length: 128 }, value: 'PLAIN' }
        : null,
    databaseProperty: () => null,
    versionText: () => 'sqlferry plain test instance',
    certificate: () => null,
    defaultDomain: () => null,
    databaseId: (name) => find(name)?.id ?? null,
    databaseName: (id) =>
      [...databases.values()].find((database) => database.id === id)?.name ?? null,
    hasPermission: () => 1,
    isServerRoleMember: () => 1,
    catalogRowset: (identity, name) => {
      const key = `${name.schema}.${name.name}`.toLowerCase();
      if (key === 'sys.databases')
        return rowset(databaseColumns, () =>
          [...databases.values()].map((database) => [database.name, database.id]),
        );
      if (key === 'sys.dm_exec_sessions')
        return rowset([{ name: 'session_id', type: { kind: 'smallint' }, nullable: false }], () => [
          [identity.sessionId],
        ]);
      return undefined;
    },
    withStated: (_identity, _name, same) => same,
    catalogFunction: (_identity, name, values) =>
      name.name.toLowerCase() === 'fn_hadr_is_primary_replica'
        ? rowset([{ name: '', type: { kind: 'bit' }, nullable: true }], () => [
            [find(typeof values[0] === 'string' ? values[0] : '') === undefined ? null : true],
          ])
        : undefined,
    openDatabase: (_identity, name) => {
      const database = find(name);
      if (database === undefined) return { kind: 'refused', error: serverMessage(911, name) };
      if (database.refused !== null) return { kind: 'refused', error: database.refused };
      return { kind: 'open', store: database.store, writable: database.writable };
    },
    administer: () => Promise.resolve(null),
    commit: (_request, name, payload) => {
      const database = find(name);
      if (database?.refuseCommit !== null && database?.refuseCommit !== undefined)
        return { kind: 'refused', error: database.refuseCommit };
      log.push(payload);
      return {
        kind: 'hardened',
        outcome: database?.outcome ?? Promise.resolve({ kind: 'acknowledged' }),
      };
    },
    agent: new SqlAgent({
      clock: systemClock,
      random: { next: () => 0.5, guid: () => randomUUID().toUpperCase() },
      serverName: 'PLAIN',
      connect: () => serverMessage(49_901, 'job steps of the plain instance'),
    }),
    applicationLockMode: () => 'NoLock',
    testApplicationLock: () => true,
    reach: () => null,
    applicationLock: (request, lock) => {
      const owner = locks.get(lock.resource);
      if (owner !== undefined && owner !== request.identity.sessionId) return Promise.resolve(-1);
      locks.set(lock.resource, request.identity.sessionId);
      return Promise.resolve(0);
    },
    releaseApplicationLock: (identity, lock) =>
      locks.get(lock.resource) === identity.sessionId && locks.delete(lock.resource) ? 0 : -999,
    transactionEnded: () => undefined,
    kill: () => null,
    connect: (database = names[0] ?? 'master') => {
      sessions += 1;
      return connect(instance, sessions, database);
    },
    close: () => {
      for (const database of databases.values()) database.store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return instance;
}

function connect(instance: Instance, sessionId: number, database: string): TestSession {
  const identity: SessionIdentity = {
    sessionId,
    loginName: 'sa',
    hostName: 'test',
    programName: 'test',
    clientInterfaceName: 'test',
    hostProcessId: 1,
    clientAddress: '127.0.0.1',
    serverAddress: '127.0.0.1',
    serverPort: 1433,
    encrypted: true,
    readOnlyIntent: false,
    loginTime: 0,
  };
  const state: SessionState = {
    database,
    openTransactions: 0,
    status: 'sleeping',
    currentBatch: '',
    waitType: '',
    lastRequestStart: 0,
    lastRequestEnd: 0,
    contextInfo: null,
  };
  const session = makeSession({ instance, identity, state });
  const ended: (ServerMessage | null)[] = [];
  session.onEnded((message) => ended.push(message));
  const never = new AbortController().signal;
  const run = async (text: string, signal: AbortSignal = never): Promise<Answer> => {
    const { answer, sink } = collect();
    await session.batch(text, sink, signal);
    return answer;
  };
  return {
    session,
    state,
    ended,
    run,
    rows: async (text) => {
      const answer = await run(text);
      const [error] = answer.errors;
      if (error !== undefined)
        throw new Error(`${error.number}: ${error.text} (line ${error.line}) in ${text}`);
      return answer.sets.at(-1)?.rows ?? [];
    },
    rpc: async (procedure, parameters) => {
      const { answer, sink } = collect();
      await session.rpc({ procedure, parameters }, sink, never);
      return answer;
    },
  };
}
