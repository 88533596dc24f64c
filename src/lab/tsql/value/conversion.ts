/** What a conversion is asked: shared by `convert.ts` and the files behind it. */

import type { SqlType, SqlValue } from '../../../tds/sql-type.ts';

/** What to convert. */
export interface Conversion {
  readonly value: SqlValue;
  readonly from: SqlType;
  readonly to: SqlType;
  /** Style of CONVERT; 0 is the default. */
  readonly style?: number;
}

/** A conversion of a value that is neither NULL nor a variant. */
export type PlainConversion = Required<Conversion>;
