/**
 * The guarded batches twice: as the T-SQL that is sent, in the lab's interpreter, and as the step
 * machines of `sim/semantics` that explorer and simulator run. Random walks of acts, right and wrong
 * ones, on both; after each, refusal or not, registers, refused epochs, roles and states must agree.
 */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { makePrng, type Prng } from '../../src/base/prng.ts';
import { makeLsn, type Lsn } from '../../src/base/lsn.ts';
import type { Act, ActReply, FinalLsn } from '../../src/model/act.ts';
import { sideOf, type Observation } from '../../src/model/observation.ts';
import type { RegisterPhase } from '../../src/model/register.ts';
import { otherSide, type Side } from '../../src/model/side.ts';
import { allGuards } from '../../src/sim/semantics/guard.ts';
import { observeInstance } from '../../src/sim/semantics/observe.ts';
import { Kernel } from '../../src/sim/simulate/kernel.ts';
import { lookAt } from '../../src/sim/simulate/look.ts';
import { migrationOf, type Shape } from '../../src/sim/simulate/prepare.ts';
import { runBatch } from '../../src/sim/simulate/request.ts';
import { readyServers } from '../../src/sim/simulate/simulate.ts';
import { SimWorld } from '../../src/sim/simulate/world.ts';
import { realClock } from '../support/real-clock.ts';
import { startProtocolLab, type ProtocolLab } from '../support/protocol-lab.ts';

const database = 'Adventureworks';
const databases = [database] as const;
const sides = ['source', 'target'] as const;

/** Time the lab's servers get to come to rest after an act, and the pause between two looks. */
const SETTLE_LIMIT_MS = 10_000;
const LOOK_MS = 5;

const shape: Shape = {
  databases: 1,
  version: 2022,
  deadMan: 'off',
  giveBackWithRequiredSecondaries: 'accepted',
  requiredSecondariesMissing: 'hang',
};

/** What must be equal, as plain words. */
function summary(seen: Observation): Record<string, unknown> {
  return Object.fromEntries(
    sides.map((side) => {
      const { control, distributed, databases: rows } = sideOf(seen, side);
      assert.ok(control.known && distributed.known && rows.known);
      assert.ok(control.value.kind === 'present', control.value.kind);
      const { register, refused } = control.value;
      return [
        side,
        {
          register: `${register.epoch} ${register.phase} ${register.isIntact}`,
          refused: `${refused.epoch} ${refused.isIntact}`,
          prior: register.prior,
          role: distributed.value?.localRoleDesc,
          operational: distributed.value?.localOperationalStateDesc,
          required: distributed.value?.requiredSynchronizedSecondariesToCommit,
          modes: distributed.value?.members.map((member) => member.availabilityModeDesc),
          database: rows.value.map((row) => `${row.name} ${row.stateDesc}`),
          copy: rows.value.map((row) => row.distributed?.synchronizationStateDesc ?? null),
        },
      ];
    }),
  );
}

/** The model's two servers with one operator on them. */
class Model {
  readonly world: SimWorld;
  readonly #kernel: Kernel;

  private constructor(world: SimWorld) {
    this.world = world;
    this.#kernel = new Kernel(world.engine, false);
  }

  static async start(): Promise<Model> {
    const model = new Model(new SimWorld(migrationOf(shape), await readyServers(shape), allGuards));
    for (const side of sides)
      await model.perform({ kind: 'set-distributed-mode', side, mode: 'SYNCHRONOUS_COMMIT' });
    return model;
  }

  async perform(act: Act): Promise<ActReply> {
    const { world } = this;
    const session = world.connect(act.side, { login: 'sa', program: 'sqlferry', database: null });
    let reply: ActReply | null = null;
    runBatch({
      kernel: this.#kernel,
      world,
      act,
      session,
      ended: (answer) => {
        reply = answer;
      },
    });
    await this.#kernel.runUntil(() => reply !== null, {
      at: this.#kernel.now + 120_000,
      events: 10_000,
    });
    assert.ok(reply !== null, `${act.kind} has no end in the model`);
    world.end(session);
    world.engine.advance(20_000);
    return reply;
  }

  look(): Observation {
    const { world } = this;
    const one = (side: Side) => {
      const session = world.connect(side, { login: 'sa', program: 'sqlferry', database: null });
      const seen = lookAt(world, side, { session, generation: 1, roundTripMs: 1 });
      world.end(session);
      return seen;
    };
    return { source: one('source'), target: one('target') };
  }
}

