/** The act `force-promote-accepting-data-loss`, broken on the wire at every point; see `broken-wire.ts`. */

import { breakEverywhere } from '../support/broken-wire.ts';

breakEverywhere('force-promote-accepting-data-loss');
