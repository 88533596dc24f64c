/** The row a primary keeps for its partner's copy of a database. */

import { distributedDatabaseId } from './identifier.ts';
import type { DatabaseState, DistributedState, PartnerDatabase } from './state.ts';
import { changeDistributed, databaseAt, distributedAt, partnerAt } from './turn.ts';
import type { CopyPlace, Turn } from './turn.ts';

/** A row for a copy nothing is known of yet. */
export function newPartner(database: DatabaseState, link: DistributedState): PartnerDatabase {
  return {
    key: database.key,
    groupDatabaseId:
      link.between === 'replicas'
        ? (database.groupDatabaseId ?? '')
        : distributedDatabaseId(link.name, database.name),
    joined: false,
    synchronizationState: 'NOT SYNCHRONIZING',
    suspended: null,
    catchUpTarget: null,
    sentLsn: database.log.end,
    sentBytes: database.log.totalBytes,
    sentAt: null,
    receivedLsn: null,
    receivedAt: null,
    hardenedLsn: null,
    hardenedAt: null,
    hardenedBytes: database.log.totalBytes,
    redoneLsn: null,
    redoneAt: null,
    redoneBytes: database.log.totalBytes,
    redoRate: 0,
    lastCommitLsn: null,
    lastCommitAt: null,
    sendRate: 0,
    stalledTicks: 0,
    holdLsn: null,
    seeding: { phase: 'none' },
  };
}

/** Makes sure the primary has a row for the partner's copy. */
export function ensurePartner(turn: Turn, place: CopyPlace): PartnerDatabase | undefined {
  const known = partnerAt(turn, place);
  const database = databaseAt(turn, place);
  const distributed = distributedAt(turn, place);
  if (known !== undefined || database === undefined || distributed === undefined) return known;
  const partner = newPartner(database, distributed);
  changeDistributed(turn, place, {
    databases: { ...distributed.databases, [place.database]: partner },
  });
  return partner;
}
