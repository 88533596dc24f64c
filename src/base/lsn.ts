/**
 * Log sequence numbers as SQL Server's views print them.
 *
 * `numeric(25,0)` = VLF sequence x 10^15 + block offset x 10^5 + slot
 * (Microsoft Learn, sys.dm_hadr_database_replica_states). The value exceeds 2^53, so it is a
 * bigint here and a decimal string outside; it must never pass through a JavaScript number.
 */

/** A log sequence number, `numeric(25,0)`. */
export type Lsn = bigint & { readonly __brand: 'Lsn' };

/** The three parts of a log sequence number. */
export interface LsnParts {
  /** Sequence number of the virtual log file. */
  readonly vlf: bigint;
  /** Offset of the log block, in units of 512 bytes. */
  readonly block: bigint;
  /** Number of the record inside the block. */
  readonly slot: bigint;
}

const BLOCK_UNIT = 100_000n;
const VLF_UNIT = 1_000_000_000_000_000n;
const LIMIT = 10n ** 25n;

/** Reads a decimal string of up to 25 digits; `undefined` when it is anything else. */
export function parseLsn(text: string): Lsn | undefined {
  return /^\d{1,25}$/u.test(text) ? (BigInt(text) as Lsn) : undefined;
}

/** Prints the decimal form that the views show and `parseLsn` reads. */
export function formatLsn(lsn: Lsn): string {
  return lsn.toString();
}

/** Builds a log sequence number from its parts; throws RangeError when a part does not fit. */
export function makeLsn(parts: LsnParts): Lsn {
  const fits =
    parts.vlf >= 0n &&
    parts.block >= 0n &&
    parts.block < 10n ** 10n &&
    parts.slot >= 0n &&
    parts.slot < BLOCK_UNIT;
  const value = parts.vlf * VLF_UNIT + parts.block * BLOCK_UNIT + parts.slot;
  if (!fits || value >= LIMIT)
    throw new RangeError(`makeLsn: ${parts.vlf}:${parts.block}:${parts.slot}`);
  return value as Lsn;
}

/** Splits a log sequence number into its parts. */
export function lsnParts(lsn: Lsn): LsnParts {
  return { vlf: lsn / VLF_UNIT, block: (lsn % VLF_UNIT) / BLOCK_UNIT, slot: lsn % BLOCK_UNIT };
}
