/** How long BACKUP and RESTORE take, and what they say meanwhile. */

import type { RequestContext } from '../instance.ts';
import { serverMessage } from '../tsql/message.ts';
import type { InstanceParts } from './instance-parts.ts';

/** What runs: the name the server prints, the bytes to move, and STATS. */
export interface PacedWork {
  readonly command: string;
  readonly bytes: number;
  /** Percent between two messages; null: none. */
  readonly stats: number | null;
}

const WHOLE = 100;
const TICKS = 50;

/** Waits as long as the bytes take, with `percent_complete` and the messages of STATS; false: cancelled. */
export async function pace(
  parts: InstanceParts,
  request: RequestContext,
  work: PacedWork,
): Promise<boolean> {
  const rate = parts.storage.bytesPerSecond;
  const wholeMs = rate === null ? 0 : (work.bytes / rate) * 1000;
  let told = 0;
  const tell = (percent: number): void => {
    const step = work.stats === null || work.stats < 1 ? WHOLE + 1 : work.stats;
    while (told + step <= percent) {
      told += step;
      request.inform(serverMessage(3211, told));
    }
  };
  const ticks = wholeMs === 0 ? 0 : TICKS;
  try {
    for (let tick = 1; tick <= ticks; tick += 1) {
      const done = (tick - 1) / ticks;
      request.state.progress = {
        command: work.command,
        percent: done * WHOLE,
        remainingMs: wholeMs * (1 - done),
      };
      await parts.clock.sleep(wholeMs / ticks, request.signal).catch(() => undefined);
      if (request.signal.aborted) return false;
      tell((tick / ticks) * WHOLE);
    }
  } finally {
    request.state.progress = null;
  }
  tell(WHOLE);
  if (work.stats !== null && told < WHOLE) request.inform(serverMessage(3211, WHOLE));
  return true;
}
