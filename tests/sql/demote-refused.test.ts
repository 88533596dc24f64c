/** A demotion that the server refuses: the fence is lifted, and the end says what to do. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { guards } from '../../src/sql/statement/guard.ts';
import { startSmallLab } from '../support/small-lab.ts';

const never = new AbortController().signal;

test('a demotion refused with 41104 ends with the applications let in and with advice, and the next cutover switches', async (context) => {
  const lab = await startSmallLab(context, { cutover: { fenceLogins: ['app_writer'] } });
  await lab.run({ goal: 'migrate' });
  lab.lab.world().latchDemotions(lab.loaded.migration.source.instances[0].name, 1);
  const result = await lab.run({ goal: 'cutover' });
  assert.equal(result.rule, 'R-TAKEN-BACK');
  assert.equal(result.outcome, 'needs-human');
  const said = lab.events.at(-1)?.message ?? '';
  assert.match(said, /error log/u);
  assert.match(said, /sqlferry cutover --confirm DAG/u);
  const { source } = await lab.servers.observe(never);
  assert.ok(source.fenceLogins.known && source.fenceLogins.value.every((row) => !row.isDisabled));
  assert.ok(source.distributed.known);
  assert.equal(source.distributed.value?.localRoleDesc, 'PRIMARY');
  const again = await lab.run({ goal: 'cutover' });
  assert.equal(again.outcome, 'done', `${again.rule}: ${lab.events.at(-1)?.message ?? ''}`);
});

test('a dead-man that cannot be started is refused with what msdb answered', async (context) => {
  const lab = await startSmallLab(context, {});
  await lab.run({ goal: 'migrate' });
  await lab.servers.perform({ kind: 'drop-dead-man', side: 'source' }, never);
  const reply = await lab.servers.perform({ kind: 'rehearse-dead-man', side: 'source' }, never);
  assert.ok(reply.outcome === 'failed');
  assert.equal(reply.problem.evidence?.number, guards.deadManStart.number);
  assert.match(reply.problem.evidence.message, /Error 14262: .*sqlferry dead-man DAG/u);
});
