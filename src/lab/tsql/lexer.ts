/**
 * Text of a batch to tokens.
 *
 * Follows "Transact-SQL syntax conventions" and "Constants" (Microsoft Learn) with
 * QUOTED_IDENTIFIER ON: "x" is a name. Raises 105 (unclosed quote) and 113 (unclosed comment).
 * `GO` is a word like others: clients cut batches, servers do not.
 */

import { atLine, serverMessage, SqlError } from './message.ts';

/** Sort of a token. */
export type TokenKind =
  /** Keyword or regular identifier, also `#t`. */
  | 'word'
  /** `[x]` or `"x"`. */
  | 'identifier'
  | 'string'
  | 'integer'
  | 'decimal'
  | 'float'
  | 'money'
  | 'binary'
  /** `@x` and `@@x`. */
  | 'variable'
  | 'symbol'
  | 'end';

/** One token. */
export interface Token {
  readonly kind: TokenKind;
  /** Content: names and strings without their quotes. */
  readonly value: string;
  /** Upper case of words, the symbol of symbols, empty for everything else: what keywords are matched by. */
  readonly upper: string;
  /** Line in the batch, from 1. */
  readonly line: number;
  /** `N'...'`. */
  readonly national: boolean;
  /** Offsets in the text; the end is exclusive. */
  readonly start: number;
  readonly end: number;
}

const DOUBLE_SYMBOLS = new Set([
  '<>',
  '!=',
  '<=',
  '>=',
  '!<',
  '!>',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '&=',
  '|=',
  '^=',
  '::',
]);
const SINGLE_SYMBOLS = new Set('()+-*/%&|^=<>~,.;:{}\\?!`');
const WORD = /[\p{L}\p{Nd}_@#$]*/uy;
const WORD_START = /[\p{L}_#]/u;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d*)?/uy;
const BINARY = /0[xX][0-9A-Fa-f]*/uy;
const MONEY = /\$[+-]?(?:\d[\d,]*(?:\.\d*)?|\.\d+)?/uy;

/** Cuts a batch into tokens; the last one is `end`. */
export function tokenize(text: string): readonly Token[] {
  const lexer = new Lexer(text);
  const tokens: Token[] = [];
  for (;;) {
    const token = lexer.next();
    tokens.push(token);
    if (token.kind === 'end') return tokens;
  }
}

class Lexer {
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  next(): Token {
    this.#skipBlanks();
    const text = this.#text;
    const start = this.#at;
    if (start >= text.length) return this.#token('end', '', start);
    const code = text.charCodeAt(start);
    const following = text.charCodeAt(start + 1);
    if (code === 0x27) return this.#quoted("'", start, false);
    if ((code === 0x4e || code === 0x6e) && following === 0x27) {
      this.#at += 1;
      return this.#quoted("'", start, true);
    }
    if (code === 0x5b) return this.#quoted(']', start, false);
    if (code === 0x22) return this.#quoted('"', start, false);
    if (isDigit(code) || (code === 0x2e && isDigit(following))) return this.#number(start);
    if (code === 0x24) {
      const money = this.#match(MONEY);
      return this.#token('money', money.slice(1), start);
    }
    if (code === 0x40) return this.#token('variable', this.#match(WORD), start);
    if (isAsciiLetter(code) || WORD_START.test(text.charAt(start))) {
      return this.#token('word', this.#match(WORD), start);
    }
    return this.#symbol(start);
  }

  #symbol(start: number): Token {
    const pair = this.#text.slice(start, start + 2);
    const symbol = DOUBLE_SYMBOLS.has(pair) ? pair : pair.charAt(0);
    this.#at += symbol.length;
    if (!SINGLE_SYMBOLS.has(symbol.charAt(0))) throw this.#error(102, symbol, this.#line);
    return this.#token('symbol', symbol, start);
  }

  #number(start: number): Token {
    const binary = this.#match(BINARY);
    if (binary !== '') return this.#token('binary', binary.slice(2), start);
    const number = this.#match(NUMBER);
    const kind = /[eE]/u.test(number) ? 'float' : number.includes('.') ? 'decimal' : 'integer';
    return this.#token(kind, number, start);
  }

  /** Reads up to the closing character, which is doubled inside. */
  #quoted(close: string, start: number, national: boolean): Token {
    const text = this.#text;
    const line = this.#line;
    const begin = this.#at + 1;
    let from = begin;
    for (;;) {
      const end = text.indexOf(close, from);
      if (end < 0) throw this.#error(105, text.slice(begin), line);
      if (text.charAt(end + 1) !== close) {
        const raw = text.slice(begin, end);
        this.#at = end + 1;
        this.#countLines(start, end);
        const value = raw.includes(close) ? raw.replaceAll(close + close, close) : raw;
        const kind = close === "'" ? 'string' : 'identifier';
        return { kind, value, upper: '', line, national, start, end: end + 1 };
      }
      from = end + 2;
    }
  }

  #skipBlanks(): void {
    const text = this.#text;
    for (;;) {
      const code = text.charCodeAt(this.#at);
      if (code === 0x0a) {
        this.#line += 1;
        this.#at += 1;
      } else if (code <= 0x20 || code === 0xa0 || code === 0xfeff || code === 0x3000) {
        this.#at += 1;
      } else if (code === 0x2d && text.charCodeAt(this.#at + 1) === 0x2d) {
        const end = text.indexOf('\n', this.#at);
        this.#at = end < 0 ? text.length : end;
      } else if (code === 0x2f && text.charCodeAt(this.#at + 1) === 0x2a) {
        this.#skipComment();
      } else {
        return;
      }
    }
  }

  /** Block comments nest. */
  #skipComment(): void {
    const start = this.#at;
    let depth = 0;
    const mark = /\/\*|\*\//gu;
    mark.lastIndex = start;
    for (let found = mark.exec(this.#text); found !== null; found = mark.exec(this.#text)) {
      depth += found[0] === '/*' ? 1 : -1;
      if (depth === 0) {
        this.#countLines(start, mark.lastIndex);
        this.#at = mark.lastIndex;
        return;
      }
    }
    throw this.#error(113, '', this.#line);
  }

  #countLines(from: number, to: number): void {
    for (
      let at = this.#text.indexOf('\n', from);
      at >= 0 && at < to;
      at = this.#text.indexOf('\n', at + 1)
    ) {
      this.#line += 1;
    }
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return '';
    this.#at += found[0].length;
    return found[0];
  }

  #token(kind: TokenKind, value: string, start: number): Token {
    const upper = kind === 'word' ? value.toUpperCase() : kind === 'symbol' ? value : '';
    return { kind, value, upper, line: this.#line, national: false, start, end: this.#at };
  }

  #error(number: number, near: string, line: number): SqlError {
    return new SqlError(atLine(serverMessage(number, near), line));
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isAsciiLetter(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) || code === 0x5f;
}
