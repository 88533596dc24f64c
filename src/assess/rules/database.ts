/** Rules about each selected database of the source: may it enter an availability group. */

import { sameName, shownName } from '../../base/name.ts';
import { databaseRule, selectedFacts } from '../database-rule.ts';
import { byName } from '../name-index.ts';
import {
  bad,
  finding,
  fixedBy,
  good,
  notReadable,
  type AssessRule,
  type AssessRuleText,
} from '../rule.ts';

const existsText: AssessRuleText = {
  id: 'DB-EXISTS',
  title: 'The databases of the migration file exist on the source',
  family: 'databases',
  why: 'A wrong name must not shrink the migration silently.',
  remedy: 'Correct databases in the migration file.',
  reference: 'standalone',
};

const systemNames = ['master', 'model', 'msdb', 'tempdb', 'distribution'];

const existsRule: AssessRule = {
  ...existsText,
  check: (facts, migration) => {
    const instance = facts.source.instance;
    const where = { side: 'source' as const, instance, database: null };
    const databases = facts.source.databases;
    if (!databases.known) return [finding(existsText, where, notReadable(databases))];
    const selection = migration.databases;
    const found = selectedFacts(databases.value, migration);
    if (selection.kind === 'all') {
      const evidence = `${found.length} user database(s) are selected.`;
      return [finding(existsText, where, found.length > 0 ? good(evidence) : bad(evidence))];
    }
    const names = byName(found);
    return selection.names.map((name) => {
      const shown = shownName(name);
      const isSystem = systemNames.some((system) => sameName(system, name));
      const exists = names.has(name.toLowerCase());
      const judgement = isSystem
        ? bad(`${shown} is a system database, which does not travel.`)
        : exists
          ? good(`${shown} exists.`)
          : bad(`${shown} does not exist on the source.`);
      return finding(existsText, { ...where, database: name }, judgement);
    });
  },
};

/** What brings a database online, by what keeps it from being so; undefined for other states. */
function wayOnline(stateDesc: string, shown: string): string | undefined {
  switch (stateDesc) {
    case 'OFFLINE':
      return `ALTER DATABASE ${shown} SET ONLINE, or leave it out`;
    case 'RESTORING':
      return `Restore the rest of its log, then RESTORE DATABASE ${shown} WITH RECOVERY; or leave it out`;
    case 'RECOVERING':
      return 'Wait until recovery is done (percent_complete in sys.dm_exec_requests), then assess again.';
    case 'RECOVERY_PENDING':
      return `Mend what the error log names (a file or a drive is missing), then ALTER DATABASE ${shown} SET ONLINE`;
    case 'SUSPECT':
      return 'Read the error log for the cause and restore the last sound backup; do not migrate damage.';
    case 'EMERGENCY':
      return `DBCC CHECKDB (${shown}), restore the last sound backup, then ALTER DATABASE ${shown} SET ONLINE`;
    default:
      return undefined;
  }
}

