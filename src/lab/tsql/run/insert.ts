/** INSERT and TRUNCATE. */

import { required } from '../../../base/assert.ts';
import type { SqlType, SqlValue } from '../../../tds/sql-type.ts';
import type { ColumnRecord, TableDefinition } from '../../store/definition.ts';
import type { Expression, ObjectName, QueryStatement } from '../ast.ts';
import { sqlError } from '../message.ts';
import { compileExpression, compileQuery } from '../query/binder.ts';
import { coerce } from '../query/compiled.ts';
import { evaluateNow, plainBinder } from '../query/compiler.ts';
import type { Execution, Row } from '../query/execution.ts';
import { withCommonTables } from '../query/query.ts';
import { same } from '../query/scope.ts';
import { executeCollecting } from './collect.ts';
import type { Request } from './context.ts';
import type { StatementExecution } from './execution.ts';
import { checkReferences } from './foreign-key.ts';
import { openTarget } from './open-target.ts';
import { makeOutput } from './output.ts';
import { collectRows } from './rows.ts';
import type { StatementResult } from './statement-result.ts';
import { OTHER_COMMAND } from './statement-result.ts';
import type { TableTarget } from './target.ts';
import { makeRowWriter, storeValue } from './write-row.ts';

type Insert = Extract<QueryStatement, { kind: 'insert' }>;

const INSERT_COMMAND = 0xc3;

/** Rows to insert: values with the types they come in; null stands for DEFAULT. */
interface SourceRows {
  readonly types: readonly SqlType[];
  readonly rows: readonly (readonly (SqlValue | typeof DEFAULT)[])[];
}

const DEFAULT: unique symbol = Symbol('DEFAULT');

/** Runs an INSERT. */
export async function runInsert(
  request: Request,
  execution: StatementExecution,
  statement: Insert,
): Promise<StatementResult> {
  // Statements inside EXEC commit on their own, so they run before this one begins to write.
  const executed =
    statement.source.kind === 'execute'
      ? await executeCollecting(request, statement.source.execute)
      : null;
  const target = await openTarget(request, statement.table);
  const table = target.definition;
  const explicitIdentity = identityInsertOn(request, target);
  const places = insertPlaces(table, statement.columns, explicitIdentity);
  const source = await sourceRows(request, execution, { statement, places, table, executed });
  const writer = makeRowWriter(execution, table, { verb: 'INSERT', database: target.database });
  const output = makeOutput(request, { execution, target, clause: statement.output });
  const defaults = makeDefaults(execution, table);
  const written: Row[] = [];
  for (const cells of source.rows) {
    const row: SqlValue[] = table.columns.map(() => null);
    const given = new Set<number>();
    places.forEach((place, i) => {
      const cell = cells[i];
      const column = table.columns[place];
      if (cell === DEFAULT || cell === undefined || column === undefined) return;
      given.add(place);
      row[place] = storeValue(cell, source.types[i] ?? column.type, {
        type: column.type,
        name: column.name,
        table: `${target.database}.${table.schema}.${table.name}`,
      });
    });
    fillRow(request, { row, given, target, defaults });
    writer.finish(row);
    target.insert(row);
    output.add(row, null);
    written.push(row);
  }
  const transaction = request.session.transaction.writerOf(target.database);
  if (transaction !== undefined && table.foreignKeys.length > 0) {
    checkReferences({ transaction, database: target.database }, table, {
      rows: written,
      verb: 'INSERT',
    });
  }
  await output.finish();
  return { rowCount: written.length, command: INSERT_COMMAND, resultSet: output.resultSet };
}

function identityInsertOn(request: Request, target: TableTarget): boolean {
  const setting = request.session.options.identityInsert;
  if (setting === null) return false;
  const { definition } = target;
  return (
    same(setting.database, target.database) &&
    same(setting.schema, definition.schema) &&
    same(setting.table, definition.name)
  );
}

/** Places of the columns that the source fills. */
function insertPlaces(
  table: TableDefinition,
  names: readonly string[] | null,
  explicitIdentity: boolean,
): number[] {
  const identity = table.columns.findIndex((column) => column.identity !== null);
  if (names === null) {
    if (explicitIdentity && identity !== -1) throw sqlError(8101, table.name);
    return table.columns.flatMap((column, i) =>
      column.identity !== null || column.computed !== null ? [] : [i],
    );
  }
  const places = names.map((name) => {
    const place = table.columns.findIndex((column) => same(column.name, name));
    if (place === -1) throw sqlError(207, name);
    if (table.columns[place]?.computed !== null) throw sqlError(271, name);
    return place;
  });
  const twice = names.find((name, i) => names.findIndex((other) => same(other, name)) !== i);
  if (twice !== undefined) throw sqlError(264, twice);
  if (identity !== -1 && places.includes(identity) && !explicitIdentity)
    throw sqlError(544, table.name);
  if (identity !== -1 && !places.includes(identity) && explicitIdentity)
    throw sqlError(545, table.name);
  return places;
}

interface InsertSourceRequest {
  readonly statement: Insert;
  readonly places: readonly number[];
  readonly table: TableDefinition;
  readonly executed: Awaited<ReturnType<typeof executeCollecting>> | null;
}

