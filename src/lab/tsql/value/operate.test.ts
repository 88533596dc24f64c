import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { SqlType, SqlValue } from '../../../tds/sql-type.ts';
import type { BinaryOperator } from '../ast.ts';
import { SqlError } from '../message.ts';
import { decimal, formatDecimal } from './decimal.ts';
import { arithmetic, compare, hashKey, like } from './operate.ts';
import { patternIndex } from './like.ts';
import { binaryResultType, operandType } from './result-type.ts';
import { commonType, typeName } from './type.ts';

const SEED = 20_261_121;
const INT: SqlType = { kind: 'int' };
const VARCHAR: SqlType = { kind: 'varchar', length: 10 };
const GUID: SqlType = { kind: 'uniqueidentifier' };
const numeric = (precision: number, scale: number): SqlType => ({
  kind: 'numeric',
  precision,
  scale,
});

function run(
  operator: BinaryOperator,
  left: readonly [SqlValue, SqlType],
  right: readonly [SqlValue, SqlType],
): SqlValue {
  const result = arithmetic(operator, {
    left: left[0],
    leftType: left[1],
    right: right[0],
    rightType: right[1],
  });
  assert.ok(result.ok, result.ok ? '' : result.error.text);
  return result.value;
}

function errorOf(
  operator: BinaryOperator,
  left: readonly [SqlValue, SqlType],
  right: readonly [SqlValue, SqlType],
): number {
  const result = arithmetic(operator, {
    left: left[0],
    leftType: left[1],
    right: right[0],
    rightType: right[1],
  });
  assert.ok(!result.ok);
  return result.error.number;
}

test('whole numbers divide whole, and by zero not at all', () => {
  assert.equal(run('/', [7, INT], [2, INT]), 3);
  assert.equal(run('/', [-7, INT], [2, INT]), -3);
  assert.equal(run('%', [-7, INT], [2, INT]), -1);
  assert.equal(errorOf('/', [1, INT], [0, INT]), 8134);
  assert.equal(errorOf('%', [1, INT], [0, INT]), 8134);
});

test('int overflows with 8115 instead of growing', () => {
  assert.equal(errorOf('+', [2_147_483_647, INT], [1, INT]), 8115);
  assert.equal(errorOf('*', [65_536, INT], [65_536, INT]), 8115);
  assert.equal(run('+', [2_147_483_647, INT], [1n, { kind: 'bigint' }]), 2_147_483_648n);
});

test('NULL propagates', () => {
  assert.equal(run('+', [null, INT], [1, INT]), null);
  assert.equal(run('/', [1, INT], [null, INT]), null);
});

test('a number wins over text, and text that is none fails with 245', () => {
  assert.equal(run('+', ['5', VARCHAR], [3, INT]), 8);
  assert.equal(errorOf('+', ['x', VARCHAR], [3, INT]), 245);
});

test('text is joined', () => {
  assert.equal(run('+', ['a ', VARCHAR], ['b', VARCHAR]), 'a b');
});

test('decimal arithmetic keeps the precision and scale of the documentation', () => {
  const cases: readonly (readonly [BinaryOperator, SqlType, SqlType, string])[] = [
    ['+', numeric(5, 2), numeric(5, 2), 'decimal(6,2)'],
    ['*', numeric(5, 2), numeric(5, 2), 'decimal(11,4)'],
    ['/', numeric(5, 2), numeric(5, 2), 'decimal(13,8)'],
    ['/', numeric(38, 10), numeric(38, 10), 'decimal(38,6)'],
    ['*', numeric(38, 10), numeric(38, 10), 'decimal(38,6)'],
    ['*', numeric(38, 2), numeric(1, 1), 'decimal(38,3)'],
    ['+', numeric(38, 10), numeric(38, 0), 'decimal(38,0)'],
    ['+', INT, numeric(5, 2), 'decimal(13,2)'],
    ['/', INT, numeric(2, 1), 'decimal(17,6)'],
    ['%', numeric(5, 2), numeric(5, 3), 'decimal(5,3)'],
  ];
  for (const [operator, left, right, expected] of cases) {
    assert.equal(
      typeName(binaryResultType(operator, left, right)),
      expected,
      `${typeName(left)} ${operator} ${typeName(right)}`,
    );
  }
  const third = run('/', [decimal(10n, 1), numeric(2, 1)], [3, INT]);
  assert.ok(typeof third === 'object' && third !== null && 'unscaled' in third);
  assert.equal(formatDecimal(third), '0.333333333333');
});

