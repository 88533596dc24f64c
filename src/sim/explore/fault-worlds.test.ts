import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Act } from '../../model/act.ts';
import type { Observation } from '../../model/observation.ts';
import type { GuardName } from '../semantics/guard.ts';
import { configuration, type Configuration } from './configuration.ts';
import { noDeadMan, type ControlNode } from './control-space.ts';
import { explore } from './explore.ts';
import { preparedSide } from '../semantics/control.ts';
import { ObservationSpace } from './observation-space.ts';
import { readyServers } from './start.ts';
import { actedOnTrouble, mended, spoilt } from './spoilt-rows.ts';
import { noTrouble, troubleTexts, type Trouble } from './trouble.ts';
import type { Move, WorldState } from './move.ts';
import { World } from './world.ts';

const small: Partial<Configuration> = { look: 'one-instant', faults: 0, commits: 0 };

const back: Partial<Configuration> = {
  ...small,
  start: 'cut-over',
  operators: [['failback'], ['cutover', 'abort']],
};

function complete(change: Partial<Configuration>): ReturnType<typeof explore> {
  const found = explore(configuration(change));
  assert.equal(found.counterExample, null);
  assert.equal(found.isComplete, true);
  return found;
}

function moves(world: World, state: WorldState): readonly Move[] {
  const found: Move[] = [];
  world.moves(state, (move) => found.push(move));
  return found;
}

/** Follows the first move whose label holds each text in turn. */
function follow(world: World, labels: readonly string[]): WorldState {
  let state = world.first();
  for (const label of labels) {
    const move = moves(world, state).find((each) => each.label.includes(label));
    assert.ok(move !== undefined, `${label}: not among ${labels.join('; ')}`);
    state = move;
  }
  return state;
}

test('a failback against a rival is seen completely, and comes to every end of an epoch', () => {
  const found = complete(back);
  for (const phase of ['fenced', 'committing', 'aborted', 'done'])
    assert.ok(found.reached.includes(`back: ${phase}`), phase);
  assert.ok(found.reached.includes('served by source'));
});

test('a world that begins after a cutover begins where the shipping rules end one', () => {
  const world = new World(configuration(back));
  const first = world.first();
  const { source, target } = world.control.node(first.control).control;
  assert.equal(source.register?.phase, 'done');
  assert.equal(target.register?.phase, 'idle');
  assert.equal(source.deadManRunning, false);
  assert.deepEqual(world.hadr.node(first.hadr).timers, []);
  assert.equal(world.hadr.facts(first.hadr).targetWritable, true);
  assert.equal(world.hadr.facts(first.hadr).sourceWritable, false);
});

test('there and back in one world reaches both registers’ ends', () => {
  const found = complete({
    ...small,
    operators: [['cutover', 'failback', 'abort']],
  });
  for (const phase of ['done', 'aborted', 'back: done', 'back: aborted'])
    assert.ok(found.reached.includes(phase), phase);
});

for (const [removed, invariant] of [
  [['promote-after-committing'], 'INV-4'],
  [['revoke-after-refusal'], 'INV-3'],
  [['commit-epoch-cas'], 'INV-3'],
  [['act-lock'], 'INV-5'],
] as const satisfies readonly (readonly [readonly GuardName[], string])[]) {
  test(`on the way back too, ${invariant} falls without ${removed.join()}`, () => {
    const world = { ...back, faults: 1, removed: new Set<GuardName>(removed), limit: 200_000 };
    const operators = [['failback'], ['abort']] as const;
    const example = explore(configuration({ ...world, operators })).counterExample;
    assert.equal(example?.invariant, invariant);
  });
}

