/**
 * The dead-man as a second process: `sqlferry watch`.
 *
 * Sends the step of the dead-man to both servers again and again, over sessions of its own that carry
 * the watcher's program name: by that the preflight of a cutover sees that somebody is on guard. The
 * step waits on the server while an epoch is fenced, so that the deadline is judged by the server's
 * clock alone; here is only the repetition.
 */

import type { MigrationSide } from '../../model/migration.ts';
import type { Problem } from '../../model/problem.ts';
import type { Side } from '../../model/side.ts';
import type { Clock } from '../../ports/clock.ts';
import { watchBatch, WATCHER_PROGRAM_NAME } from '../../sql/statement/dead-man-statement.ts';
import { decodeGaveBack } from '../../sql/statement/reply.ts';
import type { LoadedMigration } from '../config/load-migration.ts';
import { sha256 } from '../hash.ts';
import { makeLink, type InstanceLink } from './link.ts';

/** Pause between two turns of the step on one server, in milliseconds. */
const TURN_PAUSE_MS = 200;

/** Pause before a server that did not answer is tried again, in milliseconds. */
const RETRY_PAUSE_MS = 1000;

/** Longest run of the step: it ends by itself after a day. In milliseconds. */
const STEP_LIMIT_MS = 90_000_000;

/** What the watcher tells. */
export type WatchEvent =
  /** The step ran on this side for the first time, or again after the side was away. */
  | { readonly kind: 'on-guard'; readonly side: Side }
  /** The step has made this side writable again, because the epoch was abandoned. */
  | { readonly kind: 'gave-back'; readonly side: Side; readonly epoch: string }
  /** The side does not answer; it is tried again. */
  | { readonly kind: 'away'; readonly side: Side; readonly problem: Problem }
  /** The server refused the step; it is tried again. */
  | { readonly kind: 'refused'; readonly side: Side; readonly message: string };

/** What `watchDeadMan` needs. */
export interface WatchOptions {
  readonly loaded: LoadedMigration;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly emit: (event: WatchEvent) => void;
}

/** Watches both servers until the signal fires; never throws for what a server does. */
export async function watchDeadMan(options: WatchOptions): Promise<void> {
  await Promise.all([watchSide(options, 'source'), watchSide(options, 'target')]);
}

async function watchSide(options: WatchOptions, side: Side): Promise<void> {
  const { loaded, clock, signal, emit } = options;
  const { migration } = loaded;
  const own: MigrationSide = side === 'source' ? migration.source : migration.target;
  const marker = sha256(migration.distributedAvailabilityGroup.toLowerCase()).slice(0, 32);
  const settings = { ...loaded.connections[side], programName: WATCHER_PROGRAM_NAME };
  const link = makeLink(settings, clock);
  const text = watchBatch(migration, own, marker);
  let told = '';
  const tell = (event: WatchEvent, mark: string): void => {
    if (mark !== told) emit(event);
    told = mark;
  };
  try {
    while (!signal.aborted) {
      const turn = await runStep(link, text, signal);
      if (signal.aborted) return;
      if (turn.kind === 'lost') {
        tell({ kind: 'away', side, problem: turn.problem }, `away ${turn.problem.code}`);
      } else if (turn.message !== null) {
        tell({ kind: 'refused', side, message: turn.message }, `refused ${turn.message}`);
      } else {
        tell({ kind: 'on-guard', side }, 'on guard');
        if (turn.gaveBack !== null) emit({ kind: 'gave-back', side, epoch: String(turn.gaveBack) });
      }
      await clock
        .sleep(turn.kind === 'lost' ? RETRY_PAUSE_MS : TURN_PAUSE_MS, signal)
        // Rejects only when the signal fires, which the loop sees.
        .catch(() => {});
    }
  } finally {
    link.close();
  }
}

type Turn =
  | { readonly kind: 'ended'; readonly message: string | null; readonly gaveBack: bigint | null }
  | { readonly kind: 'lost'; readonly problem: Problem };

async function runStep(link: InstanceLink, text: string, signal: AbortSignal): Promise<Turn> {
  const opened = await link.open(signal);
  if (!opened.ok) return { kind: 'lost', problem: opened.error };
  const answer = await opened.value.session.execute({
    text,
    parameters: [],
    limitMs: STEP_LIMIT_MS,
    signal,
  });
  if (answer.kind === 'lost') return answer;
  return {
    kind: 'ended',
    message: answer.reply.errors[0]?.message ?? null,
    gaveBack: decodeGaveBack(answer.reply),
  };
}
