/**
 * The part of the look that only explains: log space, seeding times, time of the last connect error.
 *
 * Counters: Microsoft Learn, "SQL Server, Databases object" (`Log Bytes Flushed/sec` is cumulative, its
 * reader divides two samples by the time between). Names of counters are padded nchar(128).
 */

import type { Circumstances, SeedingHistory, SeedingStream } from '../../model/circumstance.ts';
import type { Fact } from '../../model/fact.ts';
import type { Migration } from '../../model/migration.ts';
import type { RawReply, RawRow } from '../batch.ts';
import { nliteral } from '../quote.ts';
import { bit, decodePart, numberOrNull, part, text, textOrNull } from './cell.ts';

/** A page of a data or log file, in bytes. */
const PAGE_BYTES = 8192;
const KB = 1024;
/** `max_size` of a log file without limit: 2 TB in pages, or -1. */
const NO_LIMIT_PAGES = 268_435_456;

const AS_UTC = (column: string): string =>
  `CONVERT(varchar(33), DATEADD(minute, DATEDIFF(minute, GETDATE(), GETUTCDATE()), ${column}), 126)`;

/** Names of the rowsets. */
type Rowset = 'part_circumstances' | 'part_seeding_times' | 'part_streams' | 'part_moments';

/** The queries by the names of their rowsets; `selected` is the condition on the databases, as `d.name`. */
export function circumstanceQueries(
  migration: Migration,
  selected: string,
): Readonly<Record<Rowset, string>> {
  return {
    part_circumstances: `SELECT 1 AS part_circumstances, d.name, d.log_reuse_wait_desc,
  files.data_pages, files.log_limit_pages, counters.log_kb, counters.log_used_kb, counters.log_flushed_bytes
FROM sys.databases AS d
LEFT JOIN (SELECT f.database_id,
    SUM(CASE WHEN f.type = 1 THEN 0 ELSE CONVERT(bigint, f.size) END) AS data_pages,
    SUM(CASE WHEN f.type <> 1 THEN 0 WHEN f.max_size IN (-1, 0) THEN ${NO_LIMIT_PAGES} ELSE CONVERT(bigint, f.max_size) END) AS log_limit_pages
  FROM sys.master_files AS f GROUP BY f.database_id) AS files ON files.database_id = d.database_id
LEFT JOIN (SELECT RTRIM(c.instance_name) AS database_name,
    MAX(CASE WHEN RTRIM(c.counter_name) = N'Log File(s) Size (KB)' THEN c.cntr_value END) AS log_kb,
    MAX(CASE WHEN RTRIM(c.counter_name) = N'Log File(s) Used Size (KB)' THEN c.cntr_value END) AS log_used_kb,
    MAX(CASE WHEN RTRIM(c.counter_name) = N'Log Bytes Flushed/sec' THEN c.cntr_value END) AS log_flushed_bytes
  FROM sys.dm_os_performance_counters AS c
  WHERE RTRIM(c.object_name) LIKE N'%:Databases'
  GROUP BY RTRIM(c.instance_name)) AS counters ON counters.database_name = d.name
WHERE d.source_database_id IS NULL AND ${selected};`,
    part_seeding_times: `SELECT TOP (200) 1 AS part_seeding_times, COALESCE(own.database_name, mapped.database_name) AS database_name,
  CONVERT(varchar(36), s.ag_db_id) AS group_database_id, s.is_source, s.current_state, s.failure_state,
  s.failure_state_desc, s.error_code, ${AS_UTC('s.start_time')} AS started_utc, ${AS_UTC('s.completion_time')} AS ended_utc
FROM sys.dm_hadr_automatic_seeding AS s
LEFT JOIN sys.availability_databases_cluster AS own ON own.group_database_id = s.ag_db_id
OUTER APPLY sys.fn_hadr_distributed_ag_database_replica(s.ag_id, s.ag_db_id) AS f
LEFT JOIN sys.availability_databases_cluster AS mapped ON mapped.group_database_id = f.group_database_id
ORDER BY s.start_time DESC;`,
    part_streams: `SELECT TOP (50) 1 AS part_streams, p.role_desc, p.remote_machine_name, p.transferred_size_bytes, p.transfer_rate_bytes_per_second,
  CONVERT(varchar(33), p.start_time_utc, 126) AS started_utc, CONVERT(varchar(33), p.end_time_utc, 126) AS ended_utc
FROM sys.dm_hadr_physical_seeding_stats AS p
ORDER BY p.start_time_utc DESC;`,
    part_moments: `SELECT 1 AS part_moments, ${AS_UTC('i.sqlserver_start_time')} AS started_utc,
  (SELECT MAX(${AS_UTC('rs.last_connect_error_timestamp')}) FROM sys.dm_hadr_availability_replica_states AS rs
    INNER JOIN sys.availability_groups AS ag ON ag.group_id = rs.group_id
    WHERE ag.name = ${nliteral(migration.distributedAvailabilityGroup)} AND rs.is_local = 0) AS connect_error_utc
FROM sys.dm_os_sys_info AS i;`,
  };
}

