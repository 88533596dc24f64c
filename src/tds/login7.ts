/**
 * LOGIN7 (MS-TDS 2.2.6.4), every field, for TDS 7.1 to 8.0.
 *
 * A fixed part of 94 bytes (86 without the fields of 7.2) with offsets and lengths, then the data.
 */

import { ByteReader, ByteWriter, MalformedMessage } from './bytes.ts';
import { TDS_8_0 } from './version.ts';

/** A feature of the FeatureExt block. */
export interface LoginFeature {
  readonly id: number;
  readonly data: Uint8Array;
}

/** The fields of LOGIN7. */
export interface Login7 {
  readonly tdsVersion: number;
  /** 0 lets the server choose. */
  readonly packetBytes: number;
  readonly clientVersion: number;
  readonly clientProcessId: number;
  readonly connectionId: number;
  readonly optionFlags1: number;
  readonly optionFlags2: number;
  readonly typeFlags: number;
  readonly optionFlags3: number;
  readonly timeZone: number;
  readonly collationId: number;
  readonly hostName: string;
  readonly userName: string;
  readonly password: string;
  readonly applicationName: string;
  readonly serverName: string;
  readonly clientInterfaceName: string;
  readonly language: string;
  readonly database: string;
  /** Six bytes, the network card's address as a rule. */
  readonly clientId: Uint8Array;
  readonly sspi: Uint8Array;
  readonly attachDatabaseFile: string;
  readonly newPassword: string;
  readonly features: readonly LoginFeature[];
}

/** Bits of the flag fields that somebody reads. */
export const LOGIN_FLAG = {
  /** OptionFlags2: Windows authentication. */
  integratedSecurity: 0x80,
  /** TypeFlags: ApplicationIntent=ReadOnly. */
  readOnlyIntent: 0x20,
  /** OptionFlags3: a FeatureExt block follows. */
  extension: 0x10,
} as const;

const FIXED_BYTES = 94;
const FEATURE_END = 0xff;
/** The password is swapped by nibbles and XORed with this. */
const PASSWORD_MASK = 0xa5;

/** Writes LOGIN7; the extension flag follows from `features`. */
export function encodeLogin7(login: Login7): Uint8Array {
  const writer = new ByteWriter();
  const data = new ByteWriter();
  const extended = login.features.length > 0;
  writer.u32(0);
  writer.u32(login.tdsVersion);
  writer.u32(login.packetBytes);
  writer.u32(login.clientVersion);
  writer.u32(login.clientProcessId);
  writer.u32(login.connectionId);
  writer.u8(login.optionFlags1);
  writer.u8(login.optionFlags2);
  writer.u8(login.typeFlags);
  const flags3 = login.optionFlags3 & ~LOGIN_FLAG.extension;
  writer.u8(extended ? flags3 | LOGIN_FLAG.extension : flags3);
  writer.u32(login.timeZone);
  writer.u32(login.collationId);
  const place = (length: number): void => {
    writer.u16(FIXED_BYTES + data.length);
    writer.u16(length);
  };
  const placeText = (text: string): void => {
    place(text.length);
    data.ucs2(text);
  };
  placeText(login.hostName);
  placeText(login.userName);
  place(login.password.length);
  data.raw(scramble(login.password));
  placeText(login.applicationName);
  placeText(login.serverName);
  place(extended ? 4 : 0);
  const pointerAt = data.length;
  if (extended) data.u32(0);
  placeText(login.clientInterfaceName);
  placeText(login.language);
  placeText(login.database);
  writer.raw(login.clientId.subarray(0, 6));
  place(Math.min(login.sspi.length, 0xffff));
  data.raw(login.sspi);
  placeText(login.attachDatabaseFile);
  place(login.newPassword.length);
  data.raw(scramble(login.newPassword));
  writer.u32(login.sspi.length > 0xffff ? login.sspi.length : 0);
  if (extended) {
    data.patchU32(pointerAt, FIXED_BYTES + data.length);
    for (const { id, data: bytes } of login.features) {
      data.u8(id);
      data.u32(bytes.length);
      data.raw(bytes);
    }
    data.u8(FEATURE_END);
  }
  writer.raw(data.written());
  writer.patchU32(0, writer.length);
  return writer.written();
}

