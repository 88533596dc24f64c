import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { MalformedMessage } from './bytes.ts';
import { framePackets, MessageAssembler, PacketReader, STATUS, type Message } from './packet.ts';

const framing = { type: 3, packetBytes: 4096, sessionId: 0x0133, firstPacketId: 1, last: true };

/** Cuts bytes at the given places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const edges = [
    0,
    ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b),
    bytes.length,
  ];
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
}

function readAll(chunks: readonly Uint8Array[]): Message[] {
  const reader = new PacketReader();
  const assembler = new MessageAssembler(1_000_000);
  const messages: Message[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let packet = reader.next(); packet; packet = reader.next()) {
      const message = assembler.add(packet);
      if (message !== undefined) messages.push(message);
    }
  }
  return messages;
}

test('the header is eight bytes, length and session id big endian', () => {
  const framed = framePackets(Uint8Array.of(1, 2, 3), {
    ...framing,
    status: STATUS.resetConnection,
  });
  assert.deepEqual([...framed], [3, 0x09, 0, 11, 0x01, 0x33, 1, 0, 1, 2, 3]);
});

test('messages survive any packet size and any cutting of the stream', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 3000 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 9, max: 600 }),
      fc.array(fc.nat(20_000), { maxLength: 20 }),
      (payloads, packetBytes, places) => {
        const stream = Buffer.concat(
          payloads.map((payload) => framePackets(payload, { ...framing, packetBytes })),
        );
        const messages = readAll(cut(stream, places));
        assert.equal(messages.length, payloads.length);
        messages.forEach((message, index) => {
          assert.deepEqual(Buffer.from(message.payload), Buffer.from(payloads[index] ?? []));
        });
      },
    ),
  );
});

test('one byte at a time is enough', () => {
  const payload = new Uint8Array(10_000).map((_, index) => index % 251);
  const stream = framePackets(payload, framing);
  const [message, ...others] = readAll(Array.from(stream, (byte) => Uint8Array.of(byte)));
  assert.deepEqual(message?.payload, payload);
  assert.equal(others.length, 0);
});

test('packet numbers count modulo 256 and only the last packet ends the message', () => {
  const stream = framePackets(new Uint8Array(300), {
    ...framing,
    packetBytes: 9,
    firstPacketId: 1,
  });
  const reader = new PacketReader();
  reader.push(stream);
  assert.equal(stream.length, 300 * 9);
  assert.equal(stream[255 * 9 + 6], 0);
  const ends: boolean[] = [];
  for (let packet = reader.next(); packet; packet = reader.next())
    ends.push((packet.status & STATUS.endOfMessage) !== 0);
  assert.equal(ends.indexOf(true), 299);
});

test('an impossible length, a type that changes, a message too long: errors', () => {
  const reader = new PacketReader();
  reader.push(Uint8Array.of(1, 1, 0, 7, 0, 0, 0, 0));
  assert.throws(() => reader.next(), MalformedMessage);
  const mixed = new MessageAssembler(100);
  mixed.add({ type: 1, status: 0, payload: new Uint8Array(1) });
  assert.throws(
    () => mixed.add({ type: 3, status: 1, payload: new Uint8Array(1) }),
    MalformedMessage,
  );
  const long = new MessageAssembler(100);
  assert.throws(
    () => long.add({ type: 1, status: 0, payload: new Uint8Array(101) }),
    MalformedMessage,
  );
});

test('TLS records between packets are passed over only when told so', () => {
  const record = Uint8Array.of(0x15, 3, 3, 0, 2, 1, 0);
  const packet = framePackets(Uint8Array.of(9), framing);
  const skipping = new PacketReader();
  skipping.skipTlsRecords = true;
  for (const byte of Buffer.concat([record, record, packet])) skipping.push(Uint8Array.of(byte));
  assert.deepEqual(skipping.next()?.payload, Uint8Array.of(9));
  const strict = new PacketReader();
  strict.push(Buffer.concat([record, packet]));
  assert.notEqual(strict.next()?.type, 3);
});
