/** What the batches that move roles answer besides errors. */

import { sameName } from '../../base/name.ts';
import type { FinalLsn } from '../../model/act.ts';
import { unknown, type Fact } from '../../model/fact.ts';
import type { RawReply } from '../batch.ts';
import { decodePart, lsnOrNull, part, text, textOrNull } from '../view/cell.ts';

/** Role of the local DAG member at the end of the batch. */
export function decodeRole(reply: RawReply): Fact<string> {
  const role = decodePart(part(reply, 'part_role'), (rows) =>
    rows[0] === undefined ? null : textOrNull(rows[0], 'role_desc'),
  );
  if (!role.known) return role;
  return role.value === null ? unknown('the role is NULL') : { known: true, value: role.value };
}

/**
 * End of the log of every database after the demotion: the higher of both columns. A database that shows neither value is left
 * out: a NULL is equal to nothing, so nobody can promote without it.
 */
export function decodeFinalLsns(
  reply: RawReply,
  databases: readonly string[],
): Fact<readonly FinalLsn[]> {
  return decodePart(part(reply, 'part_final_lsns'), (rows) =>
    rows.flatMap((row) => {
      const end = lsnOrNull(row, 'end_of_log_lsn');
      const hardened = lsnOrNull(row, 'last_hardened_lsn');
      const lsn = end === null || (hardened !== null && hardened > end) ? hardened : end;
      const shown = text(row, 'database_name');
      // The spelling of the migration file, so that the next text is the one the plan shows.
      const database = databases.find((name) => sameName(name, shown)) ?? shown;
      return lsn === null ? [] : [{ database, lsn }];
    }),
  );
}
