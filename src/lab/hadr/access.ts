/** What a client may do with a database now, from the roles of its groups and the state of its copy. */

import { unreachable } from '../../base/assert.ts';
import type { EngineError } from './effect.ts';
import { nameKey } from './state.ts';
import type { DatabaseState, DistributedState, HadrState, InstanceState, Role } from './state.ts';
import { engineError } from './turn.ts';

/** Access to one database. */
export type Access =
  | { readonly kind: 'open'; readonly writable: boolean }
  | { readonly kind: 'refused'; readonly error: EngineError };

/** The DAG that makes this database a forwarder's copy, if one does. */
export function receivingFrom(
  instance: InstanceState,
  database: DatabaseState,
): DistributedState | undefined {
  const { group } = database;
  if (group === null) return undefined;
  for (const key in instance.distributed) {
    const candidate = instance.distributed[key];
    if (candidate?.localGroup === group && candidate.role !== 'PRIMARY') return candidate;
  }
  return undefined;
}

/** Role of a copy that is not a primary one, in its local group or in its DAG; null when it is one. */
export function receivingRole(
  instance: InstanceState,
  database: DatabaseState,
): Exclude<Role, 'PRIMARY'> | null {
  if (database.group === null) return null;
  const local = instance.groups[database.group]?.role ?? 'PRIMARY';
  if (local !== 'PRIMARY') return local;
  const role = receivingFrom(instance, database)?.role ?? 'PRIMARY';
  return role === 'PRIMARY' ? null : role;
}

/** What a session of an instance may do with a user database (errors of Microsoft Learn, AG access). */
export function accessTo(
  state: HadrState,
  place: { readonly instance: string; readonly database: string },
  readOnlyIntent: boolean,
): Access {
  const instance = state.instances[place.instance];
  const database = instance?.databases[place.database];
  if (instance === undefined || database === undefined) return refused(911, place.database);
  const byState = refusedByState(database);
  if (byState !== null) return byState;
  const role = receivingRole(instance, database);
  if (role === null) return primaryAccess(instance, database, readOnlyIntent);
  if (role === 'RESOLVING') return refused(983, database.name);
  if (database.orphaned || database.suspended !== null || database.reverting)
    return refused(976, database.name);
  return readAccess(instance, database, readOnlyIntent);
}

function refusedByState(database: DatabaseState): Access | null {
  switch (database.state) {
    case 'ONLINE':
      return null;
    case 'RESTORING':
      return refused(927, database.name);
    case 'RECOVERING':
      return refused(922, database.name);
    case 'RECOVERY_PENDING':
      return refused(945, database.name);
  }
  return unreachable(database.state);
}

/** PRIMARY_ROLE (ALLOW_CONNECTIONS = READ_WRITE) keeps out who only wants to read. */
function primaryAccess(
  instance: InstanceState,
  database: DatabaseState,
  readOnlyIntent: boolean,
): Access {
  const replica = instance.groups[database.group ?? '']?.replicas.find(
    (candidate) => nameKey(candidate.serverName) === instance.key,
  );
  return readOnlyIntent && replica?.primaryAllowConnections === 'READ_WRITE'
    ? refused(979, database.name)
    : { kind: 'open', writable: !database.readOnly };
}

/** SECONDARY_ROLE (ALLOW_CONNECTIONS) of the local replica decides who reads a forwarder's copy. */
function readAccess(
  instance: InstanceState,
  database: DatabaseState,
  readOnlyIntent: boolean,
): Access {
  const group = instance.groups[database.group ?? ''];
  const replica = group?.replicas.find(
    (candidate) => nameKey(candidate.serverName) === instance.key,
  );
  const allowed = replica?.secondaryAllowConnections ?? 'NO';
  switch (allowed) {
    case 'ALL':
      return { kind: 'open', writable: false };
    case 'READ_ONLY':
      return readOnlyIntent ? { kind: 'open', writable: false } : refused(978, database.name);
    case 'NO':
      return refused(976, database.name);
  }
  return unreachable(allowed);
}

function refused(number: number, name: string): Access {
  return { kind: 'refused', error: engineError(number, name) };
}