async function sourceRows(
  request: Request,
  execution: StatementExecution,
  insert: InsertSourceRequest,
): Promise<SourceRows> {
  const { statement, places } = insert;
  const { source } = statement;
  const width = places.length;
  if (source.kind === 'default-values') return { types: [], rows: [[]] };
  if (source.kind === 'execute') {
    const results = required(insert.executed, 'rows of EXEC');
    if (results.columns.length !== width && results.columns.length > 0) throw sqlError(213);
    return { types: results.columns.map((column) => column.type), rows: results.rows };
  }
  const { body } = source.query;
  if (body.kind === 'values')
    return valueRows(execution, body.rows, {
      places,
      table: insert.table,
      listed: statement.columns !== null,
    });
  const binder = withCommonTables(plainBinder(execution), statement.with);
  const compiled = compileQuery(binder, source.query);
  if (compiled.columns.length !== width) {
    if (statement.columns === null) throw sqlError(213);
    throw sqlError(compiled.columns.length < width ? 120 : 121);
  }
  return {
    types: compiled.columns.map((column) => column.type),
    rows: await collectRows(request, compiled),
  };
}

/** VALUES: every cell converts straight to its column, so that rows need no common type. */
function valueRows(
  execution: Execution,
  rows: readonly (readonly Expression[])[],
  at: { places: readonly number[]; table: TableDefinition; listed: boolean },
): SourceRows {
  const binder = plainBinder(execution);
  const environment = { frame: [], outer: null };
  const columns = at.places.flatMap((place): ColumnRecord[] => {
    const column = at.table.columns[place];
    return column === undefined ? [] : [column];
  });
  const types = columns.map((column) => lengthless(column.type));
  return {
    types,
    rows: rows.map((row) => {
      if (row.length !== columns.length) {
        if (!at.listed) throw sqlError(213);
        throw sqlError(row.length < columns.length ? 109 : 110);
      }
      return row.map((expression, i) => {
        if (isDefault(expression)) return DEFAULT;
        return coerce(compileExpression(binder, expression), types[i] ?? { kind: 'int' }).evaluate(
          environment,
        );
      });
    }),
  };
}

function isDefault(expression: Expression): boolean {
  return (
    expression.kind === 'column' &&
    expression.qualifier.length === 0 &&
    expression.name.toUpperCase() === 'DEFAULT'
  );
}

/** A string or binary type without limit, so that truncation is seen when the row is stored. */
function lengthless(type: SqlType): SqlType {
  switch (type.kind) {
    case 'char':
    case 'varchar':
      return { kind: 'varchar', length: 'max' };
    case 'nchar':
    case 'nvarchar':
      return { kind: 'nvarchar', length: 'max' };
    case 'binary':
    case 'varbinary':
      return { kind: 'varbinary', length: 'max' };
    default:
      return type;
  }
}

type Defaults = ReadonlyMap<number, () => SqlValue>;

function makeDefaults(execution: Execution, table: TableDefinition): Defaults {
  const defaults = new Map<number, () => SqlValue>();
  table.columns.forEach((column, i) => {
    const expression = column.default?.expression;
    if (expression !== undefined)
      defaults.set(i, () => evaluateNow(execution, expression, column.type));
  });
  return defaults;
}

function fillRow(
  request: Request,
  at: { row: SqlValue[]; given: ReadonlySet<number>; target: TableTarget; defaults: Defaults },
): void {
  const { row, given, target } = at;
  target.definition.columns.forEach((column, place) => {
    if (column.identity !== null) {
      const value = given.has(place)
        ? explicitIdentityValue(row[place] ?? null, target)
        : target.nextIdentity(column.identity);
      if (!given.has(place)) row[place] = identityValue(value, column.type);
      request.scopeIdentity = value;
      request.session.lastIdentity = value;
    } else if (!given.has(place)) row[place] = at.defaults.get(place)?.() ?? null;
  });
}

function identityValue(value: bigint, type: SqlType): SqlValue {
  if (type.kind === 'bigint') return value;
  if (type.kind === 'decimal' || type.kind === 'numeric')
    return { kind: 'decimal', unscaled: value, scale: 0 };
  return Number(value);
}

function explicitIdentityValue(value: SqlValue, target: TableTarget): bigint {
  const number = typeof value === 'number' || typeof value === 'bigint' ? BigInt(value) : 0n;
  const last = target.lastIdentity();
  if (last === null || number > last) target.setIdentity(number);
  return number;
}

/** Runs TRUNCATE TABLE: every row goes, the identity starts again. */
export async function runTruncate(request: Request, name: ObjectName): Promise<StatementResult> {
  const target = await openTarget(request, name);
  const transaction = request.session.transaction.writerOf(target.database);
  const referenced = transaction?.catalog
    .tables()
    .some(
      (table) =>
        table.id !== target.definition.id &&
        table.foreignKeys.some((key) => key.referencedTable === target.definition.id),
    );
  if (referenced === true) throw sqlError(4712, target.definition.name);
  for (const row of Array.from(target.scan([]))) target.delete(row);
  if (target.definition.columns.some((column) => column.identity !== null))
    target.setIdentity(null);
  return { rowCount: null, command: OTHER_COMMAND, resultSet: false };
}
