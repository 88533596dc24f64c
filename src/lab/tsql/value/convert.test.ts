import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { SqlType, SqlValue } from '../../../tds/sql-type.ts';
import { DAY_1753, daysOf, LAST_DAY, partsOf, TICKS_PER_DAY } from './calendar.ts';
import { convert } from './convert.ts';
import { decimal, formatDecimal, numberToDecimal, parseDecimal, rescale } from './decimal.ts';
import { hijriOf } from './hijri.ts';

const SEED = 20_261_121;

const varchar = (length: number | 'max'): SqlType => ({ kind: 'varchar', length });
const nvarchar = (length: number | 'max'): SqlType => ({ kind: 'nvarchar', length });
const numeric = (precision: number, scale: number): SqlType => ({
  kind: 'numeric',
  precision,
  scale,
});
const DATETIME: SqlType = { kind: 'datetime' };
const DATE: SqlType = { kind: 'date' };
const datetime2 = (scale: number): SqlType => ({ kind: 'datetime2', scale });
const INT: SqlType = { kind: 'int' };
const FLOAT: SqlType = { kind: 'float' };
const GUID: SqlType = { kind: 'uniqueidentifier' };

function at(date: string, clock = '00:00:00') {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  const [hour = 0, minute = 0, second = 0] = clock.split(':').map(Number);
  const fraction = Number((clock.split('.')[1] ?? '').padEnd(7, '0'));
  const ticks = (hour * 3600 + minute * 60 + Math.floor(second)) * 10_000_000 + fraction;
  return { kind: 'datetime', days: daysOf(year, month, day), ticks, offsetMinutes: 0 } as const;
}