/** Conditions of the server itself for entering a group. */
export const databaseRules: readonly AssessRule[] = [
  existsRule,
  databaseRule({
    id: 'DB-ONLINE',
    title: 'The database is ONLINE',
    family: 'databases',
    why: 'A database that is not recovered cannot enter an availability group (1467).',
    remedy: 'Bring it online or leave it out.',
    reference: 'groupPrerequisites',
    judge: (database, { shown }) =>
      database.stateDesc === 'ONLINE'
        ? good(`${shown} is ONLINE.`)
        : bad(
            `${shown} is ${database.stateDesc}${database.isInStandby ? ' (standby)' : ''}.`,
            wayOnline(database.stateDesc, shown),
          ),
  }),
  databaseRule({
    id: 'DB-READ-WRITE',
    title: 'The database is writable',
    family: 'databases',
    why: 'A read-only database cannot enter an availability group (1466).',
    remedy: 'ALTER DATABASE ... SET READ_WRITE',
    reference: 'groupPrerequisites',
    notScripted: 'Somebody made it read-only on purpose; setting it back ends its sessions.',
    judge: (database, { shown }) =>
      database.isReadOnly
        ? bad(`${shown} is read-only.`, `ALTER DATABASE ${shown} SET READ_WRITE`)
        : good(`${shown} is READ_WRITE.`),
  }),
  databaseRule({
    id: 'DB-MULTI-USER',
    title: 'The database is in MULTI_USER mode',
    family: 'databases',
    why: 'Single-user mode keeps it out of an availability group (1488).',
    remedy: 'ALTER DATABASE ... SET MULTI_USER',
    reference: 'groupPrerequisites',
    notScripted: 'Somebody keeps others out on purpose, and may be at work in it.',
    judge: (database, { shown }) =>
      database.userAccessDesc === 'MULTI_USER'
        ? good(`${shown} is MULTI_USER.`)
        : bad(`${shown} is ${database.userAccessDesc}.`, `ALTER DATABASE ${shown} SET MULTI_USER`),
  }),
  databaseRule({
    id: 'DB-AUTO-CLOSE',
    title: 'AUTO_CLOSE is off',
    family: 'databases',
    why: 'A database that closes by itself cannot enter an availability group (1469).',
    remedy: 'ALTER DATABASE ... SET AUTO_CLOSE OFF',
    reference: 'groupPrerequisites',
    judge: (database, { shown }) =>
      database.isAutoCloseOn
        ? fixedBy(
            bad(`AUTO_CLOSE of ${shown} is ON.`, `ALTER DATABASE ${shown} SET AUTO_CLOSE OFF`),
            { kind: 'database-option', database: database.name, option: 'AUTO_CLOSE OFF' },
          )
        : good(`AUTO_CLOSE of ${shown} is OFF.`),
  }),
  databaseRule({
    id: 'DB-RECOVERY-FULL',
    seed: 'SEED-SRC-FULLBACKUP',
    title: 'The recovery model is FULL',
    family: 'databases',
    why: 'Availability groups ship every log record; other models do not keep them (1465).',
    remedy: 'ALTER DATABASE ... SET RECOVERY FULL, then a full backup.',
    reference: 'prerequisites',
    judge: (database, { shown }) =>
      database.recoveryModelDesc === 'FULL'
        ? good(`${shown} is in the FULL model.`)
        : fixedBy(
            bad(
              `${shown} is in the ${database.recoveryModelDesc} model.`,
              `ALTER DATABASE ${shown} SET RECOVERY FULL; then BACKUP DATABASE ${shown} TO DISK = N'<path>'`,
            ),
            { kind: 'database-option', database: database.name, option: 'RECOVERY FULL' },
          ),
  }),
  databaseRule({
    id: 'DB-FULL-BACKUP',
    seed: 'SEED-SRC-FULLBACKUP',
    title: 'A full backup that counts exists',
    family: 'databases',
    why: 'The log chain starts with a full backup taken in the FULL model; copy-only ones do not count, nor those before a switch of the model (1475).',
    remedy: "BACKUP DATABASE ... TO DISK = N'<path>'",
    reference: 'prerequisites',
    notScripted: 'Where backups go, only a person knows.',
    judge: (database, { shown }) => {
      if (!database.backup.known) return notReadable(database.backup);
      const { lastFullFinish, lastCopyOnlyFinish, lastLogBackupLsn } = database.backup.value;
      const remedy = `BACKUP DATABASE ${shown} TO DISK = N'<path>'`;
      if (lastLogBackupLsn !== null) {
        return good(
          lastFullFinish === null
            ? `${shown} has a log chain; its history in msdb is gone.`
            : `${shown}: last full backup ${lastFullFinish}.`,
        );
      }
      if (lastFullFinish !== null) {
        return bad(
          `${shown}: the full backup of ${lastFullFinish} is older than the switch to FULL.`,
          remedy,
        );
      }
      return bad(
        lastCopyOnlyFinish === null
          ? `${shown} was never backed up.`
          : `${shown} has only a copy-only backup (${lastCopyOnlyFinish}).`,
        remedy,
      );
    },
  }),
  databaseRule({
    id: 'DB-OTHER-GROUP',
    title: 'The database is in no other availability group',
    family: 'databases',
    why: 'A database belongs to one group at most.',
    remedy:
      'ALTER AVAILABILITY GROUP ... REMOVE DATABASE, or migrate by the availability-group path.',
    reference: 'groupPrerequisites',
    notScripted: 'It takes the protection of the other group away.',
    judge: (database, { shown, migration }) => {
      if (!database.inAvailabilityGroup) return good(`${shown} is in no availability group.`);
      const group = database.availabilityGroup;
      const own = migration.source.availabilityGroup;
      if (group === null) {
        return {
          outcome: 'unknown',
          evidence: `${shown} is in an availability group whose name is not shown.`,
        };
      }
      return sameName(group, own)
        ? good(`${shown} is in ${shownName(group)} already.`)
        : bad(
            `${shown} is in ${shownName(group)}.`,
            `ALTER AVAILABILITY GROUP ${shownName(group)} REMOVE DATABASE ${shown}`,
          );
    },
  }),
  databaseRule({
    id: 'DB-MIRRORING',
    title: 'The database is not mirrored',
    family: 'databases',
    why: 'Database mirroring and availability groups exclude each other.',
    remedy: 'ALTER DATABASE ... SET PARTNER OFF',
    reference: 'groupPrerequisites',
    notScripted: 'It takes the protection of the mirror away.',
    judge: (database, { shown }) =>
      database.isMirrored
        ? bad(`${shown} is mirrored.`, `ALTER DATABASE ${shown} SET PARTNER OFF`)
        : good(`${shown} is not mirrored.`),
  }),
];
