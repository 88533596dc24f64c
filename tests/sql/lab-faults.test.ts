/** The whole engine against the lab while something breaks: it ends where it should, and nothing is lost. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { systemClock } from '../../src/adapters/clock.ts';
import type { SessionAnswer, SqlSession } from '../../src/adapters/sqlserver/session.ts';
import type { Interception } from '../../src/engine/run.ts';
import { startSmallLab, type SmallLab } from '../support/small-lab.ts';

const never = new AbortController().signal;
const TABLE = '[Adventureworks].[dbo].[ledger]';

function send(session: SqlSession, text: string): Promise<SessionAnswer> {
  return session.execute({ text, parameters: [], limitMs: 30_000, signal: never });
}

async function one(lab: SmallLab, side: 'source' | 'target', text: string): Promise<unknown> {
  const answer = await send(await lab.session(side), text);
  assert.ok(answer.kind === 'ended', 'the session was lost');
  assert.deepEqual(answer.reply.errors, []);
  return Object.values(answer.reply.sets[0]?.rows[0] ?? {})[0];
}

function fault(lab: SmallLab, value: unknown): void {
  assert.deepEqual(lab.lab.fault(value), { ok: true, value: null });
}

// The writer works from master, where the fence does not see it, and its commit races the demotion:
// the switch either waits for the commit, or notices that it did not arrive and is taken back.
test('a commit that could not cross the link is never left behind by a promotion', async (context) => {
  const cutover = { killSessionsAfterMs: 100, maxOutageMs: 3000 };
  const lab = await startSmallLab(context, { cutover });
  await one(lab, 'source', `CREATE TABLE ${TABLE} (id int NOT NULL)`);
  await lab.run({ goal: 'migrate' });
  const writer = await lab.session('source');
  const sent: Promise<SessionAnswer>[] = [];
  const cut: Interception = {
    async after(act) {
      if (act.kind !== 'set-distributed-mode' || act.side !== 'target') return;
      fault(lab, { fault: 'partition', a: 'OnPremNode', b: 'SQLVM' });
      sent.push(send(writer, `INSERT INTO ${TABLE} (id) VALUES (7)`));
      systemClock.schedule(500, () => fault(lab, { fault: 'heal' }));
    },
  };
  const first = await lab.run({ goal: 'cutover' }, cut);
  assert.equal(sent.length, 1);
  await sent[0];
  assert.ok(first.outcome === 'done' || first.rule === 'R-TAKEN-BACK', JSON.stringify(first));
  const second = first.outcome === 'done' ? first : await lab.run({ goal: 'cutover' });
  assert.equal(second.outcome, 'done', JSON.stringify(lab.events.at(-1)?.message));
  assert.equal(await one(lab, 'target', `SELECT COUNT(*) AS rows_found FROM ${TABLE}`), 1);
});

test('a target that restarts between demotion and promotion is waited for and promoted', async (context) => {
  const lab = await startSmallLab(context);
  await one(lab, 'source', `CREATE TABLE ${TABLE} (id int NOT NULL)`);
  await lab.run({ goal: 'migrate' });
  await one(lab, 'source', `INSERT INTO ${TABLE} (id) VALUES (1)`);
  const result = await lab.run(
    { goal: 'cutover' },
    {
      async after(act) {
        if (act.kind !== 'demote') return;
        fault(lab, { fault: 'crash', instance: 'SQLVM' });
        systemClock.schedule(300, () => fault(lab, { fault: 'restart', instance: 'SQLVM' }));
      },
    },
  );
  assert.equal(result.outcome, 'done');
  assert.ok((result.serialRoundTrips ?? 0) > 2);
  assert.equal(await one(lab, 'target', `SELECT COUNT(*) AS rows_found FROM ${TABLE}`), 1);
});

test('a source that restarts while the groups are made is waited for', async (context) => {
  const lab = await startSmallLab(context);
  let crashed = false;
  const result = await lab.run(
    { goal: 'migrate' },
    {
      async after(act) {
        if (act.kind !== 'create-distributed' || crashed) return;
        crashed = true;
        fault(lab, { fault: 'crash', instance: 'OnPremNode' });
        systemClock.schedule(300, () => fault(lab, { fault: 'restart', instance: 'OnPremNode' }));
      },
    },
  );
  assert.equal(result.outcome, 'ready-for-cutover');
});

test('a target that stays away after the demotion leaves an open outage that cutover ends later', async (context) => {
  const lab = await startSmallLab(context, { cutover: { maxOutageMs: 3000 } });
  await lab.run({ goal: 'migrate' });
  const first = await lab.run(
    { goal: 'cutover' },
    {
      async after(act) {
        if (act.kind === 'demote') fault(lab, { fault: 'crash', instance: 'SQLVM' });
      },
    },
  );
  assert.equal(first.outcome, 'outage-open');
  fault(lab, { fault: 'restart', instance: 'SQLVM' });
  const second = await lab.run({ goal: 'cutover' });
  const third = second.outcome === 'done' ? second : await lab.run({ goal: 'cutover' });
  assert.equal(third.outcome, 'done', JSON.stringify(lab.events.at(-1)));
});
