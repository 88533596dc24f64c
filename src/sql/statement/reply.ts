/** What the batches that move roles answer besides errors. */

import { sameName } from '../../base/name.ts';
import type { FinalLsn } from '../../model/act.ts';
import { unknown, type Fact } from '../../model/fact.ts';
import type { RegisterPhase } from '../../model/register.ts';
import type { RawReply } from '../batch.ts';
import { bit, decodePart, lsnOrNull, numberOrNull, part, text, textOrNull } from '../view/cell.ts';
import { phaseOrNull } from '../view/observe-decode-control.ts';

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

/** What the register shows at the end of a batch that uses it. */
export interface RegisterEnd {
  readonly phase: RegisterPhase;
  readonly epoch: bigint;
}

/** Phase and epoch at the end of a batch. */
export function decodeRegisterEnd(reply: RawReply): Fact<RegisterEnd> {
  const end = decodePart(part(reply, 'part_register_end'), (rows) => {
    const row = rows[0];
    const phase = row === undefined ? null : phaseOrNull(text(row, 'phase'));
    return row === undefined || phase === null
      ? null
      : { phase, epoch: BigInt(text(row, 'epoch')) };
  });
  if (!end.known) return end;
  return end.value === null
    ? unknown('the register shows no phase of ours')
    : { known: true, value: end.value };
}

/** Time the batch took by the server's own clock, in milliseconds; `null` when it was not answered. */
export function decodeServerMs(reply: RawReply): number | null {
  for (const name of ['part_register_end', 'part_server_time']) {
    const time = decodePart(part(reply, name), (rows) =>
      rows[0] === undefined ? null : numberOrNull(rows[0], 'server_ms'),
    );
    if (time.known && time.value !== null) return time.value;
  }
  return null;
}

/** The epoch whose writes the step of a watcher has given back; `null` when it had nothing to do. */
export function decodeGaveBack(reply: RawReply): bigint | null {
  const [before, after] = ['part_watched_before', 'part_watched_after'].map((name) => {
    const aborted = decodePart(part(reply, name), ([row]) =>
      row === undefined
        ? null
        : {
            epoch: BigInt(text(row, 'epoch')),
            isByDeadMan: textOrNull(row, 'owner') === 'dead-man',
            isOwed: bit(row, 'is_owed'),
          },
    );
    return aborted.known ? aborted.value : null;
  });
  if (after === undefined || after === null || !after.isByDeadMan || after.isOwed) return null;
  return before?.epoch === after.epoch && !before.isOwed ? null : after.epoch;
}
