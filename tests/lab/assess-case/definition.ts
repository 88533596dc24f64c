/** Changes of a lab definition that cases are made of. */

import type {
  LabDatabaseDefinition,
  LabDefinition,
  LabInstanceDefinition,
} from '../../../src/lab/definition.ts';
import type { DeclaredCatalog } from '../../../src/lab/declared.ts';
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

const CLUSTERS = { source: 'ONPREMCLUSTER', target: 'AZURECLUSTER' } as const;
const HOSTS = {
  source: ['OnPremNode1', 'OnPremNode2'],
  target: ['SQLVM1', 'SQLVM2'],
} as const;

/** Two instances in a cluster on each side, a group with a listener on each; the database is in the first. */
export function twoPlusTwo(definition: LabDefinition): LabDefinition {
  const both = (side: Side): readonly LabInstanceDefinition[] => {
    const standalone = definition.instances.find((instance) => instance.side === side);
    if (standalone === undefined) return [];
    return HOSTS[side].map((name, index) => ({
      ...standalone,
      name,
      cluster: CLUSTERS[side],
      databases: index === 0 ? standalone.databases : [],
      logins: standalone.logins.map((login) => (index === 0 ? login : { ...login, users: [] })),
    }));
  };
  const instances = [...both('source'), ...both('target')];
  return {
    ...definition,
    instances,
    listeners: [
      { name: 'OnPremAG_LST', domain: 'contoso.com' },
      { name: 'AzureAG_LST', domain: 'contoso.com' },
    ],
    groups: [
      {
        name: 'OnPremAG',
        replicas: HOSTS.source,
        databases: (instances[0]?.databases ?? []).map(({ name }) => name),
        listener: 'OnPremAG_LST',
      },
      { name: 'AzureAG', replicas: HOSTS.target, databases: [], listener: 'AzureAG_LST' },
    ],
  };
}

/** `twoPlusTwo` with rows of the catalog that every instance states. */
export function twoPlusTwoWith(
  catalog: DeclaredCatalog,
): (definition: LabDefinition) => LabDefinition {
  return (definition) => {
    const made = twoPlusTwo(definition);
    return { ...made, instances: made.instances.map((instance) => ({ ...instance, catalog })) };
  };
}
