/** Lab cases of the rules about jobs that take backups. */

import { bothSides, all, type AssessCase } from './case.ts';
import { everyInstance } from './definition.ts';

/** Statements that make a job with one step. */
function job(name: string, command: string): readonly string[] {
  return [
    `EXEC msdb.dbo.sp_add_job @job_name = N'${name}'`,
    `EXEC msdb.dbo.sp_add_jobstep @job_name = N'${name}', @step_name = N'only', @subsystem = N'TSQL', @command = N'${command.replaceAll("'", "''")}'`,
  ];
}

const NAIVE: readonly string[] = [
  ...job('nightly', "BACKUP DATABASE [Adventureworks] TO DISK = N'a.bak'"),
  ...job('hourly', "BACKUP LOG [Adventureworks] TO DISK = N'a.trn'"),
];

const CAREFUL_TEXT = "IF sys.fn_hadr_backup_is_preferred_replica(N'Adventureworks') = 0 RETURN;";
const CAREFUL: readonly string[] = [
  ...job('nightly', `${CAREFUL_TEXT} BACKUP DATABASE [Adventureworks] TO DISK = N'a.bak'`),
  ...job('copies', "BACKUP DATABASE [Adventureworks] TO DISK = N'c.bak' WITH COPY_ONLY"),
];

const OLA = (more: string): readonly string[] =>
  job(
    'DatabaseBackup - LOG',
    `EXECUTE dbo.DatabaseBackup @Databases = 'USER_DATABASES', @BackupType = 'LOG'${more}`,
  );

/** The cases. */
export const backupJobCases: readonly AssessCase[] = [
  {
    title: 'no job takes backups',
    expect: [
      ...bothSides('success', [
        'JOB-BACKUP-PREFERENCE',
        'JOB-LOG-ROLE',
        'JOB-FULL-FORWARDER',
        'JOB-OLA-FORWARDER',
      ]),
      ...all('success', ['SRC-JOB-LOG-SEEDING']),
    ],
  },
  {
    title: 'jobs take full and log backups whatever the role is',
    source: NAIVE,
    target: NAIVE,
    expect: [
      {
        rule: 'SRC-JOB-BACKUP-PREFERENCE',
        outcome: 'warning',
        evidence: /\[nightly\] step 1, \[hourly\] step 1/u,
        remedy: /fn_hadr_backup_is_preferred_replica/u,
      },
      { rule: 'SRC-JOB-LOG-ROLE', outcome: 'warning', evidence: /^\[hourly\] step 1/u },
      { rule: 'SRC-JOB-FULL-FORWARDER', outcome: 'warning', evidence: /^\[nightly\] step 1/u },
      { rule: 'SRC-JOB-LOG-SEEDING', outcome: 'warning', evidence: /^\[hourly\] step 1/u },
      ...all('warning', [
        'TGT-JOB-BACKUP-PREFERENCE',
        'TGT-JOB-LOG-ROLE',
        'TGT-JOB-FULL-FORWARDER',
      ]),
    ],
  },
  {
    title: 'jobs ask for the preferred replica, or take copies only',
    source: CAREFUL,
    target: CAREFUL,
    expect: bothSides('success', ['JOB-BACKUP-PREFERENCE', 'JOB-LOG-ROLE', 'JOB-FULL-FORWARDER']),
  },
  {
    title: "Ola Hallengren's job takes log backups on a forwarder too",
    source: OLA(", @AllowNonCopyOnlyBackupsOnForwarder = 'Y'"),
    target: OLA(", @AllowNonCopyOnlyBackupsOnForwarder = 'Y'"),
    expect: [
      ...bothSides('warning', ['JOB-OLA-FORWARDER']),
      ...all('warning', ['SRC-JOB-LOG-SEEDING']),
      ...bothSides('success', ['JOB-BACKUP-PREFERENCE']),
    ],
  },
  {
    title: "Ola Hallengren's job leaves databases alone that are being seeded",
    source: OLA(", @ExcludeSeedingFromLogBackup = 'Y'"),
    expect: all('success', ['SRC-JOB-LOG-SEEDING', 'SRC-JOB-OLA-FORWARDER']),
  },
  {
    title: 'jobs take full backups on SQL Server 2025',
    lab: everyInstance({ release: 2025 }),
    source: NAIVE,
    target: NAIVE,
    expect: bothSides('skipped', ['JOB-FULL-FORWARDER']),
  },
];