/** LSNs in words, because the two worlds count differently. */
type Mark = 'low' | 'theirs' | 'high';

function lsns(seen: Observation, side: Side, mark: Mark): readonly FinalLsn[] {
  if (mark === 'low') return [{ database, lsn: makeLsn({ vlf: 1n, block: 1n, slot: 1n }) }];
  const { databases: rows } = sideOf(seen, side);
  assert.ok(rows.known);
  const end: Lsn = rows.value[0]?.local?.endOfLogLsn ?? makeLsn({ vlf: 9n, block: 1n, slot: 1n });
  if (mark === 'theirs') return [{ database, lsn: end }];
  return [{ database, lsn: (end + 10_000_000_000n) as Lsn }];
}

/** An act with LSNs in words. */
type Draft = (seen: Observation) => Act;

interface Known {
  readonly epoch: Readonly<Record<Side, bigint>>;
  readonly refused: Readonly<Record<Side, bigint>>;
  readonly role: Readonly<Record<Side, string>>;
  readonly phase: Readonly<Record<Side, RegisterPhase>>;
}

function knownOf(seen: Observation): Known {
  const read = <T>(of: (side: Side) => T): Record<Side, T> => ({
    source: of('source'),
    target: of('target'),
  });
  const control = (side: Side) => {
    const fact = sideOf(seen, side).control;
    assert.ok(fact.known && fact.value.kind === 'present');
    return fact.value;
  };
  return {
    epoch: read((side) => control(side).register.epoch),
    refused: read((side) => control(side).refused.epoch),
    phase: read((side) => control(side).register.phase),
    role: read((side) => {
      const { distributed } = sideOf(seen, side);
      assert.ok(distributed.known);
      return distributed.value?.localRoleDesc ?? 'none';
    }),
  };
}

function pickOf<T>(prng: Prng, values: readonly T[]): T {
  const value = values[prng.below(values.length)];
  assert.ok(value !== undefined);
  return value;
}

/** The side on which the drawn act makes sense: most draws should be accepted. */
function likelySide(choice: number, known: Known): Side {
  const demoted = sides.find((side) => ['fenced', 'committing'].includes(known.phase[side]));
  const primary = sides.find((side) => known.role[side] === 'PRIMARY') ?? 'source';
  if (choice <= 2) return primary;
  const giving = demoted ?? primary;
  return choice === 3 || (choice >= 6 && choice <= 8) ? otherSide(giving) : giving;
}

/** Draws an act that fits the state, or one that a guard has to refuse. */
function draw(prng: Prng, known: Known): Draft {
  const choice = prng.below(12);
  const side = prng.below(4) > 0 ? likelySide(choice, known) : pickOf(prng, sides);
  const other = otherSide(side);
  const right = prng.below(4) > 0;
  const epoch = right ? known.epoch[side] : known.epoch[side] + BigInt(prng.below(3)) - 1n;
  const mark = pickOf<Mark>(prng, ['low', 'theirs', 'theirs', 'high']);
  switch (choice) {
    case 0:
    case 1:
    case 2:
      return (seen) => ({
        kind: 'demote',
        side,
        databases,
        fromEpoch: epoch,
        budgetMs: 36_000_000,
        targetLsns: lsns(seen, other, mark === 'high' ? 'theirs' : mark),
        refuseEpoch: known.epoch[other],
      });
    case 3:
      return (seen) => ({
        kind: 'await-lsns',
        side,
        finalLsns: lsns(seen, other, mark),
        waitMs: 50,
      });
    case 4:
    case 5:
      return () => ({ kind: 'commit-epoch', side, epoch });
    case 6:
    case 7: {
      // Beside a primary only a refused epoch is sent: nothing but the order keeps that one out.
      const wanted = right ? known.epoch[other] : known.refused[side];
      const sent = known.role[other] === 'PRIMARY' ? known.refused[side] : wanted;
      return (seen) => ({
        kind: 'promote',
        side,
        epoch: sent,
        finalLsns: lsns(seen, other, mark),
        waitMs: 50,
      });
    }
    case 8:
      return () => ({ kind: 'refuse-epoch', side, epoch: known.epoch[other] });
    case 9: {
      const now = known.phase[side];
      const isOpen = now === 'fenced' || now === 'committing' || now === 'aborted';
      const drawn = pickOf(prng, ['fenced', 'committing', 'aborted'] as const);
      const from = right && isOpen ? now : drawn;
      return () => ({ kind: 'give-back', side, databases, epoch, from });
    }
    case 10: {
      // Closed with nobody primary nothing could follow: only the order keeps the engine from it.
      const sent = known.role[other] === 'PRIMARY' ? epoch : known.epoch[side] + 1n;
      return () => ({ kind: 'close-epoch', side, epoch: sent });
    }
    default: {
      const enabledLogins = [`app_${prng.below(3)}`];
      return () => ({
        kind: 'record-prior-state',
        side,
        prior: { enabledLogins, distributedMode: 'ASYNCHRONOUS_COMMIT' },
      });
    }
  }
}

