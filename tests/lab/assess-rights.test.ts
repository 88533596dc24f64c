/** What a login without a right sees of the facts, and that the GRANT which a finding names makes it see more. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { SideFacts } from '../../src/model/assess-facts.ts';
import type { Unknown } from '../../src/model/fact.ts';
import {
  ASSESS_LOGIN,
  assessLoginBatches,
  assessLoginScript,
} from '../../src/sql/statement/assess-login.ts';
import { factParts } from '../../src/sql/view/assess/table.ts';
import { startAssessLab, type AssessLab } from '../support/assess-lab.ts';

const PASSWORD = 'a test world has one password';

/** Parts that were not read, by name; parts of databases count by the first that was not entered. */
function unread(facts: SideFacts): ReadonlyMap<string, Unknown> {
  const missing = new Map<string, Unknown>();
  for (const name of Object.keys(factParts) as (keyof typeof factParts)[]) {
    const fact = facts[name];
    if (!fact.known) missing.set(name, fact);
    else if (Array.isArray(fact.value)) {
      for (const row of fact.value as readonly { readonly inside?: unknown }[]) {
        const inside = row.inside as Unknown | { readonly known: true } | undefined;
        if (inside !== undefined && !inside.known) missing.set(name, inside);
      }
    }
  }
  return missing;
}

/** Runs the script of the login as sa, with the password in the place of its variable. */
async function createLogin(lab: AssessLab): Promise<void> {
  for (const text of assessLoginBatches()) {
    const batch = text.replace('$(SQLFERRY_ASSESS_PASSWORD)', PASSWORD);
    for (const { name } of [...lab.migration.source.instances, ...lab.migration.target.instances])
      await lab.run(name, batch);
  }
}

test('the least-privilege login sees every part that sa sees', async (t) => {
  const lab = await startAssessLab(t, { title: 'least privilege', stage: 'groups', expect: [] });
  await createLogin(lab);
  const all = await lab.facts('sa', lab.migration);
  const seen = await lab.facts(ASSESS_LOGIN, lab.migration);
  for (const side of ['source', 'target'] as const) {
    assert.deepEqual([...unread(seen[side]).keys()], [...unread(all[side]).keys()], side);
    assert.ok(seen[side].permissions.known);
    assert.equal(seen[side].permissions.value.isSysadmin, false);
    for (const name of ['databases', 'files', 'endpoints', 'availabilityGroups'] as const) {
      assert.deepEqual(seen[side][name], all[side][name], `${side} ${name}`);
    }
  }
});

test('it can change nothing', async (t) => {
  const lab = await startAssessLab(t, { title: 'changes nothing', expect: [] });
  await createLogin(lab);
  const { permissions } = (await lab.facts(ASSESS_LOGIN, lab.migration)).source;
  assert.ok(permissions.known);
  for (const right of [
    'alterAnyAvailabilityGroup',
    'createAvailabilityGroup',
    'createEndpoint',
    'alterAnyEndpoint',
    'alterAnyLogin',
    'alterAnyConnection',
    'createAnyDatabase',
  ] as const) {
    assert.equal(permissions.value[right], false, right);
  }
});

const revoked = [
  ['VIEW SERVER STATE', ['session', 'listeners', 'availabilityGroups']],
  [
    'VIEW ANY DEFINITION',
    ['files', 'endpoints', 'availabilityGroups', 'windowsLogins', 'fenceLogins'],
  ],
] as const;

for (const [right, parts] of revoked) {
  test(`without ${right} its parts are unknown with the GRANT, the others are read, and the GRANT mends it`, async (t) => {
    const lab = await startAssessLab(t, { title: right, stage: 'endpoints', expect: [] });
    await createLogin(lab);
    const [{ name }] = lab.migration.source.instances;
    const before = [...unread((await lab.facts(ASSESS_LOGIN, lab.migration)).source).keys()];
    await lab.run(name, `REVOKE ${right} TO [${ASSESS_LOGIN}]`);
    const { source } = await lab.facts(ASSESS_LOGIN, lab.migration);
    const missing = unread(source);
    for (const part of parts) {
      const fact = missing.get(part);
      assert.ok(fact !== undefined, `${part} was read`);
      assert.match(fact.because, new RegExp(right, 'u'));
      assert.equal(fact.remedy, `GRANT ${right} TO [${ASSESS_LOGIN}];`);
    }
    assert.ok(source.server.known && source.settings.known && source.databases.known);
    for (const text of new Set([...missing.values()].flatMap(({ remedy }) => remedy ?? [])))
      await lab.run(name, text);
    const after = await lab.facts(ASSESS_LOGIN, lab.migration);
    assert.deepEqual([...unread(after.source).keys()], before);
  });
}

test('a login that may only connect knows who it is and which right each part needs', async (t) => {
  const lab = await startAssessLab(t, { title: 'only connect', expect: [] });
  const { source } = await lab.facts('visitor', lab.migration);
  assert.ok(source.permissions.known && source.server.known);
  const missing = unread(source);
  assert.ok(missing.size > 0);
  for (const [part, { because, remedy }] of missing) {
    assert.match(because, /^login \[visitor\] has no /u, part);
    assert.match(remedy ?? '', /\[visitor\]/u, part);
  }
});

test('the script names the password only as a variable, and the login in every form it takes', () => {
  const script = assessLoginScript("it's] a [name");
  assert.match(script, /PASSWORD = N'\$\(SQLFERRY_ASSESS_PASSWORD\)'/u);
  assert.match(script, /name = N'it''s\] a \[name'\)/u);
  assert.match(script, /TO \[it's\]\] a \[name\];/u);
  assert.throws(() => assessLoginScript('a$(b)'), /sqlcmd/u);
  assert.throws(() => assessLoginScript('a\nGO'), /sqlcmd/u);
});
