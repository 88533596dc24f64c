/** Four instances in two clusters, asked through T-SQL: two local groups of two replicas each. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { systemRandom } from '../../src/adapters/random.ts';
import { Secret } from '../../src/base/secret.ts';
import { makeCatalog } from '../../src/lab/catalog/catalog.ts';
import type { LabDefinition } from '../../src/lab/definition.ts';
import { standalonePreset } from '../../src/lab/preset/standalone.ts';
import { loginNames, worldDefinition } from '../../src/lab/world-definition.ts';
import { makeWorld, type World } from '../../src/lab/world/world.ts';
import { ENDPOINT, LOGIN, PASSWORD, until } from './article-world.ts';
import { realClock } from './real-clock.ts';
import { worldSession, type WorldSession } from './world-session.ts';

const servers = ['OnPremNode1', 'OnPremNode2', 'SQLVM1', 'SQLVM2'] as const;
/** One of the four. */
export type Node = (typeof servers)[number];

/** A world with a session of sa on each instance. */
export interface ReplicatedWorld {
  readonly world: World;
  readonly sessions: Readonly<Record<Node, WorldSession>>;
}

/** Four instances with endpoints; Adventureworks is on the first. */
export async function fourInstances(t: TestContext): Promise<ReplicatedWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'sqlferry-world-'));
  const [source, target] = standalonePreset.instances;
  const definition: LabDefinition = {
    ...standalonePreset,
    instances: servers.map((name, index) => ({
      ...(index < 2 ? source : target),
      name,
      cluster: index < 2 ? 'ONPREMCLUSTER' : 'AZURECLUSTER',
      databases:
        index > 0
          ? []
          : [
              {
                name: 'Adventureworks',
                sample: 'none',
                recoveryModel: 'FULL',
                fullBackup: true,
              } as const,
            ],
    })) as LabDefinition['instances'],
  };
  const world = makeWorld({
    clock: realClock,
    random: systemRandom,
    dataDirectory: directory,
    catalog: makeCatalog,
    definition: worldDefinition(definition, {
      places: definition.instances.map((_, index) => ({
        address: '127.0.0.1',
        port: 1433 + index,
      })),
      passwords: new Map(
        loginNames(definition).map((user) => [user.toLowerCase(), new Secret(PASSWORD)]),
      ),
      now: realClock.now(),
      settings: { seedingMs: 150, tickMs: 20, sessionTimeoutMs: 300, seedingRetryMs: 50 },
    }),
  });
  t.after(() => {
    world.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const open = (name: Node): Promise<WorldSession> =>
    worldSession(world, name, { user: 'sa', password: PASSWORD });
  const sessions = {
    OnPremNode1: await open('OnPremNode1'),
    OnPremNode2: await open('OnPremNode2'),
    SQLVM1: await open('SQLVM1'),
    SQLVM2: await open('SQLVM2'),
  };
  for (const session of Object.values(sessions)) {
    await session.run(ENDPOINT);
    await session.run(LOGIN);
  }
  return { world, sessions };
}

function replica(name: Node): string {
  return `N'${name}' WITH (ENDPOINT_URL = N'TCP://${name}.contoso.com:5022',
FAILOVER_MODE = AUTOMATIC, AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, SEEDING_MODE = AUTOMATIC,
SECONDARY_ROLE(ALLOW_CONNECTIONS = ALL))`;
}

/** A clustered group of two replicas with a listener, seeded. */
export async function makeReplicated(
  { sessions }: ReplicatedWorld,
  group: 'OnPremAG' | 'AzureAG',
): Promise<void> {
  const [primary, secondary] =
    group === 'OnPremAG'
      ? (['OnPremNode1', 'OnPremNode2'] as const)
      : (['SQLVM1', 'SQLVM2'] as const);
  const database = group === 'OnPremAG' ? 'DATABASE [Adventureworks]' : '';
  const ip = group === 'OnPremAG' ? '10.0.0.50' : '10.1.0.50';
  await sessions[primary].run(`CREATE AVAILABILITY GROUP [${group}] FOR ${database}
REPLICA ON ${replica(primary)}, ${replica(secondary)}`);
  await sessions[primary].run(`ALTER AVAILABILITY GROUP [${group}] ADD LISTENER N'${group}_LST'
(WITH IP ((N'${ip}', N'255.255.255.0')), PORT = 1433)`);
  await sessions[secondary].run(`ALTER AVAILABILITY GROUP [${group}] JOIN`);
  for (const each of [primary, secondary])
    await sessions[each].run(`ALTER AVAILABILITY GROUP [${group}] GRANT CREATE ANY DATABASE`);
}

/** Waits until so many copies are SYNCHRONIZED as a server sees them. */
export async function inStep(session: WorldSession, count: number): Promise<void> {
  await until(`${count} copies are SYNCHRONIZED`, async () => {
    const rows = await session.rows(
      `SELECT COUNT(*) AS n FROM sys.dm_hadr_database_replica_states
       WHERE synchronization_state_desc = 'SYNCHRONIZED'`,
    );
    return rows[0]?.['n'] === count;
  });
}

/** Members of a DAG over the listeners. */
export function listenerMembers(mode: 'ASYNCHRONOUS' | 'SYNCHRONOUS'): string {
  const member = (group: string): string =>
    `'${group}' WITH (LISTENER_URL = 'tcp://${group}_LST.contoso.com:5022',
AVAILABILITY_MODE = ${mode}_COMMIT, FAILOVER_MODE = MANUAL, SEEDING_MODE = AUTOMATIC)`;
  return `AVAILABILITY GROUP ON ${member('OnPremAG')}, ${member('AzureAG')}`;
}
