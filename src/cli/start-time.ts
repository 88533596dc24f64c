/**
 * `--at`: waits on this machine's clock and starts in time or not at all.
 *
 * A laptop that slept through the appointment must not begin an outage when it is opened again, and
 * clocks that differ are said before the wait: the time was written down by somebody's clock.
 */

import { formatUtc, parseUtc } from '../base/utc.ts';
import type { Observation } from '../model/observation.ts';
import type { Problem } from '../model/problem.ts';
import type { CliContext } from './command-module.ts';
import { duration, printable } from './output/format.ts';
import { say } from './output/report.ts';

/** Furthest start, in milliseconds from now: a week. Passwords, sessions and log grow old. */
export const START_LIMIT_MS = 7 * 86_400_000;

/** Latest start after the time, in milliseconds; later it counts as missed. */
const LATE_LIMIT_MS = 60_000;

/** Longest sleep in one piece, in milliseconds: a clock that is set in between is noticed. */
const PIECE_MS = 30_000;

/** Difference between two clocks that is worth a word, in milliseconds. */
const SKEW_MS = 5000;

/** What is wrong with a start time before anything is asked; null when nothing is. */
export function startMistake(at: number, now: number): { summary: string; remedy: string } | null {
  if (at < now) {
    return {
      summary: `--at ${formatUtc(at)} is in the past: it is ${formatUtc(now)} here.`,
      remedy: 'sqlferry cutover starts at once without --at.',
    };
  }
  if (at - now <= START_LIMIT_MS) return null;
  return {
    summary: `--at ${formatUtc(at)} is ${duration(at - now)} away; allowed: at most 7 days.`,
    remedy: `sqlferry cutover --at ${formatUtc(now + 3_600_000)}`,
  };
}

/** One line for each server whose clock differs from this machine's. */
export function clockWarnings(
  observation: Observation,
  now: number,
  at: number,
): readonly string[] {
  return [observation.source, observation.target].flatMap(({ instance, serverUtc }) => {
    const there = serverUtc.known ? parseUtc(serverUtc.value) : null;
    const ahead = there === null ? 0 : there - now;
    if (Math.abs(ahead) < SKEW_MS) return [];
    const way = ahead > 0 ? 'ahead of' : 'behind';
    return [
      `The clock of [${printable(instance)}] is ${duration(Math.abs(ahead))} ${way} this machine's: ${formatUtc(at)} here is ${formatUtc(at + ahead)} there. --at counts by this machine.`,
    ];
  });
}

/** Waits; the answer is null when it is time, else why not to start. */
export async function waitForStart(
  context: CliContext,
  at: number,
): Promise<Problem | 'stopped' | null> {
  const { clock, signal } = context;
  say(
    context,
    `Waiting until ${formatUtc(at)} (${duration(at - clock.now())}); Ctrl-C stops, nothing has been changed.`,
  );
  // As many pieces as the limit has, and one for a clock that was set back.
  for (let piece = 0; piece <= 2 * (START_LIMIT_MS / PIECE_MS); piece += 1) {
    const left = at - clock.now();
    if (left <= 0) break;
    try {
      await clock.sleep(Math.min(left, PIECE_MS), signal);
    } catch {
      return 'stopped';
    }
  }
  const late = clock.now() - at;
  if (Math.abs(late) <= LATE_LIMIT_MS) return null;
  return {
    code: 'SF-CLI-015',
    summary: `The start at ${formatUtc(at)} was missed; nothing was changed.`,
    because: [
      `It is ${formatUtc(clock.now())} here, ${duration(Math.abs(late))} ${late > 0 ? 'later' : 'earlier'}: this machine slept, was stopped, or its clock was set.`,
    ],
    remedy: 'Choose a new time: sqlferry cutover --at <time>, or without --at at once.',
  };
}
