/** All rules of the assessment, in the order of the report. */

import type { AssessRule } from './rule.ts';
import { capacityRules } from './rules/capacity.ts';
import { databaseRules } from './rules/database.ts';
import { databaseContentRules } from './rules/database-content.ts';
import { databaseDependencyRules } from './rules/database-dependency.ts';
import { featureRules } from './rules/database-feature.ts';
import { databaseFileRules } from './rules/database-file.ts';
import { databaseLogRules } from './rules/database-log.ts';
import { databaseOptionRules } from './rules/database-option.ts';
import { databaseSecurityRules } from './rules/database-security.ts';
import { databaseStateRules } from './rules/database-state.ts';
import { endpointRules } from './rules/endpoint.ts';
import { groupRules } from './rules/group.ts';
import { postServerRules } from './rules/post-cutover-server.ts';
import { postDatabaseRules } from './rules/post-cutover-database.ts';
import { postCutoverRules } from './rules/post-cutover.ts';
import { backupJobRules } from './rules/backup-job.ts';
import { authenticationRules } from './rules/authentication.ts';
import { certificateRules } from './rules/certificate.ts';
import { endpointDetailRules } from './rules/endpoint-detail.ts';
import { networkRules } from './rules/network.ts';
import { listenerRules } from './rules/listener.ts';
import { clusterRules } from './rules/group-cluster.ts';
import { groupOptionRules } from './rules/group-option.ts';
import { replicaRules } from './rules/group-replica.ts';
import { instanceRules } from './rules/instance.ts';
import { buildRules } from './rules/instance-build.ts';
import { serviceRules } from './rules/instance-service.ts';
import { pairRules } from './rules/pair.ts';
import { settingRules } from './rules/pair-setting.ts';
import { readingRules } from './rules/reading.ts';
import { serverLoginRules } from './rules/server-login.ts';
import { serverObjectRules } from './rules/server-object.ts';
import { byHandRules, targetRules } from './rules/target.ts';
import { targetDiskRules } from './rules/target-disk.ts';

/** The rules. Ids are unique and never reused. */
export const assessRules: readonly AssessRule[] = [
  ...instanceRules,
  ...readingRules,
  ...buildRules,
  ...serviceRules,
  ...pairRules,
  ...settingRules,
  ...capacityRules,
  ...endpointRules,
  ...authenticationRules,
  ...certificateRules,
  ...endpointDetailRules,
  ...networkRules,
  ...groupRules,
  ...groupOptionRules,
  ...replicaRules,
  ...clusterRules,
  ...listenerRules,
  ...databaseRules,
  ...databaseStateRules,
  ...databaseOptionRules,
  ...databaseFileRules,
  ...databaseLogRules,
  ...databaseSecurityRules,
  ...databaseDependencyRules,
  ...databaseContentRules,
  ...featureRules,
  ...backupJobRules,
  ...serverLoginRules,
  ...serverObjectRules,
  ...targetRules,
  ...postCutoverRules,
  ...postDatabaseRules,
  ...postServerRules,
  ...targetDiskRules,
  ...byHandRules,
];
