/** What the faults of a running lab do to its servers. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, startWorld, until } from '../support/two-server-world.ts';

const STATUS_OF_JOB = 'EXEC msdb.dbo.sp_help_job;';

test('a wrong clock moves the time of one server and of none other', async (t) => {
  const world = startWorld(t);
  const [source, target] = [await connect(world, 'OnPremNode'), await connect(world, 'SQLVM')];
  const day = 'SELECT DATEDIFF(minute, @there, SYSUTCDATETIME())';
  world.setClockOffset('SQLVM', 3_600_000);
  const [there] = await source.run('SELECT CONVERT(varchar(33), SYSUTCDATETIME(), 126)');
  assert.ok(typeof there?.[0] === 'string');
  const text = day.replace('@there', `CONVERT(datetime2(7), N'${there[0]}')`);
  assert.deepEqual(await target.run(text), [[60]]);
  assert.deepEqual(await source.run(text), [[0]]);
});

test('an instance dies before the commit it was told of: the row is not there', async (t) => {
  const world = startWorld(t);
  const client = await connect(world, 'OnPremNode');
  await client.run('CREATE TABLE Adventureworks.dbo.t (n int)');
  world.crashAt('OnPremNode', { when: 'before', what: 'commit', pattern: 'adventureworks' });
  await client.ask('INSERT INTO Adventureworks.dbo.t VALUES (1)');
  assert.equal(client.ended, null);
  world.restart('OnPremNode');
  await until('recovery', () => isOnline(world.state()));
  const later = await connect(world, 'OnPremNode');
  assert.deepEqual(await later.run('SELECT COUNT(*) FROM Adventureworks.dbo.t'), [[0]]);
});

test('an instance dies after the commit and before the answer: the row is there', async (t) => {
  const world = startWorld(t);
  const client = await connect(world, 'OnPremNode');
  await client.run('CREATE TABLE Adventureworks.dbo.t (n int)');
  world.crashAt('OnPremNode', { when: 'after', what: 'commit', pattern: 'Adventureworks' });
  await client.ask('INSERT INTO Adventureworks.dbo.t VALUES (1)');
  assert.equal(client.ended, null);
  world.restart('OnPremNode');
  await until('recovery', () => isOnline(world.state()));
  const later = await connect(world, 'OnPremNode');
  assert.deepEqual(await later.run('SELECT COUNT(*) FROM Adventureworks.dbo.t'), [[1]]);
});

test('a statement at which the instance dies has not run, or has', async (t) => {
  for (const when of ['before', 'after'] as const) {
    const world = startWorld(t);
    const client = await connect(world, 'OnPremNode');
    world.crashAt('OnPremNode', { when, what: 'statement', pattern: 'create-database' });
    await client.ask('CREATE DATABASE extra;');
    assert.equal(client.ended, null);
    world.restart('OnPremNode');
    const later = await connect(world, 'OnPremNode');
    const rows = await later.run("SELECT COUNT(*) FROM sys.databases WHERE name = N'extra'");
    assert.deepEqual(rows, [[when === 'before' ? 0 : 1]]);
  }
});

test('a batch is held where it arrived until it is released, and never runs when its client left', async (t) => {
  const world = startWorld(t);
  const [one, other] = [await connect(world, 'OnPremNode'), await connect(world, 'OnPremNode')];
  const point = { when: 'before', what: 'batch', pattern: 'the held' } as const;
  const trap = world.traps('OnPremNode').hold(point);
  const held = one.run("SELECT N'the held'");
  await trap.reached;
  trap.release();
  assert.deepEqual(await held, [['the held']]);
  const second = world.traps('OnPremNode').hold(point);
  const left = new AbortController();
  const never = other.ask('/* the held */ CREATE DATABASE extra;', left.signal);
  await second.reached;
  left.abort();
  await never;
  assert.deepEqual(await one.run("SELECT DB_ID(N'extra')"), [[null]]);
});

test('a login that lost its rights is refused what it could do a moment ago', async (t) => {
  const world = startWorld(t);
  const client = await connect(world, 'OnPremNode');
  await client.run(STATUS_OF_JOB);
  world.revoke('OnPremNode', 'sa');
  assert.deepEqual(await client.fail(STATUS_OF_JOB), [229]);
  assert.deepEqual(await client.fail('CREATE DATABASE extra;'), [262]);
});

function isOnline(state: ReturnType<ReturnType<typeof startWorld>['state']>): boolean {
  return Object.values(state.instances).every((instance) =>
    Object.values(instance.databases).every((database) => database.state === 'ONLINE'),
  );
}