/** Decodes them from the answer of a look; unknown when one of them is. */
export function decodeCircumstances(reply: RawReply): Fact<Circumstances> {
  const all: Partial<Record<Rowset, readonly RawRow[]>> = {};
  for (const name of rowsets) {
    const rows = part(reply, name);
    if (!rows.known) return rows;
    all[name] = rows.value;
  }
  return decodePart({ known: true, value: [] }, () => circumstancesOf((name) => all[name] ?? []));
}

const rowsets: readonly Rowset[] = [
  'part_circumstances',
  'part_seeding_times',
  'part_streams',
  'part_moments',
];

/** The circumstances from the rows of each rowset; throws `DecodeError`. */
export function circumstancesOf(rows: (name: Rowset) => readonly RawRow[]): Circumstances {
  const moment = rows('part_moments')[0] ?? {};
  const error = textOrNull(moment, 'connect_error_utc');
  return {
    databases: rows('part_circumstances').map((row) => decodeDatabase(row)),
    seedings: rows('part_seeding_times').map((row) => decodeSeeding(row)),
    streams: rows('part_streams').flatMap((row) => decodeStream(row)),
    lastConnectErrorUtc: error === null ? null : `${error}Z`,
    startedUtc: `${text(moment, 'started_utc')}Z`,
  };
}

function decodeDatabase(row: RawRow): Circumstances['databases'][number] {
  const scaled = (column: string, unit: number): number | null => {
    const value = numberOrNull(row, column);
    return value === null ? null : value * unit;
  };
  const limit = numberOrNull(row, 'log_limit_pages');
  return {
    name: text(row, 'name'),
    logReuseWaitDesc: textOrNull(row, 'log_reuse_wait_desc'),
    dataBytes: scaled('data_pages', PAGE_BYTES),
    logBytes: scaled('log_kb', KB),
    logUsedBytes: scaled('log_used_kb', KB),
    logLimitBytes: limit === null || limit >= NO_LIMIT_PAGES ? null : limit * PAGE_BYTES,
    logFlushedBytes: numberOrNull(row, 'log_flushed_bytes'),
  };
}

function decodeSeeding(row: RawRow): SeedingHistory {
  const ended = textOrNull(row, 'ended_utc');
  return {
    database: textOrNull(row, 'database_name'),
    groupDatabaseId: textOrNull(row, 'group_database_id') ?? '',
    isSource: bit(row, 'is_source'),
    stateDesc: textOrNull(row, 'current_state') ?? '',
    failureState: numberOrNull(row, 'failure_state'),
    failureStateDesc: textOrNull(row, 'failure_state_desc'),
    errorCode: numberOrNull(row, 'error_code'),
    startedUtc: `${text(row, 'started_utc')}Z`,
    endedUtc: ended === null ? null : `${ended}Z`,
  };
}

/** A stream that has sent nothing measures nothing. */
function decodeStream(row: RawRow): readonly SeedingStream[] {
  const transferred = numberOrNull(row, 'transferred_size_bytes') ?? 0;
  const started = textOrNull(row, 'started_utc');
  if (transferred <= 0 || started === null) return [];
  const ended = textOrNull(row, 'ended_utc');
  return [
    {
      isSource: (textOrNull(row, 'role_desc') ?? '').toLowerCase() === 'source',
      remote: textOrNull(row, 'remote_machine_name') ?? '',
      transferredBytes: transferred,
      bytesPerSecond: numberOrNull(row, 'transfer_rate_bytes_per_second'),
      startedUtc: `${started}Z`,
      endedUtc: ended === null ? null : `${ended}Z`,
    },
  ];
}
