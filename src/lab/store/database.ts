/**
 * One user database: a SQLite file with a writer connection, a pool of readers, the schema catalog
 * and the write lock. Readers see the last committed state (READ_COMMITTED_SNAPSHOT).
 *
 * Relies on: one process owns the file. Not here: T-SQL, constraints other than keys, the log.
 */

import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { assert } from '../../base/assert.ts';
import { additionOf, Catalog, initialItems } from './catalog.ts';
import { fromPlain, toPlain } from './codec.ts';
import type { Prefilter, StoredRow } from './connection.ts';
import { Connection } from './connection.ts';
import type { DatabaseStore, LogPayload, StoreImage } from './database-store.ts';
import type { CatalogItem, TableDefinition } from './definition.ts';
import { physicalName } from './physical.ts';
import type { DatabaseView, TransactionHost } from './transaction.ts';
import { applyOperation, inverseOperation, StoreTransaction, writeItem } from './transaction.ts';
import type { LockRefusal, LockRequest } from './write-lock.ts';
import { WriteLock } from './write-lock.ts';

/** A view over the last committed state; `release` gives the connection back. */
export interface ReadView extends DatabaseView {
  /** A canonical text of every row in row number order. */
  rowTexts(table: TableDefinition): Iterable<string>;
  release(): void;
}

const IDLE_READERS = 4;

/** Creates an empty database; an existing file is replaced. `path` null keeps it in memory. */
export function createDatabase(path: string | null): Database {
  if (path !== null) removeFiles(path);
  return new Database(path);
}

/** Opens the file of a database, or creates it. */
export function openDatabase(path: string): Database {
  return new Database(path);
}

/** The rows and the schema of one database. */
export class Database implements DatabaseStore {
  readonly #path: string | null;
  readonly #lock = new WriteLock();
  #writer: Connection;
  #idle: Connection[] = [];
  #generation = 0;
  #catalog = new Catalog();
  readonly #identities = new Map<number, bigint | null>();
  readonly #nextRows = new Map<number, number>();
  #transaction: StoreTransaction | null = null;

  constructor(path: string | null) {
    this.#path = path;
    this.#writer = new Connection(path ?? ':memory:');
    this.#load();
  }

  /** The committed schema. */
  get catalog(): Catalog {
    return this.#catalog;
  }

  /** Starts a writing transaction when the write lock is ours; the refusal otherwise. */
  async begin(request: LockRequest): Promise<StoreTransaction | LockRefusal> {
    if (!this.#lock.tryAcquire()) {
      const refusal = await this.#lock.acquire(request);
      if (refusal !== null) return refusal;
    }
    return this.#start();
  }

  /** Starts a writing transaction at once; undefined when somebody else is writing. */
  tryBegin(): StoreTransaction | undefined {
    return this.#lock.tryAcquire() ? this.#start() : undefined;
  }

  /** A consistent view for one statement. In memory (tempdb) it also sees what others have not committed. */
  read(): ReadView {
    const catalog = this.#catalog;
    if (this.#path === null) {
      const writer = this.#writer;
      return {
        catalog,
        scan: (table, filters) => writer.scan(table, filters),
        count: (table) => writer.count(table),
        rowTexts: (table) => writer.rowTexts(table),
        release: () => undefined,
      };
    }
    const connection = this.#idle.pop() ?? new Connection(this.#path);
    const generation = this.#generation;
    // The first read pins the snapshot, so that schema and rows belong together.
    connection.exec('BEGIN');
    connection.all('SELECT 1 FROM catalog LIMIT 1', []);
    return {
      catalog,
      scan: (table: TableDefinition, filters: readonly Prefilter[]): Iterable<StoredRow> =>
        connection.scan(table, filters),
      count: (table: TableDefinition): number => connection.count(table),
      rowTexts: (table: TableDefinition): Iterable<string> => connection.rowTexts(table),
      release: () => this.#release(connection, generation),
    };
  }

  /** Data pages in bytes. */
  dataBytes(): number {
    const [pages] = this.#writer.all('PRAGMA page_count', [])[0] ?? [];
    const [size] = this.#writer.all('PRAGMA page_size', [])[0] ?? [];
    return Number(pages ?? 0) * Number(size ?? 0);
  }

