import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';

import { captureContext } from '../../tests/support/cli-context.ts';
import { systemClock } from '../adapters/clock.ts';
import type { Act } from '../model/act.ts';
import { chainInterceptions, hookInterception, stepwiseInterception } from './hooks.ts';

const fence: Act = { kind: 'disable-login', side: 'source', login: 'app_writer' };
const demote: Act = {
  kind: 'demote',
  side: 'source',
  databases: ['Adventureworks'],
  fromEpoch: 0n,
  budgetMs: 30_000,
  targetLsns: [],
  refuseEpoch: 0n,
};
const promote: Act = { kind: 'promote', side: 'target', epoch: 1n, finalLsns: [], waitMs: 1 };
const { signal } = new AbortController();

function marker(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'sqlferry-hook-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'ran');
}

test('the hook before the fence runs once, before the first act that stops the application', async (t) => {
  const ran = marker(t);
  const { context } = captureContext();
  const hooks = {
    beforeFence: `echo x >> '${ran}'; test $(wc -l < '${ran}') = 1`,
    afterPromote: null,
  };
  const interception = hookInterception(context, hooks);
  const synchronous: Act = { kind: 'set-replica-synchronous', side: 'source' };
  assert.equal(await interception.before?.(synchronous, signal), null);
  assert.ok(!existsSync(ran));
  assert.equal(await interception.before?.(fence, signal), null);
  assert.equal(await interception.before?.(demote, signal), null);
  assert.ok(existsSync(ran));
});

test('a hook that fails before the fence stops the switch', async () => {
  const { context } = captureContext();
  const interception = hookInterception(context, { beforeFence: 'exit 7', afterPromote: null });
  const problem = await interception.before?.(demote, signal);
  assert.equal(problem?.code, 'SF-CLI-012');
});

test('a hook that fails after the promotion is said and changes nothing', async (t) => {
  const ran = marker(t);
  const { context, stdout } = captureContext();
  const hooks = { beforeFence: null, afterPromote: `touch '${ran}'; exit 3` };
  const interception = hookInterception(context, hooks);
  await interception.after?.(promote, {
    outcome: 'failed',
    elapsedMs: 1,
    problem: { code: 'SF-SQL-001', summary: '', because: [], remedy: '' },
  });
  assert.ok(!existsSync(ran), 'not after a promotion that failed');
  await interception.after?.(promote, { outcome: 'ok', elapsedMs: 1 });
  assert.ok(existsSync(ran));
  assert.match(stdout(), /hook .* failed/u);
});

test('a hook that hangs is ended at its limit, with what it started', async (t) => {
  const ran = marker(t);
  const { context } = captureContext();
  const hooks = { beforeFence: `sleep 600 & echo $! > '${ran}'; wait`, afterPromote: null };
  const real = { ...context, clock: systemClock };
  const problem = await hookInterception(real, hooks, 300).before?.(demote, signal);
  assert.equal(problem?.code, 'SF-CLI-012');
  assert.match(problem.because.join(' '), /took longer/u);
  const child = Number(readFileSync(ran, 'utf8'));
  await gone(child);
});

/** Waits until a process is gone, or is only waiting to be collected. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    const path = `/proc/${pid}/stat`;
    if (!existsSync(path) || / Z /u.test(readFileSync(path, 'utf8'))) return;
    await setImmediate();
  }
}

test('stepwise runs what was confirmed and refuses the rest', async () => {
  const { context, stdout } = captureContext({ interactive: true, answers: ['y', 'n', null] });
  const interception = chainInterceptions([stepwiseInterception(context, ({ kind }) => kind)]);
  assert.equal(await interception.before?.(fence, signal), null);
  assert.equal((await interception.before?.(demote, signal))?.code, 'SF-CLI-005');
  assert.equal((await interception.before?.(promote, signal))?.code, 'SF-CLI-005');
  assert.match(stdout(), /disable-login/u);
});