test('a server that crashes takes sessions, locks, job and messages with it, and the job comes back with the Agent', () => {
  const world = new World(configuration({ ...small, faults: 1, crashes: ['source', 'target'] }));
  const fenced = follow(world, [
    'starts sqlferry cutover',
    'record-prior-state',
    'record-prior-state',
    'sends demote',
    'demote on the source: begin',
    'demote on the source: compare',
    'demote on the source: arm',
  ]);
  assert.equal(world.control.node(fenced.control).control.source.actLock, 'A');
  const crash = moves(world, fenced).find((move) => move.label === 'the source crashes');
  assert.ok(crash?.isFault);
  const dead = world.control.node(crash.control);
  assert.equal(dead.control.source.actLock, null);
  assert.equal(dead.control.source.leadLock, null);
  assert.equal(dead.control.source.deadManRunning, false);
  assert.deepEqual(dead.sessions.source, []);
  assert.deepEqual(dead.sessions.target, ['A']);
  assert.equal(dead.control.source.register?.phase, 'fenced');
  assert.equal(world.operators.operator(crash.a).batch, null);
  assert.equal(world.hadr.facts(crash.hadr).sourceWritable, false);
  assert.equal(world.hadr.isUp(crash.hadr, 'source'), false);
  const again = moves(world, crash).find((move) => move.label === 'the source starts again');
  assert.ok(again !== undefined && !again.isFault);
  assert.equal(world.control.node(again.control).control.source.deadManRunning, true);
  assert.equal(world.hadr.isUp(again.hadr, 'source'), true);
});

test('when somebody has aborted the epoch and died before the role came back, the dead-man alone brings it back', () => {
  const world = new World(
    configuration({ ...small, faults: 2, operators: [['cutover'], ['abort']] }),
  );
  const owed = follow(world, [
    'A starts sqlferry cutover',
    'record-prior-state',
    'record-prior-state',
    'A reads the target; R-DEMOTE',
    'demote on the source: begin',
    'demote on the source: compare',
    'demote on the source: arm',
    'demote on the source: alter',
    'the process of A dies; its demote goes on',
    'left of A: demote on the source: the server ends it',
    'B starts sqlferry abort',
    'R-GIVE-BACK: sends give-back',
    'B: give-back on the source: begin',
    'the process of B dies; its give-back goes on',
    'left of B: give-back on the source: the server ends it',
  ]);
  const { register } = world.control.node(owed.control).control.source;
  assert.deepEqual([register?.phase, register?.isOwed], ['aborted', true]);
  const end = reachedAlone(world, owed);
  const after = world.control.node(end.control).control.source;
  assert.deepEqual([after.register?.phase, after.register?.isOwed], ['aborted', false]);
  assert.equal(after.deadManRunning, false);
});

/** A state with a writable source and no job, reached by servers and dead-man alone. */
function reachedAlone(world: World, from: WorldState): WorldState {
  const seen = new Map([[`${from.hadr} ${from.control}`, from]]);
  for (const state of seen.values()) {
    const { source } = world.control.node(state.control).control;
    if (world.hadr.facts(state.hadr).sourceWritable && !source.deadManRunning) return state;
    for (const move of moves(world, state))
      if (!move.isFault && (move.by === 'server' || move.by === 'dead-man') && move.who === null)
        seen.set(`${move.hadr} ${move.control}`, move);
    assert.ok(seen.size < 1000, 'few states suffice');
  }
  return assert.fail('the dead-man does not bring the role back');
}

test('with crashes of the source at any instant one operator always comes through', () => {
  const world = { ...small, faults: 1, crashes: ['source'] } as const;
  const found = complete({ ...world, operators: [['cutover']] });
  for (const phase of ['fenced', 'committing', 'aborted', 'done'])
    assert.ok(found.reached.includes(phase), phase);
});

test('recovery of a promotion waits for a redo that lags', () => {
  const world: Partial<Configuration> = { ...small, commits: 1, operators: [['cutover']] };
  const slow = complete({ ...world, redo: 'slow' });
  const quick = complete(world);
  assert.ok(slow.parts.hadr > quick.parts.hadr, `${slow.parts.hadr} and ${quick.parts.hadr}`);
  assert.ok(slow.reached.includes('served by target'));
});

