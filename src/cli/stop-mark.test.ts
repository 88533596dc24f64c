import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { JournalEntry } from '../ports/journal.ts';
import { journalWithStop, readStopMark } from './stop-mark.ts';

const entry = (kind: JournalEntry['kind'], act: string, side = 'source'): JournalEntry => ({
  at: '2026-11-21T00:00:00.000Z',
  kind,
  rule: 'R',
  message: act,
  data: { kind: act, side },
});

/** Places passed while demote and promote are noted, with how many lines were on disk then. */
function placesOf(text: string): readonly string[] {
  const mark = readStopMark(text);
  assert.ok(mark.ok);
  const written: JournalEntry[] = [];
  const places: string[] = [];
  const journal = journalWithStop(
    {
      append: (line) => {
        written.push(line);
      },
      entries: () => written,
      close: () => {},
    },
    mark.value,
    (place) => places.push(`${place} after ${written.length}`),
  );
  for (const act of ['demote', 'promote']) {
    const side = act === 'demote' ? 'source' : 'target';
    journal.append(entry('intent', act, side));
    journal.append(entry('outcome', act, side));
  }
  assert.equal(journal.entries().length, 4, 'every line is written whatever the mark');
  return places;
}

test('each mark lies on its side of the journal write, and stops once', () => {
  assert.deepEqual(placesOf('before'), ['before:demote:source after 0']);
  assert.deepEqual(placesOf('intent'), ['intent:demote:source after 1']);
  assert.deepEqual(placesOf('reply'), ['reply:demote:source after 1']);
  assert.deepEqual(placesOf('outcome'), ['outcome:demote:source after 2']);
});

test('every stops at all four marks of every act', () => {
  assert.deepEqual(placesOf('every'), [
    'before:demote:source after 0',
    'intent:demote:source after 1',
    'reply:demote:source after 1',
    'outcome:demote:source after 2',
    'before:promote:target after 2',
    'intent:promote:target after 3',
    'reply:promote:target after 3',
    'outcome:promote:target after 4',
  ]);
  assert.equal(placesOf('every:demote').length, 4);
});

test('a mark with an act and a side stops only there', () => {
  assert.deepEqual(placesOf('before:promote'), ['before:promote:target after 2']);
  assert.deepEqual(placesOf('reply:promote:target'), ['reply:promote:target after 3']);
  assert.deepEqual(placesOf('reply:promote:source'), []);
});

test('a word that is no mark is refused', () => {
  for (const text of ['', 'after', 'before:', 'before:demote:left', 'before:demote:source:x']) {
    const mark = readStopMark(text);
    assert.ok(!mark.ok, text);
    assert.equal(mark.error.code, 'SF-CLI-008');
  }
});
