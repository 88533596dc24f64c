/** Every part of the facts, in the order of the batch. */

import type { SideParts } from '../../../model/assess-facts.ts';
import { databaseParts } from './database.ts';
import { endpointParts } from './endpoint.ts';
import { groupParts } from './group.ts';
import { objectParts } from './objects.ts';
import type { PartsOf } from './part.ts';
import { serverParts } from './server.ts';

/** The parts, by name. */
export const factParts: PartsOf<SideParts> = {
  ...serverParts,
  ...databaseParts,
  ...endpointParts,
  ...groupParts,
  ...objectParts,
};
