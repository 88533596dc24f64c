/** A cutover that is abandoned while its epoch is only fenced: the dead-man gives the writes back. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startCli } from '../e2e/harness.ts';
import { openStage, SOURCE, startStopping, statusOf, stoppedAt, TARGET } from './stage.ts';

/** The budget of these cutovers, in milliseconds: time enough for a look at the fence on a loaded machine. */
const BUDGET_MS = 8000;
const CUTOVER = ['cutover', '--confirm', 'DAG', '--max-outage', `${BUDGET_MS}ms`] as const;
/** What the figure promises on top of the budget, and what a loaded test machine is given besides. */
const PROMISED_MS = 2000;
const SLACK_MS = 8000;

const HOUR_MS = 3_600_000;
/** Makes the tool's own clock an hour slow; only `Date.now` tells it the time of day. */
const SLOW_TOOL = `--import=data:text/javascript,${encodeURIComponent(
  `const now = Date.now; Date.now = () => now() - ${HOUR_MS};`,
)}`;

const CASES = [
  { guard: 'watcher', clocks: false },
  { guard: 'agent', clocks: true },
] as const;

for (const { guard, clocks } of CASES) {
  const apart = clocks ? ', every clock hours apart,' : '';
  test(`the dead-man (${guard})${apart} makes the source writable again after the budget, and the zombie is refused`, async (t) => {
    const stage = await openStage(t, (text) =>
      text.replace(/^cutover:\n/mu, `cutover:\n  deadMan: ${guard}\n`),
    );
    const { lab } = stage;
    if (clocks) {
      await lab.fault('clock', SOURCE, String(2 * HOUR_MS));
      await lab.fault('clock', TARGET, String(-3 * HOUR_MS));
    }
    const env: Readonly<Record<string, string>> = clocks ? { NODE_OPTIONS: SLOW_TOOL } : {};
    await lab.cli(0, 'migrate', '--yes');
    let gaveBack = (): Promise<unknown> => Promise.resolve();
    if (guard === 'watcher') {
      const watcher = startCli(['watch'], { cwd: lab.folder });
      gaveBack = () => watcher.sees(`[${SOURCE}] epoch 1 was abandoned; the writes are given back`);
      t.after(async () => {
        watcher.child.kill('SIGTERM');
        await watcher.ended;
      });
      await watcher.sees(`[${SOURCE}] on guard`);
    }
    // A commit between the proof of equality and the demotion: the batch cannot decide and stays fenced.
    await lab.fault('late-writer', SOURCE, 'Adventureworks');
    const zombie = startStopping(lab, 'reply:demote', CUTOVER, env);
    assert.equal(await stoppedAt(zombie), 'reply:demote:source');
    const start = performance.now();
    const sides = await stage.writableSides();
    assert.ok(!sides.includes(TARGET), 'the target was never promoted');
    const fenced = await statusOf(lab, env);
    const elapsed = performance.now() - start;
    const register = fenced['register'] as Readonly<Record<string, unknown>>;
    // On a machine that is slow beyond measure the look may come after the deadline, never before it.
    const isLate = register['phase'] === 'aborted' && elapsed > BUDGET_MS / 2;
    if (!isLate) {
      assert.equal(register['phase'], 'fenced');
      assert.deepEqual(sides, [], 'fenced: nobody takes writes');
      const left = Number(register['secondsLeft']);
      assert.ok(left >= 0 && left <= BUDGET_MS / 1000, `${left} s left`);
    }
    const slow = Date.now() - Date.parse(String(fenced['observedAt']));
    assert.equal(slow > HOUR_MS / 2, clocks, `the tool's clock is ${slow} ms behind`);
    const [database] = fenced['databases'] as readonly { readonly lagSeconds: number | null }[];
    assert.ok((database?.lagSeconds ?? 0) < 60, `a lag of ${database?.lagSeconds} s`);
    await stage.acknowledged(SOURCE);
    const took = performance.now() - start;
    t.diagnostic(
      `writable again ${Math.round(took)} ms after the fence; budget ${BUDGET_MS} ms + ${PROMISED_MS} ms`,
    );
    assert.ok(took < BUDGET_MS + PROMISED_MS + SLACK_MS, `${Math.round(took)} ms`);
    const aborted = (await statusOf(lab, env))['register'] as Readonly<Record<string, unknown>>;
    assert.equal(aborted['phase'], 'aborted');
    await gaveBack();
    zombie.child.kill('SIGCONT');
    const { code, stdout, stderr } = await zombie.ended;
    assert.notEqual(code, 0, stdout + stderr);
    assert.deepEqual(await stage.writableSides(), [SOURCE], stdout + stderr);
    await stage.proveOn(SOURCE);
  });
}
