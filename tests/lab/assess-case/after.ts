/** Lab cases of the rules that count after the cutover. */

import type { DeclaredCatalog } from '../../../src/lab/declared.ts';
import type { LabDefinition } from '../../../src/lab/definition.ts';
import { all, type AssessCase } from './case.ts';
import { instances } from './definition.ts';

const ASYNCHRONOUS = `ALTER AVAILABILITY GROUP [DAG] MODIFY AVAILABILITY GROUP ON
'OnPremAG' WITH (AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT), 'AzureAG' WITH (AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT)`;
/** `database_id` of the first user database of an instance. */
const FIRST_DATABASE = 5;

/** Rows of `sys.databases` about the one database, on each side. */
function databases(
  source: DeclaredCatalog[string][number],
  target: DeclaredCatalog[string][number],
  more: DeclaredCatalog = {},
): (definition: LabDefinition) => LabDefinition {
  const rows = (row: DeclaredCatalog[string][number]): DeclaredCatalog => ({
    'sys.databases': [{ database_id: FIRST_DATABASE, ...row }],
  });
  return (definition) =>
    instances('source', { catalog: rows(source) })(
      instances('target', { catalog: { ...rows(target), ...more } })(definition),
    );
}

const everywhere = [
  'POST-ROLE',
  'POST-COPIES',
  'POST-WAY-BACK',
  'POST-SESSIONS',
  'POST-FENCE',
  'POST-COMMIT-MODE',
  'POST-WRITABLE',
  'POST-FULL-BACKUP',
  'POST-LOG-BACKUP',
  'POST-OWNER',
  'POST-TRUSTWORTHY',
  'POST-BROKER',
  'POST-COMPATIBILITY',
  'POST-LOGINS',
  'POST-TRACE-FLAGS',
  'POST-JOBS-TARGET',
  'POST-JOBS-SOURCE',
];

function job(name: string, enabled: 0 | 1): string {
  return `EXEC msdb.dbo.sp_add_job @job_name = N'${name}', @enabled = ${enabled}`;
}

