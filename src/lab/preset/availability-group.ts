/**
 * The articles' migration of an availability group: OnPremAG of two replicas with its listener, and
 * two servers on the other side with nothing on them yet.
 */

import type { LabDefinition } from '../definition.ts';
import {
  articleDatabase,
  articleInstance,
  articleLatencyMs,
  articleWriter,
  articleWriterAtHome,
} from './article-instance.ts';

/** Four instances of SQL Server 2022 in two clusters; one group with one database is up. */
export const availabilityGroupPreset: LabDefinition = {
  name: 'availability-group',
  link: { latencyMs: articleLatencyMs, bandwidth: null },
  listeners: [
    { name: 'OnPremAG_LST', domain: 'contoso.com' },
    { name: 'AzureAG_LST', domain: 'contoso.com' },
  ],
  groups: [
    {
      name: 'OnPremAG',
      replicas: ['OnPremNode1', 'OnPremNode2'],
      databases: [articleDatabase],
      listener: 'OnPremAG_LST',
    },
  ],
  instances: [
    {
      ...articleInstance,
      name: 'OnPremNode1',
      side: 'source',
      cluster: 'ONPREMCLUSTER',
      databases: [
        {
          name: articleDatabase,
          sample: 'adventureworks',
          recoveryModel: 'FULL',
          fullBackup: true,
        },
      ],
      logins: [articleWriterAtHome],
    },
    {
      ...articleInstance,
      name: 'OnPremNode2',
      side: 'source',
      cluster: 'ONPREMCLUSTER',
      databases: [],
      logins: [articleWriter],
    },
    {
      ...articleInstance,
      name: 'SQLVM1',
      side: 'target',
      cluster: 'AZURECLUSTER',
      databases: [],
      logins: [articleWriter],
    },
    {
      ...articleInstance,
      name: 'SQLVM2',
      side: 'target',
      cluster: 'AZURECLUSTER',
      databases: [],
      logins: [articleWriter],
    },
  ],
};
