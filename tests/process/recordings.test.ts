/** The recordings in `docs/recordings` are what happens: the same commands end the same way now. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { record, recordings } from '../../scripts/record-recovery.ts';
import type { RecordingName } from '../../scripts/record-recovery.ts';

const FOLDER = new URL('../../docs/recordings/', import.meta.url).pathname;

/**
 * Commands, remarks, exit codes, rows of `diagnose` and results. Times and counts are masked; lines
 * that depend on the moment of a look (waits, log positions) are left out.
 */
function skeleton(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => /^(?:\$ |# |row |✓ The )/u.test(line))
    .filter((line) => !line.startsWith('# Recorded by '))
    .map((line) => line.replaceAll(/\d+(?:\.\d+)? (?:s|ms|orders)\b/gu, '<n>'));
}

for (const name of Object.keys(recordings) as RecordingName[]) {
  test(`the recording ${name} is what happens (node scripts/record-recovery.ts makes it anew)`, async (t) => {
    const text = await record(name);
    t.diagnostic(text.trim().split('\n').at(-1) ?? '');
    assert.match(text, /orders acknowledged; on SQLVM 0 missing, 0 doubled/u);
    assert.deepEqual(skeleton(text), skeleton(readFileSync(`${FOLDER}${name}.txt`, 'utf8')), text);
  });
}
