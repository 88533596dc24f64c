/** Rules about the log of each selected database, and what holds it while a copy is seeded. */

import { bytes, duration } from '../../base/quantity.ts';
import { shownName } from '../../base/name.ts';
import type { VolumeFacts } from '../../model/assess-capacity.ts';
import type { SideFacts } from '../../model/assess-facts.ts';
import { age, detailRule, rowAbout, rowsAbout, shownLiteral } from '../database-detail.ts';
import { databaseRule } from '../database-rule.ts';
import { doubtful, good, notReadable, type AssessRule } from '../rule.ts';
import { seedingSeconds } from './database-file.ts';
import { volumeOf } from './file-place.ts';

const MINUTE_MS = 60_000;
const DAY_SECONDS = 86_400;
const MINUTES_PER_DAY = 1440;
/** Pieces of a log above which starting, restoring and redo get slow; the server itself warns at 10,000 (9017). */
const MANY_VLFS = 1000;
/** A log below this size is never called too big. */
const SMALL_LOG_BYTES = 1024 ** 3;
/** Age from which an open transaction delays a cutover. */
const LONG_TRANSACTION_MINUTES = 15;

/** What keeps a log from being reused, and what ends it (Microsoft Learn, error 9002). */
const WAITS: Readonly<Record<string, string>> = {
  ACTIVE_BACKUP_OR_RESTORE: 'Wait for the backup that runs.',
  ACTIVE_TRANSACTION: 'Find the transaction (DBCC OPENTRAN) and have it ended.',
  DATABASE_MIRRORING: 'Resume or end database mirroring.',
  DATABASE_SNAPSHOT_CREATION: 'Wait for the snapshot.',
  LOG_SCAN: 'Wait; it is short.',
  OLDEST_PAGE: 'CHECKPOINT, or set TARGET_RECOVERY_TIME.',
  OTHER_TRANSIENT: 'Wait; it is short.',
  REPLICATION:
    'Let the log reader of replication or change data capture run to the end; without either: EXEC sys.sp_repldone NULL, NULL, 0, 0, 1.',
  SLOG_SCAN: 'Wait for accelerated database recovery.',
  XTP_CHECKPOINT:
    'Take a log backup and a CHECKPOINT: memory-optimized tables have not been checkpointed.',
};

/** Reasons that go away by themselves or belong to the copy. */
const HARMLESS: ReadonlySet<string> = new Set([
  'NOTHING',
  'CHECKPOINT',
  'LOG_BACKUP',
  'AVAILABILITY_REPLICA',
]);

/** The drive with the least room that a log file of a database lies on; null when it is not shown. */
function logDrive(source: SideFacts, database: string): VolumeFacts | null {
  const files = rowsAbout(source.files, database);
  if (!files.known || !source.volumes.known) return null;
  const volumes = source.volumes.value;
  const drives = files.value
    .filter(({ typeDesc }) => typeDesc === 'LOG')
    .flatMap(({ physicalName }) => volumeOf(volumes, physicalName) ?? []);
  return drives.toSorted((left, right) => left.availableBytes - right.availableBytes)[0] ?? null;
}

