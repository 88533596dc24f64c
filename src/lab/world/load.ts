/** The databases an instance has from the start, with the backup their definition claims. */

import type { DatabaseDefinition } from './definition.ts';
import { databaseOf, recordBackup, stateOf } from './instance-parts.ts';
import type { InstanceParts } from './instance-parts.ts';

/** Makes, fills and announces the databases of the definition. */
export function loadDatabases(parts: InstanceParts): void {
  for (const definition of parts.definition.databases) load(parts, definition);
}

function load(parts: InstanceParts, definition: DatabaseDefinition): void {
  const store = parts.rows.create({ instance: parts.key, database: definition.name });
  definition.load?.(store);
  parts.host.apply({
    kind: 'add-database',
    instance: parts.key,
    database: {
      name: definition.name,
      recoveryModel: definition.recoveryModel,
      fullBackupTaken: definition.fullBackupTaken,
      sizeBytes: store.dataBytes(),
      owner: 'sa',
      familyId: parts.random.guid(),
      forkId: parts.random.guid(),
    },
  });
  const database = databaseOf(parts, definition.name);
  if (database === undefined || !definition.fullBackupTaken) return;
  const { end } = database.log;
  recordBackup(parts, {
    database: database.name,
    type: 'D',
    copyOnly: false,
    startedAt: parts.clock.now(),
    finishedAt: parts.clock.now(),
    bytes: database.sizeBytes,
    firstLsn: end,
    lastLsn: end,
    checkpointLsn: end,
    databaseBackupLsn: 0n,
    deviceType: 2,
    physicalDeviceName: `F:\\Backup\\${database.name}.bak`,
    userName: 'sa',
    serverName: stateOf(parts).serverName,
    recoveryModel: database.recoveryModel,
    familyId: database.familyId,
    lastForkId: database.forks.at(-1)?.id ?? '',
  });
}
