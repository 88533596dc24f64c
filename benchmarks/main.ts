/**
 * Speed as ratios inside one run: machines are shared and noisy, so an absolute figure says little.
 *
 * Every part prints what it measured, against what, and the ratio. Nothing here is asserted.
 */

import { assessFleet } from './assess-fleet.ts';
import { cutoverOutage } from './cutover-outage.ts';
import { engineEvents } from './engine-events.ts';
import { labQueries } from './lab-queries.ts';
import { outage } from './outage.ts';
import { roundTrips } from './round-trips.ts';
import { startUp } from './start-up.ts';

const PARTS = {
  'start-up': startUp,
  'engine-events': engineEvents,
  'lab-queries': labQueries,
  'round-trips': roundTrips,
  outage,
  'cutover-outage': cutoverOutage,
  'assess-fleet': assessFleet,
};

const wanted = process.argv.slice(2);
for (const [name, part] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stdout.write(`\n${name}\n`);
  await part();
}
