/** Takes predicates apart: conjuncts, the slots an expression reads, filters that the store can run. */

import { unreachable } from '../../../base/assert.ts';
import type { SqlValue } from '../../../tds/sql-type.ts';
import type { Prefilter } from '../../store/connection.ts';
import type { Expression } from '../ast.ts';
import { commonType, typeFamily } from '../value/type.ts';
import { isAggregate } from './aggregate.ts';
import type { Compiled } from './compiled.ts';
import { coerce, comparesDirectly } from './compiled.ts';
import type { Environment, TableHandle } from './execution.ts';
import type { Binder } from './binder.ts';
import { compileExpression } from './binder.ts';
import type { ComparisonOperator } from './comparison.ts';
import { isComparison } from './comparison.ts';
import type { Scope } from './scope.ts';

/** A filter whose values are known when the scan starts. */
export interface ScanFilter {
  readonly column: number;
  readonly operator: Prefilter['operator'];
  readonly values: readonly ((environment: Environment) => SqlValue)[];
}

/** The parts of a chain of AND. */
export function conjunctsOf(expression: Expression | null): Expression[] {
  if (expression === null) return [];
  if (expression.kind !== 'binary' || expression.operator !== 'and') return [expression];
  return [...conjunctsOf(expression.left), ...conjunctsOf(expression.right)];
}

/** Parts of an expression without subqueries; null when it holds one. */
export function operandsOf(expression: Expression): readonly Expression[] | null {
  switch (expression.kind) {
    case 'literal':
    case 'variable':
    case 'column':
      return [];
    case 'unary':
    case 'is-null':
    case 'collate':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    case 'like':
      return [
        expression.operand,
        expression.pattern,
        ...(expression.escape === null ? [] : [expression.escape]),
      ];
    case 'between':
      return [expression.operand, expression.low, expression.high];
    case 'in-list':
      return [expression.operand, ...expression.items];
    case 'case':
      return [
        ...(expression.operand === null ? [] : [expression.operand]),
        ...expression.branches.flatMap((branch) => [branch.when, branch.then]),
        ...(expression.otherwise === null ? [] : [expression.otherwise]),
      ];
    case 'cast':
      return [expression.operand, ...(expression.style === null ? [] : [expression.style])];
    case 'call':
      return [
        ...expression.arguments.filter(
          (argument): argument is Expression => argument.kind !== 'star',
        ),
        ...(expression.over?.partitionBy ?? []),
        ...(expression.over?.orderBy ?? []).map((item) => item.expression),
      ];
    case 'in-query':
    case 'quantified':
    case 'exists':
    case 'scalar-query':
      return null;
  }
  return unreachable(expression);
}

/** Slots of the own block that an expression reads; null when a subquery hides them. */
export function slotsOf(expression: Expression, scope: Scope): Set<number> | null {
  const slots = new Set<number>();
  const visit = (part: Expression): boolean => {
    if (part.kind === 'column') {
      const resolved = scope.resolve(part.qualifier, part.name);
      if (resolved.depth === 0) slots.add(resolved.slot);
      return true;
    }
    const operands = operandsOf(part);
    return operands !== null && operands.every(visit);
  };
  return visit(expression) ? slots : null;
}

/** Whether an aggregate stands in the expression (not inside a subquery or OVER). */
export function hasAggregate(expression: Expression): boolean {
  if (
    expression.kind === 'call' &&
    expression.over === null &&
    expression.schema === null &&
    isAggregate(expression.name)
  )
    return true;
  return (operandsOf(expression) ?? []).some(hasAggregate);
}

interface FilterTarget {
  readonly slot: number;
  readonly handle: TableHandle;
}

/** Filters that a conjunct allows on the scan of one source; empty when it allows none. */
export function scanFilters(
  binder: Binder,
  conjunct: Expression,
  target: FilterTarget,
): ScanFilter[] {
  if (conjunct.kind === 'binary' && isComparison(conjunct.operator) && conjunct.operator !== '<>') {
    const operator = conjunct.operator;
    return (
      oneFilter(binder, { column: conjunct.left, value: conjunct.right, operator }, target) ??
      oneFilter(
        binder,
        { column: conjunct.right, value: conjunct.left, operator: mirrored(operator) },
        target,
      ) ??
      []
    );
  }
  if (conjunct.kind === 'between' && !conjunct.negated) {
    return [
      ...(oneFilter(
        binder,
        { column: conjunct.operand, value: conjunct.low, operator: '>=' },
        target,
      ) ?? []),
      ...(oneFilter(
        binder,
        { column: conjunct.operand, value: conjunct.high, operator: '<=' },
        target,
      ) ?? []),
    ];
  }
  if (conjunct.kind === 'in-list' && !conjunct.negated) {
    const parts = conjunct.items.map((value) =>
      oneFilter(binder, { column: conjunct.operand, value, operator: '=' }, target),
    );
    const values = parts.flatMap((part) => part?.[0]?.values ?? []);
    const column = parts[0]?.[0]?.column;
    return column === undefined || values.length !== parts.length
      ? []
      : [{ column, operator: 'in', values }];
  }
  return [];
}

function mirrored(operator: ComparisonOperator): ComparisonOperator {
  if (operator === '<') return '>';
  if (operator === '>') return '<';
  if (operator === '<=') return '>=';
  return operator === '>=' ? '<=' : operator;
}

interface ColumnTest {
  readonly column: Expression;
  readonly value: Expression;
  readonly operator: ComparisonOperator;
}

function oneFilter(
  binder: Binder,
  test: ColumnTest,
  target: FilterTarget,
): ScanFilter[] | undefined {
  const { scope } = binder;
  if (scope === null || test.column.kind !== 'column' || test.operator === '<>') return undefined;
  if (slotsOf(test.value, scope)?.size !== 0) return undefined;
  const resolved = scope.resolve(test.column.qualifier, test.column.name);
  if (resolved.depth !== 0 || resolved.slot !== target.slot || target.handle.definition === null)
    return undefined;
  const value = compileExpression({ ...binder, aggregates: null, windows: null }, test.value);
  const filter = valueFilter(value, resolved.column.type, test.operator);
  if (value.local || filter === undefined) return undefined;
  return [{ column: resolved.index, operator: test.operator, values: [filter] }];
}

/** The value in a form that the store compares as SQL Server would; undefined when there is none. */
export function valueFilter(
  value: Compiled,
  column: Compiled['type'],
  operator: ComparisonOperator,
): ((environment: Environment) => SqlValue) | undefined {
  if (value.nullLiteral) return undefined;
  const type = commonType(column, value.type);
  const integers =
    typeFamily(column) === 'integer' && typeFamily(type) === 'integer' && column.kind !== 'bit';
  if (!integers && !comparesDirectly(column, type)) return undefined;
  const exactScale = 'scale' in column && 'scale' in type && column.scale === type.scale;
  if (operator !== '=' && typeFamily(column) === 'decimal' && !exactScale) return undefined;
  return coerce(value, type).evaluate;
}

/** Evaluates the filters; null when one compares with NULL, so that no row can pass. */
export function prefilters(filters: readonly ScanFilter[], outer: Environment): Prefilter[] | null {
  const environment: Environment = { frame: [], outer };
  const result: Prefilter[] = [];
  for (const filter of filters) {
    const values = filter.values
      .map((evaluate) => evaluate(environment))
      .filter((value) => value !== null);
    if (values.length === 0) return null;
    result.push({ column: filter.column, operator: filter.operator, values });
  }
  return result;
}
