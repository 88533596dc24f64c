/** Rules about the settings of each selected database. */

import { sameName, shownName } from '../../base/name.ts';
import type { DatabaseOptionFacts } from '../../model/assess-database-detail.ts';
import { age, detailRule, rowAbout } from '../database-detail.ts';
import { databaseRule } from '../database-rule.ts';
import { indexed } from '../name-index.ts';
import { bad, doubtful, fixedBy, good, later, notReadable, type AssessRule } from '../rule.ts';

const MINUTES_PER_HOUR = 60;
const HOURS_PER_WEEK = 168;
/** `LastGoodCheckDbTime` is 1900-01-01 when CHECKDB never ran; nothing runs for fifty years. */
const NEVER_HOURS = 438_000;

/** Lowest compatibility level that a major version opens (ALTER DATABASE compatibility level). */
const LOWEST_LEVEL = 100;
const LEVEL_STEP = 10;

/** Case sensitivity as the name of a collation says it. */
function caseOf(collation: string): 'sensitive' | 'insensitive' {
  return /_(?:CS|BIN2?)(?:_|$)/iu.test(collation) ? 'sensitive' : 'insensitive';
}

function isTurkic(collation: string): boolean {
  return /^(?:Turkish|Azeri)/iu.test(collation);
}

function brokerOf({ serviceBrokerGuid }: DatabaseOptionFacts): string {
  return serviceBrokerGuid;
}

