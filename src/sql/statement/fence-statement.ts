/** Statements that keep applications out of the source, and let them in again. */

import { bracket, nliterals } from '../quote.ts';

/** ALTER LOGIN ... DISABLE: no new session; existing ones stay until they are ended. */
export function disableLogin(login: string): string {
  return `ALTER LOGIN ${bracket(login)} DISABLE;`;
}

/** ALTER LOGIN ... ENABLE. */
export function enableLogin(login: string): string {
  return `ALTER LOGIN ${bracket(login)} ENABLE;`;
}

/**
 * Ends every user session whose database is one of these; answers how many it ended.
 *
 * KILL takes no variable, so each one is a text built on the server. Session ids only grow within the
 * loop, so it ends. 6104 and 6106 (own process, not an active process) mean that there is nothing to end.
 */
export function killSessions(databases: readonly string[]): string {
  return `SET NOCOUNT ON;
DECLARE @session int = 0, @ended int = 0, @kill nvarchar(40);
WHILE 1 = 1
BEGIN
  SET @session = (SELECT MIN(s.session_id) FROM sys.dm_exec_sessions AS s
    WHERE s.is_user_process = 1 AND s.session_id > @session AND s.session_id <> @@SPID
    AND DB_NAME(s.database_id) IN (${nliterals(databases)}));
  IF @session IS NULL BREAK;
  SET @kill = N'KILL ' + CONVERT(nvarchar(10), @session);
  BEGIN TRY
    EXEC (@kill);
    SET @ended = @ended + 1;
  END TRY
  BEGIN CATCH
    IF ERROR_NUMBER() NOT IN (6104, 6106) THROW;
  END CATCH;
END;
SELECT 1 AS part_sessions_ended, @ended AS ended;`;
}
