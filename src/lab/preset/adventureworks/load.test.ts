import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { required } from '../../../base/assert.ts';
import { createDatabase, type Database } from '../../store/database.ts';
import { loadDatabase } from '../../store/loader.ts';
import { loadSample } from './load.ts';
import { sampleRows } from './rows.ts';
import { SAMPLE_TABLES } from './schema.ts';

function loaded(t: TestContext): Database {
  const folder = mkdtempSync(join(tmpdir(), 'sqlferry-sample-'));
  const database = createDatabase(join(folder, 'sample.db'));
  t.after(() => {
    database.close();
    rmSync(folder, { recursive: true });
  });
  loadDatabase(database, 0, loadSample);
  return database;
}

test('loads at least 50,000 rows into the store', (t) => {
  const database = loaded(t);
  const view = database.read();
  const counts = SAMPLE_TABLES.map((spec) => {
    const table = required(view.catalog.table(spec.schema, spec.name), spec.name);
    return [`${spec.schema}.${spec.name}`, view.count(table)] as const;
  });
  view.release();
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  assert.ok(total >= 50_000, `${total} rows`);
  for (const [name, count] of counts) {
    assert.equal(count > 0, name !== 'sales.web_order', name);
  }
});

test('gives every foreign key a row to point at, and every key a value of its own', () => {
  const rows = new Map(sampleRows().map((item) => [`${item.schema}.${item.table}`, item.rows]));
  for (const spec of SAMPLE_TABLES) {
    const own = rows.get(`${spec.schema}.${spec.name}`) ?? [];
    const position = (name: string) => spec.columns.findIndex((item) => item.name === name);
    const keys = own.map((row) =>
      JSON.stringify(spec.primaryKey.map((name) => row[position(name)])),
    );
    assert.equal(new Set(keys).size, own.length, `primary key of ${spec.name}`);
    for (const names of spec.unique ?? []) {
      const values = own.map((row) =>
        JSON.stringify(names.map((name) => row[position(name)])).toLowerCase(),
      );
      assert.equal(new Set(values).size, own.length, `unique key of ${spec.name}`);
    }
    for (const key of spec.foreignKeys ?? []) {
      const [name = ''] = key.columns;
      const target = required(
        SAMPLE_TABLES.find(
          (item) => item.schema === key.references.schema && item.name === key.references.name,
        ),
        'target',
      );
      const at = target.columns.findIndex((item) => item.name === key.referencedColumns[0]);
      const present = new Set(
        (rows.get(`${target.schema}.${target.name}`) ?? []).map((row) => row[at]),
      );
      const orphans = own.filter((row) => !present.has(row[position(name)] ?? null));
      assert.deepEqual(orphans, [], `${spec.name}.${name}`);
    }
  }
});

test('makes rows that fit their columns', () => {
  for (const { schema, table, rows } of sampleRows()) {
    const spec = required(
      SAMPLE_TABLES.find((item) => item.schema === schema && item.name === table),
      table,
    );
    for (const row of rows) {
      assert.equal(row.length, spec.columns.length, table);
      for (const [index, column] of spec.columns.entries()) {
        const value = row[index];
        assert.ok(value !== null || column.nullable === true, `${table}.${column.name}`);
        if (typeof value === 'string' && 'length' in column.type) {
          assert.ok(
            value.length <= Number(column.type.length),
            `${table}.${column.name}: ${value}`,
          );
        }
      }
    }
  }
});

test('makes the same rows every time', () => {
  assert.deepEqual(sampleRows(), sampleRows());
});
