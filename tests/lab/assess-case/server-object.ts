/** Lab cases of the rules about server objects and logins. */

import type { DeclaredCatalog } from '../../../src/lab/declared.ts';
import type { LabDefinition } from '../../../src/lab/definition.ts';
import { objectRows } from '../../../src/assess/rules/server-object-table.ts';
import { all, type AssessCase } from './case.ts';
import { everyInstance, instances } from './definition.ts';

const CREATED = 'now-40d';
const made = { create_date: CREATED, modify_date: CREATED };
const login = (name: string, type: string, principalId: number, sid: string) => ({
  name,
  type,
  principal_id: principalId,
  sid,
  is_disabled: false,
  default_database_name: 'master',
  default_language_name: 'us_english',
  is_fixed_role: false,
  ...made,
});

/** One object of every kind that a catalog view shows. */
const objects: DeclaredCatalog = {
  'sys.server_principals': [
    { ...login('operations', 'R', 300, '0x0300'), is_fixed_role: false },
    login('CONTOSO\\dba', 'U', 301, '0x0301'),
    login('OnPremNode\\backup', 'U', 302, '0x0302'),
    login('signer', 'C', 303, '0x0303'),
    login('reports', 'S', 304, '0x0304'),
  ],
  'sys.sql_logins': [login('reports', 'S', 304, '0x0304')],
  'sys.server_role_members': [{ role_principal_id: 3, member_principal_id: 301 }],
  'sys.server_permissions': [
    {
      class: 100,
      class_desc: 'SERVER',
      grantee_principal_id: 301,
      permission_name: 'VIEW SERVER STATE',
      state: 'G',
      state_desc: 'GRANT',
    },
  ],
  'sys.credentials': [{ credential_id: 1, name: 'blob', credential_identity: 'SAS' }],
  'sys.cryptographic_providers': [{ provider_id: 1, name: 'vault', is_enabled: true }],
  'sys.asymmetric_keys': [
    { name: 'assembly_key', thumbprint: '0xA1', pvt_key_encryption_type: 'NA' },
  ],
  'sys.symmetric_keys': [{ name: 'cards', algorithm_desc: 'AES_256', ...made }],
  'sys.certificates': [
    {
      name: 'signing',
      thumbprint: '0xC1',
      pvt_key_encryption_type: 'MK',
      start_date: CREATED,
      expiry_date: 'now+900d',
    },
  ],
  'sys.servers': [
    {
      server_id: 1,
      name: "ERP'\n]",
      product: 'SQL Server',
      provider: 'SQLNCLI',
      data_source: 'erp.contoso.com',
      is_linked: true,
    },
  ],
  'sys.linked_logins': [{ server_id: 1, local_principal_id: 0, remote_name: 'reader' }],
  'msdb.dbo.sysjobs': [
    {
      job_id: '11111111-1111-1111-1111-111111111111',
      name: 'Nightly',
      enabled: 1,
      owner_sid: '0x99',
    },
  ],
  'msdb.dbo.sysproxies': [{ proxy_id: 1, name: 'files', credential_id: 1, enabled: 1 }],
  'msdb.dbo.sysoperators': [{ id: 1, name: 'DBA', enabled: 1, email_address: 'dba@contoso.com' }],
  'msdb.dbo.sysalerts': [{ id: 1, name: 'Severity 20', severity: 20, enabled: 1 }],
  'msdb.dbo.sysmail_profile': [{ profile_id: 1, name: 'Alerts' }],
  'msdb.dbo.sysmail_account': [{ account_id: 1, name: 'Sql', email_address: 'sql@contoso.com' }],
  'sys.server_triggers': [{ name: 'limit_logins', object_id: 1, type: 'TR' }],
  'sys.messages': [{ message_id: 50_001, language_id: 1033, severity: 16, text: 'No stock' }],
  'sys.server_audits': [{ audit_id: 1, name: 'Access', type: 'FL', is_state_enabled: true }],
  'sys.server_audit_specifications': [
    { server_specification_id: 1, name: 'Logins', is_state_enabled: true },
  ],
  'sys.server_event_sessions': [{ event_session_id: 1, name: 'deadlocks', startup_state: true }],
  'sys.resource_governor_configuration': [{ is_enabled: true }],
  'sys.resource_governor_resource_pools': [{ pool_id: 256, name: 'batch', max_cpu_percent: 30 }],
  'sys.resource_governor_workload_groups': [{ group_id: 256, name: 'batch', max_dop: 4 }],
  'sys.procedures': [{ name: 'start_traces', object_id: 7, is_auto_executed: true }],
  'sys.backup_devices': [{ name: 'nightly', type: 2, physical_name: 'F:\\Backup\\nightly.bak' }],
  'sys.endpoints': [
    {
      name: 'broker',
      endpoint_id: 70_000,
      type_desc: 'SERVICE_BROKER',
      protocol_desc: 'TCP',
      state_desc: 'STARTED',
    },
  ],
};

