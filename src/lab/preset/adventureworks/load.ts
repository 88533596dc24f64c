/** Fills a database with the sample shop. */

import type { Loader } from '../../store/loader.ts';
import { sampleRows } from './rows.ts';
import { SAMPLE_SCHEMAS, SAMPLE_TABLES } from './schema.ts';

/** Makes schemas and tables and loads their rows; about half a second. */
export function loadSample(loader: Loader): void {
  for (const schema of SAMPLE_SCHEMAS) loader.createSchema(schema);
  for (const table of SAMPLE_TABLES) loader.createTable(table);
  for (const { schema, table, rows } of sampleRows()) {
    loader.loadRows({ schema, name: table }, rows);
  }
}
