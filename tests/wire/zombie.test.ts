/**
 * A zombie: an operator whose batch was on its way when its epoch ended. The batch arrives afterwards,
 * whole and well-formed, and the server refuses it.
 */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { systemClock } from '../../src/adapters/clock.ts';
import type { Act, ActReply } from '../../src/model/act.ts';
import type { CutoverPolicy } from '../../src/model/migration.ts';
import { until } from '../support/two-server-world.ts';
import { startWireCutover, type Operator, type WireCutover } from '../support/wire-cutover.ts';

const never = new AbortController().signal;
const databases = ['Adventureworks'] as const;

/** Guards of `sql/statement/guard.ts` by what they say. */
const REGISTER_MOVED = 58_135;
const EPOCH_REFUSED = 58_138;

interface Zombie {
  readonly wire: WireCutover;
  readonly operator: Operator;
  /** The act it was about to send. */
  readonly act: Act;
  /** Lets the batch arrive; what the server answers. */
  release(): Promise<ActReply>;
}

/** A cutover whose next batch of this kind is kept on the way. */
async function zombieAt(
  context: TestContext,
  kind: Act['kind'],
  how: { readonly late: boolean; readonly cutover?: Partial<CutoverPolicy> },
): Promise<Zombie> {
  const wire = await startWireCutover(context, {
    deadMan: 'off',
    maxOutageMs: 30_000,
    fenceLogins: [],
    ...how.cutover,
  });
  if (how.late) {
    const [database] = databases;
    assert.ok(wire.lab.lab.fault({ fault: 'late-writer', instance: 'OnPremNode', database }).ok);
  }
  const operator = wire.operator('proxied');
  const gate = Promise.withResolvers<void>();
  const sent = Promise.withResolvers<Act>();
  const answered = Promise.withResolvers<ActReply>();
  const stop = new AbortController();
  void operator.run(
    { goal: 'cutover' },
    {
      before(act) {
        if (act.kind === kind) {
          void wire.proxies[act.side]
            .arm({ kind: 'hold', until: gate.promise })
            .then(() => sent.resolve(act));
        }
        return Promise.resolve(null);
      },
      after(act, reply) {
        if (act.kind === kind) {
          stop.abort();
          answered.resolve(reply);
        }
        return Promise.resolve();
      },
    },
    stop.signal,
  );
  const act = await sent.promise;
  return {
    wire,
    operator,
    act,
    release() {
      gate.resolve();
      return answered.promise;
    },
  };
}

/** Another operator's batches, past the leadership lock that the zombie still holds. */
async function perform(wire: WireCutover, ...acts: readonly Act[]): Promise<void> {
  const other = wire.operator('straight');
  await other.servers.observe(never);
  for (const act of acts) {
    const reply = await other.servers.perform(act, never);
    assert.equal(reply.outcome, 'ok', `${act.kind}: ${JSON.stringify(reply, bigintsAsText)}`);
  }
  other.close();
}

async function demandRefused(zombie: Zombie, number: number): Promise<void> {
  const reply = await zombie.release();
  assert.ok(reply.outcome === 'failed', JSON.stringify(reply, bigintsAsText));
  assert.equal(reply.problem.evidence?.number, number, reply.problem.summary);
}

function bigintsAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

test('a decision that arrives after the dead-man gave the writes back is refused', async (context) => {
  const cutover = { deadMan: 'agent', maxOutageMs: 4000 } as const;
  const zombie = await zombieAt(context, 'commit-epoch', { late: true, cutover });
  const { wire } = zombie;
  await until('the dead-man', () => roleOfSource(wire) === 'PRIMARY');
  await wire.tryBoth();
  await demandRefused(zombie, REGISTER_MOVED);
  zombie.operator.close();
  await wire.demandOne('source');
});

test('a promotion that arrives after its epoch was revoked is refused', async (context) => {
  const zombie = await zombieAt(context, 'promote', { late: false });
  const { wire, act } = zombie;
  assert.ok(act.kind === 'promote');
  const { epoch } = act;
  await perform(
    wire,
    { kind: 'refuse-epoch', side: 'target', epoch },
    { kind: 'give-back', side: 'source', databases, epoch, from: 'committing' },
  );
  await wire.tryBoth();
  await demandRefused(zombie, EPOCH_REFUSED);
  zombie.operator.close();
  await wire.demandOne('source');
});

test('a demotion that arrives after another epoch came and went is refused', async (context) => {
  const zombie = await zombieAt(context, 'demote', { late: false });
  const { wire, act } = zombie;
  assert.ok(act.kind === 'demote');
  const epoch = act.fromEpoch + 1n;
  await perform(
    wire,
    { ...act, targetLsns: [] },
    { kind: 'give-back', side: 'source', databases, epoch, from: 'fenced' },
  );
  await demandRefused(zombie, REGISTER_MOVED);
  zombie.operator.close();
  await wire.demandOne('source');
});

test('a decision that arrives after another operator aborted is refused', async (context) => {
  const zombie = await zombieAt(context, 'commit-epoch', { late: true });
  const { wire, act } = zombie;
  assert.ok(act.kind === 'commit-epoch');
  const { epoch } = act;
  await perform(wire, { kind: 'give-back', side: 'source', databases, epoch, from: 'fenced' });
  await demandRefused(zombie, REGISTER_MOVED);
  zombie.operator.close();
  await wire.demandOne('source');
});

test('what a fenced-off zombie left is finished by the next operator', async (context) => {
  const zombie = await zombieAt(context, 'promote', { late: false });
  const { wire, act } = zombie;
  assert.ok(act.kind === 'promote');
  const { epoch } = act;
  await perform(
    wire,
    { kind: 'refuse-epoch', side: 'target', epoch },
    { kind: 'give-back', side: 'source', databases, epoch, from: 'committing' },
  );
  await demandRefused(zombie, EPOCH_REFUSED);
  zombie.operator.close();
  wire.proxies.source.cut();
  wire.proxies.target.cut();
  const next = wire.operator('straight');
  const result = await next.run({ goal: 'cutover' });
  assert.equal(result.outcome, 'done', `${result.rule} ${JSON.stringify(next.problems.at(-1))}`);
  await wire.demandOne('target');
});

test('an operator that takes over ends the session of the zombie: its batch arrives nowhere', async (context) => {
  const zombie = await zombieAt(context, 'promote', { late: false });
  const { wire } = zombie;
  const polite = wire.operator('straight');
  const patience = new AbortController();
  const cancel = systemClock.schedule(500, () => patience.abort());
  const waits = await polite.run({ goal: 'abort' }, {}, patience.signal);
  cancel();
  assert.equal(waits.acts, 0, 'without --takeover the other one leads');
  polite.close();
  const other = wire.operator('straight', { takeOver: true });
  const result = await other.run({ goal: 'abort' });
  assert.equal(result.outcome, 'done', `${result.rule} ${JSON.stringify(other.problems.at(-1))}`);
  const reply = await zombie.release();
  assert.equal(reply.outcome, 'unknown', JSON.stringify(reply, bigintsAsText));
  zombie.operator.close();
  await wire.demandOne('source');
});

function roleOfSource(wire: WireCutover): string | undefined {
  const source = wire.lab.lab.world().state().instances['onpremnode'];
  return Object.values(source?.distributed ?? {})[0]?.role;
}
