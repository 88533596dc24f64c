/** Everything sqlferry says, said to the lab's servers: the way as a whole, the guards, the rights. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { systemClock } from '../../src/adapters/clock.ts';
import { sha256 } from '../../src/adapters/hash.ts';
import { openServers } from '../../src/adapters/sqlserver/servers.ts';
import { makeLsn } from '../../src/base/lsn.ts';
import { required } from '../../src/base/assert.ts';
import type { Act, FinalLsn } from '../../src/model/act.ts';
import type { SideObservation } from '../../src/model/observation.ts';
import { otherSide } from '../../src/model/side.ts';
import { planActs } from '../../src/reconcile/plan.ts';
import { defaultPolicy } from '../../src/reconcile/policy.ts';
import { planSteps } from '../../src/sql/plan-steps.ts';
import { startSmallLab, type SmallLab } from '../support/small-lab.ts';

const never = new AbortController().signal;

function unknownParts(side: object): readonly string[] {
  return Object.entries(side).flatMap(([name, part]: [string, unknown]) =>
    typeof part === 'object' && part !== null && 'known' in part && part.known === false
      ? [`${name}: ${'because' in part ? String(part.because) : ''}`]
      : [],
  );
}

function dagRole(side: SideObservation): string | null {
  return side.distributed.known ? (side.distributed.value?.localRoleDesc ?? null) : null;
}

function demotion(databases: readonly string[]): Act {
  return {
    kind: 'demote',
    side: 'source',
    databases,
    fromEpoch: 0n,
    budgetMs: 30_000,
    targetLsns: [],
    refuseEpoch: 0n,
  };
}

function giveBack(databases: readonly string[]): Act {
  return { kind: 'give-back', side: 'source', databases, epoch: 1n, from: 'fenced' };
}

async function text(lab: SmallLab, side: 'source' | 'target', sql: string): Promise<void> {
  const answer = await (
    await lab.session(side)
  ).execute({
    text: sql,
    parameters: [],
    limitMs: 10_000,
    signal: never,
  });
  assert.ok(answer.kind === 'ended', 'the session was lost');
  assert.deepEqual(answer.reply.errors, []);
}

test('two databases with hostile names go the whole way, by planned statements only', async (context) => {
  const databases = ["it's] a [name", '漢字 🚢'];
  const lab = await startSmallLab(context, { databases });
  const { migration } = lab.loaded;
  const before = await lab.servers.observe(never);
  const planned = new Set<string>();
  for (const finish of ['keep', 'drop'] as const) {
    const work = planActs(before, { migration, policy: defaultPolicy, finish });
    for (const step of planSteps({ acts: work.acts, migration, hash: sha256 }).steps) {
      planned.add(`${step.side} ${step.sql}`);
    }
  }
  assert.equal((await lab.run({ goal: 'migrate' })).outcome, 'ready-for-cutover');
  const cutover = await lab.run({ goal: 'cutover' });
  assert.equal(cutover.outcome, 'done');
  assert.equal(cutover.serialRoundTrips, 2);
  assert.ok(required(cutover.outageMs, 'outage') < 5000);
  assert.equal((await lab.run({ goal: 'finish', distributed: 'keep' })).outcome, 'done');
  assert.equal((await lab.run({ goal: 'finish', distributed: 'drop' })).outcome, 'done');
  for (const entry of lab.log) {
    if (entry.changesState) assert.ok(planned.has(`${entry.side} ${entry.text}`), entry.text);
  }
  await text(lab, 'target', `CREATE TABLE [it's]] a [name].dbo.after_cutover (id int NOT NULL)`);
});

/** How a part says that it is asked on the other side, and that the release has no such view. */
const ELSEWHERE = / (?:only|are compared on) the (source|target)(?: is asked)?$/u;
const SINCE = / exists since SQL Server (\d{4})$/u;

test('every part of both looks is known to sysadmin on every version', async (context) => {
  for (const release of [2016, 2017, 2019, 2022, 2025] as const) {
    const lab = await startSmallLab(context, { instance: (one) => ({ ...one, release }) });
    const seen = await lab.servers.observe(never);
    const facts = await lab.servers.assess(never);
    for (const side of [seen.source, seen.target, facts.source, facts.target]) {
      const unasked = (line: string): boolean =>
        ELSEWHERE.exec(line)?.[1] === otherSide(side.side) ||
        Number(SINCE.exec(line)?.[1] ?? 0) > release;
      assert.deepEqual(
        unknownParts(side).filter((line) => !unasked(line)),
        [],
        `${release}`,
      );
    }
    assert.ok(facts.source.databases.known);
    const database = facts.source.databases.value[0];
    assert.ok(database?.backup.known && database.backup.value.lastFullFinish !== null);
    assert.ok(facts.source.session.known && facts.source.session.value.encrypted);
  }
});

