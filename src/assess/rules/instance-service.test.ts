import { goodServer } from '../../../tests/support/facts.ts';
import { goodLogin } from '../../../tests/support/facts/server.ts';
import {
  altered,
  onBothSides,
  testJudges,
  type JudgeCase,
} from '../../../tests/support/judge-cases.ts';
import type { ServiceFacts } from '../../model/assess-capacity.ts';
import type { AssessFacts } from '../../model/assess-facts.ts';
import type { PropertyFacts } from '../../model/assess-setting.ts';
import { known, unknown } from '../../model/fact.ts';
import type { Side } from '../../model/side.ts';
import { serviceRules } from './instance-service.ts';

const engine: ServiceFacts = {
  kind: 'engine',
  name: 'SQL Server (MSSQLSERVER)',
  account: 'CONTOSO\\svc',
  startupTypeDesc: 'Automatic',
  statusDesc: 'Running',
};
const agent: ServiceFacts = { ...engine, kind: 'agent', name: 'SQL Server Agent (MSSQLSERVER)' };

const services = (side: Side, list: readonly ServiceFacts[]): AssessFacts =>
  altered(side, { services: known(list) });

const property = (side: Side, change: Partial<PropertyFacts>, facts?: AssessFacts): AssessFacts =>
  altered(
    side,
    {
      properties: known({
        isIntegratedSecurityOnly: false,
        isSingleUser: false,
        isFullTextInstalled: true,
        isPolyBaseInstalled: false,
        ...change,
      }),
    },
    facts,
  );

const flags = (side: Side, numbers: readonly number[], facts?: AssessFacts): AssessFacts =>
  altered(side, { traceFlags: known(numbers.map((flag) => ({ flag, isGlobal: true }))) }, facts);

const cases: readonly JudgeCase[] = [
  ...onBothSides('AGENT', 'warning', (side) =>
    services(side, [engine, { ...agent, statusDesc: 'Stopped' }]),
  ),
  ...onBothSides('AGENT', 'warning', (side) =>
    services(side, [engine, { ...agent, startupTypeDesc: 'Manual' }]),
  ),
  ...onBothSides('AGENT', 'success', (side) =>
    services(side, [engine, { ...agent, startupTypeDesc: 'Automatic (Delayed Start)' }]),
  ),
  ...onBothSides('AGENT', 'unknown', (side) => services(side, [engine])),
  ...onBothSides('SERVICE-START', 'warning', (side) =>
    services(side, [{ ...engine, startupTypeDesc: 'Manual' }, agent]),
  ),
  ...onBothSides('SERVICE-START', 'success', (side) =>
    altered(side, {
      services: known([{ ...engine, startupTypeDesc: 'Manual' }]),
      server: known({ ...goodServer(side), isClustered: true }),
    }),
  ),
  ...onBothSides('SERVICE-IDENTITY', 'warning', (side) =>
    services(side, [{ ...engine, account: 'LocalSystem' }]),
  ),
  ...onBothSides('SERVICE-IDENTITY', 'warning', (side) =>
    services(side, [{ ...engine, account: 'NT AUTHORITY\\NETWORK SERVICE' }]),
  ),
  ...onBothSides('SERVICE-IDENTITY', 'success', (side) =>
    services(side, [{ ...engine, account: 'NT Service\\MSSQLSERVER' }]),
  ),
  ...onBothSides('SERVICE-IDENTITY', 'unknown', (side) =>
    services(side, [{ ...engine, account: '' }]),
  ),
  ...onBothSides('SINGLE-USER', 'error', (side) => property(side, { isSingleUser: true })),
  ...onBothSides('SINGLE-USER', 'unknown', (side) => property(side, { isSingleUser: null })),
  ...onBothSides('SUSPECT-PAGES', 'error', (side) =>
    altered(side, {
      suspectPages: known([
        { database: 'a]b', pages: 2, latest: '2026-11-20T01:02:03' },
        { database: null, pages: 1, latest: '2026-11-19T01:02:03' },
      ]),
    }),
  ),
  {
    id: 'PAIR-AUTH-MODE',
    facts: property('target', { isIntegratedSecurityOnly: true }),
    outcome: 'error',
    evidence: /The source has 1 SQL login/u,
  },
  {
    id: 'PAIR-AUTH-MODE',
    facts: altered(
      'source',
      { logins: known([{ ...goodLogin, type: 'U' }]) },
      property('target', { isIntegratedSecurityOnly: true }),
    ),
    outcome: 'warning',
  },
  {
    id: 'PAIR-AUTH-MODE',
    facts: altered(
      'source',
      { logins: unknown('nobody may look') },
      property('target', { isIntegratedSecurityOnly: true }),
    ),
    outcome: 'warning',
    evidence: /not shown/u,
  },
  {
    id: 'PAIR-AUTH-MODE',
    facts: property(
      'source',
      { isIntegratedSecurityOnly: true },
      property('target', { isIntegratedSecurityOnly: true }),
    ),
    outcome: 'success',
  },
  {
    id: 'PAIR-AUTH-MODE',
    facts: property('target', { isIntegratedSecurityOnly: null }),
    outcome: 'unknown',
  },
  {
    id: 'PAIR-FULL-TEXT',
    facts: property('target', { isFullTextInstalled: false }),
    outcome: 'warning',
  },
  {
    id: 'PAIR-FULL-TEXT',
    facts: property('target', { isFullTextInstalled: null }),
    outcome: 'unknown',
  },
  {
    id: 'PAIR-POLYBASE',
    facts: property('source', { isPolyBaseInstalled: true }),
    outcome: 'warning',
  },
  ...onBothSides('TRACE-FLAGS', 'warning', (side) => flags(side, [9571])),
  ...onBothSides('TRACE-FLAGS', 'success', (side) => flags(side, [3226, 9567])),
  {
    id: 'PAIR-TRACE-FLAGS',
    facts: flags('source', [3226, 9567]),
    outcome: 'warning',
    evidence: /only: 3226\./u,
    remedy: /DBCC TRACEON \(3226, -1\); and -T3226/u,
  },
  {
    id: 'PAIR-TRACE-FLAGS',
    facts: flags('source', [3226], flags('target', [3226, 7412])),
    outcome: 'success',
  },
];

testJudges(serviceRules, cases);
