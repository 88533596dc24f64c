/** A backup header for the tests of backup files and restore rules. */

import { makeLsn } from '../../src/base/lsn.ts';
import type { Lsn } from '../../src/base/lsn.ts';
import type { BackupHeader } from '../../src/lab/backup/backup-header.ts';

/** Position so many blocks into the first virtual log file. */
export function at(block: number): Lsn {
  return makeLsn({ vlf: 42n, block: BigInt(block), slot: 1n });
}

/** A full backup of Sales at block 100 by SQL Server 2019. */
export function sampleHeader(change: Partial<BackupHeader> = {}): BackupHeader {
  return {
    kind: 'full',
    name: null,
    description: null,
    database: 'Sales',
    setId: 'full-1',
    familyId: 'family',
    forks: [{ id: 'fork-1', start: at(16) }],
    firstLsn: at(100),
    lastLsn: at(100),
    checkpointLsn: at(100),
    databaseBackupLsn: 0n as Lsn,
    base: null,
    totalBytes: 1000,
    recoveryModel: 'FULL',
    version: { year: 2019, major: 15, minor: 0, build: 4322, revision: 2 },
    serverName: 'OnPremNode',
    userName: 'sa',
    copyOnly: false,
    compressed: false,
    content: 'state',
    checksums: false,
    isTail: false,
    beginsLogChain: false,
    encryptor: null,
    databaseCreatedAt: 1,
    startedAt: 2,
    finishedAt: 3,
    files: [
      {
        fileId: 1,
        type: 'ROWS',
        logicalName: 'Sales',
        physicalName: 'F:\\SQLData\\Sales.mdf',
        bytes: 8192,
      },
      {
        fileId: 2,
        type: 'LOG',
        logicalName: 'Sales_log',
        physicalName: 'G:\\SQLLog\\Sales_log.ldf',
        bytes: 8192,
      },
    ],
    bytes: 8192,
    compressedBytes: 8192,
    ...change,
  };
}
