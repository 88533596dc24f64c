import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configuration } from './configuration.ts';
import { explore } from './explore.ts';
import { HadrSpace, type HadrMove } from './hadr-space.ts';
import { readyReplicas } from './start-availability-group.ts';

const first = (space: HadrSpace): number =>
  space.start(readyReplicas(2019, {}, 'SYNCHRONOUS_COMMIT'));

function take(space: HadrSpace, from: number, label: string): HadrMove {
  const moves = space.moves(from);
  const found = moves.find((move) => move.label.includes(label));
  assert.ok(found, `${label} is among: ${moves.map((move) => move.label).join('; ')}`);
  return found;
}

test('a commit is answered when the forwarder and its own secondary have it, not before', () => {
  const space = new HadrSpace('log');
  const sent = space.commit(first(space), 'source', 1);
  assert.ok(sent);
  assert.equal(sent.acknowledged, 0);
  const onForwarder = take(space, sent.to, 'log arrives at the target');
  assert.equal(onForwarder.acknowledged, 0);
  const onSecondary = take(space, onForwarder.to, 'log arrives (sqlvm>sqlvm2)');
  assert.equal(onSecondary.acknowledged, 1);
});

test('a second replica never takes writes, whatever becomes of the roles', () => {
  const space = new HadrSpace('log');
  const start = first(space);
  const change = (
    id: number,
    side: 'source' | 'target',
    kind: 'set-role-secondary' | 'force-failover-allow-data-loss',
  ): number =>
    space.statement(id, side, {
      kind: 'alter-availability-group',
      group: 'DAG',
      action: { kind },
    }).to;
  const demoted = change(start, 'source', 'set-role-secondary');
  const forced = change(demoted, 'target', 'force-failover-allow-data-loss');
  const back = change(demoted, 'source', 'force-failover-allow-data-loss');
  const seen = new Set<number>();
  const open = [demoted, forced, back];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const { sourceWritable, targetWritable } = space.facts(id);
    assert.ok(!(sourceWritable && targetWritable), `situation ${id}`);
    open.push(...space.moves(id).map((move) => move.to));
  }
  assert.ok([...seen].some((id) => space.facts(id).targetWritable));
  assert.ok([...seen].some((id) => space.facts(id).sourceWritable));
  assert.ok(seen.size > 20, `${seen.size} situations were looked at`);
});

test('the cutover between groups of two replicas is seen completely, and no invariant falls', () => {
  const found = explore(
    configuration({
      name: 'two replicas on both sides',
      shape: 'availability-groups',
      commits: 0,
      faults: 0,
      look: 'one-instant',
    }),
  );
  assert.equal(found.counterExample, null);
  assert.equal(found.isComplete, true);
  for (const phase of ['aborted', 'committing', 'done', 'fenced', 'served by target'])
    assert.ok(found.reached.includes(phase), phase);
});
