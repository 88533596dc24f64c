import { goodDatabase, goodFacts } from '../../../tests/support/facts.ts';
import { switchedFacts } from '../../../tests/support/facts/switched.ts';
import { altered, testJudges, type JudgeCase } from '../../../tests/support/judge-cases.ts';
import type { DatabaseFacts } from '../../model/assess-database.ts';
import type { AssessFacts } from '../../model/assess-facts.ts';
import { known, unknown } from '../../model/fact.ts';
import { postDatabaseRules } from './post-cutover-database.ts';

const [switched = goodDatabase] = switchedFacts.target.databases.known
  ? switchedFacts.target.databases.value
  : [];

/** The database as it is on the target, and as it was on the source. */
const database = (
  target: Partial<DatabaseFacts>,
  source: Partial<DatabaseFacts> = {},
): AssessFacts =>
  altered(
    'source',
    { databases: known([{ ...goodDatabase, ...source }]) },
    altered('target', { databases: known([{ ...switched, ...target }]) }, switchedFacts),
  );

const noBackup = {
  lastFullFinish: null,
  lastCopyOnlyFinish: null,
  lastLogFinish: null,
  lastLogBackupLsn: null,
};

const jobs = (...types: readonly string[]): AssessFacts =>
  altered(
    'target',
    { cdcJobs: known(types.map((jobType) => ({ database: 'ADVENTUREWORKS', jobType }))) },
    database({ isCdcEnabled: true }),
  );

const orphans = (inside: AssessFacts['target']['orphans']): AssessFacts =>
  altered('target', { orphans: inside }, switchedFacts);

const ids = postDatabaseRules.map(({ id }) => id);

const cases: readonly JudgeCase[] = [
  ...ids
    .filter((id) => id !== 'POST-CDC')
    .map((id) => ({ id, facts: switchedFacts, outcome: 'success' as const })),
  ...ids.map((id) => ({ id, facts: goodFacts, outcome: 'skipped' as const })),
  ...ids.map((id) => ({
    id,
    facts: altered('target', { databases: known([]) }, switchedFacts),
    outcome: 'error' as const,
    evidence: /is not on the target/u,
  })),
  ...ids.map((id) => ({
    id,
    facts: altered('target', { databases: unknown('no right') }, switchedFacts),
    outcome: 'unknown' as const,
  })),
  {
    id: 'POST-WRITABLE',
    facts: database({ stateDesc: 'SUSPECT', isReadOnly: true, userAccessDesc: 'SINGLE_USER' }),
    outcome: 'error',
    evidence: /is SUSPECT, is READ_ONLY, is in SINGLE_USER/u,
  },
  {
    id: 'POST-FULL-BACKUP',
    facts: database({ backup: known(noBackup) }),
    outcome: 'warning',
    remedy: /^BACKUP DATABASE \[Adventureworks\]/u,
  },
  { id: 'POST-FULL-BACKUP', facts: database({ backup: unknown('no right') }), outcome: 'unknown' },
  { id: 'POST-LOG-BACKUP', facts: database({ backup: known(noBackup) }), outcome: 'warning' },
  { id: 'POST-LOG-BACKUP', facts: database({ backup: unknown('no right') }), outcome: 'unknown' },
  {
    id: 'POST-OWNER',
    facts: database({ ownerName: null }, { ownerName: 'a]b' }),
    outcome: 'warning',
    remedy: /^ALTER AUTHORIZATION ON DATABASE::\[Adventureworks\] TO \[a\]\]b\]$/u,
  },
  {
    id: 'POST-OWNER',
    facts: database({ ownerName: 'other' }, { ownerName: null }),
    outcome: 'warning',
  },
  { id: 'POST-OWNER', facts: database({ ownerName: 'SA' }), outcome: 'success' },
  {
    id: 'POST-TRUSTWORTHY',
    facts: database({}, { isTrustworthyOn: true, isDbChainingOn: true }),
    outcome: 'warning',
    remedy: /SET TRUSTWORTHY ON; .*SET DB_CHAINING ON$/u,
  },
  {
    id: 'POST-TRUSTWORTHY',
    facts: database({ isTrustworthyOn: true }, { isTrustworthyOn: true }),
    outcome: 'success',
  },
  { id: 'POST-BROKER', facts: database({}, { isBrokerEnabled: true }), outcome: 'warning' },
  {
    id: 'POST-COMPATIBILITY',
    facts: database({ compatibilityLevel: 160 }, { compatibilityLevel: 150 }),
    outcome: 'warning',
    remedy: /COMPATIBILITY_LEVEL = 150$/u,
  },
  { id: 'POST-CDC', facts: database({}), outcome: 'skipped' },
  { id: 'POST-CDC', facts: jobs('capture', 'cleanup'), outcome: 'success' },
  { id: 'POST-CDC', facts: jobs('cleanup'), outcome: 'warning', evidence: /no capture job/u },
  {
    id: 'POST-CDC',
    facts: altered('target', { cdcJobs: unknown('no right') }, database({ isCdcEnabled: true })),
    outcome: 'unknown',
  },
  {
    id: 'POST-LOGINS',
    facts: orphans(known([{ name: 'adventureworks', inside: known(['a]b']) }])),
    outcome: 'warning',
    evidence: /: \[a\]\]b\]\.$/u,
  },
  {
    id: 'POST-LOGINS',
    facts: orphans(known([{ name: 'Adventureworks', inside: unknown('it is RESTORING') }])),
    outcome: 'unknown',
    evidence: /RESTORING/u,
  },
  { id: 'POST-LOGINS', facts: orphans(known([])), outcome: 'unknown' },
];

testJudges(postDatabaseRules, cases);
