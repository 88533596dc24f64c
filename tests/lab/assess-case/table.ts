/** All lab cases of the assessment, and the rules that have none. */

import type { AssessCase, Exemptions } from './case.ts';
import { databaseCases, databaseExempt } from './database.ts';
import { afterCases } from './after.ts';
import { authenticationCases } from './authentication.ts';
import { backupJobCases } from './backup-job.ts';
import { networkCases } from './network.ts';
import { endpointCases, endpointExempt } from './endpoint.ts';
import { groupCases, groupExempt } from './group.ts';
import { capacityCases } from './capacity.ts';
import { instanceCases, instanceExempt } from './instance.ts';
import { serverObjectCases } from './server-object.ts';
import { settingCases } from './setting.ts';
import { readingCases, readingExempt } from './reading.ts';

/** The cases. */
export const assessCases: readonly AssessCase[] = [
  ...instanceCases,
  ...settingCases,
  ...capacityCases,
  ...serverObjectCases,
  ...readingCases,
  ...endpointCases,
  ...groupCases,
  ...networkCases,
  ...backupJobCases,
  ...authenticationCases,
  ...afterCases,
  ...databaseCases,
];

/** Rules that the lab cannot show satisfied, or cannot show violated. */
export const exemptRules: Exemptions = {
  ...instanceExempt,
  ...readingExempt,
  ...endpointExempt,
  ...groupExempt,
  ...databaseExempt,
};
