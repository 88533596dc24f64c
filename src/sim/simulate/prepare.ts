/** The servers a run starts from: bare, and the article's names with one to three databases. */

import { unreachable } from '../../base/assert.ts';
import type { Migration } from '../../model/migration.ts';
import { emptyState } from '../../lab/hadr/initial.ts';
import type { HadrSwitches, ProductVersion } from '../../lab/hadr/state.ts';
import { VirtualTime } from '../../lab/hadr/virtual-time.ts';
import type { SimServer, SimStart } from './world.ts';

/** What may differ between two runs before anything happens. */
export interface Shape {
  readonly databases: number;
  readonly version: 2019 | 2022;
  readonly deadMan: Migration['cutover']['deadMan'];
  readonly giveBackWithRequiredSecondaries: HadrSwitches['giveBackWithRequiredSecondaries'];
  readonly requiredSecondariesMissing: HadrSwitches['requiredSecondariesMissing'];
}

/** Every shape, those that matter more than once, for runs that go through all of them. */
export const shapes: readonly Shape[] = [1, 1, 2, 3].flatMap((databases) =>
  ([2019, 2022] as const).flatMap((version) =>
    (['accepted', 'refused'] as const).flatMap((giveBackWithRequiredSecondaries) =>
      (['hang', 'refuse'] as const).flatMap((requiredSecondariesMissing) =>
        (['agent', 'agent', 'agent', 'watcher', 'off'] as const).map((deadMan) => ({
          databases,
          version,
          deadMan,
          giveBackWithRequiredSecondaries,
          requiredSecondariesMissing,
        })),
      ),
    ),
  ),
);

/** Login of the applications. */
export const applicationLogin = 'app_writer';

const versions: Readonly<Record<Shape['version'], ProductVersion>> = {
  2019: { year: 2019, major: 15, minor: 0, build: 4335, revision: 1 },
  2022: { year: 2022, major: 16, minor: 0, build: 4135, revision: 4 },
};

const DATABASE_BYTES = 8_000_000;
const BUDGET_MS = 15_000;
const SHORT_BUDGET_MS = 4_000;

/** The migration of a shape. */
export function migrationOf(shape: Shape): Migration {
  const names = ['Adventureworks', 'Sales', 'Stock'].slice(0, shape.databases);
  const side = (name: string) =>
    ({
      name,
      fqdn: `${name}.contoso.com`,
      endpoint: { name: 'Hadr_endpoint', port: 5022 },
    }) as const;
  return {
    name: 'simulated',
    databases: { kind: 'named', names },
    distributedAvailabilityGroup: 'DAG',
    seeding: { kind: 'automatic' },
    source: {
      side: 'source',
      availabilityGroup: 'OnPremAG',
      instances: [side('OnPremNode')],
      listener: null,
    },
    target: {
      side: 'target',
      availabilityGroup: 'AzureAG',
      instances: [side('SQLVM')],
      listener: null,
    },
    cutover: {
      maxOutageMs: BUDGET_MS,
      fenceLogins: [applicationLogin],
      killSessionsAfterMs: 500,
      deadMan: shape.deadMan,
      hooks: { beforeFence: null, afterPromote: null },
    },
  };
}

/** How the file of a second operator may differ. */
export const otherFiles = ['short-budget', 'no-fence', 'fewer-databases', 'no-dead-man'] as const;

/** The same migration as somebody else's file says it. */
export function otherFile(migration: Migration, how: (typeof otherFiles)[number]): Migration {
  const { cutover, databases } = migration;
  switch (how) {
    case 'short-budget':
      return { ...migration, cutover: { ...cutover, maxOutageMs: SHORT_BUDGET_MS } };
    case 'no-fence':
      return { ...migration, cutover: { ...cutover, fenceLogins: [] } };
    case 'no-dead-man':
      return { ...migration, cutover: { ...cutover, deadMan: 'off' } };
    case 'fewer-databases':
      return databases.kind === 'named' && databases.names.length > 1
        ? { ...migration, databases: { kind: 'named', names: databases.names.slice(1) } }
        : migration;
  }
  return unreachable(how);
}

/** Two servers with databases on one and nothing of a migration on either. */
export function bareServers(shape: Shape, migration: Migration): SimStart {
  const { giveBackWithRequiredSecondaries, requiredSecondariesMissing } = shape;
  const engine = new VirtualTime(
    emptyState({}, { giveBackWithRequiredSecondaries, requiredSecondariesMissing }),
  );
  for (const name of ['OnPremNode', 'SQLVM']) {
    engine.apply({
      kind: 'add-instance',
      instance: {
        serverName: name,
        hostNames: [name.toLowerCase(), `${name.toLowerCase()}.contoso.com`],
        version: versions[shape.version],
        edition: 'Enterprise',
        domain: 'CONTOSO',
        serviceAccount: `CONTOSO\\svc_${name.toLowerCase()}`,
        hadrEnabled: true,
      },
    });
  }
  const names = migration.databases.kind === 'named' ? migration.databases.names : [];
  for (const name of names) {
    engine.apply({
      kind: 'add-database',
      instance: 'onpremnode',
      database: {
        name,
        recoveryModel: 'FULL',
        fullBackupTaken: true,
        sizeBytes: DATABASE_BYTES,
        owner: 'sa',
        familyId: `family ${name}`,
        forkId: `fork ${name}`,
      },
    });
  }
  for (const [from, to] of [
    ['onpremnode', 'sqlvm'],
    ['sqlvm', 'onpremnode'],
  ] as const)
    engine.apply({ kind: 'set-link', from, to, change: { delayMs: 1 } });
  const side = {
    register: null,
    refusedEpoch: 0n,
    isRefusedIntact: true,
    actLock: null,
    leadLock: null,
  };
  const control = { ...side, deadManExists: false, deadManRunning: false };
  return {
    engine,
    control: { source: control, target: control },
    servers: { source: bareServer(shape), target: bareServer(shape) },
    nextSession: 50,
  };
}

function bareServer(shape: Shape): SimServer {
  return {
    logins: [{ name: applicationLogin, isWindows: false, isDisabled: false }],
    sessions: [],
    hasControlDatabase: false,
    deadlineAt: null,
    rehearsedAt: null,
    isAgentRunning: true,
    hasDeadManJob: false,
    hasWatcher: shape.deadMan === 'watcher',
    jobDelayMs: 0,
    hasRights: true,
    registerTrouble: null,
    clockOffsetMs: 0,
  };
}
