/** Every part of the facts, in the order of the batch. */

import type { SideParts } from '../../../model/assess-facts.ts';
import { databaseParts } from './database.ts';
import { endpointParts } from './endpoint.ts';
import { flowParts } from './flow.ts';
import { groupParts } from './group.ts';
import { networkParts } from './network.ts';
import { objectParts } from './objects.ts';
import { capacityParts } from './capacity.ts';
import type { PartsOf } from './part.ts';
import { serverObjectParts } from './server-object.ts';
import { settingParts } from './setting.ts';
import { replicaParts } from './replica.ts';
import { serverParts } from './server.ts';

/** The parts, by name. */
export const factParts: PartsOf<SideParts> = {
  ...serverParts,
  ...capacityParts,
  ...settingParts,
  ...serverObjectParts,
  ...databaseParts,
  ...endpointParts,
  ...groupParts,
  ...replicaParts,
  ...networkParts,
  ...flowParts,
  ...objectParts,
};
