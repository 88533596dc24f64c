/** The statements that give the rights `assess` looks with. */

import { unreachable } from '../../base/assert.ts';
import { rightNames, type AssessRight } from '../../model/assess-right.ts';
import { bracket, nliteral } from '../quote.ts';

/** What gives the right to the login, ended with a semicolon. */
export function grantText(right: AssessRight, login: string): string {
  switch (right) {
    case 'viewServerState':
    case 'viewAnyDefinition':
    case 'viewAnyDatabase':
    case 'connectAnyDatabase':
      return `GRANT ${rightNames[right]} TO ${bracket(login)};`;
    case 'readBackupHistory':
    case 'readMsdb':
      // db_datareader also covers the tables that later versions add to msdb.
      return `USE msdb; IF NOT EXISTS (SELECT 1 FROM sys.database_principals WHERE name = ${nliteral(login)}) CREATE USER ${bracket(login)} FOR LOGIN ${bracket(login)}; ALTER ROLE db_datareader ADD MEMBER ${bracket(login)};`;
  }
  return unreachable(right);
}
