/** Settings, trace flags, volumes and server objects of the lab, as T-SQL shows them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { twoInstances } from '../support/article-world.ts';

const FLAGS = `DECLARE @flags TABLE (TraceFlag int, Status smallint, IsGlobal smallint, IsSession smallint);
INSERT INTO @flags EXEC (N'DBCC TRACESTATUS (-1) WITH NO_INFOMSGS');
SELECT TraceFlag FROM @flags ORDER BY TraceFlag;`;

const option = (name: string): string =>
  `SELECT CONVERT(int, value) AS value, CONVERT(int, value_in_use) AS in_use FROM sys.configurations WHERE name = N'${name}'`;

test('a setting is written by sp_configure and in use after RECONFIGURE, unless it needs a restart', async (t) => {
  const { source } = await twoInstances(t);
  const hidden = await source.batch("EXEC sp_configure N'max degree of parallelism', 4");
  assert.deepEqual(
    hidden.errors.map(({ number }) => number),
    [15_123],
  );
  await source.run("EXEC sp_configure N'show advanced options', 1; RECONFIGURE");
  await source.run("EXEC sp_configure N'max degree of parallelism', 4");
  assert.deepEqual(await source.rows(option('max degree of parallelism')), [
    { value: 4, in_use: 8 },
  ]);
  await source.run('RECONFIGURE WITH OVERRIDE');
  assert.deepEqual(await source.rows(option('max degree of parallelism')), [
    { value: 4, in_use: 4 },
  ]);
  await source.run("EXEC sp_configure N'priority boost', 1; RECONFIGURE");
  assert.deepEqual(await source.rows(option('priority boost')), [{ value: 1, in_use: 0 }]);
  const wrong = await source.batch("EXEC sp_configure N'priority boost', 2");
  assert.deepEqual(
    wrong.errors.map(({ number }) => number),
    [15_129],
  );
});

test('a login without ALTER SETTINGS sets nothing', async (t) => {
  const pair = await twoInstances(t);
  const visitor = await pair.session('OnPremNode', 'visitor');
  const written = await visitor.batch("EXEC sp_configure N'nested triggers', 0");
  const taken = await visitor.batch('RECONFIGURE');
  assert.deepEqual(
    [...written.errors, ...taken.errors].map(({ number }) => number),
    [15_247, 5812],
  );
  assert.deepEqual(await pair.source.rows(option('nested triggers')), [{ value: 1, in_use: 1 }]);
});

test('DBCC TRACESTATUS shows the flags that are on, also to INSERT ... EXEC', async (t) => {
  const { source } = await twoInstances(t);
  assert.deepEqual(await source.rows(FLAGS), []);
  await source.run('DBCC TRACEON (9567, 3226, -1)');
  assert.deepEqual(await source.rows(FLAGS), [{ TraceFlag: 3226 }, { TraceFlag: 9567 }]);
  assert.deepEqual(await source.rows('DBCC TRACESTATUS (1462) WITH NO_INFOMSGS'), [
    { TraceFlag: 1462, Status: 0, Global: 0, Session: 0 },
  ]);
});

test('volumes, properties and server objects are as the definition states them', async (t) => {
  const { source } = await twoInstances(t, {
    both: {
      catalog: {
        'sys.dm_os_volume_stats': [
          { volume_mount_point: 'F:\\', available_bytes: 1024 },
          { volume_mount_point: 'T:\\', total_bytes: 4096, available_bytes: 2048 },
        ],
        serverproperty: [{ property: 'IsIntegratedSecurityOnly', value: 1 }],
        'sys.servers': [{ server_id: 1, name: "ERP'\n]", is_linked: true, product: 'SQL Server' }],
      },
    },
  });
  assert.deepEqual(
    await source.rows(
      `SELECT d.fixed_drive_path AS drive, d.free_space_in_bytes AS free FROM sys.dm_os_enumerate_fixed_drives AS d WHERE d.fixed_drive_path IN (N'F:\\', N'T:\\') ORDER BY d.fixed_drive_path`,
    ),
    [
      { drive: 'F:\\', free: 1024n },
      { drive: 'T:\\', free: 2048n },
    ],
  );
  assert.deepEqual(
    await source.rows(
      `SELECT DISTINCT v.available_bytes AS free FROM sys.master_files AS f CROSS APPLY sys.dm_os_volume_stats(f.database_id, f.file_id) AS v WHERE v.volume_mount_point = N'F:\\'`,
    ),
    [{ free: 1024n }],
  );
  assert.deepEqual(
    await source.rows(
      "SELECT CONVERT(int, SERVERPROPERTY('IsIntegratedSecurityOnly')) AS only_windows",
    ),
    [{ only_windows: 1 }],
  );
  assert.deepEqual(await source.rows('SELECT s.name FROM sys.servers AS s WHERE s.is_linked = 1'), [
    { name: "ERP'\n]" },
  ]);
});
