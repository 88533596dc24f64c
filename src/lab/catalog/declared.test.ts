import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { SqlValue } from '../../tds/sql-type.ts';
import type { DeclaredRecord } from '../declared.ts';
import { parseColumns } from './column-table.ts';
import { momentFrom, withDeclared } from './declared.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const columns = parseColumns(
  'database_id:int! name:sysname! is_on:bit! key:varbinary(8) at:datetime',
);

function merged(
  records: readonly DeclaredRecord[],
  change: { readonly view?: string; readonly only?: string } = {},
): readonly (readonly SqlValue[])[] {
  const rows: SqlValue[][] = [[5, 'Sales', false, null, null]];
  return [
    ...withDeclared(columns, rows, {
      view: change.view ?? 'sys.databases',
      records,
      only: change.only ?? null,
      databaseId: (key) => ({ sales: 5, stock: 6 })[key],
      now: NOW,
    }),
  ];
}

test('a stated row changes the row of its key and leaves the other columns', () => {
  assert.deepEqual(merged([{ database: 'sales', row: { is_on: true, key: '0xAB01' } }]), [
    [5, 'Sales', true, Uint8Array.of(0xab, 1), null],
  ]);
});

test('a row without a partner is added, with zeros where NULL is not allowed', () => {
  assert.deepEqual(merged([{ database: 'stock', row: { name: 'Stock' } }])[1], [
    6,
    'Stock',
    false,
    null,
    null,
  ]);
});

test('a view without a key only grows', () => {
  const rows = merged([{ database: 'sales', row: { name: 'Sales' } }], { view: 'sys.assemblies' });
  assert.deepEqual(
    rows.map((row) => row[1]),
    ['Sales', 'Sales'],
  );
});

test('what is stated for a database that is not there, or for another one, is not shown', () => {
  assert.equal(merged([{ database: 'dropped', row: { name: 'x' } }]).length, 1);
  const stock = [{ database: 'stock', row: { name: 'x' } }];
  assert.equal(merged(stock, { view: 'sys.assemblies', only: 'sales' }).length, 1);
  assert.equal(merged(stock, { view: 'sys.assemblies', only: 'stock' }).length, 2);
});

test('times are counted from now or are ISO dates, with or without a time', () => {
  assert.equal(momentFrom('now', NOW), NOW);
  assert.equal(momentFrom('now-2h', NOW), NOW - 7_200_000);
  assert.equal(momentFrom('now+40d', NOW), NOW + 40 * 86_400_000);
  assert.equal(momentFrom('2026-11-21', NOW), Date.UTC(2026, 10, 21));
  assert.equal(momentFrom('2026-11-21T12:00:00Z', NOW), NOW);
  assert.equal(momentFrom('noon', NOW), null);
});
