import { goodServer } from '../../../tests/support/facts.ts';
import { goodFile } from '../../../tests/support/facts/database.ts';
import {
  altered,
  onBothSides,
  testJudges,
  type JudgeCase,
} from '../../../tests/support/judge-cases.ts';
import type { FileFacts } from '../../model/assess-database.ts';
import type { AssessFacts } from '../../model/assess-facts.ts';
import type { ServerFacts } from '../../model/assess-server.ts';
import { known, unknown } from '../../model/fact.ts';
import type { Side } from '../../model/side.ts';
import { buildRules } from './instance-build.ts';

const server = (side: Side, change: Partial<ServerFacts>, facts?: AssessFacts): AssessFacts =>
  altered(side, { server: known({ ...goodServer(side), ...change }) }, facts);

const build = (productVersion: string): Partial<ServerFacts> => ({
  productVersion,
  versionMajor: Number.parseInt(productVersion, 10),
});

const mix = (files: Parameters<typeof altered>[1]): AssessFacts =>
  altered(
    'source',
    { server: known({ ...goodServer('source'), ...build('15.0.4298.1') }), ...files },
    server('target', build('15.0.4312.2')),
  );

const log = (logicalName: string, database = 'Adventureworks'): FileFacts => ({
  ...goodFile,
  database,
  typeDesc: 'LOG',
  logicalName,
  physicalName: `E:\\Log\\${logicalName}.ldf`,
  sizeBytes: 1,
});

const cases: readonly JudgeCase[] = [
  ...onBothSides('SUPPORT', 'warning', (side) =>
    server(side, { ...build('13.0.6300.2'), utcNow: '2026-11-21T12:00:00Z' }),
  ),
  ...onBothSides('SUPPORT', 'success', (side) =>
    server(side, { ...build('13.0.6300.2'), utcNow: '2026-07-14T23:00:00Z' }),
  ),
  ...onBothSides('SUPPORT', 'unknown', (side) => server(side, build('18.0.500.1'))),
  ...onBothSides('UPDATES', 'warning', (side) => server(side, build('15.0.2000.5'))),
  ...onBothSides('UPDATES', 'warning', (side) => server(side, build('13.0.4001.0'))),
  ...onBothSides('UPDATES', 'skipped', (side) => server(side, build('18.0.500.1'))),
  ...onBothSides('KNOWN-BUILD', 'warning', (side) => server(side, build('15.0.4063.15'))),
  {
    id: 'PAIR-BUILD-MIX',
    facts: mix({ files: known([log('one')]) }),
    outcome: 'warning',
    evidence: /no database is concerned/u,
  },
  {
    id: 'PAIR-BUILD-MIX',
    facts: mix({ files: known([log('one'), log('two')]) }),
    outcome: 'error',
    evidence: /several log files/u,
  },
  {
    id: 'PAIR-BUILD-MIX',
    facts: mix({ files: known([{ ...log('fs'), typeDesc: 'FILESTREAM' }]) }),
    outcome: 'error',
  },
  {
    id: 'PAIR-BUILD-MIX',
    facts: mix({ files: known([log('one'), log('two', 'Other')]) }),
    outcome: 'warning',
  },
  {
    id: 'PAIR-BUILD-MIX',
    facts: mix({ files: unknown('nobody may look') }),
    outcome: 'warning',
    evidence: /is not shown/u,
  },
  {
    id: 'PAIR-BUILD-MIX',
    facts: server('source', build('15.0.4322.2'), server('target', build('15.0.4312.2'))),
    outcome: 'success',
  },
];

testJudges(buildRules, cases);
