/** Our session over the real driver and real TLS against the lab's listener. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { systemClock } from '../../src/adapters/clock.ts';
import type { ConnectionSettings } from '../../src/adapters/config/load-migration.ts';
import { openSession, type SqlSession } from '../../src/adapters/sqlserver/session.ts';
import { Secret } from '../../src/base/secret.ts';
import { startSmallLab } from '../support/small-lab.ts';
import { startWireLab, wireAuthority } from '../support/wire-lab.ts';

const never = new AbortController().signal;

function settings(port: number, change: Partial<ConnectionSettings> = {}): ConnectionSettings {
  return {
    side: 'source',
    instance: 'OnPremNode',
    fqdn: 'OnPremNode.contoso.com',
    host: '127.0.0.1',
    port,
    user: 'sa',
    password: new Secret('Passw0rd!'),
    domain: null,
    tls: { encrypt: 'mandatory', trustServerCertificate: false, ca: wireAuthority },
    ...change,
  };
}

async function session(context: TestContext, port: number): Promise<SqlSession> {
  const opened = await openSession(settings(port), systemClock, never);
  assert.ok(opened.ok, opened.ok ? '' : JSON.stringify(opened.error));
  context.after(() => opened.value.close());
  return opened.value;
}

function request(text: string, limitMs = 10_000) {
  return { text, parameters: [], limitMs, signal: never };
}

test('logs in over verified TLS as sqlferry in master and knows the version', async (context) => {
  const { port, endpoint } = await startWireLab(context, 'required');
  const open = await session(context, port);
  assert.equal(open.versionMajor, 16);
  const login = endpoint.logins[0];
  assert.deepEqual(
    [login?.applicationName, login?.database, login?.encrypted],
    ['sqlferry', 'master', true],
  );
});

test('a wrong password, an unknown authority and a wrong name have codes of their own', async (context) => {
  const { port } = await startWireLab(context, 'required');
  const code = async (change: Partial<ConnectionSettings>): Promise<string> => {
    const opened = await openSession(settings(port, change), systemClock, never);
    if (opened.ok) opened.value.close();
    return opened.ok ? 'opened' : opened.error.code;
  };
  assert.equal(await code({ password: new Secret('wrong') }), 'SF-AUTH-001');
  const tls = settings(port).tls;
  assert.equal(await code({ tls: { ...tls, ca: null } }), 'SF-TDS-002');
  assert.equal(await code({ fqdn: 'other.contoso.com' }), 'SF-TDS-002');
});

test('a lab that offers no encryption is refused before the login', async (context) => {
  const { port, endpoint } = await startWireLab(context, 'not-supported');
  const opened = await openSession(settings(port), systemClock, never);
  assert.ok(!opened.ok);
  assert.equal(opened.error.code, 'SF-TDS-001');
  assert.deepEqual(endpoint.logins, []);
});

test('several rowsets of one batch arrive apart, with their column names', async (context) => {
  const { port, endpoint } = await startWireLab(context, 'required');
  endpoint.canned.set('first', {
    columns: [{ name: 'part_first', type: { kind: 'int' }, nullable: false }],
    rows: [[1], [2]],
  });
  endpoint.canned.set('second', {
    columns: [
      { name: 'part_second', type: { kind: 'int' }, nullable: false },
      { name: 'lsn', type: { kind: 'varchar', length: 30 }, nullable: true },
    ],
    rows: [],
  });
  const answer = await (await session(context, port)).execute(request('first;;second'));
  assert.ok(answer.kind === 'ended');
  assert.deepEqual(answer.reply.sets, [
    { columns: ['part_first'], rows: [{ part_first: 1 }, { part_first: 2 }] },
    { columns: ['part_second', 'lsn'], rows: [] },
  ]);
});

test('an error of the server is part of the answer and the session goes on', async (context) => {
  const { port } = await startWireLab(context, 'required');
  const open = await session(context, port);
  const answer = await open.execute(request('fail 41190'));
  assert.ok(answer.kind === 'ended');
  assert.equal(answer.reply.errors[0]?.number, 41_190);
  assert.equal((await open.execute(request('select 7'))).kind, 'ended');
});

test('parameters go through sp_executesql with their types', async (context) => {
  const { port, endpoint } = await startWireLab(context, 'required');
  const open = await session(context, port);
  const answer = await open.execute({
    ...request('echo'),
    parameters: [
      { name: 'wait_ms', type: 'int', value: 5 },
      { name: 'final_lsn_1', type: 'varchar(30)', value: '37000000012300001' },
    ],
  });
  assert.ok(answer.kind === 'ended');
  assert.equal(endpoint.sessions[0]?.calls[0]?.procedure, 'sp_executesql');
  assert.deepEqual(answer.reply.sets[0]?.rows, [{ wait_ms: 5, final_lsn_1: '37000000012300001' }]);
});

test('an answer that does not come in time is lost, and so is the session', async (context) => {
  const { port } = await startWireLab(context, 'required');
  const open = await session(context, port);
  const answer = await open.execute(request('wait', 50));
  assert.ok(answer.kind === 'lost');
  assert.equal(answer.problem.code, 'SF-NET-003');
  assert.match(answer.problem.because.join(' '), /50 ms/u);
  assert.equal(open.isAlive(), false);
});

test('a signal ends a running request', async (context) => {
  const { port, endpoint } = await startWireLab(context, 'required');
  const open = await session(context, port);
  const stop = new AbortController();
  const answer = open.execute({ ...request('wait'), signal: stop.signal });
  await endpoint.until(() => endpoint.startedCount > 0, 'the request');
  stop.abort();
  assert.equal((await answer).kind, 'lost');
});

test('a connection cut in the middle of a request leaves the outcome unknown', async (context) => {
  const { port, endpoint } = await startWireLab(context, 'required');
  const open = await session(context, port);
  const answer = open.execute(request('silent'));
  await endpoint.until(() => endpoint.startedCount > 0, 'the request');
  endpoint.setLink({ state: 'refuse' });
  assert.equal((await answer).kind, 'lost');
  assert.equal(open.isAlive(), false);
});

test('an error that ends the session leaves the outcome unknown', async (context) => {
  const { port } = await startWireLab(context, 'required');
  const open = await session(context, port);
  const answer = await open.execute(request('fatal 596'));
  assert.equal(answer.kind, 'lost');
});

test('a rowset whose statement fails on the way is no answer; those beside it are', async (context) => {
  const lab = await startSmallLab(context);
  const open = await lab.session('source');
  const answer = await open.execute(
    request(`SELECT 1 AS part_before, v.x FROM (VALUES (1), (2)) AS v (x);
SELECT 1 AS part_broken, 10 / v.x AS y FROM (VALUES (1), (2), (0)) AS v (x);
SELECT 1 AS part_after, 7 AS z;`),
  );
  assert.ok(answer.kind === 'ended');
  const { sets, errors } = answer.reply;
  assert.deepEqual(
    errors.map((error) => error.number),
    [8134],
  );
  assert.deepEqual(
    sets.map(({ columns, rows }) => [columns[0], rows.length]),
    [
      ['part_before', 2],
      ['part_after', 1],
    ],
  );
});
