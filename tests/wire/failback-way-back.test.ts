/** The acts of a failback that is late or taken back, broken on the wire; see `broken-wire.ts`. */

import { breakMirrored } from '../support/broken-wire.ts';

breakMirrored('commit-epoch');
breakMirrored('refuse-epoch');
breakMirrored('give-back');
