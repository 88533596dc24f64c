/** The servers of `assess-fleet.ts`, in a thread of their own so that their work is not counted as the tool's. */

import { parentPort, workerData } from 'node:worker_threads';

import { systemClock } from '../src/adapters/clock.ts';
import { listen } from '../src/lab/server/listener.ts';
import type { ServerCertificate } from '../src/lab/server/certificate.ts';
import { recordedEndpoint, type Recording } from '../tests/support/recorded-server.ts';

const { recording, instances, delayMs, certificate } = workerData as {
  readonly recording: Recording;
  readonly instances: number;
  readonly delayMs: number;
  readonly certificate: ServerCertificate;
};

const endpoints = Array.from({ length: instances }, () => recordedEndpoint(recording, { delayMs }));
const listeners = await Promise.all(
  endpoints.map((endpoint) =>
    listen({
      endpoint,
      host: '127.0.0.1',
      port: 0,
      clock: systemClock,
      certificate,
      onBug: (error) => {
        throw error instanceof Error ? error : new Error(String(error));
      },
    }),
  ),
);
parentPort?.on('message', () => {
  const asked = endpoints.reduce((sum, endpoint) => sum + endpoint.asked(), 0);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage({ asked });
});
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage({ ports: listeners.map(({ port }) => port) });
