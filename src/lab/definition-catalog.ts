/** The key `catalog` of `lab.yaml`: rows of catalog views, checked against the columns the lab has. */

import * as z from 'zod';

import { catalogColumns } from './catalog/catalog.ts';
import { parseColumns } from './catalog/column-table.ts';
import { VOLUME_COLUMNS } from './catalog/row/volume.ts';
import {
  DATABASE_PROPERTY_VIEW,
  LOG_STATS_VIEW,
  SERVER_PROPERTY_VIEW,
  VOLUME_VIEW,
  type DeclaredCatalog,
} from './declared.ts';
import { LOG_STATS_COLUMNS } from './catalog/table-function.ts';
import { databaseViewColumns } from './tsql/query/database-views.ts';

const rows = z.array(
  z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
);

/** Rows by view; an unknown view or column is an error. */
export const declaredCatalog: z.ZodType<DeclaredCatalog> = z
  .record(z.string(), rows)
  .superRefine((catalog, context) => {
    for (const [view, stated] of Object.entries(catalog)) {
      const columns = columnsOf(view.toLowerCase());
      if (columns === undefined) {
        context.addIssue({
          code: 'custom',
          path: [view],
          message: `allowed: a view of the lab, for example sys.databases`,
        });
        continue;
      }
      for (const [index, row] of stated.entries()) {
        const wrong = Object.keys(row).find((column) => !columns.includes(column));
        if (wrong !== undefined) {
          context.addIssue({
            code: 'custom',
            path: [view, index, wrong],
            message: `${view} has no column ${wrong}; allowed: ${columns.join(', ')}`,
          });
        }
      }
    }
  });

/** Column names of a view; undefined when the lab has no such view. */
function columnsOf(view: string): readonly string[] | undefined {
  if (view === DATABASE_PROPERTY_VIEW) return ['property', 'value'];
  if (view === SERVER_PROPERTY_VIEW) return ['property', 'value'];
  if (view === LOG_STATS_VIEW) return parseColumns(LOG_STATS_COLUMNS).map(({ name }) => name);
  if (view === VOLUME_VIEW) return parseColumns(VOLUME_COLUMNS).map(({ name }) => name);
  const text = catalogColumns[view];
  return text === undefined
    ? databaseViewColumns(view)
    : parseColumns(text).map(({ name }) => name);
}
