import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ByteReader, ByteWriter, decode } from './bytes.ts';
import {
  decodeBatch,
  decodeTransaction,
  encodeBatch,
  encodeTransaction,
  type TransactionManagerRequest,
} from './request.ts';
import { readResponse, type ResponseToken } from './response.ts';
import { decodeCalls } from './rpc.ts';
import {
  DONE,
  TOKEN,
  writeDone,
  writeEnvChange,
  writeFeatureExtAck,
  writeLoginAck,
  writeMessage,
  writeReturnStatus,
  writeReturnValue,
  type EnvChange,
} from './token.ts';
import { DIALECTS } from './version.ts';

const dialects = [DIALECTS['7.1'], DIALECTS['7.4']];
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const message = {
  number: 35_250,
  state: 7,
  severity: 16,
  text: 'The connection to the primary replica is not active.',
  server: 'OnPremNode',
  procedure: 'p',
  line: 3,
};
const changes: EnvChange[] = [
  { kind: 'database', to: 'Adventureworks', from: 'master' },
  { kind: 'language', to: 'us_english', from: '' },
  { kind: 'packet-size', to: '8000', from: '4096' },
  { kind: 'collation', to: Uint8Array.of(9, 4, 0xd0, 0, 0x34) },
  { kind: 'began', descriptor: 1n << 60n },
  { kind: 'committed', descriptor: 5n },
  { kind: 'rolled-back', descriptor: 6n },
  { kind: 'reset' },
  { kind: 'routing', server: 'SQLVM2.contoso.com', port: 1433 },
];

test('every token survives the wire in old and new dialects, and cut at any byte it is an error', () => {
  for (const dialect of dialects) {
    const writer = new ByteWriter(1);
    const ends: number[] = [];
    const expected: ResponseToken[] = [];
    const add = (token: ResponseToken): void => {
      ends.push(writer.length);
      expected.push(token);
    };
    const done = { token: TOKEN.done, status: DONE.count | DONE.more, command: 0xc1, rowCount: 7n };
    writeDone(writer, done, dialect);
    add({ is: 'done', done });
    writeMessage(writer, message, dialect);
    add({ is: 'error', message });
    writeMessage(writer, { ...message, severity: 10 }, dialect);
    add({ is: 'info', message: { ...message, severity: 10 } });
    const ack = {
      tdsVersion: dialect.version,
      program: 'Microsoft SQL Server',
      version: { major: 16, minor: 0, build: 4135 },
    };
    writeLoginAck(writer, ack);
    add({ is: 'login-ack', ack });
    for (const change of changes) {
      writeEnvChange(writer, change);
      add({ is: 'env-change', change });
    }
    const features = [{ id: 10, data: Uint8Array.of(1) }];
    writeFeatureExtAck(writer, features);
    add({ is: 'features', features });
    writeReturnStatus(writer, -6);
    add({ is: 'return-status', status: -6 });
    const returned = { ordinal: 0, name: '@handle', type: { kind: 'int' }, value: 1 } as const;
    writeReturnValue(writer, returned, dialect);
    add({ is: 'return-value', returned });
    const bytes = writer.written();
    assert.deepEqual(readResponse(new ByteReader(bytes), dialect), expected);
    for (let length = 0; length < bytes.length; length += 1) {
      const read = decode(bytes.subarray(0, length), (reader) => readResponse(reader, dialect));
      assert.equal(read.ok, length === 0 || ends.includes(length), `cut at ${length}`);
    }
  }
});

