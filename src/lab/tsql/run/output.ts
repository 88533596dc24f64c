/** OUTPUT of INSERT, UPDATE and DELETE. */

import type { OutputClause } from '../ast.ts';
import type { Column, SqlValue } from '../../../tds/sql-type.ts';
import { plainBinder } from '../query/compiler.ts';
import type { Environment, Execution, Row } from '../query/execution.ts';
import { Scope } from '../query/scope.ts';
import { compileItem } from '../query/select.ts';
import type { Request } from './context.ts';
import { resultColumns } from './execution.ts';
import { openTarget } from './open-target.ts';
import { sendAll } from './rows.ts';
import type { TableTarget } from './target.ts';
import { storeValue } from './write-row.ts';

/** Collects what OUTPUT shows, row by row. */
export interface Output {
  add(inserted: readonly SqlValue[] | null, deleted: readonly SqlValue[] | null): void;
  /** Sends the result set, or writes it INTO its table. */
  finish(): Promise<void>;
  /** A result set is sent. */
  readonly resultSet: boolean;
}

/** Compiles an OUTPUT clause. */
export function makeOutput(
  request: Request,
  at: { execution: Execution; target: TableTarget; clause: OutputClause | null },
): Output {
  const { clause } = at;
  if (clause === null)
    return { add: () => undefined, finish: () => Promise.resolve(), resultSet: false };
  const scope = new Scope(null);
  const columns = resultColumns(at.target.definition);
  const inserted = scope.newSlot();
  const deleted = scope.newSlot();
  scope.add({ alias: 'inserted', schema: null, columns, slot: inserted });
  scope.add({ alias: 'deleted', schema: null, columns, slot: deleted });
  const binder = { ...plainBinder(at.execution), scope };
  const items = clause.items.flatMap((item) => compileItem(binder, item));
  const shown: Column[] = items.map((item) => item.column);
  const rows: Row[] = [];
  const environment: Environment = { frame: [], outer: null };
  return {
    resultSet: clause.into === null,
    add: (after, before) => {
      environment.frame = [];
      if (after !== null) environment.frame[inserted] = [...after];
      if (before !== null) environment.frame[deleted] = [...before];
      rows.push(items.map((item) => item.compiled.evaluate(environment)));
    },
    finish: async () => {
      if (clause.into === null) {
        request.sink.columns(shown);
        sendAll(request, rows);
        return;
      }
      const into = await openTarget(request, clause.into);
      for (const row of rows) {
        into.insert(
          into.definition.columns.map((column, i) =>
            storeValue(row[i] ?? null, shown[i]?.type ?? column.type, {
              type: column.type,
              name: column.name,
              table: into.definition.name,
            }),
          ),
        );
      }
    },
  };
}