/** What no catalog view of a definition shows: tables of system databases. */
const TOOLS = [
  'USE master; CREATE TABLE dbo.tool_log (line nvarchar(100))',
  'USE msdb; CREATE TABLE dbo.job_list (name sysname)',
];

const SSISDB = { name: 'SSISDB', sample: 'none', recoveryModel: 'FULL', fullBackup: true } as const;

function withCatalog(definition: LabDefinition): LabDefinition {
  return {
    ...definition,
    instances: definition.instances.map((instance) => ({
      ...instance,
      databases: [...instance.databases, SSISDB],
    })),
  };
}

const objectIds = objectRows.map(({ id }) => id);
const loginIds = ['OBJ-LOGINS', 'OBJ-WINDOWS-LOGINS', 'OBJ-KEY-LOGINS'];

/** The cases. */
export const serverObjectCases: readonly AssessCase[] = [
  {
    title:
      'both servers have the same objects: jobs, linked servers, keys, audits, mail and all the rest',
    lab: (definition) => withCatalog(everyInstance({ catalog: objects })(definition)),
    source: TOOLS,
    target: TOOLS,
    expect: [
      ...objectIds.map((rule) => ({
        rule,
        outcome: 'success' as const,
        evidence: /^All [1-9]\d* .* are on the target/u,
      })),
      ...all('success', [...loginIds, 'OBJ-LOGIN-SIDS', 'OBJ-RESOURCE-GOVERNOR', 'OBJ-SSISDB']),
      { rule: 'OBJ-LOCAL-LOGINS', outcome: 'warning', evidence: /\[OnPremNode\\backup\]/u },
      { rule: 'OBJ-JOBS-TWICE', outcome: 'warning', evidence: /\[Nightly\]/u },
    ],
  },
  {
    title: 'the source has an object of every kind, the target has none',
    lab: (definition) => {
      const changed = instances('source', { catalog: objects })(definition);
      return {
        ...changed,
        instances: changed.instances.map((instance) =>
          instance.side === 'source'
            ? { ...instance, databases: [...instance.databases, SSISDB] }
            : instance,
        ),
      };
    },
    source: TOOLS,
    migration: (migration) => ({
      ...migration,
      databases: { kind: 'named', names: ['Adventureworks'] },
    }),
    expect: [
      ...objectIds.map((rule) => ({
        rule,
        outcome: 'warning' as const,
        evidence: /^1 of [1-9]\d* missing on the target: \[/u,
      })),
      ...loginIds.map((rule) => ({
        rule,
        outcome: 'warning' as const,
        evidence: /^1 of \d+ missing on the target: \[/u,
      })),
      {
        rule: 'OBJ-LINKED-SERVERS',
        outcome: 'warning',
        evidence: /\[ERP'\n\]\]\]/u,
        remedy: /-LinkedServer 'ERP''\n\]'$/u,
      },
      { rule: 'OBJ-RESOURCE-GOVERNOR', outcome: 'warning' },
      { rule: 'OBJ-JOB-OWNERS', outcome: 'warning', evidence: /a login that is gone/u },
      { rule: 'OBJ-SSISDB', outcome: 'warning' },
      ...all('success', ['OBJ-JOBS-TWICE']),
    ],
    wire: true,
  },
  {
    title: 'a login is another one on the target: SID, state, language and policy',
    lab: instances('target', {
      catalog: {
        'sys.server_principals': [
          {
            name: 'visitor',
            sid: '0xBADBAD',
            is_disabled: true,
            default_language_name: 'Deutsch',
          },
        ],
        'sys.sql_logins': [{ name: 'visitor', is_policy_checked: false }],
      },
    }),
    expect: [
      { rule: 'OBJ-LOGIN-SIDS', outcome: 'warning', evidence: /\[visitor\]/u },
      { rule: 'OBJ-LOGIN-STATE', outcome: 'warning', remedy: /ALTER LOGIN \[visitor\] ENABLE/u },
      { rule: 'OBJ-LOGIN-DEFAULTS', outcome: 'warning', remedy: /us_english/u },
      { rule: 'OBJ-LOGIN-POLICY', outcome: 'warning', evidence: /\[visitor\]/u },
    ],
  },
  {
    title: 'a password was changed on the target only',
    target: ["ALTER LOGIN [visitor] WITH PASSWORD = N'another one, 2026'"],
    expect: [
      { rule: 'OBJ-LOGIN-PASSWORDS', outcome: 'warning', evidence: /another hash .*\[visitor\]/u },
    ],
  },
  {
    title: 'logins are the same on both servers, no job has an owner without login',
    expect: all('success', [
      'OBJ-LOGIN-PASSWORDS',
      'OBJ-LOGIN-STATE',
      'OBJ-LOGIN-DEFAULTS',
      'OBJ-LOGIN-POLICY',
      'OBJ-LOCAL-LOGINS',
      'OBJ-JOB-OWNERS',
    ]),
  },
];
