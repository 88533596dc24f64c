/** Rows about transactions and locks: one transaction per session, and the locks of `sp_getapplock`. */

import { nameKey } from '../../hadr/state.ts';
import type { SessionRecord } from '../../world/record.ts';
import type { PlainRow } from '../cell.ts';
import type { ViewContext, ViewTable } from '../view.ts';
import { sessionDatabaseId } from './activity.ts';
import { systemDatabaseId } from './system-database.ts';

const READ_WRITE = 1;
const ACTIVE = 2;
/** Transaction ids of sessions start here, so that they are not mistaken for session ids. */
const ID_BASE = 100_000;
/** Characters of a resource name that the view shows. */
const SHOWN_RESOURCE = 32;

/** Views about transactions and locks. */
export const transactionViews: ViewTable = {
  'sys.dm_tran_locks': { visibility: 'performance', unmeasured: 'zero', rows: lockRows },
  'sys.dm_tran_active_transactions': {
    visibility: 'performance',
    unmeasured: 'zero',
    rows: activeRows,
  },
  'sys.dm_tran_session_transactions': { visibility: 'performance', rows: sessionRows },
  'sys.dm_tran_database_transactions': {
    visibility: 'performance',
    unmeasured: 'zero',
    rows: databaseRows,
  },
};

function openTransactions({ record }: ViewContext): readonly SessionRecord[] {
  return record.sessions.filter((session) => session.state.openTransactions > 0);
}

function transactionId(session: SessionRecord): number {
  return ID_BASE + session.identity.sessionId;
}

function* activeRows(context: ViewContext): Iterable<PlainRow> {
  for (const session of openTransactions(context)) {
    yield {
      transaction_id: transactionId(session),
      name: 'user_transaction',
      transaction_begin_time: session.state.lastRequestStart,
      transaction_type: READ_WRITE,
      transaction_state: ACTIVE,
    };
  }
}

function* sessionRows(context: ViewContext): Iterable<PlainRow> {
  for (const session of openTransactions(context)) {
    const id = transactionId(session);
    const descriptor = new Uint8Array(8);
    new DataView(descriptor.buffer).setBigUint64(0, BigInt(id), true);
    yield {
      session_id: session.identity.sessionId,
      transaction_id: id,
      transaction_descriptor: descriptor,
      enlist_count: 0,
      is_user_transaction: true,
      is_local: true,
      is_enlisted: false,
      is_bound: false,
      open_transaction_count: session.state.openTransactions,
    };
  }
}

function* databaseRows(context: ViewContext): Iterable<PlainRow> {
  for (const session of openTransactions(context)) {
    yield {
      transaction_id: transactionId(session),
      database_id: sessionDatabaseId(context, session),
      database_transaction_begin_time: session.state.lastRequestStart,
      database_transaction_type: READ_WRITE,
      database_transaction_state: 4,
    };
  }
}

function* lockRows(context: ViewContext): Iterable<PlainRow> {
  for (const session of context.record.sessions) {
    yield {
      ...lockBase(session.identity.sessionId, 'SHARED_TRANSACTION_WORKSPACE'),
      resource_type: 'DATABASE',
      resource_database_id: sessionDatabaseId(context, session),
      request_mode: 'S',
      request_status: 'GRANT',
    };
  }
  for (const lock of context.record.applicationLocks) {
    yield {
      ...lockBase(lock.sessionId, lock.owner === 'Session' ? 'SESSION' : 'TRANSACTION'),
      resource_type: 'APPLICATION',
      resource_database_id: databaseId(context, lock.database),
      resource_description: `0:[${lock.resource.slice(0, SHOWN_RESOURCE)}]:(${hash(lock.resource)})`,
      request_mode: lockMode(lock.mode),
      request_status: lock.status,
    };
  }
}

function lockBase(sessionId: number, owner: string): PlainRow {
  return {
    request_type: 'LOCK',
    request_reference_count: 1,
    request_session_id: sessionId,
    request_owner_type: owner,
  };
}

function databaseId(context: ViewContext, name: string): number {
  return systemDatabaseId(name) ?? context.instance.databases[nameKey(name)]?.id ?? 0;
}

/** `X` for Exclusive, `IX` for IntentExclusive, and so on. */
function lockMode(mode: string): string {
  return mode.replaceAll(/[a-z]/gu, '').replace('E', 'X');
}

/** Eight hexadecimal digits over the whole name, as the view prints them (own function). */
function hash(text: string): string {
  let value = 0;
  for (const character of text) {
    value = (Math.imul(value, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
  }
  return value.toString(16).padStart(8, '0');
}
