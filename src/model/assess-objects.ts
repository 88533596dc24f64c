/** Facts of `assess` about objects of the server that do not travel with a database. */

import type { LoginObservation, WindowsLoginObservation } from './observation.ts';

/** The parts of this family. */
export interface ObjectParts {
  /** Windows logins and groups, `sys.server_principals` type U and G. */
  readonly windowsLogins: readonly WindowsLoginObservation[];
  /** One entry per login of `cutover.fence.logins` that exists here. */
  readonly fenceLogins: readonly LoginObservation[];
}
