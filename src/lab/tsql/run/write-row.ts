/** Rows on their way into a table: conversion, truncation, NULL, computed columns, CHECK. */

import type { SqlType, SqlValue } from '../../../tds/sql-type.ts';
import type { TableDefinition } from '../../store/definition.ts';
import { sqlError } from '../message.ts';
import type { Binder } from '../query/binder.ts';
import { compileExpression, compilePredicate } from '../query/binder.ts';
import { coerce, convertValue } from '../query/compiled.ts';
import { plainBinder } from '../query/compiler.ts';
import type { Environment, Execution } from '../query/execution.ts';
import { Scope } from '../query/scope.ts';
import { sameType, typeFamily } from '../value/type.ts';
import { resultColumns } from './execution.ts';

/** Finishes and checks rows of one table for one statement. */
export interface RowWriter {
  /** Fills computed columns and checks the row; raises 515 and 547. */
  finish(row: SqlValue[]): void;
}

/** The kind of statement, as error texts name it. */
export type WriteVerb = 'INSERT' | 'UPDATE' | 'MERGE' | 'ALTER TABLE';

/** A binder that sees the columns of one table in slot 0. */
export function tableBinder(
  execution: Execution,
  table: TableDefinition,
): Binder & { readonly scope: Scope } {
  const scope = new Scope(null);
  scope.add({
    alias: table.name,
    schema: table.schema,
    columns: resultColumns(table),
    slot: scope.newSlot(),
  });
  return { ...plainBinder(execution), scope };
}

/** Makes the checks of a table. */
export function makeRowWriter(
  execution: Execution,
  table: TableDefinition,
  at: { verb: WriteVerb; database: string },
): RowWriter {
  const binder = tableBinder(execution, table);
  const computed = table.columns.flatMap((column, i) =>
    column.computed === null
      ? []
      : [{ place: i, compiled: coerce(compileExpression(binder, column.computed), column.type) }],
  );
  const checks = table.checks.map((check) => ({
    check,
    predicate: compilePredicate(binder, check.condition),
  }));
  const environment: Environment = { frame: [], outer: null };
  return {
    finish: (row) => {
      environment.frame = [row];
      for (const { place, compiled } of computed) row[place] = compiled.evaluate(environment);
      table.columns.forEach((column, i) => {
        if (!column.nullable && (row[i] ?? null) === null) {
          throw sqlError(515, column.name, `${at.database}.${table.schema}.${table.name}`, at.verb);
        }
      });
      for (const { check, predicate } of checks) {
        if (predicate.test(environment) === false) {
          throw sqlError(
            547,
            at.verb,
            'CHECK',
            check.name,
            at.database,
            `${table.schema}.${table.name}`,
            '',
            '',
            '',
          );
        }
      }
    },
  };
}

/** Converts a value to a column; 2628 when characters or bytes would be lost. */
export function storeValue(
  value: SqlValue,
  from: SqlType,
  column: { readonly type: SqlType; readonly name: string; readonly table: string },
): SqlValue {
  if (value === null) return null;
  const to = column.type;
  if ('length' in to && to.length !== 'max') {
    const source = lengthened(value, from, to);
    const size =
      typeof source === 'string'
        ? source.trimEnd().length
        : source instanceof Uint8Array
          ? source.length
          : 0;
    if (size > to.length)
      throw sqlError(
        2628,
        column.table,
        column.name,
        typeof source === 'string' ? source.slice(0, to.length) : '',
      );
  }
  return sameType(from, to) ? value : convertValue(value, from, to);
}

/** The value as a string or bytes of any length, to see whether it fits. */
function lengthened(value: SqlValue, from: SqlType, to: SqlType): SqlValue {
  const family = typeFamily(to);
  if (family === 'string' && typeFamily(from) === 'string') return value;
  return family === 'binary' && value instanceof Uint8Array ? value : null;
}