function isDualPrimaryRisk(act: Act, known: Known): boolean {
  return act.kind === 'give-back' && known.role[otherSide(act.side)] === 'PRIMARY';
}

async function walk(context: TestContext, seed: number, steps: number): Promise<number> {
  const lab: ProtocolLab = await startProtocolLab(context, { cutover: { deadMan: 'off' } });
  const model = await Model.start();
  const prng = makePrng(seed);
  const sent: string[] = [];
  let accepted = 0;
  for (let step = 0; step < steps; step += 1) {
    const seenModel = model.look();
    const known = knownOf(seenModel);
    const draft = draw(prng, known);
    const inModel = draft(seenModel);
    if (isDualPrimaryRisk(inModel, known)) continue;
    const replyModel = await model.perform(inModel);
    const inLab = draft(await lab.look());
    // The draft draws nothing but what it closed over, so both worlds get the same act.
    const replyLab = await lab.act(inLab);
    sent.push(
      `${inModel.kind} ${inModel.side} ${'epoch' in inModel ? inModel.epoch : ''} ${'from' in inModel ? inModel.from : ''} ${replyModel.outcome}`,
    );
    const because =
      replyLab.outcome === 'ok'
        ? ''
        : `${replyLab.problem.summary} ${replyLab.problem.because.join(' ')}`;
    const inModelBecause = replyModel.outcome === 'ok' ? '' : replyModel.problem.summary;
    assert.equal(
      replyLab.outcome,
      replyModel.outcome,
      `seed ${seed}: T-SQL says ${replyLab.outcome} (${because}), the model ${replyModel.outcome} (${inModelBecause})\n${sent.join('\n')}`,
    );
    if (replyModel.outcome === 'ok') accepted += 1;
    const wanted = summary(model.look());
    let shown: Record<string, unknown> = {};
    const end = realClock.monotonic() + SETTLE_LIMIT_MS;
    for (;;) {
      shown = summary(await lab.look());
      if (JSON.stringify(shown) === JSON.stringify(wanted)) break;
      if (realClock.monotonic() > end) break;
      await realClock.sleep(LOOK_MS);
    }
    assert.deepEqual(shown, wanted, `seed ${seed}\n${sent.join('\n')}`);
  }
  return accepted;
}

for (const seed of [1, 2, 3]) {
  test(`T-SQL and semantics agree on 40 acts of seed ${seed}`, async (context) => {
    const accepted = await walk(context, seed, 40);
    assert.ok(accepted > 8, `only ${accepted} acts were accepted: the walk is stuck`);
  });
}

test('the view of the model is the observation that the T-SQL look gives', async (context) => {
  const lab = await startProtocolLab(context, { cutover: { deadMan: 'off' } });
  const model = await Model.start();
  model.world.engine.advance(20_000);
  const seen = await lab.look();
  for (const side of sides) {
    const instance = model.world.instance(side);
    assert.ok(instance !== undefined);
    const view = observeInstance(instance, side, model.world.migration);
    const shown = sideOf(seen, side);
    assert.ok(shown.databases.known && shown.availabilityGroup.known && shown.distributed.known);
    const bare = (row: object | null | undefined): unknown =>
      row === null || row === undefined
        ? row
        : Object.fromEntries(
            Object.entries(row).map(([key, value]) => [
              key,
              typeof value === 'bigint' ? 'lsn' : /Rate|Bytes|Queue|lag/iu.test(key) ? '' : value,
            ]),
          );
    assert.deepEqual(view.availabilityGroup, shown.availabilityGroup.value);
    assert.deepEqual(
      { ...view.distributed, members: null },
      { ...shown.distributed.value, members: null },
    );
    assert.deepEqual(
      view.databases.map((row) => [bare(row.local), bare(row.distributed), row.hasLogChain]),
      shown.databases.value.map((row) => [bare(row.local), bare(row.distributed), row.hasLogChain]),
    );
  }
});
