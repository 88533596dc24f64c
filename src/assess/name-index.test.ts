import assert from 'node:assert/strict';
import { test } from 'node:test';

import { byName, indexed } from './name-index.ts';

test('rows are found by name without regard to case, all of them and in their order', () => {
  const rows = [
    { database: 'Sales', file: 1 },
    { database: 'Stock', file: 2 },
    { database: 'SALES', file: 3 },
  ];
  assert.deepEqual(
    byName(rows)
      .get('sales')
      ?.map(({ file }) => file),
    [1, 3],
  );
  assert.equal(byName(rows).get('absent'), undefined);
});

test('a list is indexed once per key, and each key has an index of its own', () => {
  const rows = [{ name: 'A', kind: 'x' }];
  const kindOf = (row: { readonly kind: string }): string => row.kind;
  assert.equal(indexed(rows, kindOf), indexed(rows, kindOf));
  assert.deepEqual([...indexed(rows, kindOf).keys()], ['x']);
  assert.deepEqual([...byName(rows).keys()], ['a']);
});
