/**
 * The compact form in which the catalog's column lists are written, and what is made of it.
 *
 * `name:type` per column, in the order of the real view; `!` marks NOT NULL, `@15` the first major
 * version that has the column. A column newer than the instance does not exist there (error 207).
 */

import { AssertionError, required } from '../../base/assert.ts';
import type { Column, SqlType } from '../../tds/sql-type.ts';

/** Column lists by name of the view (`sys.databases`, `msdb.dbo.backupset`), lower case. */
export type ColumnTable = Readonly<Record<string, string>>;

/** A column with the version that brought it. */
export interface VersionedColumn extends Column {
  /** Major version, 13 for SQL Server 2016 and whatever came before. */
  readonly since: number;
}

const COLUMN =
  /^(?<name>\w+):(?<kind>\w+)(?:\((?<facets>[\d,]+|max)\))?(?<required>!)?(?:@(?<since>\d+))?$/u;
const OLDEST_VERSION = 13;
const SYSNAME_LENGTH = 128;

/** Reads a column list; a word that has not the form is a bug. */
export function parseColumns(text: string): readonly VersionedColumn[] {
  return text
    .trim()
    .split(/\s+/u)
    .map((word) => {
      const groups = COLUMN.exec(word)?.groups;
      if (groups === undefined) throw new AssertionError(`column list: ${word}`);
      const facets = (groups['facets'] ?? '').split(',').map(facetOf);
      return {
        name: required(groups['name'], 'column name'),
        type: columnType(required(groups['kind'], 'column type'), facets),
        nullable: groups['required'] === undefined,
        since: Number(groups['since'] ?? OLDEST_VERSION),
      };
    });
}

/** The columns that an instance of the major version has. */
export function columnsOfVersion(
  columns: readonly VersionedColumn[],
  majorVersion: number,
): readonly VersionedColumn[] {
  return columns.filter((column) => column.since <= majorVersion);
}

type Facet = number | 'max';

function facetOf(text: string): Facet {
  return text === 'max' ? text : Number(text);
}

function numberFacet(facet: Facet | undefined, what: string): number {
  if (typeof facet === 'number') return facet;
  throw new AssertionError(`column list: ${what}`);
}

function columnType(kind: string, facets: readonly Facet[]): SqlType {
  switch (kind) {
    case 'bit':
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'real':
    case 'float':
    case 'datetime':
    case 'uniqueidentifier':
    case 'sql_variant': {
      return { kind };
    }
    case 'sysname': {
      return { kind: 'nvarchar', length: SYSNAME_LENGTH };
    }
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
    case 'binary':
    case 'varbinary': {
      return { kind, length: required(facets[0], `length of ${kind}`) };
    }
    case 'numeric': {
      return {
        kind,
        precision: numberFacet(facets[0], 'precision'),
        scale: numberFacet(facets[1], 'scale'),
      };
    }
    case 'datetimeoffset': {
      return { kind, scale: numberFacet(facets[0], 'scale') };
    }
    default: {
      throw new AssertionError(`column type: ${kind}`);
    }
  }
}
