/**
 * The articles' migration of an availability group: OnPremAG of two replicas with its listener, and
 * two servers on the other side with nothing on them yet.
 */

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
  users: [{ database: DATABASE, roles: ['db_datareader', 'db_datawriter'] }],
};

/** Four instances of SQL Server 2022 in two clusters; one group with one database is up. */
export const availabilityGroupPreset: LabDefinition = {
  name: 'availability-group',
  link: { latencyMs: LATENCY_MS, bandwidth: null },
  listeners: [
    { name: 'OnPremAG_LST', domain: 'contoso.com' },
    { name: 'AzureAG_LST', domain: 'contoso.com' },
  ],
  groups: [
    {
      name: 'OnPremAG',
      replicas: ['OnPremNode1', 'OnPremNode2'],
      databases: [DATABASE],
      listener: 'OnPremAG_LST',
    },
  ],
  instances: [
    {
      ...COMMON,
      name: 'OnPremNode1',
      side: 'source',
      cluster: 'ONPREMCLUSTER',
      databases: [
        { name: DATABASE, sample: 'adventureworks', recoveryModel: 'FULL', fullBackup: true },
      ],
      logins: [WRITER],
    },
    {
      ...COMMON,
      name: 'OnPremNode2',
      side: 'source',
      cluster: 'ONPREMCLUSTER',
      databases: [],
      logins: [{ ...WRITER, users: [] }],
    },
    {
      ...COMMON,
      name: 'SQLVM1',
      side: 'target',
      cluster: 'AZURECLUSTER',
      databases: [],
      logins: [{ ...WRITER, users: [] }],
    },
    {
      ...COMMON,
      name: 'SQLVM2',
      side: 'target',
      cluster: 'AZURECLUSTER',
      databases: [],
      logins: [{ ...WRITER, users: [] }],
    },
  ],
};
