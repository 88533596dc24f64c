/**
 * Servers for a lab case of the assessment, in this process: no sockets, no driver, time that jumps.
 *
 * The facts are read with the shipping batch through the T-SQL engine of the lab, decoded and judged
 * as the program does it. `assess-cases.test.ts` compares some cases with what the driver gives.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { systemRandom } from '../../src/adapters/random.ts';
import { required } from '../../src/base/assert.ts';
import { Secret } from '../../src/base/secret.ts';
import { makeCatalog } from '../../src/lab/catalog/catalog.ts';
import {
  hostFqdn,
  type LabDefinition,
  type LabInstanceDefinition,
} from '../../src/lab/definition.ts';
import { readFault } from '../../src/lab/fault/fault.ts';
import { applyFault } from '../../src/lab/fault/inject.ts';
import { makeInitialGroups } from '../../src/lab/initial-groups.ts';
import { standalonePreset } from '../../src/lab/preset/standalone.ts';
import { loginNames, worldDefinition } from '../../src/lab/world-definition.ts';
import { makeWorld, type World } from '../../src/lab/world/world.ts';
import type { AssessFacts, SideFacts } from '../../src/model/assess-facts.ts';
import type { Migration, MigrationInstance, MigrationSide } from '../../src/model/migration.ts';
import type { Problem } from '../../src/model/problem.ts';
import type { Side } from '../../src/model/side.ts';
import { assessBatch } from '../../src/sql/view/assess-batch.ts';
import { decodeFacts, unreachableFacts } from '../../src/sql/view/assess-decode.ts';
import { assembleFacts } from '../../src/sql/view/assess-side.ts';
import type { AssessCase, CaseStage } from '../lab/assess-case/case.ts';
import { JumpingClock } from './jumping-clock.ts';
import { articleMigration } from './observation.ts';
import { openWorldSession } from './statement-lab.ts';

const SETTLE_LIMIT_MS = 120_000;
const LOOK_MS = 20;
const NOTICE_MS = 20_000;
const ENDPOINT_PORT = 5022;
const LISTENER_PORT = 1433;
const PASSWORD = 'a test world has one password';

/** What a server that is down comes to; over the wire the connector says it. */
const DOWN: Problem = {
  code: 'SF-NET-001',
  summary: 'The server does not answer.',
  because: [],
  remedy: 'Start it.',
};

