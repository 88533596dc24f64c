/**
 * Response tokens other than rowsets: DONE, ERROR, INFO, LOGINACK, ENVCHANGE, FEATUREEXTACK,
 * RETURNSTATUS, RETURNVALUE (MS-TDS 2.2.7). Each has its writer and its reader side by side.
 */

import { ByteReader, MalformedMessage, type ByteWriter } from './bytes.ts';
import type { SqlType, SqlValue } from './sql-type.ts';
import { dialectType, readTypeInfo, writeTypeInfo } from './type-info.ts';
import { readValue, valueWriter } from './value.ts';
import type { Dialect } from './version.ts';

/** Token bytes. */
export const TOKEN = {
  returnStatus: 0x79,
  error: 0xaa,
  info: 0xab,
  returnValue: 0xac,
  loginAck: 0xad,
  featureExtAck: 0xae,
  envChange: 0xe3,
  done: 0xfd,
  doneProc: 0xfe,
  doneInProc: 0xff,
} as const;

/** Status bits of DONE. */
export const DONE = {
  more: 0x01,
  error: 0x02,
  inTransaction: 0x04,
  count: 0x10,
  attention: 0x20,
  serverError: 0x100,
} as const;

/** DONE, DONEPROC or DONEINPROC. */
export interface DoneToken {
  readonly token: number;
  readonly status: number;
  readonly command: number;
  /** 0 unless the status says that it counts. */
  readonly rowCount: bigint;
}

/** Writes one of the three DONE tokens. */
export function writeDone(writer: ByteWriter, done: DoneToken, dialect: Dialect): void {
  writer.u8(done.token);
  writer.u16(done.status);
  writer.u16(done.command);
  if (dialect.since72) writer.u64(done.rowCount);
  else writer.u32(Number(BigInt.asUintN(32, done.rowCount)));
}

/** Reads a DONE token after its first byte. */
export function readDone(reader: ByteReader, token: number, dialect: Dialect): DoneToken {
  const status = reader.u16();
  const command = reader.u16();
  const rowCount = dialect.since72 ? reader.u64() : BigInt(reader.u32());
  return { token, status, command, rowCount };
}

/** ERROR or INFO. */
export interface MessageToken {
  readonly number: number;
  readonly state: number;
  readonly severity: number;
  readonly text: string;
  readonly server: string;
  readonly procedure: string;
  readonly line: number;
}

/** Severities up to this are information. */
const LAST_INFO_SEVERITY = 10;
/** Keeps the token below its 2-byte length. */
const MESSAGE_CHARACTERS = 4096;

/** Writes ERROR or, up to severity 10, INFO. */
export function writeMessage(writer: ByteWriter, message: MessageToken, dialect: Dialect): void {
  writer.u8(message.severity > LAST_INFO_SEVERITY ? TOKEN.error : TOKEN.info);
  const lengthAt = startLength(writer);
  writer.u32(message.number);
  writer.u8(message.state);
  writer.u8(message.severity);
  writer.text(message.text.slice(0, MESSAGE_CHARACTERS));
  writer.shortText(message.server);
  writer.shortText(message.procedure);
  if (dialect.since72) writer.u32(message.line);
  else writer.u16(message.line);
  endLength(writer, lengthAt);
}

/** Reads ERROR or INFO after its first byte. */
export function readMessage(reader: ByteReader, dialect: Dialect): MessageToken {
  const body = readBody(reader);
  return {
    number: body.i32(),
    state: body.u8(),
    severity: body.u8(),
    text: body.text(),
    server: body.shortText(),
    procedure: body.shortText(),
    line: dialect.since72 ? body.u32() : body.u16(),
  };
}

function startLength(writer: ByteWriter): number {
  writer.u16(0);
  return writer.length;
}

function endLength(writer: ByteWriter, start: number): void {
  writer.patchU16(start - 2, writer.length - start);
}

function readBody(reader: ByteReader): ByteReader {
  return new ByteReader(reader.slice(reader.u16()));
}

/** LOGINACK. */
export interface LoginAck {
  readonly tdsVersion: number;
  readonly program: string;
  readonly version: { readonly major: number; readonly minor: number; readonly build: number };
}

/** Interface SQL_TSQL. */
const INTERFACE = 1;

/** Writes LOGINACK. */
export function writeLoginAck(writer: ByteWriter, ack: LoginAck): void {
  writer.u8(TOKEN.loginAck);
  const start = startLength(writer);
  writer.u8(INTERFACE);
  writer.u32be(ack.tdsVersion);
  writer.shortText(ack.program);
  writer.u8(ack.version.major);
  writer.u8(ack.version.minor);
  writer.u16be(ack.version.build);
  endLength(writer, start);
}

/** Reads LOGINACK after its first byte. */
export function readLoginAck(reader: ByteReader): LoginAck {
  const body = readBody(reader);
  body.u8();
  const tdsVersion = body.u32be();
  const program = body.shortText();
  return {
    tdsVersion,
    program,
    version: { major: body.u8(), minor: body.u8(), build: body.u16be() },
  };
}

