/** Rules about the files of each selected database. */

import { bytes, duration } from '../../base/quantity.ts';
import { sameName, shownName } from '../../base/name.ts';
import type { FileFacts } from '../../model/assess-database.ts';
import { detailRule, rowsAbout, someNames, thingsIn } from '../database-detail.ts';
import { databaseRule } from '../database-rule.ts';
import { indexed } from '../name-index.ts';
import { bad, doubtful, good, notReadable, type AssessRule } from '../rule.ts';

const PAGE_BYTES = 8192;
/** `max_size` that a log without limit prints: 2 TB; other files print -1. */
const LOG_LIMIT_PAGES = 268_435_456;
/** Part of its limit from which a file counts as full. */
const NEARLY_FULL = 0.9;
/** Pages that automatic seeding moves in a second over a good line; assumed, half of 1 Gbit/s. */
const SEEDING_BYTES_PER_SECOND = 60 * 1024 ** 2;
const LONG_SEEDING_SECONDS = 86_400;
const MS = 1000;

/** Time that automatic seeding takes at the assumed rate, in seconds. */
export function seedingSeconds(sizeBytes: number): number {
  return sizeBytes / SEEDING_BYTES_PER_SECOND;
}

/** A path as a key; Windows does not tell upper from lower case. */
function pathOf({ physicalName }: FileFacts): string {
  return physicalName.toLowerCase();
}

/** The first file that belongs to another database. */
function firstOther(
  groups: readonly (readonly FileFacts[])[],
  database: string,
): FileFacts | undefined {
  for (const group of groups) {
    const other = group.find((file) => !sameName(file.database, database));
    if (other !== undefined) return other;
  }
  return undefined;
}

