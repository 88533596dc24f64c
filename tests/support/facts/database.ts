/** What is said about a database on which nothing is wrong. */

import type { DatabaseDetailParts } from '../../../src/model/assess-database-detail.ts';
import type { FileFacts } from '../../../src/model/assess-database.ts';
import { known, type Fact } from '../../../src/model/fact.ts';
import type { Side } from '../../../src/model/side.ts';

const database = 'Adventureworks';
const GIGABYTE = 1024 ** 3;

/** A data file that may grow. */
export const goodFile: FileFacts = {
  database,
  typeDesc: 'ROWS',
  logicalName: 'Adventureworks',
  physicalName: 'D:\\Data\\Adventureworks.mdf',
  sizeBytes: GIGABYTE,
  stateDesc: 'ONLINE',
  maxSizePages: -1,
  growth: 8192,
  isPercentGrowth: false,
};

/** Data and log of the database. */
export const goodFiles: readonly FileFacts[] = [
  goodFile,
  {
    database,
    typeDesc: 'LOG',
    logicalName: 'Adventureworks_log',
    physicalName: 'E:\\Log\\Adventureworks_log.ldf',
    sizeBytes: GIGABYTE / 4,
    stateDesc: 'ONLINE',
    maxSizePages: 268_435_456,
    growth: 8192,
    isPercentGrowth: false,
  },
];

/** Everything else that is read about it. */
export function goodDatabaseDetail(side: Side): {
  readonly [P in keyof DatabaseDetailParts]: Fact<DatabaseDetailParts[P]>;
} {
  const here = <T>(value: readonly T[]): Fact<readonly T[]> =>
    known(side === 'source' ? value : []);
  return {
    databaseOptions: here([
      {
        database,
        isAutoShrinkOn: false,
        pageVerifyOptionDesc: 'CHECKSUM',
        isQueryStoreOn: true,
        isMasterKeyEncryptedByServer: false,
        isRemoteDataArchiveEnabled: false,
        isLedgerOn: false,
        serviceBrokerGuid: '6F9619FF-8B86-D011-B42D-00C04FC964FF',
        ownerSid: '0x01',
        hoursSinceCheckDb: 20,
      },
    ]),
    databaseKeys: known([]),
    encryptors: known([]),
    logShipping: known([]),
    encryptedBackups: known([]),
    logBackups: here([
      { database, backups: 1, bytes: 1024 ** 2, minutesSinceLast: 60, minutesSinceFull: 900 },
    ]),
    cdcJobs: known([]),
    changeTracking: known([]),
    openTransactions: known([]),
    logStats: here([
      { database, totalVlfCount: 16, totalLogBytes: GIGABYTE / 4, activeLogBytes: 1024 ** 2 },
    ]),
    loginSids: known(['0x01', '0x0A']),
    contents: here([
      {
        name: database,
        inside: known([
          { kind: 'user' as const, name: 'app_writer', detail: '0x0A', amount: 1 },
          { kind: 'conversation' as const, name: '', detail: '', amount: 0 },
        ]),
      },
    ]),
    dependencies: here([{ name: database, inside: known([]) }]),
    databaseState: here([
      {
        name: database,
        inside: known({
          skuFeatures: [],
          memoryTableBytes: 0,
          queryStore: { actualStateDesc: 'READ_WRITE', currentStorageSizeMb: 100 },
        }),
      },
    ]),
  };
}
