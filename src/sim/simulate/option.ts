/** Words of the command line of the simulator. */

import { guardNames, type GuardName } from '../semantics/guard.ts';

/** Whether it is the name of a guard that can be taken away. */
export function isGuardName(text: string): text is GuardName {
  return guardNames.some((name) => name === text);
}
