/** Databases that are not open, collations that compare in their own way, and names that try everything. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assess } from '../../src/assess/assess.ts';
import type { LabDefinition } from '../../src/lab/definition.ts';
import type { SideFacts } from '../../src/model/assess-facts.ts';
import type { Unknown } from '../../src/model/fact.ts';
import { assessBatch } from '../../src/sql/view/assess-batch.ts';
import { factParts } from '../../src/sql/view/assess/table.ts';
import { startAssessLab } from '../support/assess-lab.ts';
import { articleMigration } from '../support/observation.ts';

/** A database name of 128 characters with everything that quoting has to survive. */
const HOSTILE = `a]b[c]]"d'e😀 ${'x'.repeat(200)}`.slice(0, 128);
const CLOSED = ['OFFLINE', 'RESTORING', 'SUSPECT', 'RECOVERY_PENDING'] as const;

function withDatabases(standalone: LabDefinition): LabDefinition {
  const database = (
    name: string,
    state?: string,
  ): LabDefinition['instances'][number]['databases'][number] => ({
    name,
    sample: 'none',
    recoveryModel: 'FULL',
    fullBackup: true,
    ...(state === undefined ? {} : { catalog: { 'sys.databases': [{ state_desc: state }] } }),
  });
  return {
    ...standalone,
    instances: standalone.instances.map((instance) =>
      instance.side === 'source'
        ? {
            ...instance,
            databases: [
              database('Open'),
              database(HOSTILE),
              ...CLOSED.map((state) => database(`Is${state}`, state)),
            ],
          }
        : instance,
    ),
  };
}

/** What each part that looks into databases says about one of them. */
function insides(
  facts: SideFacts,
  database: string,
): readonly (Unknown | { readonly known: true })[] {
  return Object.entries(factParts).flatMap(([name, part]) => {
    if (Object.keys(part.inside).length === 0) return [];
    const fact = facts[name as keyof typeof factParts];
    if (!fact.known) {
      assert.match(fact.because, /on the target/u);
      return [];
    }
    const rows = fact.value as unknown as readonly {
      readonly name: string;
      readonly inside: Unknown;
    }[];
    const row = rows.find((each) => each.name === database);
    assert.ok(row, `${name}: nothing about ${database}`);
    return [row.inside];
  });
}

test('databases that are not open are skipped with their state, the others are looked into', async (t) => {
  const lab = await startAssessLab(t, { title: 'states', lab: withDatabases, expect: [] });
  const facts = await lab.facts('sa', lab.migration);
  for (const name of ['Open', HOSTILE]) {
    const seen = insides(facts.source, name);
    assert.ok(seen.length > 0 && seen.every((inside) => inside.known), JSON.stringify(seen));
  }
  for (const state of CLOSED) {
    for (const inside of insides(facts.source, `Is${state}`)) {
      assert.ok(
        !inside.known && inside.because === `the database is ${state}`,
        JSON.stringify(inside),
      );
    }
  }
  const { findings } = assess(facts, lab.migration);
  const wrong = findings.filter(
    ({ database, outcome }) => database === 'IsSUSPECT' && outcome === 'success',
  );
  assert.ok(!wrong.some(({ evidence }) => evidence === ''));
  assert.ok(
    findings.some(({ database, outcome }) => database === 'IsSUSPECT' && outcome === 'error'),
  );
});

type Instance = LabDefinition['instances'][number];

for (const collation of ['Turkish_CI_AS', 'SQL_Latin1_General_CP1_CS_AS', 'Latin1_General_BIN2']) {
  test(`the same is found on servers with ${collation}`, async (t) => {
    const found = async (change: (instance: Instance) => Instance): Promise<readonly string[]> => {
      const lab = await startAssessLab(t, {
        title: collation,
        stage: 'groups',
        lab: (standalone) => ({ ...standalone, instances: standalone.instances.map(change) }),
        expect: [],
      });
      const facts = await lab.facts('sa', lab.migration);
      const { findings } = assess(facts, lab.migration);
      return findings
        .filter(({ id }) => !id.includes('COLLATION'))
        .map(({ id, outcome, database }) => `${id} ${outcome} ${database ?? ''}`);
    };
    const withCollation = (instance: Instance): Instance => ({
      ...instance,
      catalog: { serverproperty: [{ property: 'Collation', value: collation }] },
      databases: instance.databases.map((database) => ({
        ...database,
        catalog: { 'sys.databases': [{ collation_name: collation }] },
      })),
    });
    assert.deepEqual(await found(withCollation), await found((instance) => instance));
  });
}

/** Words outside of literals, those of the statements inside literals included. */
function words(text: string): readonly string[] {
  const nested: string[] = [];
  const outside = text.replaceAll(/N?'((?:[^']|'')*)'/gu, (_literal, inner: string) => {
    if (/^(?:SELECT|WITH|DECLARE|IF|EXEC|USE)\b/u.test(inner)) {
      nested.push(inner.replaceAll("''", "'"));
    }
    return ' ';
  });
  return [...(outside.match(/[@\w]+/gu) ?? []), ...nested.flatMap(words)];
}

test('the batch writes every name in one way, as servers need that tell case apart', () => {
  for (const versionMajor of [13, 15, 17]) {
    const text = assessBatch({ migration: articleMigration, side: 'source', versionMajor });
    const spellings = new Map<string, Set<string>>();
    for (const word of words(text)) {
      // Keywords and functions are upper case; what has a lower-case letter is a name.
      if (!/[a-z]/u.test(word)) continue;
      const key = word.toLowerCase();
      spellings.set(key, (spellings.get(key) ?? new Set()).add(word));
    }
    assert.ok(spellings.size > 100);
    assert.deepEqual(
      [...spellings.values()].filter((each) => each.size > 1),
      [],
    );
  }
});
