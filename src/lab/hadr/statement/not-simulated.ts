/** The lab's own refusal of something legal. */

import { NOT_SIMULATED } from '../../tsql/message-table.ts';
import type { EngineError } from '../effect.ts';
import { engineError } from '../turn.ts';

/** An error that says what the lab does not simulate. */
export function notSimulated(what: string): EngineError {
  return engineError(NOT_SIMULATED, what);
}
