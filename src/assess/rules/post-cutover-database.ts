/** Rules about each database on the target after the cutover. */

import { shownName, shownNames } from '../../base/name.ts';
import { afterDatabaseRule } from '../after-rule.ts';
import { byName } from '../name-index.ts';
import { bad, doubtful, good, later, notReadable, type AssessRule } from '../rule.ts';

const onOff = (isOn: boolean): string => (isOn ? 'ON' : 'OFF');

const state = [
  afterDatabaseRule({
    id: 'POST-WRITABLE',
    title: 'The database takes writes on the target',
    why: 'The role alone is not enough: a database that is read-only, single-user or not ONLINE refuses the application.',
    remedy: 'ALTER DATABASE ... SET READ_WRITE, SET MULTI_USER',
    reference: 'complete',
    judge: ({ target, shown }) => {
      const faults = [
        ...(target.stateDesc === 'ONLINE' ? [] : [`is ${target.stateDesc}`]),
        ...(target.isReadOnly ? ['is READ_ONLY'] : []),
        ...(target.userAccessDesc === 'MULTI_USER' ? [] : [`is in ${target.userAccessDesc}`]),
      ];
      return faults.length === 0
        ? good(`${shown} is ONLINE, READ_WRITE and MULTI_USER on the target.`)
        : bad(
            `${shown} ${faults.join(', ')} on the target.`,
            `ALTER DATABASE ${shown} SET READ_WRITE; ALTER DATABASE ${shown} SET MULTI_USER`,
          );
    },
  }),
  afterDatabaseRule({
    id: 'POST-FULL-BACKUP',
    title: 'A full backup was taken on the target',
    why: 'The history of the source stays in its own msdb: until the target has a full backup of its own, a restore needs files of the old site.',
    remedy: "BACKUP DATABASE ... TO DISK = N'...' on the target.",
    reference: 'backup',
    judge: ({ target, shown }) => {
      if (!target.backup.known) return notReadable(target.backup);
      const { lastFullFinish } = target.backup.value;
      return lastFullFinish === null
        ? doubtful(
            `${shown} has no full backup on the target.`,
            `BACKUP DATABASE ${shown} TO DISK = N'<path>' WITH CHECKSUM, COMPRESSION`,
          )
        : good(`${shown}: full backup on the target ${lastFullFinish}.`);
    },
  }),
  afterDatabaseRule({
    id: 'POST-LOG-BACKUP',
    title: 'A log backup was taken on the target',
    why: 'Without log backups on the target the log grows, and nothing can be restored to a point in time there.',
    remedy: "BACKUP LOG ... TO DISK = N'...' on the target, and a job that repeats it.",
    reference: 'backup',
    judge: ({ target, shown }) => {
      if (!target.backup.known) return notReadable(target.backup);
      const { lastLogFinish } = target.backup.value;
      return lastLogFinish === null
        ? doubtful(
            `${shown} has no log backup on the target.`,
            `BACKUP LOG ${shown} TO DISK = N'<path>' WITH CHECKSUM, COMPRESSION`,
          )
        : good(`${shown}: log backup on the target ${lastLogFinish}.`);
    },
  }),
];

