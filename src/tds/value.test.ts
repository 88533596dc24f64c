import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { AssertionError } from '../base/assert.ts';
import { typedValue, type TypedValue } from '../../tests/support/typed-values.ts';
import { ByteReader, ByteWriter, decode, MalformedMessage } from './bytes.ts';
import { readResponse } from './response.ts';
import { decodeCalls, encodeCalls } from './rpc.ts';
import { rowWriter, writeColumns } from './rowset.ts';
import type { Column, DateTime, SqlType, SqlValue } from './sql-type.ts';
import { readTypeInfo, TYPE, writeTypeInfo } from './type-info.ts';
import { readValue, valueWriter } from './value.ts';
import { DIALECTS, type Dialect } from './version.ts';

const dialect: Dialect = DIALECTS['7.4'];

/** Typed arrays compare by content whatever their class. */
function comparable(value: SqlValue): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') };
  if (value !== null && typeof value === 'object' && value.kind === 'variant')
    return { ...value, value: comparable(value.value) };
  return Object.is(value, -0) ? '-0' : value;
}

function rowset(typed: readonly TypedValue[], version = dialect): Uint8Array {
  const columns = typed.map(({ type }, index): Column => ({
    name: `c${index}`,
    type,
    nullable: true,
  }));
  const writer = new ByteWriter(16);
  writeColumns(writer, columns, version);
  rowWriter(columns, version)(
    writer,
    typed.map(({ value }) => value),
  );
  return writer.written().slice();
}

function readRowset(bytes: Uint8Array, version = dialect) {
  const [columns, row] = readResponse(new ByteReader(bytes), version);
  assert.ok(columns?.is === 'columns' && row?.is === 'row');
  return { columns: columns.columns, row };
}

test('every type and value survives a row, with and without NBCROW', () => {
  let shortened = 0;
  fc.assert(
    fc.property(fc.array(typedValue, { minLength: 1, maxLength: 12 }), (typed) => {
      const { columns, row } = readRowset(rowset(typed));
      if (row.withoutNulls) shortened += 1;
      assert.deepEqual(
        columns.map((column) => column.type),
        typed.map(({ type }) => type),
      );
      assert.deepEqual(
        row.values.map(comparable),
        typed.map(({ value }) => comparable(value)),
      );
    }),
    { numRuns: 400 },
  );
  assert.ok(shortened > 0, 'no row was written as NBCROW');
});

