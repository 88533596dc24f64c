/** The time where sqlferry runs, for people. */

/** `22 Nov 2026, 04:01:12 CET` of milliseconds since 1970; with a zone name, that zone instead of the machine's. */
export function localTime(epochMs: number, timeZone?: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
    ...(timeZone === undefined ? {} : { timeZone }),
  });
  return format.format(epochMs);
}
