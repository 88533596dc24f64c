import assert from 'node:assert/strict';
import { test } from 'node:test';

import { goodFacts } from '../../../tests/support/facts.ts';
import { goodSettings } from '../../../tests/support/facts/server.ts';
import {
  altered,
  onBothSides,
  testJudges,
  type JudgeCase,
} from '../../../tests/support/judge-cases.ts';
import { articleMigration } from '../../../tests/support/observation.ts';
import type { AssessFacts } from '../../model/assess-facts.ts';
import { known } from '../../model/fact.ts';
import type { Side } from '../../model/side.ts';
import { settingHolds, settingRules } from './pair-setting.ts';
import { settingRows } from './setting-table.ts';

/** An option of one side; undefined takes it away. */
function option(side: Side, name: string, value: number | undefined, inUse = value): AssessFacts {
  const others = goodSettings.filter((setting) => setting.name !== name);
  return altered(side, {
    settings: known(
      value === undefined || inUse === undefined
        ? others
        : [...others, { name, value, valueInUse: inUse }],
    ),
  });
}

const cases: readonly JudgeCase[] = [
  ...settingRows.flatMap(({ id, option: name }): readonly JudgeCase[] => [
    {
      id,
      facts: option('source', name, 1),
      outcome: 'warning',
      evidence: /is 1 on the source, 0 on the target/u,
      remedy: /sp_configure|Management|RECONFIGURE/u,
    },
    { id, facts: option('source', name, undefined), outcome: 'skipped' },
    { id, facts: option('target', name, undefined), outcome: 'success' },
  ]),
  {
    id: 'CFG-CLR',
    facts: option('target', 'clr enabled', 1),
    outcome: 'success',
    evidence: /0 on the source, 1 on the target/u,
  },
  {
    id: 'CFG-CLR',
    facts: {
      ...option('source', 'clr enabled', 1),
      target: option('target', 'clr enabled', undefined).target,
    },
    outcome: 'warning',
    evidence: /has no such option/u,
  },
  {
    id: 'CFG-MAXDOP',
    facts: option('target', 'max degree of parallelism', 8),
    outcome: 'warning',
    evidence: /0 on the source, 8 on the target/u,
  },
  {
    id: 'PAIR-CONFIGURATION',
    facts: option('target', 'remote access', 0),
    outcome: 'warning',
    evidence: /remote access: 1 and 0/u,
  },
  {
    id: 'PAIR-CONFIGURATION',
    facts: option('target', 'remote access', undefined),
    outcome: 'success',
  },
  { id: 'PAIR-CONFIGURATION', facts: option('target', 'priority boost', 1), outcome: 'success' },
  ...onBothSides('SETTINGS-PENDING', 'warning', (side) => option(side, 'fill factor (%)', 80, 0)),
  ...onBothSides('SETTINGS-PENDING', 'success', (side) =>
    option(side, 'min server memory (MB)', 0, 16),
  ),
  ...onBothSides('PRIORITY-BOOST', 'warning', (side) => option(side, 'priority boost', 1)),
  ...onBothSides('PRIORITY-BOOST', 'skipped', (side) => option(side, 'priority boost', undefined)),
  ...onBothSides('FIBER-MODE', 'warning', (side) => option(side, 'lightweight pooling', 1)),
];

testJudges(settingRules, cases);

test('what a script may set carries its change, for the target', () => {
  const facts = option('source', 'max degree of parallelism', 4);
  const rule = settingRules.find(({ id }) => id === 'CFG-MAXDOP');
  const [found] = rule?.check(facts, articleMigration) ?? [];
  assert.deepEqual(found?.fix, {
    instance: goodFacts.target.instance,
    changes: [{ kind: 'configuration', name: 'max degree of parallelism', value: 4 }],
  });
});

test('what opens a way out of the server is never scripted', () => {
  for (const id of ['CFG-XP-CMDSHELL', 'CFG-OLE', 'CFG-ADHOC-QUERIES', 'CFG-CHAINING']) {
    const row = settingRows.find((one) => one.id === id);
    const rule = settingRules.find((one) => one.id === id);
    const [found] = rule?.check(option('source', row?.option ?? '', 1), articleMigration) ?? [];
    assert.equal(found?.fix, null, id);
    assert.notEqual(found?.notScripted ?? '', '', id);
  }
});

test('an equal option must be equal, an option that switches on may be on where the source is off', () => {
  assert.deepEqual(
    [
      settingHolds('equal', 4, 8),
      settingHolds('equal', 4, 4),
      settingHolds('at-least', 0, 1),
      settingHolds('at-least', 2, 1),
    ],
    [false, true, true, false],
  );
});
