/** An operator takes a switch back and dies, its server with it, between its decision and the role: nobody is left, and the source serves again. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openStage, SOURCE, startStopping, statusOf, stoppedAt } from './stage.ts';

/** No deadline is due while this test runs: only the decision of the dead operator can make anybody act. */
const CUTOVER = ['cutover', '--confirm', 'DAG', '--max-outage', '30m'] as const;

test('when the source falls right before an abort takes its role back, it serves again with its Agent, without any operator', async (t) => {
  const stage = await openStage(t, (text) =>
    text.replace(/^cutover:\n/mu, 'cutover:\n  deadMan: agent\n'),
  );
  const { lab } = stage;
  await lab.cli(0, 'migrate', '--yes');
  // A commit between the proof of equality and the demotion: the batch cannot decide and stays fenced.
  await lab.fault('late-writer', SOURCE, 'Adventureworks');
  const zombie = startStopping(lab, 'reply:demote', CUTOVER);
  assert.equal(await stoppedAt(zombie), 'reply:demote:source');
  // A stopped process keeps its sessions: --takeover ends them.
  await lab.fault('crash-at', SOURCE, 'before', 'statement', 'force-failover-allow-data-loss');
  const abort = startStopping(lab, 'reply:give-back', ['abort', '--confirm', 'DAG', '--takeover']);
  assert.equal(await stoppedAt(abort), 'reply:give-back:source');
  abort.child.kill('SIGKILL');
  await abort.ended;
  assert.deepEqual(await stage.writableSides(), []);
  await lab.fault('restart', SOURCE);
  await stage.acknowledged(SOURCE);
  const register = (await statusOf(lab))['register'] as Readonly<Record<string, unknown>>;
  assert.equal(register['phase'], 'aborted');
  zombie.child.kill('SIGCONT');
  const { code, stdout, stderr } = await zombie.ended;
  assert.notEqual(code, 0, stdout + stderr);
  assert.deepEqual(await stage.writableSides(), [SOURCE], stdout + stderr);
  await stage.proveOn(SOURCE);
});
