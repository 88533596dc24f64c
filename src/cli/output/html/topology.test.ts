import assert from 'node:assert/strict';
import { test } from 'node:test';

import { goodFacts, goodGroup } from '../../../../tests/support/facts.ts';
import { articleMigration } from '../../../../tests/support/observation.ts';
import type { AssessFacts } from '../../../model/assess-facts.ts';
import { known, unknown } from '../../../model/fact.ts';
import type { Migration } from '../../../model/migration.ts';
import { topologyFigure, topologyOf } from './topology.ts';

const withRole = (source: string, target: string): AssessFacts => ({
  ...goodFacts,
  source: { ...goodFacts.source, availabilityGroups: known([goodGroup('source'), dag(source)]) },
  target: { ...goodFacts.target, availabilityGroups: known([goodGroup('target'), dag(target)]) },
});

function dag(role: string): ReturnType<typeof goodGroup> {
  return { ...goodGroup('source'), name: 'dag', isDistributed: true, localRoleDesc: role };
}

test('what exists is solid and what is planned is dashed, in the picture and in words', () => {
  const none = known([]);
  const bare = {
    ...goodFacts,
    source: { ...goodFacts.source, availabilityGroups: none },
    target: { ...goodFacts.target, availabilityGroups: none },
  };
  const planned = topologyFigure(topologyOf(bare, articleMigration));
  assert.equal(planned.match(/stroke-dasharray/gu)?.length, 3);
  assert.match(planned, /availability group OnPremAG \(planned\)/u);
  const whole = topologyFigure(topologyOf(withRole('PRIMARY', 'SECONDARY'), articleMigration));
  assert.doesNotMatch(whole, /stroke-dasharray|\(planned\)/u);
});

test('the arrow goes from the side that has the primary role', () => {
  const forth = topologyOf(withRole('PRIMARY', 'SECONDARY'), articleMigration);
  const back = topologyOf(withRole('SECONDARY', 'PRIMARY'), articleMigration);
  assert.deepEqual([forth.flowsFrom, back.flowsFrom], ['source', 'target']);
  const ends = (figure: string): readonly number[] =>
    (/<line x1="(\d+)"[^>]* x2="(\d+)"/u.exec(figure) ?? []).slice(1).map(Number);
  const [x1 = 0, x2 = 0] = ends(topologyFigure(forth));
  assert.ok(x1 < x2);
  assert.deepEqual(ends(topologyFigure(back)), [x2, x1]);
  assert.match(topologyFigure(back), /data from target to source/u);
});

test('replicas, listeners and what could not be seen are drawn; a long name is cut and whole in its title', () => {
  const long = `node-${'x'.repeat(123)}`;
  const [first] = articleMigration.source.instances;
  const migration: Migration = {
    ...articleMigration,
    source: {
      ...articleMigration.source,
      instances: [first, { ...first, name: long }, { ...first, name: 'Third' }],
      listener: { name: 'OnPremAG_LST', port: 60_173, ips: ['10.0.0.4/24'] },
    },
  };
  const replica = { ...goodFacts.source, instance: 'Third', server: unknown('no right') };
  const figure = topologyFigure(topologyOf({ ...goodFacts, replicas: [replica] }, migration));
  assert.equal(figure.match(new RegExp(`<title>${long}</title>`, 'gu'))?.length, 1);
  assert.match(figure, /not asked/u);
  assert.match(figure, /version not shown/u);
  assert.match(figure, /listener OnPremAG_LST, port 60173/u);
  assert.match(figure, /with listener OnPremAG_LST/u);
});