/** Servers of a case, reached by T-SQL. */
export interface CaseServers {
  readonly migration: Migration;
  /** Text of `sa` on an instance; an error fails the test. */
  run(instance: string, text: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  sleep(ms: number): Promise<void>;
  monotonic(): number;
}

/** Servers in this process, with the facts of the assessment. */
export interface AssessLab extends CaseServers {
  readonly world: World;
  /** Facts as the login sees them. */
  facts(login: string, migration: Migration): Promise<AssessFacts>;
}

/** The lab of a case: the standalone preset without sample rows, changed as the case says. */
export function caseDefinition(given: Pick<AssessCase, 'lab'>): LabDefinition {
  const standalone: LabDefinition = {
    ...standalonePreset,
    instances: standalonePreset.instances.map((instance) => ({
      ...instance,
      databases: instance.databases.map((database) => ({ ...database, sample: 'none' as const })),
    })),
  };
  return given.lab === undefined ? standalone : given.lab(standalone);
}

/** The migration file that belongs to a lab: the article's names, all databases of the source. */
export function caseMigration(definition: LabDefinition): Migration {
  const [first] = definition.instances.filter(({ side }) => side === 'source');
  return {
    ...articleMigration,
    databases: { kind: 'named', names: (first?.databases ?? []).map(({ name }) => name) },
    source: sideOf(definition, 'source'),
    target: sideOf(definition, 'target'),
  };
}

function sideOf(definition: LabDefinition, side: Side): MigrationSide {
  const plan = articleMigration[side];
  const instances = definition.instances
    .filter((instance) => instance.side === side)
    .map((instance): MigrationInstance => ({
      name: instance.name,
      fqdn: hostFqdn(instance),
      endpoint: { name: 'Hadr_endpoint', port: ENDPOINT_PORT },
    }));
  const [first, ...others] = instances;
  const group = (definition.groups ?? []).find(({ name }) => name === plan.availabilityGroup);
  return {
    side,
    availabilityGroup: plan.availabilityGroup,
    instances: [required(first, `an instance on the ${side}`), ...others],
    listener:
      group === undefined || group.listener === null
        ? null
        : { name: group.listener, port: LISTENER_PORT, ips: [listenerAddress(side)] },
  };
}

function listenerAddress(side: Side): string {
  return side === 'source' ? '10.0.0.50' : '10.1.0.50';
}

/** Starts the servers of a case and brings them where it begins; they end with the test. */
export async function startAssessLab(
  context: Pick<TestContext, 'after'>,
  given: AssessCase,
): Promise<AssessLab> {
  const definition = caseDefinition(given);
  const clock = new JumpingClock();
  const directory = mkdtempSync(join(tmpdir(), 'sqlferry-assess-'));
  const world = worldOf(definition, clock, directory);
  context.after(() => {
    world.close();
    clock.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  await makeInitialGroups(world, definition, {
    clock,
    places: new Map(
      (['source', 'target'] as const).flatMap((side) => {
        const { listener } = sideOf(definition, side);
        const place = { address: listenerAddress(side), port: LISTENER_PORT };
        return listener === null ? [] : [[listener.name.toLowerCase(), place] as const];
      }),
    ),
  });
  const lab: AssessLab = {
    world,
    migration: caseMigration(definition),
    sleep: (ms) => clock.sleep(ms),
    monotonic: () => clock.monotonic(),
    async run(name, text) {
      const session = await openWorldSession(world, { name });
      const { reply } = await session.ask(text);
      session.close();
      assert.deepEqual(reply.errors, [], `${name}: ${text}`);
      return reply.sets[0]?.rows ?? [];
    },
    async facts(login, migration) {
      const read = (side: Side) => readSide(world, { login, migration, side });
      return assembleFacts(await read('source'), await read('target'), migration);
    },
  };
  await prepareCase(lab, given);
  const names = definition.instances.map(({ name }) => name);
  for (const value of given.faults ?? []) {
    const fault = readFault(value);
    assert.ok(fault.ok, JSON.stringify(fault));
    assert.deepEqual(applyFault({ world, instances: names }, fault.value), {
      ok: true,
      value: null,
    });
  }
  // What is lost is noticed after the session timeout.
  if (given.faults !== undefined) await clock.sleep(NOTICE_MS);
  for (const text of given.last?.target ?? [])
    await lab.run(lab.migration.target.instances[0].name, text);
  if (given.last !== undefined) await clock.sleep(NOTICE_MS);
  return lab;
}

/** Every instance of a side, as the program reads them. */
async function readSide(
  world: World,
  from: { readonly login: string; readonly migration: Migration; readonly side: Side },
): Promise<readonly [SideFacts, ...SideFacts[]]> {
  const { migration, side, login } = from;
  const read = async ({ name }: MigrationInstance): Promise<SideFacts> => {
    const { version, up } = required(world.state().instances[name.toLowerCase()], name);
    if (!up) return unreachableFacts({ migration, side, instance: name }, DOWN);
    const versionMajor = version.major;
    const session = await openWorldSession(world, { name, user: login });
    const { reply } = await session.ask(assessBatch({ migration, side, versionMajor }));
    session.close();
    return decodeFacts(reply, { migration, side, instance: name, versionMajor });
  };
  const [first, ...others] = migration[side].instances;
  return Promise.all([read(first), ...others.map(read)] as const);
}

function worldOf(definition: LabDefinition, clock: JumpingClock, dataDirectory: string): World {
  return makeWorld({
    clock,
    random: systemRandom,
    dataDirectory,
    catalog: makeCatalog,
    definition: worldDefinition(definition, {
      places: definition.instances.map((_, index) => ({
        address: '127.0.0.1',
        port: 1433 + index,
      })),
      passwords: new Map(
        loginNames(definition).map((user) => [user.toLowerCase(), new Secret(PASSWORD)]),
      ),
      now: clock.now(),
      settings: { seedingMs: 200, seedingRetryMs: 50 },
      switches: { ...definition.switches },
    }),
  });
}

/** Brings servers to the stage of a case and sends its T-SQL. */
export async function prepareCase(servers: CaseServers, given: AssessCase): Promise<void> {
  const reached = STAGES.indexOf(given.stage ?? 'fresh');
  for (const stage of STAGES.slice(1, reached + 1)) await advance[stage](servers, given);
  for (const side of ['source', 'target'] as const)
    for (const text of given[side] ?? [])
      await servers.run(servers.migration[side].instances[0].name, text);
}

const STAGES = [
  'fresh',
  'endpoints',
  'groups',
  'distributed',
  'synchronised',
  'switched',
] as const satisfies readonly CaseStage[];

type Advance = (servers: CaseServers, given: AssessCase) => Promise<void>;

const advance: Readonly<Record<CaseStage, Advance>> = {
  fresh: () => Promise.resolve(),
  async endpoints(servers, given) {
    const hasGroups = (caseDefinition(given).groups ?? []).length > 0;
    for (const { name } of instancesOf(servers.migration)) {
      if (!hasGroups) await servers.run(name, ENDPOINT);
      for (const account of accountsOf(given)) await servers.run(name, loginText(account));
    }
  },
  async groups(servers, given) {
    const { migration } = servers;
    const existing = (caseDefinition(given).groups ?? []).map(({ name }) => name);
    for (const side of [migration.source, migration.target]) {
      const { name } = side.instances[0];
      if (existing.includes(side.availabilityGroup)) continue;
      await servers.run(name, groupText(side, migration));
      const group = side.availabilityGroup;
      await servers.run(name, `ALTER AVAILABILITY GROUP [${group}] GRANT CREATE ANY DATABASE`);
    }
  },
  async distributed(servers) {
    const { migration } = servers;
    const members = membersText(migration, 'ASYNCHRONOUS');
    const [source, target] = primaries(migration);
    await servers.run(source, `CREATE AVAILABILITY GROUP [DAG] WITH (DISTRIBUTED) ${members}`);
    await servers.run(target, `ALTER AVAILABILITY GROUP [DAG] JOIN ${members}`);
    await copiesAre(servers, 'SYNCHRONIZING');
  },
  async synchronised(servers) {
    for (const name of primaries(servers.migration)) await servers.run(name, modeText(servers));
    await copiesAre(servers, 'SYNCHRONIZED');
  },
  async switched(servers) {
    const [source, target] = primaries(servers.migration);
    await servers.run(source, 'ALTER AVAILABILITY GROUP [DAG] SET (ROLE = SECONDARY)');
    await servers.run(target, 'ALTER AVAILABILITY GROUP [DAG] FORCE_FAILOVER_ALLOW_DATA_LOSS');
    await copiesAre(servers, 'SYNCHRONIZED', target);
  },
};

function instancesOf({ source, target }: Migration): readonly MigrationInstance[] {
  return [...source.instances, ...target.instances];
}

function primaries({ source, target }: Migration): readonly [string, string] {
  return [source.instances[0].name, target.instances[0].name];
}

const ENDPOINT = `CREATE ENDPOINT [Hadr_endpoint] STATE = STARTED
AS TCP (LISTENER_PORT = ${ENDPOINT_PORT}, LISTENER_IP = ALL)
FOR DATABASE_MIRRORING (ROLE = ALL, AUTHENTICATION = WINDOWS NEGOTIATE, ENCRYPTION = REQUIRED ALGORITHM AES)`;

/** Domain accounts of the services, each once. */
function accountsOf(given: AssessCase): readonly string[] {
  const accounts = caseDefinition(given).instances.map(
    ({ serviceAccount }: LabInstanceDefinition) => serviceAccount,
  );
  return [...new Set(accounts)].filter((account) => /^(?!nt )[\w-]+\\/iu.test(account));
}

function loginText(account: string): string {
  return `CREATE LOGIN [${account}] FROM WINDOWS
GRANT CONNECT ON ENDPOINT::[Hadr_endpoint] TO [${account}]`;
}

function groupText(side: MigrationSide, migration: Migration): string {
  const [{ name, fqdn }] = side.instances;
  const names = migration.databases.kind === 'named' ? migration.databases.names : [];
  const databases =
    side.side === 'source' ? `DATABASE ${names.map((each) => `[${each}]`).join(', ')}` : '';
  return `CREATE AVAILABILITY GROUP [${side.availabilityGroup}]
WITH (DB_FAILOVER = OFF, DTC_SUPPORT = NONE, CLUSTER_TYPE = NONE)
FOR ${databases}
REPLICA ON N'${name}' WITH (ENDPOINT_URL = N'TCP://${fqdn}:${ENDPOINT_PORT}',
FAILOVER_MODE = MANUAL, AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, SEEDING_MODE = AUTOMATIC,
SECONDARY_ROLE(ALLOW_CONNECTIONS = ALL))`;
}

function membersText(migration: Migration, mode: 'ASYNCHRONOUS' | 'SYNCHRONOUS'): string {
  const member = (side: MigrationSide): string => {
    const [{ fqdn }] = side.instances;
    const host = side.listener === null ? fqdn : `${side.listener.name}.contoso.com`;
    return `'${side.availabilityGroup}' WITH (LISTENER_URL = 'tcp://${host}:${ENDPOINT_PORT}',
AVAILABILITY_MODE = ${mode}_COMMIT, FAILOVER_MODE = MANUAL, SEEDING_MODE = AUTOMATIC)`;
  };
  return `AVAILABILITY GROUP ON ${member(migration.source)}, ${member(migration.target)}`;
}

function modeText({ migration }: CaseServers): string {
  const { source, target } = migration;
  const member = ({ availabilityGroup }: MigrationSide): string =>
    `'${availabilityGroup}' WITH (AVAILABILITY_MODE = SYNCHRONOUS_COMMIT)`;
  return `ALTER AVAILABILITY GROUP [DAG] MODIFY AVAILABILITY GROUP ON ${member(source)}, ${member(target)}`;
}

/** Waits until every database of the distributed group shows the state, as the global primary sees it. */
async function copiesAre(
  servers: CaseServers,
  state: string,
  primary = servers.migration.source.instances[0].name,
): Promise<void> {
  const { databases } = servers.migration;
  const wanted = databases.kind === 'named' ? databases.names.length : 0;
  const text = `SELECT COUNT(*) AS copies FROM sys.dm_hadr_database_replica_states AS drs
INNER JOIN sys.availability_groups AS ag ON ag.group_id = drs.group_id
WHERE ag.name = N'DAG' AND drs.synchronization_state_desc = N'${state}';`;
  const end = servers.monotonic() + SETTLE_LIMIT_MS;
  for (;;) {
    const [row] = await servers.run(primary, text);
    if (row?.['copies'] === wanted) return;
    assert.ok(servers.monotonic() < end, `never ${state}`);
    await servers.sleep(LOOK_MS);
  }
}
