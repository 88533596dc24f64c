/** What an exploration found, in words. */

import type { Result } from './crew.ts';
import type { Exploration } from './explore.ts';

/** Every state of the world was seen, nothing fell, and the servers always came to rest. */
export function isProven({ exploration }: Result): boolean {
  if (exploration === null) return false;
  const { isComplete, counterExample, restless } = exploration;
  return isComplete && counterExample === null && restless === 0;
}

/** One line: states, transitions, depth, time, rate, and what fell. */
export function line(result: Result): string {
  const { world, exploration, elapsedMs, cpuMs } = result;
  const seconds = elapsedMs / 1000;
  if (exploration === null)
    return `${world.name}: NOT COMPLETE after ${seconds.toFixed(1)} s: ${result.failure ?? 'no reason'}.`;
  const busy = cpuMs / 1000;
  const rate = Math.round(exploration.states / Math.max(busy, 0.001));
  const { parts } = exploration;
  return [
    `${world.name}:`,
    `${number(exploration.states)} states, ${number(exploration.transitions)} transitions, depth ${exploration.depth},`,
    `${seconds.toFixed(1)} s, ${busy.toFixed(1)} s of processor (${number(rate)}/s, ${Math.round(exploration.bytes / 1_000_000)} MB of states);`,
    `${number(parts.hadr)} situations of the servers, ${number(parts.control)} of the registers, ${number(parts.operators)} of operators;`,
    `asked: ${number(exploration.asked.fenced)} abandoned fences, ${number(exploration.asked.alone)} lonely operators, ${number(exploration.asked.again)} ends started again, ${number(exploration.replayed)} batches that arrive again;`,
    `reached: ${exploration.reached.join(', ')};`,
    verdict(exploration),
  ].join(' ');
}

function verdict({ isComplete, counterExample, restless }: Exploration): string {
  if (restless > 0)
    return `RESTLESS: the servers answered each other without end ${restless} times.`;
  if (counterExample !== null)
    return `${counterExample.invariant} FALLS after ${counterExample.trace.length} events: ${counterExample.what}.`;
  return isComplete
    ? 'complete, no invariant falls, no state is stuck.'
    : 'NOT COMPLETE: the limit of states was reached.';
}

/** The sum: only complete worlds count. */
export function summary(results: readonly Result[], elapsedMs: number): readonly string[] {
  const proven = results.filter((result) => isProven(result));
  let states = 0;
  for (const { exploration } of proven) states += exploration?.states ?? 0;
  let busyMs = 0;
  for (const { cpuMs } of results) busyMs += cpuMs;
  const open = results.filter((result) => !isProven(result)).map(({ world }) => world.name);
  return [
    `${number(states)} distinct states in ${proven.length} complete worlds, ${(elapsedMs / 1000).toFixed(0)} s, ${(busyMs / 1000).toFixed(0)} s of processor.`,
    ...(open.length === 0 ? [] : [`NOT PROVEN: ${open.join('; ')}.`]),
  ];
}

/** A number with thousands separated. */
export function number(value: number): string {
  return value.toLocaleString('en-US');
}
