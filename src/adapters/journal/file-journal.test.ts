import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import type { JournalEntry } from '../../ports/journal.ts';
import { openJournal } from './file-journal.ts';

const folder = mkdtempSync(join(tmpdir(), 'sqlferry-journal-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function entry(message: string): JournalEntry {
  return { at: '2026-11-21T12:00:00.000Z', kind: 'note', rule: 'R-X', message, data: { n: 1 } };
}

function opened(path: string): Extract<ReturnType<typeof openJournal>, { ok: true }>['value'] {
  const journal = openJournal(path);
  assert.ok(journal.ok, journal.ok ? '' : journal.error.summary);
  return journal.value;
}

test('entries are there again after the program ended', () => {
  const path = join(folder, 'deep', 'a.jsonl');
  const first = opened(path).journal;
  first.append(entry('one'));
  first.append(entry('two'));
  first.close();
  const second = opened(path);
  assert.deepEqual(second.warnings, []);
  assert.deepEqual(second.journal.entries(), [entry('one'), entry('two')]);
  second.journal.append(entry('three'));
  second.journal.close();
  assert.equal(opened(path).journal.entries().length, 3);
  assert.equal(statSync(path).mode & 0o077, 0);
});

test('a last line torn by a crash is cut off and said, and the next one follows', () => {
  const path = join(folder, 'b.jsonl');
  const first = opened(path).journal;
  first.append(entry('one'));
  first.close();
  appendFileSync(path, '{"previous":"abc","at":"20');
  const second = opened(path);
  assert.equal(second.warnings.length, 1);
  assert.deepEqual(second.journal.entries(), [entry('one')]);
  second.journal.append(entry('two'));
  second.journal.close();
  assert.deepEqual(opened(path).journal.entries(), [entry('one'), entry('two')]);
});

test('a line changed afterwards is noticed', () => {
  const path = join(folder, 'c.jsonl');
  const first = opened(path).journal;
  first.append(entry('one'));
  first.append(entry('two'));
  first.close();
  writeFileSync(path, readFileSync(path, 'utf8').replace('one', 'eno'));
  const second = openJournal(path);
  assert.ok(!second.ok);
  assert.equal(second.error.code, 'SF-JRN-002');
  assert.match(second.error.summary, /c\.jsonl:2/u);
});

test('a folder that cannot be made is a problem with its path', () => {
  writeFileSync(join(folder, 'file'), '');
  const journal = openJournal(join(folder, 'file', 'd.jsonl'));
  assert.ok(!journal.ok);
  assert.equal(journal.error.code, 'SF-JRN-001');
});