test('a whole constant beside a decimal counts with its own digits', () => {
  const three = { kind: 'literal', type: INT, value: 3, line: 1 } as const;
  const type = operandType(three, INT, numeric(2, 1));
  assert.equal(typeName(type), 'numeric(1,0)');
  assert.equal(typeName(operandType(three, INT, INT)), 'int');
  const third = run('/', [decimal(10n, 1), numeric(2, 1)], [3, type]);
  assert.ok(typeof third === 'object' && third !== null && 'unscaled' in third);
  assert.equal(formatDecimal(third), '0.333333');
});

test('datetime plus a number counts days; date plus a number clashes', () => {
  const day = { kind: 'datetime', days: 739_000, ticks: 0, offsetMinutes: 0 } as const;
  assert.deepEqual(run('+', [day, { kind: 'datetime' }], [1, INT]), { ...day, days: 739_001 });
  assert.deepEqual(run('-', [day, { kind: 'datetime' }], [decimal(5n, 1), numeric(2, 1)]), {
    ...day,
    days: 738_999,
    ticks: 432_000_000_000,
  });
  assert.equal(errorOf('+', [day, { kind: 'date' }], [1, INT]), 206);
});

test('common types follow data type precedence', () => {
  const pairs: readonly (readonly [SqlType, SqlType, string])[] = [
    [INT, VARCHAR, 'int'],
    [VARCHAR, { kind: 'nvarchar', length: 3 }, 'nvarchar(10)'],
    [{ kind: 'char', length: 3 }, { kind: 'char', length: 5 }, 'char(5)'],
    [INT, numeric(5, 2), 'numeric(12,2)'],
    [numeric(25, 0), numeric(5, 4), 'numeric(29,4)'],
    [{ kind: 'datetime' }, VARCHAR, 'datetime'],
    [{ kind: 'datetime' }, { kind: 'datetime2', scale: 2 }, 'datetime2(3)'],
    [GUID, VARCHAR, 'uniqueidentifier'],
    [{ kind: 'bit' }, { kind: 'tinyint' }, 'tinyint'],
    [INT, { kind: 'sql_variant' }, 'sql_variant'],
  ];
  for (const [left, right, expected] of pairs) {
    assert.equal(typeName(commonType(left, right)), expected);
    assert.equal(typeName(commonType(right, left)), expected);
  }
  assert.throws(
    () => commonType(GUID, INT),
    (error) => error instanceof SqlError && error.detail.number === 206,
  );
});

test('text compares without case and trailing blanks, symbols before digits before letters', () => {
  const sorted = ['_x', '1', '9', 'a', 'Ä', 'b', 'É', 'f', 'Z'];
  for (const [index, left] of sorted.entries()) {
    for (const [other, right] of sorted.entries()) {
      assert.equal(
        Math.sign(compare(left, right, VARCHAR)),
        Math.sign(index - other),
        `${left} ${right}`,
      );
    }
  }
  assert.equal(compare('a', 'A  ', VARCHAR), 0);
  assert.notEqual(compare('e', 'é', VARCHAR), 0);
  assert.ok(compare('ab', 'abc', VARCHAR) < 0);
});

test('guids sort by their last group first', () => {
  const low = 'FFFFFFFF-FFFF-FFFF-FFFF-000000000001';
  const high = '00000000-0000-0000-0000-000000000002';
  assert.ok(compare(low, high, GUID) < 0);
});

test('bytes with zeros at the end are equal', () => {
  const type: SqlType = { kind: 'varbinary', length: 8 };
  assert.equal(compare(Uint8Array.of(1), Uint8Array.of(1, 0), type), 0);
  assert.equal(hashKey(Uint8Array.of(1), type), hashKey(Uint8Array.of(1, 0), type));
  assert.ok(compare(Uint8Array.of(1, 2), Uint8Array.of(2), type) < 0);
});

