/**
 * An instance that gives a recorded answer of the lab to the batch of `assess`, for as many databases as
 * one likes: what costs the lab minutes is there at once, and what is measured is the tool.
 *
 * The answer was given by the lab for one database; rows and rowsets about that database are repeated
 * under other names. Everything else about the wire is the lab's own listener.
 */

import type {
  LabEndpoint,
  LabSession,
  ResponseSink,
  ServerMessage,
} from '../../src/lab/session.ts';
import type { Column, SqlValue } from '../../src/tds/sql-type.ts';

/** Name of the database that was recorded. */
export const RECORDED_DATABASE = 'Recorded';

/** One rowset with its types. */
export interface RecordedSet {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly SqlValue[])[];
}

/** Everything that was answered, in order. */
export type Recording = readonly (RecordedSet | { readonly message: ServerMessage })[];

/** Asks a session of the lab and keeps the answer. */
export async function recordAnswer(session: LabSession, text: string): Promise<Recording> {
  const recording: (
    | { columns: readonly Column[]; rows: (readonly SqlValue[])[] }
    | { message: ServerMessage }
  )[] = [];
  const nothing = (): void => {};
  await session.batch(
    text,
    {
      columns: (columns) => recording.push({ columns, rows: [] }),
      row(values) {
        const open = recording.at(-1);
        if (open !== undefined && 'rows' in open) open.rows.push([...values]);
      },
      message: (message) => recording.push({ message }),
      done: nothing,
      databaseChanged: nothing,
      transactionChanged: nothing,
      returnStatus: nothing,
      returnValue: nothing,
      drain: () => Promise.resolve(),
    },
    new AbortController().signal,
  );
  return recording;
}

/** The same answer for the named databases in the place of the recorded one. */
export function multiply(recording: Recording, names: readonly string[]): Recording {
  const isInside = (each: Recording[number]): boolean =>
    'message' in each
      ? each.message.text.startsWith('database [')
      : each.columns[0]?.name === 'part_inside';
  const begin = recording.findIndex(isInside);
  const end = recording.findIndex(
    (each) => 'columns' in each && each.columns[0]?.name === 'part_end',
  );
  const first = begin < 0 ? end : begin;
  return [
    ...recording.slice(0, first).map((each) => ('message' in each ? each : repeated(each, names))),
    ...names.flatMap((name) =>
      recording.slice(first, end).map((each) => ('message' in each ? each : renamed(each, name))),
    ),
    ...recording.slice(end),
  ];
}

function repeated(set: RecordedSet, names: readonly string[]): RecordedSet {
  return {
    columns: set.columns,
    rows: set.rows.flatMap((row) =>
      row.includes(RECORDED_DATABASE) ? names.map((name) => rename(row, name)) : [row],
    ),
  };
}

function renamed(set: RecordedSet, name: string): RecordedSet {
  return { columns: set.columns, rows: set.rows.map((row) => rename(row, name)) };
}

function rename(row: readonly SqlValue[], name: string): readonly SqlValue[] {
  return row.map((value) => (value === RECORDED_DATABASE ? name : value));
}

/** An endpoint that lets everybody in and answers every batch of `assess` with the recording. */
export function recordedEndpoint(
  recording: Recording,
  link: { readonly delayMs: number },
): LabEndpoint & { readonly asked: () => number } {
  let asked = 0;
  return {
    serverName: 'Recorded',
    version: { major: 16, minor: 0, build: 4135 },
    encryption: 'required',
    link: () => ({ ...link, state: 'open' }),
    onLinkChanged: () => () => {},
    asked: () => asked,
    login: () =>
      Promise.resolve({
        kind: 'accepted',
        messages: [],
        session: recordedSession(recording, () => (asked += 1)),
      } as const),
  };
}

/** Rows between two waits for the peer. */
const ROWS_PER_DRAIN = 500;

function recordedSession(recording: Recording, onAsked: () => void): LabSession {
  const refuse = (): never => {
    throw new Error('only batches were recorded');
  };
  return {
    sessionId: 51,
    database: 'master',
    rpc: refuse,
    transaction: refuse,
    reset: () => Promise.resolve(),
    close: () => {},
    onEnded: () => {},
    async batch(text, sink) {
      if (!text.includes('part_permissions')) return sink.done({ failed: false, command: 0xfd });
      onAsked();
      await play(recording, sink);
    },
  };
}

async function play(recording: Recording, sink: ResponseSink): Promise<void> {
  let sent = 0;
  for (const each of recording) {
    if ('message' in each) {
      sink.message(each.message);
      continue;
    }
    sink.columns(each.columns);
    for (const row of each.rows) sink.row(row);
    sink.done({ failed: false, command: 0xc1, rowCount: BigInt(each.rows.length) });
    sent += each.rows.length;
    if (sent < ROWS_PER_DRAIN) continue;
    sent = 0;
    await sink.drain();
  }
}
