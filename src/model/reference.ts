/** The pages of Microsoft Learn that rules, steps and findings point to. */

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
} as const satisfies Record<string, Reference>;

/** Short name of a page. */
export type ReferenceName = keyof typeof references;

/** One line for people: title and address. */
export function citation(name: ReferenceName): string {
  const page = references[name];
  return `${page.title} (${page.url})`;
}