test('tokens have the bytes of the specification', () => {
  const write = (run: (writer: ByteWriter) => void): string => {
    const writer = new ByteWriter();
    run(writer);
    return hex(writer.written());
  };
  const [old, current] = [DIALECTS['7.1'], DIALECTS['7.4']];
  const done = { token: TOKEN.done, status: DONE.attention, command: 0, rowCount: 0n };
  assert.equal(
    write((w) => writeDone(w, done, current)),
    `fd20000000${'00'.repeat(8)}`,
  );
  assert.equal(
    write((w) => writeDone(w, done, old)),
    `fd20000000${'00'.repeat(4)}`,
  );
  assert.equal(
    write((w) => writeEnvChange(w, { kind: 'reset' })),
    'e30300120000',
  );
  assert.equal(
    write((w) => writeEnvChange(w, { kind: 'began', descriptor: 0x0102n })),
    'e30b000808020100000000000000',
  );
  assert.equal(
    write((w) => writeEnvChange(w, { kind: 'routing', server: 'ab', port: 1433 })),
    'e30e001409000099050200610062000000',
  );
  assert.equal(
    write((w) =>
      writeLoginAck(w, {
        tdsVersion: 0x74000004,
        program: '',
        version: { major: 16, minor: 0, build: 4135 },
      }),
    ),
    'ad0a0001740000040010001027',
  );
});

test('an over-long message is cut instead of breaking the token', () => {
  const writer = new ByteWriter();
  const long = { ...message, text: 'x'.repeat(100_000), server: 's'.repeat(300) };
  writeMessage(writer, long, DIALECTS['7.4']);
  const [token] = readResponse(new ByteReader(writer.written()), DIALECTS['7.4']);
  assert.ok(token?.is === 'error');
  assert.equal(token.message.number, 35_250);
});

test('a batch carries headers only since 7.2', () => {
  for (const dialect of dialects) {
    const bytes = encodeBatch({ text: "select N'é]'", transactionDescriptor: 9n }, dialect);
    const read = decode(bytes, (reader) => decodeBatch(reader, dialect));
    assert.ok(read.ok);
    assert.equal(read.value.text, "select N'é]'");
    assert.equal(read.value.transactionDescriptor, dialect.since72 ? 9n : 0n);
  }
  const odd = decode(Uint8Array.of(1), (reader) => decodeBatch(reader, DIALECTS['7.1']));
  assert.equal(odd.ok, false);
});

test('transaction manager requests survive the wire', () => {
  const requests: Exclude<TransactionManagerRequest, { kind: 'distributed' }>[] = [
    { kind: 'begin', isolation: 2, name: 'T' },
    { kind: 'commit', name: '', beginAgain: false },
    { kind: 'rollback', name: 'T', beginAgain: true },
    { kind: 'save', name: 'point' },
  ];
  for (const dialect of dialects)
    for (const request of requests) {
      const bytes = encodeTransaction(request, { transactionDescriptor: 0n }, dialect);
      const read = decode(bytes, (reader) => decodeTransaction(reader, dialect));
      assert.deepEqual(read, { ok: true, value: { ...request, transactionDescriptor: 0n } });
    }
  const unknown = decode(Uint8Array.of(99, 0), (reader) =>
    decodeTransaction(reader, DIALECTS['7.1']),
  );
  assert.equal(unknown.ok, false);
});

test('before 7.2 another byte separates the calls of one message', () => {
  const call = [0xff, 0xff, 12, 0, 0, 0, 0, 0, 0x26, 4, 4, 1, 0, 0, 0];
  const bytes = Uint8Array.from([...call, 0x80, ...call]);
  const read = decode(bytes, (reader) => decodeCalls(reader, DIALECTS['7.1']));
  assert.ok(read.ok);
  assert.deepEqual(
    read.value.calls.map((one) => [one.procedure, one.parameters[0]?.value]),
    [
      ['sp_execute', 1],
      ['sp_execute', 1],
    ],
  );
});

test('a default parameter, an unknown procedure number and encrypted parameters are told apart', () => {
  const head = [0xff, 0xff, 10, 0, 0, 0];
  const read = (bytes: number[]) =>
    decode(Uint8Array.from(bytes), (reader) => decodeCalls(reader, DIALECTS['7.1']));
  const byDefault = read([...head, 0, 2, 0x26, 4, 0]);
  assert.ok(byDefault.ok);
  assert.equal(byDefault.value.calls[0]?.parameters[0]?.isDefault, true);
  assert.equal(read([0xff, 0xff, 99, 0, 0, 0]).ok, false);
  assert.equal(read([...head, 0, 8, 0x26, 4, 0]).ok, false);
});
