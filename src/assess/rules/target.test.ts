import { goodServer } from '../../../tests/support/facts.ts';
import { goodFile } from '../../../tests/support/facts/database.ts';
import { altered, testJudges, type JudgeCase } from '../../../tests/support/judge-cases.ts';
import { known } from '../../model/fact.ts';
import { targetRules } from './target.ts';

const file = (physicalName: string, database = 'Adventureworks') => ({
  ...goodFile,
  database,
  physicalName,
});

const moved = (folder: string, target: Parameters<typeof altered>[1] = {}) =>
  altered('source', { files: known([file(`${folder}\\a.mdf`)]) }, altered('target', target));

const cases: readonly JudgeCase[] = [
  {
    id: 'TGT-PATHS',
    facts: moved("F:\\O'Brien"),
    outcome: 'warning',
    evidence: /\[F:\\O'Brien\]/u,
    remedy: /sys\.dm_os_file_exists\(N'F:\\O''Brien'\);/u,
  },
  {
    id: 'TGT-PATHS',
    facts: moved('F:\\Big', { files: known([file('f:\\BIG\\other.mdf', 'Other')]) }),
    outcome: 'success',
    evidence: /folders that the target has/u,
  },
  {
    // Before SQL Server 2017 seeding keeps every path.
    id: 'TGT-PATHS',
    facts: moved('D:\\Data', {
      server: known({ ...goodServer('target'), versionMajor: 13, defaultDataPath: 'F:\\Data\\' }),
    }),
    outcome: 'warning',
    remedy: /xp_fileexist N'D:\\Data';/u,
  },
  {
    id: 'TGT-PATHS',
    facts: moved('D:\\Data', {
      server: known({ ...goodServer('target'), defaultDataPath: 'F:\\Data\\' }),
    }),
    outcome: 'success',
  },
];

testJudges(
  targetRules.filter(({ id }) => id === 'TGT-PATHS'),
  cases,
);