const CASES: readonly (readonly [
  string,
  SqlValue,
  SqlType,
  SqlType,
  number,
  SqlValue | { readonly error: number },
])[] = [
  ['text to int', ' 42 ', varchar(10), INT, 0, 42],
  ['empty text to int', '', varchar(10), INT, 0, 0],
  ['signed text to int', '-7', nvarchar(10), INT, 0, -7],
  ['text that is no int', 'abc', varchar(3), INT, 0, { error: 245 }],
  ['text with a point to int', '1.5', varchar(3), INT, 0, { error: 245 }],
  ['text too large for int', '2147483648', varchar(10), INT, 0, { error: 248 }],
  ['text too large for tinyint', '256', varchar(10), { kind: 'tinyint' }, 0, { error: 244 }],
  ['text that is no bigint', 'x', varchar(10), { kind: 'bigint' }, 0, { error: 8114 }],
  [
    'text to bigint',
    '9223372036854775807',
    varchar(20),
    { kind: 'bigint' },
    0,
    9_223_372_036_854_775_807n,
  ],
  ['int too large for tinyint', 300, INT, { kind: 'tinyint' }, 0, { error: 220 }],
  ['bigint too large for int', 1n << 40n, { kind: 'bigint' }, INT, 0, { error: 8115 }],
  ['decimal is cut to int', decimal(-199n, 2), numeric(5, 2), INT, 0, -1],
  ['money is rounded to int', decimal(25_000n, 4), { kind: 'money' }, INT, 0, 3],
  ['float is cut to int', -1.9, FLOAT, INT, 0, -1],
  ['float too large for int', 1e20, FLOAT, INT, 0, { error: 232 }],
  ['text to decimal, rounded', '1.005', varchar(10), numeric(5, 2), 0, decimal(101n, 2)],
  ['text too large for decimal', '1000', varchar(10), numeric(5, 2), 0, { error: 8115 }],
  ['text that is no decimal', 'x', varchar(10), numeric(5, 2), 0, { error: 8114 }],
  [
    'a 25-digit LSN stays exact',
    '1234567890123456789012345',
    varchar(30),
    numeric(25, 0),
    0,
    decimal(1_234_567_890_123_456_789_012_345n, 0),
  ],
  [
    'LSN to text stays exact',
    decimal(37_000_000_012_300_001n, 0),
    numeric(25, 0),
    varchar(30),
    0,
    '37000000012300001',
  ],
  ['true to bit', 'TRUE', varchar(4), { kind: 'bit' }, 0, true],
  ['text that is no bit', 'yes', varchar(4), { kind: 'bit' }, 0, { error: 245 }],
  ['text to float', '1.5e3', varchar(10), FLOAT, 0, 1500],
  ['text that is no float', '1,5', varchar(10), FLOAT, 0, { error: 8114 }],
  [
    'money with sign and commas',
    '-$1,234.50',
    varchar(20),
    { kind: 'money' },
    0,
    decimal(-12_345_000n, 4),
  ],
  ['text that is no money', 'x', varchar(20), { kind: 'money' }, 0, { error: 235 }],
  ['int to text', 42, INT, varchar(30), 0, '42'],
  ['int to short varchar', 4200, INT, varchar(2), 0, '*'],
  ['int to short nvarchar', 4200, INT, nvarchar(2), 0, { error: 8115 }],
  ['text is cut', 'abcdef', varchar(6), varchar(3), 0, 'abc'],
  ['char is filled', 'ab', varchar(2), { kind: 'char', length: 4 }, 0, 'ab  '],
  ['signs outside the code page', 'aЖ€', nvarchar(3), varchar(3), 0, 'a?€'],
  ['float in style 0', 1_234_567, FLOAT, varchar(30), 0, '1.23457e+006'],
  ['small float in style 0', 0.1, FLOAT, varchar(30), 0, '0.1'],
  ['money in style 0', decimal(12_345_678n, 4), { kind: 'money' }, varchar(30), 0, '1234.57'],
  ['money in style 1', decimal(12_345_678n, 4), { kind: 'money' }, varchar(30), 1, '1,234.57'],
  ['money in style 2', decimal(12_345_678n, 4), { kind: 'money' }, varchar(30), 2, '1234.5678'],
  [
    'guid from text',
    '{6f9619ff-8b86-d011-b42d-00c04fc964ff}',
    varchar(40),
    GUID,
    0,
    '6F9619FF-8B86-D011-B42D-00C04FC964FF',
  ],
  ['text that is no guid', 'x', varchar(40), GUID, 0, { error: 8169 }],
  [
    'guid to short text',
    '6F9619FF-8B86-D011-B42D-00C04FC964FF',
    GUID,
    varchar(10),
    0,
    { error: 8170 },
  ],
  [
    'guid to bytes',
    '6F9619FF-8B86-D011-B42D-00C04FC964FF',
    GUID,
    { kind: 'varbinary', length: 4 },
    0,
    Uint8Array.of(0xff, 0x19, 0x96, 0x6f),
  ],
  ['int to bytes', 258, INT, { kind: 'varbinary', length: 8 }, 0, Uint8Array.of(0, 0, 1, 2)],
  [
    'bytes to int',
    Uint8Array.of(0xff, 0xff, 0xff, 0xfe),
    { kind: 'varbinary', length: 4 },
    INT,
    0,
    -2,
  ],
  [
    'nvarchar to bytes',
    'a',
    nvarchar(1),
    { kind: 'varbinary', length: 8 },
    0,
    Uint8Array.of(0x61, 0),
  ],
  [
    'bytes to hex',
    Uint8Array.of(1, 0xab),
    { kind: 'varbinary', length: 8 },
    varchar(30),
    1,
    '0x01AB',
  ],
  [
    'bytes to bare hex',
    Uint8Array.of(1, 0xab),
    { kind: 'varbinary', length: 8 },
    varchar(30),
    2,
    '01AB',
  ],
  [
    'hex to bytes',
    '0x01AB',
    varchar(10),
    { kind: 'varbinary', length: 8 },
    1,
    Uint8Array.of(1, 0xab),
  ],
  ['hex that is none', 'zz', varchar(10), { kind: 'varbinary', length: 8 }, 2, { error: 8114 }],
  ['int to date', 1, INT, DATE, 0, { error: 529 }],
  ['guid to int', '6F9619FF-8B86-D011-B42D-00C04FC964FF', GUID, INT, 0, { error: 529 }],
  ['int to datetime counts from 1900', 1, INT, DATETIME, 0, at('1900-1-2')],
  [
    'ISO text to datetime2',
    '2026-11-21T21:25:24.1234567',
    varchar(30),
    datetime2(7),
    0,
    at('2026-11-21', '21:25:24.1234567'),
  ],
  [
    'datetime rounds to 1/300 s',
    '2026-11-21 21:25:24.999',
    varchar(30),
    DATETIME,
    0,
    at('2026-11-21', '21:25:25.0000000'),
  ],
  [
    'datetime rounds to .007',
    '2026-11-21 21:25:24.006',
    varchar(30),
    DATETIME,
    0,
    at('2026-11-21', '21:25:24.0070000'),
  ],
  [
    'smalldatetime rounds to minutes',
    '2026-11-21 21:25:30',
    varchar(30),
    { kind: 'smalldatetime' },
    0,
    at('2026-11-21', '21:26:00'),
  ],
  ['compact text to date', '20261121', varchar(8), DATE, 0, at('2026-11-21')],
  ['month first', '11/21/2026', varchar(10), DATE, 0, at('2026-11-21')],
  ['day first in style 103', '21/11/2026', varchar(10), DATE, 103, at('2026-11-21')],
  ['month by name', 'Nov 21 2026  9:25PM', varchar(30), DATETIME, 0, at('2026-11-21', '21:25:00')],
  ['time alone', '10:30', varchar(10), DATETIME, 0, at('1900-1-1', '10:30:00')],
  ['text that is no date', 'hello', varchar(10), DATETIME, 0, { error: 241 }],
  ['day that does not exist', '2026-02-30', varchar(10), DATETIME, 0, { error: 242 }],
  ['year before datetime', '1600-01-01', varchar(10), DATETIME, 0, { error: 242 }],
  [
    'datetime in style 0',
    at('2026-1-2', '09:05:00'),
    DATETIME,
    varchar(30),
    0,
    'Jan  2 2026  9:05AM',
  ],
  ['datetime in style 101', at('2026-1-2'), DATETIME, varchar(30), 101, '01/02/2026'],
  ['datetime in style 112', at('2026-1-2'), DATETIME, varchar(30), 112, '20260102'],
  [
    'datetime in style 120',
    at('2026-1-2', '13:05:06'),
    DATETIME,
    varchar(30),
    120,
    '2026-01-02 13:05:06',
  ],
  [
    'datetime in style 121',
    at('2026-1-2', '13:05:06.0070000'),
    DATETIME,
    varchar(30),
    121,
    '2026-01-02 13:05:06.007',
  ],
  [
    'datetime in style 126 without fraction',
    at('2026-1-2', '13:05:06'),
    DATETIME,
    varchar(30),
    126,
    '2026-01-02T13:05:06',
  ],
  [
    'datetime2 prints style 121 by default',
    at('2026-1-2', '13:05:06.1234567'),
    datetime2(7),
    varchar(30),
    0,
    '2026-01-02 13:05:06.1234567',
  ],
  [
    'datetime in style 109',
    at('2026-1-2', '13:05:06.0070000'),
    DATETIME,
    varchar(30),
    109,
    'Jan  2 2026  1:05:06:007PM',
  ],
  [
    'datetime in style 114',
    at('2026-1-2', '13:05:06.0070000'),
    DATETIME,
    varchar(30),
    114,
    '13:05:06:007',
  ],
  [
    'datetime in style 113',
    at('2026-1-2', '13:05:06.0070000'),
    DATETIME,
    varchar(30),
    113,
    '02 Jan 2026 13:05:06:007',
  ],
  ['style that does not exist', at('2026-1-2'), DATETIME, varchar(30), 99, { error: 281 }],
  ['null stays null', null, varchar(3), INT, 0, null],
];

