/** A cutover under circumstances that are no broken connection: wrong clocks, a stopped Agent, a latched role change, a lost link. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { systemClock } from '../../src/adapters/clock.ts';
import { until } from '../support/two-server-world.ts';
import { startWireCutover, type WireCutover } from '../support/wire-cutover.ts';

function fault(wire: WireCutover, value: unknown): void {
  assert.deepEqual(wire.lab.lab.fault(value), { ok: true, value: null });
}

const OFF = { deadMan: 'off', maxOutageMs: 30_000, fenceLogins: [] } as const;
const AGENT = { deadMan: 'agent', maxOutageMs: 8000, fenceLogins: [] } as const;

for (const [source, target] of [
  [3_600_000, -3_600_000],
  [-3_600_000, 3_600_000],
] as const) {
  test(`clocks that are two hours apart (source ${source} ms) move no deadline`, async (context) => {
    const wire = await startWireCutover(context, AGENT);
    fault(wire, { fault: 'clock', instance: 'OnPremNode', offsetMs: source });
    fault(wire, { fault: 'clock', instance: 'SQLVM', offsetMs: target });
    const operator = wire.operator('straight');
    const result = await operator.run({ goal: 'cutover' });
    assert.equal(result.outcome, 'done', `${result.rule} ${JSON.stringify(operator.problems)}`);
    await wire.demandOne('target');
  });
}

test('an Agent that stops between the last look and the demotion leaves the source as it was', async (context) => {
  const wire = await startWireCutover(context, AGENT);
  const operator = wire.operator('straight');
  const result = await operator.run(
    { goal: 'cutover' },
    {
      before(act) {
        if (act.kind === 'demote')
          fault(wire, { fault: 'agent', instance: 'OnPremNode', state: 'stopped' });
        return Promise.resolve(null);
      },
    },
  );
  assert.notEqual(result.outcome, 'done');
  assert.ok(operator.problems.some((problem) => problem.code === 'SF-CUT-141'));
  operator.close();
  await wire.demandOne('source');
});

test('a role change that is latched (41104) leaves the source writable, and the next run switches', async (context) => {
  const wire = await startWireCutover(context, OFF);
  fault(wire, { fault: 'latch', instance: 'OnPremNode', times: 1 });
  const operator = wire.operator('straight');
  await operator.run({ goal: 'cutover' });
  assert.ok(operator.problems.some((problem) => problem.evidence?.number === 41_104));
  operator.close();
  await wire.demandOne('source');
  const next = wire.operator('straight');
  const result = await next.run({ goal: 'cutover' });
  assert.equal(result.outcome, 'done', `${result.rule} ${JSON.stringify(next.problems)}`);
  await wire.demandOne('target');
});

test('commits that were released without the forwarder are on the target before it is promoted', async (context) => {
  const wire = await startWireCutover(context, OFF);
  fault(wire, { fault: 'session-timeout', delayMs: 300 });
  fault(wire, { fault: 'partition', a: 'OnPremNode', b: 'SQLVM' });
  const world = wire.lab.lab.world();
  const source = () => Object.values(world.state().instances['onpremnode']?.distributed ?? {})[0];
  await until('the lost link', () => source()?.link.connected === false);
  await wire.tryBoth();
  const operator = wire.operator('straight');
  const refused = await operator.run({ goal: 'cutover' });
  assert.equal(refused.rule, 'R-CUTOVER-NOT-READY');
  assert.equal(refused.acts, 0);
  fault(wire, { fault: 'heal' });
  await until('the link', () => source()?.link.connected === true);
  let result = await operator.run({ goal: 'cutover' });
  // The copies are healthy a little after they have found each other.
  for (let tries = 0; tries < 20 && result.rule === refused.rule; tries += 1) {
    await systemClock.sleep(50);
    result = await operator.run({ goal: 'cutover' });
  }
  assert.equal(result.outcome, 'done', `${result.rule} ${JSON.stringify(operator.problems)}`);
  await wire.demandOne('target');
});
