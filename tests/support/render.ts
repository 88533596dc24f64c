/** Values and rows as short text, for tables of test cases. */

import type { SqlValue } from '../../src/tds/sql-type.ts';

/** One value: NULL, 1 and 0 for bit, plain numbers, text, 0x bytes, day and tick counts of moments. */
export function renderValue(value: SqlValue): string {
  if (value === null) return 'NULL';
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')
    return String(value);
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex').toUpperCase()}`;
  if (value.kind === 'variant') return renderValue(value.value);
  if (value.kind === 'datetime') return `${value.days}+${value.ticks}`;
  const digits = (value.unscaled < 0n ? -value.unscaled : value.unscaled)
    .toString()
    .padStart(value.scale + 1, '0');
  const sign = value.unscaled < 0n ? '-' : '';
  return value.scale === 0
    ? `${sign}${digits}`
    : `${sign}${digits.slice(0, -value.scale)}.${digits.slice(-value.scale)}`;
}

/** Rows as `a|b; c|d`. */
export function renderRows(rows: readonly (readonly SqlValue[])[]): string {
  return rows.map((row) => row.map(renderValue).join('|')).join('; ');
}