for (const [name, value, from, to, style, expected] of CASES) {
  test(`converts: ${name}`, () => {
    const result = convert({ value, from, to, style });
    if (typeof expected === 'object' && expected !== null && 'error' in expected) {
      assert.ok(
        !result.ok,
        result.ok
          ? JSON.stringify(result.value, (_key, one: unknown) =>
              typeof one === 'bigint' ? `${one}n` : one,
            )
          : '',
      );
      assert.equal(result.error.number, expected.error);
    } else {
      assert.ok(result.ok, result.ok ? '' : `${result.error.number} ${result.error.text}`);
      assert.deepEqual(result.value, expected);
    }
  });
}

test('styles 130 and 131 print the Hijri calendar', () => {
  const value = at('2000-4-6', '13:05:06');
  const printed = (style: number) => convert({ value, from: DATETIME, to: nvarchar(60), style });
  assert.deepEqual(printed(131), { ok: true, value: ' 2/01/1421  1:05:06:000PM' });
  assert.deepEqual(printed(130), { ok: true, value: ' 2 محرم 1421  1:05:06:000PM' });
});

test(`the Hijri calendar agrees with the tabular one of ICU (seed ${SEED})`, () => {
  const format = new Intl.DateTimeFormat('en-u-ca-islamic-tbla', {
    timeZone: 'UTC',
    day: 'numeric',
    month: 'numeric',
    year: 'numeric',
  });
  fc.assert(
    fc.property(fc.integer({ min: 639_905, max: 900_000 }), (days) => {
      const parts = new Map(
        format.formatToParts((days - 719_162) * 86_400_000).map((part) => [part.type, part.value]),
      );
      const hijri = hijriOf(days);
      assert.deepEqual(
        [String(hijri?.year), String(hijri?.month), String(hijri?.day)],
        [parts.get('year'), parts.get('month'), parts.get('day')],
      );
    }),
    { seed: SEED, numRuns: 300 },
  );
});

