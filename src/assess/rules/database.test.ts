import assert from 'node:assert/strict';
import { test } from 'node:test';

import { goodDatabase, goodFacts } from '../../../tests/support/facts.ts';
import { databaseRuleCases, neededParts } from '../../../tests/support/facts/database-case.ts';
import { articleMigration } from '../../../tests/support/observation.ts';
import { known, unknown } from '../../model/fact.ts';
import type { Migration } from '../../model/migration.ts';
import { assess } from '../assess.ts';
import { databaseContentRules } from './database-content.ts';
import { databaseDependencyRules, synonymTarget } from './database-dependency.ts';
import { featureRules } from './database-feature.ts';
import { databaseFileRules } from './database-file.ts';
import { databaseLogRules } from './database-log.ts';
import { databaseOptionRules } from './database-option.ts';
import { databaseSecurityRules } from './database-security.ts';
import { databaseStateRules } from './database-state.ts';

const rules = [
  ...featureRules.filter(({ id }) => id === 'DB-FILESTREAM'),
  ...databaseStateRules,
  ...databaseOptionRules,
  ...databaseFileRules,
  ...databaseLogRules,
  ...databaseSecurityRules,
  ...databaseDependencyRules,
  ...databaseContentRules,
];

for (const [index, given] of databaseRuleCases.entries()) {
  test(`${given.id} says ${given.outcome} (${index})`, () => {
    const rule = rules.find(({ id }) => id === given.id);
    assert.ok(rule !== undefined, `there is no rule ${given.id}`);
    const findings = rule.check(given.facts, given.migration ?? articleMigration);
    const found = findings.find(({ outcome }) => outcome === given.outcome);
    assert.ok(found !== undefined, JSON.stringify(findings, null, 1));
    if (given.evidence !== undefined) assert.match(found.evidence, given.evidence);
    if (given.remedy !== undefined) assert.match(found.remedy, given.remedy);
    assert.equal(found.remedy === '', given.outcome === 'success');
  });
}

test('every rule about databases is satisfied by a good pair, and violated by one of the cases', () => {
  for (const rule of rules) {
    const good = rule.check(goodFacts, articleMigration);
    assert.deepEqual(
      good.map(({ outcome }) => outcome),
      ['success'],
      `${rule.id}: ${good[0]?.evidence}`,
    );
    assert.ok(
      databaseRuleCases.some(
        ({ id, outcome }) => id === rule.id && (outcome === 'error' || outcome === 'warning'),
      ),
      `${rule.id} has no case that violates it`,
    );
  }
});

for (const [id, [side, part]] of Object.entries(neededParts)) {
  test(`${id} is unknown without ${part} of the ${side}, and says why`, () => {
    const rule = rules.find((each) => each.id === id);
    const blind = {
      ...goodFacts,
      [side]: { ...goodFacts[side], [part]: unknown('a right is missing', 'GRANT it;') },
    };
    const [found] = rule?.check(blind, articleMigration) ?? [];
    assert.equal(found?.outcome, 'unknown');
    assert.match(found.evidence, /a right is missing/u);
  });
}

test('every rule is unknown when the databases cannot be read', () => {
  const blind = { ...goodFacts, source: { ...goodFacts.source, databases: unknown('blind') } };
  for (const rule of rules)
    assert.equal(rule.check(blind, articleMigration)[0]?.outcome, 'unknown', rule.id);
});

test('a database that could not be entered is unknown, one that is not ONLINE is left to DB-ONLINE', () => {
  const closed = (stateDesc: string) => ({
    ...goodFacts,
    source: {
      ...goodFacts.source,
      databases: known([{ ...goodDatabase, stateDesc }]),
      contents: known([{ name: goodDatabase.name, inside: unknown('it is not open') }]),
    },
  });
  const outcome = (stateDesc: string): string | undefined =>
    databaseContentRules
      .find(({ id }) => id === 'DB-FULL-TEXT')
      ?.check(closed(stateDesc), articleMigration)[0]?.outcome;
  assert.equal(outcome('ONLINE'), 'unknown');
  assert.equal(outcome('SUSPECT'), 'skipped');
});

test('synonyms name their server and database, quoted or not, with parts left out', () => {
  const cases: readonly [string, string | null, string | null][] = [
    ['[dbo].[t]', null, null],
    ['t', null, null],
    ['[Sales].[dbo].[t]', null, 'Sales'],
    ['Sales..t', null, 'Sales'],
    ['[ERP].[Sa]]les].[dbo].[t]', 'ERP', 'Sa]les'],
    ['"a""b".c.d', null, 'a"b'],
    ['[ERP]...[t]', 'ERP', null],
    ['[a.b].[c].[d]', null, 'a.b'],
  ];
  for (const [text, server, database] of cases)
    assert.deepEqual(synonymTarget(text), { server, database }, text);
});

test('ten thousand databases are judged in seconds', () => {
  const databases = Array.from({ length: 10_000 }, (_each, index) => ({
    ...goodDatabase,
    name: `D${index}`,
    databaseId: 10 + index,
  }));
  const migration: Migration = { ...articleMigration, databases: { kind: 'all', except: [] } };
  const facts = { ...goodFacts, source: { ...goodFacts.source, databases: known(databases) } };
  const found = rules.flatMap((rule) => rule.check(facts, migration));
  assert.equal(found.length, rules.length * databases.length);
});

test('a hostile name breaks out of no remedy', () => {
  const name = "a]b'c\n🚚";
  const migration: Migration = { ...articleMigration, databases: { kind: 'named', names: [name] } };
  const facts = {
    ...goodFacts,
    source: {
      ...goodFacts.source,
      databases: known([{ ...goodDatabase, name, isInStandby: true }]),
    },
  };
  for (const { id, remedy } of assess(facts, migration).findings.filter(({ id }) =>
    id.startsWith('DB-'),
  ))
    assert.ok(!remedy.includes(name), `${id}: ${remedy}`);
});
