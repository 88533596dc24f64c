/** Rules about keys, users and code rights of each selected database. */

import { shownName } from '../../base/name.ts';
import type { DatabaseKeyFacts, EncryptorFacts } from '../../model/assess-database-detail.ts';
import { known } from '../../model/fact.ts';
import {
  detailRule,
  rowsAbout,
  rowAbout,
  someNames,
  thingsIn,
  type DetailContext,
} from '../database-detail.ts';
import { bad, doubtful, good, notReadable, type AssessRule, type Judgement } from '../rule.ts';

/** `encryption_state` while the pages are being rewritten. */
const SCANS: Readonly<Record<number, string>> = {
  2: 'is being encrypted',
  4: 'gets a new key',
  5: 'is being decrypted',
  6: 'gets another protector',
};

/** How a certificate with its private key comes to the target. */
function copyOf(name: string): string {
  const certificate = shownName(name);
  return `On the source: USE master; BACKUP CERTIFICATE ${certificate} TO FILE = N'<path>.cer' WITH PRIVATE KEY (FILE = N'<path>.pvk', ENCRYPTION BY PASSWORD = N'<password>'). On the target, before migrate: USE master; CREATE CERTIFICATE ${certificate} FROM FILE = N'<path>.cer' WITH PRIVATE KEY (FILE = N'<path>.pvk', DECRYPTION BY PASSWORD = N'<password>')`;
}

/** What the target has to open a database encryption key with. */
function judgeKey(
  key: DatabaseKeyFacts,
  encryptors: readonly EncryptorFacts[],
  { shown, facts }: DetailContext,
): Judgement {
  const found = encryptors.find(({ thumbprint }) => thumbprint === key.encryptorThumbprint);
  const evidence = `${shown} is encrypted by a ${key.encryptorType.toLowerCase()} with thumbprint ${key.encryptorThumbprint}`;
  if (found === undefined) {
    const own = facts.source.encryptors;
    const named = own.known
      ? own.value.find(({ thumbprint }) => thumbprint === key.encryptorThumbprint)
      : undefined;
    return bad(
      `${evidence}, which is not in master of the target.`,
      named === undefined || key.encryptorType !== 'CERTIFICATE' ? undefined : copyOf(named.name),
    );
  }
  return found.hasPrivateKey
    ? good(`${evidence}; ${shownName(found.name)} of the target is the same.`)
    : bad(
        `${evidence}; ${shownName(found.name)} of the target is the same without its private key.`,
        `On the target: DROP CERTIFICATE ${shownName(found.name)}; CREATE CERTIFICATE ${shownName(found.name)} FROM FILE = N'<file>.cer' WITH PRIVATE KEY (FILE = N'<file>.pvk', DECRYPTION BY PASSWORD = N'<password>')`,
      );
}

