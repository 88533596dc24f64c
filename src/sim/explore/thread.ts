/** One world on a thread of its own: what `crew.ts` starts. */

import { parentPort, workerData } from 'node:worker_threads';
import { required } from '../../base/assert.ts';
import type { Configuration } from './configuration.ts';
import type { Found } from './crew.ts';
import { explore } from './explore.ts';

const port = required(parentPort, 'the thread that asks');
const exploration = explore(workerData as Configuration);
const { user, system } = process.threadCpuUsage();
const found: Found = { exploration, cpuMs: (user + system) / 1000 };
port.postMessage(found);
