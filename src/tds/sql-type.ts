/**
 * The data types of SQL Server and the JavaScript form of their values.
 *
 * Shared by the wire codec (`tds/`) and the lab. Exact types never become a JavaScript number:
 * bigint is a bigint, decimal carries an unscaled bigint.
 */

/** Length of a variable type: characters (n-types) or bytes, or `max`. */
export type TypeLength = number | 'max';

/** A data type with its facets. */
export type SqlType =
  | { readonly kind: 'bit' }
  | { readonly kind: 'tinyint' | 'smallint' | 'int' | 'bigint' }
  | { readonly kind: 'decimal' | 'numeric'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'money' | 'smallmoney' }
  | { readonly kind: 'float' | 'real' }
  | { readonly kind: 'date' | 'datetime' | 'smalldatetime' }
  | { readonly kind: 'time' | 'datetime2' | 'datetimeoffset'; readonly scale: number }
  | { readonly kind: 'uniqueidentifier' }
  | { readonly kind: 'char' | 'varchar' | 'nchar' | 'nvarchar'; readonly length: TypeLength }
  | { readonly kind: 'binary' | 'varbinary'; readonly length: TypeLength }
  | { readonly kind: 'text' | 'ntext' | 'image' }
  | { readonly kind: 'xml' }
  | { readonly kind: 'sql_variant' };

/** Name of a type. */
export type SqlTypeKind = SqlType['kind'];

/** An exact decimal: `unscaled / 10^scale`. Also carries money (scale 4). */
export interface Decimal {
  readonly kind: 'decimal';
  readonly unscaled: bigint;
  readonly scale: number;
}

/** A point on the calendar without time zone arithmetic; parts a type does not have are 0. */
export interface DateTime {
  readonly kind: 'datetime';
  /** Days since 0001-01-01; 0 for `time`. */
  readonly days: number;
  /** Units of 100 nanoseconds since midnight, below 864_000_000_000. */
  readonly ticks: number;
  /** Minutes east of UTC, for `datetimeoffset`; `days` and `ticks` are local to it. */
  readonly offsetMinutes: number;
}

/** A value of `sql_variant` with its own type. */
export interface Variant {
  readonly kind: 'variant';
  readonly type: SqlType;
  readonly value: SqlValue;
}

/**
 * A value: null; boolean for bit; number for tinyint, smallint, int, float and real; bigint for
 * bigint; string for character types, xml and uniqueidentifier (upper case); bytes for binary types.
 */
export type SqlValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Decimal
  | DateTime
  | Variant;

/** A column of a rowset. */
export interface Column {
  /** Empty for an expression without alias. */
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly identity?: boolean;
}
