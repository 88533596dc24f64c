/** Sessions on the instances of a lab in this process, without sockets: T-SQL in, plain rows out. */

import assert from 'node:assert/strict';

import { unreachable } from '../../src/base/assert.ts';
import type { LoginRequest, ResponseSink, ServerMessage } from '../../src/lab/session.ts';
import type { World } from '../../src/lab/world/world.ts';
import type { Column, SqlValue } from '../../src/tds/sql-type.ts';

/** A value as tests like to compare it: decimals as their digits, bytes as hexadecimal, times as days and ticks. */
export type PlainValue = Exclude<SqlValue, object> | null;

/** One rowset. */
export interface Rowset {
  readonly columns: readonly Column[];
  readonly rows: readonly Readonly<Record<string, PlainValue>>[];
}

/** What a batch answered. */
export interface BatchAnswer {
  readonly rowsets: readonly Rowset[];
  readonly errors: readonly ServerMessage[];
}

/** A session of a login. */
export interface WorldSession {
  /** The whole answer, errors and all. */
  batch(text: string): Promise<BatchAnswer>;
  /** Rows of the first rowset; an error fails the test. */
  rows(text: string): Promise<Rowset['rows']>;
  /** Runs it; an error fails the test. */
  run(text: string): Promise<void>;
  close(): void;
}

const REQUEST: Omit<LoginRequest, 'user' | 'password' | 'serverName'> = {
  database: '',
  applicationName: 'test',
  hostName: 'test-host',
  clientInterfaceName: 'in process',
  hostProcessId: 1,
  readOnlyIntent: false,
  clientAddress: '127.0.0.1',
  serverAddress: '127.0.0.1',
  serverPort: 1433,
  encrypted: true,
  tdsVersion: 0x74_00_00_04,
};

/** Logs in; a refused login fails the test. */
export async function worldSession(
  world: World,
  serverName: string,
  login: { readonly user: string; readonly password: string },
): Promise<WorldSession> {
  const outcome = await world.endpoint(serverName).login({ ...REQUEST, serverName, ...login });
  assert.equal(outcome.kind, 'accepted', JSON.stringify(outcome.messages));
  assert.ok(outcome.kind === 'accepted');
  const { session } = outcome;
  const batch = async (text: string): Promise<BatchAnswer> => {
    const collector = collect();
    await session.batch(text, collector.sink, new AbortController().signal);
    return collector.answer();
  };
  const checked = async (text: string): Promise<BatchAnswer> => {
    const answer = await batch(text);
    assert.deepEqual(answer.errors, [], text);
    return answer;
  };
  return {
    batch,
    rows: async (text) => (await checked(text)).rowsets[0]?.rows ?? [],
    run: async (text) => void (await checked(text)),
    close: () => session.close(),
  };
}

function collect(): { readonly sink: ResponseSink; readonly answer: () => BatchAnswer } {
  const rowsets: { columns: readonly Column[]; rows: Record<string, PlainValue>[] }[] = [];
  const errors: ServerMessage[] = [];
  const sink: ResponseSink = {
    columns: (columns) => void rowsets.push({ columns, rows: [] }),
    row(values) {
      const current = rowsets.at(-1);
      assert.ok(current !== undefined, 'a row without columns');
      current.rows.push(
        Object.fromEntries(
          current.columns.map((column, index) => [column.name, plain(values[index] ?? null)]),
        ),
      );
    },
    message(message) {
      if (message.severity > 10) errors.push(message);
    },
    done: () => undefined,
    databaseChanged: () => undefined,
    transactionChanged: () => undefined,
    returnStatus: () => undefined,
    returnValue: () => undefined,
    drain: () => Promise.resolve(),
  };
  return { sink, answer: () => ({ rowsets, errors }) };
}

function plain(value: SqlValue): PlainValue {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  switch (value.kind) {
    case 'decimal':
      return value.unscaled;
    case 'variant':
      return plain(value.value);
    case 'datetime':
      return `${value.days}:${value.ticks}`;
  }
  return unreachable(value);
}
