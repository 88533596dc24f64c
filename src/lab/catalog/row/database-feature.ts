/** Views about what a database uses: rows only where the definition states them. */

import { emptyView, type ViewTable } from '../view.ts';

/**
 * Permissions as the pages say: catalog views show what the login may see, the views of the log,
 * memory and conversations need VIEW SERVER STATE or its like, msdb a right there.
 */
export const databaseFeatureViews: ViewTable = {
  'sys.filegroups': emptyView('everyone'),
  'sys.database_query_store_options': emptyView('everyone'),
  'sys.assemblies': emptyView('definition'),
  'sys.external_data_sources': emptyView('definition'),
  'sys.database_scoped_credentials': emptyView('definition'),
  'sys.database_scoped_configurations': emptyView('everyone'),
  'sys.fulltext_catalogs': emptyView('definition'),
  'sys.service_queues': emptyView('definition'),
  'sys.conversation_endpoints': emptyView('definition'),
  'sys.sql_expression_dependencies': emptyView('definition'),
  'sys.synonyms': emptyView('definition'),
  'sys.database_audit_specifications': emptyView('definition'),
  'sys.filetables': emptyView('definition'),
  'sys.asymmetric_keys': emptyView('definition'),
  'sys.dm_db_xtp_table_memory_stats': emptyView('performance'),
  'sys.change_tracking_databases': emptyView('everyone'),
  'msdb.dbo.cdc_jobs': emptyView('backups'),
  'msdb.dbo.log_shipping_primary_databases': emptyView('backups'),
  'msdb.dbo.log_shipping_secondary_databases': emptyView('backups'),
};
