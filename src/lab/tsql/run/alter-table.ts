/** ALTER TABLE: columns and constraints come and go. */

import type { SqlValue } from '../../../tds/sql-type.ts';
import type { TableDefinition } from '../../store/definition.ts';
import type { StoreTransaction } from '../../store/transaction.ts';
import type { ColumnDefinition, DefinitionStatement, TableConstraint } from '../ast.ts';
import { sqlError } from '../message.ts';
import { evaluateNow } from '../query/compiler.ts';
import { same } from '../query/scope.ts';
import type { Request } from './context.ts';
import { buildColumn, memoryIds, withConstraint } from './create-table.ts';
import type { StatementExecution } from './execution.ts';
import { writtenName } from './execution.ts';
import { checkReferences } from './foreign-key.ts';
import { redefine } from './redefine.ts';
import { makeRowWriter } from './write-row.ts';

type AlterTable = Extract<DefinitionStatement, { kind: 'alter-table' }>;

/** Runs ALTER TABLE. */
export async function alterTable(
  request: Request,
  execution: StatementExecution,
  statement: AlterTable,
): Promise<void> {
  const { change, name } = statement;
  switch (change.kind) {
    case 'add-constraint':
      return addConstraint(request, execution, { statement, constraint: change.constraint });
    case 'drop-constraint':
      return redefine(request, name, (table) =>
        withoutConstraint(table, change.name, change.ifExists),
      );
    case 'add-column':
    case 'drop-column': {
      if (name.name.startsWith('#'))
        throw sqlError(49_901, 'ALTER TABLE of columns of a temporary table');
      const { session } = request;
      const database = name.database ?? session.state.database;
      const writer = await session.transaction.writer(
        request,
        database,
        session.options.lockTimeoutMs,
      );
      const table = writer.catalog.table(name.schema ?? 'dbo', name.name);
      if (table === undefined) throw sqlError(4902, writtenName(name));
      if (change.kind === 'drop-column') dropColumns(writer, table, change);
      else addColumns(execution, { writer, table, columns: change.columns, database });
    }
  }
}

async function addConstraint(
  request: Request,
  execution: StatementExecution,
  at: { statement: AlterTable; constraint: TableConstraint },
): Promise<void> {
  const { name } = at.statement;
  const { session } = request;
  const database = name.database ?? session.state.database;
  const temporary = name.name.startsWith('#');
  const writer = temporary
    ? undefined
    : await session.transaction.writer(request, database, session.options.lockTimeoutMs);
  let used = 0;
  const nextId =
    writer === undefined ? memoryIds(request) : (): number => writer.catalog.nextObjectId(used++);
  let before: TableDefinition | undefined;
  await redefine(request, name, (table) => {
    before = table;
    const { constraint } = at;
    const taken =
      constraint.name !== null &&
      constraintNames(table).some((other) => same(other, constraint.name ?? ''));
    if (taken) throw sqlError(2714, constraint.name ?? '');
    if (constraint.kind === 'primary-key') refuseNullable(table, constraint);
    return withConstraint(table, constraint, { catalog: writer?.catalog ?? null, nextId });
  });
  if (writer === undefined || before === undefined) return;
  const table = writer.catalog.tableById(before.id);
  if (table === undefined) return;
  const rows = [...writer.scan(table, [])];
  if (at.constraint.kind === 'foreign-key') {
    checkReferences(
      { transaction: writer, database },
      { ...table, foreignKeys: table.foreignKeys.slice(-1) },
      { rows, verb: 'ALTER TABLE' },
    );
  }
  if (at.constraint.kind === 'check') {
    const checker = makeRowWriter(
      execution,
      { ...table, checks: table.checks.slice(-1) },
      { verb: 'ALTER TABLE', database },
    );
    for (const row of rows) checker.finish(row);
  }
}

function refuseNullable(
  table: TableDefinition,
  constraint: Extract<TableConstraint, { kind: 'primary-key' }>,
): void {
  for (const key of constraint.columns) {
    const column = table.columns.find((candidate) => same(candidate.name, key.name));
    if (column?.nullable === true) throw sqlError(8111, table.name);
  }
}

function constraintNames(table: TableDefinition): string[] {
  return [
    ...table.indexes.map((index) => index.name),
    ...table.foreignKeys.map((key) => key.name),
    ...table.checks.map((check) => check.name),
    ...table.columns.flatMap((column) => (column.default === null ? [] : [column.default.name])),
  ];
}

