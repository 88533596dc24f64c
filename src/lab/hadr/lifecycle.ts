/** Instances and databases outside availability groups: adding, dropping, backup, crash and restart. */

import { abandonWaiting } from './commit.ts';
import { disconnect, hangUp, startTicking } from './connection.ts';
import type { HadrEvent, NewDatabase, NewInstance, RestoredDatabase } from './event.ts';
import { failOverAutomatically, restartGroup } from './local-role.ts';
import { emptyLog, firstPosition } from './log.ts';
import { newDatabaseState } from './new-database.ts';
import { startRecovery } from './role.ts';
import { logBackedUp } from './seeding-source.ts';
import { removeDatabase } from './seeding-target.ts';
import { freeBackedUpLog } from './ship.ts';
import type { InstanceState } from './state.ts';
import { nameKey } from './state.ts';
import {
  changeDatabase,
  changeDistributed,
  changeInstance,
  connectionKeys,
  databaseAt,
  instanceAt,
} from './turn.ts';
import type { DatabasePlace, Turn } from './turn.ts';

/** Adds an instance that is up. */
export function addInstance(turn: Turn, given: NewInstance): void {
  const key = nameKey(given.serverName);
  const instance: InstanceState = {
    ...given,
    key,
    up: true,
    incarnation: 1,
    startedAt: turn.at,
    endpoint: null,
    endpointAccounts: [],
    endpointCertificate: null,
    trustedCertificates: [],
    databases: {},
    groups: {},
    distributed: {},
    replicaLinks: {},
    cluster: given.cluster ?? null,
    seedingHistory: [],
    seedingStreams: [],
    redoBytesPerSecond: null,
  };
  turn.state = { ...turn.state, instances: { ...turn.state.instances, [key]: instance } };
}

/** Adds an empty database, ONLINE. */
export function addDatabase(turn: Turn, key: string, given: NewDatabase): void {
  const instance = instanceAt(turn, key);
  const { forkId, ...rest } = given;
  const database = newDatabaseState(instance, {
    ...rest,
    createdAt: turn.at,
    state: 'ONLINE',
    forks: [{ id: forkId, start: firstPosition(0) }],
  });
  changeInstance(turn, key, { databases: { ...instance.databases, [database.key]: database } });
}

/** Adds or replaces a database by a restored one. */
export function restoreDatabase(turn: Turn, key: string, given: RestoredDatabase): void {
  const instance = instanceAt(turn, key);
  const { position, totalBytes, ...rest } = given;
  const existing = instance.databases[nameKey(given.name)];
  const database = newDatabaseState(instance, {
    ...rest,
    createdAt: turn.at,
    log: emptyLog(position, totalBytes),
  });
  changeInstance(turn, key, {
    databases: {
      ...instance.databases,
      [database.key]: { ...database, id: existing?.id ?? database.id },
    },
  });
}

/** Takes a database away; the caller has checked that it is in no group. */
export function dropDatabase(turn: Turn, place: DatabasePlace): void {
  if (databaseAt(turn, place) !== undefined) removeDatabase(turn, place.instance, place.database);
}

/** A backup has ended: the log chain begins or goes on. */
export function backup(turn: Turn, event: Extract<HadrEvent, { readonly kind: 'backup' }>): void {
  const place = { instance: event.instance, database: event.database };
  const database = databaseAt(turn, place);
  if (database === undefined) return;
  const { end } = database.log;
  switch (event.what) {
    case 'database':
      changeDatabase(turn, place, {
        fullBackupTaken: database.fullBackupTaken || !event.copyOnly,
        // A full backup takes no log away: what the chain holds stays.
        backupHoldLsn: database.backupHoldLsn ?? end,
        ...(database.fullBackupTaken || event.copyOnly ? {} : { lastLogBackupLsn: end }),
      });
      break;
    case 'log':
      // A copy-only log backup neither moves the chain nor frees log (Microsoft Learn, "Copy-only backups").
      if (event.copyOnly) break;
      changeDatabase(turn, place, {
        lastLogBackupLsn: end,
        backupHoldLsn: database.backupHoldLsn === null ? null : end,
      });
      freeBackedUpLog(turn, place);
      logBackedUp(turn, place);
      break;
  }
}

/** The process dies: its sockets close, what waited is lost, what was planned is void. */
export function crash(turn: Turn, key: string): void {
  const before = instanceAt(turn, key);
  if (!before.up) return;
  for (const database of Object.keys(before.databases))
    abandonWaiting(turn, { instance: key, database });
  for (const group of connectionKeys(before)) hangUp(turn, { instance: key, group });
  const after = instanceAt(turn, key);
  changeInstance(turn, key, { up: false, incarnation: after.incarnation + 1 });
  for (const group of Object.keys(before.groups))
    failOverAutomatically(turn, { instance: key, group }, before);
}

/** The process starts again: roles are as they were, databases recover. */
export function restart(turn: Turn, key: string, hadrEnabled: boolean): void {
  const before = instanceAt(turn, key);
  if (before.up) return;
  changeInstance(turn, key, { up: true, startedAt: turn.at, hadrEnabled, seedingStreams: [] });
  for (const database of Object.values(before.databases)) {
    const place = { instance: key, database: database.key };
    const open = database.state === 'ONLINE' || database.state === 'RECOVERING';
    changeDatabase(turn, place, {
      redoScheduled: false,
      reverting: false,
      ...(open ? { state: 'RECOVERING' as const } : {}),
    });
    if (open) startRecovery(turn, place);
  }
  for (const distributed of Object.values(before.distributed)) {
    const place = { instance: key, group: distributed.key };
    // A promotion that had not finished is forgotten with the process.
    if (distributed.role === 'RESOLVING')
      changeDistributed(turn, place, { role: 'SECONDARY', operationalState: 'ONLINE' });
    disconnect(turn, place, null);
    startTicking(turn, place, 0);
  }
  for (const group of Object.keys(before.groups)) restartGroup(turn, { instance: key, group });
  for (const link of Object.keys(before.replicaLinks)) {
    disconnect(turn, { instance: key, group: link }, null);
    startTicking(turn, { instance: key, group: link }, 0);
  }
}
