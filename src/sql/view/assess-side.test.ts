import assert from 'node:assert/strict';
import test from 'node:test';

import { blindParts, goodFacts, goodGroup } from '../../../tests/support/facts.ts';
import { articleMigration } from '../../../tests/support/observation.ts';
import { instancesOf, type SideFacts } from '../../model/assess-facts.ts';
import { known } from '../../model/fact.ts';
import { assembleFacts } from './assess-side.ts';

const member = (instance: string, role: string): SideFacts => ({
  ...goodFacts.source,
  instance,
  availabilityGroups: known([{ ...goodGroup('source'), localRoleDesc: role }]),
});
const silent = (instance: string): SideFacts => ({
  ...goodFacts.source,
  ...blindParts('It does not answer.'),
  instance,
  connection: {
    kind: 'unreachable',
    problem: { code: 'SF-NET-001', summary: 'It does not answer.', because: [], remedy: 'Look.' },
  },
});

test('the local primary stands for its side, wherever it is in the file, and the others are replicas', () => {
  const facts = assembleFacts(
    [member('Node1', 'SECONDARY'), member('Node2', 'PRIMARY'), silent('Node3')],
    [goodFacts.target],
    articleMigration,
  );
  assert.equal(facts.source.instance, 'Node2');
  assert.deepEqual(
    instancesOf(facts, 'source').map(({ instance }) => instance),
    ['Node2', 'Node1', 'Node3'],
  );
  assert.deepEqual(
    instancesOf(facts, 'target').map(({ instance }) => instance),
    ['SQLVM'],
  );
});

test('without a primary the first instance that answers stands for the side', () => {
  const facts = assembleFacts(
    [silent('Node1'), member('Node2', 'SECONDARY')],
    [goodFacts.target],
    articleMigration,
  );
  assert.equal(facts.source.instance, 'Node2');
});

test('when none answers it is the first, so that its problem is told', () => {
  const facts = assembleFacts(
    [silent('Node1'), silent('Node2')],
    [goodFacts.target],
    articleMigration,
  );
  assert.equal(facts.source.instance, 'Node1');
  assert.equal(facts.source.connection.kind, 'unreachable');
});
