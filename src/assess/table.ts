/** All rules of the assessment, in the order of the report. */

import type { AssessRule } from './rule.ts';
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
import { replicaRules } from './rules/group-replica.ts';
import { groupOptionRules } from './rules/group-option.ts';
import { clusterRules } from './rules/group-cluster.ts';
import { instanceRules } from './rules/instance.ts';
import { pairRules } from './rules/pair.ts';
import { readingRules } from './rules/reading.ts';
import { byHandRules, targetRules } from './rules/target.ts';

/** The rules. Ids are unique and never reused. */
export const assessRules: readonly AssessRule[] = [
  ...instanceRules,
  ...readingRules,
  ...pairRules,
  ...endpointRules,
  ...groupRules,
  ...replicaRules,
  ...groupOptionRules,
  ...clusterRules,
  ...databaseRules,
  ...databaseStateRules,
  ...databaseOptionRules,
  ...databaseFileRules,
  ...databaseLogRules,
  ...databaseSecurityRules,
  ...databaseDependencyRules,
  ...databaseContentRules,
  ...featureRules,
  ...targetRules,
  ...byHandRules,
];
