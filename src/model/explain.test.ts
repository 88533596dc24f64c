import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain, type ExplainSources } from './explain.ts';
import { ProblemCatalogue, type ProblemKind } from './problem.ts';
import { references } from './reference.ts';
import { serverError, serverErrorRows, serverErrors } from './server-error.ts';

const sources: ExplainSources = {
  checks: [
    {
      id: 'SRC-VERSION',
      title: 'SQL Server 2017 or later',
      family: 'instance',
      why: 'why',
      remedy: 'upgrade',
      reference: 'prerequisites',
    },
  ],
  decisions: [
    {
      id: 'R-DEMOTE',
      phase: 'switch',
      title: 'Demote the source',
      why: 'why',
      emits: 'demote',
      reversal: 'give back',
      reference: 'configure',
    },
  ],
  situations: [
    {
      id: 'D-READY',
      title: 'Synchronized',
      meaning: ['equal', 'differ'],
      next: ['sqlferry cutover'],
      outageOpen: false,
    },
  ],
  waits: [
    {
      id: 'WAIT-LINK',
      title: 'The two sides are not connected',
      why: 'only connected_state tells',
      explains: ['WAIT-SEND-QUEUE'],
      reference: 'distributed',
    },
  ],
};

test('a cause of a wait is explained with what it brings with it', () => {
  const found = explain('wait-link', sources);
  assert.equal(found?.kind, 'wait');
  assert.match(found.facts.join(' '), /Brings with it: WAIT-SEND-QUEUE/u);
});

test('an assessment rule, a decision rule, a problem and an error number are all explained', () => {
  assert.equal(explain('src-version', sources)?.kind, 'assessment-rule');
  const rule = explain('R-DEMOTE', sources);
  assert.equal(rule?.kind, 'decision-rule');
  assert.ok(rule.facts.some((fact) => fact.includes('give back')));
  assert.equal(explain('d-ready', sources)?.meaning, 'equal\nOr: differ');
  assert.equal(explain('sf-cfg-001', sources)?.kind, 'problem');
  for (const spelling of ['19511', 'Msg 19511', 'error 19511', ' 19511 ']) {
    assert.equal(explain(spelling, sources)?.id, '19511', spelling);
  }
});

test('what nobody knows is not explained', () => {
  for (const id of ['', 'SRC-NOTHING', '424242', 'toString', '__proto__', '1e3']) {
    assert.equal(explain(id, sources), null, id);
  }
});

test('every problem has a title, a cause, a remedy and a code of one form', () => {
  const catalogue: Readonly<Record<string, ProblemKind>> = ProblemCatalogue;
  for (const [code, kind] of Object.entries(catalogue)) {
    assert.match(code, /^SF-[A-Z]+-\d{3}$/u);
    assert.ok(kind.title.length > 8 && !kind.title.endsWith('.'), code);
    assert.ok(kind.cause.length > 15 && kind.cause.endsWith('.'), code);
    assert.ok(kind.remedy.length > 10, code);
  }
});

test('no two problems have one title', () => {
  const titles = Object.values(ProblemCatalogue).map((kind) => kind.title);
  assert.deepEqual(
    titles.filter((title, index) => titles.indexOf(title) !== index),
    [],
  );
});

test('every SQL Server error stands in the table once, with all its texts', () => {
  assert.equal(serverErrors.size, serverErrorRows);
  assert.ok(serverErrors.size >= 60);
  for (const [number, kind] of serverErrors) {
    assert.ok(kind.meaning.length > 10 && !kind.meaning.endsWith('.'), String(number));
    assert.ok(kind.cause.endsWith('.'), String(number));
    assert.ok(kind.remedy.length > 5, String(number));
  }
});

test('errors that may have taken effect are of unknown outcome', () => {
  for (const number of [41_131, 41_149, 41_163, 41_164, 596]) {
    assert.equal(serverError(number)?.class, 'unknown-outcome', String(number));
  }
});

test('every page is one of Microsoft Learn', () => {
  for (const page of Object.values(references)) {
    assert.match(page.url, /^https:\/\/learn\.microsoft\.com\/[a-z0-9/-]+$/u);
  }
});
