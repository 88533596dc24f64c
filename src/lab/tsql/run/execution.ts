/** The services of one running statement: opened tables, variables, and what functions may see. */

import { AssertionError } from '../../../base/assert.ts';
import type { Column } from '../../../tds/sql-type.ts';
import { Database } from '../../store/database.ts';
import type { ReadView } from '../../store/database.ts';
import type { TableDefinition } from '../../store/definition.ts';
import type { DatabaseView } from '../../store/transaction.ts';
import type { ObjectName } from '../ast.ts';
import type { ScalarContext } from '../function/scalar.ts';
import { SqlError, sqlError } from '../message.ts';
import { databaseRowset } from '../query/database-views.ts';
import type { Execution, Row, TableHandle } from '../query/execution.ts';
import { maxLength } from '../value/type.ts';
import type { Request } from './context.ts';
import type { MemoryTable } from './memory-table.ts';

/** An execution that must be released when the statement ends. */
export interface StatementExecution extends Execution {
  /** The state of a database as this statement sees it. */
  view(database: string): DatabaseView;
  release(): void;
}

/** Columns of a table as results show them. */
export function resultColumns(table: TableDefinition): Column[] {
  return table.columns.map((column) => ({
    name: column.name,
    type: column.type,
    nullable: column.nullable,
    ...(column.identity === null ? {} : { identity: true }),
  }));
}

/** Name as errors show it: the parts that were written. */
export function writtenName(name: ObjectName): string {
  return [name.database, name.schema, name.name].filter((part) => part !== null).join('.');
}

/** Makes the services for one statement. */
export function makeExecution(request: Request): StatementExecution {
  const { session } = request;
  const views = new Map<string, ReadView | DatabaseView>();
  const releases: (() => void)[] = [];
  const view = (database: string): DatabaseView => {
    const writer = session.transaction.writerOf(database);
    if (writer?.open === true) return writer;
    const key = database.toLowerCase();
    const open = views.get(key);
    if (open !== undefined) return open;
    const access = session.instance.openDatabase(session.identity, database);
    if (access.kind === 'refused') throw new SqlError(access.error);
    if (!(access.store instanceof Database)) throw new AssertionError('store of another kind');
    const opened = access.store.read();
    views.set(key, opened);
    releases.push(() => opened.release());
    return opened;
  };
  const table = (name: ObjectName): TableHandle => openTable(request, name, view);
  let scalar: ScalarContext | null = null;
  return {
    get scalar() {
      scalar ??= makeScalarContext(request, view);
      return scalar;
    },
    cache: new Map(),
    variable: (name) => request.variables.get(name.toLowerCase()),
    table,
    tableVariable: (name) => {
      const memory = request.tableVariables.get(name.toLowerCase());
      if (memory === undefined) throw sqlError(1087, name);
      return memoryHandle(memory);
    },
    catalogFunction: (schema, name, values) =>
      session.instance.catalogFunction(
        session.identity,
        { database: session.state.database, schema, name },
        values,
      ),
    view,
    release: () => {
      for (const release of releases) release();
      releases.length = 0;
      views.clear();
    },
  };
}

function memoryHandle(memory: MemoryTable): TableHandle {
  const { definition } = memory;
  return {
    columns: resultColumns(definition),
    definition,
    scan: (filters) => memory.scan(filters),
    count: () => memory.rows.size,
  };
}

function openTable(
  request: Request,
  name: ObjectName,
  view: (database: string) => DatabaseView,
): TableHandle {
  const { session } = request;
  const temporary = name.name.startsWith('#')
    ? session.temporaryTables.get(name.name.toLowerCase())
    : undefined;
  if (temporary !== undefined) return memoryHandle(temporary);
  if (name.name.startsWith('#')) throw sqlError(208, name.name);
  const database = name.database ?? session.state.database;
  const schema = name.schema ?? 'dbo';
  const catalogSchema =
    schema.toLowerCase() === 'sys' || schema.toLowerCase() === 'information_schema';
  if (!catalogSchema) {
    const opened = view(database);
    const definition = opened.catalog.table(schema, name.name);
    if (definition !== undefined) return storedHandle(opened, definition);
  }
  const stored = catalogSchema
    ? databaseRowset({ schema, name: name.name, database }, () => view(database))
    : undefined;
  const rowset =
    (stored === undefined
      ? undefined
      : session.instance.withStated(
          session.identity,
          { database, schema, name: name.name },
          stored,
        )) ??
    session.instance.catalogRowset(session.identity, { database, schema, name: name.name }) ??
    (name.schema === null
      ? session.instance.catalogRowset(session.identity, {
          database,
          schema: 'sys',
          name: name.name,
        })
      : undefined);
  if (rowset === undefined) throw sqlError(208, writtenName(name));
  return {
    columns: rowset.columns,
    definition: null,
    scan: () => rowset.rows() as Iterable<Row>,
    count: () => undefined,
  };
}

