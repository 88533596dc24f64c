/** Sessions: errors and batches, transactions, locks, cancellation, procedures, lost databases. */

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { collect, plainInstance } from '../../../../tests/support/plain-instance.ts';
import type {
  PlainDatabase,
  PlainInstance,
  TestSession,
} from '../../../../tests/support/plain-instance.ts';
import { renderRows } from '../../../../tests/support/render.ts';
import { required } from '../../../base/assert.ts';
import { serverMessage } from '../message.ts';

const INT = { kind: 'int' } as const;
const TEXT = { kind: 'nvarchar', length: 4000 } as const;

describe('a session', () => {
  let instance: PlainInstance;
  let session: TestSession;
  let database: PlainDatabase;
  beforeEach(async () => {
    instance = plainInstance('db', 'other');
    session = instance.connect();
    database = required(instance.databases.get('db'), 'db');
    const answer = await session.run(
      'CREATE TABLE t (id int PRIMARY KEY, v int); INSERT t VALUES (1, 10), (2, 20)',
    );
    assert.deepEqual(answer.errors, []);
  });
  afterEach(() => instance.close());

  /** Batches, the numbers of their errors, and the rows of the last result set. */
  const batches: readonly (readonly [sql: string, errors: string, rows: string])[] = [
    ['INSERT t VALUES (1, 1); SELECT 5', '2627', '5'],
    ['SELECT * FROM nope; SELECT 5', '208', ''],
    ["SELECT CAST('x' AS int); SELECT 5", '245', ''],
    ['SELECT 1/0; SELECT 5', '8134', '5'],
    [
      'SET XACT_ABORT ON; BEGIN TRAN; INSERT t VALUES (3, 3); INSERT t VALUES (1, 1); COMMIT',
      '2627',
      '',
    ],
    [
      'BEGIN TRY INSERT t VALUES (1, 1) END TRY BEGIN CATCH SELECT ERROR_NUMBER(), ERROR_SEVERITY(), XACT_STATE() END CATCH',
      '',
      '2627|14|0',
    ],
    [
      'BEGIN TRY BEGIN TRAN; INSERT t VALUES (1, 1) END TRY BEGIN CATCH SELECT XACT_STATE(), @@TRANCOUNT; ROLLBACK END CATCH',
      '',
      '1|1',
    ],
    [
      "BEGIN TRY BEGIN TRAN; SELECT CAST('x' AS int) END TRY BEGIN CATCH SELECT XACT_STATE(); ROLLBACK END CATCH",
      '',
      '-1',
    ],
    [
      'SET XACT_ABORT ON; BEGIN TRY BEGIN TRAN; INSERT t VALUES (1, 1) END TRY BEGIN CATCH SELECT XACT_STATE(); ROLLBACK END CATCH',
      '',
      '-1',
    ],
    [
      'SET XACT_ABORT ON; BEGIN TRY BEGIN TRAN; INSERT t VALUES (1, 1) END TRY BEGIN CATCH INSERT t VALUES (8, 8) END CATCH',
      '3930',
      '',
    ],
    [
      "BEGIN TRY THROW 50001, N'mine', 7 END TRY BEGIN CATCH SELECT ERROR_NUMBER(), ERROR_MESSAGE(), ERROR_STATE() END CATCH",
      '',
      '50001|mine|7',
    ],
    ['BEGIN TRY SELECT 1/0 END TRY BEGIN CATCH THROW END CATCH; SELECT 5', '8134', ''],
    ["THROW 50002, N'stop', 1; SELECT 5", '50002', ''],
    ["RAISERROR('bad %s %d', 16, 1, 'x', 4); SELECT @@ERROR", '50000', '50000'],
    [
      "BEGIN TRY RAISERROR('bad', 16, 3) END TRY BEGIN CATCH SELECT ERROR_MESSAGE(), ERROR_STATE() END CATCH",
      '',
      'bad|3',
    ],
    [
      "BEGIN TRY EXEC('SELECT 1/0') END TRY BEGIN CATCH SELECT ERROR_NUMBER() END CATCH",
      '',
      '8134',
    ],
    ["EXEC('SELECT * FROM nope; SELECT 4'); SELECT 5", '208', '5'],
    ["EXEC sp_executesql N'SELECT * FROM nope'; SELECT 5", '208', '5'],
    ["EXEC('THROW 50001, N''x'', 1'); SELECT 5", '50001', ''],
    ['SET NOEXEC ON; DELETE t; SET NOEXEC OFF; SELECT COUNT(*) FROM t', '', '2'],
    ['THROW', '10704', ''],
    ['COMMIT', '3902', ''],
    ['ROLLBACK', '3903', ''],
    ['IF @@TRANCOUNT > 0 ROLLBACK BEGIN TRANSACTION', '', ''],
    ['BEGIN TRAN; BEGIN TRAN; COMMIT; SELECT @@TRANCOUNT; ROLLBACK', '', '1'],
    [
      'BEGIN TRAN; UPDATE t SET v = 0; SAVE TRAN s; DELETE t; ROLLBACK TRAN s; SELECT COUNT(*), SUM(v) FROM t; ROLLBACK',
      '',
      '2|0',
    ],
    ['BEGIN TRAN; ROLLBACK TRAN nosuch', '6401', ''],
    ['BEGIN TRAN; CREATE DATABASE x', '226', ''],
    ['SET LOCK_TIMEOUT 500; SELECT @@LOCK_TIMEOUT', '', '500'],
    ['SET NOCOUNT ON; SELECT 1', '', '1'],
    ["PRINT 'x'; RETURN; SELECT 5", '', ''],
    ["WAITFOR DELAY '00:00:00.005'; SELECT 5", '', '5'],
    ['USE other; SELECT DB_NAME()', '', 'other'],
    ["EXEC('USE other'); SELECT DB_NAME()", '', 'db'],
    ['SELECT FROM WHERE', '156', ''],
    [
      "EXEC sp_getapplock @Resource = 'r', @LockMode = 'Exclusive', @LockOwner = 'Session', @LockTimeout = 0",
      '',
      '',
    ],
    ["DECLARE @r int; EXEC @r = sp_getapplock 'r', 'Exclusive', 'Session', 0; SELECT @r", '', '0'],
    ["DECLARE @r int; EXEC @r = sp_releaseapplock 'never', 'Session'; SELECT @r", '', '-999'],
    ["EXEC sp_set_session_context N'k', 5; SELECT SESSION_CONTEXT(N'k')", '', '5'],
    ['sp_datatype_info_100 12,3', '', ''],
    ["EXEC sp_executesql N'SELECT @a', N'@a int'", '8178', ''],
  ];
  for (const [sql, errors, rows] of batches) {
    it(`answers ${errors === '' ? 'without error' : errors} to ${sql}`, async () => {
      const answer = await session.run(sql);
      assert.equal(answer.errors.map((message) => message.number).join(), errors);
      if (rows !== '') assert.equal(renderRows(answer.sets.at(-1)?.rows ?? []), rows);
      else if (!sql.startsWith('sp_'))
        assert.ok(answer.sets.every((set) => set.rows.length === 0 || errors !== ''));
    });
  }

  it('reports the line of the statement that failed', async () => {
    const answer = await session.run('SELECT 1\nGOOD:\n'.slice(0, 9) + '\nSELECT 1/0');
    assert.equal(answer.errors[0]?.line, 3);
  });

  it('takes the whole statement back when one row fails', async () => {
    const answer = await session.run('INSERT t VALUES (3, 3), (4, 4), (1, 1)');
    assert.deepEqual(
      answer.messages.map((message) => message.number),
      [3621],
    );
    assert.equal(renderRows(await session.rows('SELECT COUNT(*) FROM t')), '2');
  });

  it('rolls a transaction back, temporary tables included', async () => {
    await session.run(
      'CREATE TABLE #x (a int); INSERT #x VALUES (1); BEGIN TRAN; INSERT #x VALUES (2); DELETE t; CREATE TABLE fresh (a int); ROLLBACK',
    );
    assert.equal(
      renderRows(await session.rows('SELECT (SELECT COUNT(*) FROM #x), (SELECT COUNT(*) FROM t)')),
      '1|2',
    );
    assert.equal((await session.run('SELECT * FROM fresh')).errors[0]?.number, 208);
  });

  it('keeps the rows of table variables over a rollback, but not those of a failed statement', async () => {
    const kept = await session.run(
      'DECLARE @v TABLE (a int); BEGIN TRAN; INSERT @v VALUES (1); DELETE t; ROLLBACK; SELECT COUNT(*) FROM @v',
    );
    assert.equal(renderRows(kept.sets.at(-1)?.rows ?? []), '1');
    const answer = await session.run(
      'DECLARE @v TABLE (a int PRIMARY KEY); INSERT @v VALUES (1); INSERT @v VALUES (2), (1); SELECT COUNT(*) FROM @v',
    );
    assert.equal(renderRows(answer.sets.at(-1)?.rows ?? []), '1');
  });

  it('tells when a transaction begins and ends', async () => {
    const answer = await session.run('BEGIN TRAN; COMMIT; BEGIN TRAN; ROLLBACK');
    assert.deepEqual(answer.changes, ['began', 'committed', 'began', 'rolled-back']);
    assert.equal(session.state.openTransactions, 0);
  });

  it('begins transactions by itself under IMPLICIT_TRANSACTIONS', async () => {
    await session.run('SET IMPLICIT_TRANSACTIONS ON; INSERT t VALUES (7, 7)');
    assert.equal(session.state.openTransactions, 1);
    await session.run('ROLLBACK');
    assert.equal(renderRows(await session.rows('SELECT COUNT(*) FROM t')), '2');
  });

  it('shows others the last committed state and makes other writers wait', async () => {
    const other = instance.connect();
    await session.run('BEGIN TRAN; UPDATE t SET v = 99 WHERE id = 1');
    assert.equal(renderRows(await other.rows('SELECT v FROM t WHERE id = 1')), '10');
    assert.equal(renderRows(await session.rows('SELECT v FROM t WHERE id = 1')), '99');
    const refused = await other.run('SET LOCK_TIMEOUT 1; UPDATE t SET v = 5 WHERE id = 2');
    assert.deepEqual(
      refused.errors.map((message) => message.number),
      [1222],
    );
    const waiting = other.run('SET LOCK_TIMEOUT -1; UPDATE t SET v = v + 1 WHERE id = 1');
    await session.run('COMMIT');
    await waiting;
    assert.equal(renderRows(await session.rows('SELECT v FROM t WHERE id = 1')), '100');
  });

  it('gives the locks of a closed session to the next writer', async () => {
    const other = instance.connect();
    await session.run('BEGIN TRAN; DELETE t');
    const waiting = other.run('UPDATE t SET v = 1 WHERE id = 1');
    session.session.close();
    await waiting;
    assert.equal(renderRows(await other.rows('SELECT COUNT(*), MIN(v) FROM t')), '2|1');
  });

  it('stops an endless loop, a wait and a lock wait at an attention', async () => {
    const other = instance.connect();
    await other.run('BEGIN TRAN; DELETE t');
    for (const sql of [
      'WHILE 1 = 1 SET NOCOUNT ON',
      "WAITFOR DELAY '01:00:00'",
      'UPDATE t SET v = 1',
      'SELECT COUNT(*) FROM GENERATE_SERIES(1, 90000000)',
    ]) {
      const controller = new AbortController();
      const running = session.run(sql, controller.signal);
      await new Promise((resolve) => setImmediate(resolve));
      controller.abort();
      const answer = await running;
      assert.deepEqual(answer.errors, [], sql);
    }
    await other.run('ROLLBACK');
    assert.equal(renderRows(await session.rows('SELECT COUNT(*) FROM t')), '2');
  });

  it('lets others run while a long query runs', async () => {
    const other = instance.connect();
    let finished = false;
    const long = session
      .run('SELECT COUNT(*) FROM GENERATE_SERIES(1, 200000)')
      .then(() => (finished = true));
    await other.rows('SELECT 1');
    assert.equal(finished, false);
    await long;
  });

  it('raises the error of a database that was lost, until USE leads elsewhere', async () => {
    database.refused = serverMessage(976, 'db');
    assert.equal((await session.run('SELECT 1')).errors[0]?.number, 976);
    assert.equal((await session.run('USE db')).errors[0]?.number, 976);
    assert.equal(renderRows(await session.rows('USE other; SELECT DB_NAME()')), 'other');
    assert.equal((await session.run('SELECT * FROM db.dbo.t')).errors[0]?.number, 976);
  });

  it('refuses to write to a readable secondary with 3906', async () => {
    database.writable = false;
    for (const sql of ['INSERT t VALUES (9, 9)', 'DELETE t', 'CREATE TABLE u (a int)']) {
      assert.equal((await session.run(sql)).errors[0]?.number, 3906, sql);
    }
    assert.equal(renderRows(await session.rows('SELECT COUNT(*) FROM t')), '2');
  });

  it('undoes a commit that the log refuses', async () => {
    database.refuseCommit = serverMessage(988, 'db');
    assert.equal((await session.run('INSERT t VALUES (9, 9)')).errors[0]?.number, 988);
    assert.equal(
      (await session.run('BEGIN TRAN; INSERT t VALUES (9, 9); COMMIT')).errors[0]?.number,
      988,
    );
    database.refuseCommit = null;
    assert.equal(renderRows(await session.rows('SELECT COUNT(*), @@TRANCOUNT FROM t')), '2|0');
  });

  it('answers a commit only when it is acknowledged', async () => {
    let acknowledge: () => void = () => undefined;
    database.outcome = new Promise((resolve) => {
      acknowledge = () => resolve({ kind: 'acknowledged' });
    });
    let answered = false;
    const running = session.run('INSERT t VALUES (9, 9)').then(() => (answered = true));
    while (session.state.waitType !== 'HADR_SYNC_COMMIT')
      await new Promise((resolve) => setImmediate(resolve));
    assert.equal(answered, false);
    acknowledge();
    await running;
    assert.equal(session.state.waitType, '');
  });

  it('ends when redo takes the database from under its transaction', async () => {
    await session.run('BEGIN TRAN; DELETE t');
    database.store.redo({ operations: [], bytes: 60 });
    const answer = await session.run('COMMIT');
    assert.deepEqual(answer.counts, []);
    assert.deepEqual(session.ended, [null]);
    assert.equal(renderRows(await instance.connect().rows('SELECT COUNT(*) FROM t')), '2');
  });

  it('ends without an answer when the database is lost while a commit waits', async () => {
    database.outcome = Promise.resolve({ kind: 'session-ended', message: null });
    const answer = await session.run('INSERT t VALUES (9, 9); SELECT 5');
    assert.deepEqual(answer.counts, []);
    assert.deepEqual(session.ended, [null]);
  });

  it('writes nothing to the log for statements that change nothing', async () => {
    const before = instance.log.length;
    await session.run(
      'UPDATE t SET v = 1 WHERE id = 99; DELETE t WHERE id = 99; BEGIN TRAN; COMMIT; SELECT * FROM t',
    );
    assert.equal(instance.log.length, before);
  });

  it('puts all statements of a transaction into one log record', async () => {
    const before = instance.log.length;
    await session.run(
      'BEGIN TRAN; INSERT t VALUES (3, 3); UPDATE t SET v = 4 WHERE id = 3; COMMIT',
    );
    assert.deepEqual(
      instance.log
        .slice(before)
        .map((payload) => payload.operations.map((operation) => operation.kind)),
      [['insert', 'update']],
    );
  });

  it('prepares, executes and forgets statements', async () => {
    const parameter = (name: string, value: string | number | null, output = false) => ({
      name,
      type: typeof value === 'string' ? TEXT : INT,
      value,
      output,
    });
    const prepared = await session.rpc('sp_prepexec', [
      parameter('', null, true),
      parameter('', '@a int'),
      parameter('', 'SELECT v FROM t WHERE id = @a'),
      parameter('@a', 2),
    ]);
    assert.equal(renderRows(prepared.sets[0]?.rows ?? []), '20');
    const handle = Number(prepared.outputs.get(''));
    assert.ok(handle > 0);
    assert.equal(prepared.status, 0);
    const again = await session.rpc('sp_execute', [parameter('', handle), parameter('', 1)]);
    assert.equal(renderRows(again.sets[0]?.rows ?? []), '10');
    await session.rpc('sp_unprepare', [parameter('', handle)]);
    assert.equal(
      (await session.rpc('sp_execute', [parameter('', handle), parameter('', 1)])).errors[0]
        ?.number,
      8179,
    );
    const output = await session.rpc('sp_executesql', [
      parameter('', 'SET @o = @a * 2'),
      parameter('', '@a int, @o int OUTPUT'),
      parameter('@a', 4),
      parameter('@o', null, true),
    ]);
    assert.equal(output.outputs.get('@o'), 8);
    assert.equal((await session.rpc('sp_nope', [])).errors[0]?.number, 2812);
  });

  it('serves the transaction manager of the wire', async () => {
    const { answer, sink } = collect();
    const never = new AbortController().signal;
    await session.session.transaction({ kind: 'begin', isolation: 2, name: '' }, sink, never);
    await session.run('DELETE t');
    await session.session.transaction(
      { kind: 'rollback', name: '', beginAgain: false },
      sink,
      never,
    );
    assert.deepEqual(answer.changes, ['began', 'rolled-back']);
    assert.equal(renderRows(await session.rows('SELECT COUNT(*) FROM t')), '2');
  });

  it('is as after the login when it was reset', async () => {
    await session.run('USE other; SET XACT_ABORT ON; CREATE TABLE #x (a int); BEGIN TRAN');
    await session.session.reset(false);
    assert.equal(renderRows(await session.rows('SELECT DB_NAME(), @@TRANCOUNT')), 'db|0');
    assert.equal((await session.run('SELECT * FROM #x')).errors[0]?.number, 208);
  });
});
