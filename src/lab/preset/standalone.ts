/** The articles' standalone migration: OnPremNode with Adventureworks, and an empty SQLVM. */

import type { LabDefinition, LabInstanceDefinition, LabLoginDefinition } from '../definition.ts';

const DATABASE = 'Adventureworks';
const LATENCY_MS = 1;

const COMMON: Omit<LabInstanceDefinition, 'name' | 'side' | 'databases' | 'logins'> = {
  domain: 'contoso.com',
  release: 2022,
  edition: 'Enterprise',
  alwaysOn: 'enabled',
  encryption: 'supported',
  serviceAccount: 'CONTOSO\\sqlservice',
};

const WRITER: LabLoginDefinition = {
  user: 'app_writer',
  roles: [],
  permissions: [],
  disabled: false,
  users: [],
};

/** A login with no right beyond connecting: what rules must call unknown, not fine. */
const VISITOR: LabLoginDefinition = { ...WRITER, user: 'visitor' };

/** Two instances of SQL Server 2022 in one domain, Always On enabled, one database to move. */
export const standalonePreset: LabDefinition = {
  name: 'standalone',
  link: { latencyMs: LATENCY_MS, bandwidth: null },
  instances: [
    {
      ...COMMON,
      name: 'OnPremNode',
      side: 'source',
      databases: [
        { name: DATABASE, sample: 'adventureworks', recoveryModel: 'FULL', fullBackup: true },
      ],
      logins: [
        { ...WRITER, users: [{ database: DATABASE, roles: ['db_datareader', 'db_datawriter'] }] },
        VISITOR,
      ],
    },
    { ...COMMON, name: 'SQLVM', side: 'target', databases: [], logins: [WRITER, VISITOR] },
  ],
};
