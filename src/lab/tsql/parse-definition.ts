/** Tables: CREATE, ALTER and DROP TABLE, indexes, schemas. Columns and constraints are in `parse-column.ts`. */

import { unreachable } from '../../base/assert.ts';
import type { DefinitionStatement, TableChange } from './ast.ts';
import {
  parseColumn,
  parseConstraint,
  parseIndexColumns,
  parseTableElements,
  startsConstraint,
} from './parse-column.ts';
import type { Cursor } from './parse-cursor.ts';

/** Takes CREATE TABLE behind the word CREATE. */
export function parseCreateTable(cursor: Cursor): DefinitionStatement {
  cursor.expect('TABLE');
  const name = cursor.objectName();
  if (cursor.is('AS')) throw cursor.notSimulated('CREATE TABLE AS');
  const elements = parseTableElements(cursor);
  parseStorage(cursor);
  return { kind: 'create-table', name, ...elements };
}

/** ON filegroup and WITH (...) of tables and indexes change nothing in the lab. */
function parseStorage(cursor: Cursor): void {
  for (;;) {
    if (cursor.is('ON') || cursor.is('TEXTIMAGE_ON')) {
      cursor.take();
      if (cursor.accept('DEFAULT')) continue;
      cursor.name();
      if (cursor.is('(')) throw cursor.notSimulated('partitions');
    } else if (cursor.is('WITH', '(')) {
      cursor.expect('WITH', '(');
      cursor.list(() => parseStorageOption(cursor));
      cursor.expect(')');
    } else {
      return;
    }
  }
}

const STORAGE_OPTIONS = new Set(
  `PAD_INDEX FILLFACTOR IGNORE_DUP_KEY STATISTICS_NORECOMPUTE ALLOW_ROW_LOCKS ALLOW_PAGE_LOCKS DATA_COMPRESSION
  SORT_IN_TEMPDB ONLINE DROP_EXISTING MAXDOP OPTIMIZE_FOR_SEQUENTIAL_KEY STATISTICS_INCREMENTAL`
    .trim()
    .split(/\s+/u),
);

function parseStorageOption(cursor: Cursor): void {
  const token = cursor.take();
  if (!STORAGE_OPTIONS.has(token.upper)) throw cursor.fail(155, token, token.value, 'CREATE TABLE');
  cursor.expect('=');
  const value = cursor.take();
  if (token.upper === 'IGNORE_DUP_KEY' && value.upper === 'ON')
    throw cursor.notSimulated('IGNORE_DUP_KEY');
  if (value.kind !== 'word' && value.kind !== 'integer') throw cursor.error(value);
}

/** Takes CREATE [UNIQUE] [CLUSTERED] INDEX behind the word CREATE. */
export function parseCreateIndex(cursor: Cursor): DefinitionStatement {
  const unique = cursor.accept('UNIQUE');
  if (!cursor.accept('CLUSTERED')) cursor.accept('NONCLUSTERED');
  if (cursor.is('COLUMNSTORE')) throw cursor.notSimulated('columnstore indexes');
  cursor.expect('INDEX');
  const name = cursor.name();
  cursor.expect('ON');
  const table = cursor.objectName();
  const columns = parseIndexColumns(cursor);
  const include = cursor.accept('INCLUDE') ? cursor.parenthesized(() => cursor.name()) : [];
  const where = cursor.accept('WHERE') ? cursor.rules.condition(cursor) : null;
  parseStorage(cursor);
  return { kind: 'create-index', name, table, unique, columns, include, where };
}

/** Takes CREATE SCHEMA behind the word CREATE. */
export function parseCreateSchema(cursor: Cursor): DefinitionStatement {
  cursor.expect('SCHEMA');
  if (cursor.accept('AUTHORIZATION')) {
    const owner = cursor.name();
    return { kind: 'create-schema', name: owner, owner };
  }
  const name = cursor.name();
  const owner = cursor.accept('AUTHORIZATION') ? cursor.name() : null;
  return { kind: 'create-schema', name, owner };
}

/** Takes ALTER TABLE behind the word ALTER. */
export function parseAlterTable(cursor: Cursor): DefinitionStatement {
  cursor.expect('TABLE');
  const name = cursor.objectName();
  return { kind: 'alter-table', name, change: parseChange(cursor) };
}

function parseChange(cursor: Cursor): TableChange {
  if (cursor.accept('WITH', 'CHECK') || cursor.accept('WITH', 'NOCHECK')) return parseAdd(cursor);
  if (cursor.is('ADD')) return parseAdd(cursor);
  if (cursor.is('ALTER')) throw cursor.notSimulated('ALTER TABLE ... ALTER COLUMN');
  if (cursor.isOneOf('CHECK', 'NOCHECK', 'ENABLE', 'DISABLE', 'SET', 'REBUILD', 'SWITCH')) {
    throw cursor.notSimulated(`ALTER TABLE ... ${cursor.peek().upper}`);
  }
  cursor.expect('DROP');
  if (cursor.accept('COLUMN')) {
    const ifExists = cursor.accept('IF', 'EXISTS');
    return { kind: 'drop-column', columns: cursor.list(() => cursor.name()), ifExists };
  }
  cursor.accept('CONSTRAINT');
  const ifExists = cursor.accept('IF', 'EXISTS');
  return { kind: 'drop-constraint', name: cursor.name(), ifExists };
}

function parseAdd(cursor: Cursor): TableChange {
  cursor.expect('ADD');
  if (!startsConstraint(cursor)) {
    return { kind: 'add-column', columns: cursor.list(() => parseColumn(cursor)) };
  }
  const constraint = parseConstraint(cursor, null);
  if (cursor.is(',')) throw cursor.notSimulated('several constraints in one ALTER TABLE');
  return { kind: 'add-constraint', constraint };
}

/** Takes DROP TABLE, INDEX, SCHEMA or USER behind the word DROP. */
export function parseDropObject(cursor: Cursor): DefinitionStatement {
  const what = cursor.oneOf('TABLE', 'INDEX', 'SCHEMA', 'USER');
  const ifExists = cursor.accept('IF', 'EXISTS');
  switch (what) {
    case 'TABLE':
      return { kind: 'drop-table', names: cursor.list(() => cursor.objectName()), ifExists };
    case 'INDEX':
      return parseDropIndex(cursor, ifExists);
    case 'SCHEMA':
      return { kind: 'drop-schema', name: cursor.name(), ifExists };
    case 'USER':
      return { kind: 'drop-user', name: cursor.name(), ifExists };
  }
  return unreachable(what);
}

/** `DROP INDEX i ON t`; the old `t.i` is read as well. */
function parseDropIndex(cursor: Cursor, ifExists: boolean): DefinitionStatement {
  const first = cursor.peek();
  const name = cursor.objectName();
  if (name.schema !== null) {
    return {
      kind: 'drop-index',
      name: name.name,
      table: { database: null, schema: name.database, name: name.schema },
      ifExists,
    };
  }
  if (!cursor.is('ON')) throw cursor.fail(159, first);
  cursor.expect('ON');
  const table = cursor.objectName();
  if (cursor.is(',')) throw cursor.notSimulated('several indexes in one DROP INDEX');
  return { kind: 'drop-index', name: name.name, table, ifExists };
}
