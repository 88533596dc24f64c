/** Groups scripted from one lab and made again on an empty one: the catalogs have to be equal. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { availabilityGroupPreset } from '../../src/lab/preset/availability-group.ts';
import type { InstanceInventory } from '../../src/model/inventory.ts';
import type { Side } from '../../src/model/side.ts';
import {
  inventoryScript,
  type ScriptBlock,
  type ScriptScope,
} from '../../src/sql/statement/inventory-script.ts';
import { decodeInventory, inventoryBatch } from '../../src/sql/view/inventory.ts';
import type { LabDefinition } from '../../src/lab/definition.ts';
import { startAssessLab, type AssessLab } from '../support/assess-lab.ts';
import { openWorldSession } from '../support/statement-lab.ts';

const WAIT_LIMIT_MS = 60_000;
const LOOK_MS = 20;

const scope: ScriptScope = {
  distributed: 'DAG',
  local: { source: 'OnPremAG', target: 'AzureAG' },
};

function bare(definition: LabDefinition): LabDefinition {
  return {
    ...definition,
    instances: definition.instances.map((instance) => ({
      ...instance,
      databases: instance.databases.map((database) => ({ ...database, sample: 'none' as const })),
    })),
  };
}

const withGroups = (): LabDefinition => bare(availabilityGroupPreset);
const withoutGroups = (): LabDefinition => ({ ...bare(availabilityGroupPreset), groups: [] });

async function read(lab: AssessLab, name: string, side: Side): Promise<InstanceInventory> {
  const session = await openWorldSession(lab.world, { name });
  const version = lab.world.state().instances[name.toLowerCase()]?.version.major ?? 0;
  const { reply } = await session.ask(inventoryBatch(version));
  session.close();
  assert.deepEqual(reply.errors, []);
  const inventory = decodeInventory(reply, side);
  assert.ok(inventory.known, JSON.stringify(inventory));
  return inventory.value;
}

function readAll(lab: AssessLab): Promise<readonly InstanceInventory[]> {
  const { source, target } = lab.migration;
  return Promise.all(
    [source, target].flatMap((side) =>
      side.instances.map(({ name }) => read(lab, name, side.side)),
    ),
  );
}

async function replay(lab: AssessLab, blocks: readonly ScriptBlock[]): Promise<void> {
  for (const { instance, statements } of blocks) {
    for (const text of statements) if (!text.startsWith('--')) await lab.run(instance, text);
  }
}

/** Secondaries learn of a group and its databases a moment later. */
async function settled(
  lab: AssessLab,
  wanted: readonly InstanceInventory[],
): Promise<readonly InstanceInventory[]> {
  const end = lab.monotonic() + WAIT_LIMIT_MS;
  let seen = await readAll(lab);
  while (JSON.stringify(seen) !== JSON.stringify(wanted) && lab.monotonic() < end) {
    await lab.sleep(LOOK_MS);
    seen = await readAll(lab);
  }
  return seen;
}

const unusual = [
  "ALTER AVAILABILITY GROUP [OnPremAG] MODIFY REPLICA ON N'OnPremNode1' WITH (SECONDARY_ROLE (READ_ONLY_ROUTING_URL = N'TCP://OnPremNode1.contoso.com:1433'))",
  "ALTER AVAILABILITY GROUP [OnPremAG] MODIFY REPLICA ON N'OnPremNode2' WITH (SECONDARY_ROLE (READ_ONLY_ROUTING_URL = N'TCP://OnPremNode2.contoso.com:1433'))",
  "ALTER AVAILABILITY GROUP [OnPremAG] MODIFY REPLICA ON N'OnPremNode1' WITH (PRIMARY_ROLE (READ_ONLY_ROUTING_LIST = (N'OnPremNode2', N'OnPremNode1')))",
  "ALTER AVAILABILITY GROUP [OnPremAG] MODIFY REPLICA ON N'OnPremNode2' WITH (SESSION_TIMEOUT = 17)",
  "ALTER AVAILABILITY GROUP [OnPremAG] MODIFY REPLICA ON N'OnPremNode2' WITH (BACKUP_PRIORITY = 0)",
  "ALTER AVAILABILITY GROUP [OnPremAG] MODIFY REPLICA ON N'OnPremNode2' WITH (FAILOVER_MODE = MANUAL)",
  'ALTER AVAILABILITY GROUP [OnPremAG] SET (AUTOMATED_BACKUP_PREFERENCE = PRIMARY)',
  'ALTER AVAILABILITY GROUP [OnPremAG] SET (DB_FAILOVER = ON)',
  'ALTER AVAILABILITY GROUP [OnPremAG] SET (REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT = 1)',
];

