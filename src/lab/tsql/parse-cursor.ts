/**
 * The position of the parser in a batch, and the small steps every grammar rule is made of.
 *
 * Errors are thrown as `SqlError` and turned into a result by `parse.ts`. Rules that call each other
 * in a circle (expression, query, statement) find each other through `rules`, so that files do not.
 */

import { isBinaryCollation } from './value/collate.ts';
import type { ExecuteStatement, Expression, ObjectName, Query, Statement } from './ast.ts';
import type { Token } from './lexer.ts';
import { atLine, serverMessage, SqlError } from './message.ts';
import { NOT_SIMULATED } from './message-table.ts';
import { isReserved } from './parse-keyword.ts';
import type { Release } from './release.ts';

/** Entry points of the grammar that other files need. */
export interface Rules {
  query(cursor: Cursor): Query;
  statement(cursor: Cursor): Statement;
  execute(cursor: Cursor): ExecuteStatement;
  expression(cursor: Cursor): Expression;
  condition(cursor: Cursor): Expression;
}

/** Deepest nesting of expressions, queries and statements; more raises 191. */
const MAX_DEPTH = 250;

/** A cursor over the tokens of one batch. */
export class Cursor {
  readonly rules: Rules;
  /** Release of the server that reads the batch. */
  readonly release: Release;
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #end: Token;
  #at = 0;
  #depth = 0;

  constructor(source: {
    readonly text: string;
    readonly tokens: readonly Token[];
    readonly rules: Rules;
    readonly release: Release;
  }) {
    this.rules = source.rules;
    this.release = source.release;
    this.#text = source.text;
    this.#tokens = source.tokens;
    const end = source.tokens.at(-1);
    if (end === undefined) throw new RangeError('no end token');
    this.#end = end;
  }

  /** Token ahead; 0 is the next one. */
  peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? this.#end;
  }

  /** Line of the next token. */
  get line(): number {
    return this.peek().line;
  }

  /** Whether no token was taken yet. */
  get atStart(): boolean {
    return this.#at === 0;
  }

  /** Takes the next token; the end is never passed. */
  take(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#at += 1;
    return token;
  }

  /** Whether the next tokens are these keywords or symbols. */
  is(...words: readonly string[]): boolean {
    return words.every((word, index) => this.peek(index).upper === word);
  }

  /** Whether the next token is one of these keywords or symbols. */
  isOneOf(...words: readonly string[]): boolean {
    const upper = this.peek().upper;
    return upper !== '' && words.includes(upper);
  }

  /** Takes these keywords or symbols when all of them come next. */
  accept(...words: readonly string[]): boolean {
    if (!this.is(...words)) return false;
    this.#at += words.length;
    return true;
  }

  /** Takes these keywords or symbols, or raises a syntax error at the first that differs. */
  expect(...words: readonly string[]): void {
    for (const word of words) {
      if (this.peek().upper !== word) throw this.error();
      this.take();
    }
  }

  /** Raises a syntax error at the next token on a release that is older. */
  needs(release: Release): void {
    if (this.release < release) throw this.fail(102, this.peek(), this.peek().value);
  }

  /** Takes one of these words and returns it in upper case. */
  oneOf<const W extends string>(...words: readonly W[]): W {
    const upper = this.peek().upper;
    const found = words.find((word) => word === upper);
    if (found === undefined) throw this.error();
    this.take();
    return found;
  }

  /** Whether the token can stand for a name. */
  isName(ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'identifier' || (token.kind === 'word' && !isReserved(token.upper));
  }

  /** Takes a name without its brackets. */
  name(): string {
    if (!this.isName()) throw this.error();
    const token = this.take();
    if (token.value === '') throw this.fail(1038, token);
    if (token.value.length > 128) throw this.fail(103, token, 'identifier', token.value, 128);
    return token.value;
  }

  /** Takes the name behind COLLATE: the lab compares by one case-insensitive, accent-sensitive collation, and CHARINDEX bit by bit too. */
  collation(): string {
    const token = this.peek();
    const name = this.name();
    const own = /^(?:database_default|catalog_default|.*_CI_AS(?:_(?:KS|WS|SC|UTF8|VSS))*)$/iu.test(
      name,
    );
    if (!own && !isBinaryCollation(name))
      throw this.fail(NOT_SIMULATED, token, `the collation ${name}`);
    return name;
  }

  /** Takes a character string. */
  string(): string {
    if (this.peek().kind !== 'string') throw this.error();
    return this.take().value;
  }

  /** Takes a whole number. */
  integer(): number {
    if (this.peek().kind !== 'integer') throw this.error();
    return Number(this.take().value);
  }

  /** Takes a variable name with its at-sign. */
  variable(): string {
    if (this.peek().kind !== 'variable') throw this.error();
    return this.take().value;
  }

  /** Takes a name of up to three parts; a fourth (linked server) is not simulated. */
  objectName(): ObjectName {
    const parts: (string | null)[] = [this.name()];
    while (this.accept('.')) {
      parts.push(this.is('.') ? null : this.name());
    }
    if (parts.length > 4) throw this.fail(117, this.peek(), 'object', parts.join('.'), 3);
    if (parts.length === 4) throw this.notSimulated('names with four parts');
    const name = parts.at(-1);
    if (name === null || name === undefined) throw this.error();
    return { database: parts.at(-3) ?? null, schema: parts.at(-2) ?? null, name };
  }

  /** Takes `item, item, ...`. */
  list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.accept(',')) items.push(item());
    return items;
  }

  /** Takes `( item, item, ... )`. */
  parenthesized<T>(item: () => T): T[] {
    this.expect('(');
    const items = this.list(item);
    this.expect(')');
    return items;
  }

  /** Runs a rule one level deeper; raises 191 when the batch is nested too deeply. */
  deeper<T>(rule: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw this.fail(191, this.peek());
    const result = rule();
    this.#depth -= 1;
    return result;
  }

  /** Text from a token up to the last one taken. */
  textSince(first: Token): string {
    const last = this.#tokens[this.#at - 1];
    return this.#text.slice(first.start, last?.end ?? first.end);
  }

  /** Syntax error at a token, by default the next: 102, or 156 for a keyword. */
  error(token: Token = this.peek()): SqlError {
    if (token.kind === 'end') {
      const last = this.#tokens.at(-2);
      return this.fail(102, last ?? token, last === undefined ? '' : last.value);
    }
    if (token.kind === 'word' && isReserved(token.upper)) return this.fail(156, token, token.value);
    return this.fail(102, token, token.value);
  }

  /** An error of any number at a token. */
  fail(number: number, token: Token, ...parameters: readonly (string | number)[]): SqlError {
    return new SqlError(atLine(serverMessage(number, ...parameters), token.line));
  }

  /** Legal T-SQL that the lab does not implement. */
  notSimulated(what: string): SqlError {
    return this.fail(NOT_SIMULATED, this.peek(), what);
  }
}
