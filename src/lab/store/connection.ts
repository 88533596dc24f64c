/**
 * One SQLite connection of a database: prepared statements and row access.
 *
 * Rows come back as arrays of the columns in definition order, followed by the row number.
 */

import { Buffer } from 'node:buffer';
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import type { SqlValue } from '../../tds/sql-type.ts';
import type { CellCodec, CellValue } from './codec.ts';
import { cellCodec } from './codec.ts';
import type { TableDefinition } from './definition.ts';
import {
  cellKey,
  isOrdered,
  keyExpression,
  physicalName,
  TEXT_KEY,
  textKeyOfCell,
} from './physical.ts';

/** A row: the column values, then the row number. */
export type StoredRow = SqlValue[];

/** A test that SQLite may run ahead of the executor; it may let too many rows pass, never too few. */
export interface Prefilter {
  /** Place of the column in the definition. */
  readonly column: number;
  readonly operator: '=' | '<' | '<=' | '>' | '>=' | 'in';
  /** Of the column's own type, not null; one value except for `in`. */
  readonly values: readonly SqlValue[];
}

const MAX_CACHED_STATEMENTS = 500;
const MAX_IN_VALUES = 900;

/** A connection to the file of one database. */
export class Connection {
  readonly #sqlite: DatabaseSync;
  readonly #idle = new Map<string, StatementSync[]>();
  readonly #codecs = new WeakMap<TableDefinition, readonly CellCodec[]>();
  #running = 0;

  constructor(path: string) {
    this.#sqlite = new DatabaseSync(path, { enableForeignKeyConstraints: false });
    this.#sqlite.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY',
    );
    this.#sqlite.function(TEXT_KEY, { deterministic: true, useBigIntArguments: true }, (cell) =>
      textKeyOfCell(cell),
    );
  }

  /** A scan was begun and neither read to its end nor closed: the connection still holds its snapshot. */
  get busy(): boolean {
    return this.#running > 0;
  }

  /** Runs statements without parameters. */
  exec(sql: string): void {
    this.#sqlite.exec(sql);
  }

  /** Runs one statement; number of changed rows. */
  run(sql: string, values: readonly CellValue[]): number {
    const statement = this.#take(sql);
    try {
      return Number(statement.run(...(values as SQLInputValue[])).changes);
    } finally {
      this.#give(sql, statement);
    }
  }

  /** All rows of a query, as arrays. */
  all(sql: string, values: readonly CellValue[]): CellValue[][] {
    const statement = this.#take(sql);
    try {
      return statement.all(...(values as SQLInputValue[])) as unknown as CellValue[][];
    } finally {
      this.#give(sql, statement);
    }
  }

  /** Rows of a query one by one; the statement stays busy until the generator ends. */
  *iterate(sql: string, values: readonly CellValue[]): Generator<CellValue[]> {
    const statement = this.#take(sql);
    this.#running += 1;
    try {
      for (const row of statement.iterate(...(values as SQLInputValue[]))) {
        yield row as unknown as CellValue[];
      }
    } finally {
      this.#running -= 1;
      this.#give(sql, statement);
    }
  }

  /** Codecs of a table's columns. */
  codecs(table: TableDefinition): readonly CellCodec[] {
    let codecs = this.#codecs.get(table);
    if (codecs === undefined) {
      codecs = table.columns.map((column) => cellCodec(column.type));
      this.#codecs.set(table, codecs);
    }
    return codecs;
  }

  /** Rows of a table in row number order. */
  *scan(table: TableDefinition, filters: readonly Prefilter[]): Generator<StoredRow> {
    const { sql, values, point } = scanText(table, filters, this.codecs(table));
    const codecs = this.codecs(table);
    for (const cells of point ? this.all(sql, values) : this.iterate(sql, values))
      yield decodeRow(codecs, cells);
  }

  /** A canonical text of every row in row number order, for digests. */
  *rowTexts(table: TableDefinition): Generator<string> {
    const columns = table.columns.map((column) => `, c${column.id}`).join('');
    for (const cells of this.iterate(
      `SELECT r${columns} FROM ${physicalName(table)} ORDER BY r`,
      [],
    )) {
      let text = '';
      for (const cell of cells) text += cellText(cell);
      yield text;
    }
  }

  /** Number of rows of a table. */
  count(table: TableDefinition): number {
    return Number(this.all(`SELECT count(*) FROM ${physicalName(table)}`, [])[0]?.[0] ?? 0);
  }

  /** Bytes of the whole database. */
  serialize(): Uint8Array {
    return this.#sqlite.serialize();
  }

  /** Closes the file. */
  close(): void {
    this.#idle.clear();
    this.#sqlite.close();
  }

  #take(sql: string): StatementSync {
    const idle = this.#idle.get(sql)?.pop();
    if (idle !== undefined) return idle;
    const statement = this.#sqlite.prepare(sql);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    return statement;
  }

  #give(sql: string, statement: StatementSync): void {
    const idle = this.#idle.get(sql);
    if (idle !== undefined) {
      if (idle.length < 4) idle.push(statement);
      return;
    }
    if (this.#idle.size >= MAX_CACHED_STATEMENTS) this.#idle.clear();
    this.#idle.set(sql, [statement]);
  }
}

/** Kind, length and content, so that no two lists of cells have one text. */
function cellText(cell: CellValue): string {
  if (cell === null) return 'n';
  if (typeof cell === 'number') return `f${cell};`;
  if (typeof cell === 'bigint') return `i${cell};`;
  if (typeof cell === 'string') return `s${cell.length}:${cell}`;
  return `b${cell.length}:${Buffer.from(cell).toString('hex')}`;
}

function decodeRow(codecs: readonly CellCodec[], cells: CellValue[]): StoredRow {
  const row = cells as SqlValue[];
  for (let i = 0; i < codecs.length; i += 1) {
    const codec = codecs[i];
    if (codec !== undefined) row[i] = codec.decode(cells[i] ?? null);
  }
  row[codecs.length] = Number(cells[codecs.length]);
  return row;
}

interface ScanText {
  readonly sql: string;
  readonly values: readonly CellValue[];
  /** At most one row per value is expected: read at once. */
  readonly point: boolean;
}

function scanText(
  table: TableDefinition,
  filters: readonly Prefilter[],
  codecs: readonly CellCodec[],
): ScanText {
  const values: CellValue[] = [];
  const tests: string[] = [];
  let point = false;
  for (const filter of filters) {
    const column = table.columns[filter.column];
    const codec = codecs[filter.column];
    if (column === undefined || codec === undefined) continue;
    const equality = filter.operator === '=' || filter.operator === 'in';
    if (!equality && !isOrdered(column)) continue;
    if (filter.values.length > MAX_IN_VALUES) continue;
    const cells = filter.values.map((value) => cellKey(column, codec.encode(value)));
    const marks =
      filter.operator === 'in' ? `IN (${cells.map(() => '?').join(',')})` : `${filter.operator} ?`;
    tests.push(`${keyExpression(column)} ${marks}`);
    values.push(...cells);
    if (equality && isUniqueAlone(table, column.id)) point = true;
  }
  const columns = table.columns.map((column) => `c${column.id}, `).join('');
  const where = tests.length === 0 ? '' : ` WHERE ${tests.join(' AND ')}`;
  // Without a usable index rows come in row number order by themselves.
  return { sql: `SELECT ${columns}r FROM ${physicalName(table)}${where}`, values, point };
}

function isUniqueAlone(table: TableDefinition, column: number): boolean {
  return table.indexes.some(
    (index) =>
      index.kind !== 'index' && index.columns.length === 1 && index.columns[0]?.column === column,
  );
}
