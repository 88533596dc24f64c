/** Stands in for `sql/statement/batch-for.ts`: the same batches, remembered by the act they are of. */

import type { Act } from '../src/model/act.ts';
import type { Migration } from '../src/model/migration.ts';
import type { SqlBatch } from '../src/sql/batch.ts';
import { batchFor as shippingBatchFor } from '../src/sql/statement/batch-for.ts';
import { rememberAct } from './mutate-text.ts';

/** The batch of an act, its guard inside. */
export function batchFor(act: Act, migration: Migration): SqlBatch {
  const batch = shippingBatchFor(act, migration);
  rememberAct(act, migration, batch.text);
  return batch;
}