function withoutConstraint(
  table: TableDefinition,
  name: string,
  ifExists: boolean,
): TableDefinition {
  if (!constraintNames(table).some((other) => same(other, name))) {
    if (ifExists) return table;
    throw sqlError(3728, name);
  }
  return {
    ...table,
    indexes: table.indexes.filter((index) => !same(index.name, name)),
    foreignKeys: table.foreignKeys.filter((key) => !same(key.name, name)),
    checks: table.checks.filter((check) => !same(check.name, name)),
    columns: table.columns.map((column) =>
      column.default !== null && same(column.default.name, name)
        ? { ...column, default: null }
        : column,
    ),
  };
}

interface Addition {
  readonly writer: StoreTransaction;
  readonly table: TableDefinition;
  readonly columns: readonly ColumnDefinition[];
  readonly database: string;
}

function addColumns(execution: StatementExecution, addition: Addition): void {
  const { writer, table } = addition;
  let used = 0;
  const nextId = (): number => writer.catalog.nextObjectId(used++);
  let next = Math.max(...table.columns.map((column) => column.id)) + 1;
  let after = table;
  for (const column of addition.columns) {
    if (after.columns.some((other) => same(other.name, column.name)))
      throw sqlError(2705, column.name, table.name);
    after = {
      ...after,
      columns: [...after.columns, buildColumn({ name: table.name, nextId }, column, next)],
    };
    next += 1;
  }
  const added = after.columns.slice(table.columns.length);
  const rows = [...writer.scan(table, [])];
  for (const column of added) {
    if (
      !column.nullable &&
      column.default === null &&
      column.identity === null &&
      column.computed === null &&
      rows.length > 0
    ) {
      throw sqlError(4901, column.name, table.name);
    }
  }
  for (const column of addition.columns) {
    for (const constraint of column.constraints) {
      if (constraint.kind !== 'default')
        after = withConstraint(after, constraint, { catalog: writer.catalog, nextId });
    }
  }
  // Keys over new columns come after the rows are filled.
  writer.put({ kind: 'table', table: { ...after, indexes: table.indexes } });
  fillColumns(execution, { ...addition, after, rows });
  if (after.indexes.length > table.indexes.length) writer.put({ kind: 'table', table: after });
}

function fillColumns(
  execution: StatementExecution,
  at: Addition & { after: TableDefinition; rows: readonly SqlValue[][] },
): void {
  const { writer, after, table } = at;
  const width = table.columns.length;
  const filled = after.columns
    .slice(width)
    .some(
      (column) =>
        (column.default !== null && !column.nullable) ||
        column.identity !== null ||
        column.computed !== null,
    );
  if (!filled) return;
  const plain: TableDefinition = { ...after, indexes: table.indexes };
  const checker = makeRowWriter(execution, plain, { verb: 'ALTER TABLE', database: at.database });
  for (const row of at.rows) {
    const values = after.columns.map((column, i): SqlValue => {
      if (i < width) return row[i] ?? null;
      if (column.identity !== null) return Number(writer.nextIdentity(plain, column.identity));
      return column.default !== null && !column.nullable
        ? evaluateNow(execution, column.default.expression, column.type)
        : null;
    });
    checker.finish(values);
    const before = [
      ...row.slice(0, width),
      ...after.columns.slice(width).map(() => null),
      row[width] ?? null,
    ];
    writer.update(plain, before, values);
  }
}

function dropColumns(
  writer: StoreTransaction,
  table: TableDefinition,
  change: { columns: readonly string[]; ifExists: boolean },
): void {
  let after = table;
  for (const name of change.columns) {
    const column = after.columns.find((candidate) => same(candidate.name, name));
    if (column === undefined) {
      if (change.ifExists) continue;
      throw sqlError(4924, 'ALTER TABLE DROP COLUMN', name, table.name);
    }
    const inUse =
      after.indexes.some((index) => index.columns.some((key) => key.column === column.id)) ||
      after.foreignKeys.some((key) => key.columns.includes(column.id)) ||
      column.default !== null;
    if (inUse) throw sqlError(4922, 'ALTER TABLE DROP COLUMN', name, 'column');
    after = { ...after, columns: after.columns.filter((candidate) => candidate.id !== column.id) };
  }
  if (after.columns.length === 0) throw sqlError(4923, table.name);
  const gone = table.columns.flatMap((column, i) => (after.columns.includes(column) ? [] : [i]));
  // The log must hold the values, or the drop could not be taken back.
  for (const row of Array.from(writer.scan(table, []))) {
    if (gone.every((place) => (row[place] ?? null) === null)) continue;
    writer.update(
      table,
      row,
      row.slice(0, table.columns.length).map((value, i) => (gone.includes(i) ? null : value)),
    );
  }
  writer.put({ kind: 'table', table: after });
}
