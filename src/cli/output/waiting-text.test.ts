import assert from 'node:assert/strict';
import { test } from 'node:test';

import { answersOf, NOON, waitingCases } from '../../../tests/support/waiting-case.ts';
import type { WaitingAnswer } from '../../model/waiting.ts';
import { displayWidth } from './format.ts';
import { makeStyle } from './style.ts';
import { waitingLines } from './waiting-text.ts';

const layout = { width: 80, style: makeStyle(false), now: NOON };

function answer(id: string): WaitingAnswer {
  const one = waitingCases.find((each) => each.id === id);
  const found = one === undefined ? undefined : answersOf(one).find((each) => each.id === id);
  assert.ok(found !== undefined, id);
  return found;
}

test('an answer shows cause, evidence, whose move it is, the next step and what follows', () => {
  assert.deepEqual(waitingLines([answer('WAIT-ENDPOINT-STOPPED')], layout), [
    'why      Endpoint [Hadr_endpoint] of [SQLVM] is STOPPED. (WAIT-ENDPOINT-STOPPED)',
    'seen     sys.database_mirroring_endpoints shows STOPPED on port 5022.',
    'move     DBA of the target: Run on [SQLVM]: ALTER ENDPOINT [Hadr_endpoint] STATE',
    '         = STARTED (sqlferry migrate does it too)',
    'hence    The two sides of [DAG] are not connected: the connection to the other',
    '         side was lost.',
  ]);
});

test('the same wait of a hundred databases is three answers and the names of the rest', () => {
  const one = answer('WAIT-SEEDING-QUEUED');
  const many = Array.from({ length: 100 }, (_, at) => ({ ...one, database: `db${at}` }));
  const lines = waitingLines(many, layout);
  assert.equal(lines.filter((line) => line.startsWith('why')).length, 3);
  const text = lines.join(' ').replaceAll(/\s+/gu, ' ');
  assert.match(text, /The same for 97 more: \[db3\],.* and 87 others/u);
});

test('no line is wider than the terminal, whatever a server answers', () => {
  const hostile = {
    ...answer('WAIT-FENCE-SESSIONS'),
    evidence: Array.from({ length: 30 }, (_, at) => `Session ${at}: \u{1B}[2J日本語 from a host.`),
  };
  const lines = waitingLines([hostile], layout);
  for (const line of lines) assert.ok(displayWidth(line) <= 80, line);
  assert.ok(!lines.join('').includes('\u{1B}'));
  assert.match(lines.join('\n'), /and 25 more/u);
});
