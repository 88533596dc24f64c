/** What the databases of an instance are set to, and what the server keeps about them. */

import type { DatabaseDetailParts } from '../../../model/assess-database-detail.ts';
import type { RawRow } from '../../batch.ts';
import { bit, bitOrNull, number, numberOrNull, text, textOrNull } from '../cell.ts';
import { databaseCondition } from '../observe-batch.ts';
import { contentParts } from './database-content.ts';
import { onInstance, type PartsOf, type Query } from './part.ts';

const USER_DATABASES = "d.name NOT IN (N'master', N'tempdb', N'model', N'msdb')";
/** A look into msdb never goes further back; history without an end makes it slow. */
const HISTORY_DAYS = 35;

/** A query that only one side is asked. */
function only(side: 'source' | 'target', query: string): Query {
  return (options) => (options.side === side ? query : { none: `only the ${side} is asked` });
}

const optionQuery: Query = ({
  versionMajor,
}) => `SELECT 1 AS part_database_options, d.name AS database_name,
  d.is_auto_shrink_on, d.page_verify_option_desc, d.is_query_store_on, d.is_master_key_encrypted_by_server,
  d.is_remote_data_archive_enabled, ${versionMajor >= 16 ? 'd.is_ledger_on' : 'CONVERT(bit, NULL)'} AS is_ledger_on,
  CONVERT(varchar(36), d.service_broker_guid) AS service_broker_guid,
  CONVERT(varchar(180), d.owner_sid, 1) AS owner_sid,
  DATEDIFF(hour, CONVERT(datetime, DATABASEPROPERTYEX(d.name, 'LastGoodCheckDbTime')), GETDATE()) AS hours_since_checkdb
FROM sys.databases AS d
WHERE ${USER_DATABASES};`;

const KEY_QUERY = `SELECT 1 AS part_database_keys, DB_NAME(k.database_id) AS database_name, k.encryption_state,
  CONVERT(int, k.percent_complete) AS percent_complete,
  CONVERT(varchar(50), k.encryptor_thumbprint, 1) AS encryptor_thumbprint, k.encryptor_type
FROM sys.dm_database_encryption_keys AS k
WHERE k.database_id > 4;`;

// Keys of a provider (EKM) have their private part there.
const ENCRYPTOR_QUERY = `SELECT 1 AS part_encryptors, c.name, CONVERT(varchar(70), c.thumbprint, 1) AS thumbprint,
  CASE WHEN c.pvt_key_encryption_type = 'NA' THEN 0 ELSE 1 END AS has_private_key
FROM master.sys.certificates AS c
UNION ALL
SELECT 1, a.name, CONVERT(varchar(70), a.thumbprint, 1),
  CASE WHEN a.pvt_key_encryption_type = 'NA' AND a.provider_type IS NULL THEN 0 ELSE 1 END
FROM master.sys.asymmetric_keys AS a;`;

const LOG_SHIPPING_QUERY = `SELECT 1 AS part_log_shipping, p.primary_database AS database_name, 1 AS is_primary
FROM msdb.dbo.log_shipping_primary_databases AS p
UNION ALL
SELECT 1, s.secondary_database, 0
FROM msdb.dbo.log_shipping_secondary_databases AS s;`;

const ENCRYPTED_BACKUP_QUERY = `SELECT DISTINCT 1 AS part_encrypted_backups, b.database_name,
  CONVERT(varchar(50), b.encryptor_thumbprint, 1) AS encryptor_thumbprint
FROM msdb.dbo.backupset AS b
WHERE b.encryptor_thumbprint IS NOT NULL AND b.backup_finish_date > DATEADD(day, -${HISTORY_DAYS}, GETDATE());`;

