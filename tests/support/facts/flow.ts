/** Log and seedings of an instance on which nothing has travelled yet. */

import type { FlowParts } from '../../../src/model/assess-flow.ts';

/** A good source: 1 GB of log, a tenth in use. */
export const goodFlow: FlowParts = {
  flow: {
    databases: [
      {
        name: 'Adventureworks',
        logReuseWaitDesc: 'NOTHING',
        dataBytes: 10 * 1024 ** 3,
        logBytes: 1024 ** 3,
        logUsedBytes: 0.1 * 1024 ** 3,
        logLimitBytes: null,
        logFlushedBytes: 86_400 * 1024 ** 2,
      },
    ],
    seedings: [],
    streams: [],
    lastConnectErrorUtc: null,
    startedUtc: '2026-11-20T12:00:00.000Z',
  },
};
