/**
 * Objects of the server that do not travel with a database: rows only where a definition states them,
 * beside those that every server has.
 */

import type { PlainRow } from '../cell.ts';
import { emptyView, type ViewContext, type ViewTable } from '../view.ts';

const EVENT_SESSIONS = ['system_health', 'AlwaysOn_health', 'telemetry_xevents'] as const;
/** Ids below belong to pools and groups that are always there. */
const POOLS = ['internal', 'default'] as const;
const FULL = 100;

/**
 * Permissions as the pages say: objects of the server show what the login may see, event sessions need
 * VIEW SERVER STATE, msdb a right there.
 */
export const serverObjectViews: ViewTable = {
  'sys.servers': { visibility: 'everyone', unmeasured: 'zero', rows: serverRows },
  'sys.linked_logins': emptyView('definition'),
  'sys.credentials': emptyView('definition'),
  'sys.cryptographic_providers': emptyView('everyone'),
  'sys.server_triggers': emptyView('definition'),
  'sys.server_audits': emptyView('definition'),
  'sys.server_audit_specifications': emptyView('definition'),
  'sys.server_event_sessions': { visibility: 'performance', rows: sessionRows },
  'sys.resource_governor_configuration': {
    visibility: 'definition',
    unmeasured: 'zero',
    rows: () => [{ is_enabled: false }],
  },
  'sys.resource_governor_resource_pools': {
    visibility: 'definition',
    unmeasured: 'zero',
    rows: poolRows,
  },
  'sys.resource_governor_workload_groups': {
    visibility: 'definition',
    unmeasured: 'zero',
    rows: groupRows,
  },
  'sys.backup_devices': emptyView('definition'),
  'sys.procedures': emptyView('everyone'),
  'msdb.dbo.suspect_pages': emptyView('backups'),
  'msdb.dbo.sysoperators': emptyView('backups'),
  'msdb.dbo.sysalerts': emptyView('backups'),
  'msdb.dbo.sysproxies': emptyView('backups'),
  'msdb.dbo.sysmail_profile': emptyView('backups'),
  'msdb.dbo.sysmail_account': emptyView('backups'),
};

/** The server itself has number 0. */
function* serverRows({ instance }: ViewContext): Iterable<PlainRow> {
  yield {
    server_id: 0,
    name: instance.serverName,
    product: 'SQL Server',
    provider: 'SQLNCLI',
    data_source: instance.serverName,
    is_linked: false,
    is_remote_login_enabled: true,
    is_rpc_out_enabled: true,
    is_remote_proc_transaction_promotion_enabled: false,
    modify_date: instance.startedAt,
  };
}

function* sessionRows(): Iterable<PlainRow> {
  for (const [index, name] of EVENT_SESSIONS.entries()) {
    yield {
      event_session_id: 65_536 + index,
      name,
      event_retention_mode: 'S',
      event_retention_mode_desc: 'ALLOW_SINGLE_EVENT_LOSS',
      memory_partition_mode: 'G',
      memory_partition_mode_desc: 'NONE',
      track_causality: false,
      startup_state: true,
    };
  }
}

function* poolRows(): Iterable<PlainRow> {
  for (const [index, name] of POOLS.entries()) {
    yield {
      pool_id: index + 1,
      name,
      max_cpu_percent: FULL,
      max_memory_percent: FULL,
      cap_cpu_percent: FULL,
    };
  }
}

function* groupRows(): Iterable<PlainRow> {
  for (const [index, name] of POOLS.entries())
    yield { group_id: index + 1, name, importance: 'Medium', pool_id: index + 1 };
}
