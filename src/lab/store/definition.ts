/**
 * What a user database knows about itself: the items of its schema catalog.
 *
 * Items are plain data addressed by a key, so that one schema operation of the log is "this item was
 * that, and is now this", with the inverse for free. Expressions are kept as syntax trees.
 */

import { unreachable } from '../../base/assert.ts';
import type { SqlType } from '../../tds/sql-type.ts';
import type { Expression } from '../tsql/ast.ts';

/** A column of a table. */
export interface ColumnRecord {
  /** `column_id`: never reused inside a table, names the SQLite column. */
  readonly id: number;
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly identity: { readonly seed: bigint; readonly increment: bigint } | null;
  readonly default: {
    readonly id: number;
    readonly name: string;
    readonly expression: Expression;
  } | null;
  /** Computed columns are evaluated when a row is written and stored. */
  readonly computed: Expression | null;
}

/** An index, or the index behind a key constraint. */
export interface IndexRecord {
  /** `index_id` inside the table: 1 for a clustered index, 2 and up for others. */
  readonly id: number;
  /** `object_id` of the constraint; 0 for a plain index. */
  readonly objectId: number;
  readonly name: string;
  readonly kind: 'primary-key' | 'unique-constraint' | 'unique-index' | 'index';
  readonly clustered: boolean;
  readonly columns: readonly { readonly column: number; readonly descending: boolean }[];
  readonly include: readonly number[];
}

/** A foreign key. */
export interface ForeignKeyRecord {
  readonly id: number;
  readonly name: string;
  /** Column ids of this table. */
  readonly columns: readonly number[];
  /** `object_id` of the referenced table. */
  readonly referencedTable: number;
  readonly referencedColumns: readonly number[];
  readonly onDelete: 'no-action' | 'cascade' | 'set-null';
}

/** A CHECK constraint. */
export interface CheckRecord {
  readonly id: number;
  readonly name: string;
  readonly condition: Expression;
}

/** A table. */
export interface TableDefinition {
  /** `object_id`. */
  readonly id: number;
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly ColumnRecord[];
  readonly indexes: readonly IndexRecord[];
  readonly foreignKeys: readonly ForeignKeyRecord[];
  readonly checks: readonly CheckRecord[];
  /** Milliseconds since 1970 UTC. */
  readonly created: number;
}

/** A schema. */
export interface SchemaRecord {
  readonly id: number;
  readonly name: string;
  readonly owner: string;
}

/** A database user or role. */
export interface PrincipalRecord {
  readonly id: number;
  readonly name: string;
  readonly type: 'user' | 'role';
  /** Login the user belongs to; null for roles and users without login. */
  readonly login: string | null;
  readonly fixed: boolean;
  /** Names of the roles this principal is a member of. */
  readonly roles: readonly string[];
  readonly created: number;
}

/** An item of the catalog. `identity` holds the last value handed out, null before the first. */
export type CatalogItem =
  | { readonly kind: 'table'; readonly table: TableDefinition }
  | { readonly kind: 'schema'; readonly schema: SchemaRecord }
  | { readonly kind: 'principal'; readonly principal: PrincipalRecord }
  | { readonly kind: 'identity'; readonly table: number; readonly last: bigint | null };

/** One schema operation: the item under `key` was `before` and is `after`; undefined means absent. */
export interface CatalogChange {
  readonly key: string;
  readonly before: CatalogItem | undefined;
  readonly after: CatalogItem | undefined;
}

/** Key of an item; unique per kind and, for named items, without regard to case. */
export function itemKey(item: CatalogItem): string {
  switch (item.kind) {
    case 'table':
      return `table:${item.table.id}`;
    case 'schema':
      return `schema:${item.schema.name.toLowerCase()}`;
    case 'principal':
      return `principal:${item.principal.name.toLowerCase()}`;
    case 'identity':
      return `identity:${item.table}`;
  }
  return unreachable(item);
}

/** The change that takes a change back. */
export function inverseChange(change: CatalogChange): CatalogChange {
  return { key: change.key, before: change.after, after: change.before };
}
