/** The databases an instance has from the start, with the backup their definition claims. */

import { assert } from '../../base/assert.ts';
import { fileName } from '../backup/device-path.ts';
import type { DatabaseDefinition } from './definition.ts';
import { isError, placeDevices } from './administer/backup-device.ts';
import { describeBackup, writeBackup } from './backup-writer.ts';
import { databaseOf } from './instance-parts.ts';
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
  const path = `F:\\Backup\\${fileName(database.name)}.bak`;
  const devices = placeDevices(parts, [{ medium: 'DISK', path }]);
  assert(!isError(devices), `a path for the backup of ${database.name}`);
  const header = describeBackup(parts, database, {
    kind: 'full',
    name: null,
    description: null,
    from: database.log.end,
    startedAt: parts.clock.now(),
    userName: 'sa',
    copyOnly: false,
    compressed: false,
    checksums: false,
    isTail: false,
    bytes: database.sizeBytes,
  });
  const opened = devices.map((device) => ({ path: device.path, found: 'absent' as const }));
  writeBackup(parts, database, { header, devices, opened, plan: { kind: 'new', families: 1 } });
}
