import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { components, effectiveCycle } from './cycle.ts';
import { Graph, moverSet } from './graph.ts';
import type { Mover } from './mover.ts';

interface Way {
  readonly to: number;
  readonly by: Mover;
  readonly isEffective: boolean;
}

const by = moverSet('server', 'batch');

/** States with their ways; about a third of the ways belong to somebody who does not count. */
const arbitraryWays: fc.Arbitrary<readonly (readonly Way[])[]> = fc
  .integer({ min: 1, max: 12 })
  .chain((size) => {
    const way = fc.record({
      to: fc.integer({ min: 0, max: size - 1 }),
      by: fc.constantFrom<Mover>('server', 'batch', 'person'),
      isEffective: fc.boolean(),
    });
    return fc.array(fc.array(way, { maxLength: 3 }), { minLength: size, maxLength: size });
  });

function graphOf(states: readonly (readonly Way[])[]): Graph {
  const graph = new Graph();
  for (const ways of states) {
    graph.begin();
    for (const way of ways) graph.add(way.to, way.by, way.isEffective);
  }
  graph.end();
  return graph;
}

/** Reachability by the movers that count, the slow way. */
function reaches(states: readonly (readonly Way[])[], from: number, to: number): boolean {
  const seen = new Set([from]);
  for (const at of seen)
    for (const way of states[at] ?? []) if (way.by !== 'person') seen.add(way.to);
  return seen.has(to);
}

test('back and forward, exactly what the movers can reach is marked', () => {
  fc.assert(
    fc.property(arbitraryWays, fc.nat({ max: 11 }), (states, nth) => {
      const graph = graphOf(states);
      const start = nth % states.length;
      const back = Uint8Array.from(states, (_ways, index) => (index === start ? 1 : 0));
      const forward = Uint8Array.from(back);
      graph.spreadBack(back, by);
      graph.spreadForward(forward, by, new Uint8Array(states.length));
      for (const index of states.keys()) {
        assert.equal(back[index] === 1, reaches(states, index, start), `back to ${index}`);
        assert.equal(forward[index] === 1, reaches(states, start, index), `forward to ${index}`);
      }
    }),
  );
});

test('forward does not go on beyond an end', () => {
  const graph = graphOf([
    [{ to: 1, by: 'server', isEffective: false }],
    [{ to: 2, by: 'server', isEffective: false }],
    [],
  ]);
  const marks = Uint8Array.of(1, 0, 0);
  graph.spreadForward(marks, by, Uint8Array.of(0, 1, 0));
  assert.deepEqual([...marks], [1, 1, 0]);
});

test('two states share a component exactly when each reaches the other', () => {
  fc.assert(
    fc.property(arbitraryWays, (states) => {
      const part = { states: new Uint8Array(states.length).fill(1), by };
      const found = components(graphOf(states), part);
      for (const left of states.keys())
        for (const right of states.keys())
          assert.equal(
            found[left] === found[right],
            reaches(states, left, right) && reaches(states, right, left),
          );
    }),
  );
});

test('a circle with an effective act in it is found, and no other', () => {
  fc.assert(
    fc.property(arbitraryWays, (states) => {
      const part = { states: new Uint8Array(states.length).fill(1), by };
      const expected = states.some((ways, from) =>
        ways.some((way) => way.by !== 'person' && way.isEffective && reaches(states, way.to, from)),
      );
      assert.equal(effectiveCycle(graphOf(states), part) !== null, expected);
    }),
  );
});

test('a way keeps its state, its mover and its effect up to the last number', () => {
  const graph = graphOf([[{ to: 2 ** 28 - 1, by: 'network', isEffective: true }]]);
  assert.equal(graph.to(graph.first(0)), 2 ** 28 - 1);
  assert.equal(graph.isBy(graph.first(0), moverSet('network')), true);
  assert.equal(graph.isBy(graph.first(0), moverSet('server', 'clock')), false);
  assert.equal(graph.isEffective(graph.first(0)), true);
});
