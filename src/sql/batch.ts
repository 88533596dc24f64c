/** One request to one instance as text and typed parameters, and the form its answer arrives in. */

import type { ServerErrorEvidence } from '../model/problem.ts';
import type { Side } from '../model/side.ts';

/** Types a parameter of ours may have. */
export type SqlParameterType =
  | 'int'
  | 'varchar(30)'
  | 'varchar(33)'
  | 'nvarchar(128)'
  | 'nvarchar(max)';

/** One parameter; its value never is a secret. */
export interface SqlParameter {
  /** Without the at-sign. */
  readonly name: string;
  readonly type: SqlParameterType;
  readonly value: string | number | null;
}

/** One batch. Without parameters it is sent as a plain batch, with parameters through sp_executesql. */
export interface SqlBatch {
  readonly side: Side;
  readonly text: string;
  readonly parameters: readonly SqlParameter[];
  /** False for what only reads. */
  readonly changesState: boolean;
}

/** One row by column name; decoders turn it into a domain object. */
export type RawRow = Readonly<Record<string, unknown>>;

/** One rowset. The name of its first column says which part of the answer it is. */
export interface RawSet {
  readonly columns: readonly string[];
  readonly rows: readonly RawRow[];
}

/** Everything a batch answered, in order; errors do not end the batch by themselves. */
export interface RawReply {
  readonly sets: readonly RawSet[];
  readonly errors: readonly ServerErrorEvidence[];
}
