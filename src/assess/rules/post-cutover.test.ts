import { goodFacts } from '../../../tests/support/facts.ts';
import { switchedCopy, switchedFacts } from '../../../tests/support/facts/switched.ts';
import { articleMigration } from '../../../tests/support/observation.ts';
import { altered, testJudges, type JudgeCase } from '../../../tests/support/judge-cases.ts';
import type { AssessFacts, SideFacts } from '../../model/assess-facts.ts';
import type { CopyFacts } from '../../model/assess-replica.ts';
import { known, unknown } from '../../model/fact.ts';
import type { Side } from '../../model/side.ts';
import { postCutoverRules } from './post-cutover.ts';

const after = (side: Side, change: Partial<SideFacts>): AssessFacts =>
  altered(side, change, switchedFacts);

const copies = (side: Side, change: Partial<CopyFacts>): AssessFacts =>
  after('target', {
    copies: known([
      { ...switchedCopy('target'), ...(side === 'target' ? change : {}) },
      { ...switchedCopy('source'), ...(side === 'source' ? change : {}) },
    ]),
  });

const ids = postCutoverRules.map(({ id }) => id);

const cases: readonly JudgeCase[] = [
  ...ids.map((id) => ({ id, facts: switchedFacts, outcome: 'success' as const })),
  ...ids.map((id) => ({ id, facts: goodFacts, outcome: 'skipped' as const })),
  ...ids.map((id) => ({
    id,
    facts: after('target', { availabilityGroups: unknown('no right') }),
    outcome: 'unknown' as const,
  })),
  {
    id: 'POST-ROLE',
    facts: after('source', { availabilityGroups: switchedFacts.target.availabilityGroups }),
    outcome: 'error',
    evidence: /^\[OnPremNode\] is PRIMARY in \[DAG\]/u,
  },
  {
    id: 'POST-ROLE',
    facts: after('source', { availabilityGroups: known([]) }),
    outcome: 'success',
  },
  {
    id: 'POST-ROLE',
    facts: after('source', { availabilityGroups: unknown('away') }),
    outcome: 'unknown',
  },
  {
    id: 'POST-COPIES',
    facts: copies('target', { databaseStateDesc: 'RECOVERY_PENDING' }),
    outcome: 'error',
    evidence: /\[Adventureworks\] RECOVERY_PENDING/u,
  },
  {
    id: 'POST-COPIES',
    facts: copies('target', { synchronizationStateDesc: 'NOT SYNCHRONIZING' }),
    outcome: 'error',
  },
  {
    id: 'POST-COPIES',
    facts: copies('target', { isSuspended: true }),
    outcome: 'error',
    evidence: /suspended/u,
  },
  {
    id: 'POST-COPIES',
    facts: after('target', { copies: known([]) }),
    outcome: 'error',
    evidence: /not in the group: \[Adventureworks\]/u,
  },
  {
    id: 'POST-WAY-BACK',
    facts: copies('source', { synchronizationStateDesc: 'NOT SYNCHRONIZING' }),
    outcome: 'warning',
  },
  { id: 'POST-WAY-BACK', facts: after('target', { copies: known([]) }), outcome: 'warning' },
  {
    id: 'POST-SESSIONS',
    facts: after('source', {
      databaseSessions: known([
        { database: 'adventureworks', loginName: 'a]b', programName: '', sessions: 3 },
        { database: 'Other', loginName: 'x', programName: 'y', sessions: 1 },
      ]),
    }),
    outcome: 'warning',
    evidence: /^3 session\(s\) of \[a\]\]b\] \(no program name\) in \[adventureworks\]\.$/u,
  },
  {
    id: 'POST-FENCE',
    facts: after('source', { fenceLogins: known([{ name: 'app_writer', isDisabled: false }]) }),
    outcome: 'warning',
    remedy: /^ALTER LOGIN \[app_writer\] DISABLE on the source$/u,
  },
  {
    id: 'POST-FENCE',
    facts: after('target', { fenceLogins: known([{ name: 'app_writer', isDisabled: true }]) }),
    outcome: 'warning',
    remedy: /^ALTER LOGIN \[app_writer\] ENABLE on the target$/u,
  },
  {
    id: 'POST-FENCE',
    facts: switchedFacts,
    outcome: 'skipped',
    migration: {
      ...articleMigration,
      cutover: { ...articleMigration.cutover, fenceLogins: [] },
    },
  },
  {
    id: 'POST-COMMIT-MODE',
    facts: after('target', {
      groupReplicas: known(
        switchedFacts.target.groupReplicas.known
          ? switchedFacts.target.groupReplicas.value.map((each) => ({
              ...each,
              availabilityModeDesc: 'SYNCHRONOUS_COMMIT',
            }))
          : [],
      ),
    }),
    outcome: 'warning',
    evidence: /^\[OnPremAG\], \[AzureAG\] of \[DAG\]/u,
    remedy:
      /MODIFY AVAILABILITY GROUP ON 'OnPremAG' WITH \(AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT\), 'AzureAG'/u,
  },
];

testJudges(postCutoverRules, cases);
