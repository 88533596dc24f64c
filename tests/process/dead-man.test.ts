/** A cutover that is abandoned while its epoch is only fenced: the dead-man gives the writes back. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startCli } from '../e2e/harness.ts';
import { openStage, SOURCE, startStopping, statusOf, stoppedAt } from './stage.ts';

/** The budget of these cutovers, in milliseconds: the least that a prediction of two seconds allows. */
const BUDGET_MS = 4000;
const CUTOVER = ['cutover', '--confirm', 'DAG', '--max-outage', `${BUDGET_MS}ms`] as const;
/** What the figure promises on top of the budget, and what a loaded test machine is given besides. */
const PROMISED_MS = 2000;
const SLACK_MS = 8000;

for (const guard of ['agent', 'watcher'] as const) {
  test(`the dead-man (${guard}) makes the source writable again after the budget, and the zombie is refused`, async (t) => {
    const stage = await openStage(t, (text) =>
      text.replace(/^cutover:\n/mu, `cutover:\n  deadMan: ${guard}\n`),
    );
    const { lab } = stage;
    await lab.cli(0, 'migrate', '--yes');
    if (guard === 'watcher') {
      const watcher = startCli(['watch'], { cwd: lab.folder });
      t.after(async () => {
        watcher.child.kill('SIGTERM');
        await watcher.ended;
      });
      await watcher.sees(`[${SOURCE}] on guard`);
    }
    // A commit between the proof of equality and the demotion: the batch cannot decide and stays fenced.
    await lab.fault('late-writer', SOURCE, 'Adventureworks');
    const zombie = startStopping(lab, 'reply:demote', CUTOVER);
    assert.equal(await stoppedAt(zombie), 'reply:demote:source');
    const start = performance.now();
    const fenced = await statusOf(lab);
    const register = fenced['register'] as Readonly<Record<string, unknown>>;
    assert.equal(register['phase'], 'fenced');
    assert.ok(Number(register['secondsLeft']) <= BUDGET_MS / 1000);
    assert.deepEqual(await stage.writableSides(), []);
    await stage.acknowledged(SOURCE);
    const took = performance.now() - start;
    t.diagnostic(
      `writable again ${Math.round(took)} ms after the fence; budget ${BUDGET_MS} ms + ${PROMISED_MS} ms`,
    );
    assert.ok(took < BUDGET_MS + PROMISED_MS + SLACK_MS, `${Math.round(took)} ms`);
    const aborted = (await statusOf(lab))['register'] as Readonly<Record<string, unknown>>;
    assert.equal(aborted['phase'], 'aborted');
    zombie.child.kill('SIGCONT');
    const { code, stdout, stderr } = await zombie.ended;
    assert.notEqual(code, 0, stdout + stderr);
    assert.deepEqual(await stage.writableSides(), [SOURCE], stdout + stderr);
    await stage.proveOn(SOURCE);
  });
}
