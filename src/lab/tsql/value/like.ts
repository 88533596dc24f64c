/** LIKE patterns and PATINDEX: `%`, `_`, `[a-z]`, `[^...]`, ESCAPE; without regard to case. */

import { unreachable } from '../../../base/assert.ts';

type Element =
  | { readonly kind: 'any-run' }
  | { readonly kind: 'any-one' }
  | { readonly kind: 'character'; readonly character: string }
  | {
      readonly kind: 'set';
      readonly negated: boolean;
      readonly ranges: readonly (readonly [string, string])[];
    };

/** Compiled patterns, oldest out first. */
const CACHE = new Map<string, readonly Element[]>();
const CACHE_SIZE = 500;

/** Whether a string matches a pattern; trailing blanks of the string are ignored where the pattern has none. */
export function like(value: string, pattern: string, escape: string | null): boolean {
  const elements = compile(pattern, escape);
  const text = value.toLowerCase();
  if (matches(text, elements)) return true;
  const trimmed = text.trimEnd();
  return trimmed.length !== text.length && !pattern.endsWith(' ') && matches(trimmed, elements);
}

/** Position (from 1) of the first match of a PATINDEX pattern, 0 when there is none. */
export function patternIndex(pattern: string, value: string): number {
  const text = value.toLowerCase();
  const leading = pattern.startsWith('%');
  const trailing = pattern.endsWith('%') && pattern.length > 1;
  const core = compile(pattern.slice(leading ? 1 : 0, trailing ? -1 : undefined), null);
  const open: readonly Element[] = trailing ? [...core, { kind: 'any-run' }] : core;
  const last = leading ? text.length : 0;
  for (let start = 0; start <= last; start += 1) {
    if (matches(text.slice(start), open))
      return start < text.length || text.length === 0 ? start + 1 : 0;
  }
  return 0;
}

function compile(pattern: string, escape: string | null): readonly Element[] {
  const key = `${escape ?? ''}\u0000${pattern}`;
  const known = CACHE.get(key);
  if (known !== undefined) return known;
  const elements = compileText(pattern.toLowerCase(), escape?.toLowerCase() ?? null);
  if (CACHE.size >= CACHE_SIZE) {
    for (const oldest of CACHE.keys()) {
      CACHE.delete(oldest);
      break;
    }
  }
  CACHE.set(key, elements);
  return elements;
}

function compileText(pattern: string, escape: string | null): readonly Element[] {
  const elements: Element[] = [];
  let at = 0;
  while (at < pattern.length) {
    const character = pattern.charAt(at);
    if (escape !== null && character === escape && at + 1 < pattern.length) {
      elements.push({ kind: 'character', character: pattern.charAt(at + 1) });
      at += 2;
    } else if (character === '%') {
      if (elements.at(-1)?.kind !== 'any-run') elements.push({ kind: 'any-run' });
      at += 1;
    } else if (character === '_') {
      elements.push({ kind: 'any-one' });
      at += 1;
    } else if (character === '[') {
      const end = setEnd(pattern, at);
      // A bracket that is never closed matches nothing.
      if (end < 0) return [{ kind: 'set', negated: false, ranges: [] }];
      elements.push(compileSet(pattern.slice(at + 1, end), escape));
      at = end + 1;
    } else {
      elements.push({ kind: 'character', character });
      at += 1;
    }
  }
  return elements;
}

/** The closing bracket; one right behind the opening stands for itself only in `[]]`-like sets, which T-SQL does not have. */
function setEnd(pattern: string, start: number): number {
  return pattern.indexOf(']', start + 1);
}

function compileSet(content: string, escape: string | null): Element {
  const negated = content.startsWith('^');
  const characters: string[] = [];
  const ranges: (readonly [string, string])[] = [];
  const body = negated ? content.slice(1) : content;
  for (let at = 0; at < body.length; at += 1) {
    let character = body.charAt(at);
    if (escape !== null && character === escape && at + 1 < body.length) {
      at += 1;
      character = body.charAt(at);
    } else if (character === '-' && characters.length > 0 && at + 1 < body.length) {
      const low = characters.pop() ?? '';
      ranges.push([low, body.charAt(at + 1)]);
      at += 1;
      continue;
    }
    characters.push(character);
  }
  return {
    kind: 'set',
    negated,
    ranges: [...ranges, ...characters.map((one): readonly [string, string] => [one, one])],
  };
}

/** Greedy match with one point of return: linear in practice, quadratic at worst. */
function matches(text: string, elements: readonly Element[]): boolean {
  let at = 0;
  let index = 0;
  let resumeIndex = -1;
  let resumeAt = 0;
  while (at < text.length) {
    const element = elements[index];
    if (element?.kind === 'any-run') {
      resumeIndex = index;
      resumeAt = at;
      index += 1;
    } else if (element !== undefined && matchesOne(element, text.charAt(at))) {
      at += 1;
      index += 1;
    } else if (resumeIndex >= 0) {
      resumeAt += 1;
      at = resumeAt;
      index = resumeIndex + 1;
    } else {
      return false;
    }
  }
  while (elements[index]?.kind === 'any-run') index += 1;
  return index === elements.length;
}

function matchesOne(element: Element, character: string): boolean {
  switch (element.kind) {
    case 'any-one':
    case 'any-run':
      return true;
    case 'character':
      return element.character === character;
    case 'set':
      return (
        element.ranges.some(([low, high]) => character >= low && character <= high) !==
        element.negated
      );
  }
  return unreachable(element);
}
