/** Columns and constraints of CREATE TABLE, ALTER TABLE ADD and DECLARE @t TABLE. */

import { isBinaryCollation } from './value/collate.ts';
import type { ColumnDefinition, Expression, IndexColumn, TableConstraint } from './ast.ts';
import type { Cursor } from './parse-cursor.ts';
import { parseType } from './parse-type.ts';

/** Takes `( column or constraint, ... )`. */
export function parseTableElements(cursor: Cursor): {
  readonly columns: readonly ColumnDefinition[];
  readonly constraints: readonly TableConstraint[];
} {
  const columns: ColumnDefinition[] = [];
  const constraints: TableConstraint[] = [];
  cursor.expect('(');
  do {
    // A trailing comma before the parenthesis is legal.
    if (cursor.is(')') && columns.length > 0) break;
    if (cursor.is('INDEX')) throw cursor.notSimulated('INDEX inside CREATE TABLE');
    if (cursor.is('PERIOD')) throw cursor.notSimulated('temporal tables');
    if (startsConstraint(cursor)) constraints.push(parseConstraint(cursor, null));
    else columns.push(parseColumn(cursor));
  } while (cursor.accept(','));
  cursor.expect(')');
  return { columns, constraints };
}

/** Whether a constraint comes next. */
export function startsConstraint(cursor: Cursor): boolean {
  return cursor.isOneOf('CONSTRAINT', 'PRIMARY', 'UNIQUE', 'FOREIGN', 'CHECK', 'DEFAULT');
}

interface ColumnParts {
  nullable: boolean | null;
  identity: ColumnDefinition['identity'];
  default: Expression | null;
  readonly constraints: TableConstraint[];
}

/** Takes one column definition. */
export function parseColumn(cursor: Cursor): ColumnDefinition {
  const first = cursor.peek();
  const name = cursor.name();
  if (cursor.accept('AS')) {
    const computed = cursor.rules.expression(cursor);
    cursor.accept('PERSISTED');
    const nullable = cursor.accept('NOT', 'NULL') ? false : null;
    return {
      name,
      type: { kind: 'int' },
      nullable,
      identity: null,
      default: null,
      constraints: [],
      computed,
    };
  }
  if (cursor.isOneOf(',', ')')) throw cursor.fail(173, first, name);
  const type = parseType(cursor, 'declaration');
  const parts: ColumnParts = { nullable: null, identity: null, default: null, constraints: [] };
  while (parseColumnPart(cursor, name, parts));
  return {
    name,
    type,
    nullable: parts.nullable,
    identity: parts.identity,
    default: parts.default,
    constraints: parts.constraints,
    computed: null,
  };
}

function parseColumnPart(cursor: Cursor, column: string, parts: ColumnParts): boolean {
  if (cursor.accept('NULL')) parts.nullable = true;
  else if (cursor.accept('NOT', 'NULL')) parts.nullable = false;
  else if (cursor.accept('NOT', 'FOR', 'REPLICATION')) return true;
  else if (cursor.accept('ROWGUIDCOL') || cursor.accept('SPARSE')) return true;
  else if (cursor.accept('COLLATE')) {
    const name = cursor.collation();
    if (isBinaryCollation(name)) throw cursor.notSimulated(`columns of the collation ${name}`);
  } else if (cursor.accept('IDENTITY')) parts.identity = parseIdentity(cursor);
  else if (startsConstraint(cursor) || cursor.is('REFERENCES'))
    parts.constraints.push(parseConstraint(cursor, column));
  else if (cursor.isOneOf('MASKED', 'ENCRYPTED', 'GENERATED', 'INDEX', 'HIDDEN'))
    throw cursor.notSimulated(`${cursor.peek().upper} columns`);
  else return false;
  return true;
}

function parseIdentity(cursor: Cursor): { readonly seed: bigint; readonly increment: bigint } {
  if (!cursor.accept('(')) return { seed: 1n, increment: 1n };
  const seed = parseSigned(cursor);
  cursor.expect(',');
  const increment = parseSigned(cursor);
  cursor.expect(')');
  return { seed, increment };
}

