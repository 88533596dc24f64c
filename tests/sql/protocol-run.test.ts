/** The engine on the lab with the register: the outage's round trips, abandoned runs, two operators, the way back. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { systemClock } from '../../src/adapters/clock.ts';
import { openServers } from '../../src/adapters/sqlserver/servers.ts';
import { watchDeadMan } from '../../src/adapters/sqlserver/watch.ts';
import { required } from '../../src/base/assert.ts';
import { sideOf } from '../../src/model/observation.ts';
import type { CutoverPolicy } from '../../src/model/migration.ts';
import type { RunResult } from '../../src/model/event.ts';
import type { ActKind } from '../../src/model/act.ts';
import type { Side } from '../../src/model/side.ts';
import { defaultPolicy } from '../../src/reconcile/policy.ts';
import { startSmallLab, type SmallLab } from '../support/small-lab.ts';

const never = new AbortController().signal;

async function migrated(
  context: TestContext,
  cutover: Partial<CutoverPolicy> = {},
): Promise<SmallLab> {
  const lab = await startSmallLab(context, { cutover });
  assert.equal((await lab.run({ goal: 'migrate' })).outcome, 'ready-for-cutover');
  return lab;
}

function endOf(lab: SmallLab, result: RunResult): string {
  return `${result.outcome} ${result.rule}: ${lab.events.at(-1)?.message ?? ''}`;
}

async function role(lab: SmallLab, side: Side): Promise<string> {
  const { distributed } = sideOf(await lab.servers.observe(never), side);
  return distributed.known ? (distributed.value?.localRoleDesc ?? 'none') : distributed.because;
}

async function register(lab: SmallLab, side: Side = 'source'): Promise<string> {
  const { control } = sideOf(await lab.servers.observe(never), side);
  if (!control.known) return control.because;
  if (control.value.kind !== 'present') return control.value.kind;
  return `${control.value.register.epoch} ${control.value.register.phase}`;
}

/** Runs a cutover that ends right after its first act of this kind. */
async function cutShort(lab: SmallLab, kind: ActKind): Promise<RunResult> {
  const stop = new AbortController();
  const after = async (act: { readonly kind: ActKind }): Promise<void> => {
    if (act.kind === kind) stop.abort();
  };
  return lab.run({ goal: 'cutover' }, { after }, { signal: stop.signal });
}

async function write(lab: SmallLab, sql: string): Promise<void> {
  const session = await lab.session('source');
  const answer = await session.execute({
    text: sql,
    parameters: [],
    limitMs: 10_000,
    signal: never,
  });
  assert.ok(answer.kind === 'ended');
  assert.deepEqual(answer.reply.errors, []);
  session.close();
}

test('a quiet source is switched in two serial round trips, and the result says what was predicted', async (context) => {
  const lab = await migrated(context);
  const result = await lab.run({ goal: 'cutover' });
  assert.equal(result.outcome, 'done', endOf(lab, result));
  assert.equal(result.serialRoundTrips, 2);
  assert.ok(required(result.predictedOutageMs, 'prediction') > 0);
  assert.ok(required(result.serverMs, 'server time') <= required(result.outageMs, 'outage'));
  assert.equal(await register(lab), '1 done');
});

test('a commit between the look and the demotion costs two round trips more and is not lost', async (context) => {
  const lab = await migrated(context);
  await write(lab, 'CREATE TABLE [Adventureworks].dbo.late (id int NOT NULL)');
  const before = async (act: { readonly kind: ActKind }): Promise<null> => {
    if (act.kind === 'demote') await write(lab, 'INSERT INTO [Adventureworks].dbo.late VALUES (1)');
    return null;
  };
  const result = await lab.run({ goal: 'cutover' }, { before });
  assert.equal(result.outcome, 'done', endOf(lab, result));
  assert.equal(result.serialRoundTrips, 4);
  const session = await lab.session('target');
  const answer = await session.execute({
    text: 'SELECT COUNT(*) AS rows FROM [Adventureworks].dbo.late',
    parameters: [],
    limitMs: 10_000,
    signal: never,
  });
  assert.ok(answer.kind === 'ended');
  assert.equal(answer.reply.sets[0]?.rows[0]?.['rows'], 1);
});

test('a cutover that was stopped after the demotion is finished by the next one', async (context) => {
  const lab = await migrated(context);
  assert.equal((await cutShort(lab, 'demote')).outcome, 'outage-open');
  assert.equal(await register(lab), '1 committing');
  const result = await lab.run({ goal: 'cutover' });
  assert.equal(result.outcome, 'done', endOf(lab, result));
  assert.equal(await role(lab, 'target'), 'PRIMARY');
});

