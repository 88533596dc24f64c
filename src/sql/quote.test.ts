import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';

import { bracket, integer, nliteral, nliterals } from './quote.ts';

const hostile = [
  'a]b',
  "it's",
  'x] SET (ROLE = SECONDARY)--',
  '[',
  ']]',
  '漢字 🚢',
  ' ',
  'a\nb',
  '"',
];

test('a hostile name stays one identifier and one literal', () => {
  for (const name of hostile) {
    assert.equal(readBracket(bracket(name)), name);
    assert.equal(readLiteral(nliteral(name)), name);
  }
});

test('every name reads back as itself', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 128, unit: 'binary' }), (name) => {
      fc.pre(!name.includes('\0') && name.length <= 128);
      assert.equal(readBracket(bracket(name)), name);
      assert.equal(readLiteral(nliteral(name)), name);
    }),
  );
});

test('names that no catalog can hold are a bug, not a statement', () => {
  assert.throws(() => bracket(''), /never empty/u);
  assert.throws(() => bracket('x'.repeat(129)), /129/u);
  assert.throws(() => bracket('a\0b'), /NUL/u);
  assert.throws(() => nliteral('x'.repeat(4001)), /4001/u);
  assert.throws(() => nliterals([]), /never empty/u);
  assert.throws(() => integer(1.5), /1.5/u);
});

/** Reads a bracketed identifier as the server does; anything behind its end fails. */
function readBracket(text: string): string {
  assert.match(text, /^\[(?:[^\]]|\]\])*\]$/su);
  return text.slice(1, -1).replaceAll(']]', ']');
}

function readLiteral(text: string): string {
  assert.match(text, /^N'(?:[^']|'')*'$/su);
  return text.slice(2, -1).replaceAll("''", "'");
}
