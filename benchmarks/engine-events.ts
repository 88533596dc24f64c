/**
 * Events per second of the pure availability-group engine, against the same number of the cheapest
 * immutable update there is (one object spread), and against the 300,000 a second it is meant to do.
 */

import { database, source, synchronized } from '../tests/support/hadr-scenario.ts';
import { line } from './measure.ts';

/** Commits per world; more would measure the list of contents that the driver keeps, not the engine. */
const COMMITS = 400;
const WORLDS = 60;

/** Synchronous commits on a DAG: append, ship, harden, acknowledge, redo. Set-up is not counted. */
export async function engineEvents(): Promise<void> {
  let events = 0;
  let elapsed = 0;
  for (let round = 0; round < WORLDS; round += 1) {
    const world = synchronized();
    const before = world.events;
    const begin = performance.now();
    for (let commit = 0; commit < COMMITS; commit += 1) {
      world.commit({ instance: source, database }, commit + 1_000_000);
      if (commit % 20 === 0) world.advance(5);
    }
    world.advance(500);
    if (round < 10) continue;
    elapsed += performance.now() - begin;
    events += world.events - before;
  }
  const rate = (events / elapsed) * 1000;
  let state: Readonly<Record<string, number>> = { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8 };
  const begin = performance.now();
  for (let step = 0; step < 2_000_000; step += 1) state = { ...state, a: step };
  const spreads = (2_000_000 / (performance.now() - begin)) * 1000;
  const figure = `${Math.round(rate).toLocaleString('en')} events/s`;
  line(
    'engine with its driver, synchronous commits',
    figure,
    'target 300,000 events/s',
    rate / 300_000,
  );
  line(
    'engine with its driver, synchronous commits',
    figure,
    `spreads of one object ${Math.round(spreads).toLocaleString('en')}/s, last ${state['a']}`,
    rate / spreads,
  );
  await Promise.resolve();
}
