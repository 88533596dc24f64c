/** What an exploration found, in words. */

import type { Exploration } from './explore.ts';

/** One exploration with the time it took. */
export interface Timed {
  readonly exploration: Exploration;
  readonly elapsedMs: number;
}

/** One line: states, transitions, depth, time, rate, and what fell. */
export function line({ exploration, elapsedMs }: Timed): string {
  const seconds = elapsedMs / 1000;
  const rate = Math.round(exploration.states / Math.max(seconds, 0.001));
  const { parts, counterExample } = exploration;
  return [
    `${exploration.configuration.name}:`,
    `${number(exploration.states)} states, ${number(exploration.transitions)} transitions, depth ${exploration.depth},`,
    `${seconds.toFixed(1)} s (${number(rate)}/s, ${Math.round(exploration.bytes / 1_000_000)} MB of states);`,
    `${number(parts.hadr)} situations of the servers, ${parts.control} of the registers, ${number(parts.operators)} of operators;`,
    `reached: ${exploration.reached.join(', ')};`,
    ...(exploration.restless > 0
      ? [`messages without end in ${exploration.restless} moves, delivered one by one;`]
      : []),
    verdict(exploration, counterExample?.invariant ?? null),
  ].join(' ');
}

function verdict({ isComplete, counterExample }: Exploration, invariant: string | null): string {
  if (counterExample !== null)
    return `${invariant} FALLS after ${counterExample.trace.length} events: ${counterExample.what}.`;
  return isComplete
    ? 'complete, no invariant falls, no state is stuck.'
    : 'NOT COMPLETE: the limit of states was reached.';
}

/** A number with thousands separated. */
export function number(value: number): string {
  return value.toLocaleString('en-US');
}