const options = [
  afterDatabaseRule({
    id: 'POST-OWNER',
    title: 'The database has the owner it had',
    why: 'A seeded copy belongs to whoever gave the group CREATE ANY DATABASE; EXECUTE AS OWNER and broken ownership chains follow the wrong login.',
    remedy: 'ALTER AUTHORIZATION ON DATABASE::<database> TO <login> on the target.',
    reference: 'seeding',
    judge: ({ source, target, shown }) => {
      const from = source.ownerName === null ? 'nobody known' : shownName(source.ownerName);
      const to = target.ownerName === null ? 'nobody known' : shownName(target.ownerName);
      const isSame =
        target.ownerName !== null &&
        source.ownerName?.toLowerCase() === target.ownerName.toLowerCase();
      return isSame
        ? good(`${shown} belongs to ${to}.`)
        : doubtful(
            `${shown} belongs to ${to} on the target, to ${from} on the source.`,
            `ALTER AUTHORIZATION ON DATABASE::${shown} TO ${source.ownerName === null ? '<login>' : from}`,
          );
    },
  }),
  afterDatabaseRule({
    id: 'POST-TRUSTWORTHY',
    title: 'TRUSTWORTHY and DB_CHAINING are set as on the source',
    why: 'Seeding and restore switch both off; modules that reach into other databases fail afterwards.',
    remedy:
      'ALTER DATABASE ... SET TRUSTWORTHY ON, SET DB_CHAINING ON on the target, where they are wanted.',
    reference: 'manageMetadata',
    judge: ({ source, target, shown }) => {
      const lost = [
        ...(source.isTrustworthyOn && !target.isTrustworthyOn ? ['TRUSTWORTHY'] : []),
        ...(source.isDbChainingOn && !target.isDbChainingOn ? ['DB_CHAINING'] : []),
      ];
      return lost.length === 0
        ? good(
            `${shown}: TRUSTWORTHY ${onOff(target.isTrustworthyOn)}, DB_CHAINING ${onOff(target.isDbChainingOn)}.`,
          )
        : doubtful(
            `${shown} had ${lost.join(' and ')} ON.`,
            lost.map((option) => `ALTER DATABASE ${shown} SET ${option} ON`).join('; '),
          );
    },
  }),
  afterDatabaseRule({
    id: 'POST-BROKER',
    title: 'Service Broker is enabled where it was',
    why: 'With the broker off messages stay in the queues and nothing is delivered.',
    remedy: 'ALTER DATABASE ... SET ENABLE_BROKER on the target.',
    reference: 'serviceBroker',
    judge: ({ source, target, shown }) =>
      source.isBrokerEnabled && !target.isBrokerEnabled
        ? doubtful(
            `Service Broker of ${shown} was enabled and is not on the target.`,
            `ALTER DATABASE ${shown} SET ENABLE_BROKER`,
          )
        : good(`Service Broker of ${shown} is ${onOff(target.isBrokerEnabled)}.`),
  }),
  afterDatabaseRule({
    id: 'POST-COMPATIBILITY',
    title: 'The compatibility level is the one of the source',
    why: 'A level that changes in the same night as the server hides which of the two made a query slow.',
    remedy: 'ALTER DATABASE ... SET COMPATIBILITY_LEVEL = <level> on the target.',
    reference: 'compatibility',
    judge: ({ source, target, shown }) =>
      source.compatibilityLevel === target.compatibilityLevel
        ? good(`${shown} has compatibility level ${target.compatibilityLevel}.`)
        : doubtful(
            `${shown} has compatibility level ${target.compatibilityLevel}, on the source ${source.compatibilityLevel}.`,
            `ALTER DATABASE ${shown} SET COMPATIBILITY_LEVEL = ${source.compatibilityLevel}`,
          ),
  }),
];

const companions = [
  afterDatabaseRule({
    id: 'POST-LOGINS',
    title: 'Every user of the database finds its login on the target',
    why: 'A user whose SID no login has cannot come in, whatever its name is (4064, 916).',
    remedy:
      'CREATE LOGIN ... WITH PASSWORD = 0x... HASHED, SID = 0x... on the target, or ALTER USER ... WITH LOGIN = ...',
    reference: 'orphanedUsers',
    judge: ({ target, shown, facts }) => {
      const read = facts.target.orphans;
      if (!read.known) return notReadable(read);
      const [own] = byName(read.value).get(target.name.toLowerCase()) ?? [];
      if (own === undefined)
        return { outcome: 'unknown', evidence: `${shown} was not looked into on the target.` };
      if (!own.inside.known) return notReadable(own.inside);
      const orphans = own.inside.value;
      return orphans.length === 0
        ? good(`Every user of ${shown} has its login on the target.`)
        : doubtful(
            `Users of ${shown} without a login on the target: ${shownNames(orphans)}.`,
            `USE ${shown}; ${orphans.map((name) => `ALTER USER ${shownName(name)} WITH LOGIN = ${shownName(name)}`).join('; ')} -- after the logins exist`,
          );
    },
  }),
  afterDatabaseRule({
    id: 'POST-CDC',
    title: 'Change data capture has its jobs on the target',
    why: 'Its capture and cleanup jobs live in msdb and do not travel: changes are not captured, and the log is not truncated.',
    remedy:
      "EXEC sys.sp_cdc_add_job @job_type = N'capture'; EXEC sys.sp_cdc_add_job @job_type = N'cleanup' in the database.",
    reference: 'changeCapture',
    judge: ({ target, shown, facts }) => {
      if (!target.isCdcEnabled) return later(`${shown} does not use change data capture.`);
      const { cdcJobs } = facts.target;
      if (!cdcJobs.known) return notReadable(cdcJobs);
      const own = (byName(cdcJobs.value).get(target.name.toLowerCase()) ?? []).map((job) =>
        job.jobType.toLowerCase(),
      );
      const missing = ['capture', 'cleanup'].filter((type) => !own.includes(type));
      return missing.length === 0
        ? good(`${shown} has its capture and cleanup jobs.`)
        : doubtful(
            `${shown} has no ${missing.join(' and no ')} job on the target.`,
            `USE ${shown}; ${missing.map((type) => `EXEC sys.sp_cdc_add_job @job_type = N'${type}'`).join('; ')}`,
          );
    },
  }),
];

/** Rules about each database after the cutover. */
export const postDatabaseRules: readonly AssessRule[] = [...state, ...options, ...companions];
