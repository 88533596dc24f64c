import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as check, bigInt, property } from 'fast-check';
import { formatLsn, lsnParts, makeLsn, parseLsn } from './lsn.ts';

test('keeps all 25 digits, where a JavaScript number would round', () => {
  const lsn = parseLsn('42000000155200001');
  assert.ok(lsn !== undefined);
  assert.equal(formatLsn(lsn), '42000000155200001');
  assert.notEqual(String(Number('42000000155200001')), '42000000155200001');
});

test('splits the documented example into VLF 42, block 1552, slot 1', () => {
  const lsn = parseLsn('42000000155200001');
  assert.ok(lsn !== undefined);
  assert.deepEqual(lsnParts(lsn), { vlf: 42n, block: 1552n, slot: 1n });
});

test('reads nothing but decimal digits', () => {
  for (const text of ['', '-1', '1.0', '0x1', '1e5', ' 1', '1'.repeat(26), 'NULL']) {
    assert.equal(parseLsn(text), undefined, text);
  }
});

test('refuses parts that do not fit instead of carrying them over', () => {
  assert.throws(() => makeLsn({ vlf: 1n, block: 10n ** 10n, slot: 0n }), RangeError);
  assert.throws(() => makeLsn({ vlf: 1n, block: 0n, slot: 100_000n }), RangeError);
  assert.throws(() => makeLsn({ vlf: 10n ** 10n, block: 0n, slot: 0n }), RangeError);
});

test('gives back the parts it was made of', () => {
  check(
    property(
      bigInt(0n, 10n ** 10n - 1n),
      bigInt(0n, 10n ** 10n - 1n),
      bigInt(0n, 99_999n),
      (vlf, block, slot) => {
        const lsn = makeLsn({ vlf, block, slot });
        assert.deepEqual(lsnParts(lsn), { vlf, block, slot });
        assert.equal(parseLsn(formatLsn(lsn)), lsn);
      },
    ),
  );
});