/** Option rules. */
export const databaseOptionRules: readonly AssessRule[] = [
  detailRule({
    id: 'DB-AUTO-SHRINK',
    title: 'AUTO_SHRINK is off',
    family: 'databases',
    why: 'Shrinking moves every page through the log, and so through the wire to the target, again and again.',
    remedy: 'ALTER DATABASE ... SET AUTO_SHRINK OFF',
    reference: 'alterDatabase',
    read: (source, { database }) => rowAbout(source.databaseOptions, database.name),
    judge: (options, { database, shown }) =>
      options.isAutoShrinkOn
        ? fixedBy(
            doubtful(
              `AUTO_SHRINK of ${shown} is ON.`,
              `ALTER DATABASE ${shown} SET AUTO_SHRINK OFF`,
            ),
            { kind: 'database-option', database: database.name, option: 'AUTO_SHRINK OFF' },
          )
        : good(`AUTO_SHRINK of ${shown} is OFF.`),
  }),
  detailRule({
    id: 'DB-PAGE-VERIFY',
    title: 'Pages carry checksums',
    family: 'databases',
    why: 'Without checksums a page that is damaged on the way or on the new disks is not noticed.',
    remedy: 'ALTER DATABASE ... SET PAGE_VERIFY CHECKSUM',
    reference: 'alterDatabase',
    read: (source, { database }) => rowAbout(source.databaseOptions, database.name),
    judge: (options, { database, shown }) =>
      options.pageVerifyOptionDesc === 'CHECKSUM'
        ? good(`PAGE_VERIFY of ${shown} is CHECKSUM.`)
        : fixedBy(
            doubtful(
              `PAGE_VERIFY of ${shown} is ${options.pageVerifyOptionDesc}.`,
              `ALTER DATABASE ${shown} SET PAGE_VERIFY CHECKSUM; rebuild its indexes, so that old pages get one too`,
            ),
            { kind: 'database-option', database: database.name, option: 'PAGE_VERIFY CHECKSUM' },
          ),
  }),
  databaseRule({
    id: 'DB-COMPATIBILITY',
    title: 'The target knows the compatibility level',
    family: 'databases',
    why: 'A level that the target does not have is changed without asking, and plans change with it.',
    remedy: 'Keep the level through the migration and raise it later, with the Query Store on.',
    reference: 'compatibility',
    judge: (database, { shown, facts }) => {
      const target = facts.target.server;
      if (!target.known) return notReadable(target);
      const highest = target.value.versionMajor * LEVEL_STEP;
      const level = database.compatibilityLevel;
      const range = `the target has ${LOWEST_LEVEL} to ${highest}`;
      if (level > highest) return bad(`${shown} is at level ${level}; ${range}.`);
      return level < LOWEST_LEVEL
        ? doubtful(
            `${shown} is at level ${level}; ${range}, and raises it when the database is opened.`,
            `Test the applications at level ${LOWEST_LEVEL}: ALTER DATABASE ${shown} SET COMPATIBILITY_LEVEL = ${LOWEST_LEVEL}`,
          )
        : good(`${shown} is at level ${level}; ${range}.`);
    },
  }),
  detailRule({
    id: 'DB-CHECKDB',
    title: 'DBCC CHECKDB found the database sound in the last seven days',
    family: 'databases',
    why: 'Damage travels with the pages; after the cutover the sound copy may be gone.',
    remedy: 'DBCC CHECKDB (...) WITH NO_INFOMSGS, ALL_ERRORMSGS',
    reference: 'checkDb',
    read: (source, { database }) => rowAbout(source.databaseOptions, database.name),
    judge: ({ hoursSinceCheckDb: hours }, { database, shown }) => {
      if (database.stateDesc !== 'ONLINE')
        return later(`${shown} is ${database.stateDesc}; see DB-ONLINE.`);
      const remedy = `DBCC CHECKDB (${shown}) WITH NO_INFOMSGS, ALL_ERRORMSGS`;
      if (hours === null)
        return notReadable('LastGoodCheckDbTime is not known to this version (2016 SP2 and later)');
      if (hours > NEVER_HOURS) return doubtful(`${shown} was never checked.`, remedy);
      const evidence = `${shown} was last found sound ${hours < 1 ? 'within the hour' : `${age(hours * MINUTES_PER_HOUR)} ago`}.`;
      return hours > HOURS_PER_WEEK ? doubtful(evidence, remedy) : good(evidence);
    },
  }),
  databaseRule({
    id: 'DB-COLLATION-CASE',
    title: 'Database and target agree about upper and lower case',
    family: 'databases',
    why: 'Names of temporary tables, variables and logins follow the instance: where case counts on one side only, queries fail or match too much. In Turkish collations i is not the small letter of I.',
    remedy:
      'Test the applications on the target, or install the target with the collation of the source.',
    reference: 'groupPrerequisites',
    judge: (database, { shown, facts }) => {
      const target = facts.target.server;
      if (!target.known) return notReadable(target);
      const { collationName: own } = database;
      if (own === null) return notReadable(`the collation of ${shown} is not shown`);
      const other = target.value.collation;
      const evidence = `${shown} has ${own}, the target ${other}`;
      if (caseOf(own) !== caseOf(other))
        return doubtful(`${evidence}: case is ${caseOf(own)} here and ${caseOf(other)} there.`);
      return isTurkic(own) === isTurkic(other)
        ? good(`${evidence}.`)
        : doubtful(`${evidence}: only one of them has the Turkish i.`);
    },
  }),
  detailRule({
    id: 'DB-STRETCH',
    title: 'Stretch Database is not in use',
    family: 'databases',
    why: 'Stretch Database is deprecated and its Azure side is retired: rows that live there do not travel.',
    remedy:
      'Bring the remote rows back (ALTER TABLE ... SET (REMOTE_DATA_ARCHIVE (MIGRATION_STATE = INBOUND))), then switch it off.',
    reference: 'alterDatabase',
    read: (source, { database }) => rowAbout(source.databaseOptions, database.name),
    judge: (options, { shown }) =>
      options.isRemoteDataArchiveEnabled
        ? bad(`${shown} has remote rows (Stretch Database).`)
        : good(`${shown} does not use Stretch Database.`),
  }),
  detailRule({
    id: 'DB-LEDGER',
    title: 'Ledger digests are kept where both sides reach them',
    family: 'databases',
    why: 'A ledger is verified against digests; after a cutover that loses transactions digests of the source do not verify.',
    remedy:
      'Verify the ledger before the cutover (sys.sp_verify_database_ledger) and keep the digests apart.',
    reference: 'manageMetadata',
    read: (source, { database }) => rowAbout(source.databaseOptions, database.name),
    judge: (options, { shown }) => {
      if (options.isLedgerOn === null) return good(`${shown}: this version has no ledger.`);
      return options.isLedgerOn
        ? doubtful(`${shown} is a ledger database.`)
        : good(`${shown} is not a ledger database.`);
    },
  }),
  detailRule({
    id: 'DB-BROKER-ID',
    title: 'No database of the target has the same Service Broker id',
    family: 'databases',
    why: 'Ids tell databases apart: with two of the same id on one instance messages reach the wrong one, or Service Broker stays off in the one that comes.',
    remedy:
      'ALTER DATABASE ... SET NEW_BROKER on the copy of the target that is not needed, or drop it.',
    reference: 'serviceBroker',
    read: (source, { database }) => rowAbout(source.databaseOptions, database.name),
    judge: (options, { database, shown, facts }) => {
      const all = facts.target.databaseOptions;
      if (!all.known) return notReadable(all);
      const same = indexed(all.value, brokerOf)
        .get(options.serviceBrokerGuid)
        ?.find((other) => !sameName(other.database, database.name));
      return same === undefined
        ? good(`No other database of the target has the broker id of ${shown}.`)
        : doubtful(
            `${shownName(same.database)} on the target has the broker id of ${shown}: ${options.serviceBrokerGuid}.`,
            `On the target: ALTER DATABASE ${shownName(same.database)} SET NEW_BROKER WITH ROLLBACK IMMEDIATE, or drop it`,
          );
    },
  }),
];
