/**
 * Read-only routing and backup preference: which replica of a group should do the work.
 *
 * Pure questions to the state, asked at login and by `sys.fn_hadr_backup_is_preferred_replica`
 * (Microsoft Learn, "Configure read-only routing", "Offload supported backups to secondary replicas").
 */

import { receivingRole } from './access.ts';
import { parseUrl } from './route.ts';
import { nameKey } from './state.ts';
import type { DatabaseState, GroupState, InstanceState, ReplicaState } from './state.ts';
import { replicaLinksOver } from './turn.ts';

/** What a client with ApplicationIntent=ReadOnly is told at a listener. */
export type ReadOnlyRoute =
  /** It came another way, the database is in no group of that listener, or there is no list: nothing is routed. */
  | { readonly kind: 'stay' }
  | { readonly kind: 'route'; readonly host: string; readonly port: number }
  /** The list has no replica that can be read now. */
  | { readonly kind: 'nobody' };

/** Where a read-only connection that came in at this address goes. */
export function readOnlyRoute(
  instance: InstanceState,
  login: { readonly database: string; readonly address: string; readonly port: number },
): ReadOnlyRoute {
  const database = instance.databases[nameKey(login.database)];
  const group = instance.groups[database?.group ?? ''];
  if (database === undefined || group === undefined) return { kind: 'stay' };
  const throughListener = group.listeners.some(
    ({ port, addresses }) =>
      port === login.port && addresses.some(({ ip }) => ip === login.address),
  );
  // A forwarder routes nobody on: its listener leads to itself (Microsoft Learn, distributed groups).
  if (!throughListener || receivingRole(instance, database) !== null) return { kind: 'stay' };
  const list = replicaOf(group, instance.serverName)?.readOnlyRoutingList ?? [];
  if (list.length === 0) return { kind: 'stay' };
  for (const name of list) {
    const replica = replicaOf(group, name);
    const url = parseUrl(replica?.readOnlyRoutingUrl ?? '');
    if (replica === undefined || url === undefined) continue;
    if (isReadable(instance, { group, database, replica })) return { kind: 'route', ...url };
  }
  return { kind: 'nobody' };
}

function replicaOf(group: GroupState, name: string): ReplicaState | undefined {
  return group.replicas.find((each) => nameKey(each.serverName) === nameKey(name));
}

/** The replica is connected, has the database, and lets readers in; the primary itself may stand in the list. */
function isReadable(
  instance: InstanceState,
  asked: {
    readonly group: GroupState;
    readonly database: DatabaseState;
    readonly replica: ReplicaState;
  },
): boolean {
  const { group, database, replica } = asked;
  if (nameKey(replica.serverName) === instance.key)
    return replica.primaryAllowConnections === 'ALL';
  const link = replicaLinksOver(instance, group.key).find(
    (each) => nameKey(each.members[1].group) === nameKey(replica.serverName),
  );
  const isFed = link?.link.connected === true && link.databases[database.key]?.joined === true;
  return isFed && replica.secondaryAllowConnections !== 'NO';
}

/**
 * `sys.fn_hadr_backup_is_preferred_replica`: a database outside groups is backed up where it is. What a
 * replica knows of the others is whether they are connected.
 */
export function isPreferredForBackup(instance: InstanceState, database: DatabaseState): boolean {
  const group = instance.groups[database.group ?? ''];
  if (group === undefined) return true;
  const isPrimary = group.role === 'PRIMARY';
  if (group.automatedBackupPreference === 'PRIMARY') return isPrimary;
  const able = group.replicas.filter(
    (each) => each.backupPriority > 0 && isOnline(instance, group, each),
  );
  const primary = isPrimary ? instance.serverName : primaryName(instance, group);
  const isSecondary = (each: ReplicaState): boolean =>
    nameKey(each.serverName) !== nameKey(primary ?? '');
  const secondaries = able.filter(isSecondary);
  const candidates =
    group.automatedBackupPreference === 'NONE' ||
    (group.automatedBackupPreference === 'SECONDARY' && secondaries.length === 0)
      ? able
      : secondaries;
  // The highest priority wins, and the name between equals.
  const [best] = candidates.toSorted(
    (left, right) =>
      right.backupPriority - left.backupPriority ||
      (nameKey(left.serverName) < nameKey(right.serverName) ? -1 : 1),
  );
  return best !== undefined && nameKey(best.serverName) === instance.key;
}

/** A secondary sees the primary and itself; the primary sees everybody who is connected. */
function isOnline(instance: InstanceState, group: GroupState, replica: ReplicaState): boolean {
  const key = nameKey(replica.serverName);
  if (key === instance.key || group.role !== 'PRIMARY') return true;
  return replicaLinksOver(instance, group.key).some(
    (each) => nameKey(each.members[1].group) === key && each.link.connected,
  );
}

function primaryName(instance: InstanceState, group: GroupState): string | undefined {
  const link = replicaLinksOver(instance, group.key).find((each) => each.link.connected);
  return link?.members[1].group;
}
