/** The articles' standalone migration: OnPremNode with Adventureworks, and an empty SQLVM. */

import type { LabDefinition, LabLoginDefinition } from '../definition.ts';
import {
  articleDatabase,
  articleInstance,
  articleLatencyMs,
  articleWriter,
  articleWriterAtHome,
} from './article-instance.ts';

/** A login with no right beyond connecting: what rules must call unknown, not fine. */
const VISITOR: LabLoginDefinition = { ...articleWriter, user: 'visitor' };

/** Two instances of SQL Server 2022 in one domain, Always On enabled, one database to move. */
export const standalonePreset: LabDefinition = {
  name: 'standalone',
  link: { latencyMs: articleLatencyMs, bandwidth: null },
  instances: [
    {
      ...articleInstance,
      name: 'OnPremNode',
      side: 'source',
      databases: [
        {
          name: articleDatabase,
          sample: 'adventureworks',
          recoveryModel: 'FULL',
          fullBackup: true,
        },
      ],
      logins: [articleWriterAtHome, VISITOR],
    },
    {
      ...articleInstance,
      name: 'SQLVM',
      side: 'target',
      databases: [],
      logins: [articleWriter, VISITOR],
    },
  ],
};
