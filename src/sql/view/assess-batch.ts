/**
 * The one batch that reads the facts for `assess` from one instance; it changes nothing.
 *
 * Every query runs through sp_executesql inside TRY: an error inside (no right, no such view, a database
 * that is not open) is caught one level up, even one that would end its own batch (Microsoft Learn,
 * TRY...CATCH, "errors unaffected by a TRY...CATCH construct"), becomes a row of `part_error`, and the
 * rest goes on. A message before each query pushes out what was answered so far, so that after a hang
 * everybody knows what the server was doing. What is asked is in `assess/`, decoding in `assess-decode.ts`.
 */

import { newestKnownMajor } from '../../model/platform.ts';
import { nliteral, nstatement } from '../quote.ts';
import type { AssessOptions, Query } from './assess/part.ts';
import { factParts } from './assess/table.ts';
import { databaseCondition } from './observe-batch.ts';

/** Longest stay inside databases, in milliseconds; what is left then is said to be unread. */
export const INSIDE_LIMIT_MS = 60_000;

/** Rowset of an error, of one database that is entered, and of the end. */
export const ERROR_SET = 'part_error';
export const DATABASE_SET = 'part_inside';
export const END_SET = 'part_end';

/** Text of the batch. */
export function assessBatch(asked: AssessOptions): string {
  const options = { ...asked, versionMajor: Math.min(asked.versionMajor, newestKnownMajor) };
  const parts = Object.values(factParts);
  return [
    'SET NOCOUNT ON;',
    permissionQuery(options.versionMajor),
    ...resolved(
      parts.map((part) => part.queries),
      options,
    ).map(([rowset, text]) => guarded(rowset, `EXEC sys.sp_executesql ${nstatement(text)};`)),
    ...insideQueries(
      resolved(
        parts.map((part) => part.inside),
        options,
      ),
      options,
    ),
    `SELECT 1 AS ${END_SET};`,
  ].join('\n');
}

/** Rowsets that this version has nothing to answer with, and why. */
export function absentRowsets(asked: AssessOptions): ReadonlyMap<string, string> {
  const options = { ...asked, versionMajor: Math.min(asked.versionMajor, newestKnownMajor) };
  const absent = new Map<string, string>();
  for (const { queries, inside } of Object.values(factParts)) {
    for (const [rowset, query] of Object.entries<Query>({ ...queries, ...inside })) {
      const text = typeof query === 'string' ? query : query(options);
      if (typeof text !== 'string') absent.set(rowset, text.none);
    }
  }
  return absent;
}

function resolved(
  queries: readonly Readonly<Record<string, Query>>[],
  options: AssessOptions,
): readonly (readonly [string, string])[] {
  return queries
    .flatMap((each) => Object.entries(each))
    .flatMap(([rowset, query]) => {
      const text = typeof query === 'string' ? query : query(options);
      return typeof text === 'string' ? [[rowset, text] as const] : [];
    });
}

function guarded(rowset: string, statement: string): string {
  return `RAISERROR(${nliteral(rowset)}, 0, 1) WITH NOWAIT;
BEGIN TRY ${statement} END TRY
BEGIN CATCH
  ${errorRow(rowset)}
END CATCH;`;
}

function errorRow(rowset: string): string {
  return `SELECT 1 AS ${ERROR_SET}, ${nliteral(rowset)} AS part, ERROR_NUMBER() AS number, ERROR_MESSAGE() AS message;`;
}

/**
 * One pass over the selected databases; those that cannot be read get a row with the reason.
 * USE inside sp_executesql holds for its text only.
 */