/** The cases. */
export const afterCases: readonly AssessCase[] = [
  {
    title: 'before the cutover',
    stage: 'synchronised',
    expect: all('skipped', [...everywhere, 'POST-CDC']),
  },
  {
    title: 'after a cutover that was tidied up',
    stage: 'switched',
    wire: true,
    source: ['ALTER LOGIN [app_writer] DISABLE', ASYNCHRONOUS],
    target: [
      ASYNCHRONOUS,
      "BACKUP DATABASE [Adventureworks] TO DISK = N'after.bak'",
      "BACKUP LOG [Adventureworks] TO DISK = N'after.trn'",
    ],
    expect: [...all('success', everywhere), ...all('skipped', ['POST-CDC'])],
  },
  {
    title: 'after a cutover that nobody tidied up',
    stage: 'switched',
    expect: [
      {
        rule: 'POST-FENCE',
        outcome: 'warning',
        evidence: /enabled on \[OnPremNode\]: \[app_writer\]/u,
        remedy: /ALTER LOGIN \[app_writer\] DISABLE on the source/u,
      },
      { rule: 'POST-COMMIT-MODE', outcome: 'warning', evidence: /\[OnPremAG\], \[AzureAG\]/u },
      {
        rule: 'POST-FULL-BACKUP',
        outcome: 'warning',
        remedy: /^BACKUP DATABASE \[Adventureworks\]/u,
        database: 'Adventureworks',
      },
      ...all('warning', ['POST-LOG-BACKUP']),
    ],
  },
  {
    title: 'after the cutover the network between the sides is cut',
    stage: 'switched',
    faults: [{ fault: 'partition', a: 'OnPremNode', b: 'SQLVM' }],
    expect: [{ rule: 'POST-WAY-BACK', outcome: 'warning', evidence: /NOT SYNCHRONIZING/u }],
  },
  {
    title: 'after the cutover a selected database is not on the target',
    stage: 'switched',
    source: ['CREATE DATABASE [Forgotten]'],
    migration: (migration) => ({ ...migration, databases: { kind: 'all', except: [] } }),
    expect: [
      { rule: 'POST-COPIES', outcome: 'error', evidence: /not in the group: \[Forgotten\]/u },
    ],
  },
  {
    title: 'after the cutover a login is missing on the target',
    stage: 'switched',
    target: ['DROP LOGIN [app_writer]'],
    expect: [
      {
        rule: 'POST-LOGINS',
        outcome: 'warning',
        evidence: /\[app_writer\]/u,
        remedy: /ALTER USER \[app_writer\] WITH LOGIN = \[app_writer\]/u,
      },
      { rule: 'POST-FENCE', outcome: 'warning', evidence: /missing or disabled on \[SQLVM\]/u },
    ],
  },
  {
    title: 'the target was promoted while the source still leads',
    stage: 'synchronised',
    faults: [{ fault: 'partition', a: 'OnPremNode', b: 'SQLVM' }],
    last: { target: ['ALTER AVAILABILITY GROUP [DAG] FORCE_FAILOVER_ALLOW_DATA_LOSS'] },
    expect: [{ rule: 'POST-ROLE', outcome: 'error', evidence: /\[OnPremNode\] is PRIMARY/u }],
  },
  {
    title: 'after the cutover a program still works on the source',
    stage: 'switched',
    lab: instances('source', {
      catalog: {
        'sys.dm_exec_sessions': [
          {
            session_id: 99,
            is_user_process: true,
            database_id: FIRST_DATABASE,
            login_name: 'app_writer',
            program_name: 'shop',
          },
        ],
      },
    }),
    expect: [
      {
        rule: 'POST-SESSIONS',
        outcome: 'warning',
        evidence: /1 session\(s\) of \[app_writer\] \(shop\) in \[Adventureworks\]/u,
      },
    ],
  },
  {
    title: 'after the cutover the database has lost its options on the target',
    stage: 'switched',
    lab: databases(
      { is_trustworthy_on: true, is_broker_enabled: true, compatibility_level: 150 },
      { user_access: 1, user_access_desc: 'SINGLE_USER', owner_sid: '0xFF', is_cdc_enabled: true },
    ),
    expect: [
      { rule: 'POST-TRUSTWORTHY', outcome: 'warning', remedy: /SET TRUSTWORTHY ON$/u },
      { rule: 'POST-BROKER', outcome: 'warning', remedy: /SET ENABLE_BROKER$/u },
      { rule: 'POST-COMPATIBILITY', outcome: 'warning', evidence: /150/u },
      { rule: 'POST-WRITABLE', outcome: 'error', evidence: /SINGLE_USER/u },
      { rule: 'POST-OWNER', outcome: 'warning', evidence: /nobody known on the target/u },
      { rule: 'POST-CDC', outcome: 'warning', evidence: /no capture and no cleanup/u },
    ],
  },
  {
    title: 'after the cutover jobs and trace flags are as they were during the seeding',
    stage: 'switched',
    source: [job('invoices', 1), job('reports', 1), 'DBCC TRACEON (9567, -1)'],
    target: [job('invoices', 1), job('reports', 0), 'DBCC TRACEON (12381, -1)'],
    expect: [
      {
        rule: 'POST-TRACE-FLAGS',
        outcome: 'warning',
        evidence: /9567 on the source, 12381 on the target/u,
      },
      { rule: 'POST-JOBS-TARGET', outcome: 'warning', evidence: /\[reports\]/u },
      { rule: 'POST-JOBS-SOURCE', outcome: 'warning', evidence: /\[invoices\]/u },
    ],
  },
  {
    title: 'after the cutover change data capture has its jobs on the target',
    stage: 'switched',
    lab: databases(
      {},
      { is_cdc_enabled: true },
      {
        'msdb.dbo.cdc_jobs': [
          { database_id: FIRST_DATABASE, job_type: 'capture' },
          { database_id: FIRST_DATABASE, job_type: 'cleanup' },
        ],
      },
    ),
    expect: all('success', ['POST-CDC']),
  },
];
