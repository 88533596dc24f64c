/** Compiles scalar expressions to closures. Predicates are in `predicate.ts`, subqueries in `subquery.ts`. */

import { unreachable } from '../../../base/assert.ts';
import type { Expression, FunctionCall } from '../ast.ts';
import type { SqlType } from '../../../tds/sql-type.ts';
import { scalarFunction, systemVariable } from '../function/registry.ts';
import { binaryCharIndex } from '../function/string.ts';
import { isBinaryCollation } from '../value/collate.ts';
import { serverMessage, SqlError, sqlError } from '../message.ts';
import { convert } from '../value/convert.ts';
import { arithmetic } from '../value/operate.ts';
import { binaryResultType, operandType } from '../value/result-type.ts';
import { compileAggregate, isAggregate } from './aggregate.ts';
import type { Binder } from './binder.ts';
import { compileExpression, compilePredicate } from './binder.ts';
import type { Compiled } from './compiled.ts';
import { coerce, unify } from './compiled.ts';
import type { Environment } from './execution.ts';
import { compileScalarQuery } from './subquery.ts';
import { compileWindow } from './window.ts';

/** Compiles an expression that gives a value. */
export function expressionOf(binder: Binder, expression: Expression): Compiled {
  switch (expression.kind) {
    case 'literal': {
      const { type, value } = expression;
      return {
        type,
        nullable: value === null,
        local: false,
        nullLiteral: value === null,
        evaluate: () => value,
      };
    }
    case 'variable':
      return compileVariable(binder, expression.name);
    case 'column':
      return compileColumn(binder, expression.qualifier, expression.name);
    case 'unary':
      return compileUnary(binder, expression);
    case 'binary':
      return compileBinary(binder, expression);
    case 'case':
      return compileCase(binder, expression);
    case 'cast':
      return compileCast(binder, expression);
    case 'call':
      return compileCall(binder, expression);
    case 'collate':
      if (isBinaryCollation(expression.collation))
        throw sqlError(49_901, `the collation ${expression.collation} outside CHARINDEX`);
      return compileExpression(binder, expression.operand);
    case 'scalar-query':
      return compileScalarQuery(binder, expression.query);
    case 'is-null':
    case 'like':
    case 'between':
    case 'in-list':
    case 'in-query':
    case 'quantified':
    case 'exists':
      throw sqlError(102, expression.kind);
  }
  return unreachable(expression);
}

function compileVariable(binder: Binder, name: string): Compiled {
  const { execution } = binder;
  const base = { nullable: true, local: false, nullLiteral: false };
  if (name.startsWith('@@')) {
    const variable = systemVariable(name);
    if (variable === undefined) throw sqlError(137, name);
    return { ...base, type: variable.type, evaluate: () => variable.evaluate(execution.scalar) };
  }
  const variable = execution.variable(name);
  if (variable === undefined) throw sqlError(137, name);
  return { ...base, type: variable.type, evaluate: () => variable.value };
}

function compileColumn(binder: Binder, qualifier: readonly string[], name: string): Compiled {
  if (binder.scope === null) {
    if (qualifier.length > 0) throw sqlError(4104, [...qualifier, name].join('.'));
    throw sqlError(207, name);
  }
  const { depth, slot, index, column } = binder.scope.resolve(qualifier, name);
  const base = {
    type: column.type,
    nullable: column.nullable,
    local: depth === 0,
    nullLiteral: false,
  };
  if (depth === 0)
    return { ...base, evaluate: (environment) => environment.frame[slot]?.[index] ?? null };
  return {
    ...base,
    evaluate: (environment) => {
      let target: Environment | null = environment;
      for (let i = 0; i < depth && target !== null; i += 1) target = target.outer;
      return target?.frame[slot]?.[index] ?? null;
    },
  };
}

