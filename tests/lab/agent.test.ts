/** SQL Server Agent of the lab: jobs through msdb's procedures, steps as real sessions, what a restart keeps. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { World } from '../../src/lab/world/world.ts';
import { connect, startWorld, until, type Client } from '../support/two-server-world.ts';

const NAME = "N'sqlferry dead-man [DAG]'";

async function addJob(client: Client, command: string, more = ''): Promise<void> {
  await client.run(`
    DECLARE @id uniqueidentifier;
    EXEC msdb.dbo.sp_add_job @job_name = ${NAME}, @job_id = @id OUTPUT;
    EXEC msdb.dbo.sp_add_jobstep @job_id = @id, @step_name = N'one', @subsystem = N'TSQL',
      @command = N'${command.replaceAll("'", "''")}', @database_name = N'master';
    EXEC msdb.dbo.sp_add_jobserver @job_id = @id, @server_name = N'(local)';
    ${more}`);
}

const START = `EXEC msdb.dbo.sp_start_job @job_name = ${NAME};`;
const STATUS = `SELECT h.step_id, h.run_status, h.sql_message_id FROM msdb.dbo.sysjobhistory AS h
  INNER JOIN msdb.dbo.sysjobs AS j ON j.job_id = h.job_id WHERE j.name = ${NAME} ORDER BY h.instance_id;`;
const RUNNING = `SELECT COUNT(*) FROM msdb.dbo.sysjobactivity AS a
  INNER JOIN msdb.dbo.sysjobs AS j ON j.job_id = a.job_id
  WHERE a.session_id = (SELECT MAX(session_id) FROM msdb.dbo.syssessions)
  AND j.name = ${NAME} AND a.start_execution_date IS NOT NULL AND a.stop_execution_date IS NULL;`;

function history(world: World): number {
  return world.record('OnPremNode').agent.history.filter((row) => row.stepId === 0).length;
}

test('a job runs after its start was answered, as a session of the service, and leaves history', async (t) => {
  const world = startWorld(t);
  const sa = await connect(world, 'OnPremNode');
  await sa.run('CREATE TABLE Adventureworks.dbo.seen (who nvarchar(128), what nvarchar(200))');
  await addJob(
    sa,
    "INSERT INTO Adventureworks.dbo.seen SELECT ORIGINAL_LOGIN(), APP_NAME(); SELECT N'x';",
  );
  const answer = await sa.ask(START);
  assert.deepEqual(
    answer.infos.map((message) => message.text),
    ["Job 'sqlferry dead-man [DAG]' started successfully."],
  );
  await until('the run', () => history(world) === 1);
  const [row] = await sa.run('SELECT who, what FROM Adventureworks.dbo.seen');
  assert.equal(row?.[0], 'NT SERVICE\\SQLSERVERAGENT');
  assert.match(
    JSON.stringify(row?.[1]),
    /^"SQLAgent - TSQL JobStep \(Job 0x[0-9A-F]{32} : Step 1\)"$/u,
  );
  assert.deepEqual(await sa.run(STATUS), [
    [1, 1, 0],
    [0, 1, 0],
  ]);
  assert.deepEqual(await sa.run(RUNNING), [[0]]);
});

test('an error makes the step fail with its number', async (t) => {
  const world = startWorld(t);
  const sa = await connect(world, 'OnPremNode');
  await addJob(sa, "RAISERROR (N'no', 16, 1);");
  await sa.run(START);
  await until('the run', () => history(world) === 1);
  assert.deepEqual(await sa.run(STATUS), [
    [1, 0, 50_000],
    [0, 0, 0],
  ]);
});

test('a running job is refused a second start, is shown, and can be stopped', async (t) => {
  const world = startWorld(t);
  const sa = await connect(world, 'OnPremNode');
  await addJob(sa, "WHILE 1 = 1 WAITFOR DELAY '00:00:01';");
  await sa.run(START);
  assert.deepEqual(await sa.fail(START), [22_022]);
  await until('the session', () =>
    world
      .record('OnPremNode')
      .sessions.some((session) => session.identity.programName.startsWith('SQLAgent')),
  );
  assert.deepEqual(await sa.run(RUNNING), [[1]]);
  await sa.run(`EXEC msdb.dbo.sp_stop_job @job_name = ${NAME};`);
  await until('the end', () => history(world) === 1);
  assert.deepEqual(await sa.run(RUNNING), [[0]]);
  assert.equal(world.record('OnPremNode').agent.history.at(-1)?.runStatus, 3);
  assert.deepEqual(await sa.fail(`EXEC msdb.dbo.sp_stop_job @job_name = ${NAME};`), [22_022]);
});

test('unknown jobs, names that are taken and jobs without a server have their numbers', async (t) => {
  const world = startWorld(t);
  const sa = await connect(world, 'OnPremNode');
  assert.deepEqual(await sa.fail(START), [14_262]);
  await sa.run(`EXEC msdb.dbo.sp_add_job @job_name = ${NAME};`);
  assert.deepEqual(await sa.fail(`EXEC msdb.dbo.sp_add_job @job_name = ${NAME};`), [14_261]);
  assert.deepEqual(await sa.fail(START), [14_256]);
  assert.deepEqual(await sa.fail(`EXEC sp_start_job @job_name = ${NAME};`), [2812]);
  assert.deepEqual(await sa.fail('EXEC msdb.dbo.sp_start_job;'), [14_294]);
});

test('a login that is not sysadmin may not administer jobs', async (t) => {
  const world = startWorld(t);
  const writer = await connect(world, 'OnPremNode', { user: 'app_writer' });
  assert.deepEqual(await writer.fail(START), [229]);
});

test('an error of a procedure is caught by TRY and does not end the batch', async (t) => {
  const world = startWorld(t);
  const sa = await connect(world, 'OnPremNode');
  const rows = await sa.run(`SET XACT_ABORT ON;
    BEGIN TRY ${START} SELECT 0; END TRY BEGIN CATCH SELECT ERROR_NUMBER(); END CATCH;`);
  assert.deepEqual(rows, [[14_262]]);
});

test('a stopped Agent takes no job and shows so; allowed again it runs them', async (t) => {
  const world = startWorld(t);
  const sa = await connect(world, 'OnPremNode');
  const service = `SELECT status_desc FROM sys.dm_server_services WHERE servicename LIKE N'SQL Server Agent%';`;
  await addJob(sa, 'SELECT 1;');
  assert.deepEqual(await sa.run(service), [['Running']]);
  world.setAgent('OnPremNode', false);
  assert.deepEqual(await sa.run(service), [['Stopped']]);
  assert.deepEqual(await sa.fail(START), [22_022]);
  world.setAgent('OnPremNode', true);
  await sa.run(START);
  await until('the run', () => history(world) === 1);
});

test('a crash ends the step for good, but a job scheduled for the start of the Agent runs again', async (t) => {
  const world = startWorld(t);
  const sa = await connect(world, 'OnPremNode');
  const schedule = `EXEC msdb.dbo.sp_add_jobschedule @job_name = ${NAME}, @name = N'start', @freq_type = 64;`;
  await addJob(sa, "WHILE 1 = 1 WAITFOR DELAY '00:00:01';", schedule);
  await sa.run(START);
  const sessions = (): number =>
    world
      .record('OnPremNode')
      .sessions.filter((session) => session.identity.programName.startsWith('SQLAgent')).length;
  await until('the first run', () => sessions() === 1);
  world.crash('OnPremNode');
  assert.equal(world.record('OnPremNode').agent.running, false);
  assert.equal(sessions(), 0);
  world.restart('OnPremNode');
  assert.equal(world.record('OnPremNode').agent.running, true);
  await until('the second run', () => sessions() === 1);
  assert.equal(history(world), 0);
  const later = await connect(world, 'OnPremNode');
  assert.deepEqual(await later.run('SELECT COUNT(*) FROM msdb.dbo.syssessions'), [[2]]);
  assert.deepEqual(await later.run(RUNNING), [[1]]);
});

test('a job without a schedule does not come back after a restart', async (t) => {
  const world = startWorld(t);
  const sa = await connect(world, 'OnPremNode');
  await addJob(sa, "WAITFOR DELAY '00:01:00';");
  await sa.run(START);
  world.crash('OnPremNode');
  world.restart('OnPremNode');
  const later = await connect(world, 'OnPremNode');
  assert.deepEqual(await later.run(RUNNING), [[0]]);
  assert.deepEqual(await later.run(`SELECT COUNT(*) FROM msdb.dbo.sysjobs WHERE name = ${NAME}`), [
    [1],
  ]);
  await later.run(`EXEC msdb.dbo.sp_delete_job @job_name = ${NAME};`);
  assert.deepEqual(await later.run('SELECT COUNT(*) FROM msdb.dbo.sysjobs'), [[0]]);
});
