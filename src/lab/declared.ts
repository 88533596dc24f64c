/**
 * Rows of catalog views that a lab's definition states itself, in the words of SQL Server.
 *
 * They stand for what the lab does not act out: a publication, an unsafe assembly, a full log disk.
 * A row changes the row of the view that has the same key, or is added. What the lab does act out
 * (roles, logs, sessions) is not touched by it.
 */

/** A value as it is written; `0x...` is binary, `now`, `now-40d`, `now+2h` or ISO 8601 a time. */
export type DeclaredValue = string | number | boolean | null;

/** A row by column name. */
export type DeclaredRow = Readonly<Record<string, DeclaredValue>>;

/** Rows by view, for example `sys.databases` or `msdb.dbo.cdc_jobs`. */
export type DeclaredCatalog = Readonly<Record<string, readonly DeclaredRow[]>>;

/** Pseudo view of `DATABASEPROPERTYEX`: columns `property` and `value`. */
export const DATABASE_PROPERTY_VIEW = 'databasepropertyex';

/** Pseudo view of `SERVERPROPERTY`: columns `property` and `value`. */
export const SERVER_PROPERTY_VIEW = 'serverproperty';

/** Pseudo view of `sys.dm_os_volume_stats(database_id, file_id)`; its rows are volumes. */
export const VOLUME_VIEW = 'sys.dm_os_volume_stats';

/** Pseudo view of `sys.dm_db_log_stats(database_id)`. */
export const LOG_STATS_VIEW = 'sys.dm_db_log_stats';

/** A stated row with the database it is about; null: the instance. */
export interface DeclaredRecord {
  /** Key of the database, lower case; null: stated for the instance. */
  readonly database: string | null;
  readonly row: DeclaredRow;
}
