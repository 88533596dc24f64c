/** Changes of a lab definition that cases are made of. */

import type {
  LabDatabaseDefinition,
  LabDefinition,
  LabInstanceDefinition,
} from '../../../src/lab/definition.ts';
import type { Side } from '../../../src/model/side.ts';

/** Changes every instance of a side. */
export function instances(
  side: Side,
  change: Partial<LabInstanceDefinition>,
): (definition: LabDefinition) => LabDefinition {
  return (definition) => ({
    ...definition,
    instances: definition.instances.map((instance) =>
      instance.side === side ? { ...instance, ...change } : instance,
    ),
  });
}

/** Changes the instances of both sides. */
export function everyInstance(
  change: Partial<LabInstanceDefinition>,
): (definition: LabDefinition) => LabDefinition {
  return (definition) => instances('source', change)(instances('target', change)(definition));
}

/** Changes every database of the source. */
export function databases(
  change: Partial<LabDatabaseDefinition>,
): (definition: LabDefinition) => LabDefinition {
  return (definition) => ({
    ...definition,
    instances: definition.instances.map((instance) => ({
      ...instance,
      databases: instance.databases.map((database) => ({ ...database, ...change })),
    })),
  });
}
