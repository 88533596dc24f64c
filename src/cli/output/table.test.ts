import assert from 'node:assert/strict';
import { test } from 'node:test';

import { renderTable } from './table.ts';

test('lays columns out by their widest cell and aligns numbers to the right', () => {
  const lines = renderTable({
    columns: [{ title: 'name' }, { title: 'size', align: 'right' }],
    rows: [
      [{ text: 'Adventureworks' }, { text: '1.4 GB' }],
      [{ text: '小' }, { text: '12 MB' }],
    ],
    width: 80,
  });
  assert.deepEqual(lines, [
    'name              size',
    'Adventureworks  1.4 GB',
    '小               12 MB',
  ]);
});

test('wraps the flexible column alone when the table is too wide', () => {
  const lines = renderTable({
    columns: [{ title: 'id' }, { title: 'why', flexible: true }],
    rows: [[{ text: 'SRC-VERSION' }, { text: 'the quick brown fox jumps over the lazy dog' }]],
    width: 40,
    indent: '  ',
  });
  assert.deepEqual(lines, [
    '  id           why',
    '  SRC-VERSION  the quick brown fox jumps',
    '               over the lazy dog',
  ]);
});

test('colour does not move columns', () => {
  const lines = renderTable({
    columns: [{ title: 'a' }, { title: 'b' }],
    rows: [[{ text: 'x', paint: (text) => `<${text}>` }, { text: 'y' }]],
    width: 80,
  });
  assert.deepEqual(lines, ['a  b', '<x>  y']);
});
