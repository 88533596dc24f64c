/** Milliseconds since 1970 as a datetime value. */

import type { DateTime } from '../../../tds/sql-type.ts';

const DAYS_BEFORE_1970 = 719_162;
const DAY_MS = 86_400_000;

/** The moment in UTC with milliseconds. */
export function momentOf(milliseconds: number): DateTime {
  const days = Math.floor(milliseconds / DAY_MS);
  return {
    kind: 'datetime',
    days: days + DAYS_BEFORE_1970,
    ticks: (milliseconds - days * DAY_MS) * 10_000,
    offsetMinutes: 0,
  };
}
