/** Makes a backup set of a database as it is now: its header, its data on the devices, its row in the history. */

import { deflateRawSync } from 'node:zlib';
import type { Lsn } from '../../base/lsn.ts';
import type { BackupHeader } from '../backup/backup-header.ts';
import { encodeLog } from '../backup/log-content.ts';
import { encodeMediaFile, stripe } from '../backup/media-file.ts';
import type { MediaLabel } from '../backup/media-file.ts';
import type { Device, WritePlan } from '../backup/media-rule.ts';
import type { DatabaseState } from '../hadr/state.ts';
import type { ServerMessage } from '../session.ts';
import type { DatabaseStore } from '../store/database-store.ts';
import { serverMessage } from '../tsql/message.ts';
import type { PlacedDevice } from './administer/backup-device.ts';
import { encryptorOf } from './administer/encryptor.ts';
import { filesOf } from './database-files.ts';
import { stateOf } from './instance-parts.ts';
import type { InstanceParts } from './instance-parts.ts';

/** What the database does not say about its backup. */
export type BackupFacts = Pick<
  BackupHeader,
  | 'kind'
  | 'name'
  | 'description'
  | 'startedAt'
  | 'userName'
  | 'copyOnly'
  | 'compressed'
  | 'checksums'
  | 'isTail'
  | 'bytes'
> & {
  /** First log record. */
  readonly from: Lsn;
};

/** The header of a backup set that ends now. */
export function describeBackup(
  parts: InstanceParts,
  database: DatabaseState,
  facts: BackupFacts,
): BackupHeader {
  const { from, ...rest } = facts;
  const instance = stateOf(parts);
  const base = parts.history.base(database.familyId);
  const isLog = facts.kind === 'log';
  return {
    ...rest,
    database: database.name,
    setId: parts.random.guid(),
    familyId: database.familyId,
    forks: database.forks,
    firstLsn: from,
    lastLsn: database.log.end,
    checkpointLsn: facts.kind === 'full' ? from : (base?.checkpointLsn ?? from),
    databaseBackupLsn: base?.checkpointLsn ?? (0n as Lsn),
    base:
      facts.kind === 'differential' && base !== undefined
        ? { setId: base.setId, lsn: base.checkpointLsn }
        : null,
    totalBytes: database.log.totalBytes,
    recoveryModel: database.recoveryModel,
    version: instance.version,
    serverName: instance.serverName,
    beginsLogChain:
      isLog &&
      !parts.history.backups.some(
        ({ header }) => header.kind === 'log' && header.familyId === database.familyId,
      ),
    encryptor: encryptorOf(parts, database.name),
    databaseCreatedAt: database.createdAt,
    finishedAt: parts.clock.now(),
    files: filesOf(parts, database.name),
    content: 'state',
    compressedBytes: 0,
  };
}

/** Where a backup set goes. */
export interface WrittenBackup {
  readonly header: BackupHeader;
  readonly devices: readonly PlacedDevice[];
  readonly opened: readonly Device[];
  readonly plan: Exclude<WritePlan, { readonly kind: 'refused' }>;
}

/** Puts the set on its devices and into the history; the error when there is no room. */
export function writeBackup(
  parts: InstanceParts,
  database: DatabaseState,
  made: WrittenBackup,
): ServerMessage | null {
  const { devices, opened, plan } = made;
  const store = parts.rows.store({ instance: parts.key, database: database.key });
  if (store === undefined) return serverMessage(945, database.name);
  const full = devices.find(({ place }) => parts.storage.isFull(place));
  if (full !== undefined)
    return serverMessage(3202, full.path, '112(There is not enough space on the disk.)');
  const { content, bytes: plain } = contentOf(parts, database, { store, header: made.header });
  const data = made.header.compressed ? new Uint8Array(deflateRawSync(plain)) : plain;
  const ratio = plain.byteLength === 0 ? 1 : data.byteLength / plain.byteLength;
  const compressedBytes = Math.ceil(made.header.bytes * ratio);
  const header = { ...made.header, content, compressedBytes };
  const labels = labelsOf(parts, made);
  const shares = stripe(data, devices.length);
  let position = 1;
  for (const [index, { place, path }] of devices.entries()) {
    const label = labels[index];
    const found = opened[index]?.found;
    if (label === undefined) continue;
    const older = plan.kind === 'append' && typeof found === 'object' ? found.parts : [];
    position = older.length + 1;
    const share = shares[label.family - 1] ?? new Uint8Array(0);
    const file = { label, parts: [...older, { header, data: share, damage: null }] };
    const error = parts.storage.write(place, encodeMediaFile(file));
    if (error !== null) return serverMessage(3202, path, error);
  }
  parts.history.addBackup({
    mediaSetId: labels[0]?.mediaSetId ?? '',
    position,
    header,
    devices: devices.map(({ path }) => path),
    deviceType: /^https:/iu.test(devices[0]?.path ?? '') ? 9 : 2,
  });
  return null;
}

/** Transactions for a log backup that still has all of them, else the state of the database. */
function contentOf(
  parts: InstanceParts,
  database: DatabaseState,
  of: { readonly store: DatabaseStore; readonly header: BackupHeader },
): { readonly content: BackupHeader['content']; readonly bytes: Uint8Array } {
  const place = { instance: parts.key, database: database.key };
  const found =
    of.header.kind === 'log' ? parts.host.transactions(place, of.header.firstLsn) : null;
  return found === null
    ? { content: 'state', bytes: of.store.image().bytes }
    : { content: 'transactions', bytes: encodeLog(found) };
}

/** The labels of the devices: new ones, or those that stay. */
function labelsOf(
  parts: InstanceParts,
  { devices, plan, header: { compressed } }: WrittenBackup,
): readonly MediaLabel[] {
  if (plan.kind !== 'new') return plan.labels.map((label) => ({ ...label, compressed }));
  const mediaSetId = parts.random.guid();
  return devices.map((_, index) => ({
    mediaSetId,
    families: devices.length,
    family: index + 1,
    compressed,
  }));
}
