/** The pages of Microsoft Learn that rules, steps and findings point to. */

import { groupReferences } from './reference-group.ts';
import { serverReferences } from './reference-server.ts';

/** A page. */
export interface Reference {
  readonly title: string;
  readonly url: string;
}

const learn = 'https://learn.microsoft.com';
const guides = `${learn}/azure/azure-sql/migration-guides/virtual-machines`;
const groups = `${learn}/sql/database-engine/availability-groups/windows`;
const tsql = `${learn}/sql/t-sql/statements`;

/** Pages by short name. */
export const references = {
  prerequisites: {
    title: 'Prerequisites: Migrate to SQL Server VM using distributed AG',
    url: `${guides}/sql-server-distributed-availability-group-migrate-prerequisites`,
  },
  standalone: {
    title: 'Use distributed AG to migrate databases from a standalone instance',
    url: `${guides}/sql-server-distributed-availability-group-migrate-standalone-instance`,
  },
  complete: {
    title: 'Complete migration using a distributed AG',
    url: `${guides}/sql-server-distributed-availability-group-complete-migration`,
  },
  configure: {
    title: 'Configure an Always On distributed availability group',
    url: `${groups}/configure-distributed-availability-groups`,
  },
  distributed: {
    title: 'Distributed availability groups',
    url: `${groups}/distributed-availability-groups`,
  },
  seeding: {
    title: 'Use automatic seeding to initialize a secondary replica',
    url: `${groups}/automatically-initialize-always-on-availability-group`,
  },
  groupPrerequisites: {
    title: 'Prerequisites, restrictions and recommendations for Always On availability groups',
    url: `${groups}/prereqs-restrictions-recommendations-always-on-availability`,
  },
  enableAlwaysOn: {
    title: 'Enable or disable the Always On availability groups feature',
    url: `${groups}/enable-and-disable-always-on-availability-groups-sql-server`,
  },
  certificates: {
    title: 'Create a domain-independent availability group',
    url: `${groups}/domain-independent-availability-groups`,
  },
  alterGroup: {
    title: 'ALTER AVAILABILITY GROUP',
    url: `${tsql}/alter-availability-group-transact-sql`,
  },
  createGroup: {
    title: 'CREATE AVAILABILITY GROUP',
    url: `${tsql}/create-availability-group-transact-sql`,
  },
  dropGroup: {
    title: 'DROP AVAILABILITY GROUP',
    url: `${tsql}/drop-availability-group-transact-sql`,
  },
  createEndpoint: { title: 'CREATE ENDPOINT', url: `${tsql}/create-endpoint-transact-sql` },
  alterEndpoint: { title: 'ALTER ENDPOINT', url: `${tsql}/alter-endpoint-transact-sql` },
  grantEndpoint: {
    title: 'GRANT endpoint permissions',
    url: `${tsql}/grant-endpoint-permissions-transact-sql`,
  },
  createLogin: { title: 'CREATE LOGIN', url: `${tsql}/create-login-transact-sql` },
  alterLogin: { title: 'ALTER LOGIN', url: `${tsql}/alter-login-transact-sql` },
  alterDatabaseHadr: {
    title: 'ALTER DATABASE SET HADR',
    url: `${tsql}/alter-database-transact-sql-set-hadr`,
  },
  alterDatabase: {
    title: 'ALTER DATABASE SET options',
    url: `${tsql}/alter-database-transact-sql-set-options`,
  },
  backup: { title: 'BACKUP', url: `${tsql}/backup-transact-sql` },
  metadataVisibility: {
    title: 'Metadata visibility configuration',
    url: `${learn}/sql/relational-databases/security/metadata-visibility-configuration`,
  },
  moveTde: {
    title: 'Move a TDE protected database to another SQL Server',
    url: `${learn}/sql/relational-databases/security/encryption/move-a-tde-protected-database-to-another-sql-server`,
  },
  manageMetadata: {
    title: 'Manage metadata when making a database available on another server',
    url: `${learn}/sql/relational-databases/databases/manage-metadata-when-making-a-database-available-on-another-server`,
  },
  ...serverReferences,
  ...groupReferences,
  catalogFiles: {
    title: 'sys.master_files',
    url: `${learn}/sql/relational-databases/system-catalog-views/sys-master-files-transact-sql`,
  },
  changeCapture: {
    title:
      'Replication, change tracking and change data capture with Always On availability groups',
    url: `${groups}/replicate-track-change-data-capture-always-on-availability`,
  },
  checkDb: {
    title: 'DBCC CHECKDB',
    url: `${learn}/sql/t-sql/database-console-commands/dbcc-checkdb-transact-sql`,
  },
  clrSecurity: {
    title: 'CLR strict security',
    url: `${learn}/sql/database-engine/configure-windows/clr-strict-security`,
  },
  compatibility: {
    title: 'ALTER DATABASE compatibility level',
    url: `${tsql}/alter-database-transact-sql-compatibility-level`,
  },
  crossDatabase: {
    title: 'Cross-database and distributed transactions with Always On availability groups',
    url: `${groups}/transactions-always-on-availability-and-database-mirroring`,
  },
  databaseKeys: {
    title: 'SQL Server and database encryption keys',
    url: `${learn}/sql/relational-databases/security/encryption/sql-server-and-database-encryption-keys-database-engine`,
  },
  editionFeatures: {
    title: 'sys.dm_db_persisted_sku_features',
    url: `${learn}/sql/relational-databases/system-dynamic-management-views/sys-dm-db-persisted-sku-features-transact-sql`,
  },
  filestream: {
    title: 'FILESTREAM and FileTable with Always On availability groups',
    url: `${groups}/filestream-and-filetable-with-always-on-availability-groups-sql-server`,
  },
  fullLog: {
    title: 'Troubleshoot a full transaction log (error 9002)',
    url: `${learn}/sql/relational-databases/logs/troubleshoot-a-full-transaction-log-sql-server-error-9002`,
  },
  inMemory: {
    title: 'Estimate memory requirements for memory-optimized tables',
    url: `${learn}/sql/relational-databases/in-memory-oltp/estimate-memory-requirements-for-memory-optimized-tables`,
  },
  logGuide: {
    title: 'Transaction log architecture and management guide',
    url: `${learn}/sql/relational-databases/sql-server-transaction-log-architecture-and-management-guide`,
  },
  logShipping: {
    title: 'Prerequisites for migrating from log shipping to Always On availability groups',
    url: `${groups}/prereqs-migrating-log-shipping-to-always-on-availability-groups`,
  },
  orphanedUsers: {
    title: 'Troubleshoot orphaned users',
    url: `${learn}/sql/sql-server/failover-clusters/troubleshoot-orphaned-users-sql-server`,
  },
  queryStore: {
    title: 'Manage the Query Store',
    url: `${learn}/sql/relational-databases/performance/manage-the-query-store`,
  },
  serviceBroker: {
    title: 'Service Broker with Always On availability groups',
    url: `${groups}/service-broker-with-always-on-availability-groups-sql-server`,
  },
  ssisCatalog: {
    title: 'SSIS catalog',
    url: `${learn}/sql/integration-services/catalog/ssis-catalog`,
  },
  tde: {
    title: 'Transparent data encryption (TDE)',
    url: `${learn}/sql/relational-databases/security/encryption/transparent-data-encryption`,
  },
} as const satisfies Record<string, Reference>;

/** Short name of a page. */
export type ReferenceName = keyof typeof references;

/** One line for people: title and address. */
export function citation(name: ReferenceName): string {
  const page = references[name];
  return `${page.title} (${page.url})`;
}
