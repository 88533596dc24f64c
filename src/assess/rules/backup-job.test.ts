import { goodServer } from '../../../tests/support/facts.ts';
import { articleMigration } from '../../../tests/support/observation.ts';
import {
  altered,
  onBothSides,
  testJudges,
  type JudgeCase,
} from '../../../tests/support/judge-cases.ts';
import type { AssessFacts } from '../../model/assess-facts.ts';
import { known } from '../../model/fact.ts';
import type { Side } from '../../model/side.ts';
import { backupJobRules } from './backup-job.ts';

const steps = (side: Side, command: string, isEnabled = true): AssessFacts =>
  altered(side, {
    backupSteps: known([{ job: 'a]b', isEnabled, stepId: 2, subsystem: 'TSQL', command }]),
  });

const says =
  (command: string, isEnabled = true) =>
  (side: Side): AssessFacts =>
    steps(side, command, isEnabled);

const ASKS = "IF sys.fn_hadr_backup_is_preferred_replica(N'x') = 1 ";
const PRIMARY = "IF sys.fn_hadr_is_primary_replica(N'x') = 1 ";
const DATA = "backup   database x to disk = N'x'";
const LOG = "BACKUP LOG x TO DISK = N'x'";
const OLA = "EXECUTE [dbo].[DatabaseBackup] @BackupType = 'LOG'";

const cases: readonly JudgeCase[] = [
  ...onBothSides('JOB-BACKUP-PREFERENCE', 'warning', says(DATA)),
  ...onBothSides('JOB-BACKUP-PREFERENCE', 'warning', says(`${PRIMARY}${LOG}`)),
  ...onBothSides('JOB-BACKUP-PREFERENCE', 'warning', says(`-- ${ASKS}\n${LOG}`)),
  ...onBothSides('JOB-BACKUP-PREFERENCE', 'success', says(`${ASKS}${DATA}`)),
  ...onBothSides('JOB-BACKUP-PREFERENCE', 'success', says(DATA, false)),
  ...onBothSides('JOB-BACKUP-PREFERENCE', 'success', says(`${DATA} WITH COPY_ONLY`)),
  ...onBothSides('JOB-BACKUP-PREFERENCE', 'success', says(`/* ${DATA} */ SELECT 1`)),
  ...onBothSides('JOB-BACKUP-PREFERENCE', 'success', says(OLA)),
  {
    id: 'SRC-JOB-LOG-ROLE',
    facts: steps('source', LOG),
    outcome: 'warning',
    evidence: /^\[a\]\]b\] step 2 takes log backups/u,
  },
  ...onBothSides('JOB-LOG-ROLE', 'warning', says(LOG)),
  ...onBothSides('JOB-LOG-ROLE', 'success', says(`${PRIMARY}${LOG}`)),
  ...onBothSides('JOB-LOG-ROLE', 'success', says(DATA)),
  ...onBothSides('JOB-FULL-FORWARDER', 'warning', says(DATA)),
  ...onBothSides('JOB-FULL-FORWARDER', 'success', says(`${PRIMARY}${DATA}`)),
  ...onBothSides('JOB-FULL-FORWARDER', 'success', says(LOG)),
  ...onBothSides('JOB-FULL-FORWARDER', 'skipped', (side) =>
    altered(side, { server: known({ ...goodServer(side), versionMajor: 17 }) }, steps(side, DATA)),
  ),
  ...onBothSides('JOB-OLA-FORWARDER', 'success', says(OLA)),
  ...onBothSides(
    'JOB-OLA-FORWARDER',
    'warning',
    says(`${OLA}, @AllowNonCopyOnlyBackupsOnForwarder = N'y'`),
  ),
  { id: 'SRC-JOB-LOG-SEEDING', facts: steps('source', LOG), outcome: 'warning' },
  { id: 'SRC-JOB-LOG-SEEDING', facts: steps('source', OLA), outcome: 'warning' },
  {
    id: 'SRC-JOB-LOG-SEEDING',
    facts: steps('source', `${OLA}, @ExcludeSeedingFromLogBackup = 'Y'`),
    outcome: 'success',
  },
  {
    id: 'SRC-JOB-LOG-SEEDING',
    facts: steps('source', OLA.replace('LOG', 'FULL')),
    outcome: 'success',
  },
  {
    id: 'SRC-JOB-LOG-SEEDING',
    facts: steps('source', LOG),
    outcome: 'skipped',
    migration: {
      ...articleMigration,
      seeding: { kind: 'manual', share: '\\\\files\\move', compression: true, stripes: 1 },
    },
  },
];

testJudges(backupJobRules, cases);
