/** Every rule of the assessment on servers of the lab that satisfy it, and on servers that do not. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assess } from '../../src/assess/assess.ts';
import { assessRules } from '../../src/assess/table.ts';
import type { Finding } from '../../src/model/finding.ts';
import { startAssessLab } from '../support/assess-lab.ts';
import { startWireAssessLab } from '../support/assess-wire-lab.ts';
import type { AssessCase, Expectation } from './assess-case/case.ts';
import { casesOf } from './assess-case/coverage.ts';
import { assessCases, exemptRules } from './assess-case/table.ts';

for (const group of groupsOf(assessCases)) {
  const [first] = group;
  const name =
    group.length === 1 ? first.title : `${group.length} cases on the servers of: ${first.title}`;
  test(name, async (t) => {
    const lab = await startAssessLab(t, first);
    for (const given of group)
      await t.test(given.title, async () => {
        const migration = given.migration?.(lab.migration) ?? lab.migration;
        const facts = await lab.facts(given.login ?? 'sa', migration);
        demand(assess(facts, migration).findings, given.expect);
      });
  });
}

for (const given of assessCases.filter((each) => each.wire === true)) {
  test(`the driver gives the same findings: ${given.title}`, async (t) => {
    const direct = await startAssessLab(t, given);
    const wire = await startWireAssessLab(t, given);
    const migration = given.migration?.(direct.migration) ?? direct.migration;
    const expected = assess(await direct.facts(given.login ?? 'sa', migration), migration);
    const seen = assess(await wire.facts(given.login ?? 'sa', migration), migration);
    demand(seen.findings, given.expect);
    const [left, right] = [seen.findings.map(place), expected.findings.map(place)];
    assert.deepEqual(
      left.filter((each, index) => each !== right[index]),
      right.filter((each, index) => each !== left[index]),
    );
  });
}

test('every rule has a case in which it is satisfied and one in which it is not', () => {
  const gaps = assessRules.flatMap(({ id }) => {
    const { passes, fails } = casesOf(id, assessCases);
    const exempt = exemptRules[id] ?? {};
    return [
      ...gap(`${id}: no case is satisfied`, passes.length > 0, exempt.passes),
      ...gap(`${id}: no case fails`, fails.length > 0, exempt.fails),
    ];
  });
  assert.deepEqual(gaps, []);
});

test('cases name rules that exist, and no title is there twice', () => {
  const ids = new Set(assessRules.map(({ id }) => id));
  const unknown = [
    ...assessCases.flatMap(({ expect }) => expect.map(({ rule }) => rule)),
    ...Object.keys(exemptRules),
  ].filter((id) => !ids.has(id));
  assert.deepEqual(unknown, []);
  const titles = assessCases.map(({ title }) => title);
  assert.deepEqual(
    titles.filter((title, index) => titles.indexOf(title) < index),
    [],
  );
});

/** A missing case without a reason, or a reason without a missing case. */
function gap(text: string, isCovered: boolean, reason: string | undefined): readonly string[] {
  if (isCovered) return reason === undefined ? [] : [`${text}: the exemption is out of date`];
  return reason === undefined ? [text] : [];
}

/** Cases that can share servers, in the order of the table. */
function groupsOf(
  cases: readonly AssessCase[],
): readonly (readonly [AssessCase, ...AssessCase[]])[] {
  const groups: [AssessCase, ...AssessCase[]][] = [];
  for (const given of cases) {
    const own = groups.find(([first]) => isSameLab(first, given));
    if (own === undefined) groups.push([given]);
    else own.push(given);
  }
  return groups;
}

function isSameLab(left: AssessCase, right: AssessCase): boolean {
  const told = ({ stage, source, target, faults, last }: AssessCase): string =>
    JSON.stringify([stage ?? 'fresh', source ?? [], target ?? [], faults ?? [], last ?? {}]);
  return left.lab === right.lab && told(left) === told(right);
}

/** A success is demanded of every finding of the rule, another outcome of one of them. */
function demand(findings: readonly Finding[], expectations: readonly Expectation[]): void {
  const complaints = expectations.flatMap((expected) => {
    const own = findings.filter(
      (finding) =>
        finding.id === expected.rule &&
        (expected.database === undefined || finding.database === expected.database) &&
        (expected.instance === undefined || finding.instance === expected.instance),
    );
    const matches = (finding: Finding): boolean =>
      finding.outcome === expected.outcome &&
      (expected.evidence?.test(finding.evidence) ?? true) &&
      (expected.remedy?.test(finding.remedy) ?? true);
    const isMet =
      own.length > 0 && (expected.outcome === 'success' ? own.every(matches) : own.some(matches));
    return isMet ? [] : [`${wanted(expected)}; found: ${own.map(line).join(' | ') || 'nothing'}`];
  });
  assert.deepEqual(complaints, []);
}

function wanted({ rule, outcome, evidence, remedy }: Expectation): string {
  const more = [evidence, remedy].filter((pattern) => pattern !== undefined).map(String);
  return [`${rule} is to be ${outcome}`, ...more].join(', ');
}

function line(finding: Finding): string {
  return `${place(finding)} ${finding.evidence} ${finding.remedy}`;
}

/** Without evidence, which has times and ports in it. */
function place({ id, outcome, instance, database }: Finding): string {
  return [id, outcome, instance ?? '-', database ?? '-'].join(' ');
}