test('variants compare by family, numbers of all kinds together', () => {
  const type: SqlType = { kind: 'sql_variant' };
  const number: SqlValue = { kind: 'variant', type: INT, value: 5 };
  const exact: SqlValue = { kind: 'variant', type: numeric(3, 1), value: decimal(50n, 1) };
  const word: SqlValue = { kind: 'variant', type: VARCHAR, value: '9' };
  assert.equal(compare(number, exact, type), 0);
  assert.equal(hashKey(number, type), hashKey(exact, type));
  assert.ok(compare(word, number, type) < 0);
});

test(`comparison is an order and equal values share their hash (seed ${SEED})`, () => {
  const text = fc.string({
    maxLength: 4,
    unit: fc.constantFrom('a', 'A', 'b', 'ä', 'Ä', ' ', '_', '1', 'é', 'E'),
  });
  fc.assert(
    fc.property(text, text, text, (first, second, third) => {
      assert.equal(
        Math.sign(compare(first, second, VARCHAR)),
        -Math.sign(compare(second, first, VARCHAR)) + 0,
      );
      assert.equal(
        compare(first, second, VARCHAR) === 0,
        hashKey(first, VARCHAR) === hashKey(second, VARCHAR),
      );
      if (compare(first, second, VARCHAR) <= 0 && compare(second, third, VARCHAR) <= 0) {
        assert.ok(compare(first, third, VARCHAR) <= 0);
      }
    }),
    { seed: SEED, numRuns: 3000 },
  );
});

test(`exact addition and subtraction are inverse (seed ${SEED})`, () => {
  const unscaled = fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n });
  fc.assert(
    fc.property(
      unscaled,
      unscaled,
      fc.tuple(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 10 })),
      (left, right, [leftScale, rightScale]) => {
        const leftType = numeric(18, leftScale);
        const rightType = numeric(18, rightScale);
        const a = decimal(left, leftScale);
        const b = decimal(right, rightScale);
        const sumType = binaryResultType('+', leftType, rightType);
        const sum = run('+', [a, leftType], [b, rightType]);
        const back = run('-', [sum, sumType], [b, rightType]);
        assert.equal(compare(back, a, leftType), 0);
      },
    ),
    { seed: SEED },
  );
});

const LIKES: readonly (readonly [string, string, string | null, boolean])[] = [
  ['abc', 'ABC', null, true],
  ['abc', 'a%', null, true],
  ['abc', '%c', null, true],
  ['abc', '%b%', null, true],
  ['abc', 'a_c', null, true],
  ['abc', 'a_', null, false],
  ['abc', '[a-c]bc', null, true],
  ['dbc', '[a-c]bc', null, false],
  ['dbc', '[^a-c]bc', null, true],
  ['a_c', 'a[_]c', null, true],
  ['abc', 'a[_]c', null, false],
  ['50%', '50!%', '!', true],
  ['50x', '50!%', '!', false],
  ['', '%', null, true],
  ['', '', null, true],
  ['abc', '', null, false],
  ['aaab', '%a%ab', null, true],
  ['abc  ', 'abc', null, true],
  ['abc', 'abc ', null, false],
  ['a-b', 'a[-]b', null, true],
  ['x]', 'x]', null, true],
  ['[x', '[[]x', null, true],
  ['abc', 'a[bc', null, false],
];

for (const [value, pattern, escape, expected] of LIKES) {
  test(`'${value}' ${expected ? 'is' : 'is not'} like '${pattern}'`, () => {
    assert.equal(like(value, pattern, escape), expected);
  });
}

test('PATINDEX finds the first place', () => {
  assert.equal(patternIndex('%[0-9]%', 'abc123'), 4);
  assert.equal(patternIndex('%c', 'abc'), 3);
  assert.equal(patternIndex('a%', 'abc'), 1);
  assert.equal(patternIndex('b%', 'abc'), 0);
  assert.equal(patternIndex('%x%', 'abc'), 0);
});
