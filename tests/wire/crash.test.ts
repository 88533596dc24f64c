/** A server that dies at the tender points of a switch, and comes back: the switch is finished, or given back by the dead-man. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { systemClock } from '../../src/adapters/clock.ts';
import type { TrapPoint } from '../../src/lab/world/trap.ts';
import type { Side } from '../../src/model/side.ts';
import { until } from '../support/two-server-world.ts';
import {
  diesBefore,
  instanceOf,
  startWireCutover,
  type WireCutover,
} from '../support/wire-cutover.ts';

const POINTS: readonly {
  readonly claim: string;
  readonly side: Side;
  readonly point: TrapPoint;
}[] = [
  {
    claim: 'the source dies with the register fenced and the role still its own',
    side: 'source',
    point: { when: 'before', what: 'statement', pattern: 'set-role-secondary' },
  },
  {
    claim: 'the source dies with the role given away and nothing decided',
    side: 'source',
    point: { when: 'after', what: 'statement', pattern: 'set-role-secondary' },
  },
  {
    claim: 'the source dies with the decision made and not answered',
    side: 'source',
    point: { when: 'after', what: 'batch', pattern: '@from_epoch' },
  },
  {
    claim: 'the target dies before the promotion',
    side: 'target',
    point: { when: 'before', what: 'statement', pattern: 'force-failover-allow-data-loss' },
  },
  {
    claim: 'the target dies in the promotion',
    side: 'target',
    point: { when: 'after', what: 'statement', pattern: 'force-failover-allow-data-loss' },
  },
  {
    claim: 'the target dies with the promotion done and not answered',
    side: 'target',
    point: { when: 'after', what: 'batch', pattern: '@promote_epoch' },
  },
  {
    claim: 'the source dies as the epoch is closed',
    side: 'source',
    point: { when: 'after', what: 'batch', pattern: '@close_epoch' },
  },
];

const isUp = (wire: WireCutover, side: Side): boolean =>
  wire.lab.lab.world().state().instances[instanceOf[side].toLowerCase()]?.up === true;

/** Starts the server again a little after it died. */
async function revive(wire: WireCutover, side: Side): Promise<void> {
  await until(`the end of the ${side}`, () => !isUp(wire, side));
  await systemClock.sleep(100);
  wire.lab.lab.world().restart(instanceOf[side]);
}

for (const { claim, side, point } of POINTS) {
  test(`${claim}: finished after its restart`, async (context) => {
    const cutover = { deadMan: 'off', maxOutageMs: 30_000, fenceLogins: [] } as const;
    const wire = await startWireCutover(context, cutover);
    const fault = { fault: 'crash-at', instance: instanceOf[side], ...point };
    assert.deepEqual(wire.lab.lab.fault(fault), { ok: true, value: null });
    const operator = wire.operator('straight');
    const [result] = await Promise.all([operator.run({ goal: 'cutover' }), revive(wire, side)]);
    operator.close();
    await wire.tryBoth();
    if (result.outcome !== 'done') {
      const next = wire.operator('straight');
      const again = await next.run({ goal: 'cutover' });
      assert.equal(
        again.outcome,
        'done',
        `${again.rule} ${JSON.stringify(next.problems.at(-1))} after ${result.rule}`,
      );
    }
    await wire.demandOne('target');
  });
}

test('a source that dies fenced, with its operator, is given back by the dead-man after its restart', async (context) => {
  const cutover = { deadMan: 'agent', maxOutageMs: 4000, fenceLogins: ['app_writer'] } as const;
  const wire = await startWireCutover(context, cutover);
  const database = 'Adventureworks';
  assert.ok(wire.lab.lab.fault({ fault: 'late-writer', instance: 'OnPremNode', database }).ok);
  const operator = wire.operator('straight');
  await operator.run({ goal: 'cutover' }, diesBefore('commit-epoch'));
  operator.close();
  const world = wire.lab.lab.world();
  world.crash('OnPremNode');
  world.restart('OnPremNode');
  await until('the dead-man', () => roleOfSource(wire) === 'PRIMARY');
  await wire.demandOne('source');
  await until('the login', () => {
    const { principals } = world.record('OnPremNode');
    return principals.find((each) => each.name === 'app_writer')?.isDisabled === false;
  });
});

function roleOfSource(wire: WireCutover): string | undefined {
  const source = wire.lab.lab.world().state().instances['onpremnode'];
  return Object.values(source?.distributed ?? {})[0]?.role;
}