test('every type and value survives a procedure call', () => {
  fc.assert(
    fc.property(
      fc.array(typedValue, { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      (typed, output) => {
        const calls = [1, 2].map(() => ({
          procedure: 'sp_executesql',
          parameters: typed.map(({ type, value }, index) => ({
            name: index === 0 ? '' : `@p${index}`,
            type,
            value,
            output,
            isDefault: false,
          })),
        }));
        const bytes = encodeCalls(calls, { transactionDescriptor: 7n }, dialect);
        const read = decode(bytes, (reader) => decodeCalls(reader, dialect));
        assert.ok(read.ok, read.ok ? '' : read.error.message);
        assert.equal(read.value.transactionDescriptor, 7n);
        const plain = read.value.calls.map((call) => ({
          ...call,
          parameters: call.parameters.map((p) => ({ ...p, value: comparable(p.value) })),
        }));
        assert.deepEqual(
          plain,
          calls.map((call) => ({
            ...call,
            parameters: call.parameters.map((p) => ({ ...p, value: comparable(p.value) })),
          })),
        );
      },
    ),
  );
});

test('a row cut at any byte is an error, never another row', () => {
  fc.assert(
    fc.property(fc.array(typedValue, { minLength: 1, maxLength: 4 }), (typed) => {
      const bytes = rowset(
        typed.map((one) =>
          one.value instanceof Uint8Array ? { ...one, value: one.value.slice(0, 50) } : one,
        ),
      );
      for (let length = 1; length < bytes.length; length += 1) {
        const read = decode(bytes.subarray(0, length), (reader) => readResponse(reader, dialect));
        const rows = read.ok ? read.value.filter((token) => token.is === 'row') : [];
        assert.equal(rows.length, 0, `cut at ${length} of ${bytes.length}`);
      }
    }),
    { numRuns: 40 },
  );
});

test('random and damaged bytes never crash the readers', () => {
  fc.assert(
    fc.property(
      fc.array(typedValue, { minLength: 1, maxLength: 3 }),
      fc.nat(),
      fc.nat(255),
      (typed, place, byte) => {
        const bytes = rowset(typed);
        bytes[place % bytes.length] = byte;
        decode(bytes, (reader) => readResponse(reader, dialect));
        decode(bytes, (reader) => decodeCalls(reader, dialect));
      },
    ),
    { numRuns: 1000 },
  );
});

test('clients before 7.3 read times as text, before 7.2 max types as text, ntext and image', () => {
  const noon: DateTime = {
    kind: 'datetime',
    days: 739_940,
    ticks: 432_000_000_001,
    offsetMinutes: -90,
  };
  const typed: TypedValue[] = [
    { type: { kind: 'date' }, value: { ...noon, ticks: 0, offsetMinutes: 0 } },
    { type: { kind: 'time', scale: 7 }, value: { ...noon, days: 0, offsetMinutes: 0 } },
    { type: { kind: 'datetime2', scale: 3 }, value: { ...noon, offsetMinutes: 0 } },
    { type: { kind: 'datetimeoffset', scale: 0 }, value: noon },
    {
      type: { kind: 'sql_variant' },
      value: { kind: 'variant', type: { kind: 'date' }, value: noon },
    },
    { type: { kind: 'nvarchar', length: 'max' }, value: 'x€' },
    { type: { kind: 'varchar', length: 'max' }, value: null },
    { type: { kind: 'varbinary', length: 'max' }, value: Uint8Array.of(1) },
    { type: { kind: 'xml' }, value: '<a/>' },
  ];
  for (const name of ['7.1', '7.2'] as const) {
    const { columns, row } = readRowset(rowset(typed, DIALECTS[name]), DIALECTS[name]);
    assert.deepEqual(row.values.slice(0, 4), [
      '2026-11-21',
      '12:00:00.0000001',
      '2026-11-21 12:00:00.000',
      '2026-11-21 12:00:00 -01:30',
    ]);
    const [inVariant] = row.values.slice(4);
    assert.deepEqual(inVariant, {
      kind: 'variant',
      type: { kind: 'nvarchar', length: 10 },
      value: '2026-11-21',
    });
    const kinds = columns.slice(5).map((column) => column.type.kind);
    const old = name === '7.1';
    assert.deepEqual(
      kinds,
      old ? ['ntext', 'text', 'image', 'ntext'] : ['nvarchar', 'varchar', 'varbinary', 'xml'],
    );
    assert.deepEqual(row.values.slice(5).map(comparable), ['x€', null, { bytes: '01' }, '<a/>']);
    assert.equal(row.withoutNulls, false);
  }
});

test('types announce themselves with the nullable tokens', () => {
  const cases: [SqlType, number[]][] = [
    [{ kind: 'int' }, [0x26, 4]],
    [{ kind: 'bit' }, [0x68, 1]],
    [{ kind: 'float' }, [0x6d, 8]],
    [{ kind: 'money' }, [0x6e, 8]],
    [{ kind: 'datetime' }, [0x6f, 8]],
    [{ kind: 'uniqueidentifier' }, [0x24, 16]],
    [{ kind: 'numeric', precision: 25, scale: 0 }, [0x6c, 13, 25, 0]],
    [{ kind: 'decimal', precision: 38, scale: 4 }, [0x6a, 17, 38, 4]],
    [{ kind: 'date' }, [0x28]],
    [{ kind: 'time', scale: 7 }, [0x29, 7]],
    [{ kind: 'nvarchar', length: 128 }, [0xe7, 0, 1, 9, 4, 0xd0, 0, 0x34]],
    [{ kind: 'varbinary', length: 'max' }, [0xa5, 0xff, 0xff]],
    [{ kind: 'sql_variant' }, [0x62, 0x50, 0x1f, 0, 0]],
  ];
  for (const [type, bytes] of cases) {
    const writer = new ByteWriter();
    writeTypeInfo(writer, type);
    assert.deepEqual([...writer.written()], bytes, type.kind);
  }
});

test('the fixed and old forms that clients send are understood', () => {
  const fixed: [number[], SqlValue][] = [
    [[TYPE.int4, 0x2a, 0, 0, 0], 42],
    [[TYPE.int1, 0xff], 255],
    [[TYPE.bit, 1], true],
    [[TYPE.int2, 0xff, 0xff], -1],
    [[TYPE.null], null],
    [[TYPE.oldVarchar, 30, 2, 0x61, 0x80], 'a€'],
    [[TYPE.oldVarbinary, 30, 0], null],
    [[TYPE.oldDecimal, 5, 9, 2, 5, 0, 1, 0, 0, 0], { kind: 'decimal', unscaled: -1n, scale: 2 }],
    [[TYPE.intN, 4, 0], null],
  ];
  for (const [bytes, value] of fixed) {
    const reader = new ByteReader(Uint8Array.from(bytes));
    assert.deepEqual(readValue(reader, readTypeInfo(reader), 'parameter'), value);
    assert.equal(reader.remaining, 0);
  }
});

test('a chunked value of unknown total length is read', () => {
  const writer = new ByteWriter();
  writeTypeInfo(writer, { kind: 'nvarchar', length: 'max' });
  writer.u64(0xffff_ffff_ffff_fffen);
  for (const part of ['ab', 'c']) {
    writer.u32(part.length * 2);
    writer.ucs2(part);
  }
  writer.u32(0);
  const reader = new ByteReader(writer.written());
  assert.equal(readValue(reader, readTypeInfo(reader), 'parameter'), 'abc');
});

test('types that the lab does not know are refused by name', () => {
  for (const token of [TYPE.table, TYPE.udt, 0xf4])
    assert.throws(() => readTypeInfo(new ByteReader(Uint8Array.of(token, 0, 0))), MalformedMessage);
});

test('a value of another type, too long or out of range stops the writer', () => {
  const cases: [SqlType, SqlValue][] = [
    [{ kind: 'int' }, 1n],
    [{ kind: 'int' }, 2 ** 31],
    [{ kind: 'bigint' }, 1],
    [{ kind: 'nvarchar', length: 2 }, 'abc'],
    [{ kind: 'varchar', length: 2 }, 'abc'],
    [
      { kind: 'numeric', precision: 2, scale: 0 },
      { kind: 'decimal', unscaled: 100n, scale: 0 },
    ],
    [
      { kind: 'numeric', precision: 5, scale: 1 },
      { kind: 'decimal', unscaled: 123n, scale: 2 },
    ],
    [{ kind: 'datetime' }, 'yesterday'],
    [{ kind: 'uniqueidentifier' }, 'not a guid'],
    [{ kind: 'sql_variant' }, 5],
  ];
  for (const [type, value] of cases)
    assert.throws(
      () => valueWriter(type, dialect, 'row')(new ByteWriter(), value),
      AssertionError,
      type.kind,
    );
});

test('a decimal is brought to the scale of its column', () => {
  const value = { kind: 'decimal', unscaled: 15n, scale: 1 } as const;
  const { row } = readRowset(
    rowset([{ type: { kind: 'decimal', precision: 10, scale: 3 }, value }]),
  );
  assert.deepEqual(row.values, [{ kind: 'decimal', unscaled: 1500n, scale: 3 }]);
});

test('a log sequence number keeps all its 25 digits', () => {
  const unscaled = 9_999_999_999_999_999_999_999_999n;
  const value = { kind: 'decimal', unscaled, scale: 0 } as const;
  const type = { kind: 'numeric', precision: 25, scale: 0 } as const;
  assert.deepEqual(readRowset(rowset([{ type, value }])).row.values, [value]);
});
