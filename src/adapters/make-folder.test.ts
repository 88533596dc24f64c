/** Folders that are made, and one that cannot be. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { makeFolder } from './make-folder.ts';

test('makes the folders above too, for this user only', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'sqlferry-folder-'));
  t.after(() => rmSync(root, { recursive: true }));
  makeFolder(join(root, 'a/b/c'), 0o700);
  makeFolder(join(root, 'a/b/c'), 0o700);
  assert.equal(statSync(join(root, 'a/b/c')).mode & 0o777, 0o700);
});

test('ends with an error where no folder can be', () => {
  const parent = existsSync('/proc/self') ? '/proc' : '/dev/null';
  assert.throws(() => makeFolder(`${parent}/nowhere/deeper`));
});
