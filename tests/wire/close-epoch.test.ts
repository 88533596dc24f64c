/** The end of an epoch, broken on the wire at every point; see `broken-wire.ts`. */

import { breakEverywhere } from '../support/broken-wire.ts';

breakEverywhere('close-epoch');