const LOG_BACKUP_QUERY = `SELECT 1 AS part_log_backups, d.name AS database_name,
  SUM(CASE WHEN b.type = 'L' AND b.backup_finish_date > DATEADD(hour, -24, GETDATE()) THEN 1 ELSE 0 END) AS backups,
  SUM(CASE WHEN b.type = 'L' AND b.backup_finish_date > DATEADD(hour, -24, GETDATE()) THEN CONVERT(bigint, b.backup_size) ELSE 0 END) AS bytes,
  DATEDIFF(minute, MAX(CASE WHEN b.type = 'L' THEN b.backup_finish_date END), GETDATE()) AS minutes_since_last,
  DATEDIFF(minute, MAX(CASE WHEN b.type = 'D' AND b.is_copy_only = 0 THEN b.backup_finish_date END), GETDATE()) AS minutes_since_full
FROM sys.databases AS d
LEFT JOIN msdb.dbo.backupset AS b ON b.database_name = d.name AND b.type IN ('L', 'D')
  AND b.backup_finish_date > DATEADD(day, -${HISTORY_DAYS}, GETDATE())
WHERE ${USER_DATABASES}
GROUP BY d.name;`;

// The table is there from the first database on that captured changes; without it there are no jobs.
const CDC_JOB_QUERY = `SELECT 1 AS part_cdc_jobs, DB_NAME(j.database_id) AS database_name, j.job_type
FROM msdb.dbo.cdc_jobs AS j
WHERE DB_NAME(j.database_id) IS NOT NULL;`;

const CHANGE_TRACKING_QUERY = `SELECT 1 AS part_change_tracking, DB_NAME(c.database_id) AS database_name
FROM sys.change_tracking_databases AS c;`;

const TRANSACTION_QUERY = `SELECT TOP (1000) 1 AS part_open_transactions, DB_NAME(t.database_id) AS database_name,
  st.session_id, s.login_name, s.program_name,
  DATEDIFF(minute, a.transaction_begin_time, GETDATE()) AS minutes_open,
  CASE WHEN a.transaction_type = 4 OR st.is_enlisted = 1 THEN 1 ELSE 0 END AS is_distributed
FROM sys.dm_tran_database_transactions AS t
INNER JOIN sys.dm_tran_active_transactions AS a ON a.transaction_id = t.transaction_id
LEFT JOIN sys.dm_tran_session_transactions AS st ON st.transaction_id = t.transaction_id
LEFT JOIN sys.dm_exec_sessions AS s ON s.session_id = st.session_id
WHERE t.database_id > 4 AND DB_NAME(t.database_id) IS NOT NULL
  AND (st.is_user_transaction = 1 OR a.transaction_type = 4)
ORDER BY a.transaction_begin_time;`;

// Asked of selected databases only: the function fails as a whole on one that cannot be read.
const logStatQuery: Query = ({ side, migration }) =>
  side === 'source'
    ? `SELECT 1 AS part_log_stats, d.name AS database_name, s.total_vlf_count,
  CONVERT(bigint, s.total_log_size_mb * 1048576) AS total_log_bytes,
  CONVERT(bigint, s.active_log_size_mb * 1048576) AS active_log_bytes
FROM sys.databases AS d
CROSS APPLY sys.dm_db_log_stats(d.database_id) AS s
WHERE d.state_desc = N'ONLINE' AND d.source_database_id IS NULL AND ${databaseCondition('d.name', migration.databases)};`
    : { none: 'only the source is asked' };

const LOGIN_QUERY = `SELECT 1 AS part_login_sids, CONVERT(varchar(180), p.sid, 1) AS sid
FROM sys.server_principals AS p
WHERE p.type <> 'R' AND p.sid IS NOT NULL;`;

const databaseOf = (row: RawRow): string => text(row, 'database_name');