  image(): StoreImage {
    if (this.#path === null || !this.#lock.held) return { bytes: this.#writer.serialize() };
    // The writer would include what its transaction has not committed.
    const reader = this.#idle.pop() ?? new Connection(this.#path);
    const bytes = reader.serialize();
    this.#release(reader, this.#generation);
    return { bytes };
  }

  restore(image: StoreImage): void {
    assert(this.#path !== null, 'restore of a database in memory');
    this.#endTransaction();
    this.#closeConnections();
    removeFiles(this.#path);
    writeFileSync(this.#path, image.bytes);
    this.#writer = new Connection(this.#path);
    this.#load();
  }

  redo(payload: LogPayload): void {
    this.#replay(payload, (connection, catalog) => {
      for (const operation of payload.operations) applyOperation(connection, catalog, operation);
    });
  }

  undo(payload: LogPayload): void {
    this.#replay(payload, (connection, catalog) => {
      for (let i = payload.operations.length - 1; i >= 0; i -= 1) {
        const operation = payload.operations[i];
        if (operation !== undefined)
          applyOperation(connection, catalog, inverseOperation(operation));
      }
    });
  }

  digest(): string {
    const hash = createHash('sha256');
    const view = this.read();
    try {
      const items = [...view.catalog.items()].sort(([a], [b]) => (a < b ? -1 : 1));
      for (const [key, item] of items) hash.update(`${key}=${JSON.stringify(toPlain(item))}\n`);
      const tables = view.catalog.tables().sort((a, b) => a.id - b.id);
      for (const table of tables) this.#digestTable(table, view, (text) => hash.update(text));
    } finally {
      view.release();
    }
    return hash.digest('hex');
  }

  close(): void {
    this.#endTransaction();
    this.#closeConnections();
  }

  #digestTable(table: TableDefinition, view: ReadView, update: (text: string) => void): void {
    update(`${physicalName(table)} ${view.count(table)}\n`);
    for (const text of view.rowTexts(table)) update(text);
  }

  /** Reads the catalog from the file, or writes the one of a new database. */
  #load(): void {
    this.#catalog = new Catalog();
    this.#identities.clear();
    this.#nextRows.clear();
    this.#writer.exec(
      'CREATE TABLE IF NOT EXISTS catalog(key TEXT PRIMARY KEY, item TEXT NOT NULL) WITHOUT ROWID',
    );
    const stored = this.#writer.all('SELECT item FROM catalog', []);
    for (const [text] of stored)
      this.#catalog.apply(additionOf(fromPlain(JSON.parse(String(text))) as CatalogItem));
    if (stored.length > 0) return;
    this.#writer.exec('BEGIN');
    for (const item of initialItems()) {
      const addition = additionOf(item);
      this.#catalog.apply(addition);
      writeItem(this.#writer, addition.key, item);
    }
    this.#writer.exec('COMMIT');
  }

  #start(): StoreTransaction {
    const host: TransactionHost = {
      writer: this.#writer,
      catalog: this.#catalog,
      identities: this.#identities,
      nextRow: (table) => this.#nextRow(table),
      finished: (catalog) => {
        if (catalog !== null) this.#catalog = catalog;
        this.#transaction = null;
        this.#lock.release();
      },
    };
    this.#transaction = new StoreTransaction(host);
    return this.#transaction;
  }

  #nextRow(table: TableDefinition): number {
    let next = this.#nextRows.get(table.id);
    if (next === undefined) {
      const [highest] = this.#writer.all(`SELECT max(r) FROM ${physicalName(table)}`, [])[0] ?? [];
      next = Number(highest ?? 0) + 1;
    }
    this.#nextRows.set(table.id, next + 1);
    return next;
  }

  /** Applies log outside any session. A session still writing here has lost its database: it is rolled back. */
  #replay(payload: LogPayload, apply: (connection: Connection, catalog: Catalog) => void): void {
    this.#endTransaction();
    const changesSchema = payload.operations.some((operation) => operation.kind === 'schema');
    const catalog = changesSchema ? this.#catalog.clone() : this.#catalog;
    this.#writer.exec('BEGIN IMMEDIATE');
    try {
      apply(this.#writer, catalog);
      this.#writer.exec('COMMIT');
    } catch (error) {
      this.#writer.exec('ROLLBACK');
      throw error;
    }
    this.#catalog = catalog;
    this.#identities.clear();
    this.#nextRows.clear();
  }

  #endTransaction(): void {
    this.#transaction?.rollback();
  }

  #release(connection: Connection, generation: number): void {
    try {
      connection.exec('COMMIT');
    } catch {
      // No transaction is open: the connection served an image.
    }
    const current = generation === this.#generation && this.#idle.length < IDLE_READERS;
    // Whoever takes a busy connection next would read yesterday's rows.
    if (current && !connection.busy) this.#idle.push(connection);
    else connection.close();
  }

  #closeConnections(): void {
    this.#generation += 1;
    for (const reader of this.#idle) reader.close();
    this.#idle = [];
    this.#writer.close();
  }
}

function removeFiles(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
}
