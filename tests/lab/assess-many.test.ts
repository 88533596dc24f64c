/** Ten thousand databases on one instance: one request, all of it read, judged in a bounded time, and a report that a person can read. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assess } from '../../src/assess/assess.ts';
import { assessScreen } from '../../src/cli/output/assess-screen.ts';
import { displayWidth } from '../../src/cli/output/format.ts';
import { makeStyle } from '../../src/cli/output/style.ts';
import type { SideFacts } from '../../src/model/assess-facts.ts';
import { recordFleetAnswer } from '../support/record-fleet.ts';
import { recordedEndpoint } from '../support/recorded-server.ts';
import { lookAtOddServer } from '../support/odd-server.ts';

const DATABASES = 10_000;
/** Longest report on the screen, in lines: what is the same for many databases is folded. */
const SCREEN_LINES = 400;
/** Far above what it takes (two seconds for all rules), far below what one question per pair would. */
const JUDGE_LIMIT_MS = 60_000;

test('ten thousand databases are read in one request and judged, each by every rule', async (t) => {
  const { recording, migration } = await recordFleetAnswer(DATABASES);
  const endpoint = recordedEndpoint(recording, { delayMs: 0 });
  const source: SideFacts = await lookAtOddServer(t, {
    endpoint,
    oddity: {},
    migration,
    user: 'sa',
    password: 'nobody asks for it',
    limitMs: 120_000,
  });
  assert.equal(endpoint.asked(), 1);
  assert.equal(source.connection.kind, 'connected');
  assert.ok(source.databases.known && source.databaseState.known);
  assert.equal(source.databases.value.length, DATABASES);
  assert.ok(source.databaseState.value.every(({ inside }) => inside.known));
  const begin = performance.now();
  const assessment = assess({ source, target: source, replicas: [] }, migration);
  const elapsed = performance.now() - begin;
  const { findings } = assessment;
  const recovery = findings.filter(({ id }) => id === 'DB-RECOVERY-FULL');
  assert.equal(recovery.length, DATABASES);
  assert.ok(recovery.every(({ outcome }) => outcome === 'success'));
  t.diagnostic(`${findings.length} findings in ${elapsed.toFixed(0)} ms`);
  assert.ok(elapsed < JUDGE_LIMIT_MS, `${elapsed} ms`);
  const lines = assessScreen({
    assessment,
    migration: migration.name,
    between: 'OnPremNode to SQLVM',
    width: 100,
    style: makeStyle(false),
    all: false,
    waivers: [],
    comparison: null,
    estimates: [],
  }).split('\n');
  assert.ok(lines.length < SCREEN_LINES, `${lines.length} lines`);
  assert.ok(lines.every((line) => displayWidth(line) <= 100));
});
