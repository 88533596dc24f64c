/** DDL inside a database: tables, indexes, schemas, users and roles. */

import { unreachable } from '../../../base/assert.ts';
import { itemKey } from '../../store/definition.ts';
import type { IndexRecord, TableDefinition } from '../../store/definition.ts';
import type { StoreTransaction } from '../../store/transaction.ts';
import type { DefinitionStatement, ObjectName } from '../ast.ts';
import { sqlError } from '../message.ts';
import { same } from '../query/scope.ts';
import { alterTable } from './alter-table.ts';
import type { Request } from './context.ts';
import { createTable, keyColumns, nextIndexId } from './create-table.ts';
import type { StatementExecution } from './execution.ts';
import { writtenName } from './execution.ts';
import { redefine } from './redefine.ts';

/** Runs a DDL statement. */
export async function runDefinition(
  request: Request,
  execution: StatementExecution,
  statement: DefinitionStatement,
): Promise<void> {
  switch (statement.kind) {
    case 'create-table':
      return createTable(request, statement.name, statement);
    case 'drop-table':
      for (const name of statement.names) await dropTable(request, name, statement.ifExists);
      return;
    case 'alter-table':
      return alterTable(request, execution, statement);
    case 'create-index':
      return createIndex(request, statement);
    case 'drop-index':
      return dropIndex(request, statement);
    case 'create-schema':
    case 'drop-schema':
      return changeSchema(await ownDatabase(request), statement);
    case 'create-user':
    case 'drop-user':
    case 'alter-role':
      return changePrincipal(
        await ownDatabase(request),
        statement,
        request.session.instance.clock.now(),
      );
  }
  return unreachable(statement);
}

async function ownDatabase(request: Request): Promise<StoreTransaction> {
  const { session } = request;
  return session.transaction.writer(request, session.state.database, session.options.lockTimeoutMs);
}

async function dropTable(request: Request, name: ObjectName, ifExists: boolean): Promise<void> {
  const { session } = request;
  if (name.name.startsWith('#')) {
    const key = name.name.toLowerCase();
    const table = session.temporaryTables.get(key);
    if (table === undefined && !ifExists) throw sqlError(3701, 'drop', 'table', name.name);
    if (table === undefined) return;
    session.temporaryTables.delete(key);
    session.transaction.undoLog(() => session.temporaryTables.set(key, table));
    return;
  }
  const writer = await session.transaction.writer(
    request,
    name.database ?? session.state.database,
    session.options.lockTimeoutMs,
  );
  const table = writer.catalog.table(name.schema ?? 'dbo', name.name);
  if (table === undefined) {
    if (ifExists) return;
    throw sqlError(3701, 'drop', 'table', writtenName(name));
  }
  const referenced = writer.catalog
    .tables()
    .some(
      (other) =>
        other.id !== table.id && other.foreignKeys.some((key) => key.referencedTable === table.id),
    );
  if (referenced) throw sqlError(3726, writtenName(name));
  // Rows go first, one by one, so that the drop can be taken back.
  for (const row of Array.from(writer.scan(table, []))) writer.delete(table, row);
  const identity = `identity:${table.id}`;
  if (writer.catalog.item(identity) !== undefined) writer.remove(identity);
  writer.remove(`table:${table.id}`);
}

async function createIndex(
  request: Request,
  statement: Extract<DefinitionStatement, { kind: 'create-index' }>,
): Promise<void> {
  if (statement.where !== null) throw sqlError(49_901, 'filtered indexes');
  await redefine(request, statement.table, (table): TableDefinition => {
    if (table.indexes.some((index) => same(index.name, statement.name)))
      throw sqlError(1913, statement.name, 'table', writtenName(statement.table));
    const index: IndexRecord = {
      id: nextIndexId(table, false),
      objectId: 0,
      name: statement.name,
      kind: statement.unique ? 'unique-index' : 'index',
      clustered: false,
      columns: keyColumns(table, statement.columns),
      include: keyColumns(
        table,
        statement.include.map((name) => ({ name, descending: false })),
      ).map((key) => key.column),
    };
    return { ...table, indexes: [...table.indexes, index] };
  });
}

async function dropIndex(
  request: Request,
  statement: Extract<DefinitionStatement, { kind: 'drop-index' }>,
): Promise<void> {
  await redefine(request, statement.table, (table): TableDefinition => {
    const index = table.indexes.find(
      (candidate) => same(candidate.name, statement.name) && candidate.objectId === 0,
    );
    if (index === undefined && statement.ifExists) return table;
    if (index === undefined)
      throw sqlError(3701, 'drop', 'index', `${writtenName(statement.table)}.${statement.name}`);
    return { ...table, indexes: table.indexes.filter((candidate) => candidate !== index) };
  });
}

function changeSchema(
  writer: StoreTransaction,
  statement: Extract<DefinitionStatement, { kind: 'create-schema' | 'drop-schema' }>,
): void {
  const existing = writer.catalog.schema(statement.name);
  if (statement.kind === 'create-schema') {
    if (existing !== undefined) throw sqlError(2714, statement.name);
    writer.put({
      kind: 'schema',
      schema: {
        id: writer.catalog.nextSchemaId(),
        name: statement.name,
        owner: statement.owner ?? 'dbo',
      },
    });
    return;
  }
  if (existing === undefined) {
    if (statement.ifExists) return;
    throw sqlError(15_151, 'drop', 'schema', statement.name);
  }
  const user = writer.catalog.tables().find((table) => same(table.schema, existing.name));
  if (user !== undefined) throw sqlError(3729, 'schema', existing.name, user.name);
  writer.remove(itemKey({ kind: 'schema', schema: existing }));
}

type PrincipalStatement = Extract<
  DefinitionStatement,
  { kind: 'create-user' | 'drop-user' | 'alter-role' }
>;

function changePrincipal(
  writer: StoreTransaction,
  statement: PrincipalStatement,
  now: number,
): void {
  if (statement.kind === 'alter-role') {
    changeMembership(writer, statement);
    return;
  }
  const existing = writer.catalog.principal(statement.name);
  if (statement.kind === 'create-user') {
    if (existing !== undefined) throw sqlError(15_023, statement.name);
    writer.put({
      kind: 'principal',
      principal: {
        id: writer.catalog.nextPrincipalId(),
        name: statement.name,
        type: 'user',
        login: statement.login,
        fixed: false,
        roles: [],
        created: now,
      },
    });
    return;
  }
  if (existing === undefined || existing.type !== 'user' || existing.fixed) {
    if (statement.ifExists && existing === undefined) return;
    throw sqlError(15_151, 'drop', 'user', statement.name);
  }
  writer.remove(itemKey({ kind: 'principal', principal: existing }));
}

function changeMembership(
  writer: StoreTransaction,
  statement: Extract<DefinitionStatement, { kind: 'alter-role' }>,
): void {
  const role = writer.catalog.principal(statement.role);
  if (role === undefined || role.type !== 'role')
    throw sqlError(15_151, 'alter', 'role', statement.role);
  const member = writer.catalog.principal(statement.member);
  if (member === undefined) throw sqlError(15_151, 'add', 'principal', statement.member);
  const others = member.roles.filter((name) => !same(name, role.name));
  const roles = statement.change === 'add' ? [...others, role.name] : others;
  writer.put({ kind: 'principal', principal: { ...member, roles } });
}
