/** Values as messages show them. */

import type { SqlType, SqlValue } from '../../../tds/sql-type.ts';
import { textOfValue } from '../query/compiled.ts';
import { convert } from '../value/convert.ts';

/** Text of a value inside a message; `<NULL>` for NULL. */
export function displayValue(value: SqlValue, type: SqlType): string {
  if (value === null) return '<NULL>';
  const text = convert({ value, from: type, to: { kind: 'nvarchar', length: 4000 } });
  return text.ok ? textOfValue(text.value) : '';
}
