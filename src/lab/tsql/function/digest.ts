/** Functions that judge or condense strings: hashes, checksums, SOUNDEX, PARSENAME, ISNUMERIC, ISNULL. */

import { createHash } from 'node:crypto';
import { foldString } from '../value/collate.ts';
import { convertOrThrow } from '../value/convert.ts';
import { stringToBytes } from '../value/number-text.ts';
import { isUnicode, typeFamily } from '../value/type.ts';
import { INT, lenient, strict, SYSNAME, text, whole } from './define.ts';
import type { Argument, FunctionTable } from './define.ts';

/** Longest result of HASHBYTES. */
const LONGEST = 8000;

/** Bytes of an argument as it is stored. */
export function bytesOf(argument: Argument | undefined): Uint8Array {
  if (argument === undefined) return new Uint8Array();
  if (argument.value instanceof Uint8Array) return argument.value;
  return stringToBytes(text(argument), isUnicode(argument.type));
}

const HASHES: Readonly<Record<string, string | undefined>> = {
  MD5: 'md5',
  SHA: 'sha1',
  SHA1: 'sha1',
  SHA2_256: 'sha256',
  SHA2_512: 'sha512',
};

function hashBytes(list: readonly Argument[]): Uint8Array | null {
  const algorithm = HASHES[text(list[0]).toUpperCase()];
  return algorithm === undefined
    ? null
    : Uint8Array.from(createHash(algorithm).update(bytesOf(list[1])).digest());
}

/** A hash of values; equal values give equal numbers, but not the server's own numbers. */
function checksum(list: readonly Argument[]): number {
  let hash = 0;
  for (const argument of list) {
    const folded = argument.value === null ? '\u0000' : foldString(text(argument));
    for (let at = 0; at < folded.length; at += 1)
      hash = Math.imul(hash, 31) ^ folded.charCodeAt(at);
    hash = ((hash << 5) | (hash >>> 27)) ^ folded.length;
  }
  return hash | 0;
}

function isNumeric(argument: Argument | undefined): number {
  if (argument === undefined || argument.value === null) return 0;
  const family = typeFamily(argument.type);
  if (family !== 'string')
    return family === 'integer' || family === 'decimal' || family === 'money' || family === 'float'
      ? 1
      : 0;
  const source = text(argument).trim();
  if (source === '') return 0;
  return /^[+-]?\s*[$€£]?\s*(?:\d[\d,]*\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?$/u.test(source) ||
    /^[+\-$.,]$/u.test(source)
    ? 1
    : 0;
}

const SOUNDEX_CODES = '01230120022455012623010202';

function soundex(source: string): string {
  const letters = source.toUpperCase().replace(/[^A-Z].*$/u, '');
  if (letters === '') return '0000';
  let result = letters.charAt(0);
  let last = SOUNDEX_CODES.charAt(letters.charCodeAt(0) - 65);
  for (const letter of letters.slice(1)) {
    const code = SOUNDEX_CODES.charAt(letter.charCodeAt(0) - 65);
    if (code !== '0' && code !== last) result += code;
    if (letter !== 'H' && letter !== 'W') last = code;
  }
  return result.slice(0, 4).padEnd(4, '0');
}

/** Hashes, checks and ISNULL. */
export const digestFunctions: FunctionTable = {
  HASHBYTES: strict({
    count: [2, 2],
    type: { kind: 'varbinary', length: LONGEST },
    evaluate: hashBytes,
  }),
  CHECKSUM: lenient({ count: [1, 254], type: INT, evaluate: checksum }),
  BINARY_CHECKSUM: lenient({ count: [1, 254], type: INT, evaluate: checksum }),
  PARSENAME: strict({
    count: [2, 2],
    type: SYSNAME,
    evaluate: (list) => {
      const parts = text(list[0]).split('.');
      return parts.length > 4 ? null : (parts.at(-whole(list[1])) ?? null);
    },
  }),
  SOUNDEX: strict({
    count: [1, 1],
    type: { kind: 'varchar', length: 4 },
    evaluate: (list) => soundex(text(list[0])),
  }),
  ISNUMERIC: lenient({ count: [1, 1], type: INT, evaluate: (list) => isNumeric(list[0]) }),
  ISNULL: lenient({
    count: [2, 2],
    type: ([first, second]) => (first === undefined ? (second ?? INT) : first),
    evaluate: ([first, second]) => {
      if (first === undefined || second === undefined) return null;
      return (
        first.value ?? convertOrThrow({ value: second.value, from: second.type, to: first.type })
      );
    },
  }),
};
