/** The act `fence-split-brain`, broken on the wire at every point; see `broken-wire.ts`. */

import { breakEverywhere } from '../support/broken-wire.ts';

breakEverywhere('fence-split-brain');
