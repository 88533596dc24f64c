/** The rights `assess` looks with, named as their fields in `PermissionFacts`. */

import type { PermissionFacts } from './assess-server.ts';

/** A right that parts of the facts need. */
export type AssessRight =
  | 'viewServerState'
  | 'viewAnyDefinition'
  | 'viewAnyDatabase'
  | 'connectAnyDatabase'
  | 'readBackupHistory'
  | 'readMsdb';

/** As T-SQL names them, in the order in which a script gives them. */
export const rightNames: Readonly<Record<AssessRight, string>> = {
  viewServerState: 'VIEW SERVER STATE',
  viewAnyDefinition: 'VIEW ANY DEFINITION',
  viewAnyDatabase: 'VIEW ANY DATABASE',
  connectAnyDatabase: 'CONNECT ANY DATABASE',
  readBackupHistory: 'SELECT on msdb.dbo.backupset',
  readMsdb: 'SELECT on msdb.dbo.sysjobs',
};

/** The first of these rights that the login does not have; null when it has them all. */
export function missingRight(
  permissions: PermissionFacts,
  needs: readonly AssessRight[],
): AssessRight | null {
  if (permissions.isSysadmin) return null;
  return needs.find((right) => !permissions[right]) ?? null;
}
