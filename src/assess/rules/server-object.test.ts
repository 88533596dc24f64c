import assert from 'node:assert/strict';
import { test } from 'node:test';

import { goodDatabase } from '../../../tests/support/facts.ts';
import { altered, testJudges, type JudgeCase } from '../../../tests/support/judge-cases.ts';
import { articleMigration } from '../../../tests/support/observation.ts';
import type { AssessFacts, SideFacts } from '../../model/assess-facts.ts';
import {
  serverObjectKinds,
  type ServerObjectFacts,
  type ServerObjectKind,
} from '../../model/assess-server-object.ts';
import { known, unknown } from '../../model/fact.ts';
import { compareObjects, serverObjectRules } from './server-object.ts';
import { objectRows } from './server-object-table.ts';

const HOSTILE = "it's ]one\n💥";

const object = (change: Partial<ServerObjectFacts>): ServerObjectFacts => ({
  name: 'Nightly',
  detail: 'a',
  isEnabled: true,
  ...change,
});

const objects = (
  kind: ServerObjectKind,
  source: readonly ServerObjectFacts[],
  target: readonly ServerObjectFacts[] = [],
): AssessFacts => {
  const part = (list: readonly ServerObjectFacts[]): Partial<SideFacts> => ({
    [kind]: known(list),
  });
  return altered('source', part(source), altered('target', part(target)));
};

const ssisdb = { ...goodDatabase, name: 'SSISDB' };

