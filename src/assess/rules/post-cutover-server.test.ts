import { goodFacts } from '../../../tests/support/facts.ts';
import { switchedFacts } from '../../../tests/support/facts/switched.ts';
import { altered, testJudges, type JudgeCase } from '../../../tests/support/judge-cases.ts';
import type { AssessFacts } from '../../model/assess-facts.ts';
import { known, unknown } from '../../model/fact.ts';
import type { Side } from '../../model/side.ts';
import { postServerRules } from './post-cutover-server.ts';

const job = (name: string, isEnabled: boolean) => ({ name, detail: '', isEnabled });

const jobs = (source: boolean, target: boolean): AssessFacts =>
  altered(
    'source',
    {
      jobs: known([
        job("Night'ly", source),
        job('Only here', true),
        job('syspolicy_purge_history', true),
      ]),
    },
    altered(
      'target',
      { jobs: known([job("NIGHT'LY", target), job('syspolicy_purge_history', true)]) },
      switchedFacts,
    ),
  );

const flags = (side: Side, ...found: readonly number[]): AssessFacts =>
  altered(
    side,
    { traceFlags: known(found.map((flag) => ({ flag, isGlobal: true }))) },
    switchedFacts,
  );

const ids = postServerRules.map(({ id }) => id);

const cases: readonly JudgeCase[] = [
  ...ids.map((id) => ({ id, facts: switchedFacts, outcome: 'success' as const })),
  ...ids.map((id) => ({ id, facts: goodFacts, outcome: 'skipped' as const })),
  {
    id: 'POST-TRACE-FLAGS',
    facts: flags('source', 9567, 3226),
    outcome: 'warning',
    evidence: /^Still on: 9567 on the source\.$/u,
    remedy: /^DBCC TRACEOFF \(9567, -1\) on the source$/u,
  },
  { id: 'POST-TRACE-FLAGS', facts: flags('target', 12381), outcome: 'warning' },
  { id: 'POST-TRACE-FLAGS', facts: flags('target', 3226), outcome: 'success' },
  {
    id: 'POST-TRACE-FLAGS',
    facts: altered('target', { traceFlags: unknown('no right') }, switchedFacts),
    outcome: 'unknown',
  },
  {
    id: 'POST-JOBS-TARGET',
    facts: jobs(false, false),
    outcome: 'warning',
    remedy: /sp_update_job @job_name = N'NIGHT''LY', @enabled = 1$/u,
  },
  { id: 'POST-JOBS-TARGET', facts: jobs(false, true), outcome: 'success' },
  {
    id: 'POST-JOBS-SOURCE',
    facts: jobs(true, true),
    outcome: 'warning',
    evidence: /^Enabled on both sides: \[Night'ly\]\.$/u,
    remedy: /sp_update_job @job_name = N'Night''ly', @enabled = 0$/u,
  },
  { id: 'POST-JOBS-SOURCE', facts: jobs(false, true), outcome: 'success' },
  { id: 'POST-JOBS-SOURCE', facts: jobs(true, false), outcome: 'success' },
];

testJudges(postServerRules, cases);
