/**
 * Mutants of the T-SQL batches: one guard taken away, turned round or weakened, in the syntax tree.
 *
 * No text is patched: the shipping batch goes through the lab's parser, and every condition that
 * refuses, decides or compares is found there. A guard that is new tomorrow is a mutant tomorrow.
 */

// oxlint-disable unicorn/no-thenable -- `then` is the branch of a syntax tree that nobody awaits

import type { Batch, Expression, Query, SelectItem, Statement } from '../src/lab/tsql/ast.ts';
import { show } from './mutate-show.ts';

/** What a walk over a batch found. */
export interface Walked {
  /** Names of the mutants, in the order of the text; unique within the batch. */
  readonly names: readonly string[];
  /** The batch with the wanted mutants in it. */
  readonly batch: Batch;
  /** Literal texts of EXEC, which the server parses when it comes to them. */
  readonly inner: readonly string[];
}

/** Lists the mutants of a batch and applies those of these names. */
export function walkBatch(batch: Batch, wanted: ReadonlySet<string>): Walked {
  const walk = new Walk(wanted);
  const statements = batch.statements.map((each) => walk.statement(each));
  return { names: walk.names, batch: { statements }, inner: walk.inner };
}

type Choice<T> = readonly [label: string, mutant: T];
type If = Extract<Statement, { readonly kind: 'if' }>;
type Binary = Extract<Expression, { readonly kind: 'binary' }>;

const yes = comparison(1);
const no = comparison(0);

/** `1 = n`. */
function comparison(n: number): Expression {
  const one: Expression = { kind: 'literal', type: { kind: 'int' }, value: 1, line: 1 };
  return { kind: 'binary', operator: '=', left: one, right: { ...one, value: n }, line: 1 };
}

const BOUNDARY: Readonly<Partial<Record<Binary['operator'], Binary['operator']>>> = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
};

class Walk {
  readonly names: string[] = [];
  readonly inner: string[] = [];
  readonly #wanted: ReadonlySet<string>;
  readonly #seen = new Map<string, number>();

  constructor(wanted: ReadonlySet<string>) {
    this.#wanted = wanted;
  }

  statement(statement: Statement): Statement {
    switch (statement.kind) {
      case 'if':
        return this.#if(statement);
      case 'while':
        return {
          ...statement,
          condition: this.#condition(`WHILE`, statement.condition, [['never', no]]),
          body: this.statement(statement.body),
        };
      case 'block':
        return { ...statement, statements: this.#all(statement.statements) };
      case 'try':
        return {
          ...statement,
          body: this.#all(statement.body),
          handler: this.#all(statement.handler),
        };
      case 'update':
      case 'delete': {
        const { where } = statement;
        const table = statement.target.kind === 'name' ? statement.target.name.name : '';
        const label = `${statement.kind.toUpperCase()} ${table}`;
        return where === null ? statement : { ...statement, where: this.#where(label, where) };
      }
      case 'select':
        return this.#select(statement);
      case 'execute-procedure':
        return this.#procedure(statement);
      case 'execute-text':
        if (statement.text.kind === 'literal' && typeof statement.text.value === 'string')
          this.inner.push(statement.text.value);
        return statement;
      default:
        return statement;
    }
  }

  #all(statements: readonly Statement[]): readonly Statement[] {
    return statements.map((each) => this.statement(each));
  }

  #if(statement: If): Statement {
    const number = thrown(statement.then);
    const { condition, otherwise } = statement;
    const choices: readonly Choice<Expression>[] =
      number === null
        ? [
            ['never', no],
            ['always', yes],
          ]
        : // Turned round it would refuse what it lets through, which every accepted act shows.
          [['removed', no]];
    return {
      ...statement,
      condition: this.#condition(number === null ? 'IF' : `THROW ${number}`, condition, choices),
      then: this.statement(statement.then),
      otherwise: otherwise === null ? null : this.statement(otherwise),
    };
  }

