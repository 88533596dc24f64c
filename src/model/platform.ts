/** What calls itself SQL Server and cannot take part in a distributed availability group. */

/** Name of the service and what to use for it. */
export interface ForeignPlatform {
  readonly name: string;
  readonly instead: string;
}

const LINK = 'the Managed Instance link (Azure portal or SSMS, "Azure SQL Managed Instance link")';

/**
 * The service behind `SERVERPROPERTY('EngineEdition')`; null for an instance of SQL Server.
 * Numbers: Microsoft Learn, SERVERPROPERTY.
 */
export function foreignPlatform(engineEdition: number): ForeignPlatform | null {
  switch (engineEdition) {
    case 5:
      return {
        name: 'Azure SQL Database',
        instead:
          'Name a SQL Server instance on a virtual machine; for Azure SQL Database use a BACPAC, transactional replication or Azure Database Migration Service.',
      };
    case 8:
      return {
        name: 'Azure SQL Managed Instance',
        instead: `Name a SQL Server instance on a virtual machine; to and from a managed instance use ${LINK}.`,
      };
    case 6:
    case 11:
    case 12:
      return {
        name: 'Azure Synapse Analytics or Microsoft Fabric',
        instead:
          'Name a SQL Server instance on a virtual machine; these services take data, not databases.',
      };
    case 9:
      return {
        name: 'Azure SQL Edge',
        instead:
          'Name a SQL Server instance on a virtual machine; SQL Edge has no availability groups.',
      };
    default:
      return null;
  }
}

/** Newest version whose catalog is known here: 17 is SQL Server 2025. A newer one is asked the same. */
export const newestKnownMajor = 17;
