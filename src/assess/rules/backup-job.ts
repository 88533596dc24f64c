/**
 * Rules about Agent jobs that take backups: how they behave on a forwarder and while databases are seeded.
 *
 * The target is a forwarder from the join to the switch, the source from the switch on: so both sides
 * are judged. What a step does is read from its text; a step that calls something else is not seen.
 */

import { shownName } from '../../base/name.ts';
import type { BackupStepFacts } from '../../model/assess-replica.ts';
import { together } from '../../model/fact.ts';
import {
  bothSides,
  bothSidesRead,
  doubtful,
  good,
  later,
  sideRule,
  type AssessRule,
  type Judgement,
} from '../rule.ts';

/** First version that takes full backups on a secondary that are not copy-only. */
const FULL_ON_SECONDARIES = 17;

const NOTHING = good('No enabled job takes such backups.');

/** Text of a step without comments. */
function code({ command }: BackupStepFacts): string {
  return command.replaceAll(/\/\*[\s\S]*?\*\//gu, ' ').replaceAll(/--[^\n]*/gu, ' ');
}

/** Ola Hallengren's procedure, which looks at roles and preference by itself. */
function isOla(step: BackupStepFacts): boolean {
  return /\bDatabaseBackup\b/iu.test(code(step));
}

function olaType(step: BackupStepFacts): string | null {
  return (
    /@BackupType\s*=\s*N?'(?<type>\w+)'/iu.exec(code(step))?.groups?.['type']?.toUpperCase() ?? null
  );
}

function takesLog(step: BackupStepFacts): boolean {
  return isOla(step) ? olaType(step) === 'LOG' : /\bBACKUP\s+LOG\b/iu.test(code(step));
}

/** A full or differential backup that belongs to the chain. */
function takesData(step: BackupStepFacts): boolean {
  return (
    !isOla(step) &&
    /\bBACKUP\s+DATABASE\b/iu.test(code(step)) &&
    !/\bCOPY_ONLY\b/iu.test(code(step))
  );
}

function asksPreference(step: BackupStepFacts): boolean {
  return /\bfn_hadr_backup_is_preferred_replica\b/iu.test(code(step));
}

function asksRole(step: BackupStepFacts): boolean {
  return (
    asksPreference(step) ||
    /\bfn_hadr_is_primary_replica\b|\bdm_hadr_\w+|\bDATABASEPROPERTYEX\b[^)]*Updateability/iu.test(
      code(step),
    )
  );
}

function shownSteps(steps: readonly BackupStepFacts[]): string {
  return steps.map(({ job, stepId }) => `${shownName(job)} step ${stepId}`).join(', ');
}

/** Judges the enabled steps that a backup rule is about. */
function judgeSteps(
  steps: readonly BackupStepFacts[],
  of: {
    readonly concerns: (step: BackupStepFacts) => boolean;
    readonly isFine: (step: BackupStepFacts) => boolean;
    readonly says: string;
  },
): Judgement {
  const own = steps.filter((step) => step.isEnabled && of.concerns(step));
  if (own.length === 0) return NOTHING;
  const wrong = own.filter((step) => !of.isFine(step));
  return wrong.length === 0
    ? good(`${shownSteps(own)}: as it should be.`)
    : doubtful(`${shownSteps(wrong)} ${of.says}.`);
}

const PREFERENCE =
  "Begin the step with: IF sys.fn_hadr_backup_is_preferred_replica(N'<database>') = 0 RETURN;";

/** Rules about jobs that take backups. */
export const backupJobRules: readonly AssessRule[] = [
  ...bothSides({
    name: 'JOB-BACKUP-PREFERENCE',
    title: 'Jobs that take backups ask whether this replica is the one to take them',
    family: 'groups',
    part: 'backupSteps',
    why: 'Without sys.fn_hadr_backup_is_preferred_replica the job runs on every replica: the same backup twice, or an error every night on those that must not.',
    remedy: PREFERENCE,
    reference: 'secondaryBackups',
    judge: (steps) =>
      judgeSteps(steps, {
        concerns: (step) => takesData(step) || (takesLog(step) && !isOla(step)),
        isFine: asksPreference,
        says: 'does not ask sys.fn_hadr_backup_is_preferred_replica',
      }),
  }),
  ...bothSides({
    name: 'JOB-LOG-ROLE',
    title: 'Jobs that take log backups look at the role of the replica first',
    family: 'groups',
    part: 'backupSteps',
    why: 'Log backups of both sides make one chain with holes on each: neither side alone can be restored, and on a forwarder they have been seen failing.',
    remedy: `${PREFERENCE} Or let only the global primary take them: role of the local row of the distributed group in sys.dm_hadr_availability_replica_states.`,
    reference: 'distributed',
    judge: (steps) =>
      judgeSteps(steps, {
        concerns: (step) => takesLog(step) && !isOla(step),
        isFine: asksRole,
        says: 'takes log backups without a look at the role',
      }),
  }),
  ...bothSidesRead({
    name: 'JOB-FULL-FORWARDER',
    title: 'No job takes full backups that a forwarder refuses',
    family: 'groups',
    why: 'Before SQL Server 2025 a replica in the secondary role of any group takes copy-only full backups and log backups only: the job fails with 3059 from the join to the switch on the target, and after it on the source.',
    remedy: 'Add COPY_ONLY, or make the step look at the role of the distributed group and end.',
    reference: 'secondaryBackups',
    read: ({ backupSteps, server }) => together({ backupSteps, server }),
    judge: ({ backupSteps, server }) =>
      server.versionMajor >= FULL_ON_SECONDARIES
        ? later('From SQL Server 2025 on secondaries take full backups.')
        : judgeSteps(backupSteps, {
            concerns: takesData,
            isFine: asksRole,
            says: 'takes full backups whatever the role is',
          }),
  }),
  ...bothSides({
    name: 'JOB-OLA-FORWARDER',
    title: "Ola Hallengren's jobs leave a forwarder alone",
    family: 'groups',
    part: 'backupSteps',
    why: "@AllowNonCopyOnlyBackupsOnForwarder = 'Y' lets the procedure take on the forwarder what the global primary takes too, and breaks the chain.",
    remedy: "Leave the parameter out (the default is 'N', in versions from 2026-05-31 on).",
    reference: 'secondaryBackups',
    judge: (steps) =>
      judgeSteps(steps, {
        concerns: isOla,
        isFine: (step) => !/@AllowNonCopyOnlyBackupsOnForwarder\s*=\s*N?'Y'/iu.test(code(step)),
        says: "sets @AllowNonCopyOnlyBackupsOnForwarder = 'Y'",
      }),
  }),
  sideRule('source', {
    name: 'JOB-LOG-SEEDING',
    title: 'No job takes log backups while databases are seeded',
    family: 'groups',
    part: 'backupSteps',
    why: 'A log backup during automatic seeding can cut off log that the copy still needs (1412): the seeding starts over.',
    remedy:
      "Disable the job for the time of the seeding and watch the log drive; Ola Hallengren: @ExcludeSeedingFromLogBackup = 'Y'.",
    reference: 'seeding',
    judge: (steps, { migration }) =>
      migration.seeding.kind === 'automatic'
        ? judgeSteps(steps, {
            concerns: takesLog,
            isFine: (step) => /@ExcludeSeedingFromLogBackup\s*=\s*N?'Y'/iu.test(code(step)),
            says: 'takes log backups while databases are seeded',
          })
        : later('The migration file seeds by backup and restore.'),
  }),
];
