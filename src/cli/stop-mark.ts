/**
 * Stopping the program at a named mark, so that tests can kill or wake it exactly there.
 *
 * Only with the environment variable `SQLFERRY_STOP_AT`; otherwise nothing of this file is in the way.
 * The marks lie around every act, on both sides of every journal write:
 *
 *     before    the act is decided; neither the journal nor the server knows of it
 *     intent    it is on disk; the server knows nothing
 *     reply     the server has answered; the answer is not on disk
 *     outcome   the answer is on disk; nothing has followed from it
 *
 * `SQLFERRY_STOP_AT` is a mark, or a mark with an act (`reply:demote`), or with its side too
 * (`before:disable-login:source`). The process says where it stands on stderr and stops itself with
 * SIGSTOP, at the first such place; SIGCONT lets it go on, as if a laptop had woken up. `every` stops it
 * at all four marks of every act.
 */

import { writeSync } from 'node:fs';

import { fail, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import type { Problem } from '../model/problem.ts';
import type { Journal, JournalEntry } from '../ports/journal.ts';

/** The variable that turns the marks on. */
export const stopVariable = 'SQLFERRY_STOP_AT';

const POINTS = ['before', 'intent', 'reply', 'outcome'] as const;

/** A place beside an act. */
export type StopPoint = (typeof POINTS)[number];

/** Where to stop; a null matches everything. */
export interface StopMark {
  /** `every`: at all of them, again and again. */
  readonly point: StopPoint | 'every';
  readonly act: string | null;
  readonly side: string | null;
}

/** Reads the variable; a word that is no mark is an error, or a test would wait for ever. */
export function readStopMark(text: string): Result<StopMark, Problem> {
  const [word, act, side, ...rest] = text.split(':');
  const point = [...POINTS, 'every' as const].find((known) => known === word);
  const isSide = side === undefined || side === 'source' || side === 'target';
  if (point === undefined || act === '' || !isSide || rest.length > 0) {
    return fail({
      code: 'SF-CLI-008',
      summary: `${stopVariable} is ${text}; allowed: ${POINTS.join(', ')} or every, with an act and a side after colons.`,
      because: [],
      remedy: `Unset ${stopVariable}: only tests of sqlferry itself need it.`,
    });
  }
  return ok({ point, act: act ?? null, side: side ?? null });
}

/** The same journal, stopping once at the mark. `stop` is called with the place in words. */
export function journalWithStop(
  journal: Journal,
  mark: StopMark,
  stop: (place: string) => void = stopThisProcess,
): Journal {
  let stopped = false;
  const pass = (point: StopPoint, { data }: JournalEntry): void => {
    const { kind, side } = data;
    if (mark.point !== 'every' && (stopped || point !== mark.point)) return;
    if (mark.act !== null && mark.act !== kind) return;
    if (mark.side !== null && mark.side !== side) return;
    stopped = true;
    stop(`${point}:${String(kind)}:${String(side)}`);
  };
  return {
    append(entry) {
      if (entry.kind === 'intent') pass('before', entry);
      if (entry.kind === 'outcome') pass('reply', entry);
      journal.append(entry);
      if (entry.kind === 'intent') pass('intent', entry);
      if (entry.kind === 'outcome') pass('outcome', entry);
    },
    entries: () => journal.entries(),
    close: () => journal.close(),
  };
}

/** Says where and stops; returns when somebody sends SIGCONT. */
function stopThisProcess(place: string): void {
  writeSync(2, `stopped at ${place}\n`);
  process.kill(process.pid, 'SIGSTOP');
}
