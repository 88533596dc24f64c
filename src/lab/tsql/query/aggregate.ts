/** Aggregate functions: COUNT, COUNT_BIG, SUM, AVG, MIN, MAX, STRING_AGG, CHECKSUM_AGG, STDEV(P), VAR(P). */

import { unreachable } from '../../../base/assert.ts';
import type { SqlType, SqlValue } from '../../../tds/sql-type.ts';
import type { FunctionCall } from '../ast.ts';
import { SqlError, sqlError } from '../message.ts';
import { arithmetic, compare, hashKey } from '../value/operate.ts';
import { isUnicode, lengthOf, stringType, typeFamily } from '../value/type.ts';
import type { Compiled } from './compiled.ts';
import { convertValue, textOfValue } from './compiled.ts';
import type { Environment } from './execution.ts';
import type { Binder } from './binder.ts';
import type { Accumulator, Aggregate } from './collector.ts';
import { compileExpression } from './binder.ts';
import type { SortKey } from './order.ts';
import { compareKeys, sortKey } from './order.ts';

const NAMES = new Set([
  'COUNT',
  'COUNT_BIG',
  'SUM',
  'AVG',
  'MIN',
  'MAX',
  'STRING_AGG',
  'CHECKSUM_AGG',
  'STDEV',
  'STDEVP',
  'VAR',
  'VARP',
]);

/** Whether the name is an aggregate. */
export function isAggregate(name: string): boolean {
  return NAMES.has(name.toUpperCase());
}

/** Compiles the use of an aggregate and registers it; 147 where none is allowed. */
export function compileAggregate(binder: Binder, call: FunctionCall): Compiled {
  const { aggregates } = binder;
  if (aggregates === null) throw sqlError(147);
  const aggregate = makeAggregate({ ...binder, aggregates: null, windows: null }, call);
  const index = aggregates.list.push(aggregate) - 1;
  const { slot } = aggregates;
  return {
    type: aggregate.type,
    nullable: !call.name.toUpperCase().startsWith('COUNT'),
    local: true,
    nullLiteral: false,
    evaluate: (environment) => environment.frame[slot]?.[index] ?? null,
  };
}

/** Compiles an aggregate over rows of the binder's scope. */
export function makeAggregate(binder: Binder, call: FunctionCall): Aggregate {
  const name = call.name.toUpperCase();
  const [first] = call.arguments;
  if (first === undefined) throw sqlError(174, name.toLowerCase(), 1);
  if (first.kind === 'star') {
    if (name !== 'COUNT' && name !== 'COUNT_BIG') throw sqlError(102, '*');
    return counting(name, () => true);
  }
  const operand = compileExpression(binder, first);
  if (operand.nullLiteral && name !== 'COUNT' && name !== 'COUNT_BIG')
    throw sqlError(8117, 'NULL', name.toLowerCase());
  if (name === 'STRING_AGG') return joining(binder, call, operand);
  const aggregate = overValues(name, operand);
  return call.distinct
    ? distinctOnly(aggregate, operand)
    : { type: aggregate.type, start: () => feed(aggregate.start(), operand) };
}

/** An aggregate of values without NULL. */
interface ValueAggregate {
  readonly type: SqlType;
  start(): { add(value: SqlValue): void; result(): SqlValue };
}

function feed(state: ReturnType<ValueAggregate['start']>, operand: Compiled): Accumulator {
  return {
    add: (environment) => {
      const value = operand.evaluate(environment);
      if (value !== null) state.add(value);
    },
    result: () => state.result(),
  };
}

function distinctOnly(aggregate: ValueAggregate, operand: Compiled): Aggregate {
  return {
    type: aggregate.type,
    start: () => {
      const state = aggregate.start();
      const seen = new Set<string | number | bigint>();
      return {
        add: (environment) => {
          const value = operand.evaluate(environment);
          if (value === null) return;
          const key = hashKey(value, operand.type);
          if (seen.has(key)) return;
          seen.add(key);
          state.add(value);
        },
        result: () => state.result(),
      };
    },
  };
}

function counting(name: string, counts: (environment: Environment) => boolean): Aggregate {
  const big = name === 'COUNT_BIG';
  return {
    type: { kind: big ? 'bigint' : 'int' },
    start: () => {
      let count = 0;
      return {
        add: (environment) => {
          if (counts(environment)) count += 1;
        },
        result: () => (big ? BigInt(count) : count),
      };
    },
  };
}

function overValues(name: string, operand: Compiled): ValueAggregate {
  const { type } = operand;
  switch (name) {
    case 'COUNT':
    case 'COUNT_BIG': {
      const big = name === 'COUNT_BIG';
      return {
        type: { kind: big ? 'bigint' : 'int' },
        start: () => {
          let count = 0;
          return { add: () => (count += 1), result: () => (big ? BigInt(count) : count) };
        },
      };
    }
    case 'SUM':
      return summing(type, name);
    case 'AVG':
      return averaging(type);
    case 'MIN':
      return extreme(type, -1);
    case 'MAX':
      return extreme(type, 1);
    case 'CHECKSUM_AGG':
      return {
        type: { kind: 'int' },
        start: () => {
          let sum: number | null = null;
          return { add: (value) => (sum = (sum ?? 0) ^ Number(value)), result: () => sum };
        },
      };
    default:
      return spreading(name, type);
  }
}

