/** Types with values that belong to them, for round-trip properties. */

import * as fc from 'fast-check';

import type { SqlType, SqlValue } from '../../src/tds/sql-type.ts';

/** A type and a value of it, null included. */
export interface TypedValue {
  readonly type: SqlType;
  readonly value: SqlValue;
}

const DAYS_TO_1753 = 639_905;
const DAYS_TO_1900 = 693_595;
const LAST_DAY = 3_652_058;
const TICKS_PER_DAY = 864_000_000_000;

function typed(type: SqlType, value: fc.Arbitrary<SqlValue>): fc.Arbitrary<TypedValue> {
  return value.map((one) => ({ type, value: one }));
}

const whole = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const ticks = (scale: number): fc.Arbitrary<number> =>
  fc.maxSafeNat().map((n) => {
    const unit = 10 ** (7 - scale);
    return (n % (TICKS_PER_DAY / unit)) * unit;
  });

function moment(days: fc.Arbitrary<number>, time: fc.Arbitrary<number>): fc.Arbitrary<SqlValue> {
  return fc.tuple(days, time).map(([day, tick]) => ({
    kind: 'datetime' as const,
    days: day,
    ticks: tick,
    offsetMinutes: 0,
  }));
}

const exact = fc.integer({ min: 1, max: 38 }).chain((precision) =>
  fc
    .tuple(
      fc.integer({ min: 0, max: precision }),
      fc.bigInt({ min: 1n - 10n ** BigInt(precision), max: 10n ** BigInt(precision) - 1n }),
      fc.constantFrom('decimal' as const, 'numeric' as const),
    )
    .map(([scale, unscaled, kind]): TypedValue => ({
      type: { kind, precision, scale },
      value: { kind: 'decimal', unscaled, scale },
    })),
);

const money = (kind: 'money' | 'smallmoney', bits: bigint): fc.Arbitrary<TypedValue> =>
  typed(
    { kind },
    fc
      .bigInt({ min: -(1n << bits), max: (1n << bits) - 1n })
      .map((unscaled) => ({ kind: 'decimal' as const, unscaled, scale: 4 })),
  );

const scaledTimes = fc.integer({ min: 0, max: 7 }).chain((scale) =>
  fc.oneof(
    typed({ kind: 'time', scale }, moment(fc.constant(0), ticks(scale))),
    typed({ kind: 'datetime2', scale }, moment(fc.nat(LAST_DAY), ticks(scale))),
    typed(
      { kind: 'datetimeoffset', scale },
      fc
        .tuple(whole(1, LAST_DAY - 1), ticks(scale), whole(-840, 840))
        .map(([days, tick, offsetMinutes]) => ({
          kind: 'datetime' as const,
          days,
          ticks: tick,
          offsetMinutes,
        })),
    ),
  ),
);

const wide = fc.string({ maxLength: 60, unit: 'grapheme' });
// Code page 1252 and ASCII.
const narrow = fc.string({
  maxLength: 60,
  unit: fc.constantFrom(
    'a',
    'z',
    'Z',
    '9',
    ' ',
    ']',
    "'",
    '"',
    '€',
    'Š',
    'ž',
    'ÿ',
    'Ä',
    'ß',
    '\u0000',
  ),
});
const bytes = fc.uint8Array({ maxLength: 100 });

/** Scalars: what may also stand inside a sql_variant. */
const scalar: fc.Arbitrary<TypedValue> = fc.oneof(
  typed({ kind: 'bit' }, fc.boolean()),
  typed({ kind: 'tinyint' }, whole(0, 255)),
  typed({ kind: 'smallint' }, whole(-32_768, 32_767)),
  typed({ kind: 'int' }, whole(-2_147_483_648, 2_147_483_647)),
  typed({ kind: 'bigint' }, fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n })),
  exact,
  money('money', 63n),
  money('smallmoney', 31n),
  typed({ kind: 'float' }, fc.double({ noNaN: true, noDefaultInfinity: true })),
  typed({ kind: 'real' }, fc.float({ noNaN: true, noDefaultInfinity: true })),
  typed({ kind: 'date' }, moment(fc.nat(LAST_DAY), fc.constant(0))),
  typed(
    { kind: 'datetime' },
    moment(
      whole(DAYS_TO_1753, LAST_DAY),
      fc.nat(25_919_999).map((clock) => Math.round((clock * 100_000) / 3)),
    ),
  ),
  typed(
    { kind: 'smalldatetime' },
    moment(
      whole(DAYS_TO_1900, DAYS_TO_1900 + 65_535),
      fc.nat(1439).map((minute) => minute * 600_000_000),
    ),
  ),
  scaledTimes,
  typed(
    { kind: 'uniqueidentifier' },
    fc.uuid().map((guid) => guid.toUpperCase()),
  ),
  typed({ kind: 'nvarchar', length: 400 }, wide),
  typed({ kind: 'varchar', length: 8000 }, narrow),
  typed({ kind: 'nchar', length: 400 }, wide),
  typed({ kind: 'char', length: 100 }, narrow),
  typed({ kind: 'binary', length: 100 }, bytes),
  typed({ kind: 'varbinary', length: 8000 }, bytes),
);

const long: fc.Arbitrary<TypedValue> = fc.oneof(
  typed({ kind: 'nvarchar', length: 'max' }, wide),
  typed({ kind: 'varchar', length: 'max' }, narrow),
  typed({ kind: 'varbinary', length: 'max' }, fc.uint8Array({ maxLength: 20_000 })),
  typed({ kind: 'ntext' }, wide),
  typed({ kind: 'text' }, narrow),
  typed({ kind: 'image' }, bytes),
  typed(
    { kind: 'xml' },
    wide.map((text) => `<a>${text}</a>`),
  ),
);

const variant = scalar.map(({ type, value }): TypedValue => ({
  type: { kind: 'sql_variant' },
  value: { kind: 'variant', type, value },
}));

/** Any type with a value of it or null. */
export const typedValue: fc.Arbitrary<TypedValue> = fc
  .tuple(fc.oneof(scalar, long, variant), fc.nat(9))
  .map(([one, chance]) => (chance === 0 ? { ...one, value: null } : one));