const cases: readonly JudgeCase[] = [
  ...objectRows.flatMap(({ id, kind, by, off }): readonly JudgeCase[] => [
    {
      id,
      facts: objects(kind, [object({}), object({ name: HOSTILE, detail: 'b' })], [object({})]),
      outcome: 'warning',
      evidence: /^1 of 2 missing on the target: \[it's \]\]one\n💥\]\.$/u,
      remedy: /SQLVM|one/u,
    },
    { id, facts: objects(kind, [object({})], [object({ name: 'NIGHTLY' })]), outcome: 'success' },
    { id, facts: objects(kind, [], [object({})]), outcome: 'success' },
    {
      id,
      facts: objects(kind, [object({})], [object({ detail: 'other' })]),
      outcome: 'warning',
      evidence: by === 'detail' ? /missing/u : /^1 different: \[Nightly\]\.$/u,
    },
    {
      id,
      facts: objects(kind, [object({})], [object({ isEnabled: false })]),
      outcome: off === undefined ? 'success' : 'warning',
    },
  ]),
  {
    id: 'OBJ-RESOURCE-GOVERNOR',
    facts: objects(
      'resourceGovernor',
      [object({ detail: 'classify' })],
      [object({ detail: '', isEnabled: false })],
    ),
    outcome: 'warning',
    evidence: /Source on with classifier \[classify\], target off/u,
  },
  {
    id: 'OBJ-RESOURCE-GOVERNOR',
    facts: objects(
      'resourceGovernor',
      [object({ detail: 'classify' })],
      [object({ detail: 'other' })],
    ),
    outcome: 'warning',
  },
  {
    id: 'OBJ-RESOURCE-GOVERNOR',
    facts: objects('resourceGovernor', [object({})], [object({})]),
    outcome: 'success',
  },
  { id: 'OBJ-RESOURCE-GOVERNOR', facts: objects('resourceGovernor', []), outcome: 'unknown' },
  {
    id: 'OBJ-JOB-OWNERS',
    facts: objects('jobOwners', [object({ detail: 'CONTOSO\\gone' }), object({ detail: '' })]),
    outcome: 'warning',
    evidence: /^2 job\(s\) .* \[CONTOSO\\gone\], a login that is gone/u,
  },
  {
    id: 'OBJ-JOB-OWNERS',
    facts: objects('jobOwners', [object({ detail: 'sa' }), object({ detail: 'App_Writer' })]),
    outcome: 'success',
  },
  {
    id: 'OBJ-JOB-OWNERS',
    facts: altered('target', { logins: unknown('nobody may look') }),
    outcome: 'unknown',
  },
  {
    id: 'OBJ-JOBS-TWICE',
    facts: objects(
      'jobs',
      [object({}), object({ name: 'syspolicy_purge_history' })],
      [object({}), object({ name: 'syspolicy_purge_history' })],
    ),
    outcome: 'warning',
    evidence: /^1 job\(s\) are enabled on both sides: \[Nightly\]\.$/u,
  },
  {
    id: 'OBJ-JOBS-TWICE',
    facts: objects('jobs', [object({})], [object({ isEnabled: false })]),
    outcome: 'success',
  },
  {
    id: 'OBJ-SSISDB',
    facts: altered('source', { databases: known([goodDatabase, ssisdb]) }),
    outcome: 'warning',
  },
  {
    id: 'OBJ-SSISDB',
    facts: altered('source', { databases: known([ssisdb]) }),
    migration: { ...articleMigration, databases: { kind: 'named', names: ['SSISDB'] } },
    outcome: 'skipped',
  },
];

testJudges(serverObjectRules, cases);

test('every kind that is read has a rule', () => {
  const judged = [
    ...objectRows.map(({ kind }): ServerObjectKind => kind),
    'resourceGovernor',
    'jobOwners',
  ];
  assert.deepEqual(judged.toSorted(), serverObjectKinds.toSorted());
});

test('names in a remedy are quoted for the language they are written in', () => {
  const remedyOf = (id: string, kind: ServerObjectKind, name: string): string => {
    const rule = serverObjectRules.find((one) => one.id === id);
    const [found] = rule?.check(objects(kind, [object({ name })]), articleMigration) ?? [];
    return found?.remedy ?? '';
  };
  assert.equal(
    remedyOf('OBJ-JOBS', 'jobs', "it's"),
    "Copy-DbaAgentJob -Source 'OnPremNode' -Destination 'SQLVM' -Job 'it''s' -DisableOnDestination",
  );
  assert.equal(
    remedyOf('OBJ-ROLE-MEMBERS', 'roleMembers', 'sysadmin: a]b'),
    'On [SQLVM]: ALTER SERVER ROLE [sysadmin] ADD MEMBER [a]]b];',
  );
  assert.equal(
    remedyOf(
      'OBJ-SERVER-GRANTS',
      'serverGrants',
      'GRANT_WITH_GRANT_OPTION VIEW SERVER STATE TO mon',
    ),
    'On [SQLVM]: GRANT VIEW SERVER STATE TO [mon] WITH GRANT OPTION;',
  );
  assert.match(
    remedyOf('OBJ-MESSAGES', 'userMessages', '50001 (language 1033)'),
    /-CustomError '50001'$/u,
  );
});

test('objects without a name of their own are compared by what they are', () => {
  const certificate = object({ name: 'OldName', detail: '0xAB' });
  const renamed = object({ name: 'NewName', detail: '0xAB' });
  assert.deepEqual(compareObjects([certificate], [renamed], 'detail').missing, []);
  assert.deepEqual(compareObjects([certificate], [renamed], 'name').missing, [certificate]);
});

test('ten thousand objects are compared in a moment', () => {
  const many = (count: number, from: number): readonly ServerObjectFacts[] =>
    Array.from({ length: count }, (_each, index) => object({ name: `Object ${index + from}` }));
  const found = compareObjects(many(10_000, 0), many(10_000, 5000), 'name');
  assert.equal(found.missing.length, 5000);
  const facts = objects('serverGrants', many(10_000, 0), many(10_000, 5000));
  const rule = serverObjectRules.find(({ id }) => id === 'OBJ-SERVER-GRANTS');
  const [finding] = rule?.check(facts, articleMigration) ?? [];
  assert.match(
    finding?.evidence ?? '',
    /^5000 of 10000 missing on the target: .* and 4985 more\.$/u,
  );
  assert.ok((finding?.remedy ?? '').length < 2000);
});