const kinds = Object.keys(troubleTexts).filter((kind): kind is Trouble => kind in troubleTexts);

test('rows that somebody spoils stop everybody, and harm nobody', () => {
  const found = complete({
    ...small,
    faults: 1,
    troubles: ['dropped', 'register'],
    troubledSides: ['source'],
    operators: [['cutover']],
  });
  assert.ok(found.reached.includes('no register'));
  assert.ok(found.reached.includes('served by target'));
});

test('rows that the target has lost after the decision are created anew, and the source gets its role back', () => {
  const world = new World(
    configuration({ ...small, faults: 1, troubles: ['dropped'], operators: [['cutover']] }),
  );
  const given = follow(world, [
    'A starts sqlferry cutover',
    'record-prior-state',
    'record-prior-state',
    'A reads the target; R-DEMOTE',
    'on the target sqlferry_control is dropped',
    'demote on the source: begin',
    'demote on the source: compare',
    'demote on the source: arm',
    'demote on the source: alter',
    'demote on the source: read',
    'promote on the target: begin; ends with failed',
    'A reads the target; R-RENEW-DATABASE',
    'create-control-database on the target: begin; ends with ok',
    'A reads the target; R-RENEW-REGISTER',
    'create-register on the target: begin; ends with ok',
    'A reads the target; R-GIVE-BACK',
    'give-back on the source: begin',
  ]);
  const { control, trouble } = world.control.node(given.control);
  assert.equal(control.source.register?.phase, 'aborted');
  assert.equal(control.target.refusedEpoch, 1n);
  assert.equal(trouble.target, null);
});

const promote: Act = { kind: 'promote', side: 'target', epoch: 1n, finalLsns: [], waitMs: 0 };

for (const kind of kinds) {
  test(`an act over rows of which the look says that ${troubleTexts[kind]} is noticed`, () => {
    for (const side of ['source', 'target'] as const) {
      const spoiltNode = spoilt(prepared, side, kind);
      assert.equal(actedOnTrouble(look(spoiltNode), promote)?.invariant, 'INV-24');
      assert.equal(actedOnTrouble(look(mended(spoiltNode, side)), promote), null);
    }
    assert.equal(actedOnTrouble(look(prepared), promote), null);
  });
}

const prepared: ControlNode = {
  control: { source: preparedSide(true), target: preparedSide(false) },
  sessions: { source: [], target: [] },
  deadMan: noDeadMan,
  trouble: noTrouble,
};

function look(node: ControlNode): Observation {
  const space = new ObservationSpace(new Set());
  const state = readyServers(2019, {}, 'SYNCHRONOUS_COMMIT');
  const hadr = { state, toTarget: [], toSource: [], inside: {}, timers: [], isCut: false };
  const read = (side: 'source' | 'target') =>
    space.reading(space.read(hadr, node, { side, name: 'A' }));
  return { source: read('source'), target: read('target') };
}

test('a batch that is held up is still on its way when somebody else has begun anew', () => {
  const world = new World(configuration({ ...small, faults: 1, replays: true, epochs: 2 }));
  const held = follow(world, [
    'starts sqlferry cutover',
    'record-prior-state',
    'record-prior-state',
    'sends demote',
    'dies; its demote is held up',
    'starts sqlferry cutover',
    'A reads the target',
    'sends demote',
    'A: demote on the source: begin',
  ]);
  const { late } = world.operators.operator(held.a);
  assert.equal(late?.act.kind, 'demote');
  assert.equal(late.at, 'begin');
  assert.deepEqual(world.control.node(held.control).sessions.source, ['A']);
});

test('batches that come late or twice do no harm', () => {
  const found = complete({ ...small, faults: 1, replays: true, operators: [['cutover']] });
  assert.ok(found.reached.includes('done'));
});
