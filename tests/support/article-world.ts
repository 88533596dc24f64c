/** A world of two small instances with the articles' names, and the way of the articles through it. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { systemRandom } from '../../src/adapters/random.ts';
import { Secret } from '../../src/base/secret.ts';
import { makeCatalog } from '../../src/lab/catalog/catalog.ts';
import type { LabDefinition, LabInstanceDefinition } from '../../src/lab/definition.ts';
import type { HadrSwitches } from '../../src/lab/hadr/state.ts';
import { standalonePreset } from '../../src/lab/preset/standalone.ts';
import { loginNames, worldDefinition } from '../../src/lab/world-definition.ts';
import { makeWorld, type World } from '../../src/lab/world/world.ts';
import { realClock } from './real-clock.ts';
import { worldSession, type WorldSession } from './world-session.ts';

/** Password of every login of a test world. */
export const PASSWORD = 'a test world has one password';

/** Two instances and a session of sa on each. */
export interface TwoInstances {
  readonly world: World;
  readonly source: WorldSession;
  readonly target: WorldSession;
  /** A session of another login. */
  session(instance: string, user: string): Promise<WorldSession>;
}

/** How the world differs from the preset. */
export interface WorldChange {
  readonly both?: Partial<LabInstanceDefinition>;
  readonly switches?: Partial<HadrSwitches>;
}

const STEP_LIMIT_MS = 10_000;
const LOOK_MS = 5;

/** The preset with an empty database, and quick servers. */
export async function twoInstances(
  t: TestContext,
  change: WorldChange = {},
): Promise<TwoInstances> {
  const directory = mkdtempSync(join(tmpdir(), 'sqlferry-world-'));
  const definition: LabDefinition = {
    ...standalonePreset,
    instances: standalonePreset.instances.map((instance) => ({
      ...instance,
      databases: instance.databases.map((database) => ({ ...database, sample: 'none' as const })),
      ...change.both,
    })),
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
      ...(change.switches === undefined ? {} : { switches: change.switches }),
    }),
  });
  t.after(() => {
    world.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const session = (instance: string, user: string): Promise<WorldSession> =>
    worldSession(world, instance, { user, password: PASSWORD });
  return {
    world,
    source: await session('OnPremNode', 'sa'),
    target: await session('SQLVM', 'sa'),
    session,
  };
}

/** Waits until the question answers yes. */
export async function until(what: string, ask: () => boolean | Promise<boolean>): Promise<void> {
  const end = realClock.monotonic() + STEP_LIMIT_MS;
  while (!(await ask())) {
    assert.ok(realClock.monotonic() < end, `within ${STEP_LIMIT_MS} ms: ${what}`);
    await realClock.sleep(LOOK_MS);
  }
}

/** An endpoint as the articles make it. */
export const ENDPOINT = `CREATE ENDPOINT [Hadr_endpoint] STATE = STARTED
AS TCP (LISTENER_PORT = 5022, LISTENER_IP = ALL)
FOR DATABASE_MIRRORING (ROLE = ALL, AUTHENTICATION = WINDOWS NEGOTIATE, ENCRYPTION = REQUIRED ALGORITHM AES)`;
/** The service account of both sides may connect. */
export const LOGIN = `CREATE LOGIN [CONTOSO\\sqlservice] FROM WINDOWS
GRANT CONNECT ON ENDPOINT::[Hadr_endpoint] TO [CONTOSO\\sqlservice]`;

function createGroup(group: string, server: string, database: string | null): string {
  return `CREATE AVAILABILITY GROUP [${group}]
WITH (DB_FAILOVER = OFF, DTC_SUPPORT = NONE, CLUSTER_TYPE = NONE)
FOR ${database === null ? '' : `DATABASE [${database}]`}
REPLICA ON N'${server}' WITH (ENDPOINT_URL = N'TCP://${server}.contoso.com:5022',
FAILOVER_MODE = MANUAL, AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, SEEDING_MODE = AUTOMATIC,
SECONDARY_ROLE(ALLOW_CONNECTIONS = ALL))`;
}

/** The member clause of CREATE, JOIN and MODIFY of a distributed group. */
export function members(mode: 'ASYNCHRONOUS' | 'SYNCHRONOUS'): string {
  const member = (group: string, server: string): string =>
    `'${group}' WITH (LISTENER_URL = 'tcp://${server}.contoso.com:5022',
AVAILABILITY_MODE = ${mode}_COMMIT, FAILOVER_MODE = MANUAL, SEEDING_MODE = AUTOMATIC)`;
  return `AVAILABILITY GROUP ON ${member('OnPremAG', 'OnPremNode')}, ${member('AzureAG', 'SQLVM')}`;
}

/** Endpoints and both local groups: phase P1. */
export async function makeGroups({ source, target }: TwoInstances): Promise<void> {
  for (const session of [source, target]) {
    await session.run(ENDPOINT);
    await session.run(LOGIN);
  }
  await source.run(createGroup('OnPremAG', 'OnPremNode', 'Adventureworks'));
  await target.run(createGroup('AzureAG', 'SQLVM', null));
  await source.run('ALTER AVAILABILITY GROUP [OnPremAG] GRANT CREATE ANY DATABASE');
  await target.run('ALTER AVAILABILITY GROUP [AzureAG] GRANT CREATE ANY DATABASE');
}

/** CREATE on the source: phase P2. */
export async function createDistributed({ source }: TwoInstances): Promise<void> {
  await source.run(`CREATE AVAILABILITY GROUP [DAG] WITH (DISTRIBUTED) ${members('ASYNCHRONOUS')}`);
}

/** JOIN on the target, and seeding to its end: phase P4. */
export async function joinAndSeed(pair: TwoInstances): Promise<void> {
  await pair.target.run(`ALTER AVAILABILITY GROUP [DAG] JOIN ${members('ASYNCHRONOUS')}`);
  await until('the copy is joined', async () => {
    const rows = await pair.source.rows(
      `SELECT drs.synchronization_state_desc AS state FROM sys.dm_hadr_database_replica_states drs
       JOIN sys.availability_groups ag ON ag.group_id = drs.group_id WHERE ag.is_distributed = 1`,
    );
    return rows[0]?.['state'] === 'SYNCHRONIZING';
  });
}

/** Synchronous on both sides, SYNCHRONIZED: phase P6. */
export async function synchronise(pair: TwoInstances): Promise<void> {
  for (const session of [pair.source, pair.target]) {
    await session.run(
      `ALTER AVAILABILITY GROUP [DAG] MODIFY ${members('SYNCHRONOUS')
        .replaceAll(/LISTENER_URL = '[^']*',\s*/gu, '')
        .replaceAll(/, FAILOVER_MODE = MANUAL, SEEDING_MODE = AUTOMATIC/gu, '')}`,
    );
  }
  await until('the copy is SYNCHRONIZED', async () => {
    const rows = await pair.source.rows(
      `SELECT drs.synchronization_state_desc AS state FROM sys.dm_hadr_database_replica_states drs
       JOIN sys.availability_groups ag ON ag.group_id = drs.group_id WHERE ag.is_distributed = 1`,
    );
    return rows[0]?.['state'] === 'SYNCHRONIZED';
  });
}
