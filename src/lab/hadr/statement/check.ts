/** What availability-group statements require of instance, edition, version and databases. */

import type { EngineError } from '../effect.ts';
import { nameKey } from '../state.ts';
import type { GroupState, InstanceState } from '../state.ts';
import { engineError } from '../turn.ts';

const systemDatabases = ['master', 'model', 'msdb', 'tempdb'];

/** Always On is enabled and the version has what the lab simulates. */
export function checkInstance(instance: InstanceState): EngineError | null {
  if (!instance.hadrEnabled)
    return instance.version.year === 2016 ? engineError(35_221) : engineError(47_105);
  return null;
}

/** The first reason why a database may not enter a group (order of a real server's checks). */
export function checkNewMember(
  instance: InstanceState,
  group: string,
  name: string,
): EngineError | null {
  if (systemDatabases.includes(nameKey(name))) return engineError(35_249, name);
  const database = instance.databases[nameKey(name)];
  if (database === undefined) return engineError(35_238, name, group);
  if (database.group !== null) return engineError(35_244, database.name, group);
  if (database.state !== 'ONLINE') return engineError(1467, database.name);
  if (database.recoveryModel !== 'FULL') return engineError(1465, database.name);
  if (database.readOnly) return engineError(1466, database.name);
  if (database.autoClose) return engineError(1469, database.name);
  if (!database.fullBackupTaken) return engineError(1475, database.name);
  if (database.userAccess === 'SINGLE_USER') return engineError(1488, database.name);
  return null;
}

/** The DAG in which this group is the secondary member. */
export function isSecondaryMember(instance: InstanceState, group: GroupState): boolean {
  return Object.values(instance.distributed).some(
    (each) => each.localGroup === group.key && each.role !== 'PRIMARY',
  );
}

/** The group takes part in a DAG. */
export function isMember(instance: InstanceState, group: GroupState): boolean {
  return Object.values(instance.distributed).some((each) => each.localGroup === group.key);
}
