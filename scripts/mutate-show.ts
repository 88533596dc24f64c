/** Expressions of the lab's syntax tree as short text, for the names of mutants. */

import { unreachable } from '../src/base/assert.ts';
import type { Expression, Query } from '../src/lab/tsql/ast.ts';

const LONGEST = 90;

/** Names of the article that differ from side to side: a mutant is the same on both. */
const SIDED = /'(?:OnPremNode|SQLVM|OnPremAG|AzureAG)'/gu;

/** The expression in about one line; long ones are cut in the middle. */
export function show(expression: Expression): string {
  const text = plain(expression).replaceAll(SIDED, "'<own or other>'");
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 25)}..${text.slice(-23)}`;
}

function plain(expression: Expression): string {
  switch (expression.kind) {
    case 'literal':
      return typeof expression.value === 'string'
        ? `'${expression.value}'`
        : typeof expression.value === 'object'
          ? 'null or bytes'
          : expression.value.toString();
    case 'variable':
      return expression.name;
    case 'column':
      return [...expression.qualifier, expression.name].join('.');
    case 'unary':
      return `${expression.operator} ${plain(expression.operand)}`;
    case 'binary':
      return `${inner(expression.left)} ${expression.operator} ${inner(expression.right)}`;
    case 'is-null':
      return `${plain(expression.operand)} is ${expression.negated ? 'not ' : ''}null`;
    case 'in-list':
      return `${plain(expression.operand)} in (${expression.items.map((item) => plain(item)).join(', ')})`;
    case 'exists':
      return `exists (${source(expression.query)})`;
    case 'scalar-query':
      return `(${source(expression.query)})`;
    case 'cast':
      return plain(expression.operand);
    case 'collate':
      return plain(expression.operand);
    case 'call':
      return `${expression.name.toLowerCase()}(${expression.arguments
        .map((each) => (each.kind === 'star' ? '*' : plain(each)))
        .join(', ')})`;
    case 'case':
      return `case ${expression.branches.map((branch) => plain(branch.when)).join(' / ')}`;
    case 'like':
    case 'between':
    case 'in-query':
    case 'quantified':
      return expression.kind;
  }
  return unreachable(expression);
}

function inner(expression: Expression): string {
  const isJunction =
    expression.kind === 'binary' && (expression.operator === 'and' || expression.operator === 'or');
  return isJunction ? `(${plain(expression)})` : plain(expression);
}

/** A subquery: what it counts, and from where. */
function source(query: Query): string {
  const { body } = query;
  if (body.kind !== 'select') return body.kind;
  const tables = body.from.map((each): string => {
    if (each.kind === 'table') return each.name.name;
    return each.kind === 'join' && each.left.kind === 'table' ? each.left.name.name : each.kind;
  });
  const where = body.where === null ? '' : ` where ${plain(body.where)}`;
  return `${tables.join(', ')}${where}`;
}
