/**
 * The script that creates a login for `assess` only. It is written to a file and never sent by sqlferry.
 *
 * It gives what the parts of the facts need (`model/assess-right.ts`) and nothing that changes anything.
 * The password is a variable of sqlcmd, so it stands in no file.
 */

import { assert } from '../../base/assert.ts';
import { rightNames, type AssessRight } from '../../model/assess-right.ts';
import { bracket, nliteral } from '../quote.ts';
import { grantText } from '../view/assess-right.ts';

/** Name of the login when nobody asks for another. */
export const ASSESS_LOGIN = 'sqlferry_assess';

/** Variable of sqlcmd with the password; sqlcmd also takes it from the environment. */
const PASSWORD_VARIABLE = 'SQLFERRY_ASSESS_PASSWORD';

/** Batches of the script, each ended with a line GO in the file; the first creates the login. */
export function assessLoginBatches(login = ASSESS_LOGIN): readonly string[] {
  // sqlcmd cuts batches at lines and replaces $(...) even inside quotes.
  assert(
    !/[\p{Cc}\u2028\u2029]|\$\(/u.test(login),
    'assess login: a name that sqlcmd leaves alone',
  );
  const rights = Object.keys(rightNames) as AssessRight[];
  const grants = [...new Set(rights.map((right) => grantText(right, login)))];
  const onServer = grants.filter((text) => text.startsWith('GRANT '));
  const inMsdb = grants.filter((text) => !text.startsWith('GRANT '));
  return [
    `USE [master];
IF NOT EXISTS (SELECT 1 FROM sys.server_principals WHERE name = ${nliteral(login)})
  CREATE LOGIN ${bracket(login)} WITH PASSWORD = N'$(${PASSWORD_VARIABLE})', DEFAULT_DATABASE = [master];`,
    onServer.join('\n'),
    ...inMsdb,
  ];
}

/** The whole file. */
export function assessLoginScript(login = ASSESS_LOGIN): string {
  return [
    `-- A login for "sqlferry assess" that sees what the assessment reads and can change nothing.`,
    `-- Run it on every instance of both sides as a member of sysadmin, in sqlcmd mode, for example`,
    `--   sqlcmd -S <server> -i <this file> -v ${PASSWORD_VARIABLE}="<password without a quote>"`,
    `-- CONNECT ANY DATABASE lets it look at the settings of databases; it may read no table of theirs.`,
    `-- The rule PERM-CHANGE will say that this login cannot carry out the migration. That is meant so.`,
    `:on error exit`,
    ...assessLoginBatches(login).flatMap((batch) => [batch, 'GO']),
    '-- To take it away: DROP LOGIN, and in msdb DROP USER.',
    '',
  ].join('\n');
}
