/**
 * Both ends of the log at a split brain: where the two copies part, and what each choice throws away.
 *
 * A forced promotion begins a new recovery fork. The views show the newest fork of a copy and where it
 * began, not the forks before it: where one copy alone has forked, that is the last position both have in
 * common; where both have, it is the earlier one or later; a copy promoted twice since may have parted
 * before. So the words say "as the newest forks show it", and no choice is ever called free of loss.
 * Positions behind the fork may be equal as numbers and are different records all the same.
 */

import { formatLsn, type Lsn } from '../base/lsn.ts';
import { shownName } from '../base/name.ts';
import type { Migration } from '../model/migration.ts';
import type { DatabaseObservation } from '../model/observation.ts';
import { otherSide, type Side } from '../model/side.ts';
import { findDatabase, instanceName } from './look.ts';

/** End of the log of one database on one side. */
export interface LogTail {
  readonly database: string;
  readonly side: Side;
  readonly instance: string;
  /** Current recovery fork; null where it is not shown. */
  readonly recoveryForkGuid: string | null;
  /** Where that fork began, decimal text; null where it is the first one or not shown. */
  readonly forkPointLsn: string | null;
  /** Decimal text, null where it is not shown. */
  readonly lastHardenedLsn: string | null;
  readonly lastCommitLsn: string | null;
  readonly endOfLogLsn: string | null;
  /** Time of the last commit, ISO 8601 UTC. */
  readonly lastCommitUtc: string | null;
}

/** How the two copies of one database differ. */
export interface Divergence {
  readonly database: string;
  /** Last position both have, as the newest forks show it, decimal text; null where it cannot be told. */
  readonly commonUpToLsn: string | null;
  /** Time of the last commit both have; null unless one copy ends with it. */
  readonly commonUpToUtc: string | null;
  /** Where they part, one sentence. */
  readonly parting: string;
  /** What goes when this side gives its role up, one sentence each. */
  readonly ifLoses: Readonly<Record<Side, string>>;
}

/** The databases of one side, as far as they are shown. */
export type ShownDatabases = Readonly<Record<Side, readonly DatabaseObservation[]>>;

/** Both tails of every database, source first. */
export function logTails(
  names: readonly string[],
  databases: ShownDatabases,
  migration: Migration,
): readonly LogTail[] {
  return names.flatMap((database) =>
    (['source', 'target'] as const).map((side): LogTail => {
      const found = findDatabase(databases[side], database);
      return {
        database,
        side,
        instance: instanceName(migration, side),
        recoveryForkGuid: found?.history?.recoveryForkGuid ?? null,
        forkPointLsn: lsnText(found?.history?.forkPointLsn),
        lastHardenedLsn: lsnText(found?.local?.lastHardenedLsn),
        lastCommitLsn: lsnText(found?.local?.lastCommitLsn),
        endOfLogLsn: lsnText(found?.local?.endOfLogLsn),
        lastCommitUtc: found?.history?.lastCommitUtc ?? null,
      };
    }),
  );
}

/** What differs per database, and what each choice would throw away. */
export function divergences(
  names: readonly string[],
  databases: ShownDatabases,
  migration: Migration,
): readonly Divergence[] {
  return names.map((name): Divergence => {
    const source = findDatabase(databases.source, name);
    const target = findDatabase(databases.target, name);
    const common = commonPoint(source, target);
    const lastCommon = [source, target].find((copy) => hasOwnCommits(copy, common) === false);
    const commonUpToUtc = lastCommon?.history?.lastCommitUtc ?? null;
    const loss = (side: Side): string =>
      lossWords(side === 'source' ? source : target, common, {
        loser: shownName(instanceName(migration, side)),
        winner: shownName(instanceName(migration, otherSide(side))),
      });
    return {
      database: name,
      commonUpToLsn: lsnText(common),
      commonUpToUtc,
      parting: partingWords(common, commonUpToUtc, {
        sameFork: isSameFork(source, target),
        bothForked: bothForked(source, target),
      }),
      ifLoses: { source: loss('source'), target: loss('target') },
    };
  });
}

function isSameFork(
  source: DatabaseObservation | null,
  target: DatabaseObservation | null,
): boolean | null {
  const left = source?.history?.recoveryForkGuid ?? null;
  const right = target?.history?.recoveryForkGuid ?? null;
  return left === null || right === null ? null : left.toUpperCase() === right.toUpperCase();
}

function bothForked(
  source: DatabaseObservation | null,
  target: DatabaseObservation | null,
): boolean {
  return [source, target].every((copy) => (copy?.history?.forkPointLsn ?? null) !== null);
}

/** Where the copies part: the earlier of the fork points; null where the forks are the same or not shown. */
function commonPoint(
  source: DatabaseObservation | null,
  target: DatabaseObservation | null,
): Lsn | null {
  if (isSameFork(source, target) !== false) return null;
  const points = [source?.history?.forkPointLsn ?? null, target?.history?.forkPointLsn ?? null];
  return points.reduce(
    (least, point) => (least === null || (point !== null && point < least) ? point : least),
    null,
  );
}

/** Whether a copy has commits that the other one cannot have; null where it cannot be told. */
function hasOwnCommits(copy: DatabaseObservation | null, common: Lsn | null): boolean | null {
  if (common === null) return null;
  const end = copy?.local?.endOfLogLsn ?? null;
  if (end !== null && end <= common) return false;
  const last = copy?.local?.lastCommitLsn ?? null;
  return last === null ? null : last > common;
}

function partingWords(
  common: Lsn | null,
  commonUpToUtc: string | null,
  forks: { readonly sameFork: boolean | null; readonly bothForked: boolean },
): string {
  if (forks.sameFork === true) {
    return 'Both copies show the same recovery fork: where they part cannot be read from the servers.';
  }
  if (common === null) return 'Where the copies part is not shown.';
  const time = commonUpToUtc === null ? '' : `; the last common commit was at ${commonUpToUtc}`;
  const extent = forks.bothForked ? 'at least up to' : 'up to';
  return `As the newest forks show it, the copies are the same ${extent} LSN ${formatLsn(common)}${time}.`;
}

function lossWords(
  copy: DatabaseObservation | null,
  common: Lsn | null,
  names: { readonly loser: string; readonly winner: string },
): string {
  const own = hasOwnCommits(copy, common);
  const last = copy?.local?.lastCommitLsn ?? null;
  if (own === false) return `${names.loser} shows no commit after that position`;
  if (own === null || last === null) {
    return `it is not known which commits of ${names.loser} are missing on ${names.winner}; compare the data`;
  }
  const at = copy?.history?.lastCommitUtc ?? null;
  return `every commit of ${names.loser} after that position, the newest at LSN ${formatLsn(last)}${at === null ? '' : ` (${at})`}`;
}

function lsnText(lsn: Lsn | null | undefined): string | null {
  return lsn === null || lsn === undefined ? null : formatLsn(lsn);
}
