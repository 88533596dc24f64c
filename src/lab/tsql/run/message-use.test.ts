/** Every message number that the engine raises stands in the message table. */

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { messageTemplate } from '../message.ts';

it('knows the text of every error number in the source of the T-SQL engine', () => {
  const root = join(import.meta.dirname, '..');
  const files = globSync('**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.test.ts'));
  const numbers = new Map<number, string>();
  for (const file of files) {
    const source = readFileSync(join(root, file), 'utf8');
    for (const match of source.matchAll(/(?:sqlError|serverMessage)\(\s*([\d_]+)/gu)) {
      numbers.set(Number(match[1]?.replaceAll('_', '')), file);
    }
  }
  assert.ok(numbers.size > 80, `only ${numbers.size} numbers seen`);
  const missing = [...numbers].filter(([number]) => messageTemplate(number) === undefined);
  assert.deepEqual(missing, []);
});
