/** Log and seedings of the instance: the same questions as a look asks, for estimates. */

import type { FlowParts } from '../../../model/assess-flow.ts';
import { databaseCondition } from '../observe-batch.ts';
import { circumstanceQueries, circumstancesOf } from '../observe-circumstance.ts';
import { onInstance, type AssessOptions, type PartsOf } from './part.ts';

const queriesFor = ({ migration }: AssessOptions): ReturnType<typeof circumstanceQueries> =>
  circumstanceQueries(migration, databaseCondition('d.name', migration.databases));

/** The parts of this family. */
export const flowParts: PartsOf<FlowParts> = {
  flow: onInstance({
    needs: ['viewServerState', 'viewAnyDefinition'],
    queries: {
      part_circumstances: (options) => queriesFor(options).part_circumstances,
      part_seeding_times: (options) => queriesFor(options).part_seeding_times,
      part_streams: (options) => queriesFor(options).part_streams,
      part_moments: (options) => queriesFor(options).part_moments,
    },
    decode: (answer) => circumstancesOf((name) => answer.rows(name)),
  }),
};
