/** Objects of the server that do not travel with a database: logins. */

import type { ObjectParts } from '../../../model/assess-objects.ts';
import { nliterals } from '../../quote.ts';
import { bit, text } from '../cell.ts';
import { onInstance, type AssessOptions, type PartsOf } from './part.ts';

const WINDOWS_LOGIN_QUERY = `SELECT 1 AS part_windows_logins, p.name,
  CASE WHEN EXISTS (SELECT 1 FROM sys.server_role_members AS m
    INNER JOIN sys.server_principals AS r ON r.principal_id = m.role_principal_id
    WHERE r.name = N'sysadmin' AND m.member_principal_id = p.principal_id) THEN 1 ELSE 0 END AS is_sysadmin
FROM sys.server_principals AS p
WHERE p.type IN ('U', 'G');`;

function fenceLoginQuery({ migration }: AssessOptions): string {
  const logins = migration.cutover.fenceLogins;
  const condition = logins.length === 0 ? '1 = 0' : `p.name IN (${nliterals(logins)})`;
  return `SELECT 1 AS part_fence_logins, p.name, p.is_disabled
FROM sys.server_principals AS p
WHERE ${condition};`;
}

/** The parts of this family. */
export const objectParts: PartsOf<ObjectParts> = {
  windowsLogins: onInstance({
    needs: ['viewAnyDefinition'],
    queries: { part_windows_logins: WINDOWS_LOGIN_QUERY },
    decode: (answer) =>
      answer.rows('part_windows_logins').map((row) => ({
        name: text(row, 'name'),
        isSysadmin: bit(row, 'is_sysadmin'),
      })),
  }),
  fenceLogins: onInstance({
    needs: ['viewAnyDefinition'],
    queries: { part_fence_logins: fenceLoginQuery },
    decode: (answer) =>
      answer.rows('part_fence_logins').map((row) => ({
        name: text(row, 'name'),
        isDisabled: bit(row, 'is_disabled'),
      })),
  }),
};
