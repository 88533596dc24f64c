/**
 * Comparison of character strings: case-insensitive, accent-sensitive Latin, as
 * SQL_Latin1_General_CP1_CI_AS; trailing blanks do not count.
 *
 * Order is approximated: symbols, then digits, then letters by base letter; accents decide only
 * between words that are equal without them. Equality is exact for this collation's Latin letters.
 */

/** The form of a string that equal strings share: for hashing, grouping and joins. */
export function foldString(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0x20) end -= 1;
  return (end === text.length ? text : text.slice(0, end)).toLowerCase();
}

/** A collation that compares code units. */
export function isBinaryCollation(name: string): boolean {
  return /_BIN2?$/iu.test(name);
}

/** Compares two strings: negative, 0, positive. */
export function compareStrings(left: string, right: string): number {
  if (left === right) return 0;
  const first = foldString(left);
  const second = foldString(right);
  if (first === second) return 0;
  const shared = Math.min(first.length, second.length);
  for (let index = 0; index < shared; index += 1) {
    const difference = weight(first.charCodeAt(index)) - weight(second.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  // The shorter string counts as filled with blanks.
  if (first.length !== second.length) {
    const longer = first.length > second.length ? first : second;
    const sign = longer === first ? 1 : -1;
    for (let index = shared; index < longer.length; index += 1) {
      const difference = weight(longer.charCodeAt(index)) - weight(0x20);
      if (difference !== 0) return sign * difference;
    }
    return sign;
  }
  return first < second ? -1 : 1;
}

const ASCII_WEIGHTS: readonly number[] = Array.from({ length: 128 }, (_, code) => {
  if (code >= 0x61 && code <= 0x7a) return 2000 + (code - 0x61) * 10;
  if (code >= 0x30 && code <= 0x39) return 1000 + code;
  return code;
});

const OTHER_WEIGHTS = new Map<number, number>();

function weight(code: number): number {
  return ASCII_WEIGHTS[code] ?? otherWeight(code);
}

/** Accented letters weigh like their base letter; other letters come behind z, other signs before the digits. */
function otherWeight(code: number): number {
  const known = OTHER_WEIGHTS.get(code);
  if (known !== undefined) return known;
  const character = String.fromCharCode(code);
  const base = (SPECIAL_BASES[character] ?? character.normalize('NFD')).charCodeAt(0);
  const result =
    ASCII_WEIGHTS[base] ?? (/\p{L}/u.test(character) ? 10_000 + code : 200 + code / 100_000);
  OTHER_WEIGHTS.set(code, result);
  return result;
}

const SPECIAL_BASES: Readonly<Record<string, string | undefined>> = {
  ß: 's',
  æ: 'a',
  œ: 'o',
  ø: 'o',
  đ: 'd',
  ł: 'l',
  þ: 't',
  ð: 'd',
};
