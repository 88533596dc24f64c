/** What the servers of the articles have in common, on either path. */

import type { LabInstanceDefinition, LabLoginDefinition } from '../definition.ts';

/** The database that moves. */
export const articleDatabase = 'Adventureworks';

/** Delay of one message between the sides, in milliseconds. */
export const articleLatencyMs = 1;

/** SQL Server 2022 Enterprise in one domain, Always On enabled. */
export const articleInstance: Omit<
  LabInstanceDefinition,
  'name' | 'side' | 'databases' | 'logins'
> = {
  domain: 'contoso.com',
  release: 2022,
  edition: 'Enterprise',
  alwaysOn: 'enabled',
  encryption: 'supported',
  serviceAccount: 'CONTOSO\\sqlservice',
};

/** Login of the application, without a user in any database. */
export const articleWriter: LabLoginDefinition = {
  user: 'app_writer',
  roles: [],
  permissions: [],
  disabled: false,
  users: [],
};

/** The same login with its user in the database that moves. */
export const articleWriterAtHome: LabLoginDefinition = {
  ...articleWriter,
  users: [{ database: articleDatabase, roles: ['db_datareader', 'db_datawriter'] }],
};