/** Security rules. */
export const databaseSecurityRules: readonly AssessRule[] = [
  detailRule({
    id: 'DB-ENCRYPTION',
    title: 'The certificate of an encrypted database is on the target',
    family: 'databases',
    why: 'A copy encrypted with TDE opens only where its certificate and private key are (33111).',
    remedy:
      'BACKUP CERTIFICATE on the source with private key, CREATE CERTIFICATE ... FROM FILE on the target, before migrate.',
    reference: 'moveTde',
    read: (source, { database }) => rowsAbout(source.databaseKeys, database.name),
    judge: (keys, context) => {
      const [key] = keys;
      if (key === undefined) return good(`${context.shown} is not encrypted.`);
      const { encryptors } = context.facts.target;
      return encryptors.known
        ? judgeKey(key, encryptors.value, context)
        : notReadable({ ...encryptors, because: `target: ${encryptors.because}` });
    },
  }),
  detailRule({
    id: 'DB-ENCRYPTION-SCAN',
    title: 'No encryption scan is running',
    family: 'databases',
    why: 'A scan writes every page to the log and blocks backups and file changes (3023).',
    remedy: 'Wait until encryption_state in sys.dm_database_encryption_keys is 3 or 1.',
    reference: 'tde',
    read: (source, { database }) => rowsAbout(source.databaseKeys, database.name),
    judge: (keys, { shown }) => {
      const [key] = keys;
      const scan = key === undefined ? undefined : SCANS[key.encryptionState];
      return key === undefined || scan === undefined
        ? good(`No encryption scan runs in ${shown}.`)
        : doubtful(`${shown} ${scan}: ${key.percentComplete} % done.`);
    },
  }),
  detailRule({
    id: 'DB-BACKUP-ENCRYPTION',
    title: 'The target can read encrypted backups of the database',
    family: 'databases',
    why: 'A backup made WITH ENCRYPTION is restored only where its certificate and private key are (33111).',
    remedy:
      'Copy the certificate to the target before seeding by backup, and keep it for old backups.',
    reference: 'backup',
    read: (source, { database }) => rowsAbout(source.encryptedBackups, database.name),
    judge: (backups, { shown, facts }) => {
      if (backups.length === 0) return good(`No encrypted backup of ${shown} is known.`);
      const { encryptors } = facts.target;
      if (!encryptors.known) return notReadable(encryptors);
      const missing = backups.filter(
        (backup) =>
          !encryptors.value.some(
            (each) => each.thumbprint === backup.encryptorThumbprint && each.hasPrivateKey,
          ),
      );
      const thumbprints = someNames(missing.map((each) => each.encryptorThumbprint));
      return missing.length === 0
        ? good(`The target has the keys of the encrypted backups of ${shown}.`)
        : doubtful(
            `Backups of ${shown} are encrypted by ${thumbprints}, which the target does not have with a private key.`,
          );
    },
  }),
  detailRule({
    id: 'DB-OWNER-TARGET',
    title: 'The owner of the database has a login on the target',
    family: 'databases',
    why: 'The owner is stored as a SID; without a login of that SID ownership chains, Service Broker and signed modules fail.',
    remedy:
      'Create the login on the target with the same SID, or ALTER AUTHORIZATION after the cutover.',
    reference: 'manageMetadata',
    read: (source, { database }) => rowAbout(source.databaseOptions, database.name),
    judge: ({ ownerSid }, { database, shown, facts }) => {
      if (ownerSid === null) return notReadable(`the owner of ${shown} is not shown`);
      const sids = facts.target.loginSids;
      if (!sids.known) return notReadable(sids);
      const owner = database.ownerName === null ? ownerSid : shownName(database.ownerName);
      return sids.value.includes(ownerSid)
        ? good(`The owner of ${shown}, ${owner}, has a login on the target.`)
        : doubtful(
            `The owner of ${shown}, ${owner}, has no login with SID ${ownerSid} on the target.`,
            `On the target, after the cutover: ALTER AUTHORIZATION ON DATABASE::${shown} TO [sa]`,
          );
    },
  }),
  detailRule({
    id: 'DB-ORPHANS',
    title: 'Every user of the database has its login on the source',
    family: 'databases',
    why: 'A user without a login is of no use now and hides which logins the target needs.',
    remedy: 'ALTER USER ... WITH LOGIN = ..., or DROP USER.',
    reference: 'orphanedUsers',
    read: (source, { database }) => thingsIn(source, database.name, ['orphan-user']),
    judge: (things, { shown }) => {
      const [first] = things;
      return first === undefined
        ? good(`Every user of ${shown} has a login.`)
        : doubtful(
            `Users of ${shown} without a login: ${someNames(things.map(({ name }) => shownName(name)))}.`,
            `USE ${shown}; ALTER USER ${shownName(first.name)} WITH LOGIN = ${shownName(first.name)}, or DROP USER ${shownName(first.name)}`,
          );
    },
  }),
  detailRule({
    id: 'DB-USER-LOGINS',
    title: 'The logins of the users are on the target, with the same SID',
    family: 'databases',
    why: 'Users find their login by SID; without it nobody of them can enter after the cutover (916, 18456).',
    remedy:
      'CREATE LOGIN ... WITH PASSWORD = 0x... HASHED, SID = 0x... on the target, before the cutover (Copy-DbaLogin does it).',
    reference: 'orphanedUsers',
    read: (source, { database }) => thingsIn(source, database.name, ['user']),
    judge: (users, { shown, facts }) => {
      const sids = facts.target.loginSids;
      if (!sids.known) return notReadable(sids);
      const there = new Set(sids.value);
      const missing = users.filter(({ detail }) => !there.has(detail));
      return missing.length === 0
        ? good(`All ${users.length} users of ${shown} have their login on the target.`)
        : doubtful(
            `${missing.length} of ${users.length} users of ${shown} have no login on the target: ${someNames(missing.map(({ name }) => shownName(name)))}.`,
          );
    },
  }),
  detailRule({
    id: 'DB-MASTER-KEY',
    title: 'The target can open the master key of the database',
    family: 'databases',
    why: 'The copy of the key that the service master key of the source opens does not open on another server (15581).',
    remedy: 'Have its password ready.',
    reference: 'databaseKeys',
    read: (source, { database }) => {
      const options = rowAbout(source.databaseOptions, database.name);
      if (!options.known) return options;
      const things = thingsIn(source, database.name, ['master-key', 'key-certificate']);
      return things.known
        ? known({ byServer: options.value.isMasterKeyEncryptedByServer, things: things.value })
        : things;
    },
    judge: ({ byServer, things }, { shown }) => {
      const hasKey = things.some(({ kind }) => kind === 'master-key');
      const protectedKeys = things.find(({ kind }) => kind === 'key-certificate')?.amount ?? 0;
      if (hasKey && !byServer)
        return good(`The master key of ${shown} is opened by password, here and on the target.`);
      return hasKey
        ? doubtful(
            `${shown} has a master key; ${protectedKeys} certificate(s) and key(s) depend on it.`,
            `On the target, after the cutover: USE ${shown}; OPEN MASTER KEY DECRYPTION BY PASSWORD = N'<password>'; ALTER MASTER KEY ADD ENCRYPTION BY SERVICE MASTER KEY`,
          )
        : good(`${shown} has no master key.`);
    },
  }),
  detailRule({
    id: 'DB-SCOPED-CREDENTIALS',
    title: 'The database has no credentials of its own',
    family: 'databases',
    why: 'They travel, but open only with the master key of the database, and may be bound to addresses of the old place.',
    remedy: 'Open the master key on the target after the cutover, and test each credential.',
    reference: 'databaseKeys',
    read: (source, { database }) => thingsIn(source, database.name, ['scoped-credential']),
    judge: (things, { shown }) =>
      things.length === 0
        ? good(`${shown} has no database-scoped credentials.`)
        : doubtful(
            `Credentials of ${shown}: ${someNames(things.map(({ name, detail }) => `${shownName(name)} (${detail})`))}.`,
          ),
  }),
  detailRule({
    id: 'DB-CONTAINED-USERS',
    title: 'No user logs in to the database itself',
    family: 'databases',
    why: 'Users with a password in the database travel, but need contained database authentication on the target and the database name in their connection string.',
    remedy:
      "On the target: EXEC sp_configure N'contained database authentication', 1; RECONFIGURE; test one of them.",
    reference: 'groupPrerequisites',
    read: (source, { database }) => thingsIn(source, database.name, ['contained-user']),
    judge: (things, { shown }) =>
      things.length === 0
        ? good(`${shown} has no contained users.`)
        : doubtful(
            `Contained users of ${shown}: ${someNames(things.map(({ name }) => shownName(name)))}.`,
          ),
  }),
  detailRule({
    id: 'DB-CLR',
    title: 'The target runs the assemblies of the database',
    family: 'databases',
    why: 'From 2017 on clr strict security treats every assembly as UNSAFE; the login or hash that allows it is on the server and does not travel.',
    remedy:
      'On the target: enable clr, and EXEC sys.sp_add_trusted_assembly for each, or sign them and give their login UNSAFE ASSEMBLY.',
    reference: 'clrSecurity',
    read: (source, { database }) => thingsIn(source, database.name, ['assembly']),
    judge: (things, { shown, facts }) => {
      if (things.length === 0) return good(`${shown} has no assemblies.`);
      const named = someNames(things.map(({ name, detail }) => `${shownName(name)} (${detail})`));
      const options = facts.target.settings;
      if (!options.known) return notReadable(options);
      const enabled = options.value.find(({ name }) => name === 'clr enabled')?.valueInUse === 1;
      return enabled
        ? doubtful(`Assemblies of ${shown}: ${named}; clr is enabled on the target.`)
        : doubtful(
            `Assemblies of ${shown}: ${named}; clr is not enabled on the target.`,
            "On the target: EXEC sp_configure N'clr enabled', 1; RECONFIGURE; then EXEC sys.sp_add_trusted_assembly for each",
          );
    },
  }),
  detailRule({
    id: 'DB-AUDIT',
    title: 'The database has no audit specification',
    family: 'databases',
    why: 'It travels, but writes to a server audit that is found by its GUID on the target.',
    remedy: 'Create the server audit on the target with the same AUDIT_GUID before the cutover.',
    reference: 'manageMetadata',
    read: (source, { database }) => thingsIn(source, database.name, ['audit']),
    judge: (things, { shown }) =>
      things.length === 0
        ? good(`${shown} has no audit specification.`)
        : doubtful(
            `Audit specifications of ${shown}: ${someNames(things.map(({ name, detail }) => `${shownName(name)} (audit ${detail})`))}.`,
          ),
  }),
];
