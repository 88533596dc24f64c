/** The acts of a failback and of its abort, broken on the wire; see `broken-wire.ts`. */

import { breakMirrored } from '../support/broken-wire.ts';

breakMirrored('demote');
breakMirrored('promote');
breakMirrored('close-epoch');
