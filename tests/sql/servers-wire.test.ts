/** Both servers over the wire: one round trip for each look, acts only on the session of the last look. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { systemClock } from '../../src/adapters/clock.ts';
import type { ConnectionSettings } from '../../src/adapters/config/load-migration.ts';
import {
  openServers,
  type SqlServers,
  type StatementLogEntry,
} from '../../src/adapters/sqlserver/servers.ts';
import { Secret } from '../../src/base/secret.ts';
import type { Side } from '../../src/model/side.ts';
import { batchFor } from '../../src/sql/statement/batch-for.ts';
import { articleMigration } from '../support/observation.ts';
import { startWireLab, wireAuthority, type WireLab } from '../support/wire-lab.ts';

const never = new AbortController().signal;

interface Pair {
  readonly servers: SqlServers;
  readonly source: WireLab;
  readonly target: WireLab;
  readonly log: StatementLogEntry[];
}

async function pair(context: TestContext): Promise<Pair> {
  const source = await startWireLab(context, 'required');
  const target = await startWireLab(context, 'required');
  const log: StatementLogEntry[] = [];
  const settings = (side: Side, port: number): ConnectionSettings => ({
    side,
    instance: side === 'source' ? 'OnPremNode' : 'SQLVM',
    fqdn: 'OnPremNode.contoso.com',
    host: '127.0.0.1',
    port,
    user: 'sa',
    password: new Secret('Passw0rd!'),
    domain: null,
    tls: { encrypt: 'mandatory', trustServerCertificate: false, ca: wireAuthority },
  });
  const servers = openServers({
    loaded: {
      migration: articleMigration,
      connections: {
        source: settings('source', source.port),
        target: settings('target', target.port),
      },
      otherInstances: [],
      waivers: [],
    },
    clock: systemClock,
    acting: true,
    onStatement: (entry) => log.push(entry),
  });
  context.after(() => servers.close());
  return { servers, source, target, log };
}

/** Batches of the newest session besides the driver's own settings after the login. */
function ownBatches(lab: WireLab): readonly string[] {
  const batches = lab.endpoint.sessions.at(-1)?.batches ?? [];
  return batches.filter((text) => !/^\s*set (ansi_nulls|textsize)/iu.test(text));
}

test('a look costs one request on each side', async (context) => {
  const { servers, source, target, log } = await pair(context);
  const seen = await servers.observe(never);
  assert.equal(seen.source.connection.kind, 'connected');
  assert.equal(ownBatches(source).length, 1);
  assert.equal(ownBatches(target).length, 1);
  await servers.observe(never);
  assert.equal(ownBatches(source).length, 2);
  assert.equal(source.endpoint.sessions.length, 1);
  assert.deepEqual(
    log.map((entry) => entry.changesState),
    [false, false, false, false],
  );
  const facts = await servers.assess(never);
  assert.equal(facts.source.connection.kind, 'connected');
  assert.equal(ownBatches(source).length, 3);
});

test('an answer without its parts gives unknown facts, not absent ones', async (context) => {
  const { servers } = await pair(context);
  const seen = await servers.observe(never);
  assert.equal(seen.source.distributed.known, false);
  assert.equal(seen.target.endpoint.known, false);
});

test('an act before any look sends nothing', async (context) => {
  const { servers, source, log } = await pair(context);
  const reply = await servers.perform({ kind: 'create-endpoint', side: 'source' }, never);
  assert.equal(reply.outcome, 'failed');
  assert.equal(source.endpoint.sessions.length, 0);
  assert.deepEqual(log, []);
});

test('an act is sent word for word as its batch', async (context) => {
  const { servers, target, log } = await pair(context);
  await servers.observe(never);
  const act = { kind: 'grant-create-database', side: 'target' } as const;
  const reply = await servers.perform(act, never);
  assert.equal(reply.outcome, 'ok');
  const { text } = batchFor(act, articleMigration);
  assert.equal(ownBatches(target).at(-1), text);
  assert.equal(log.at(-1)?.text, text);
  assert.equal(log.at(-1)?.changesState, true);
});

test('a side that goes away is unreachable, and a new session has a new generation', async (context) => {
  const { servers, target } = await pair(context);
  const first = await servers.observe(never);
  target.endpoint.setLink({ state: 'refuse' });
  const away = await servers.observe(never);
  assert.equal(away.target.connection.kind, 'unreachable');
  assert.equal(away.source.connection.kind, 'connected');
  const act = await servers.perform({ kind: 'join-distributed', side: 'target' }, never);
  assert.equal(act.outcome, 'failed');
  target.endpoint.setLink({ state: 'open' });
  const back = await servers.observe(never);
  assert.equal(back.target.connection.kind, 'connected');
  assert.equal(back.target.generation, first.target.generation + 1);
  assert.equal(back.source.generation, first.source.generation);
});
