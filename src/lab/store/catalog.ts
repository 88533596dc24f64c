/** The schema catalog of one database in memory: lookups by name and id over the items. */

import type {
  CatalogChange,
  CatalogItem,
  PrincipalRecord,
  SchemaRecord,
  TableDefinition,
} from './definition.ts';
import { itemKey } from './definition.ts';

const FIRST_OBJECT_ID = 245_575_913;
const OBJECT_ID_STEP = 16_000_057;
const OBJECT_ID_LIMIT = 2_147_483_647;
const FIRST_USER_PRINCIPAL = 5;

/** All items of a database. */
export class Catalog {
  readonly #items = new Map<string, CatalogItem>();
  readonly #tableByName = new Map<string, TableDefinition>();

  /** Applies a change to the lookups. */
  apply(change: CatalogChange): void {
    if (change.before?.kind === 'table') this.#tableByName.delete(nameKey(change.before.table));
    if (change.after === undefined) {
      this.#items.delete(change.key);
      return;
    }
    this.#items.set(change.key, change.after);
    if (change.after.kind === 'table')
      this.#tableByName.set(nameKey(change.after.table), change.after.table);
  }

  /** An independent copy, for a transaction that changes the schema. */
  clone(): Catalog {
    const copy = new Catalog();
    for (const [key, item] of this.#items) copy.apply({ key, before: undefined, after: item });
    return copy;
  }

  /** The item under a key. */
  item(key: string): CatalogItem | undefined {
    return this.#items.get(key);
  }

  /** All items with their keys. */
  items(): IterableIterator<[string, CatalogItem]> {
    return this.#items.entries();
  }

  /** A table by schema and name, without regard to case. */
  table(schema: string, name: string): TableDefinition | undefined {
    return this.#tableByName.get(`${schema.toLowerCase()}.${name.toLowerCase()}`);
  }

  /** A table by `object_id`. */
  tableById(id: number): TableDefinition | undefined {
    const item = this.#items.get(`table:${id}`);
    return item?.kind === 'table' ? item.table : undefined;
  }

  /** All tables. */
  tables(): TableDefinition[] {
    return [...this.#tableByName.values()];
  }

  /** A schema by name. */
  schema(name: string): SchemaRecord | undefined {
    const item = this.#items.get(`schema:${name.toLowerCase()}`);
    return item?.kind === 'schema' ? item.schema : undefined;
  }

  /** All schemas. */
  schemas(): SchemaRecord[] {
    return [...this.#items.values()].flatMap((item) =>
      item.kind === 'schema' ? [item.schema] : [],
    );
  }

  /** A user or role by name. */
  principal(name: string): PrincipalRecord | undefined {
    const item = this.#items.get(`principal:${name.toLowerCase()}`);
    return item?.kind === 'principal' ? item.principal : undefined;
  }

  /** All users and roles. */
  principals(): PrincipalRecord[] {
    return [...this.#items.values()].flatMap((item) =>
      item.kind === 'principal' ? [item.principal] : [],
    );
  }

  /** Last identity value of a table; null before the first row. */
  lastIdentity(table: number): bigint | null {
    const item = this.#items.get(`identity:${table}`);
    return item?.kind === 'identity' ? item.last : null;
  }

  /** An `object_id` that no object has; `offset` asks for several at once. */
  nextObjectId(offset = 0): number {
    let highest = FIRST_OBJECT_ID;
    for (const table of this.#tableByName.values()) {
      for (const id of objectIds(table)) highest = Math.max(highest, id);
    }
    const next = highest + OBJECT_ID_STEP * (offset + 1);
    return next < OBJECT_ID_LIMIT ? next : highest + offset + 1;
  }

  /** A free `schema_id`. */
  nextSchemaId(): number {
    const used = this.schemas()
      .map((schema) => schema.id)
      .filter((id) => id < 16_384);
    return Math.max(4, ...used) + 1;
  }

  /** A free `principal_id`. */
  nextPrincipalId(): number {
    const used = this.principals()
      .map((principal) => principal.id)
      .filter((id) => id < 16_384);
    return Math.max(FIRST_USER_PRINCIPAL - 1, ...used) + 1;
  }
}

function nameKey(table: TableDefinition): string {
  return `${table.schema.toLowerCase()}.${table.name.toLowerCase()}`;
}

/** Every `object_id` a table owns: its own and those of its constraints. */
export function objectIds(table: TableDefinition): number[] {
  return [
    table.id,
    ...table.columns.flatMap((column) => (column.default === null ? [] : [column.default.id])),
    ...table.indexes.flatMap((index) => (index.objectId === 0 ? [] : [index.objectId])),
    ...table.foreignKeys.map((key) => key.id),
    ...table.checks.map((check) => check.id),
  ];
}

/** The items every new database has. */
export function initialItems(): CatalogItem[] {
  const schemas: [number, string][] = [
    [1, 'dbo'],
    [2, 'guest'],
    [3, 'INFORMATION_SCHEMA'],
    [4, 'sys'],
  ];
  const users: [number, string][] = [
    [1, 'dbo'],
    [2, 'guest'],
    [3, 'INFORMATION_SCHEMA'],
    [4, 'sys'],
  ];
  const roles: [number, string][] = [
    [0, 'public'],
    [16_384, 'db_owner'],
    [16_385, 'db_accessadmin'],
    [16_386, 'db_securityadmin'],
    [16_387, 'db_ddladmin'],
    [16_389, 'db_backupoperator'],
    [16_390, 'db_datareader'],
    [16_391, 'db_datawriter'],
    [16_392, 'db_denydatareader'],
    [16_393, 'db_denydatawriter'],
  ];
  const principal = (id: number, name: string, type: 'user' | 'role'): CatalogItem => ({
    kind: 'principal',
    principal: {
      id,
      name,
      type,
      login: name === 'dbo' ? 'sa' : null,
      fixed: true,
      roles: name === 'dbo' ? ['db_owner'] : [],
      created: 0,
    },
  });
  return [
    ...schemas.map(([id, name]): CatalogItem => ({
      kind: 'schema',
      schema: { id, name, owner: name },
    })),
    ...users.map(([id, name]) => principal(id, name, 'user')),
    ...roles.map(([id, name]) => principal(id, name, 'role')),
  ];
}

/** The change that adds an item. */
export function additionOf(item: CatalogItem): CatalogChange {
  return { key: itemKey(item), before: undefined, after: item };
}
