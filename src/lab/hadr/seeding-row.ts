/** Writing the rows of the two seeding views. */

import type { SeedingHistoryRow, SeedingStream } from './seeding-state.ts';
import { changeInstance, instanceAt } from './turn.ts';
import type { Turn } from './turn.ts';

/** `failure_state_desc` by `failure_state` (Microsoft Learn, sys.dm_hadr_automatic_seeding). */
const seedingFailures: readonly string[] = [
  'Internal Error',
  'User Cancellation',
  'SQL Error',
  'Request Denied',
  'Thread Abort',
  'Primary Failure',
  'Transport',
  'Transport Replica',
  'Check If Seeding Needed',
  'Send Database File Info',
  'Create Callback',
  'Create Operation',
  'Create VDI Client',
  'Open VDI Client',
  'Create USC Session',
  'Seeding',
  'Restore String Creation',
  'Database ID Lookup',
  'Create Async Task',
  'Create Timeout Task',
  'Async Task Failure',
  'Seeding Check Message Timeout',
  'File Message Timeout',
  'Database With Name Already Exists',
  'Secondary Catchup Timeout',
  'Secondary Restore Stream Ready Timeout',
];

/** Rows kept per instance: the views of a real server grow until its restart, the lab's have an end. */
const keptRows = 2_000;

/** Adds a row to the history. */
export function addHistory(turn: Turn, instance: string, row: SeedingHistoryRow): void {
  const { seedingHistory } = instanceAt(turn, instance);
  changeInstance(turn, instance, { seedingHistory: [...seedingHistory, row].slice(-keptRows) });
}

/** Changes the row of an operation. */
export function changeHistory(
  turn: Turn,
  at: { readonly instance: string; readonly operation: string },
  change: Partial<SeedingHistoryRow>,
): void {
  const { seedingHistory } = instanceAt(turn, at.instance);
  changeInstance(turn, at.instance, {
    seedingHistory: seedingHistory.map((row) =>
      row.operationId === at.operation ? { ...row, ...change } : row,
    ),
  });
}

/** Ends the row of an operation with a failure. */
export function failHistory(
  turn: Turn,
  at: { readonly instance: string; readonly operation: string },
  failure: { readonly state: number; readonly errorCode: number | null },
): void {
  const text = seedingFailures[failure.state] ?? 'Internal Error';
  changeHistory(turn, at, {
    phase: 'FAILED',
    completedAt: turn.at,
    failure: { state: failure.state, errorCode: failure.errorCode, text },
  });
  changeStream(turn, at, {
    state: 'Failed',
    endedAt: turn.at,
    failure: { code: failure.errorCode ?? 0, text, at: turn.at },
  });
}

/** Shows a stream; an older one of the same database, group and partner goes. */
export function addStream(turn: Turn, instance: string, stream: SeedingStream): void {
  const others = instanceAt(turn, instance).seedingStreams.filter(
    (other) =>
      other.database !== stream.database ||
      other.distributedGroup !== stream.distributedGroup ||
      other.remoteUrl !== stream.remoteUrl,
  );
  changeInstance(turn, instance, { seedingStreams: [...others, stream] });
}

/** Changes the stream of an operation; nothing when it is not shown. */
export function changeStream(
  turn: Turn,
  at: { readonly instance: string; readonly operation: string },
  change: Partial<SeedingStream>,
): void {
  const { seedingStreams } = instanceAt(turn, at.instance);
  if (!seedingStreams.some((stream) => stream.operationId === at.operation)) return;
  changeInstance(turn, at.instance, {
    seedingStreams: seedingStreams.map((stream) =>
      stream.operationId === at.operation ? { ...stream, ...change } : stream,
    ),
  });
}

/** The stream of an operation. */
export function streamOf(
  turn: Turn,
  at: { readonly instance: string; readonly operation: string },
): SeedingStream | undefined {
  return instanceAt(turn, at.instance).seedingStreams.find(
    (stream) => stream.operationId === at.operation,
  );
}