/** The parts of this family. */
export const databaseDetailParts: PartsOf<DatabaseDetailParts> = {
  databaseOptions: onInstance({
    needs: ['viewAnyDatabase'],
    queries: { part_database_options: optionQuery },
    decode: (answer) =>
      answer.rows('part_database_options').map((row) => ({
        database: databaseOf(row),
        isAutoShrinkOn: bit(row, 'is_auto_shrink_on'),
        pageVerifyOptionDesc: textOrNull(row, 'page_verify_option_desc') ?? '',
        isQueryStoreOn: bit(row, 'is_query_store_on'),
        isMasterKeyEncryptedByServer: bit(row, 'is_master_key_encrypted_by_server'),
        isRemoteDataArchiveEnabled: bit(row, 'is_remote_data_archive_enabled'),
        isLedgerOn: bitOrNull(row, 'is_ledger_on'),
        serviceBrokerGuid: textOrNull(row, 'service_broker_guid') ?? '',
        ownerSid: textOrNull(row, 'owner_sid'),
        hoursSinceCheckDb: numberOrNull(row, 'hours_since_checkdb'),
      })),
  }),
  databaseKeys: onInstance({
    needs: ['viewServerState'],
    queries: { part_database_keys: KEY_QUERY },
    decode: (answer) =>
      answer.rows('part_database_keys').map((row) => ({
        database: databaseOf(row),
        encryptionState: number(row, 'encryption_state'),
        percentComplete: numberOrNull(row, 'percent_complete') ?? 0,
        encryptorThumbprint: textOrNull(row, 'encryptor_thumbprint') ?? '',
        encryptorType: textOrNull(row, 'encryptor_type') ?? 'CERTIFICATE',
      })),
  }),
  encryptors: onInstance({
    needs: ['viewAnyDefinition'],
    queries: { part_encryptors: ENCRYPTOR_QUERY },
    decode: (answer) =>
      answer.rows('part_encryptors').map((row) => ({
        name: text(row, 'name'),
        thumbprint: text(row, 'thumbprint'),
        hasPrivateKey: bit(row, 'has_private_key'),
      })),
  }),
  logShipping: onInstance({
    needs: ['readMsdb'],
    queries: { part_log_shipping: only('source', LOG_SHIPPING_QUERY) },
    decode: (answer) =>
      answer.rows('part_log_shipping').map((row) => ({
        database: databaseOf(row),
        role: bit(row, 'is_primary') ? 'primary' : 'secondary',
      })),
  }),
  encryptedBackups: onInstance({
    needs: ['readBackupHistory'],
    queries: { part_encrypted_backups: only('source', ENCRYPTED_BACKUP_QUERY) },
    decode: (answer) =>
      answer.rows('part_encrypted_backups').map((row) => ({
        database: databaseOf(row),
        encryptorThumbprint: text(row, 'encryptor_thumbprint'),
      })),
  }),
  logBackups: onInstance({
    needs: ['viewAnyDatabase', 'readBackupHistory'],
    queries: { part_log_backups: only('source', LOG_BACKUP_QUERY) },
    decode: (answer) =>
      answer.rows('part_log_backups').map((row) => ({
        database: databaseOf(row),
        backups: number(row, 'backups'),
        bytes: number(row, 'bytes'),
        minutesSinceLast: numberOrNull(row, 'minutes_since_last'),
        minutesSinceFull: numberOrNull(row, 'minutes_since_full'),
      })),
  }),
  cdcJobs: onInstance({
    needs: ['readMsdb'],
    queries: { part_cdc_jobs: CDC_JOB_QUERY },
    decode: (answer) =>
      answer
        .rows('part_cdc_jobs')
        .map((row) => ({ database: databaseOf(row), jobType: text(row, 'job_type') })),
  }),
  changeTracking: onInstance({
    needs: ['viewAnyDatabase'],
    queries: { part_change_tracking: only('source', CHANGE_TRACKING_QUERY) },
    decode: (answer) => answer.rows('part_change_tracking').map(databaseOf),
  }),
  openTransactions: onInstance({
    needs: ['viewServerState'],
    queries: { part_open_transactions: only('source', TRANSACTION_QUERY) },
    decode: (answer) =>
      answer.rows('part_open_transactions').map((row) => ({
        database: databaseOf(row),
        sessionId: numberOrNull(row, 'session_id'),
        loginName: textOrNull(row, 'login_name'),
        programName: textOrNull(row, 'program_name'),
        minutesOpen: number(row, 'minutes_open'),
        isDistributed: bit(row, 'is_distributed'),
      })),
  }),
  logStats: onInstance({
    needs: ['viewServerState', 'viewAnyDatabase'],
    queries: { part_log_stats: logStatQuery },
    decode: (answer) =>
      answer.rows('part_log_stats').map((row) => ({
        database: databaseOf(row),
        totalVlfCount: number(row, 'total_vlf_count'),
        totalLogBytes: number(row, 'total_log_bytes'),
        activeLogBytes: number(row, 'active_log_bytes'),
      })),
  }),
  loginSids: onInstance({
    needs: ['viewAnyDefinition'],
    queries: { part_login_sids: only('target', LOGIN_QUERY) },
    decode: (answer) => answer.rows('part_login_sids').map((row) => text(row, 'sid')),
  }),
  ...contentParts,
};