function compileUnary(
  binder: Binder,
  expression: Extract<Expression, { kind: 'unary' }>,
): Compiled {
  if (expression.operator === 'not') throw sqlError(156, 'NOT');
  const operand = compileExpression(binder, expression.operand);
  if (expression.operator === '+') return operand;
  const zero: Compiled = {
    type: { kind: 'int' },
    nullable: false,
    local: false,
    nullLiteral: false,
    evaluate: () => 0,
  };
  if (expression.operator === '-') {
    const { type } = operand;
    const result = binaryOperation(
      '-',
      {
        ...zero,
        type: type.kind === 'decimal' || type.kind === 'numeric' ? { ...type } : zero.type,
        evaluate: () =>
          type.kind === 'decimal' || type.kind === 'numeric'
            ? { kind: 'decimal', unscaled: 0n, scale: type.scale }
            : 0,
      },
      operand,
    );
    return type.kind === 'decimal' ||
      type.kind === 'numeric' ||
      type.kind === 'tinyint' ||
      type.kind === 'smallint'
      ? coerce(result, type.kind === 'tinyint' ? { kind: 'smallint' } : type)
      : result;
  }
  return binaryOperation('^', operand, { ...zero, evaluate: () => -1 });
}

function compileBinary(
  binder: Binder,
  expression: Extract<Expression, { kind: 'binary' }>,
): Compiled {
  switch (expression.operator) {
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case '&':
    case '|':
    case '^': {
      const left = compileExpression(binder, expression.left);
      const right = compileExpression(binder, expression.right);
      // A whole constant beside a decimal has the type of its own digits.
      const leftType = operandType(expression.left, left.type, right.type);
      const rightType = operandType(expression.right, right.type, left.type);
      return binaryOperation(
        expression.operator,
        { ...left, type: leftType },
        { ...right, type: rightType },
      );
    }
    case '=':
    case '<>':
    case '<':
    case '<=':
    case '>':
    case '>=':
    case 'and':
    case 'or':
      throw sqlError(102, expression.operator);
  }
  return unreachable(expression.operator);
}

/** An arithmetic operator over compiled operands; also `+=` and its like. */
export function binaryOperation(
  operator: '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^',
  left: Compiled,
  right: Compiled,
): Compiled {
  const leftType = left.nullLiteral ? right.type : left.type;
  const rightType = right.nullLiteral ? left.type : right.type;
  const type = binaryResultType(operator, leftType, rightType);
  return {
    type,
    nullable: left.nullable || right.nullable,
    local: left.local || right.local,
    nullLiteral: false,
    evaluate: (environment) => {
      const leftValue = left.evaluate(environment);
      const rightValue = right.evaluate(environment);
      if (leftValue === null || rightValue === null) return null;
      const result = arithmetic(operator, {
        left: leftValue,
        leftType,
        right: rightValue,
        rightType,
      });
      if (!result.ok) throw new SqlError(result.error);
      return result.value;
    },
  };
}

function compileCase(binder: Binder, expression: Extract<Expression, { kind: 'case' }>): Compiled {
  const branches = expression.branches.map((branch) => ({
    condition: compilePredicate(
      binder,
      expression.operand === null
        ? branch.when
        : {
            kind: 'binary',
            operator: '=',
            left: expression.operand,
            right: branch.when,
            line: branch.when.line,
          },
    ),
    result: compileExpression(binder, branch.then),
  }));
  const otherwise =
    expression.otherwise === null ? null : compileExpression(binder, expression.otherwise);
  const type = unify([
    ...branches.map((branch) => branch.result),
    ...(otherwise === null ? [] : [otherwise]),
  ]);
  const results = branches.map((branch) => ({
    test: branch.condition.test,
    evaluate: coerce(branch.result, type).evaluate,
  }));
  const last = otherwise === null ? null : coerce(otherwise, type);
  return {
    type,
    nullable: last === null || last.nullable || branches.some((branch) => branch.result.nullable),
    local:
      (last?.local ?? false) ||
      branches.some((branch) => branch.condition.local || branch.result.local),
    nullLiteral: false,
    evaluate: (environment) => {
      for (const branch of results)
        if (branch.test(environment) === true) return branch.evaluate(environment);
      return last === null ? null : last.evaluate(environment);
    },
  };
}

