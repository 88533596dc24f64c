/** Rules about what a selected database is, and whether others have a hold on it. */

import { sameName, shownName } from '../../base/name.ts';
import { detailRule, rowsAbout, shownLiteral } from '../database-detail.ts';
import { databaseRule } from '../database-rule.ts';
import { bad, doubtful, good, notReadable, type AssessRule } from '../rule.ts';

/** Databases of components of SQL Server, with what they need besides. */
const SPECIAL: Readonly<Record<string, string>> = {
  ssisdb:
    'Have the password of its master key ready. On the target: enable clr, create the login ##MS_SSISServerCleanupJobLogin## and the maintenance job of the catalog; after the cutover open the master key and add encryption by the service master key.',
  reportserver: 'Move Reporting Services with its encryption key (rskeymgmt -e).',
  reportservertempdb: 'Create it with Reporting Services on the target.',
  dwdiagnostics: 'Leave it out: PolyBase makes its own on the target.',
  dwconfiguration: 'Leave it out: PolyBase makes its own on the target.',
  dwqueue: 'Leave it out: PolyBase makes its own on the target.',
  mds: 'Upgrade and attach it with the Master Data Services configuration manager of the target.',
};

const BREAKS_PATHS = /[\\/:*?"<>|]/u;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL = /[\u0000-\u001F\u007F]/u;

/** What is unusual about a name, in words; null when nothing is. */
function oddName(name: string): string | null {
  if (CONTROL.test(name)) return 'has a control character';
  if (BREAKS_PATHS.test(name)) return 'has a character that no Windows path may have';
  if (/^\s|[\s.]$/u.test(name)) return 'begins or ends with a blank or a full stop';
  return /[[\]'";]/u.test(name) ? 'has a bracket, a quotation mark or a semicolon' : null;
}

/** State rules. */
export const databaseStateRules: readonly AssessRule[] = [
  databaseRule({
    id: 'DB-SYSTEM',
    title: 'Only user databases are selected',
    family: 'databases',
    why: 'System databases and the distribution database cannot enter an availability group like others (35249).',
    remedy: 'Take it out of databases in the migration file.',
    reference: 'groupPrerequisites',
    judge: (database, { shown }) => {
      if (database.isDistributor || sameName(database.name, 'distribution'))
        return bad(`${shown} is a distribution database of replication.`);
      return database.databaseId <= 4
        ? bad(`${shown} is a system database.`)
        : good(`${shown} is a user database.`);
    },
  }),
  databaseRule({
    id: 'DB-COMPONENT',
    title: 'The database belongs to an application, not to a component of SQL Server',
    family: 'databases',
    why: 'Databases of Integration Services, Reporting Services and the like need steps of their own beside the copy.',
    remedy: 'Move the component as its own page says.',
    reference: 'ssisCatalog',
    judge: (database, { shown }) => {
      const steps = SPECIAL[database.name.toLowerCase()];
      return steps === undefined
        ? good(`${shown} is not a database of a component of SQL Server.`)
        : doubtful(`${shown} belongs to a component of SQL Server.`, steps);
    },
  }),
  databaseRule({
    id: 'DB-STANDBY',
    title: 'The database is not in standby',
    family: 'databases',
    why: 'A standby copy is read-only and waits for more log of another server.',
    remedy:
      'Take the primary of log shipping as the source, or RESTORE DATABASE ... WITH RECOVERY.',
    reference: 'logShipping',
    judge: (database, { shown }) =>
      database.isInStandby
        ? bad(
            `${shown} is in standby: it is restored from another server.`,
            `Assess the server it comes from. To make it a primary: RESTORE DATABASE ${shown} WITH RECOVERY`,
          )
        : good(`${shown} is not in standby.`),
  }),
  detailRule({
    id: 'DB-LOG-SHIPPING',
    title: 'Log shipping has no hold on the database',
    family: 'databases',
    why: 'Its backup job takes log backups while the copy is seeded; a secondary cannot enter an availability group.',
    remedy:
      'EXEC master.dbo.sp_delete_log_shipping_primary_secondary, sp_delete_log_shipping_primary_database',
    reference: 'logShipping',
    read: (source, { database }) => rowsAbout(source.logShipping, database.name),
    judge: (rows, { database, shown }) => {
      if (rows.some(({ role }) => role === 'secondary'))
        return bad(
          `${shown} is a secondary of log shipping.`,
          'Take its primary as the source, or end log shipping and recover it.',
        );
      return rows.length === 0
        ? good(`Log shipping does not know ${shown}.`)
        : doubtful(
            `${shown} is a primary of log shipping.`,
            `Pause its backup job while the copy is seeded, and end log shipping before the cutover: EXEC master.dbo.sp_delete_log_shipping_primary_database @database = ${shownLiteral(database.name)}`,
          );
    },
  }),
  databaseRule({
    id: 'DB-NAME-CHARACTERS',
    title: 'The name of the database makes no trouble in paths and scripts',
    family: 'databases',
    why: 'Maintenance jobs, backup folders and scripts build paths and statements from the name.',
    remedy: 'Test backup and maintenance jobs of the target with this database before the cutover.',
    reference: 'manageMetadata',
    judge: (database, { shown }) => {
      const odd = oddName(database.name);
      return odd === null
        ? good(`The name ${shown} is plain.`)
        : doubtful(`The name ${shown} ${odd}.`);
    },
  }),
  databaseRule({
    id: 'DB-NAME-CASE',
    title: 'No two selected names differ in case alone',
    family: 'databases',
    why: 'Where the target does not tell upper from lower case, the second one cannot be created (1801).',
    remedy: 'Rename one: ALTER DATABASE ... MODIFY NAME = ...',
    reference: 'groupPrerequisites',
    judge: (database, { shown, facts }) => {
      const alike = rowsAbout(facts.source.databases, database.name);
      if (!alike.known) return notReadable(alike);
      const twin = alike.value.find(({ name }) => name !== database.name);
      return twin === undefined
        ? good(`No other selected database is called like ${shown}.`)
        : bad(
            `${shown} and ${shownName(twin.name)} differ in case alone.`,
            `ALTER DATABASE ${shownName(twin.name)} MODIFY NAME = [<another name>]`,
          );
    },
  }),
  detailRule({
    id: 'DB-FILE-STATE',
    title: 'Every file of the database is ONLINE',
    family: 'databases',
    why: 'Seeding copies every file; one that is offline, damaged or given up stops it.',
    remedy: 'Restore the file, or remove it with its filegroup.',
    reference: 'catalogFiles',
    read: (source, { database }) => rowsAbout(source.files, database.name),
    judge: (files, { shown }) => {
      const closed = files.filter(({ stateDesc }) => stateDesc !== 'ONLINE');
      return closed.length === 0
        ? good(`All ${files.length} files of ${shown} are ONLINE.`)
        : bad(
            `${shown}: ${closed.map((file) => `file ${shownName(file.logicalName)} is ${file.stateDesc}`).join(', ')}.`,
          );
    },
  }),
];
