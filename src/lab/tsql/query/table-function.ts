/** Functions in FROM: STRING_SPLIT, GENERATE_SERIES, and `sys.fn_...` of the instance. */

import type { Column, SqlType, SqlValue } from '../../../tds/sql-type.ts';
import type { TableSource } from '../ast.ts';
import { sqlError } from '../message.ts';
import { compare } from '../value/operate.ts';
import { coerce, convertValue, unify } from './compiled.ts';
import type { Compiled } from './compiled.ts';
import type { Environment, Row, Rows } from './execution.ts';
import { withPauses } from './execution.ts';
import type { Binder } from './binder.ts';
import { compileExpression } from './binder.ts';

/** A compiled function in FROM. */
export interface TableFunction {
  readonly columns: readonly Column[];
  rows(environment: Environment): Rows;
}

/** Compiles a function in FROM; 208 when there is none of that name. */
export function compileTableFunction(
  binder: Binder,
  source: Extract<TableSource, { kind: 'function' }>,
): TableFunction {
  const operands = source.arguments.map((argument) =>
    compileExpression({ ...binder, aggregates: null, windows: null }, argument),
  );
  const name = source.name.toUpperCase();
  if (source.schema === null && name === 'STRING_SPLIT') return stringSplit(operands);
  if (source.schema === null && name === 'GENERATE_SERIES') return series(operands);
  const schema = source.schema ?? 'sys';
  const { execution } = binder;
  const shape = execution.catalogFunction(
    schema,
    source.name,
    operands.map(() => null),
  );
  if (shape === undefined)
    throw sqlError(208, source.schema === null ? source.name : `${source.schema}.${source.name}`);
  return {
    columns: shape.columns,
    rows: (environment) => {
      const values = operands.map((operand) => operand.evaluate(environment));
      const rowset = execution.catalogFunction(schema, source.name, values);
      return withPauses((rowset?.rows() ?? []) as Iterable<Row>);
    },
  };
}

function stringSplit(operands: readonly Compiled[]): TableFunction {
  const [text, separator, ordinal] = operands;
  if (text === undefined || separator === undefined || operands.length > 3)
    throw sqlError(174, 'string_split', 2);
  const source = coerce(text, { kind: 'nvarchar', length: 'max' });
  const between = coerce(separator, { kind: 'nvarchar', length: 1 });
  const numbered =
    ordinal !== undefined && Number(ordinal.evaluate({ frame: [], outer: null })) === 1;
  const value: Column = {
    name: 'value',
    type:
      text.type.kind === 'varchar' || text.type.kind === 'char'
        ? { kind: 'varchar', length: 8000 }
        : { kind: 'nvarchar', length: 4000 },
    nullable: true,
  };
  const columns: Column[] = numbered
    ? [value, { name: 'ordinal', type: { kind: 'bigint' }, nullable: false }]
    : [value];
  return {
    columns,
    rows: (environment) => {
      const whole = source.evaluate(environment);
      const mark = between.evaluate(environment);
      if (typeof mark !== 'string' || mark.length !== 1)
        throw sqlError(214, 'STRING_SPLIT', 'nchar(1)/nvarchar(1)');
      if (typeof whole !== 'string') return [];
      return withPauses(
        whole.split(mark).map((part, i): Row => (numbered ? [part, BigInt(i + 1)] : [part])),
      );
    },
  };
}

const MAX_SERIES = 100_000_000;

function series(operands: readonly Compiled[]): TableFunction {
  const [start, stop, step] = operands;
  if (start === undefined || stop === undefined || operands.length > 3)
    throw sqlError(174, 'generate_series', 2);
  const type: SqlType = unify(step === undefined ? [start, stop] : [start, stop, step]);
  return {
    columns: [{ name: 'value', type, nullable: false }],
    rows: (environment) => {
      const first = convertValue(start.evaluate(environment), start.type, type);
      const last = convertValue(stop.evaluate(environment), stop.type, type);
      if (first === null || last === null) return [];
      const up = compare(first, last, type) <= 0;
      const by =
        step === undefined
          ? convertValue(up ? 1 : -1, { kind: 'int' }, type)
          : convertValue(step.evaluate(environment), step.type, type);
      return by === null ? [] : withPauses(count({ first, last, by, type }));
    },
  };
}

function* count(range: {
  first: SqlValue;
  last: SqlValue;
  by: SqlValue;
  type: SqlType;
}): Generator<Row> {
  const { first, last, by, type } = range;
  const zero = convertValue(0, { kind: 'int' }, type);
  const direction = compare(by, zero, type);
  if (direction === 0) throw sqlError(8116, 'int', 3, 'GENERATE_SERIES');
  let current = first;
  for (let i = 0; i < MAX_SERIES && compare(current, last, type) * direction <= 0; i += 1) {
    yield [current];
    current = next(current, by);
  }
}

function next(current: SqlValue, by: SqlValue): SqlValue {
  if (typeof current === 'bigint' && typeof by === 'bigint') return current + by;
  if (typeof current === 'number' && typeof by === 'number') return current + by;
  if (
    typeof current === 'object' &&
    typeof by === 'object' &&
    current !== null &&
    by !== null &&
    'unscaled' in current &&
    'unscaled' in by
  ) {
    return { ...current, unscaled: current.unscaled + by.unscaled };
  }
  throw sqlError(8116, 'argument', 1, 'generate_series');
}