function compileCast(binder: Binder, expression: Extract<Expression, { kind: 'cast' }>): Compiled {
  const operand = compileExpression(binder, expression.operand);
  const style = expression.style === null ? null : compileExpression(binder, expression.style);
  const { type: to, attempt } = expression;
  const from = operand.type;
  return {
    type: to,
    nullable: attempt || operand.nullable,
    local: operand.local || (style?.local ?? false),
    nullLiteral: false,
    evaluate: (environment) => {
      const value = operand.evaluate(environment);
      if (value === null) return null;
      const number = style?.evaluate(environment);
      if (style !== null && number === null) return null;
      const result = convert({
        value,
        from,
        to,
        ...(typeof number === 'number' ? { style: number } : {}),
      });
      if (result.ok) return result.value;
      // TRY_CAST gives NULL for values that do not convert, but not for types that never do.
      if (attempt && result.error.number !== 529) return null;
      throw new SqlError(result.error);
    },
  };
}

function compileCall(binder: Binder, call: FunctionCall): Compiled {
  if (call.over !== null) return compileWindow(binder, call);
  if (call.schema === null && isAggregate(call.name)) return compileAggregate(binder, call);
  // One explicit collation decides for the whole call.
  const binary =
    call.name.toUpperCase() === 'CHARINDEX' &&
    call.arguments.some((each) => each.kind === 'collate' && isBinaryCollation(each.collation));
  const operands = call.arguments.map((argument) => {
    if (argument.kind === 'star') throw sqlError(102, '*');
    return compileExpression(
      binder,
      binary && argument.kind === 'collate' ? argument.operand : argument,
    );
  });
  if (call.schema !== null) return compileCatalogCall(binder, call, operands);
  const definition = binary ? binaryCharIndex : scalarFunction(call.name);
  if (definition === undefined) throw sqlError(195, call.name, 'built-in function name');
  if (operands.length < definition.minArguments || operands.length > definition.maxArguments) {
    throw argumentCountError(call.name, definition.minArguments, definition.maxArguments);
  }
  const types = operandTypes(call.name, operands);
  const { execution } = binder;
  return {
    type: definition.type(types),
    nullable: true,
    local: operands.some((operand) => operand.local),
    nullLiteral: false,
    evaluate: (environment) =>
      definition.evaluate(
        execution.scalar,
        operands.map((operand) => operand.evaluate(environment)),
        types,
      ),
  };
}

/** ISNULL has the type of its first operand, except that the bare word NULL takes that of the second. */
function operandTypes(name: string, operands: readonly Compiled[]): SqlType[] {
  const types = operands.map((operand) => operand.type);
  const [first, second] = operands;
  if (name.toUpperCase() === 'ISNULL' && first?.nullLiteral === true && second !== undefined)
    types[0] = second.type;
  return types;
}

function argumentCountError(name: string, least: number, most: number): SqlError {
  if (least === most) return sqlError(174, name.toLowerCase(), least);
  return new SqlError({ ...serverMessage(189, name.toLowerCase(), least, most) });
}

/** A scalar function of schema sys: one row of one column. */
function compileCatalogCall(
  binder: Binder,
  call: FunctionCall,
  operands: readonly Compiled[],
): Compiled {
  const { execution } = binder;
  const schema = call.schema ?? '';
  const shape = execution.catalogFunction(
    schema,
    call.name,
    operands.map(() => null),
  );
  const column = shape?.columns[0];
  if (column === undefined) throw sqlError(4121, schema, `${schema}.${call.name}`);
  return {
    type: column.type,
    nullable: true,
    local: operands.some((operand) => operand.local),
    nullLiteral: false,
    evaluate: (environment) => {
      const values = operands.map((operand) => operand.evaluate(environment));
      const rowset = execution.catalogFunction(schema, call.name, values);
      for (const row of rowset?.rows() ?? []) return row[0] ?? null;
      return null;
    },
  };
}

/** Closes a switch over operators in assignments. */
export function assignOperator(
  operator: '+=' | '-=' | '*=' | '/=' | '%=' | '&=' | '|=' | '^=',
): '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^' {
  switch (operator) {
    case '+=':
      return '+';
    case '-=':
      return '-';
    case '*=':
      return '*';
    case '/=':
      return '/';
    case '%=':
      return '%';
    case '&=':
      return '&';
    case '|=':
      return '|';
    case '^=':
      return '^';
  }
  return unreachable(operator);
}
