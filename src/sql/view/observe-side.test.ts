import assert from 'node:assert/strict';
import { test } from 'node:test';

import { unknown } from '../../model/fact.ts';
import type { SideObservation } from '../../model/observation.ts';
import { failedOver, freshGrouped, otherAway } from '../../../tests/support/grouped-observation.ts';
import { freshSide } from '../../../tests/support/observation.ts';
import { assembleSide } from './observe-side.ts';

function instances(side: SideObservation): readonly [SideObservation, SideObservation] {
  const [other] = side.others ?? [];
  const { others: _others, ...alone } = side;
  assert.ok(other !== undefined);
  return [alone, other];
}

test('one instance is its side, unchanged', () => {
  const only = freshSide('source');
  assert.equal(assembleSide([only], 7), only);
});

test('the primary of the local group acts, whatever the order of the file', () => {
  const { source } = failedOver(freshGrouped, 'source');
  assert.equal(source.instance, 'OnPremNode2');
  assert.deepEqual(
    source.others?.map((each) => each.instance),
    ['OnPremNode1'],
  );
  assert.equal(source.generation, freshGrouped.source.generation + 1);
});

test('before the group exists the first instance of the file acts, but only when all were asked', () => {
  assert.equal(freshGrouped.target.instance, 'SQLVM1');
  const [first] = instances(freshGrouped.target);
  const [second] = otherAway(freshGrouped, 'target').target.others ?? [];
  assert.ok(second !== undefined);
  const side = assembleSide([first, second], 3);
  assert.equal(side.connection.kind, 'unreachable');
  assert.equal(side.availabilityGroup.known, false);
});

test('a side without a reachable primary is unknown, never absent, and says what each replica showed', () => {
  const [, secondary] = instances(freshGrouped.source);
  const [away] = otherAway(failedOver(freshGrouped, 'source'), 'source').source.others ?? [];
  assert.ok(away !== undefined);
  const side = assembleSide([away, secondary], 3);
  assert.ok(side.connection.kind === 'unreachable');
  assert.equal(side.connection.problem.code, 'SF-NET-005');
  assert.match(
    side.connection.problem.summary,
    /No reachable instance shows the role PRIMARY .*\[OnPremNode1\] does not answer, \[OnPremNode2\] is SECONDARY/u,
  );
  for (const fact of [side.server, side.distributed, side.control, side.databases]) {
    assert.equal(fact.known, false);
  }
  assert.deepEqual(
    side.others?.map((each) => each.instance),
    ['OnPremNode1', 'OnPremNode2'],
  );
});

test('two primaries of one local group are nobody', () => {
  const [primary, secondary] = instances(freshGrouped.source);
  const side = assembleSide(
    [primary, { ...secondary, availabilityGroup: primary.availabilityGroup }],
    3,
  );
  assert.ok(side.connection.kind === 'unreachable');
  assert.match(side.connection.problem.summary, /More than one instance shows the role PRIMARY/u);
});

test('a login without rights is shown to the rules, which name the right', () => {
  const [primary, secondary] = instances(freshGrouped.source);
  const blind = unknown('the login lacks VIEW SERVER STATE');
  const side = assembleSide(
    [
      { ...primary, availabilityGroup: blind },
      { ...secondary, availabilityGroup: blind },
    ],
    3,
  );
  assert.equal(side.instance, 'OnPremNode1');
  assert.equal(side.connection.kind, 'connected');
});

test('of two servers that do not answer the problem of the first is told', () => {
  const away = otherAway(freshGrouped, 'source').source.others ?? [];
  const [one] = away;
  assert.ok(one !== undefined);
  const side = assembleSide([one, one], 3);
  assert.ok(side.connection.kind === 'unreachable');
  assert.equal(side.connection.problem.code, 'SF-NET-001');
});
