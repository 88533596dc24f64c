import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bytes, count, counted, displayWidth, duration, fit, printable, wrap } from './format.ts';

test('prints bytes in units of 1024', () => {
  assert.deepEqual([0, 512, 1024, 1_536, 10_485_760, 3_221_225_472].map(bytes), [
    '0 B',
    '512 B',
    '1.0 KB',
    '1.5 KB',
    '10.0 MB',
    '3.0 GB',
  ]);
});

test('prints durations so that 59.99 s never reads 60.0 s', () => {
  assert.deepEqual([0, 340.4, 4200, 59_990, 185_000, 7_620_000].map(duration), [
    '0 ms',
    '340 ms',
    '4.2 s',
    '1 min 00 s',
    '3 min 05 s',
    '2 h 07 min',
  ]);
});

test('groups thousands and knows one from many', () => {
  assert.equal(count(1_234_567), '1,234,567');
  assert.equal(count(999), '999');
  assert.equal(counted(1, 'database'), '1 database');
  assert.equal(counted(0, 'database'), '0 databases');
});

test('a name cannot move the cursor or turn the line around', () => {
  assert.equal(printable('a\u001B[2Jb\u202Ec'), 'a\\u{1b}[2Jb\\u{202e}c');
  assert.equal(printable('two\nlines'), 'two lines');
});

test('emoji take two columns, and a cut text says so', () => {
  assert.equal(displayWidth('a😀b'), 4);
  assert.equal(fit('a😀bcdef', 5), 'a😀b…');
  assert.equal(displayWidth(fit('a😀bcdef', 5)), 5);
  assert.equal(fit('short', 5), 'short');
});

test('wraps at words and keeps a long word whole', () => {
  assert.deepEqual(wrap('one two three', 7), ['one two', 'three']);
  assert.deepEqual(wrap('a aaaaaaaaaaaa b', 5), ['a', 'aaaaaaaaaaaa', 'b']);
});
