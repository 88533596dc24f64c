/**
 * The Hijri calendar of CONVERT styles 130 and 131: the tabular one with eleven leap years in thirty
 * ("Kuwaiti algorithm", named in "CAST and CONVERT", Microsoft Learn).
 */

/** Day 0 of the calendar, 15 July 622 (Julian, the Thursday count), in days since 0001-01-01. */
const EPOCH = 227_013;

const MONTHS = [
  'محرم',
  'صفر',
  'ربيع الاول',
  'ربيع الثاني',
  'جمادى الاولى',
  'جمادى الثانية',
  'رجب',
  'شعبان',
  'رمضان',
  'شوال',
  'ذو القعدة',
  'ذو الحجة',
];

/** A day of the Hijri calendar. */
export interface HijriDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** Arabic name of the month. */
  readonly monthName: string;
}

/** The Hijri day of days since 0001-01-01; undefined before the calendar begins. */
export function hijriOf(days: number): HijriDay | undefined {
  if (days < EPOCH) return undefined;
  const elapsed = days - EPOCH;
  const year = Math.floor((30 * elapsed + 10_646) / 10_631);
  const ofYear = elapsed - ((year - 1) * 354 + Math.floor((3 + 11 * year) / 30));
  const month = Math.min(12, Math.floor(ofYear / 29.5) + 1);
  const day = ofYear - Math.ceil(29.5 * (month - 1)) + 1;
  return { year, month, day, monthName: MONTHS[month - 1] ?? '' };
}
