/** Pages about availability groups in detail: listeners, clusters, replicas, authentication between servers. */

const learn = 'https://learn.microsoft.com';
const groups = `${learn}/sql/database-engine/availability-groups/windows`;
const azure = `${learn}/azure/azure-sql/virtual-machines/windows`;

/** Pages by short name. */
export const groupReferences = {
  listener: {
    title: 'Configure a listener for an Always On availability group',
    url: `${groups}/create-or-configure-an-availability-group-listener-sql-server`,
  },
  networkName: {
    title: 'Feature interoperability with AG and DNN listener',
    url: `${azure}/availability-group-dnn-interoperability`,
  },
  loadBalancer: {
    title: 'Configure a load balancer and availability group listener (SQL Server on Azure VMs)',
    url: `${azure}/availability-group-load-balancer-portal-configure`,
  },
  quorum: {
    title: 'Configure and manage quorum',
    url: `${learn}/windows-server/failover-clustering/manage-cluster-quorum`,
  },
  replicaUrl: {
    title: 'Specify endpoint URL - adding or modifying availability replica',
    url: `${groups}/specify-endpoint-url-adding-or-modifying-availability-replica`,
  },
  availabilityModes: {
    title: 'Availability modes for an Always On availability group',
    url: `${groups}/availability-modes-always-on-availability-groups`,
  },
  failoverModes: {
    title: 'Failover and failover modes (Always On availability groups)',
    url: `${groups}/failover-and-failover-modes-always-on-availability-groups`,
  },
  sessionTimeout: {
    title: 'Change the session-timeout period for an availability replica',
    url: `${groups}/change-the-session-timeout-period-for-an-availability-replica-sql-server`,
  },
  readOnlyRouting: {
    title: 'Configure read-only routing for an Always On availability group',
    url: `${groups}/configure-read-only-routing-for-an-availability-group-sql-server`,
  },
  secondaryBackups: {
    title: 'Offload supported backups to secondary replicas of an availability group',
    url: `${groups}/active-secondaries-backup-on-secondary-replicas-always-on-availability-groups`,
  },
  distributedTransactions: {
    title: 'Configure distributed transactions for an Always On availability group',
    url: `${groups}/configure-availability-group-for-distributed-transactions`,
  },
  databaseHealth: {
    title: 'Availability group database level health detection failover option',
    url: `${groups}/sql-server-always-on-database-health-detection-failover-option`,
  },
  endpointCertificates: {
    title: 'Use certificates for a database mirroring endpoint',
    url: `${learn}/sql/database-engine/database-mirroring/use-certificates-for-a-database-mirroring-endpoint-transact-sql`,
  },
  kerberos: {
    title: 'Register a Service Principal Name for Kerberos connections',
    url: `${learn}/sql/database-engine/configure-windows/register-a-service-principal-name-for-kerberos-connections`,
  },
  transport: {
    title: 'sys.dm_db_mirroring_connections',
    url: `${learn}/sql/relational-databases/system-dynamic-management-views/database-mirroring-sys-dm-db-mirroring-connections`,
  },
} as const;
