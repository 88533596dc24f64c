/** Requests that `assess` and one look of `migrate` send, against the least there can be: one per instance. */

import { systemClock } from '../src/adapters/clock.ts';
import { openServers } from '../src/adapters/sqlserver/servers.ts';
import { line } from './measure.ts';
import { startRig } from './rig.ts';

const never = new AbortController().signal;

/** Counts statements after the connections are open. */
export async function roundTrips(): Promise<void> {
  await using rig = await startRig();
  let sent = 0;
  const servers = openServers({
    loaded: rig.loaded,
    clock: systemClock,
    onStatement: () => (sent += 1),
  });
  for (const [what, ask] of [
    ['assess', () => servers.assess(never)],
    ['one look of migrate, status, cutover', () => servers.observe(never)],
  ] as const) {
    sent = 0;
    const begin = performance.now();
    await ask();
    const elapsed = performance.now() - begin;
    line(
      what,
      `${sent} requests`,
      `2 instances; ${elapsed.toFixed(0)} ms with connecting`,
      sent / 2,
    );
  }
  servers.close();
}
