/** The four system databases, which the lab has on every instance, and the paths of its servers. */

import type { DatabaseState, InstanceState } from '../../hadr/state.ts';

/** A system database. */
export interface SystemDatabase {
  readonly id: number;
  readonly name: string;
  readonly recoveryModel: DatabaseState['recoveryModel'];
  /** Logical names of the two files. */
  readonly files: readonly [string, string];
}

/** `master`, `tempdb`, `model`, `msdb`. */
export const SYSTEM_DATABASES: readonly SystemDatabase[] = [
  { id: 1, name: 'master', recoveryModel: 'SIMPLE', files: ['master', 'mastlog'] },
  { id: 2, name: 'tempdb', recoveryModel: 'SIMPLE', files: ['tempdev', 'templog'] },
  { id: 3, name: 'model', recoveryModel: 'FULL', files: ['modeldev', 'modellog'] },
  { id: 4, name: 'msdb', recoveryModel: 'SIMPLE', files: ['MSDBData', 'MSDBLog'] },
];

/** `database_id` of a system database; undefined for any other name. */
export function systemDatabaseId(name: string): number | undefined {
  return SYSTEM_DATABASES.find((database) => database.name === name.toLowerCase())?.id;
}

/** The instance's part of `host\instance`; `MSSQLSERVER` for the default instance. */
export function instanceId(instance: Pick<InstanceState, 'serverName'>): string {
  const cut = instance.serverName.indexOf('\\');
  return cut === -1 ? 'MSSQLSERVER' : instance.serverName.slice(cut + 1);
}

/** Folder of the instance's own data files, with a backslash at the end. */
export function rootPath(instance: Pick<InstanceState, 'serverName' | 'version'>): string {
  return `C:\\Program Files\\Microsoft SQL Server\\MSSQL${instance.version.major}.${instanceId(instance)}\\MSSQL\\`;
}
