/** A thread that carries out jobs, one after the other, as they are posted. */

import { parentPort } from 'node:worker_threads';

import { required } from '../../base/assert.ts';
import { carryOut, type Job } from './job.ts';

const port = required(parentPort ?? undefined, 'port of the thread that started this one');

port.on('message', (job: Job) => {
  // A failure to carry it out is an error of the thread: the other end hears of it.
  void carryOut(job).then((part) => port.postMessage(part));
});