type Field = (unit: number) => Uint8Array;

/** Reads LOGIN7. */
export function decodeLogin7(reader: ByteReader): Login7 {
  const { bytes } = reader;
  const numbers = readNumbers(reader);
  const at = (offset: number, length: number): Uint8Array => {
    if (length > 0 && offset + length > bytes.length)
      throw new MalformedMessage(`LOGIN7 field at ${offset} ends outside the message`);
    return length === 0 ? new Uint8Array(0) : bytes.subarray(offset, offset + length);
  };
  const field: Field = (unit) => at(reader.u16(), reader.u16() * unit);
  const text = (): string => {
    const data = field(2);
    return new ByteReader(data).ucs2(data.length);
  };
  const hostName = text();
  const userName = text();
  const password = unscramble(field(2));
  const applicationName = text();
  const serverName = text();
  const extension = field(1);
  const clientInterfaceName = text();
  const language = text();
  const database = text();
  const clientId = reader.slice(6);
  const sspiOffset = reader.u16();
  const sspiLength = reader.u16();
  const attachDatabaseFile = text();
  // TDS 7.1 ends its fixed part here.
  const since72 = numbers.tdsVersion >= 0x72000000 || numbers.tdsVersion === TDS_8_0;
  const newPassword = since72 ? unscramble(field(2)) : '';
  const sspiLong = since72 ? reader.u32() : 0;
  const sspi = at(sspiOffset, sspiLength === 0xffff && sspiLong > 0 ? sspiLong : sspiLength);
  const extended = (numbers.optionFlags3 & LOGIN_FLAG.extension) !== 0 && extension.length >= 4;
  const features = extended ? readFeatures(bytes, new ByteReader(extension).u32()) : [];
  return {
    ...numbers,
    hostName,
    userName,
    password,
    applicationName,
    serverName,
    clientInterfaceName,
    language,
    database,
    clientId,
    sspi,
    attachDatabaseFile,
    newPassword,
    features,
  };
}

type LoginNumbers = Pick<
  Login7,
  | 'tdsVersion'
  | 'packetBytes'
  | 'clientVersion'
  | 'clientProcessId'
  | 'connectionId'
  | 'optionFlags1'
  | 'optionFlags2'
  | 'typeFlags'
  | 'optionFlags3'
  | 'timeZone'
  | 'collationId'
>;

function readNumbers(reader: ByteReader): LoginNumbers {
  const total = reader.u32();
  const { length } = reader.bytes;
  if (total > length) throw new MalformedMessage(`LOGIN7 of ${total} bytes in ${length}`);
  return {
    tdsVersion: reader.u32(),
    packetBytes: reader.u32(),
    clientVersion: reader.u32(),
    clientProcessId: reader.u32(),
    connectionId: reader.u32(),
    optionFlags1: reader.u8(),
    optionFlags2: reader.u8(),
    typeFlags: reader.u8(),
    optionFlags3: reader.u8(),
    timeZone: reader.i32(),
    collationId: reader.u32(),
  };
}

function readFeatures(bytes: Uint8Array, offset: number): LoginFeature[] {
  if (offset > bytes.length)
    throw new MalformedMessage(`FeatureExt at ${offset} of ${bytes.length}`);
  const reader = new ByteReader(bytes.subarray(offset));
  const features: LoginFeature[] = [];
  while (reader.peek() !== FEATURE_END)
    features.push({ id: reader.u8(), data: reader.slice(reader.u32()) });
  return features;
}

function scramble(text: string): Uint8Array {
  const writer = new ByteWriter(text.length * 2 + 1);
  writer.ucs2(text);
  return writer.written().map((byte) => (((byte << 4) | (byte >> 4)) & 0xff) ^ PASSWORD_MASK);
}

function unscramble(bytes: Uint8Array): string {
  const clear = bytes.map((byte) => {
    const mixed = byte ^ PASSWORD_MASK;
    return ((mixed << 4) | (mixed >> 4)) & 0xff;
  });
  return new ByteReader(clear).ucs2(clear.length);
}
