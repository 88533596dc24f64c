import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';

import { captureContext } from '../../tests/support/cli-context.ts';
import { systemClock } from '../adapters/clock.ts';
import { Secret } from '../base/secret.ts';
import type { Act } from '../model/act.ts';
import { hookInterception } from './hooks.ts';

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
  const { context, stderr } = captureContext();
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
  assert.match(stderr(), /The hook afterPromote failed/u);
  assert.match(stderr(), /exit code 3/u);
  assert.match(stderr(), /nothing is taken back for a hook/u);
  assert.match(stderr(), /Run it by hand in /u);
});

test('a hook that hangs is ended at its limit, with what it started', async (t) => {
  const ran = marker(t);
  const { context } = captureContext();
  const hooks = { beforeFence: `sleep 600 & echo $! > '${ran}'; wait`, afterPromote: null };
  const real = { ...context, clock: systemClock };
  const problem = await hookInterception(real, hooks, { limitMs: 300 }).before?.(demote, signal);
  assert.equal(problem?.code, 'SF-CLI-012');
  assert.match(problem.because.join(' '), /took longer/u);
  const child = Number(readFileSync(ran, 'utf8'));
  await gone(child);
});

test('a hook that ignores SIGTERM is ended at its limit all the same', async () => {
  const { context } = captureContext();
  const hooks = {
    beforeFence: "trap '' TERM HUP INT; while :; do sleep 1; done",
    afterPromote: null,
  };
  const real = { ...context, clock: systemClock };
  const problem = await hookInterception(real, hooks, { limitMs: 200 }).before?.(demote, signal);
  assert.match(problem?.because.join(' ') ?? '', /took longer than 200 ms/u);
});

test('a program that a hook leaves running is waited for by nobody, and lives on', async (t) => {
  const ran = marker(t);
  const { context, stderr } = captureContext();
  const real = { ...context, clock: systemClock };
  const hooks = { beforeFence: null, afterPromote: `sleep 600 & echo $! > '${ran}'; echo started` };
  const limit = { limitMs: 20_000 };
  await hookInterception(real, hooks, limit).after?.(promote, { outcome: 'ok', elapsedMs: 1 });
  const child = Number(readFileSync(ran, 'utf8'));
  assert.ok(isRunning(child), 'what the hook started was not ended');
  process.kill(child, 'SIGKILL');
  assert.equal(stderr(), 'started\n', 'the hook did not fail');
});

test('of a hook that writes without end only the beginning is shown', async () => {
  const { context, stderr } = captureContext();
  const real = { ...context, clock: systemClock };
  const hooks = { beforeFence: 'head -c 5000000 /dev/zero | tr "\\0" x', afterPromote: null };
  assert.equal(await hookInterception(real, hooks).before?.(demote, signal), null);
  assert.ok(stderr().length < 70_000, `${stderr().length} characters`);
  assert.match(stderr(), /4,934,464 more bytes of the hook are not shown/u);
});

test('the hook after the promotion runs once, also when the answer was lost or an earlier run promoted', async (t) => {
  const ran = marker(t);
  const { context } = captureContext();
  const hooks = { beforeFence: null, afterPromote: `echo x >> '${ran}'` };
  const interception = hookInterception(context, hooks);
  const problem = { code: 'SF-NET-002', summary: '', because: [], remedy: '' } as const;
  await interception.after?.(promote, { outcome: 'unknown', elapsedMs: 1, problem });
  assert.ok(!existsSync(ran), 'nobody knows yet that the target serves');
  const ok = { outcome: 'ok', elapsedMs: 1 } as const;
  await interception.after?.({ kind: 'close-epoch', side: 'target', epoch: 1n }, ok);
  assert.ok(!existsSync(ran), 'that was the epoch of the way back');
  await interception.after?.({ kind: 'close-epoch', side: 'source', epoch: 1n }, ok);
  await interception.after?.({ kind: 'close-epoch', side: 'source', epoch: 1n }, ok);
  assert.equal(readFileSync(ran, 'utf8'), 'x\n');
});

function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}/stat`) && !/ Z /u.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

/** Waits until a process is gone, or is only waiting to be collected. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    if (!isRunning(pid)) return;
    await setImmediate();
  }
}

test('no variable that holds a password of the migration reaches a hook', async (t) => {
  const ran = marker(t);
  const { context } = captureContext();
  const environment = {
    ...context.environment,
    PATH: process.env['PATH'],
    SQLFERRY_SOURCE_PASSWORD: 'hunter2 of the source',
    COPY_OF_IT: 'hunter2 of the source',
    SLACK_CHANNEL: 'dba',
  };
  const hooks = { beforeFence: `env > '${ran}'`, afterPromote: null };
  const secrets = [new Secret('hunter2 of the source')];
  await hookInterception({ ...context, environment }, hooks, { secrets }).before?.(demote, signal);
  const seen = readFileSync(ran, 'utf8');
  assert.match(seen, /^SLACK_CHANNEL=dba$/mu);
  assert.match(seen, /^SQLFERRY_HOOK=beforeFence$/mu);
  assert.doesNotMatch(seen, /hunter2|COPY_OF_IT|SQLFERRY_SOURCE_PASSWORD/u);
});
