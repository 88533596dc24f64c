/** Rows of the catalog that a lab's definition states itself: overlaid by key, added, kept to their database. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { systemRandom } from '../../src/adapters/random.ts';
import { Secret } from '../../src/base/secret.ts';
import type { LabDefinition } from '../../src/lab/definition.ts';
import type { RawRow } from '../../src/sql/batch.ts';

import { readDefinition } from '../../src/lab/definition-file.ts';
import type { DeclaredCatalog } from '../../src/lab/declared.ts';
import { makeCatalog } from '../../src/lab/catalog/catalog.ts';
import { standalonePreset } from '../../src/lab/preset/standalone.ts';
import { loginNames, worldDefinition } from '../../src/lab/world-definition.ts';
import { makeWorld } from '../../src/lab/world/world.ts';
import { JumpingClock } from '../support/jumping-clock.ts';
import { openWorldSession } from '../support/statement-lab.ts';

const STATED: DeclaredCatalog = {
  'sys.databases': [{ is_auto_shrink_on: true, page_verify_option_desc: 'NONE' }],
  'sys.master_files': [
    { name: 'Adventureworks_log', max_size: 100 },
    { file_id: 3, type: 1, type_desc: 'LOG', name: 'log 2', physical_name: 'H:\\second.ldf' },
  ],
  'sys.assemblies': [{ name: 'Geo', permission_set_desc: 'UNSAFE_ACCESS' }],
  'sys.tables': [{ name: 'Orders', object_id: 7, temporal_type: 2 }],
  'sys.change_tracking_databases': [{ retention_period: 2 }],
  'sys.dm_db_log_stats': [{ total_vlf_count: 4321 }],
  DATABASEPROPERTYEX: [{ property: 'LastGoodCheckDbTime', value: 'now-40d' }],
};

/** A standalone server in this process whose database states the rows; the function sends T-SQL as sa. */
function statedServer(
  context: Pick<TestContext, 'after'>,
  catalog: DeclaredCatalog,
): (text: string) => Promise<readonly RawRow[]> {
  const definition: LabDefinition = {
    ...standalonePreset,
    instances: standalonePreset.instances.map((instance) => ({
      ...instance,
      databases: instance.databases.map((each) => ({ ...each, sample: 'none', catalog })),
    })),
  };
  const clock = new JumpingClock();
  const dataDirectory = mkdtempSync(join(tmpdir(), 'sqlferry-stated-'));
  const world = makeWorld({
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
        loginNames(definition).map((user) => [
          user.toLowerCase(),
          new Secret('a test world has one password'),
        ]),
      ),
      now: clock.now(),
    }),
  });
  context.after(() => {
    world.close();
    clock.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });
  return async (text) => {
    const session = await openWorldSession(world, { name: 'OnPremNode' });
    const { reply } = await session.ask(text);
    session.close();
    assert.deepEqual(reply.errors, [], text);
    return reply.sets[0]?.rows ?? [];
  };
}

test('stated rows change the row with their key, are added otherwise, and stay in their database', async (t) => {
  const run = statedServer(t, STATED);
  assert.deepEqual(
    await run(`SELECT name, is_auto_shrink_on AS shrink, page_verify_option_desc AS verify
FROM sys.databases WHERE name IN (N'model', N'Adventureworks') ORDER BY database_id`),
    [
      { name: 'model', shrink: false, verify: 'CHECKSUM' },
      { name: 'Adventureworks', shrink: true, verify: 'NONE' },
    ],
  );
  assert.deepEqual(
    await run(`SELECT f.name, f.type_desc, f.max_size FROM sys.master_files AS f
WHERE f.database_id = DB_ID(N'Adventureworks') ORDER BY f.file_id`),
    [
      { name: 'Adventureworks', type_desc: 'ROWS', max_size: -1 },
      { name: 'Adventureworks_log', type_desc: 'LOG', max_size: 100 },
      { name: 'log 2', type_desc: 'LOG', max_size: 0 },
    ],
  );
  assert.deepEqual(await run(`SELECT name FROM [Adventureworks].sys.assemblies`), [
    { name: 'Geo' },
  ]);
  assert.deepEqual(await run(`SELECT name FROM master.sys.assemblies`), []);
  assert.deepEqual(await run(`SELECT name, temporal_type FROM [Adventureworks].sys.tables`), [
    { name: 'Orders', temporal_type: 2 },
  ]);
  assert.deepEqual(
    await run(`SELECT DB_NAME(c.database_id) AS name, c.retention_period
FROM sys.change_tracking_databases AS c`),
    [{ name: 'Adventureworks', retention_period: 2 }],
  );
  assert.deepEqual(
    await run(`SELECT d.name, s.total_vlf_count AS pieces FROM sys.databases AS d
CROSS APPLY sys.dm_db_log_stats(d.database_id) AS s`),
    [{ name: 'Adventureworks', pieces: '4321' }],
  );
  const [checked] = await run(`SELECT DATEDIFF(day,
CONVERT(datetime, DATABASEPROPERTYEX(N'Adventureworks', 'LastGoodCheckDbTime')), GETDATE()) AS days`);
  assert.equal(checked?.['days'], 40);
});

test('a database that is stated to be closed refuses its users, and ALTER DATABASE changes stated options', async (t) => {
  const run = statedServer(t, {
    'sys.databases': [{ state: 4, state_desc: 'SUSPECT', is_auto_shrink_on: true }],
  });
  await assert.rejects(run('SELECT name FROM [Adventureworks].sys.tables'), /926/u);
  await run(`ALTER DATABASE [Adventureworks] SET AUTO_SHRINK OFF;
ALTER DATABASE [Adventureworks] SET PAGE_VERIFY TORN_PAGE_DETECTION;`);
  assert.deepEqual(
    await run(`SELECT d.state_desc, d.is_auto_shrink_on, d.page_verify_option_desc
FROM sys.databases AS d WHERE d.name = N'Adventureworks'`),
    [
      {
        state_desc: 'SUSPECT',
        is_auto_shrink_on: false,
        page_verify_option_desc: 'TORN_PAGE_DETECTION',
      },
    ],
  );
});

test('an unknown view or column in lab.yaml is an error with its place', () => {
  const file = (catalog: string): string => `version: 1
instances:
  - name: A
    side: source
    databases:
      - name: D
        catalog: ${catalog}
`;
  const bad = readDefinition(file('{ sys.nothing: [] }'), 'lab.yaml');
  assert.ok(!bad.ok);
  assert.match(
    bad.error.join('\n'),
    /lab\.yaml:7:\d+: .*sys\.nothing.*allowed: a view of the lab/u,
  );
  const column = readDefinition(file('{ sys.databases: [{ colour: red }] }'), 'lab.yaml');
  assert.ok(!column.ok);
  assert.match(column.error.join('\n'), /no column colour; allowed: name, database_id/u);
  assert.ok(readDefinition(file('{ sys.databases: [{ is_cdc_enabled: true }] }'), 'lab.yaml').ok);
});
