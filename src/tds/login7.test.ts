import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { decode } from './bytes.ts';
import { decodeLogin7, encodeLogin7, type Login7 } from './login7.ts';
import { decodePrelogin, encodePrelogin, ENCRYPTION } from './prelogin.ts';
import { DIALECTS, dialectFor } from './version.ts';

const text = fc.string({ maxLength: 40, unit: 'grapheme' });
const byte = fc.nat(255);
const login: fc.Arbitrary<Login7> = fc.record({
  tdsVersion: fc.constantFrom(0x72090002, 0x730a0003, 0x730b0003, 0x74000004, 0x08000000),
  packetBytes: fc.nat(32_767),
  clientVersion: fc.nat(),
  clientProcessId: fc.nat(),
  connectionId: fc.nat(),
  optionFlags1: byte,
  optionFlags2: byte,
  typeFlags: byte,
  optionFlags3: byte.map((flags) => flags & ~0x10),
  timeZone: fc.integer({ min: -720, max: 840 }),
  collationId: fc.nat(),
  hostName: text,
  userName: text,
  password: text,
  applicationName: text,
  serverName: text,
  clientInterfaceName: text,
  language: text,
  database: text,
  clientId: fc.uint8Array({ minLength: 6, maxLength: 6 }),
  sspi: fc.uint8Array({ maxLength: 300 }),
  attachDatabaseFile: text,
  newPassword: text,
  features: fc.array(
    fc.record({ id: fc.integer({ min: 1, max: 254 }), data: fc.uint8Array({ maxLength: 20 }) }),
    { maxLength: 3 },
  ),
});

const SAMPLE: Login7 = {
  tdsVersion: 0x74000004,
  packetBytes: 4096,
  clientVersion: 7,
  clientProcessId: 4711,
  connectionId: 0,
  optionFlags1: 0xe0,
  optionFlags2: 3,
  typeFlags: 0x20,
  optionFlags3: 0,
  timeZone: -60,
  collationId: 0x409,
  hostName: 'operator',
  userName: 'sa',
  password: 'Pässw0rd!',
  applicationName: 'sqlferry',
  serverName: 'OnPremNode',
  clientInterfaceName: 'raw',
  language: '',
  database: 'Adventureworks',
  clientId: Uint8Array.of(1, 2, 3, 4, 5, 6),
  sspi: new Uint8Array(0),
  attachDatabaseFile: '',
  newPassword: '',
  features: [{ id: 0x0a, data: Uint8Array.of(1) }],
};

test('every field of LOGIN7 survives the wire', () => {
  fc.assert(
    fc.property(login, (sent) => {
      const read = decode(encodeLogin7(sent), decodeLogin7);
      assert.ok(read.ok);
      const { optionFlags3 } = sent;
      const flags = sent.features.length > 0 ? optionFlags3 | 0x10 : optionFlags3;
      const plain = (value: Login7): unknown => JSON.parse(JSON.stringify(value));
      assert.deepEqual(plain(read.value), plain({ ...sent, optionFlags3: flags }));
    }),
  );
});

test('the password is not readable on the wire', () => {
  const wire = Buffer.from(encodeLogin7(SAMPLE));
  assert.ok(wire.includes(Buffer.from('operator', 'utf16le')));
  assert.ok(!wire.includes(Buffer.from(SAMPLE.password, 'utf16le')));
});

test('a LOGIN7 of 7.1 ends its fixed part eight bytes earlier', () => {
  const bytes = encodeLogin7({ ...SAMPLE, tdsVersion: 0x71000001, features: [], newPassword: '' });
  const read = decode(bytes, decodeLogin7);
  assert.ok(read.ok);
  assert.equal(read.value.database, 'Adventureworks');
  assert.equal(read.value.newPassword, '');
});

test('a LOGIN7 cut at any byte is an error', () => {
  const bytes = encodeLogin7(SAMPLE);
  for (let length = 0; length < bytes.length; length += 1)
    assert.equal(decode(bytes.subarray(0, length), decodeLogin7).ok, false, `cut at ${length}`);
});

test('random bytes never crash the decoders of a login', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      decode(bytes, decodeLogin7);
      decode(bytes, decodePrelogin);
    }),
  );
});

test('PRELOGIN survives the wire and is big endian', () => {
  const sent = {
    version: { major: 16, minor: 0, build: 4135 },
    encryption: ENCRYPTION.required,
    instance: Uint8Array.of(0),
    threadId: 0x01020304,
    mars: false,
    federatedAuthentication: 0,
  };
  const bytes = encodePrelogin(sent);
  assert.deepEqual([...bytes.subarray(0, 5)], [0, 0, 31, 0, 6]);
  assert.deepEqual(decode(bytes, decodePrelogin), { ok: true, value: sent });
  for (let length = 0; length < bytes.length; length += 1)
    assert.equal(decode(bytes.subarray(0, length), decodePrelogin).ok, false, `cut at ${length}`);
});

test('versions between two known ones speak the older dialect, 7.0 none', () => {
  assert.equal(dialectFor(0x74000004), DIALECTS['7.4']);
  assert.equal(dialectFor(0x75000000), DIALECTS['7.4']);
  assert.equal(dialectFor(0x08000000), DIALECTS['8.0']);
  assert.equal(dialectFor(0x730b0003), DIALECTS['7.3B']);
  assert.equal(dialectFor(0x730a0003), DIALECTS['7.3A']);
  assert.equal(dialectFor(0x72090002), DIALECTS['7.2']);
  assert.equal(dialectFor(0x71000001), DIALECTS['7.1']);
  assert.equal(dialectFor(0x70000000), undefined);
});
