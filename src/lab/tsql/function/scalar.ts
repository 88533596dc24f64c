/** What a scalar function is, and what it may see of the running session. */

import type { SqlType, SqlValue, Variant } from '../../../tds/sql-type.ts';
import type { Instance, SessionIdentity, SessionState } from '../../instance.ts';
import type { ServerMessage } from '../../session.ts';
import type { ObjectName } from '../ast.ts';

/** SET options that functions show. */
export interface SessionOptions {
  /** Bits of `@@OPTIONS`. */
  readonly optionBits: number;
  /** First day of the week, 1 (Monday) to 7. */
  readonly dateFirst: number;
  /** Milliseconds; -1 waits for ever. */
  readonly lockTimeoutMs: number;
  readonly textSize: number;
  readonly language: string;
}

/** What functions need of the session and its database; built by the interpreter per statement. */
export interface ScalarContext {
  readonly instance: Instance;
  readonly identity: SessionIdentity;
  readonly state: SessionState;
  readonly options: SessionOptions;
  /** Milliseconds since 1970 UTC at the start of the statement: GETDATE does not move inside one. */
  readonly statementTime: number;
  /** `@@ROWCOUNT` of the statement before. */
  readonly rowCount: bigint;
  /** `@@ERROR`: number of the statement before, 0 without an error. */
  readonly lastError: number;
  /** The error a CATCH block handles; null outside. */
  readonly error: ServerMessage | null;
  /** `XACT_STATE()`. */
  readonly transactionState: -1 | 0 | 1;
  /** `SCOPE_IDENTITY()` and `@@IDENTITY`. */
  readonly scopeIdentity: bigint | null;
  readonly lastIdentity: bigint | null;
  /** Database user of the login in the current database. */
  readonly userName: string;
  /** `SESSION_CONTEXT`, keys in lower case. */
  readonly sessionContext: ReadonlyMap<string, Variant>;
  /** OBJECT_ID: null when there is no such object; the type is `U`, `V`, `P`... or null for any. */
  objectId(name: ObjectName, type: string | null): number | null;
  /** OBJECT_NAME and OBJECT_SCHEMA_NAME. */
  objectName(
    id: number,
    database: string,
  ): { readonly schema: string; readonly name: string } | null;
  /** COL_LENGTH: bytes, -1 for max, null when there is no such column. */
  columnLength(table: ObjectName, column: string): number | null;
}

/** A function of values. Errors are thrown as `SqlError`. */
export interface ScalarFunction {
  readonly minArguments: number;
  readonly maxArguments: number;
  /** Type of the result; raises 8116 for an argument type the function does not take. */
  type(argumentTypes: readonly SqlType[]): SqlType;
  /** Value of the type that `type` gives for the same argument types. */
  evaluate(
    context: ScalarContext,
    values: readonly SqlValue[],
    types: readonly SqlType[],
  ): SqlValue;
}

/** An `@@` variable. */
export interface SystemVariable {
  readonly type: SqlType;
  evaluate(context: ScalarContext): SqlValue;
}
