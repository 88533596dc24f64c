/**
 * The outage of a cutover against its lower bound, two round trips, at several delays of the link
 * between operator and servers. The round trip is measured on the same connections just before.
 */

import { systemClock } from '../src/adapters/clock.ts';
import { openServers } from '../src/adapters/sqlserver/servers.ts';
import { openSession } from '../src/adapters/sqlserver/session.ts';
import { run } from '../src/engine/run.ts';
import type { Intent } from '../src/model/decision.ts';
import { line, median } from './measure.ts';
import { memoryJournal, startRig, type Rig } from './rig.ts';

const never = new AbortController().signal;

async function reach(
  rig: Rig,
  intent: Intent,
): Promise<{ outageMs: number; serialRoundTrips: number }> {
  const servers = openServers({ loaded: rig.loaded, clock: systemClock, acting: true });
  const result = await run({
    servers,
    migration: rig.loaded.migration,
    intent,
    clock: systemClock,
    journal: memoryJournal(),
    emit: () => undefined,
    signal: never,
  });
  servers.close();
  if (result.outcome !== 'done' && result.outcome !== 'ready-for-cutover')
    throw new Error(JSON.stringify(result));
  return {
    outageMs: result.outageMs ?? Number.NaN,
    serialRoundTrips: result.serialRoundTrips ?? Number.NaN,
  };
}

async function roundTripMs(rig: Rig): Promise<number> {
  const opened = await openSession(rig.loaded.connections.target, systemClock, never);
  if (!opened.ok) throw new Error(opened.error.summary);
  const times: number[] = [];
  for (let round = 0; round < 9; round += 1) {
    const begin = performance.now();
    await opened.value.execute({
      text: 'SELECT 1 AS one;',
      parameters: [],
      limitMs: 10_000,
      signal: never,
    });
    times.push(performance.now() - begin);
  }
  opened.value.close();
  return median(times);
}

/** One migration per delay. */
export async function outage(): Promise<void> {
  for (const delayMs of [1, 10, 50]) {
    await using rig = await startRig();
    await reach(rig, { goal: 'migrate' });
    for (const { name } of rig.lab.instances) rig.lab.world().setClientDelay(name, delayMs);
    const trip = await roundTripMs(rig);
    const { outageMs, serialRoundTrips } = await reach(rig, { goal: 'cutover' });
    line(
      `cutover, ${delayMs} ms delay each way`,
      `${outageMs.toFixed(0)} ms`,
      `${serialRoundTrips} serial round trips; 2 x ${trip.toFixed(1)} ms`,
      outageMs / (2 * trip),
    );
  }
}
