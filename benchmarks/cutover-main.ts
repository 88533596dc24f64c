/** `node benchmarks/cutover-main.ts`: the figures of the switch alone, printed as ratios inside one run. */

import { cutoverOutage } from './cutover-outage.ts';

process.stdout.write('cutover-outage\n');
await cutoverOutage();
