/** The two servers as the engine needs them; implemented in `adapters/sqlserver/`, and by the simulator. */

import type { Act, ActReply } from '../model/act.ts';
import type { Observation } from '../model/observation.ts';

/** Both servers of a migration. */
export interface Servers {
  /** Reads both sides in parallel, one round trip each. Never throws for what a server does. */
  observe(signal: AbortSignal): Promise<Observation>;
  /** Sends the one batch of the act. Never throws for what a server does. */
  perform(act: Act, signal: AbortSignal): Promise<ActReply>;
}
