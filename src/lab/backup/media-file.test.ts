/** Backup files as bytes: what is written comes back, and what happened to it is seen. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeLsn } from '../../base/lsn.ts';
import type { BackupHeader } from './backup-header.ts';
import { concatenate, decodeMediaFile, encodeMediaFile, stripe } from './media-file.ts';
import { planWrite, readSets } from './media-rule.ts';
import type { Device } from './media-rule.ts';
import { sampleHeader } from '../../../tests/support/backup-header.ts';

const label = { mediaSetId: 'set-1', families: 1, family: 1, compressed: false };
const data = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);

function fileOf(header: BackupHeader = sampleHeader()): Uint8Array {
  return encodeMediaFile({ label, parts: [{ header, data, damage: null }] });
}

function damageOf(bytes: Uint8Array): string | null | undefined {
  return decodeMediaFile(bytes)?.parts[0]?.damage;
}

test('a header with LSNs beyond 2^53, forks and a base comes back as it was', () => {
  const far = makeLsn({ vlf: 4_000_000n, block: 9_999_999_999n, slot: 1n });
  const header = sampleHeader({
    lastLsn: far,
    base: { setId: 'base', lsn: far },
    database: 'a]b\'c"\n\u{1F600}',
  });
  const part = decodeMediaFile(fileOf(header))?.parts[0];
  assert.deepEqual(part?.header, header);
  assert.deepEqual(part?.data, data);
});

test('a file that was cut short, changed, or is something else is told apart', () => {
  const bytes = fileOf();
  assert.equal(damageOf(bytes), null);
  assert.equal(damageOf(bytes.slice(0, -1)), 'cut');
  const changed = bytes.slice();
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  assert.equal(damageOf(changed), 'changed');
  assert.equal(decodeMediaFile(bytes.slice(0, 60)), undefined);
  assert.equal(
    decodeMediaFile(new TextEncoder().encode('MTF or not, this is no lab backup')),
    undefined,
  );
  assert.equal(decodeMediaFile(new Uint8Array(0)), undefined);
});

test('stripes of any number put together are the data', () => {
  for (const families of [1, 2, 3, 7, 64]) {
    const shares = stripe(data, families);
    assert.equal(shares.length, families);
    assert.deepEqual(concatenate(shares), data, `${families} families`);
  }
  assert.deepEqual(concatenate(stripe(new Uint8Array(0), 3)), new Uint8Array(0));
});

function device(path: string, change: Partial<typeof label> = {}): Device {
  const part = { header: sampleHeader(), data, damage: null };
  return { path, found: { label: { ...label, ...change }, parts: [part] } };
}
const two = [
  device('a', { families: 2, family: 1 }),
  device('b', { families: 2, family: 2 }),
] as const;
const absent: Device = { path: 'new', found: 'absent' };
const foreign: Device = { path: 'letter.txt', found: 'foreign' };

/** Devices, FORMAT, INIT, COMPRESSION, and what comes of it: the plan's kind or the error. */
const writes: readonly (readonly [string, readonly Device[], string, string | number])[] = [
  ['an absent file begins a media set', [absent], '', 'new'],
  ['two absent files begin a striped one', [absent, { ...absent, path: 'other' }], '', 'new'],
  ['a backup file is appended to', [device('a')], '', 'append'],
  ['INIT writes it again', [device('a')], 'init', 'again'],
  ['FORMAT begins a new media set on anything', [foreign], 'format', 'new'],
  ['a file that is no backup is not touched without FORMAT', [foreign], 'init', 3241],
  ['both stripes are appended to', two, '', 'append'],
  ['one stripe alone is not', [two[0]], '', 3132],
  ['nor with INIT', [two[1]], 'init', 3132],
  ['a new file cannot join an old set', [device('a'), absent], '', 3231],
  [
    'families of different sets do not go together',
    [two[0], device('c', { mediaSetId: 'set-2', families: 2, family: 2 })],
    '',
    3258,
  ],
  ['one family twice is none of two', [two[0], { ...two[0], path: 'copy of a' }], '', 3227],
  ['compressed sets do not go behind plain ones', [device('a')], 'compressed', 3098],
  ['nor plain ones behind compressed', [device('a', { compressed: true })], '', 3098],
  ['INIT changes from plain to compressed', [device('a')], 'init compressed', 'again'],
];
for (const [claim, devices, options, expected] of writes) {
  test(`a backup: ${claim}`, () => {
    const plan = planWrite(devices, {
      format: options.includes('format'),
      init: options.includes('init'),
      compressed: options.includes('compressed'),
    });
    assert.equal(plan.kind === 'refused' ? plan.error.number : plan.kind, expected);
  });
}

test('a restore wants every stripe, in any order; headers are read from one', () => {
  const numbers = (devices: readonly Device[], need: 'headers' | 'data'): unknown => {
    const sets = readSets(devices, need);
    return 'number' in sets ? sets.number : sets.map(({ position, damage }) => [position, damage]);
  };
  assert.deepEqual(numbers([two[1], two[0]], 'data'), [[1, null]]);
  assert.deepEqual(numbers([two[0]], 'data'), 3132);
  assert.deepEqual(numbers([two[0]], 'headers'), [[1, null]]);
  assert.deepEqual(numbers([foreign], 'headers'), 3241);
});
