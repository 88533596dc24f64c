/** One world on a thread of its own: what `crew.ts` starts. */

import { parentPort, workerData } from 'node:worker_threads';
import { required } from '../../base/assert.ts';
import type { Configuration } from './configuration.ts';
import { explore } from './explore.ts';

const port = required(parentPort, 'the thread that asks');
port.postMessage(explore(workerData as Configuration));
