/** How log flows and what seedings measured, as `assess` reads it for its estimates. */

import type { Circumstances } from './circumstance.ts';

/** The parts of this family. */
export interface FlowParts {
  /** Log of each selected database, and the seedings that the instance remembers. */
  readonly flow: Circumstances;
}
