/** PRELOGIN (MS-TDS 2.2.6.5): a table of options, big endian, then their data. */

import { ByteReader, ByteWriter, MalformedMessage } from './bytes.ts';

/** Values of the ENCRYPTION option. */
export const ENCRYPTION = { off: 0, on: 1, notSupported: 2, required: 3 } as const;

/** Options of a PRELOGIN message; absent ones were not sent. */
export interface Prelogin {
  readonly version?: { readonly major: number; readonly minor: number; readonly build: number };
  readonly encryption?: number;
  /** From a client the instance name; from a server `''` (matches) or a byte 1 (does not). */
  readonly instance?: Uint8Array;
  readonly threadId?: number;
  readonly mars?: boolean;
  /** Present when asked for or answered. */
  readonly federatedAuthentication?: number;
}

const OPTION = {
  version: 0,
  encryption: 1,
  instance: 2,
  threadId: 3,
  mars: 4,
  federated: 6,
} as const;
const TERMINATOR = 0xff;
/** Bytes of one entry of the option table. */
const ENTRY_BYTES = 5;

/** Writes the message; a `threadId` that is absent goes out empty, as servers do. */
export function encodePrelogin(prelogin: Prelogin): Uint8Array {
  const options: { id: number; data: Uint8Array }[] = [];
  const { version } = prelogin;
  if (version !== undefined) {
    const data = new ByteWriter(6);
    data.u8(version.major);
    data.u8(version.minor);
    data.u16be(version.build);
    data.u16be(0);
    options.push({ id: OPTION.version, data: data.written() });
  }
  if (prelogin.encryption !== undefined)
    options.push({ id: OPTION.encryption, data: Uint8Array.of(prelogin.encryption) });
  if (prelogin.instance !== undefined)
    options.push({ id: OPTION.instance, data: prelogin.instance });
  const thread = new ByteWriter(4);
  if (prelogin.threadId !== undefined) thread.u32be(prelogin.threadId);
  options.push({ id: OPTION.threadId, data: thread.written() });
  if (prelogin.mars !== undefined)
    options.push({ id: OPTION.mars, data: Uint8Array.of(prelogin.mars ? 1 : 0) });
  if (prelogin.federatedAuthentication !== undefined)
    options.push({ id: OPTION.federated, data: Uint8Array.of(prelogin.federatedAuthentication) });
  const writer = new ByteWriter();
  let offset = options.length * ENTRY_BYTES + 1;
  for (const { id, data } of options) {
    writer.u8(id);
    writer.u16be(offset);
    writer.u16be(data.length);
    offset += data.length;
  }
  writer.u8(TERMINATOR);
  for (const { data } of options) writer.raw(data);
  return writer.written();
}

/** Reads the message; options that MS-TDS adds later are passed over. */
export function decodePrelogin(reader: ByteReader): Prelogin {
  const { bytes } = reader;
  let prelogin: Prelogin = {};
  while (reader.peek() !== TERMINATOR) {
    const id = reader.u8();
    const offset = reader.u16be();
    const length = reader.u16be();
    if (offset + length > bytes.length)
      throw new MalformedMessage(`PRELOGIN option ${id} too long`);
    const data = new ByteReader(bytes.subarray(offset, offset + length));
    prelogin = { ...prelogin, ...readOption(id, data) };
  }
  return prelogin;
}

function readOption(id: number, data: ByteReader): Prelogin {
  switch (id) {
    case OPTION.version:
      return { version: { major: data.u8(), minor: data.u8(), build: data.u16be() } };
    case OPTION.encryption:
      return { encryption: data.u8() };
    case OPTION.instance:
      return { instance: data.slice(data.remaining) };
    case OPTION.threadId:
      return data.remaining === 0 ? {} : { threadId: data.u32be() };
    case OPTION.mars:
      return { mars: data.u8() !== 0 };
    case OPTION.federated:
      return { federatedAuthentication: data.u8() };
    default:
      return {};
  }
}
