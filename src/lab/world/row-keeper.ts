/** The rows of all databases: one store per copy, images on their way, and the lost-commit fault. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { required } from '../../base/assert.ts';
import { nameKey } from '../hadr/state.ts';
import type { LogPayload, StoreImage } from '../store/database-store.ts';
import { createDatabase } from '../store/database.ts';
import type { Database } from '../store/database.ts';
import type { RowEffect } from './engine-host.ts';

const systemDatabases = ['master', 'tempdb', 'model', 'msdb'];

/** System databases by their `database_id`. */
export const systemDatabaseIds: Readonly<Record<string, number | undefined>> = {
  master: 1,
  tempdb: 2,
  model: 3,
  msdb: 4,
};

/** A database on an instance, by keys. */
export interface StorePlace {
  readonly instance: string;
  readonly database: string;
}

/** Owns every store of a world. */
export class RowKeeper {
  readonly #directory: string;
  readonly #stores = new Map<string, Database>();
  readonly #images = new Map<string, StoreImage>();
  /** Copies whose next redone transaction is swallowed. */
  readonly #losing = new Set<string>();
  #files = 0;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  /** The store of a user database; undefined when there is none. */
  store(place: StorePlace): Database | undefined {
    return this.#stores.get(keyOf(place));
  }

  /** The store of a system database, made when first used; it lives in memory. */
  systemStore(place: StorePlace): Database | undefined {
    if (!systemDatabases.includes(nameKey(place.database))) return undefined;
    const store = this.#stores.get(keyOf(place)) ?? createDatabase(null);
    this.#stores.set(keyOf(place), store);
    return store;
  }

  /** Makes an empty store; the file has a number for a name, since database names may be anything. */
  create(place: StorePlace): Database {
    this.drop(place);
    this.#files += 1;
    const store = createDatabase(join(this.#directory, `${this.#files}.db`));
    this.#stores.set(keyOf(place), store);
    return store;
  }

  /** Closes and forgets a store. */
  drop(place: StorePlace): void {
    this.#stores.get(keyOf(place))?.close();
    this.#stores.delete(keyOf(place));
  }

  /** The next transaction redone on this copy is acknowledged, but its rows are dropped. */
  loseNext(place: StorePlace): void {
    this.#losing.add(keyOf(place));
  }

  /** Carries out an effect of the engine. */
  perform(effect: RowEffect, payload: LogPayload | undefined): void {
    switch (effect.kind) {
      case 'create-store':
        this.create(effect);
        return;
      case 'drop-store':
        this.drop(effect);
        return;
      case 'take-image':
        this.#images.set(effect.operation, this.#required(effect).image());
        return;
      case 'install-image':
        this.#required(effect).restore(required(this.#images.get(effect.operation), 'image'));
        return;
      case 'discard-image':
        this.#images.delete(effect.operation);
        return;
      case 'redo':
        if (this.#losing.delete(keyOf(effect))) return;
        this.#required(effect).redo(required(payload, 'payload to redo'));
        return;
      case 'undo':
        this.#required(effect).undo(required(payload, 'payload to undo'));
    }
  }

  /** Closes every store. */
  close(): void {
    for (const store of this.#stores.values()) store.close();
    this.#stores.clear();
    this.#images.clear();
  }

  #required(place: StorePlace): Database {
    return required(this.#stores.get(keyOf(place)), `store of ${place.database}`);
  }
}

function keyOf({ instance, database }: StorePlace): string {
  return `${nameKey(instance)}/${nameKey(database)}`;
}
