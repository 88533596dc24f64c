/**
 * The seam between a database's rows (`lab/store/`, on node:sqlite) and its log (`lab/hadr/`, pure).
 *
 * The log engine orders, ships and acknowledges payloads without looking into them; the store applies
 * them. A payload is physical: rows are addressed by a hidden row number that is equal on every copy,
 * so redo gives equal tables without keys, and carries before-images, so a divergent tail can be undone.
 */

import type { SqlValue } from '../../tds/sql-type.ts';

/** One change of one row or of the schema. `schema` operations carry the definition of tables as data. */
export type LogOperation =
  | {
      readonly kind: 'insert';
      readonly table: number;
      readonly row: number;
      readonly after: readonly SqlValue[];
    }
  | {
      readonly kind: 'update';
      readonly table: number;
      readonly row: number;
      readonly before: readonly SqlValue[];
      readonly after: readonly SqlValue[];
    }
  | {
      readonly kind: 'delete';
      readonly table: number;
      readonly row: number;
      readonly before: readonly SqlValue[];
    }
  /** Any other change of metadata: tables, indexes, identity, users, properties. Opaque outside the store. */
  | { readonly kind: 'schema'; readonly change: unknown; readonly inverse: unknown };

/** What one committed transaction did. */
export interface LogPayload {
  readonly operations: readonly LogOperation[];
  /** Size in the log, in bytes; at least 60. */
  readonly bytes: number;
}

/** A consistent copy of a database at one point of its log. */
export interface StoreImage {
  readonly bytes: Uint8Array;
}

/** Rows of one database on one instance, as the log sees them. The T-SQL side of the store is in `lab/store/`. */
export interface DatabaseStore {
  /** Size of the data files in bytes. */
  dataBytes(): number;
  /** Copies everything committed so far. */
  image(): StoreImage;
  /** Replaces the content by an image. */
  restore(image: StoreImage): void;
  /** Applies a committed transaction of the primary. */
  redo(payload: LogPayload): void;
  /** Takes a transaction back that the new primary never had. */
  undo(payload: LogPayload): void;
  /** SHA-256 over schema and rows in a canonical order, hexadecimal: equal copies have equal digests. */
  digest(): string;
  close(): void;
}