/** File rules. */
export const databaseFileRules: readonly AssessRule[] = [
  detailRule({
    id: 'DB-LOG-FILES',
    title: 'The database has one log file',
    family: 'databases',
    why: 'A second log file brings nothing, and with 2019 CU19 and CU20 on the two sides such a copy stops (NOT SYNCHRONIZING).',
    remedy: 'Empty the second one by log backups, then ALTER DATABASE ... REMOVE FILE ...',
    reference: 'logGuide',
    read: (source, { database }) => rowsAbout(source.files, database.name),
    judge: (files, { shown }) => {
      const logs = files.filter(({ typeDesc }) => typeDesc === 'LOG');
      const [, second] = logs;
      return second === undefined
        ? good(`${shown} has ${logs.length} log file.`)
        : doubtful(
            `${shown} has ${logs.length} log files: ${someNames(logs.map((file) => shownName(file.logicalName)))}.`,
            `After log backups: ALTER DATABASE ${shown} REMOVE FILE ${shownName(second.logicalName)}`,
          );
    },
  }),
  detailRule({
    id: 'DB-FILE-GROWTH',
    title: 'Files grow by a fixed amount',
    family: 'databases',
    why: 'Growth by percent makes ever longer pauses, on the target as well, and many small pieces in a log.',
    remedy: 'ALTER DATABASE ... MODIFY FILE (NAME = ..., FILEGROWTH = 512MB)',
    reference: 'catalogFiles',
    read: (source, { database }) => rowsAbout(source.files, database.name),
    judge: (files, { shown }) => {
      const odd = files.filter((file) => file.isPercentGrowth && file.growth > 0);
      const [first] = odd;
      return first === undefined
        ? good(`No file of ${shown} grows by percent.`)
        : doubtful(
            `${shown}: ${someNames(odd.map((file) => `${shownName(file.logicalName)} grows by ${file.growth} %`))}.`,
            `ALTER DATABASE ${shown} MODIFY FILE (NAME = ${shownName(first.logicalName)}, FILEGROWTH = 512MB)`,
          );
    },
  }),
  detailRule({
    id: 'DB-FILE-LIMIT',
    title: 'No file has nearly reached its limit',
    family: 'databases',
    why: 'While a copy is seeded the log cannot be cut: one that may not grow ends in error 9002.',
    remedy: 'ALTER DATABASE ... MODIFY FILE (NAME = ..., MAXSIZE = UNLIMITED)',
    reference: 'fullLog',
    read: (source, { database }) => rowsAbout(source.files, database.name),
    judge: (files, { shown }) => {
      const full = files.filter(
        (file) =>
          file.maxSizePages > 0 &&
          file.maxSizePages !== LOG_LIMIT_PAGES &&
          file.sizeBytes >= file.maxSizePages * PAGE_BYTES * NEARLY_FULL,
      );
      const fixed = files.filter((file) => file.typeDesc === 'LOG' && file.growth === 0);
      const [first] = [...full, ...fixed];
      if (first === undefined) return good(`All files of ${shown} may grow.`);
      const parts = [
        ...full.map(
          (file) =>
            `${shownName(file.logicalName)} has ${bytes(file.sizeBytes)} of ${bytes(file.maxSizePages * PAGE_BYTES)}`,
        ),
        ...fixed.map((file) => `log ${shownName(file.logicalName)} may not grow`),
      ];
      return doubtful(
        `${shown}: ${someNames(parts)}.`,
        `ALTER DATABASE ${shown} MODIFY FILE (NAME = ${shownName(first.logicalName)}, MAXSIZE = UNLIMITED, FILEGROWTH = 512MB)`,
      );
    },
  }),
  detailRule({
    id: 'DB-FILE-NAMES',
    title: 'Paths of the files can be made on the target',
    family: 'databases',
    why: 'Seeding creates the same paths; a blank or full stop at the end of a name, or an odd character, makes it fail.',
    remedy:
      'Rename the file: ALTER DATABASE ... MODIFY FILE (NAME = ..., FILENAME = ...), take it offline, rename, bring it online.',
    reference: 'seeding',
    read: (source, { database }) => rowsAbout(source.files, database.name),
    judge: (files, { shown }) => {
      const odd = files.filter(({ physicalName }) => isOddPath(physicalName));
      return odd.length === 0
        ? good(`The paths of all files of ${shown} are plain.`)
        : doubtful(
            `${shown}: ${someNames(odd.map((file) => JSON.stringify(file.physicalName)))} would make trouble.`,
          );
    },
  }),
  detailRule({
    id: 'DB-FILES-FREE',
    title: 'No database of the target has a file of the same path',
    family: 'databases',
    why: 'Seeding does not overwrite: it fails when the path is taken (5170, 1834).',
    remedy: 'Move or remove the other database, or seed by backup and RESTORE ... WITH MOVE.',
    reference: 'seeding',
    read: (source, { database }) => rowsAbout(source.files, database.name),
    judge: (files, { database, shown, facts }) => {
      const taken = facts.target.files;
      if (!taken.known) return notReadable(taken);
      const there = indexed(taken.value, pathOf);
      const clash = firstOther(
        files.map((file) => there.get(pathOf(file)) ?? []),
        database.name,
      );
      return clash === undefined
        ? good(`No other database of the target has a file of ${shown}.`)
        : bad(`${clash.physicalName} on the target belongs to ${shownName(clash.database)}.`);
    },
  }),
  detailRule({
    id: 'DB-READ-ONLY-FILEGROUP',
    title: 'No filegroup is read-only',
    family: 'databases',
    why: 'Read-only filegroups are seeded and replicated, but backup jobs that leave them out have to be told on the target.',
    remedy: 'Take a backup of the whole database on the target after the cutover.',
    reference: 'groupPrerequisites',
    read: (source, { database }) => thingsIn(source, database.name, ['read-only-filegroup']),
    judge: (things, { shown }) =>
      things.length === 0
        ? good(`No filegroup of ${shown} is read-only.`)
        : doubtful(
            `Read-only filegroups of ${shown}: ${someNames(things.map(({ name }) => shownName(name)))}.`,
          ),
  }),
  databaseRule({
    id: 'DB-SEEDING-TIME',
    title: 'Seeding fits into a day',
    family: 'databases',
    why: 'As long as a copy is seeded the log of the source cannot be cut, and a broken line begins it anew.',
    remedy:
      'Seed by backup and restore, in waves, or over a faster line (trace flag 9567 compresses).',
    reference: 'seeding',
    judge: (database, { shown }) => {
      if (database.sizeBytes === null) return notReadable(`the size of ${shown} is not shown`);
      const seconds = seedingSeconds(database.sizeBytes);
      const evidence = `${shown} has ${bytes(database.sizeBytes)}: about ${duration(Math.max(1, seconds) * MS)} at an assumed ${bytes(SEEDING_BYTES_PER_SECOND)} per second.`;
      return seconds > LONG_SEEDING_SECONDS ? doubtful(evidence) : good(evidence);
    },
  }),
];

/** A Windows path that cannot be made elsewhere as it is. */
function isOddPath(path: string): boolean {
  const parts = path.replace(/^[a-z]:[\\/]|^[\\/]+/iu, '').split(/[\\/]/u);
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  return parts.some((part) => /^\s|[\s.]$|[:*?"<>|\u0000-\u001F]/u.test(part));
}