/** Log rules. */
export const databaseLogRules: readonly AssessRule[] = [
  databaseRule({
    id: 'DB-LOG-REUSE',
    title: 'Nothing unusual keeps the log from being reused',
    family: 'databases',
    why: 'A log that cannot be reused grows while the copy is seeded, and a long transaction prolongs the switch.',
    remedy: 'Find and end what keeps it: log_reuse_wait_desc in sys.databases, DBCC OPENTRAN.',
    reference: 'fullLog',
    judge: (database, { shown }) => {
      const wait = database.logReuseWaitDesc;
      const evidence = `log_reuse_wait_desc of ${shown} is ${wait}.`;
      return HARMLESS.has(wait) ? good(evidence) : doubtful(evidence, WAITS[wait]);
    },
  }),
  detailRule({
    id: 'DB-VLF-COUNT',
    title: 'The log is cut into fewer than 1,000 pieces',
    family: 'databases',
    why: 'Many virtual log files slow down recovery, redo and the role change (9017).',
    remedy: 'Take a log backup, shrink the log file, and grow it again in steps of 8 GB at most.',
    reference: 'logGuide',
    read: (source, { database }) => rowAbout(source.logStats, database.name),
    judge: ({ totalVlfCount }, { shown }) => {
      const evidence = `The log of ${shown} has ${totalVlfCount} virtual log files.`;
      return totalVlfCount > MANY_VLFS ? doubtful(evidence) : good(evidence);
    },
  }),
  detailRule({
    id: 'DB-LOG-SIZE',
    title: 'The log is smaller than the data',
    family: 'databases',
    why: 'Seeding creates the log in its full size on the target, and fills it with zeros, which instant file initialization does not save.',
    remedy: 'Take a log backup and shrink the log file (DBCC SHRINKFILE) before the seeding.',
    reference: 'logGuide',
    read: (source, { database }) => rowsAbout(source.files, database.name),
    judge: (files, { shown }) => {
      const sum = (isLog: boolean): number =>
        files
          .filter(({ typeDesc }) => (typeDesc === 'LOG') === isLog)
          .reduce((total, file) => total + file.sizeBytes, 0);
      const [log, data] = [sum(true), sum(false)];
      const evidence = `${shown}: log ${bytes(log)}, data ${bytes(data)}.`;
      const file = files.find(({ typeDesc }) => typeDesc === 'LOG')?.logicalName ?? '';
      return log > data && log > SMALL_LOG_BYTES
        ? doubtful(
            evidence,
            `After a log backup: USE ${shown}; DBCC SHRINKFILE (${shownLiteral(file)}, <megabytes>)`,
          )
        : good(evidence);
    },
  }),
  detailRule({
    id: 'DB-LOG-ROOM',
    title: 'The log has room for what is written while the copy is seeded',
    family: 'databases',
    why: 'Until the copy is there the log cannot be cut; when it may not grow, the database stops (9002).',
    remedy: 'Make room on the log drive, raise MAXSIZE, or seed at a quiet time.',
    reference: 'fullLog',
    read: (source, { database }) => {
      const written = rowAbout(source.logBackups, database.name);
      if (!written.known) return written;
      const log = rowAbout(source.logStats, database.name);
      return log.known ? { known: true, value: { log: log.value, written: written.value } } : log;
    },
    judge: ({ log, written }, { database, shown, facts }) => {
      if (database.sizeBytes === null) return notReadable(`the size of ${shown} is not shown`);
      const seconds = seedingSeconds(database.sizeBytes);
      const growth = (written.bytes / DAY_SECONDS) * seconds;
      const free = log.totalLogBytes - log.activeLogBytes;
      const evidence = `${shown}: log backups of the last 24 hours hold ${bytes(written.bytes)}, so about ${bytes(growth)} are written while it is seeded; ${bytes(free)} of its log are free`;
      if (growth <= free) return good(`${evidence}.`);
      const drive = logDrive(facts.source, database.name);
      if (drive === null) return doubtful(`${evidence}; the room on its drive is not shown.`);
      const whole = `${evidence}, and ${bytes(drive.availableBytes)} on ${drive.mountPoint}.`;
      return growth > free + drive.availableBytes ? doubtful(whole) : good(whole);
    },
  }),
  detailRule({
    id: 'DB-LOG-BACKUP-AGE',
    title: 'The log was backed up in the last 24 hours',
    family: 'databases',
    why: 'Without log backups the log only grows, and everything in it has to reach the target.',
    remedy: "BACKUP LOG ... TO DISK = N'<path>', and a job that does it regularly",
    reference: 'backup',
    read: (source, { database }) => rowAbout(source.logBackups, database.name),
    judge: ({ minutesSinceLast: last, minutesSinceFull: begun }, { database, shown }) => {
      if (database.recoveryModelDesc === 'SIMPLE')
        return good(`${shown} is in the SIMPLE model; see DB-RECOVERY-FULL.`);
      const remedy = `BACKUP LOG ${shown} TO DISK = N'<path>', and a job that does it regularly`;
      if (last !== null) {
        const evidence = `The last log backup of ${shown} is ${age(last)} old.`;
        return last > MINUTES_PER_DAY ? doubtful(evidence, remedy) : good(evidence);
      }
      return begun !== null && begun <= MINUTES_PER_DAY
        ? good(`${shown} has no log backup yet; its full backup is ${age(begun)} old.`)
        : doubtful(`No log backup of ${shown} in the last 35 days is known.`, remedy);
    },
  }),
  detailRule({
    id: 'DB-LOG-BACKUPS-RUNNING',
    title: 'No job takes log backups at short intervals',
    family: 'databases',
    why: 'A log backup in the middle of automatic seeding can cut log that the copy still needs (1408, 1412).',
    remedy:
      'Pause the job for the time of the seeding, or set trace flag 12381 where the build knows it; never longer than the log drive allows.',
    reference: 'seeding',
    read: (source, { database }) => rowAbout(source.logBackups, database.name),
    judge: ({ backups }, { shown }) =>
      backups < 2
        ? good(`${shown}: ${backups} log backup(s) in the last 24 hours.`)
        : doubtful(
            `${shown}: ${backups} log backups in the last 24 hours, one every ${duration((MINUTES_PER_DAY / backups) * MINUTE_MS)}.`,
          ),
  }),
  detailRule({
    id: 'DB-LONG-TRANSACTION',
    title: 'No transaction is open for longer than 15 minutes',
    family: 'databases',
    why: 'It holds the log, and the role change waits until it is rolled back.',
    remedy: 'Have it ended by its owner before the cutover.',
    reference: 'fullLog',
    read: (source, { database }) => rowsAbout(source.openTransactions, database.name),
    judge: (transactions, { shown }) => {
      const old = transactions
        .filter(({ minutesOpen }) => minutesOpen >= LONG_TRANSACTION_MINUTES)
        .toSorted((left, right) => right.minutesOpen - left.minutesOpen);
      const [oldest] = old;
      if (oldest === undefined)
        return good(`${shown}: ${transactions.length} open transaction(s), none of them old.`);
      const who =
        oldest.sessionId === null
          ? 'without a session'
          : `session ${oldest.sessionId}, login ${shownName(oldest.loginName ?? '')}, ${oldest.programName ?? 'unnamed program'}`;
      return doubtful(
        `${shown}: ${old.length} transaction(s) open for long, the oldest for ${age(oldest.minutesOpen)} (${who}).`,
      );
    },
  }),
  detailRule({
    id: 'DB-DISTRIBUTED-TRANSACTION',
    title: 'No distributed transaction is open',
    family: 'databases',
    why: 'Transactions across servers are not carried over the switch: one that is in doubt has to be settled by hand.',
    remedy:
      'Stop the applications that use them before the cutover; set up MSDTC on the target; DTC_SUPPORT = PER_DB on the group of the target.',
    reference: 'crossDatabase',
    read: (source, { database }) => rowsAbout(source.openTransactions, database.name),
    judge: (transactions, { shown }) => {
      const distributed = transactions.filter(({ isDistributed }) => isDistributed);
      return distributed.length === 0
        ? good(`${shown} has no open distributed transaction.`)
        : doubtful(`${shown} has ${distributed.length} open distributed transaction(s).`);
    },
  }),
];