function parseSigned(cursor: Cursor): bigint {
  const negative = cursor.accept('-');
  const token = cursor.take();
  if (token.kind !== 'integer') throw cursor.error(token);
  return negative ? -BigInt(token.value) : BigInt(token.value);
}

/** Takes one constraint; `column` is the column it is written at, or null for a table constraint. */
export function parseConstraint(cursor: Cursor, column: string | null): TableConstraint {
  const name = cursor.accept('CONSTRAINT') ? cursor.name() : null;
  const own = column === null ? null : [column];
  if (cursor.accept('PRIMARY', 'KEY')) {
    const clustered = cursor.accept('NONCLUSTERED') ? false : (cursor.accept('CLUSTERED'), true);
    const columns = parseKeyColumns(cursor, own);
    return { kind: 'primary-key', name, columns, clustered };
  }
  if (cursor.accept('UNIQUE')) {
    if (!cursor.accept('NONCLUSTERED')) cursor.accept('CLUSTERED');
    return { kind: 'unique', name, columns: parseKeyColumns(cursor, own) };
  }
  if (cursor.accept('CHECK')) {
    cursor.accept('NOT', 'FOR', 'REPLICATION');
    cursor.expect('(');
    const condition = cursor.rules.condition(cursor);
    cursor.expect(')');
    return { kind: 'check', name, condition };
  }
  if (cursor.accept('DEFAULT')) return parseDefault(cursor, name, column);
  return parseForeignKey(cursor, name, own);
}

function parseDefault(cursor: Cursor, name: string | null, column: string | null): TableConstraint {
  const value = cursor.rules.expression(cursor);
  if (column !== null) return { kind: 'default', name, column, value };
  cursor.expect('FOR');
  return { kind: 'default', name, column: cursor.name(), value };
}

function parseKeyColumns(cursor: Cursor, own: readonly string[] | null): readonly IndexColumn[] {
  const columns =
    cursor.is('(') || own === null
      ? parseIndexColumns(cursor)
      : own.map((name) => ({ name, descending: false }));
  parseKeyOptions(cursor);
  return columns;
}

/** WITH (...) and ON filegroup of a key change nothing in the lab. */
function parseKeyOptions(cursor: Cursor): void {
  if (cursor.accept('WITH', '(')) {
    cursor.list(() => {
      cursor.name();
      cursor.expect('=');
      cursor.take();
    });
    cursor.expect(')');
  }
  if (cursor.accept('ON') && !cursor.accept('PRIMARY')) cursor.name();
}

/** Takes `( column [ASC | DESC], ... )`. */
export function parseIndexColumns(cursor: Cursor): readonly IndexColumn[] {
  return cursor.parenthesized(() => {
    const name = cursor.name();
    const descending = cursor.accept('DESC');
    if (!descending) cursor.accept('ASC');
    return { name, descending };
  });
}

function parseForeignKey(
  cursor: Cursor,
  name: string | null,
  own: readonly string[] | null,
): TableConstraint {
  if (cursor.accept('FOREIGN', 'KEY')) {
    if (own === null || cursor.is('(')) own = cursor.parenthesized(() => cursor.name());
  }
  cursor.expect('REFERENCES');
  if (own === null) throw cursor.error();
  const references = cursor.objectName();
  const referencedColumns = cursor.is('(') ? cursor.parenthesized(() => cursor.name()) : [];
  let onDelete: 'no-action' | 'cascade' | 'set-null' = 'no-action';
  while (cursor.accept('ON')) {
    const event = cursor.oneOf('DELETE', 'UPDATE');
    const action = parseAction(cursor);
    if (event === 'DELETE') onDelete = action;
    else if (action !== 'no-action') throw cursor.notSimulated('ON UPDATE CASCADE');
  }
  cursor.accept('NOT', 'FOR', 'REPLICATION');
  return { kind: 'foreign-key', name, columns: own, references, referencedColumns, onDelete };
}

function parseAction(cursor: Cursor): 'no-action' | 'cascade' | 'set-null' {
  if (cursor.accept('CASCADE')) return 'cascade';
  if (cursor.accept('SET', 'NULL')) return 'set-null';
  if (cursor.is('SET', 'DEFAULT')) throw cursor.notSimulated('SET DEFAULT');
  cursor.expect('NO', 'ACTION');
  return 'no-action';
}
