/**
 * Reading and writing the byte strings of MS-TDS: little endian unless a name says otherwise.
 *
 * The reader checks every length against what is there, so that no message, however broken, is read
 * beyond its end. Its error leaves the codec only as a `Result` of `decode`.
 */

import { fail, ok, type Result } from '../base/result.ts';

/** What the peer sent is not what MS-TDS describes. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
}

/** Runs a decoder over a complete message and turns its complaint into a value. */
export function decode<T>(
  bytes: Uint8Array,
  read: (reader: ByteReader) => T,
): Result<T, MalformedMessage> {
  try {
    return ok(read(new ByteReader(bytes)));
  } catch (error) {
    if (error instanceof MalformedMessage) return fail(error);
    throw error;
  }
}

/** A cursor over bytes; every method throws MalformedMessage when the bytes do not reach. */
export class ByteReader {
  readonly bytes: Uint8Array;
  position = 0;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes that are left. */
  get remaining(): number {
    return this.bytes.length - this.position;
  }

  /** Moves on and returns where it was. */
  #take(length: number): number {
    const at = this.position;
    if (length < 0 || length > this.bytes.length - at)
      throw new MalformedMessage(`${length} bytes expected at ${at} of ${this.bytes.length}`);
    this.position = at + length;
    return at;
  }

  /** The next byte without taking it. */
  peek(): number {
    const byte = this.bytes[this.position];
    if (byte === undefined) throw new MalformedMessage('a byte expected at the end');
    return byte;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u16be(): number {
    return this.#view.getUint16(this.#take(2), false);
  }

  i16(): number {
    return this.#view.getInt16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  u32be(): number {
    return this.#view.getUint32(this.#take(4), false);
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#take(8), true);
  }

  f32(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** A part of the message, not copied. */
  slice(length: number): Uint8Array {
    const at = this.#take(length);
    return this.bytes.subarray(at, at + length);
  }

  /** Unsigned little-endian number of up to 6 bytes. */
  uintOf(length: number): number {
    let value = 0;
    const at = this.#take(length);
    for (let index = length - 1; index >= 0; index -= 1)
      value = value * 256 + this.#view.getUint8(at + index);
    return value;
  }

  /** UCS-2 text of so many bytes. */
  ucs2(byteLength: number): string {
    if (byteLength % 2 !== 0) throw new MalformedMessage(`odd length of UCS-2 text: ${byteLength}`);
    return decodeUcs2(this.slice(byteLength));
  }

  /** Text with a length byte that counts characters (B_VARCHAR). */
  shortText(): string {
    return this.ucs2(this.u8() * 2);
  }

  /** Text with a 2-byte length that counts characters (US_VARCHAR). */
  text(): string {
    return this.ucs2(this.u16() * 2);
  }
}

const UTF16 = new TextDecoder('utf-16le', { ignoreBOM: true });
/** Below this many characters a loop beats the decoder's call overhead. */
const SHORT_TEXT = 24;

/** Decodes UCS-2; lone surrogates survive short strings and become U+FFFD in long ones, as in any client. */
export function decodeUcs2(bytes: Uint8Array): string {
  if (bytes.length > SHORT_TEXT * 2) return UTF16.decode(bytes);
  let text = '';
  for (let at = 0; at + 1 < bytes.length; at += 2)
    text += String.fromCharCode((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8));
  return text;
}

const FIRST_CAPACITY = 512;

/** A growing buffer. */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  /** Bytes written so far. */
  length = 0;

  constructor(capacity = FIRST_CAPACITY) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** What was written, not copied: valid until the next write or `clear`. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  /** Forgets what was written and keeps the memory. */
  clear(): void {
    this.length = 0;
  }

  /** Makes room and returns where to write. */
  #grow(count: number): number {
    const at = this.length;
    const end = at + count;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.length = end;
    return at;
  }

  u8(value: number): void {
    const at = this.#grow(1);
    this.#bytes[at] = value;
  }

  u16(value: number): void {
    const at = this.#grow(2);
    this.#view.setUint16(at, value, true);
  }

  u16be(value: number): void {
    const at = this.#grow(2);
    this.#view.setUint16(at, value, false);
  }

  u32(value: number): void {
    const at = this.#grow(4);
    this.#view.setUint32(at, value, true);
  }

  u32be(value: number): void {
    const at = this.#grow(4);
    this.#view.setUint32(at, value, false);
  }

  u64(value: bigint): void {
    const at = this.#grow(8);
    this.#view.setBigUint64(at, BigInt.asUintN(64, value), true);
  }

  f32(value: number): void {
    const at = this.#grow(4);
    this.#view.setFloat32(at, value, true);
  }

  f64(value: number): void {
    const at = this.#grow(8);
    this.#view.setFloat64(at, value, true);
  }

  /** Unsigned little-endian number in up to 6 bytes. */
  uintOf(value: number, length: number): void {
    const at = this.#grow(length);
    let rest = value;
    for (let index = 0; index < length; index += 1) {
      this.#bytes[at + index] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }

  raw(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** UCS-2 without a length. */
  ucs2(text: string): void {
    let at = this.#grow(text.length * 2);
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      this.#bytes[at] = unit;
      this.#bytes[at + 1] = unit >> 8;
      at += 2;
    }
  }

  /** Text with a length byte that counts characters (B_VARCHAR), cut at 255. */
  shortText(text: string): void {
    const fitting = text.length > 255 ? text.slice(0, 255) : text;
    this.u8(fitting.length);
    this.ucs2(fitting);
  }

  /** Text with a 2-byte length that counts characters (US_VARCHAR), cut at 65,535. */
  text(text: string): void {
    const fitting = text.length > 65_535 ? text.slice(0, 65_535) : text;
    this.u16(fitting.length);
    this.ucs2(fitting);
  }

  /** Overwrites two bytes written earlier, for a length that was not known. */
  patchU16(at: number, value: number): void {
    this.#view.setUint16(at, value, true);
  }

  /** Overwrites four bytes written earlier. */
  patchU32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }
}