function storedHandle(view: DatabaseView, definition: TableDefinition): TableHandle {
  return {
    columns: resultColumns(definition),
    definition,
    scan: (filters) => view.scan(definition, filters),
    count: () => view.count(definition),
  };
}

function makeScalarContext(
  request: Request,
  view: (database: string) => DatabaseView,
): ScalarContext {
  const { session } = request;
  const { options, transaction } = session;
  const find = (name: ObjectName): TableDefinition | undefined => {
    if (name.name.startsWith('#'))
      return session.temporaryTables.get(name.name.toLowerCase())?.definition;
    return view(name.database ?? session.state.database).catalog.table(
      name.schema ?? 'dbo',
      name.name,
    );
  };
  return {
    instance: session.instance,
    identity: session.identity,
    state: session.state,
    options: {
      optionBits:
        options.bits |
        (options.noCount ? 512 : 0) |
        (options.xactAbort ? 16_384 : 0) |
        (options.implicitTransactions ? 2 : 0),
      dateFirst: options.dateFirst,
      lockTimeoutMs: options.lockTimeoutMs,
      textSize: options.textSize,
      language: options.language,
    },
    statementTime: session.instance.clock.now(),
    rowCount: session.rowCount,
    lastError: session.lastError,
    error: request.error,
    transactionState: transaction.count === 0 ? 0 : transaction.doomed ? -1 : 1,
    scopeIdentity: request.scopeIdentity,
    lastIdentity: session.lastIdentity,
    get userName() {
      return userName(request, view);
    },
    sessionContext: session.sessionContext,
    objectId: (name, type) => {
      if (type !== null && type.trim().toUpperCase() !== 'U')
        return constraintId(name, type, view(name.database ?? session.state.database));
      return (
        find(name)?.id ??
        (type === null
          ? constraintId(name, null, view(name.database ?? session.state.database))
          : null)
      );
    },
    objectName: (id, database) => {
      const definition = view(database).catalog.tableById(id);
      return definition === undefined ? null : { schema: definition.schema, name: definition.name };
    },
    columnLength: (name, column) => {
      const found = find(name)?.columns.find(
        (candidate) => candidate.name.toLowerCase() === column.toLowerCase(),
      );
      return found === undefined ? null : maxLength(found.type);
    },
  };
}

function constraintId(name: ObjectName, type: string | null, view: DatabaseView): number | null {
  const wanted = type?.trim().toUpperCase() ?? null;
  for (const table of view.catalog.tables()) {
    const constraints: [string, number, string][] = [
      ...table.indexes.map((index): [string, number, string] => [
        index.name,
        index.objectId,
        index.kind === 'primary-key' ? 'PK' : 'UQ',
      ]),
      ...table.foreignKeys.map((key): [string, number, string] => [key.name, key.id, 'F']),
      ...table.checks.map((check): [string, number, string] => [check.name, check.id, 'C']),
      ...table.columns.flatMap((column): [string, number, string][] =>
        column.default === null ? [] : [[column.default.name, column.default.id, 'D']],
      ),
    ];
    const found = constraints.find(
      ([constraint, id, kind]) =>
        id !== 0 &&
        constraint.toLowerCase() === name.name.toLowerCase() &&
        (wanted === null || wanted === kind),
    );
    if (found !== undefined) return found[1];
  }
  return null;
}

function userName(request: Request, view: (database: string) => DatabaseView): string {
  const { session } = request;
  if (session.instance.isServerRoleMember(session.identity, 'sysadmin', null) === 1) return 'dbo';
  const login = session.identity.loginName.toLowerCase();
  const user = view(session.state.database)
    .catalog.principals()
    .find((principal) => principal.login?.toLowerCase() === login);
  return user?.name ?? 'guest';
}