function extreme(type: SqlType, direction: 1 | -1): ValueAggregate {
  if (type.kind === 'bit') throw sqlError(8117, 'bit', direction === 1 ? 'max' : 'min');
  return {
    type,
    start: () => {
      let best: SqlValue = null;
      return {
        add: (value) => {
          if (best === null || compare(value, best, type) * direction > 0) best = value;
        },
        result: () => best,
      };
    },
  };
}

function sumType(type: SqlType, name: string): SqlType {
  const family = typeFamily(type);
  switch (family) {
    case 'integer':
      if (type.kind === 'bit') throw sqlError(8117, 'bit', name.toLowerCase());
      return { kind: type.kind === 'bigint' ? 'bigint' : 'int' };
    case 'decimal':
      return { kind: 'decimal', precision: 38, scale: 'scale' in type ? type.scale : 0 };
    case 'money':
      return { kind: 'money' };
    case 'float':
      return { kind: 'float' };
    case 'date':
    case 'string':
    case 'binary':
    case 'guid':
    case 'xml':
    case 'variant':
      throw sqlError(8117, type.kind, name.toLowerCase());
  }
  return unreachable(family);
}

function summing(type: SqlType, name: string): ValueAggregate {
  const result = sumType(type, name);
  return {
    type: result,
    start: () => {
      let total: SqlValue = null;
      return {
        add: (value) => {
          const next = convertValue(value, type, result);
          total = total === null ? next : plus(total, next, result);
        },
        result: () => total,
      };
    },
  };
}

function plus(left: SqlValue, right: SqlValue, type: SqlType): SqlValue {
  if (typeof left === 'number' && typeof right === 'number' && type.kind !== 'int')
    return left + right;
  const sum = arithmetic('+', { left, leftType: type, right, rightType: type });
  if (!sum.ok) throw new SqlError(sum.error);
  return sum.value;
}

function averaging(type: SqlType): ValueAggregate {
  const sum = summing(type, 'AVG');
  const wide: SqlType = typeFamily(type) === 'integer' ? { kind: 'bigint' } : sum.type;
  const divisor: SqlType = { kind: 'int' };
  const result: SqlType =
    sum.type.kind === 'decimal'
      ? { kind: 'decimal', precision: 38, scale: Math.max(sum.type.scale, 6) }
      : sum.type;
  return {
    type: result,
    start: () => {
      const total = summing(wide, 'AVG').start();
      let count = 0;
      return {
        add: (value) => {
          total.add(convertValue(value, type, wide));
          count += 1;
        },
        result: () => {
          const value = total.result();
          if (value === null) return null;
          const quotient = divide(value, wide, { count, divisor });
          return convertValue(quotient.value, quotient.type, result);
        },
      };
    },
  };
}

function divide(
  value: SqlValue,
  type: SqlType,
  by: { count: number; divisor: SqlType },
): { value: SqlValue; type: SqlType } {
  if (typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'decimal') {
    const scale = Math.max(value.scale, 6);
    const scaled = value.unscaled * 10n ** BigInt(scale - value.scale);
    return {
      value: { kind: 'decimal', unscaled: scaled / BigInt(by.count), scale },
      type: { kind: 'decimal', precision: 38, scale },
    };
  }
  const quotient = arithmetic('/', {
    left: value,
    leftType: type,
    right: by.count,
    rightType: by.divisor,
  });
  if (!quotient.ok) throw new SqlError(quotient.error);
  return { value: quotient.value, type };
}

function spreading(name: string, type: SqlType): ValueAggregate {
  sumType(type, name);
  const population = name.endsWith('P');
  return {
    type: { kind: 'float' },
    start: () => {
      // Welford's method: no catastrophic cancellation.
      let count = 0;
      let mean = 0;
      let squares = 0;
      return {
        add: (value) => {
          const x = Number(convertValue(value, type, { kind: 'float' }));
          count += 1;
          const distance = x - mean;
          mean += distance / count;
          squares += distance * (x - mean);
        },
        result: () => {
          const degrees = population ? count : count - 1;
          if (degrees < 1) return null;
          return name.startsWith('STDEV') ? Math.sqrt(squares / degrees) : squares / degrees;
        },
      };
    },
  };
}

function joining(binder: Binder, call: FunctionCall, operand: Compiled): Aggregate {
  const [, second] = call.arguments;
  if (second === undefined || second.kind === 'star') throw sqlError(174, 'string_agg', 2);
  const separator = compileExpression(binder, second);
  const keys: SortKey[] = (call.withinGroup ?? []).map((item) =>
    sortKey(item, compileExpression(binder, item.expression)),
  );
  const text: SqlType =
    typeFamily(operand.type) === 'string'
      ? stringType(
          isUnicode(operand.type),
          lengthOf(operand.type) === 'max' ? 'max' : isUnicode(operand.type) ? 4000 : 8000,
        )
      : { kind: 'nvarchar', length: 4000 };
  return {
    type: text,
    start: () => {
      const parts: { text: string; keys: SqlValue[] }[] = [];
      let between = '';
      return {
        add: (environment) => {
          const value = operand.evaluate(environment);
          if (value === null) return;
          between = textOfValue(separator.evaluate(environment));
          parts.push({
            text: textOfValue(convertValue(value, operand.type, text)),
            keys: keys.map((key) => key.evaluate(environment)),
          });
        },
        result: () => {
          if (parts.length === 0) return null;
          if (keys.length > 0)
            parts.sort((left, right) => compareKeys(keys, left.keys, right.keys));
          return parts.map((part) => part.text).join(between);
        },
      };
    },
  };
}
