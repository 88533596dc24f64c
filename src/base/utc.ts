/**
 * ISO 8601 UTC texts from and to milliseconds since 1970, by arithmetic alone.
 *
 * The time itself comes from the Clock port; the global `Date` is not used outside its adapter.
 */

const DAY_MS = 86_400_000;

/** Prints `2026-11-21T21:05:09.123Z`. */
export function formatUtc(epochMs: number): string {
  const days = Math.floor(epochMs / DAY_MS);
  const rest = Math.floor(epochMs - days * DAY_MS);
  const { year, month, day } = civilFromDays(days);
  const hour = Math.floor(rest / 3_600_000);
  const minute = Math.floor(rest / 60_000) % 60;
  const second = Math.floor(rest / 1000) % 60;
  const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  return `${date}T${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}.${pad(rest % 1000, 3)}Z`;
}

/**
 * Reads `2026-11-21T21:05[:09[.1234567]]` followed by `Z` or an offset such as `+01:00`; `null` when it
 * is anything else. What is below a millisecond (a server's datetime2 has it) is cut off. A text without a zone is refused: a guessed zone moves an outage by hours.
 */
export function parseUtc(text: string): number | null {
  const match =
    /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?(Z|[+-]\d\d:\d\d)$/u.exec(
      text,
    );
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0)) as [number, number, number, number, number, number];
  const millisecond = Number((match[7] ?? '0').padEnd(3, '0').slice(0, 3));
  if (hour > 23 || minute > 59 || second > 59) return null;
  const days = daysFromCivil({ year, month, day });
  const back = civilFromDays(days);
  if (back.month !== month || back.day !== day) return null;
  const local = days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + millisecond;
  const offset = offsetMs(match[8] ?? 'Z');
  return offset === null ? null : local - offset;
}

/** A day of the Gregorian calendar. */
export interface CivilDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
}

/** Gregorian date of a day number since 1970-01-01. Howard Hinnant's `civil_from_days`: years start in March, so that the leap day comes last. */
export function civilFromDays(days: number): CivilDate {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
  };
}

/** The inverse, `days_from_civil`. */
function daysFromCivil(date: CivilDate): number {
  const year = date.month <= 2 ? date.year - 1 : date.year;
  const era = Math.floor(year / 400);
  const yearOfEra = year - era * 400;
  const monthFromMarch = date.month > 2 ? date.month - 3 : date.month + 9;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + date.day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** No place on Earth is further from UTC than 14 hours. */
const LARGEST_OFFSET_MINUTES = 14 * 60;

function offsetMs(zone: string): number | null {
  if (zone === 'Z') return 0;
  const minute = Number(zone.slice(4, 6));
  const minutes = Number(zone.slice(1, 3)) * 60 + minute;
  if (minute > 59 || minutes > LARGEST_OFFSET_MINUTES) return null;
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