/** A change of the client's environment; `reset` acknowledges RESETCONNECTION. */
export type EnvChange =
  | {
      readonly kind: 'database' | 'language' | 'packet-size';
      readonly to: string;
      readonly from: string;
    }
  | { readonly kind: 'collation'; readonly to: Uint8Array }
  | { readonly kind: 'began' | 'committed' | 'rolled-back'; readonly descriptor: bigint }
  | { readonly kind: 'reset' }
  | { readonly kind: 'routing'; readonly server: string; readonly port: number };

const ENV = {
  database: 1,
  language: 2,
  'packet-size': 4,
  collation: 7,
  began: 8,
  committed: 9,
  'rolled-back': 10,
  reset: 18,
  routing: 20,
} as const;

/** Writes ENVCHANGE. */
export function writeEnvChange(writer: ByteWriter, change: EnvChange): void {
  writer.u8(TOKEN.envChange);
  const start = startLength(writer);
  writer.u8(ENV[change.kind]);
  switch (change.kind) {
    case 'database':
    case 'language':
    case 'packet-size':
      writer.shortText(change.to);
      writer.shortText(change.from);
      break;
    case 'collation':
      writer.u8(change.to.length);
      writer.raw(change.to);
      writer.u8(0);
      break;
    case 'began':
      writer.u8(8);
      writer.u64(change.descriptor);
      writer.u8(0);
      break;
    case 'committed':
    case 'rolled-back':
      writer.u8(0);
      writer.u8(8);
      writer.u64(change.descriptor);
      break;
    case 'reset':
      writer.u16(0);
      break;
    case 'routing':
      // Protocol 0 (TCP), port, server; its length counts these; then an empty old value.
      writer.u16(5 + change.server.length * 2);
      writer.u8(0);
      writer.u16(change.port);
      writer.text(change.server);
      writer.u16(0);
      break;
  }
  endLength(writer, start);
}

/** Reads ENVCHANGE after its first byte. */
export function readEnvChange(reader: ByteReader): EnvChange {
  const body = readBody(reader);
  const type = body.u8();
  const descriptor = (): bigint => (body.u8() === 8 ? body.u64() : 0n);
  switch (type) {
    case ENV.database:
      return { kind: 'database', to: body.shortText(), from: body.shortText() };
    case ENV.language:
      return { kind: 'language', to: body.shortText(), from: body.shortText() };
    case ENV['packet-size']:
      return { kind: 'packet-size', to: body.shortText(), from: body.shortText() };
    case ENV.collation:
      return { kind: 'collation', to: body.slice(body.u8()) };
    case ENV.began:
      return { kind: 'began', descriptor: descriptor() };
    case ENV.committed:
    case ENV['rolled-back']:
      body.u8();
      return {
        kind: type === ENV.committed ? 'committed' : 'rolled-back',
        descriptor: descriptor(),
      };
    case ENV.reset:
      return { kind: 'reset' };
    case ENV.routing: {
      body.u16();
      body.u8();
      const port = body.u16();
      return { kind: 'routing', port, server: body.text() };
    }
    default:
      throw new MalformedMessage(`ENVCHANGE ${type}`);
  }
}

/** Writes FEATUREEXTACK: what of the client's FeatureExt the server grants. */
export function writeFeatureExtAck(
  writer: ByteWriter,
  features: readonly { readonly id: number; readonly data: Uint8Array }[],
): void {
  writer.u8(TOKEN.featureExtAck);
  for (const { id, data } of features) {
    writer.u8(id);
    writer.u32(data.length);
    writer.raw(data);
  }
  writer.u8(0xff);
}

/** Reads FEATUREEXTACK after its first byte. */
export function readFeatureExtAck(reader: ByteReader): { id: number; data: Uint8Array }[] {
  const features: { id: number; data: Uint8Array }[] = [];
  for (let id = reader.u8(); id !== 0xff; id = reader.u8())
    features.push({ id, data: reader.slice(reader.u32()) });
  return features;
}

/** Writes RETURNSTATUS. */
export function writeReturnStatus(writer: ByteWriter, status: number): void {
  writer.u8(TOKEN.returnStatus);
  writer.u32(status);
}

/** An output parameter. */
export interface ReturnValue {
  /** Position among the parameters of the call. */
  readonly ordinal: number;
  readonly name: string;
  readonly type: SqlType;
  readonly value: SqlValue;
}

/** Writes RETURNVALUE. */
export function writeReturnValue(
  writer: ByteWriter,
  returned: ReturnValue,
  dialect: Dialect,
): void {
  writer.u8(TOKEN.returnValue);
  writer.u16(returned.ordinal);
  writer.shortText(returned.name);
  // An output parameter of a procedure, not a function's result.
  writer.u8(1);
  if (dialect.since72) writer.u32(0);
  else writer.u16(0);
  writer.u16(0);
  writeTypeInfo(writer, dialectType(returned.type, dialect));
  valueWriter(returned.type, dialect, 'parameter')(writer, returned.value);
}

/** Reads RETURNVALUE after its first byte. */
export function readReturnValue(reader: ByteReader, dialect: Dialect): ReturnValue {
  const ordinal = reader.u16();
  const name = reader.shortText();
  reader.u8();
  if (dialect.since72) reader.u32();
  else reader.u16();
  reader.u16();
  const info = readTypeInfo(reader);
  return { ordinal, name, type: info.type, value: readValue(reader, info, 'parameter') };
}