function insideQueries(
  queries: readonly (readonly [string, string])[],
  { migration }: AssessOptions,
): readonly string[] {
  if (queries.length === 0) return [];
  const texts = queries.map(
    ([rowset, text]) => `BEGIN TRY
      SET @inside_text = CONVERT(nvarchar(max), N'USE ') + QUOTENAME(@inside_name) + N'; ' + ${nstatement(text)};
      EXEC sys.sp_executesql @inside_text;
    END TRY
    BEGIN CATCH
      ${errorRow(rowset)}
    END CATCH;`,
  );
  return [
    `DECLARE @inside TABLE (place int NOT NULL PRIMARY KEY, name nvarchar(128) NOT NULL, because nvarchar(200) NULL);
DECLARE @inside_place int = 1, @inside_count int, @inside_name nvarchar(128), @inside_because nvarchar(200), @inside_text nvarchar(max);
DECLARE @inside_until datetime2(7) = DATEADD(millisecond, ${INSIDE_LIMIT_MS}, SYSUTCDATETIME());
INSERT INTO @inside (place, name, because)
SELECT ROW_NUMBER() OVER (ORDER BY d.database_id), d.name,
  CASE WHEN d.state_desc <> N'ONLINE' THEN N'the database is ' + d.state_desc
    WHEN HAS_PERMS_BY_NAME(QUOTENAME(d.name), N'DATABASE', N'CONNECT') = 0 THEN ${nliteral(NO_ACCESS)} END
FROM sys.databases AS d
WHERE d.source_database_id IS NULL AND ${databaseCondition('d.name', migration.databases)};
SELECT @inside_count = COUNT(*) FROM @inside;
WHILE @inside_place <= @inside_count
BEGIN
  SELECT @inside_name = i.name, @inside_because = i.because FROM @inside AS i WHERE i.place = @inside_place;
  IF SYSUTCDATETIME() > @inside_until AND @inside_because IS NULL
    SET @inside_because = N'the look into the databases was ended after ${INSIDE_LIMIT_MS / 1000} s';
  RAISERROR(N'database [%s]', 0, 1, @inside_name) WITH NOWAIT;
  SELECT 1 AS ${DATABASE_SET}, @inside_name AS name, @inside_because AS because;
  IF @inside_because IS NULL
  BEGIN
    ${texts.join('\n    ')}
  END;
  SET @inside_place = @inside_place + 1;
END;`,
  ];
}

/** Reason why a database was not entered that a grant mends. */
export const NO_ACCESS = 'the login has no access to the database';

/** Column of the answer and the permission HAS_PERMS_BY_NAME is asked for, on the server. */
const serverPermissions: readonly (readonly [string, string])[] = [
  ['view_server_state', 'VIEW SERVER STATE'],
  ['view_any_definition', 'VIEW ANY DEFINITION'],
  ['view_any_database', 'VIEW ANY DATABASE'],
  ['connect_any_database', 'CONNECT ANY DATABASE'],
  ['alter_any_availability_group', 'ALTER ANY AVAILABILITY GROUP'],
  ['create_availability_group', 'CREATE AVAILABILITY GROUP'],
  ['create_endpoint', 'CREATE ENDPOINT'],
  ['alter_any_endpoint', 'ALTER ANY ENDPOINT'],
  ['alter_any_login', 'ALTER ANY LOGIN'],
  ['alter_any_connection', 'ALTER ANY CONNECTION'],
  ['create_any_database', 'CREATE ANY DATABASE'],
];

function permissionQuery(versionMajor: number): string {
  const asked = serverPermissions.map(
    ([column, permission]) => `  HAS_PERMS_BY_NAME(NULL, NULL, N'${permission}') AS ${column},`,
  );
  const performance =
    versionMajor >= 16 ? "HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER PERFORMANCE STATE')" : 'NULL';
  return `SELECT 1 AS part_permissions,
  SUSER_SNAME() AS login_name,
  IS_SRVROLEMEMBER(N'sysadmin') AS is_sysadmin,
${asked.join('\n')}
  CONVERT(int, ${performance}) AS view_server_performance_state,
  HAS_PERMS_BY_NAME(N'msdb.dbo.backupset', N'OBJECT', N'SELECT') AS read_backup_history,
  HAS_PERMS_BY_NAME(N'msdb.dbo.sysjobs', N'OBJECT', N'SELECT') AS read_msdb;`;
}