test('abort after a decided demotion refuses the epoch first; the next attempt has a new one', async (context) => {
  const lab = await migrated(context);
  assert.equal((await cutShort(lab, 'demote')).outcome, 'outage-open');
  const aborted = await lab.run({ goal: 'abort' });
  assert.equal(aborted.outcome, 'done', endOf(lab, aborted));
  assert.equal(await role(lab, 'source'), 'PRIMARY');
  assert.equal(await register(lab), '1 aborted');
  assert.equal((await lab.run({ goal: 'migrate' })).outcome, 'ready-for-cutover');
  const again = await lab.run({ goal: 'cutover' });
  assert.equal(again.outcome, 'done', endOf(lab, again));
  assert.equal(await register(lab), '2 done');
});

test('after the cutover the writes go back the same way', async (context) => {
  const lab = await migrated(context);
  const there = await lab.run({ goal: 'cutover' });
  assert.equal(there.outcome, 'done', endOf(lab, there));
  const back = await lab.run({ goal: 'failback' });
  assert.equal(back.outcome, 'done', endOf(lab, back));
  assert.equal(back.serialRoundTrips, 2);
  assert.equal(await role(lab, 'source'), 'PRIMARY');
  assert.equal(await role(lab, 'target'), 'SECONDARY');
});

test('a second operator stops before it changes anything, and goes on with a take-over', async (context) => {
  const lab = await migrated(context);
  const changes = lab.log.filter((entry) => entry.changesState).length;
  const second = openServers({ loaded: lab.loaded, clock: systemClock, acting: true });
  context.after(() => second.close());
  const stopped = await lab.run({ goal: 'cutover' }, {}, { servers: second });
  assert.equal(stopped.outcome, 'needs-human', endOf(lab, stopped));
  assert.equal(lab.log.filter((entry) => entry.changesState).length, changes);
  const policy = { ...defaultPolicy, takeOver: true };
  const result = await lab.run({ goal: 'cutover' }, {}, { servers: second, policy });
  assert.equal(result.outcome, 'done', endOf(lab, result));
});

test('a watcher passes the rehearsal and lifts a fence that was abandoned', async (context) => {
  const lab = await migrated(context, { deadMan: 'watcher' });
  const stop = new AbortController();
  const watching = watchDeadMan({
    loaded: lab.loaded,
    clock: systemClock,
    signal: stop.signal,
    emit: () => {},
  });
  try {
    const side = 'source' as const;
    const rehearsed = await lab.servers.perform({ kind: 'rehearse-dead-man', side }, never);
    assert.equal(rehearsed.outcome, 'ok');
    for (const each of ['source', 'target'] as const) {
      const mode = 'SYNCHRONOUS_COMMIT';
      await lab.servers.perform({ kind: 'set-distributed-mode', side: each, mode }, never);
    }
    await fenced(lab);
    for (let turn = 0; turn < 3000; turn += 1) {
      if ((await role(lab, 'source')) === 'PRIMARY') break;
    }
    assert.equal(await role(lab, 'source'), 'PRIMARY');
    assert.equal(await register(lab), '1 aborted');
  } finally {
    stop.abort();
    await watching;
  }
});

/** Demotes without a proof of equality as soon as the databases are SYNCHRONIZED. */
async function fenced(lab: SmallLab): Promise<void> {
  for (let turn = 0; turn < 2000; turn += 1) {
    const reply = await lab.servers.perform(
      {
        kind: 'demote',
        side: 'source',
        databases: ['Adventureworks'],
        fromEpoch: 0n,
        budgetMs: 500,
        targetLsns: [],
        refuseEpoch: 0n,
      },
      never,
    );
    if (reply.outcome === 'ok') return;
    assert.equal(reply.outcome === 'failed' ? reply.problem.code : '', 'SF-CUT-102');
  }
  assert.fail('never SYNCHRONIZED');
}

test('dropping at the end leaves no register and no dead-man behind', async (context) => {
  const lab = await migrated(context);
  const there = await lab.run({ goal: 'cutover' });
  assert.equal(there.outcome, 'done', endOf(lab, there));
  const dropped = await lab.run({ goal: 'finish', distributed: 'drop' });
  assert.equal(dropped.outcome, 'done', endOf(lab, dropped));
  for (const side of ['source', 'target'] as const) {
    assert.equal(await register(lab, side), 'missing');
    const { deadMan } = sideOf(await lab.servers.observe(never), side);
    assert.ok(deadMan.known && !deadMan.value.jobExists);
  }
});

test('the source waits for the target in every commit before the demotion, from 2022 on and not below', async (context) => {
  for (const [release, expected] of [
    [2019, []],
    [2022, ['1', '0']],
  ] as const) {
    const lab = await startSmallLab(context, { instance: (one) => ({ ...one, release }) });
    await lab.run({ goal: 'migrate' });
    const result = await lab.run({ goal: 'cutover' });
    assert.equal(result.outcome, 'done', endOf(lab, result));
    const values = lab.log.flatMap(({ text }) => {
      const match =
        /^ALTER AVAILABILITY GROUP \[DAG\]\s+SET \(REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT = (\d)\)/u.exec(
          text,
        );
      return match === null ? [] : [match[1]];
    });
    assert.deepEqual(values, expected, `${release}`);
  }
});