  /** A condition as a whole, then each of its parts. */
  #condition(label: string, whole: Expression, choices: readonly Choice<Expression>[]): Expression {
    const chosen = this.#choose(
      choices.map(([what, mutant]) => [`${label} ${what}: ${show(whole)}`, mutant]),
    );
    const parts = this.#parts(label, whole);
    return chosen ?? parts;
  }

  #where(label: string, where: Expression): Expression {
    const single = where.kind !== 'binary' || where.operator !== 'and';
    const chosen = single ? this.#choose([[`${label} without: ${show(where)}`, yes]]) : undefined;
    const parts = this.#parts(label, where);
    return chosen ?? parts;
  }

  /** Operands of AND and OR left out, comparisons moved by one, subqueries widened. */
  #parts(label: string, expression: Expression): Expression {
    switch (expression.kind) {
      case 'binary':
        return this.#binary(label, expression);
      case 'unary':
        return { ...expression, operand: this.#parts(label, expression.operand) };
      case 'in-list':
        return this.#list(label, expression);
      case 'exists':
      case 'scalar-query':
        return { ...expression, query: this.#query(label, expression.query) };
      case 'case':
        return {
          ...expression,
          branches: expression.branches.map((branch) => ({
            ...branch,
            when: this.#condition(`${label} CASE`, branch.when, [
              ['always', yes],
              ['never', no],
            ]),
          })),
        };
      default:
        return expression;
    }
  }

  #binary(label: string, expression: Binary): Expression {
    const { operator, left, right } = expression;
    if (operator === 'and' || operator === 'or') {
      const chosen = this.#choose([
        ...(isJunction(left, operator) ? [] : [this.#without(label, left, right)]),
        this.#without(label, right, left),
      ]);
      const both = {
        ...expression,
        left: this.#parts(label, left),
        right: this.#parts(label, right),
      };
      return chosen ?? both;
    }
    const moved = BOUNDARY[operator];
    const chosen =
      moved === undefined
        ? undefined
        : this.#choose([
            [`${label} ${moved} in: ${show(expression)}`, { ...expression, operator: moved }],
          ]);
    const both = {
      ...expression,
      left: this.#parts(label, left),
      right: this.#parts(label, right),
    };
    return chosen ?? both;
  }

  #without(label: string, dropped: Expression, rest: Expression): Choice<Expression> {
    return [`${label} without: ${show(dropped)}`, rest];
  }

  #list(label: string, expression: Extract<Expression, { readonly kind: 'in-list' }>): Expression {
    const { items } = expression;
    if (items.length < 2) return expression;
    return (
      this.#choose(
        items.map((item): Choice<Expression> => [
          `${label} list without: ${show(item)} of ${show(expression.operand)}`,
          { ...expression, items: items.filter((other) => other !== item) },
        ]),
      ) ?? expression
    );
  }

  #query(label: string, query: Query): Query {
    const { body } = query;
    if (body.kind !== 'select' || body.where === null) return query;
    return { ...query, body: { ...body, where: this.#where(label, body.where) } };
  }

  /** SELECT @x = ...: what a guard looks at. Rowsets are answers, not guards. */
  #select(statement: Extract<Statement, { readonly kind: 'select' }>): Statement {
    const { body } = statement.query;
    if (body.kind !== 'select' || !body.items.some((item) => item.kind === 'assign'))
      return statement;
    const names = body.items.map((item) => (item.kind === 'assign' ? item.variable : ''));
    const label = `SELECT ${names.join(' ')}`;
    const items = body.items.map((item): SelectItem =>
      item.kind === 'assign'
        ? { ...item, expression: this.#parts(`SELECT ${item.variable}`, item.expression) }
        : item,
    );
    const where = body.where === null ? null : this.#where(label, body.where);
    return { ...statement, query: { ...statement.query, body: { ...body, items, where } } };
  }

  #procedure(statement: Extract<Statement, { readonly kind: 'execute-procedure' }>): Statement {
    const name = statement.procedure.name.toLowerCase();
    const { line, result } = statement;
    if (name === 'sp_getapplock' && result !== null) {
      const granted: Expression = { kind: 'literal', type: { kind: 'int' }, value: 0, line };
      return (
        this.#choose([
          [
            'lock not taken',
            { kind: 'set-variable', variable: result, operator: '=', expression: granted, line },
          ],
        ]) ?? statement
      );
    }
    if (name !== 'sp_releaseapplock') return statement;
    return (
      this.#choose([['lock not set free', { kind: 'block', statements: [], line }]]) ?? statement
    );
  }

  #choose<T>(choices: readonly Choice<T>[]): T | undefined {
    let chosen: T | undefined;
    for (const [label, mutant] of choices) {
      const before = this.#seen.get(label) ?? 0;
      this.#seen.set(label, before + 1);
      const name = before === 0 ? label : `${label} (${before + 1})`;
      this.names.push(name);
      if (this.#wanted.has(name)) chosen = mutant;
    }
    return chosen;
  }
}

function isJunction(expression: Expression, operator: 'and' | 'or'): boolean {
  return expression.kind === 'binary' && expression.operator === operator;
}

/** The error number that a branch always ends with, or null. */
function thrown(statement: Statement): string | null {
  if (statement.kind === 'block') {
    const last = statement.statements.at(-1);
    return last === undefined ? null : thrown(last);
  }
  if (statement.kind !== 'throw' || statement.number === null) return null;
  return show(statement.number);
}
