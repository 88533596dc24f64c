import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { openLedger, proveLedger, readLedger } from './ledger.ts';

test('a line cut off by a crash is not counted as a promise', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sqlferry-ledger-'));
  try {
    const path = join(folder, 'ledger');
    const ledger = openLedger(path);
    ledger.note('A');
    ledger.note('B');
    ledger.close();
    appendFileSync(path, 'C-but-torn');
    assert.deepEqual(readLedger(path), ['A', 'B']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('finds the row that is missing, the one that is there twice and the one nobody was told about', () => {
  const proof = proveLedger(['a', 'B', 'C'], ['A', 'b', 'B', 'D']);
  assert.deepEqual(proof, { acknowledged: 3, missing: ['C'], doubled: ['B'], unacknowledged: 1 });
});

test('an id promised twice is a doubled one', () => {
  assert.deepEqual(proveLedger(['A', 'A'], ['A']).doubled, ['A']);
});
