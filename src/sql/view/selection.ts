/** What the selection `all` means on the target: the databases that the source has. */

import { known } from '../../model/fact.ts';
import type { Migration } from '../../model/migration.ts';
import type { Observation } from '../../model/observation.ts';

/** Leaves out of the target what the source does not have; the selection by name needs nothing of it. */
export function restrictToSource(observation: Observation, migration: Migration): Observation {
  const { source, target } = observation;
  if (migration.databases.kind === 'named') return observation;
  if (!source.databases.known || !target.databases.known) return observation;
  const names = new Set(source.databases.value.map((database) => database.name.toLowerCase()));
  const databases = target.databases.value.filter((database) =>
    names.has(database.name.toLowerCase()),
  );
  return { source, target: { ...target, databases: known(databases) } };
}
