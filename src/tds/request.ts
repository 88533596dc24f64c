/** Requests other than RPC: ALL_HEADERS, SQL batch, transaction manager (MS-TDS 2.2.5.3, 2.2.6.7, 2.2.6.9). */

import { ByteWriter, MalformedMessage, type ByteReader } from './bytes.ts';
import type { Dialect } from './version.ts';

/** The headers in front of a request of TDS 7.2 and later. */
export interface RequestHeaders {
  /** The transaction the client believes to be in; 0 for none, and in requests without headers. */
  readonly transactionDescriptor: bigint;
}

const TRANSACTION_HEADER = 2;
/** Total length, one header of 18 bytes. */
const HEADERS_BYTES = 22;

/** Writes ALL_HEADERS when the dialect has them. */
export function writeHeaders(writer: ByteWriter, headers: RequestHeaders, dialect: Dialect): void {
  if (!dialect.since72) return;
  writer.u32(HEADERS_BYTES);
  writer.u32(HEADERS_BYTES - 4);
  writer.u16(TRANSACTION_HEADER);
  writer.u64(headers.transactionDescriptor);
  writer.u32(1);
}

/** Reads ALL_HEADERS when the dialect has them; headers other than the transaction's are passed over. */
export function readHeaders(reader: ByteReader, dialect: Dialect): RequestHeaders {
  let transactionDescriptor = 0n;
  if (!dialect.since72) return { transactionDescriptor };
  const end = reader.position + reader.u32();
  if (end > reader.bytes.length) throw new MalformedMessage('ALL_HEADERS longer than the message');
  while (reader.position < end) {
    const length = reader.u32();
    const type = reader.u16();
    if (length < 6 || reader.position + length - 6 > end)
      throw new MalformedMessage(`request header of ${length} bytes`);
    if (type === TRANSACTION_HEADER && length >= 18) {
      transactionDescriptor = reader.u64();
      reader.slice(length - 14);
    } else reader.slice(length - 6);
  }
  if (reader.position !== end) throw new MalformedMessage('ALL_HEADERS do not add up');
  return { transactionDescriptor };
}

/** A batch of T-SQL. */
export interface BatchRequest extends RequestHeaders {
  readonly text: string;
}

/** Writes a batch. */
export function encodeBatch(batch: BatchRequest, dialect: Dialect): Uint8Array {
  const writer = new ByteWriter();
  writeHeaders(writer, batch, dialect);
  writer.ucs2(batch.text);
  return writer.written();
}

/** Reads a batch. */
export function decodeBatch(reader: ByteReader, dialect: Dialect): BatchRequest {
  const headers = readHeaders(reader, dialect);
  return { ...headers, text: reader.ucs2(reader.remaining) };
}

/** A transaction manager request that a server without DTC answers. */
export type TransactionManagerRequest =
  | { readonly kind: 'begin'; readonly isolation: number; readonly name: string }
  | { readonly kind: 'commit' | 'rollback'; readonly name: string; readonly beginAgain: boolean }
  | { readonly kind: 'save'; readonly name: string }
  /** DTC address, propagation, promotion. */
  | { readonly kind: 'distributed'; readonly code: number };

const CODE = { begin: 5, commit: 7, rollback: 8, save: 9 } as const;
const DISTRIBUTED_CODES = [0, 1, 6];
const BEGIN_AGAIN = 1;

/** Writes a transaction manager request. */
export function encodeTransaction(
  request: Exclude<TransactionManagerRequest, { kind: 'distributed' }>,
  headers: RequestHeaders,
  dialect: Dialect,
): Uint8Array {
  const writer = new ByteWriter();
  writeHeaders(writer, headers, dialect);
  writer.u16(CODE[request.kind]);
  if (request.kind === 'begin') writer.u8(request.isolation);
  writeName(writer, request.name);
  if (request.kind === 'commit' || request.kind === 'rollback') {
    writer.u8(request.beginAgain ? BEGIN_AGAIN : 0);
    if (request.beginAgain) {
      writer.u8(0);
      writeName(writer, '');
    }
  }
  return writer.written();
}

/** Transaction names carry their length in bytes. */
function writeName(writer: ByteWriter, name: string): void {
  writer.u8(name.length * 2);
  writer.ucs2(name);
}

/** Reads a transaction manager request. */
export function decodeTransaction(
  reader: ByteReader,
  dialect: Dialect,
): TransactionManagerRequest & RequestHeaders {
  const headers = readHeaders(reader, dialect);
  const code = reader.u16();
  switch (code) {
    case CODE.begin: {
      const isolation = reader.u8();
      return { ...headers, kind: 'begin', isolation, name: readName(reader) };
    }
    case CODE.commit:
    case CODE.rollback: {
      const name = readName(reader);
      // Some clients leave the flag out.
      const flags = reader.remaining === 0 ? 0 : reader.u8();
      const kind = code === CODE.commit ? 'commit' : 'rollback';
      return { ...headers, kind, name, beginAgain: (flags & BEGIN_AGAIN) !== 0 };
    }
    case CODE.save:
      return { ...headers, kind: 'save', name: readName(reader) };
    default:
      if (DISTRIBUTED_CODES.includes(code)) return { ...headers, kind: 'distributed', code };
      throw new MalformedMessage(`transaction manager request ${code}`);
  }
}

function readName(reader: ByteReader): string {
  return reader.remaining === 0 ? '' : reader.ucs2(reader.u8());
}