const MEMBERS = `AVAILABILITY GROUP ON
  N'OnPremAG' WITH (LISTENER_URL = N'TCP://OnPremAG_LST.contoso.com:5022', AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT, FAILOVER_MODE = MANUAL, SEEDING_MODE = AUTOMATIC),
  N'AzureAG' WITH (LISTENER_URL = N'TCP://AzureAG_LST.contoso.com:5022', AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT, FAILOVER_MODE = MANUAL, SEEDING_MODE = AUTOMATIC)`;

const TARGET_GROUP = `CREATE AVAILABILITY GROUP [AzureAG] WITH (DB_FAILOVER = OFF)
  FOR REPLICA ON
    N'SQLVM1' WITH (ENDPOINT_URL = N'TCP://SQLVM1.contoso.com:5022', AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, FAILOVER_MODE = AUTOMATIC, SEEDING_MODE = AUTOMATIC),
    N'SQLVM2' WITH (ENDPOINT_URL = N'TCP://SQLVM2.contoso.com:5022', AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT, FAILOVER_MODE = MANUAL, SEEDING_MODE = AUTOMATIC)
  LISTENER N'AzureAG_LST' (WITH IP ((N'10.1.0.50', N'255.255.255.0'), (N'10.2.0.50', N'255.255.255.0')), PORT = 1433)`;

const ENDPOINT = `CREATE ENDPOINT [Hadr_endpoint] STATE = STARTED AS TCP (LISTENER_PORT = 5022)
  FOR DATABASE_MIRRORING (ROLE = ALL, ENCRYPTION = REQUIRED ALGORITHM AES)`;

async function twoPlusTwo(t: TestContext): Promise<AssessLab> {
  const lab = await startAssessLab(t, { title: 'two plus two', lab: withGroups, expect: [] });
  for (const text of unusual) await lab.run('OnPremNode1', text);
  for (const name of ['SQLVM1', 'SQLVM2']) {
    await lab.run(name, ENDPOINT);
    await lab.run(name, "CREATE LOGIN [CONTOSO\\it's]]] FROM WINDOWS");
    await lab.run(name, "GRANT CONNECT ON ENDPOINT::[Hadr_endpoint] TO [CONTOSO\\it's]]]");
  }
  await lab.run('SQLVM1', TARGET_GROUP);
  await lab.run('SQLVM2', 'ALTER AVAILABILITY GROUP [AzureAG] JOIN');
  await lab.run('SQLVM1', 'ALTER AVAILABILITY GROUP [AzureAG] GRANT CREATE ANY DATABASE');
  await lab.run('SQLVM2', 'ALTER AVAILABILITY GROUP [AzureAG] GRANT CREATE ANY DATABASE');
  await lab.run('OnPremNode1', `CREATE AVAILABILITY GROUP [DAG] WITH (DISTRIBUTED) ${MEMBERS}`);
  await lab.run('SQLVM1', `ALTER AVAILABILITY GROUP [DAG] JOIN ${MEMBERS}`);
  const end = lab.monotonic() + WAIT_LIMIT_MS;
  const count =
    "SELECT COUNT(*) AS n FROM sys.dm_hadr_database_replica_states WHERE database_state_desc = 'ONLINE' OR synchronization_state_desc IN ('SYNCHRONIZED', 'SYNCHRONIZING')";
  while ((await lab.run('SQLVM2', count))[0]?.['n'] === 0) {
    assert.ok(lab.monotonic() < end, 'the last replica has its copy in time');
    await lab.sleep(LOOK_MS);
  }
  return lab;
}

test('two groups of two replicas with their listeners and the distributed group are made again as they were', async (t) => {
  const lab = await twoPlusTwo(t);
  const original = await readAll(lab);
  const twin = await startAssessLab(t, { title: 'empty', lab: withoutGroups, expect: [] });
  const blocks = inventoryScript(original, scope);
  await replay(twin, blocks);
  assert.deepEqual(await settled(twin, original), original);
});

test('standalone servers are made again, after the switch in the direction that holds now', async (t) => {
  const lab = await startAssessLab(t, { title: 'switched', stage: 'switched', expect: [] });
  const original = await readAll(lab);
  const blocks = inventoryScript(original, scope);
  const dag = blocks.flatMap(({ side, statements }) =>
    statements.filter((text) => text.includes('[DAG]')).map((text) => [side, text.split(' ')[0]]),
  );
  assert.deepEqual(dag, [
    ['target', 'CREATE'],
    ['source', 'ALTER'],
  ]);
  const created = blocks.flatMap(({ statements }) =>
    statements.filter((text) => text.startsWith('CREATE AVAILABILITY GROUP [')),
  );
  assert.match(
    created[0] ?? '',
    /\[AzureAG\][^;]*CLUSTER_TYPE = NONE[^;]*FOR DATABASE \[Adventureworks\]/u,
  );
  assert.match(created[1] ?? '', /\[OnPremAG\][^;]*\bFOR\s+REPLICA ON/u);
});
