/** Operators over typed values. */

import type { Result } from '../../../base/result.ts';
import { fail } from '../../../base/result.ts';
import type { SqlType, SqlValue } from '../../../tds/sql-type.ts';
import type { ServerMessage } from '../../session.ts';
import type { BinaryOperator } from '../ast.ts';
import { serverMessage } from '../message.ts';

/** Compares two non-null values of one type: negative, 0, positive. */
export function compare(left: SqlValue, right: SqlValue, type: SqlType): number {
  throw new Error(`${String(left)} ${String(right)} ${type.kind}`);
}

/** Operands of an arithmetic operator with their own types. */
export interface Arithmetic {
  readonly left: SqlValue;
  readonly leftType: SqlType;
  readonly right: SqlValue;
  readonly rightType: SqlType;
}

/** Runs `+ - * / % & | ^` (result of type `binaryResultType`): NULL propagates; 8134, 8115, 245... */
export function arithmetic(
  operator: BinaryOperator,
  operands: Arithmetic,
): Result<SqlValue, ServerMessage> {
  return fail(serverMessage(8117, operands.leftType.kind, operator));
}

/** LIKE without regard to case; `escape` is one character or null. */
export function like(value: string, pattern: string, escape: string | null): boolean {
  throw new Error(value + pattern + String(escape));
}

/** A key that is equal exactly for values that `compare` calls equal; null gets one of its own. */
export function hashKey(value: SqlValue, type: SqlType): string | number | bigint {
  throw new Error(`${String(value)} ${type.kind}`);
}