test('the text of 245 names value and types', () => {
  const result = convert({ value: 'abc', from: varchar(3), to: INT });
  assert.ok(!result.ok);
  assert.equal(
    result.error.text,
    "Conversion failed when converting the varchar value 'abc' to data type int.",
  );
  assert.equal(result.error.severity, 16);
});

test(`decimals survive printing and reading (seed ${SEED})`, () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n }),
      fc.integer({ min: 0, max: 38 }),
      (unscaled, scale) => {
        const value = decimal(unscaled, scale);
        assert.deepEqual(parseDecimal(formatDecimal(value)), value);
      },
    ),
    { seed: SEED },
  );
});

test(`rescaling up and back changes nothing, and down rounds half away from zero (seed ${SEED})`, () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
      fc.integer({ min: 0, max: 10 }),
      fc.integer({ min: 0, max: 10 }),
      (unscaled, scale, more) => {
        const value = decimal(unscaled, scale);
        assert.deepEqual(rescale(rescale(value, scale + more), scale), value);
        const whole = rescale(value, 0).unscaled;
        const twice = unscaled * 2n - whole * 2n * 10n ** BigInt(scale);
        const unit = 10n ** BigInt(scale);
        assert.ok(twice >= -unit && twice <= unit);
      },
    ),
    { seed: SEED },
  );
});

test(`floats become the decimal that prints the same (seed ${SEED})`, () => {
  fc.assert(
    fc.property(fc.double({ min: -1e15, max: 1e15, noNaN: true }), (value) => {
      assert.equal(Number(formatDecimal(numberToDecimal(value, 340))), value + 0);
    }),
    { seed: SEED, numRuns: 300 },
  );
});

test(`calendar days and parts are inverse (seed ${SEED})`, () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: LAST_DAY }), (days) => {
      const { year, month, day } = partsOf(days);
      assert.equal(daysOf(year, month, day), days);
    }),
    { seed: SEED, numRuns: 2000 },
  );
  assert.deepEqual(partsOf(0), { year: 1, month: 1, day: 1 });
  assert.deepEqual(partsOf(LAST_DAY), { year: 9999, month: 12, day: 31 });
  assert.deepEqual(partsOf(DAY_1753), { year: 1753, month: 1, day: 1 });
});

test(`datetime2(7) survives style 121 and 126 (seed ${SEED})`, () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: LAST_DAY }),
      fc.integer({ min: 0, max: TICKS_PER_DAY - 1 }),
      fc.constantFrom(121, 126),
      (days, ticks, style) => {
        const value = { kind: 'datetime', days, ticks, offsetMinutes: 0 } as const;
        const printed = convert({ value, from: datetime2(7), to: nvarchar(40), style });
        assert.ok(printed.ok);
        const read = convert({ value: printed.value, from: nvarchar(40), to: datetime2(7), style });
        assert.ok(read.ok);
        assert.deepEqual(read.value, value);
      },
    ),
    { seed: SEED, numRuns: 500 },
  );
});

test(`binary text in style 1 survives, and guids survive bytes (seed ${SEED})`, () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      const guid = convert({ value: bytes, from: { kind: 'binary', length: 16 }, to: GUID });
      assert.ok(guid.ok);
      const back = convert({ value: guid.value, from: GUID, to: { kind: 'binary', length: 16 } });
      assert.ok(back.ok);
      assert.deepEqual(back.value, Uint8Array.from(bytes));
    }),
    { seed: SEED },
  );
});
