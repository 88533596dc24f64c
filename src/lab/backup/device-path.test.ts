/** Paths of servers: what they mean, and that none leads out of the lab's folder. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostSegments, isBelow, parseFolder, parsePath, pathText } from './device-path.ts';

const folder = 'C:\\Backup';
const textOf = (path: string): string | undefined => {
  const parsed = parsePath(path, folder);
  return parsed === undefined ? undefined : pathText(parsed);
};

test('local paths, shares and bare names', () => {
  assert.equal(textOf('F:\\a\\b.bak'), 'F:\\a\\b.bak');
  assert.equal(textOf('f:/a/./c/../b.bak'), 'f:\\a\\b.bak');
  assert.equal(textOf('\\\\files\\migration\\x.bak'), '\\\\files\\migration\\x.bak');
  assert.equal(textOf('x.bak'), 'C:\\Backup\\x.bak');
  for (const wrong of [
    '',
    ' ',
    '\\\\files\\x.bak',
    'F:x.bak',
    '\\x.bak',
    'F:\\a*b',
    'F:\\a\nb',
    'F:\\a"b',
    `F:\\${'x'.repeat(300)}`,
  ])
    assert.equal(textOf(wrong), undefined, wrong);
});

test('a rule about a folder holds for what lies below it, whatever the case', () => {
  const file = parsePath('\\\\files\\migration\\a\\b.bak', folder);
  const beside = parsePath('\\\\files\\migration2\\b.bak', folder);
  assert.ok(file !== undefined && beside !== undefined);
  for (const above of ['\\\\FILES\\Migration', '\\\\files\\migration\\A\\']) {
    const parsed = parseFolder(above);
    assert.ok(parsed !== undefined);
    assert.equal(isBelow(file, parsed), true, above);
    assert.equal(isBelow(beside, parsed), false, above);
  }
  assert.equal(parsePath('\\\\files\\migration', folder), undefined, 'a share is no file');
});

test('no path leads out of the folder of the lab, and different paths are different files', () => {
  const paths = [
    'F:\\..\\..\\etc\\passwd',
    '\\\\..\\..\\..\\x',
    'F:\\con.\\x ',
    "F:\\a]b'c.bak",
    'F:\\a_b_c.bak',
    `F:\\${'y'.repeat(200)}`,
    'F:\\\u{1F600}.bak',
    'F:\\\u{1F601}.bak',
  ];
  const seen = new Set<string>();
  for (const path of paths) {
    const parsed = parsePath(path, folder);
    if (parsed === undefined) continue;
    const segments = hostSegments(parsed, 'HOST\\INST');
    for (const segment of segments) assert.match(segment, /^[a-z\d_-][a-z\d ._~-]*$/u, path);
    assert.ok(
      segments.every((segment) => !/^\.+$/u.test(segment)),
      path,
    );
    seen.add(segments.join('/'));
  }
  assert.ok(seen.size >= 6, [...seen].join('\n'));
  const [left, right] = ['HOST1', 'HOST2'].map((instance) =>
    hostSegments({ isShare: false, segments: ['F:', 'x.bak'] }, instance).join('/'),
  );
  assert.notEqual(left, right, 'a drive belongs to its instance');
});
