/**
 * A writer for the part of DER (ITU-T X.690) that X.509 certificates need.
 *
 * Not here: reading DER, and what a certificate contains (`certificate.ts`).
 */

import { civilFromDays } from '../../base/utc.ts';

const MS_PER_DAY = 86_400_000;

/** Joins byte strings. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** One element: tag, length in the shortest form, content. */
export function derElement(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(content);
  return concatBytes([Uint8Array.from([tag, ...lengthBytes(body.length)]), body]);
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

/** SEQUENCE. */
export function derSequence(...items: readonly Uint8Array[]): Uint8Array {
  return derElement(0x30, ...items);
}

/** SET with one member, the only kind a name needs. */
export function derSet(item: Uint8Array): Uint8Array {
  return derElement(0x31, item);
}

/** Non-negative INTEGER from big-endian bytes. */
export function derInteger(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const body = bytes.subarray(start);
  return (body[0] ?? 0) >= 0x80
    ? derElement(0x02, Uint8Array.of(0), body)
    : derElement(0x02, body.length === 0 ? Uint8Array.of(0) : body);
}

/** OBJECT IDENTIFIER from dotted form. */
export function derObjectId(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift((left % 128) | 0x80);
    bytes.push(...groups);
  }
  return derElement(0x06, Uint8Array.from(bytes));
}

/** BIT STRING; `unusedBits` of the last byte do not count. */
export function derBitString(bytes: Uint8Array, unusedBits = 0): Uint8Array {
  return derElement(0x03, Uint8Array.of(unusedBits), bytes);
}

/** OCTET STRING. */
export function derOctets(bytes: Uint8Array): Uint8Array {
  return derElement(0x04, bytes);
}

/** BOOLEAN true; false is the default everywhere in a certificate and is left out. */
export function derTrue(): Uint8Array {
  return derElement(0x01, Uint8Array.of(0xff));
}

/** UTF8String. */
export function derText(text: string): Uint8Array {
  return derElement(0x0c, new TextEncoder().encode(text));
}

/** A point in time (milliseconds since 1970 UTC): UTCTime up to 2049, GeneralizedTime after (RFC 5280). */
export function derTime(milliseconds: number): Uint8Array {
  const days = Math.floor(milliseconds / MS_PER_DAY);
  const seconds = Math.floor((milliseconds - days * MS_PER_DAY) / 1000);
  const { year, month, day } = civilFromDays(days);
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock =
    two(Math.floor(seconds / 3600)) + two(Math.floor(seconds / 60) % 60) + two(seconds % 60);
  const rest = `${two(month)}${two(day)}${clock}Z`;
  const short = year >= 1950 && year < 2050;
  const text = short ? two(year % 100) + rest : String(year).padStart(4, '0') + rest;
  return derElement(short ? 0x17 : 0x18, new TextEncoder().encode(text));
}
