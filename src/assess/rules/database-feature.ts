/** Rules about features of a database that need care on the way or after it. */

import { sameName, shownName } from '../../base/name.ts';
import type { DatabaseFacts } from '../../model/assess-database.ts';
import type { SettingFacts } from '../../model/assess-setting.ts';
import { bad, doubtful, good, notReadable, type AssessRule } from '../rule.ts';
import { rowsAbout, shownLiteral } from '../database-detail.ts';
import { databaseRule } from '../database-rule.ts';
import { indexed } from '../name-index.ts';

/** `filestream access level`: 0 disabled, 1 T-SQL, 2 T-SQL and streaming. */
function filestreamLevel(options: readonly SettingFacts[]): number {
  return options.find(({ name }) => name === 'filestream access level')?.valueInUse ?? 0;
}

/** Database that a snapshot is of, as a key. */
function sourceOf({ sourceDatabaseId }: DatabaseFacts): string {
  return String(sourceDatabaseId);
}

/** Feature rules. */
export const featureRules: readonly AssessRule[] = [
  databaseRule({
    id: 'DB-REPLICATION',
    title: 'The database publishes nothing',
    family: 'databases',
    why: 'The forwarder cannot be a publisher, and replication has to be built again on the target.',
    remedy:
      'Remove the publication (sp_removedbreplication) and create it again after the cutover.',
    reference: 'distributed',
    judge: (database, { shown }) => {
      if (database.isPublished || database.isMergePublished || database.isDistributor) {
        return bad(
          `${shown} is a publisher or distributor of replication.`,
          `Note its publications (sp_helppublication), then EXEC master.sys.sp_removedbreplication @dbname = ${shownLiteral(database.name)}; create them again after the cutover`,
        );
      }
      return database.isSubscribed
        ? doubtful(
            `${shown} is a subscriber.`,
            'Point the subscription to the target after the cutover.',
          )
        : good(`${shown} is not part of replication.`);
    },
  }),
  databaseRule({
    id: 'DB-CONTAINMENT',
    title: 'Contained databases are allowed on the target',
    family: 'databases',
    why: 'Without contained database authentication on the target nobody logs in to a contained database.',
    remedy: "On the target: EXEC sp_configure N'contained database authentication', 1; RECONFIGURE",
    reference: 'groupPrerequisites',
    judge: (database, { shown, facts }) => {
      if (database.containmentDesc === 'NONE') return good(`${shown} is not contained.`);
      const options = facts.target.settings;
      if (!options.known) return notReadable(options);
      const value = options.value.find((row) => row.name === 'contained database authentication');
      return value?.valueInUse === 1
        ? good(`${shown} is contained, and the target allows it.`)
        : bad(
            `${shown} is contained (${database.containmentDesc}), and the target does not allow it.`,
          );
    },
  }),
  databaseRule({
    id: 'DB-TRUSTWORTHY',
    title: 'TRUSTWORTHY and DB_CHAINING are off',
    family: 'databases',
    why: 'Both are lost when a copy is seeded and have to be set again.',
    remedy: 'Set them again on the target after the cutover, when they are really needed.',
    reference: 'manageMetadata',
    notScripted: 'It is a decision about security.',
    judge: (database, { shown }) => {
      const on = [
        ...(database.isTrustworthyOn ? ['TRUSTWORTHY'] : []),
        ...(database.isDbChainingOn ? ['DB_CHAINING'] : []),
      ];
      return on.length === 0
        ? good(`TRUSTWORTHY and DB_CHAINING of ${shown} are OFF.`)
        : doubtful(
            `${on.join(' and ')} of ${shown} is ON.`,
            `After the cutover: ${on.map((option) => `ALTER DATABASE ${shown} SET ${option} ON`).join('; ')}`,
          );
    },
  }),
  databaseRule({
    id: 'DB-DELAYED-DURABILITY',
    title: 'Commits are durable at once',
    family: 'databases',
    why: 'With delayed durability a commit is acknowledged before its log is written, so it can be missing after any switch.',
    remedy:
      'ALTER DATABASE ... SET DELAYED_DURABILITY = DISABLED, or EXEC sys.sp_flush_log before the cutover.',
    reference: 'alterDatabase',
    notScripted: 'Commits become slower; whether the application bears it, only a person knows.',
    judge: (database, { shown }) =>
      database.delayedDurabilityDesc === 'DISABLED'
        ? good(`Delayed durability of ${shown} is DISABLED.`)
        : doubtful(
            `Delayed durability of ${shown} is ${database.delayedDurabilityDesc}.`,
            `ALTER DATABASE ${shown} SET DELAYED_DURABILITY = DISABLED`,
          ),
  }),
  databaseRule({
    id: 'DB-OWNER',
    title: 'The owner of the database is a known login',
    family: 'databases',
    why: 'A seeded copy belongs to whoever granted CREATE ANY DATABASE; modules that rely on the owner notice.',
    remedy: 'After the cutover: ALTER AUTHORIZATION ON DATABASE::... TO <login>',
    reference: 'seeding',
    notScripted: 'Who shall own the database, only a person knows.',
    judge: (database, { shown }) =>
      database.ownerName === null
        ? doubtful(
            `The owner of ${shown} has no login on the source.`,
            `ALTER AUTHORIZATION ON DATABASE::${shown} TO [sa], on the target again after the cutover`,
          )
        : good(`${shown} belongs to ${shownName(database.ownerName)}.`),
  }),
  databaseRule({
    id: 'DB-SNAPSHOTS',
    title: 'The database has no snapshots',
    family: 'databases',
    why: 'Database snapshots stay on the source.',
    remedy: 'Create them again on the target after the cutover, when they are needed.',
    reference: 'groupPrerequisites',
    judge: (database, { shown, facts }) => {
      const all = facts.source.databases;
      if (!all.known) return notReadable(all);
      const snapshots = indexed(all.value, sourceOf).get(String(database.databaseId)) ?? [];
      return snapshots.length === 0
        ? good(`${shown} has no snapshots.`)
        : doubtful(`${shown} has ${snapshots.length} snapshot(s), which do not travel.`);
    },
  }),
  databaseRule({
    id: 'DB-FILESTREAM',
    title: 'FILESTREAM is enabled on the target as on the source',
    family: 'databases',
    why: 'A database with FILESTREAM data opens only where the feature is enabled (33449).',
    remedy: 'Enable FILESTREAM on the target in Configuration Manager and with sp_configure.',
    reference: 'filestream',
    judge: (database, { shown, facts }) => {
      const files = rowsAbout(facts.source.files, database.name);
      if (!files.known) return notReadable(files);
      if (!files.value.some(({ typeDesc }) => typeDesc === 'FILESTREAM'))
        return good(`${shown} has no FILESTREAM files.`);
      const options = facts.target.settings;
      if (!options.known) return notReadable(options);
      const there = filestreamLevel(options.value);
      const own = facts.source.settings;
      const here = own.known ? filestreamLevel(own.value) : 1;
      const evidence = `${shown} uses FILESTREAM; filestream access level is ${own.known ? here : 'not known'} on the source and ${there} on the target`;
      if (there === 0)
        return bad(
          `${evidence}: it is disabled there.`,
          `Enable FILESTREAM on the target in Configuration Manager, restart the service, then EXEC sp_configure N'filestream access level', ${Math.max(1, here)}; RECONFIGURE`,
        );
      return there < here
        ? doubtful(
            `${evidence}: clients that stream files cannot.`,
            `On the target: EXEC sp_configure N'filestream access level', ${here}; RECONFIGURE`,
          )
        : good(`${evidence}.`);
    },
  }),
  databaseRule({
    id: 'DB-COLLATION',
    title: 'The collation of the database fits the target',
    family: 'databases',
    why: 'Comparisons with temporary tables fail where database and instance differ.',
    remedy: 'Test the applications on the target, or use a target with that collation.',
    reference: 'groupPrerequisites',
    judge: (database, { shown, facts }) => {
      const target = facts.target.server;
      if (!target.known) return notReadable(target);
      if (database.collationName === null) {
        return { outcome: 'unknown', evidence: `The collation of ${shown} is not shown.` };
      }
      const evidence = `${shown} has ${database.collationName}, the target ${target.value.collation}.`;
      return sameName(database.collationName, target.value.collation)
        ? good(evidence)
        : doubtful(evidence);
    },
  }),
];
