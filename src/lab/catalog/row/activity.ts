/** Rows about sessions, connections and requests. The lab measures no CPU, reads or writes: they are 0. */

import { nameKey } from '../../hadr/state.ts';
import type { SessionRecord } from '../../world/record.ts';
import type { PlainRow } from '../cell.ts';
import { canSeeState, type ViewContext, type ViewTable } from '../view.ts';
import { systemDatabaseId } from './system-database.ts';

const READ_COMMITTED = 2;
const TSQL_DEFAULT_TCP = 4;
/** TDS 7.4 as the view prints it. */
const TDS_74 = 0x74_00_00_04;
const CLIENT_VERSION = 7;
const NO_LOCK_TIMEOUT = -1;
const TEXT_SIZE = 2_147_483_647;
const SUNDAY = 7;
const SA_SID = Uint8Array.of(1);

/** Views about sessions. */
export const activityViews: ViewTable = {
  'sys.dm_exec_sessions': { visibility: 'everyone', unmeasured: 'zero', rows: sessionRows },
  'sys.dm_exec_requests': { visibility: 'everyone', unmeasured: 'zero', rows: requestRows },
  'sys.dm_exec_connections': { visibility: 'security', unmeasured: 'zero', rows: connectionRows },
};

/** All sessions for who may see the state of the server, else the own one. */
export function visibleSessions(context: ViewContext): readonly SessionRecord[] {
  const { sessions } = context.record;
  return canSeeState(context, 'PERFORMANCE')
    ? sessions
    : sessions.filter((item) => item.identity.sessionId === context.identity.sessionId);
}

/** `database_id` of a session's current database; 0 when it is gone. */
export function sessionDatabaseId(context: ViewContext, session: SessionRecord): number {
  const { database } = session.state;
  return systemDatabaseId(database) ?? context.instance.databases[nameKey(database)]?.id ?? 0;
}

function* sessionRows(context: ViewContext): Iterable<PlainRow> {
  for (const session of visibleSessions(context)) {
    const { identity, state } = session;
    const sid = sidOf(context, identity.loginName);
    yield {
      ...settings(),
      session_id: identity.sessionId,
      login_time: identity.loginTime,
      host_name: identity.hostName,
      program_name: identity.programName,
      host_process_id: identity.hostProcessId,
      client_version: CLIENT_VERSION,
      client_interface_name: identity.clientInterfaceName,
      security_id: sid,
      login_name: identity.loginName,
      nt_domain: '',
      nt_user_name: '',
      status: state.status === 'sleeping' ? 'sleeping' : 'running',
      context_info: state.contextInfo ?? new Uint8Array(0),
      endpoint_id: TSQL_DEFAULT_TCP,
      last_request_start_time: state.lastRequestStart,
      last_request_end_time: state.lastRequestEnd,
      is_user_process: true,
      original_security_id: sid,
      original_login_name: identity.loginName,
      group_id: 2,
      database_id: sessionDatabaseId(context, session),
      authenticating_database_id: 1,
      open_transaction_count: state.openTransactions,
    };
  }
}

function* requestRows(context: ViewContext): Iterable<PlainRow> {
  for (const session of visibleSessions(context)) {
    const { identity, state } = session;
    if (state.status === 'sleeping') continue;
    yield {
      ...settings(),
      session_id: identity.sessionId,
      start_time: state.lastRequestStart,
      status: state.status,
      command: state.progress?.command ?? commandOf(state.currentBatch),
      percent_complete: state.progress?.percent ?? 0,
      estimated_completion_time: Math.round(state.progress?.remainingMs ?? 0),
      database_id: sessionDatabaseId(context, session),
      user_id: 1,
      connection_id: session.connectionId,
      wait_type: state.waitType === '' ? null : state.waitType,
      wait_time: state.waitType === '' ? 0 : Math.max(0, context.now - state.lastRequestStart),
      last_wait_type: state.waitType === '' ? 'MISCELLANEOUS' : state.waitType,
      open_transaction_count: state.openTransactions,
      open_resultset_count: 1,
      total_elapsed_time: Math.max(0, Math.round(context.now - state.lastRequestStart)),
      group_id: 2,
      dop: 1,
    };
  }
}

function* connectionRows(context: ViewContext): Iterable<PlainRow> {
  for (const { identity, state, connectionId } of context.record.sessions) {
    yield {
      session_id: identity.sessionId,
      most_recent_session_id: identity.sessionId,
      connect_time: identity.loginTime,
      net_transport: 'TCP',
      protocol_type: 'TSQL',
      protocol_version: TDS_74,
      endpoint_id: TSQL_DEFAULT_TCP,
      encrypt_option: identity.encrypted ? 'TRUE' : 'FALSE',
      auth_scheme: 'SQL',
      last_read: state.lastRequestStart,
      last_write: state.lastRequestEnd,
      net_packet_size: 4096,
      client_net_address: identity.clientAddress,
      local_net_address: identity.serverAddress,
      local_tcp_port: identity.serverPort,
      connection_id: connectionId,
    };
  }
}

function settings(): PlainRow {
  return {
    text_size: TEXT_SIZE,
    language: 'us_english',
    date_format: 'mdy',
    date_first: SUNDAY,
    quoted_identifier: true,
    arithabort: true,
    ansi_null_dflt_on: true,
    ansi_defaults: false,
    ansi_warnings: true,
    ansi_padding: true,
    ansi_nulls: true,
    concat_null_yields_null: true,
    transaction_isolation_level: READ_COMMITTED,
    lock_timeout: NO_LOCK_TIMEOUT,
  };
}

function sidOf(context: ViewContext, login: string): Uint8Array {
  const wanted = login.toLowerCase();
  return (
    context.record.principals.find((item) => item.name.toLowerCase() === wanted)?.sid ?? SA_SID
  );
}

/** `command`: the first word of the batch, as the view shows the kind of statement. */
function commandOf(batch: string): string {
  return /[A-Za-z]+/u.exec(batch)?.[0]?.toUpperCase() ?? 'AWAITING COMMAND';
}
