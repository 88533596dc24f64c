/** The columns of the catalog's views against the reference, where it lies beside the repository. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { catalogColumns, catalogViews } from '../../src/lab/catalog/catalog.ts';
import { columnsOfVersion, parseColumns } from '../../src/lab/catalog/column-table.ts';
import type { SqlType } from '../../src/tds/sql-type.ts';

const REFERENCE = '/work/shared/reference/catalog.json';
const NEWEST = 17;

interface ReferenceColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean | null;
  readonly since: string | null;
}

/** Release years as they stand in the reference, of the versions that the lab tells apart. */
const SINCE: Readonly<Record<string, number>> = {
  '2017 (14.x)': 14,
  '2019 (15.x)': 15,
  '2022 (16.x)': 16,
  '2025 (17.x)': 17,
};

test('every view has columns, and every column list a view', () => {
  assert.deepEqual(Object.keys(catalogViews).toSorted(), Object.keys(catalogColumns).toSorted());
});

test('a column newer than the instance does not exist', () => {
  const names = (version: number) =>
    columnsOfVersion(parseColumns(catalogColumns['sys.availability_groups'] ?? ''), version).map(
      (column) => column.name,
    );
  assert.ok(!names(13).includes('cluster_type'));
  assert.ok(names(14).includes('cluster_type'));
  assert.ok(!names(14).includes('is_contained'));
  assert.ok(names(17).includes('cluster_connection_options'));
});

if (existsSync(REFERENCE)) {
  const reference = JSON.parse(readFileSync(REFERENCE, 'utf8')) as Readonly<
    Record<string, { readonly columns: readonly ReferenceColumn[] }>
  >;
  let compared = 0;
  for (const [name, text] of Object.entries(catalogColumns)) {
    const expected = reference[name];
    if (expected === undefined) continue;
    compared += 1;
    test(`${name} has the reference's columns in its order`, () => {
      assert.deepEqual(
        columnsOfVersion(parseColumns(text), NEWEST).map((column) => ({
          name: column.name,
          type: typeText(column.type),
          nullable: column.nullable,
          since: column.since,
        })),
        expected.columns.map((column) => ({
          name: column.name,
          type: column.type === 'sysname' ? 'nvarchar(128)' : column.type,
          nullable: column.nullable !== false,
          since: SINCE[column.since ?? ''] ?? 13,
        })),
      );
    });
  }
  test('the reference covers nearly all of them', () => {
    assert.ok(compared >= 50, `${compared} compared`);
  });
} else {
  test(`comparing columns with the reference is skipped: there is no ${REFERENCE}`, (t) => {
    t.skip(`no ${REFERENCE}`);
  });
}

function typeText(type: SqlType): string {
  if ('precision' in type) return `${type.kind}(${type.precision},${type.scale})`;
  if ('length' in type) return `${type.kind}(${type.length})`;
  return 'scale' in type ? `${type.kind}(${type.scale})` : type.kind;
}
