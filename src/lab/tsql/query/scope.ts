/** Name resolution: which column of which source a name means (207, 209, 4104). */

import type { Column } from '../../../tds/sql-type.ts';
import { sqlError } from '../message.ts';

/** One source of FROM. */
export interface ScopeSource {
  /** Alias, or the last part of the table's name. */
  readonly alias: string;
  /** Schema when the table was named without alias; a qualifier may then use it. */
  readonly schema: string | null;
  readonly columns: readonly Column[];
  readonly slot: number;
}

/** A resolved column. */
export interface ResolvedColumn {
  /** Query blocks to walk outwards. */
  readonly depth: number;
  readonly slot: number;
  readonly index: number;
  readonly column: Column;
}

/** The sources of one query block. */
export class Scope {
  readonly sources: ScopeSource[] = [];
  readonly outer: Scope | null;
  /** Some expression of the block refers to a block around it. */
  correlated = false;
  #slots = 0;

  constructor(outer: Scope | null) {
    this.outer = outer;
  }

  /** Reserves a place in the frame. */
  newSlot(): number {
    this.#slots += 1;
    return this.#slots - 1;
  }

  /** Adds a source; 1013 when its name is taken. */
  add(source: ScopeSource): void {
    const taken = this.sources.some(
      (other) =>
        same(other.alias, source.alias) &&
        (other.schema === source.schema || other.schema === null || source.schema === null),
    );
    if (taken) throw sqlError(1013, source.alias, source.alias);
    this.sources.push(source);
  }

  /** Finds a column here or in the blocks around. */
  resolve(qualifier: readonly string[], name: string): ResolvedColumn {
    const found = this.#find(qualifier, name);
    if (found !== undefined) return found;
    if (qualifier.length > 0 && !this.#knows(qualifier))
      throw sqlError(4104, [...qualifier, name].join('.'));
    throw sqlError(207, name);
  }

  /** Sources that a qualified star means; all of them without qualifier. */
  matching(qualifier: readonly string[]): ScopeSource[] {
    return this.sources.filter((source) => matches(source, qualifier));
  }

  #find(qualifier: readonly string[], name: string): ResolvedColumn | undefined {
    const own = this.#own(qualifier, name);
    if (own !== undefined) return { depth: 0, ...own };
    const around = this.outer === null ? undefined : this.outer.#find(qualifier, name);
    if (around === undefined) return undefined;
    this.correlated = true;
    return { ...around, depth: around.depth + 1 };
  }

  #knows(qualifier: readonly string[]): boolean {
    return (
      this.matching(qualifier).length > 0 || (this.outer !== null && this.outer.#knows(qualifier))
    );
  }

  #own(qualifier: readonly string[], name: string): Omit<ResolvedColumn, 'depth'> | undefined {
    let found: Omit<ResolvedColumn, 'depth'> | undefined;
    for (const source of this.sources) {
      if (!matches(source, qualifier)) continue;
      const index = source.columns.findIndex((column) => same(column.name, name));
      const column = source.columns[index];
      if (column === undefined) continue;
      if (found !== undefined) throw sqlError(209, name);
      found = { slot: source.slot, index, column };
    }
    return found;
  }
}

function matches(source: ScopeSource, qualifier: readonly string[]): boolean {
  const alias = qualifier.at(-1);
  if (alias === undefined) return true;
  if (!same(source.alias, alias)) return false;
  const schema = qualifier.at(-2);
  return (
    schema === undefined || schema === '' || source.schema === null || same(source.schema, schema)
  );
}

/** Identifiers are compared without regard to case. */
export function same(left: string, right: string): boolean {
  return left === right || left.toLowerCase() === right.toLowerCase();
}