test('a login without rights sees unknown parts, not an empty server', async (context) => {
  const lab = await startSmallLab(context);
  await lab.run({ goal: 'migrate' });
  const visitor = lab.lab.password('visitor');
  const { source, target } = lab.loaded.connections;
  const servers = openServers({
    loaded: {
      ...lab.loaded,
      connections: {
        source: { ...source, user: 'visitor', password: visitor },
        target: { ...target, user: 'visitor', password: visitor },
      },
    },
    clock: systemClock,
  });
  context.after(() => servers.close());
  const seen = await servers.observe(never);
  for (const fact of [
    seen.source.availabilityGroup,
    seen.source.distributed,
    seen.source.endpoint,
  ]) {
    assert.equal(fact.known, false);
  }
  const facts = await servers.assess(never);
  assert.ok(facts.source.permissions.known && !facts.source.permissions.value.isSysadmin);
  assert.equal(facts.source.availabilityGroups.known, false);
});

test('a demotion is refused while a session is in a database, and nothing has changed', async (context) => {
  const lab = await startSmallLab(context);
  await lab.run({ goal: 'migrate' });
  for (const side of ['source', 'target'] as const) {
    const mode = 'SYNCHRONOUS_COMMIT';
    await lab.servers.perform({ kind: 'set-distributed-mode', side, mode }, never);
  }
  await text(lab, 'source', 'USE [Adventureworks]');
  const databases = ['Adventureworks'];
  const refused = await lab.servers.perform(demotion(databases), never);
  assert.ok(refused.outcome === 'failed');
  assert.ok(['SF-CUT-102', 'SF-CUT-103'].includes(refused.problem.code), refused.problem.summary);
  const seen = await lab.servers.observe(never);
  assert.equal(dagRole(seen.source), 'PRIMARY');
  assert.ok(seen.source.sessions.known && seen.source.sessions.value.length === 1);
  await lab.servers.perform({ kind: 'kill-sessions', side: 'source', databases }, never);
  const after = await lab.servers.observe(never);
  assert.ok(after.source.sessions.known && after.source.sessions.value.length === 0);
});

test('a promotion is refused on a primary, and while log is missing; the role goes back without loss', async (context) => {
  const lab = await startSmallLab(context);
  await lab.run({ goal: 'migrate' });
  const stop = await lab.servers
    .perform({ kind: 'promote', side: 'source', epoch: 1n, finalLsns: [], waitMs: 10 }, never)
    .catch((error: unknown) => error);
  assert.ok(stop instanceof Error, 'a promotion without databases is a bug');
  const finals: readonly FinalLsn[] = [
    { database: 'Adventureworks', lsn: makeLsn({ vlf: 9_999_999n, block: 1n, slot: 1n }) },
  ];
  const wrong = {
    kind: 'promote',
    side: 'source',
    epoch: 1n,
    finalLsns: finals,
    waitMs: 10,
  } as const;
  const onPrimary = await lab.servers.perform(wrong, never);
  assert.ok(onPrimary.outcome === 'failed');
  assert.equal(onPrimary.problem.code, 'SF-CUT-111');
  const behind = await lab.servers.perform({ ...wrong, side: 'target', waitMs: 100 }, never);
  assert.ok(behind.outcome === 'failed');
  assert.equal(behind.problem.code, 'SF-CUT-112');
  assert.equal(dagRole((await lab.servers.observe(never)).target), 'SECONDARY');
  const back = await lab.servers.perform(giveBack(['Adventureworks']), never);
  assert.ok(back.outcome === 'failed');
  assert.equal(back.problem.code, 'SF-CUT-135', 'no epoch was fenced');
});

test('after a demotion the role can be given back and the source takes writes', async (context) => {
  const lab = await startSmallLab(context);
  await lab.run({ goal: 'migrate' });
  const databases = ['Adventureworks'];
  for (const side of ['source', 'target'] as const) {
    const mode = 'SYNCHRONOUS_COMMIT';
    await lab.servers.perform({ kind: 'set-distributed-mode', side, mode }, never);
  }
  for (let look = 0; look < 1000; look += 1) {
    const { source } = await lab.servers.observe(never);
    const row = source.databases.known ? source.databases.value[0] : undefined;
    if (row?.distributed?.synchronizationStateDesc === 'SYNCHRONIZED') break;
  }
  const demoted = await lab.servers.perform(demotion(databases), never);
  assert.ok(demoted.outcome === 'ok');
  assert.equal(demoted.localRoleDesc, 'SECONDARY');
  assert.equal(demoted.finalLsns?.length, 1);
  const back = await lab.servers.perform(giveBack(databases), never);
  assert.ok(back.outcome === 'ok', JSON.stringify(back));
  assert.equal(back.localRoleDesc, 'PRIMARY');
  await text(lab, 'source', 'CREATE TABLE Adventureworks.dbo.still_here (id int NOT NULL)');
});

test('an acting session is seen as operator, one that only looks is not', async (context) => {
  const lab = await startSmallLab(context);
  const watcher = openServers({ loaded: lab.loaded, clock: systemClock });
  context.after(() => watcher.close());
  await watcher.observe(never);
  const alone = await lab.servers.observe(never);
  assert.deepEqual(alone.source.operators, { known: true, value: [] });
  const seen = await watcher.observe(never);
  assert.ok(seen.source.operators.known && seen.source.operators.value.length === 1);
  assert.equal(seen.source.operators.value[0]?.programName, 'sqlferry');
});
