/** Pages of Microsoft Learn about the instance, its machine and its objects. */

interface Page {
  readonly title: string;
  readonly url: string;
}

const learn = 'https://learn.microsoft.com';
const settings = `${learn}/sql/database-engine/configure-windows`;
const views = `${learn}/sql/relational-databases/system-catalog-views`;
const dynamic = `${learn}/sql/relational-databases/system-dynamic-management-views`;

function setting(title: string, page: string): Page {
  return { title, url: `${settings}/${page}` };
}

/** Pages by short name; part of `references`. */
export const serverReferences = {
  serverConfiguration: setting(
    'Server configuration options',
    'server-configuration-options-sql-server',
  ),
  maxdop: setting(
    'Configure the max degree of parallelism',
    'configure-the-max-degree-of-parallelism-server-configuration-option',
  ),
  costThreshold: setting(
    'Configure the cost threshold for parallelism',
    'configure-the-cost-threshold-for-parallelism-server-configuration-option',
  ),
  clrEnabled: setting('clr enabled', 'clr-enabled-server-configuration-option'),
  clrStrict: setting('clr strict security', 'clr-strict-security'),
  containedAuthentication: setting(
    'contained database authentication',
    'contained-database-authentication-server-configuration-option',
  ),
  filestreamLevel: setting(
    'filestream access level',
    'filestream-access-level-server-configuration-option',
  ),
  xpCmdshell: setting('xp_cmdshell', 'xp-cmdshell-server-configuration-option'),
  oleAutomation: setting(
    'Ole Automation Procedures',
    'ole-automation-procedures-server-configuration-option',
  ),
  adHocQueries: setting(
    'Ad Hoc Distributed Queries',
    'ad-hoc-distributed-queries-server-configuration-option',
  ),
  ownershipChaining: setting(
    'cross db ownership chaining',
    'cross-db-ownership-chaining-server-configuration-option',
  ),
  remoteAdmin: setting(
    'remote admin connections',
    'remote-admin-connections-server-configuration-option',
  ),
  defaultLanguage: setting(
    'Configure the default language',
    'configure-the-default-language-server-configuration-option',
  ),
  yearCutoff: setting(
    'Configure the two digit year cutoff',
    'configure-the-two-digit-year-cutoff-server-configuration-option',
  ),
  nestedTriggers: setting(
    'Configure the nested triggers option',
    'configure-the-nested-triggers-server-configuration-option',
  ),
  userOptions: setting(
    'Configure the user options',
    'configure-the-user-options-server-configuration-option',
  ),
  inDoubt: setting(
    'in-doubt xact resolution',
    'in-doubt-xact-resolution-server-configuration-option',
  ),
  backupCompression: setting(
    'backup compression default',
    'view-or-configure-the-backup-compression-default-server-configuration-option',
  ),
  priorityBoost: setting(
    'Configure the priority boost option',
    'configure-the-priority-boost-server-configuration-option',
  ),
  lightweightPooling: setting(
    'lightweight pooling',
    'lightweight-pooling-server-configuration-option',
  ),
  serverMemory: setting('Server memory options', 'server-memory-server-configuration-options'),
  lockPages: setting(
    'Enable the lock pages in memory option',
    'enable-the-lock-pages-in-memory-option-windows',
  ),
  serviceAccounts: setting(
    'Configure Windows service accounts and permissions',
    'configure-windows-service-accounts-and-permissions',
  ),
  startupOptions: setting(
    'Database Engine service startup options',
    'database-engine-service-startup-options',
  ),
  databaseMail: {
    title: 'Database Mail',
    url: `${learn}/sql/relational-databases/database-mail/database-mail`,
  },
  lifecycle: {
    title: 'SQL Server end of support options',
    url: `${learn}/sql/sql-server/end-of-support/sql-server-end-of-support-overview`,
  },
  updates: {
    title: 'Latest updates and version history for SQL Server',
    url: `${learn}/troubleshoot/sql/releases/download-and-install-latest-updates`,
  },
  syncFailureCu20: {
    title: 'KB5024276: Cumulative Update 20 for SQL Server 2019, known issues',
    url: `${learn}/troubleshoot/sql/releases/sqlserver-2019/cumulativeupdate20`,
  },
  withdrawnCu7: {
    title: 'Cumulative Update 8 for SQL Server 2019',
    url: `${learn}/troubleshoot/sql/releases/sqlserver-2019/cumulativeupdate8`,
  },
  traceFlags: {
    title: 'DBCC TRACEON trace flags',
    url: `${learn}/sql/t-sql/database-console-commands/dbcc-traceon-trace-flags-transact-sql`,
  },
  volumeStats: {
    title: 'sys.dm_os_volume_stats',
    url: `${dynamic}/sys-dm-os-volume-stats-transact-sql`,
  },
  systemInformation: {
    title: 'sys.dm_os_sys_info',
    url: `${dynamic}/sys-dm-os-sys-info-transact-sql`,
  },
  temporaryDisk: {
    title: 'Storage: performance best practices for SQL Server on Azure VMs',
    url: `${learn}/azure/azure-sql/virtual-machines/windows/performance-guidelines-best-practices-storage`,
  },
  vmSize: {
    title: 'VM size: performance best practices for SQL Server on Azure VMs',
    url: `${learn}/azure/azure-sql/virtual-machines/windows/performance-guidelines-best-practices-vm-size`,
  },
  tempdb: {
    title: 'tempdb database',
    url: `${learn}/sql/relational-databases/databases/tempdb-database`,
  },
  suspectPages: {
    title: 'Manage the suspect_pages table',
    url: `${learn}/sql/relational-databases/backup-restore/manage-the-suspect-pages-table-sql-server`,
  },
  sectorSize: {
    title: 'Troubleshoot errors related to system disk sector size greater than 4 KB',
    url: `${learn}/troubleshoot/sql/database-engine/database-file-operations/troubleshoot-os-4kb-disk-sector-size`,
  },
  authenticationMode: {
    title: 'Change server authentication mode',
    url: `${settings}/change-server-authentication-mode`,
  },
  transferLogins: {
    title: 'Transfer logins and passwords between instances of SQL Server',
    url: `${learn}/troubleshoot/sql/database-engine/security/transfer-logins-passwords-between-instances`,
  },
  groupLogins: {
    title: 'Logins and jobs for databases in an availability group',
    url: `${learn}/sql/database-engine/availability-groups/windows/logins-and-jobs-for-availability-group-databases`,
  },
  serverRoles: {
    title: 'Server-level roles',
    url: `${learn}/sql/relational-databases/security/authentication-access/server-level-roles`,
  },
  credentials: {
    title: 'CREATE CREDENTIAL',
    url: `${learn}/sql/t-sql/statements/create-credential-transact-sql`,
  },
  linkedServers: {
    title: 'Linked servers',
    url: `${learn}/sql/relational-databases/linked-servers/linked-servers-database-engine`,
  },
  agent: { title: 'SQL Server Agent', url: `${learn}/sql/ssms/agent/sql-server-agent` },
  agentProxies: {
    title: 'Create a SQL Server Agent proxy',
    url: `${learn}/sql/ssms/agent/create-a-sql-server-agent-proxy`,
  },
  serverTriggers: {
    title: 'sys.server_triggers',
    url: `${views}/sys-server-triggers-transact-sql`,
  },
  userMessages: {
    title: 'sp_addmessage',
    url: `${learn}/sql/relational-databases/system-stored-procedures/sp-addmessage-transact-sql`,
  },
  audit: {
    title: 'SQL Server Audit',
    url: `${learn}/sql/relational-databases/security/auditing/sql-server-audit-database-engine`,
  },
  eventSessions: {
    title: 'Extended Events',
    url: `${learn}/sql/relational-databases/extended-events/extended-events`,
  },
  resourceGovernor: {
    title: 'Resource governor',
    url: `${learn}/sql/relational-databases/resource-governor/resource-governor`,
  },
  backupDevices: { title: 'sys.backup_devices', url: `${views}/sys-backup-devices-transact-sql` },
  encryptionHierarchy: {
    title: 'Encryption hierarchy',
    url: `${learn}/sql/relational-databases/security/encryption/encryption-hierarchy`,
  },
} as const satisfies Record<string, Page>;
