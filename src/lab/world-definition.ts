/** Turns the definition of a lab, with addresses and passwords, into what the world is built from. */

import { required } from '../base/assert.ts';
import type { Secret } from '../base/secret.ts';
import {
  hostFqdn,
  type LabDatabaseDefinition,
  type LabDefinition,
  type LabInstanceDefinition,
  type LabLoginDefinition,
} from './definition.ts';
import type { HadrSettings, HadrSwitches, ProductVersion } from './hadr/state.ts';
import { loadSample } from './preset/adventureworks/load.ts';
import type { Database } from './store/database.ts';
import { loadDatabase } from './store/loader.ts';
import type {
  DatabaseDefinition,
  InstanceDefinition,
  WorldDefinition,
} from './world/definition.ts';

/** What the definition does not say. */
export interface WorldFacts {
  /** In the order of the instances. */
  readonly places: readonly { readonly address: string; readonly port: number }[];
  /** By lower-case login; `sa` is one of them. */
  readonly passwords: ReadonlyMap<string, Secret>;
  /** Milliseconds since 1970 UTC, stamped on what is created. */
  readonly now: number;
  readonly settings?: Partial<HadrSettings>;
  readonly switches?: Partial<HadrSwitches>;
}

/** Builds that the lab shows, one per release. */
const BUILDS: Readonly<Record<LabInstanceDefinition['release'], Omit<ProductVersion, 'year'>>> = {
  2016: { major: 13, minor: 0, build: 6300, revision: 2 },
  2017: { major: 14, minor: 0, build: 3456, revision: 2 },
  2019: { major: 15, minor: 0, build: 4322, revision: 2 },
  2022: { major: 16, minor: 0, build: 4135, revision: 4 },
  2025: { major: 17, minor: 0, build: 1000, revision: 7 },
};

const SYSTEM_ADMINISTRATOR: LabLoginDefinition = {
  user: 'sa',
  roles: ['sysadmin'],
  permissions: [],
  disabled: false,
  users: [],
};

/** Every login name of the lab, `sa` first, each once. */
export function loginNames(definition: LabDefinition): readonly string[] {
  const names = definition.instances.flatMap(({ logins }) => logins.map(({ user }) => user));
  return ['sa', ...names].filter(
    (name, index, all) =>
      all.findIndex((other) => other.toLowerCase() === name.toLowerCase()) === index,
  );
}

/** The world of a lab. */
export function worldDefinition(definition: LabDefinition, facts: WorldFacts): WorldDefinition {
  return {
    instances: definition.instances.map((instance, index) =>
      instanceDefinition(instance, facts, required(facts.places[index], 'place')),
    ),
    link: {
      latencyMs: definition.link.latencyMs,
      seedingBytesPerSecond: definition.link.bandwidth,
    },
    storage: definition.storage ?? [],
    ...(facts.settings === undefined ? {} : { settings: facts.settings }),
    ...(facts.switches === undefined ? {} : { switches: facts.switches }),
  };
}

function instanceDefinition(
  instance: LabInstanceDefinition,
  facts: WorldFacts,
  place: { readonly address: string; readonly port: number },
): InstanceDefinition {
  const domain = instance.domain?.split('.')[0]?.toUpperCase() ?? null;
  return {
    serverName: instance.name,
    fqdn: hostFqdn(instance),
    address: place.address,
    port: place.port,
    version: { year: instance.release, ...BUILDS[instance.release] },
    edition: instance.edition,
    domain,
    serviceAccount: instance.serviceAccount,
    cluster: instance.cluster ?? null,
    alwaysOn: instance.alwaysOn,
    encryption: instance.encryption,
    logins: loginsOf(instance).map((login) => ({
      name: login.user,
      password: required(
        facts.passwords.get(login.user.toLowerCase()),
        `password of ${login.user}`,
      ),
      roles: login.roles,
      permissions: login.permissions,
      disabled: login.disabled,
    })),
    ...(instance.catalog === undefined ? {} : { catalog: instance.catalog }),
    databases: instance.databases.map((database) =>
      databaseDefinition(database, instance.logins, facts.now),
    ),
  };
}

/** The logins of an instance: `sa`, unless the definition has its own, and the others. */
function loginsOf({ logins }: LabInstanceDefinition): readonly LabLoginDefinition[] {
  const own = logins.some(({ user }) => user.toLowerCase() === 'sa');
  return own ? logins : [SYSTEM_ADMINISTRATOR, ...logins];
}

function databaseDefinition(
  database: LabDatabaseDefinition,
  logins: readonly LabLoginDefinition[],
  now: number,
): DatabaseDefinition {
  return {
    name: database.name,
    recoveryModel: database.recoveryModel,
    fullBackupTaken: database.fullBackup,
    ...(database.catalog === undefined ? {} : { catalog: database.catalog }),
    load: (store) => fill(store, { database, logins, now }),
  };
}

function fill(
  store: Database,
  content: {
    readonly database: LabDatabaseDefinition;
    readonly logins: readonly LabLoginDefinition[];
    readonly now: number;
  },
): void {
  const { database, logins, now } = content;
  loadDatabase(store, now, (loader) => {
    if (database.sample === 'adventureworks') loadSample(loader);
    for (const login of logins) {
      const user = login.users.find(
        (item) => item.database.toLowerCase() === database.name.toLowerCase(),
      );
      if (user !== undefined) loader.createUser(login.user, login.user, user.roles);
    }
  });
}
