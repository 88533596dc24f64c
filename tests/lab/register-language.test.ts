/** What the batches of the commit register need of T-SQL, one claim each. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, startWorld, until } from '../support/two-server-world.ts';

const NAME = "N'sqlferry:lead:dag'";
const TAKE = `sys.sp_getapplock @Resource = ${NAME}, @LockMode = N'Exclusive', @LockOwner = N'Session', @LockTimeout = 0, @DbPrincipal = N'public'`;
const MODE = `SELECT APPLOCK_MODE(N'public', ${NAME}, N'Session'), APPLOCK_TEST(N'public', ${NAME}, N'Exclusive', N'Session');`;

test('APPLOCK_MODE tells the own lock, APPLOCK_TEST whether another could take it', async (t) => {
  const world = startWorld(t);
  const [first, second] = [await connect(world, 'SQLVM'), await connect(world, 'SQLVM')];
  assert.deepEqual(await first.run(MODE), [['NoLock', 1]]);
  assert.deepEqual(await first.run(`DECLARE @r int; EXEC @r = ${TAKE}; SELECT @r;`), [[0]]);
  assert.deepEqual(await first.run(MODE), [['Exclusive', 1]]);
  assert.deepEqual(await second.run(MODE), [['NoLock', 0]]);
  assert.deepEqual(await second.run(`DECLARE @r int; EXEC @r = ${TAKE}; SELECT @r;`), [[-1]]);
});

test('an application lock is a row of dm_tran_locks, and ends with its session', async (t) => {
  const world = startWorld(t);
  const [first, second] = [await connect(world, 'SQLVM'), await connect(world, 'SQLVM')];
  await first.run(`EXEC ${TAKE};`);
  const rows = await second.run(`SELECT resource_type, request_mode, request_status,
    request_owner_type, request_session_id,
    CASE WHEN resource_description LIKE N'0:[[]sqlferry:lead:dag]:(%)' THEN 1 ELSE 0 END
    FROM sys.dm_tran_locks WHERE resource_type = N'APPLICATION';`);
  assert.deepEqual(rows, [['APPLICATION', 'X', 'GRANT', 'SESSION', first.session.sessionId, 1]]);
  first.session.close();
  assert.deepEqual(await second.run(MODE), [['NoLock', 1]]);
});

test('who holds a lock gets it again although another waits for it', async (t) => {
  const world = startWorld(t);
  const [first, second] = [await connect(world, 'SQLVM'), await connect(world, 'SQLVM')];
  await first.run(`EXEC ${TAKE};`);
  const waits = second.run(
    `DECLARE @r int; EXEC @r = ${TAKE.replace('Timeout = 0', 'Timeout = 5000')}; SELECT @r;`,
  );
  await until('a waiter', () =>
    world.record('SQLVM').applicationLocks.some((lock) => lock.status === 'WAIT'),
  );
  assert.deepEqual(await first.run(`DECLARE @r int; EXEC @r = ${TAKE}; SELECT @r;`), [[0]]);
  const release = `EXEC sys.sp_releaseapplock @Resource = ${NAME}, @LockOwner = N'Session', @DbPrincipal = N'public';`;
  await first.run(release + release);
  assert.deepEqual(await waits, [[1]]);
});

test('a system procedure called through a database works there', async (t) => {
  const world = startWorld(t);
  const client = await connect(world, 'SQLVM');
  await client.run(`USE tempdb; EXEC master.${TAKE};`);
  assert.deepEqual(await client.run(MODE), [['NoLock', 1]]);
  assert.deepEqual(await client.run(`USE master; ${MODE}`), [['Exclusive', 1]]);
});

test('a seal made of values equals one made of the columns they were stored in', async (t) => {
  const world = startWorld(t);
  const client = await connect(world, 'SQLVM');
  const rows =
    await client.run(`CREATE DATABASE control; ALTER DATABASE control SET RECOVERY SIMPLE;
    CREATE TABLE control.dbo.r (k sysname PRIMARY KEY, phase varchar(12), at datetime2(3) NULL, seal varbinary(32));
    DECLARE @at datetime2(3) = DATEADD(millisecond, 1500, SYSUTCDATETIME());
    INSERT INTO control.dbo.r (k, phase, at, seal) VALUES (N'DAG', N'fenced', @at,
      HASHBYTES('SHA2_256', CONCAT(N'DAG', N'|', N'fenced', N'|', CONVERT(varchar(33), @at, 126))));
    SELECT COUNT(*) FROM control.dbo.r WHERE seal =
      HASHBYTES('SHA2_256', CONCAT(k, N'|', phase, N'|', CONVERT(varchar(33), at, 126)));
    UPDATE control.dbo.r SET phase = 'aborted' WHERE k = N'DAG' AND phase = 'fenced';
    SELECT COUNT(*) FROM control.dbo.r WHERE seal =
      HASHBYTES('SHA2_256', CONCAT(k, N'|', phase, N'|', CONVERT(varchar(33), at, 126)));
    DROP DATABASE control; SELECT DB_ID(N'control');`);
  assert.deepEqual(rows, [[1], [0], [null]]);
});

test('CHARINDEX under a binary collation tells capitals apart; elsewhere such a collation is refused', async (t) => {
  const world = startWorld(t);
  const client = await connect(world, 'SQLVM');
  const find = (text: string): string =>
    `SELECT CHARINDEX(N'${text}' COLLATE Latin1_General_BIN2, N'x"App"' COLLATE Latin1_General_BIN2);`;
  assert.deepEqual(await client.run(find('"App"')), [[2]]);
  assert.deepEqual(await client.run(find('"app"')), [[0]]);
  const compared = `SELECT 1 WHERE N'a' COLLATE Latin1_General_BIN2 = N'A';`;
  assert.deepEqual(await client.fail(compared), [49_901]);
});
