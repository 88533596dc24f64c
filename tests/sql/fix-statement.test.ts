/** Every fix that may be scripted is read by the lab's grammar, with hostile names too. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseBatch } from '../../src/lab/tsql/parse.ts';
import type { FixChange } from '../../src/model/fix.ts';
import { fixStatement, isScriptable } from '../../src/sql/statement/fix-statement.ts';

const changes = (name: string): readonly FixChange[] => [
  { kind: 'database-option', database: name, option: 'RECOVERY FULL' },
  { kind: 'database-option', database: name, option: 'AUTO_CLOSE OFF' },
  { kind: 'database-option', database: name, option: 'AUTO_SHRINK OFF' },
  { kind: 'database-option', database: name, option: 'PAGE_VERIFY CHECKSUM' },
  { kind: 'start-endpoint', endpoint: name },
  { kind: 'configuration', name: 'max degree of parallelism', value: 8 },
];

test('every fix is one batch that parses, with every kind of name', () => {
  for (const name of ['Sales', "it's] a [name", '漢字 🚢', `${'x'.repeat(126)}]'`]) {
    for (const change of changes(name)) {
      const text = fixStatement(change);
      const parsed = parseBatch(text);
      assert.ok(parsed.ok, `${text}\n${parsed.ok ? '' : parsed.error.text}`);
      assert.ok(isScriptable(change));
    }
  }
});

test('a name with a line break or a control character is not scripted', () => {
  for (const name of ['a\nGO\nb', 'a\rb', 'a\u0000b', 'a\u2028b', '']) {
    const refused = changes(name).filter((change) => !isScriptable(change));
    assert.equal(refused.length, changes(name).length - 1, JSON.stringify(name));
  }
});
