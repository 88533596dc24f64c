/**
 * Text of the non-Unicode types in the lab's collation, SQL_Latin1_General_CP1_CI_AS (code page 1252),
 * and in UTF-8 collations of clients.
 */

/** SQL_Latin1_General_CP1_CI_AS: LCID 0x0409, flags, version, sort order 52 (MS-TDS 2.2.5.1.2). */
export const COLLATION = Uint8Array.of(0x09, 0x04, 0xd0, 0x00, 0x34);
/** Bytes of a collation in TYPE_INFO. */
export const COLLATION_BYTES = 5;

/** Code page 1252 in 0x80 to 0x9F; its five undefined bytes stand for themselves. */
const UPPER =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';
const BYTE_OF = new Map(Array.from(UPPER, (character, index) => [character, 0x80 + index]));
const QUESTION_MARK = 0x3f;
const UTF8 = new TextDecoder('utf-8');
/** fUTF8, bit 26 of the collation. */
const UTF8_FLAG = 0x04;

/** Tells whether a collation of TYPE_INFO stores UTF-8. */
export function isUtf8Collation(collation: Uint8Array): boolean {
  return ((collation[3] ?? 0) & UTF8_FLAG) !== 0;
}

/** Encodes text in code page 1252; what it does not have becomes a question mark, as in SQL Server. */
export function encodeCodePage(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    const same = unit < 0x80 || (unit >= 0xa0 && unit < 0x100);
    bytes[length] = same ? unit : (BYTE_OF.get(text.charAt(index)) ?? QUESTION_MARK);
    length += 1;
  }
  return bytes;
}

/** Decodes code page 1252, or UTF-8. */
export function decodeCodePage(bytes: Uint8Array, utf8: boolean): string {
  if (utf8) return UTF8.decode(bytes);
  let text = '';
  for (const byte of bytes)
    text += byte >= 0x80 && byte < 0xa0 ? UPPER.charAt(byte - 0x80) : String.fromCharCode(byte);
  return text;
}
