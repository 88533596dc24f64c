import { goodDatabase, goodEndpoint, goodFacts, goodGroup } from '../../../tests/support/facts.ts';
import {
  altered,
  onBothSides,
  testJudges,
  type JudgeCase,
} from '../../../tests/support/judge-cases.ts';
import type { EndpointFacts } from '../../model/assess-endpoint.ts';
import type { AssessFacts } from '../../model/assess-facts.ts';
import { known, unknown } from '../../model/fact.ts';
import type { Side } from '../../model/side.ts';
import { endpointDetailRules } from './endpoint-detail.ts';

const endpoint = (side: Side, change: Partial<EndpointFacts>): AssessFacts =>
  altered(side, { endpoints: known([{ ...goodEndpoint, ...change }]) });
const none = (side: Side): AssessFacts => altered(side, { endpoints: known([]) });

const replica = (side: Side, port: number): AssessFacts => ({
  ...goodFacts,
  replicas: [
    { ...goodFacts[side], instance: 'Second', endpoints: known([{ ...goodEndpoint, port }]) },
  ],
});

const names = [
  'EP-OWNER',
  'EP-ENCRYPTION',
  'EP-OLD-CIPHER',
  'EP-PUBLIC',
  'EP-LISTENING',
  'EP-SHARED',
];

const cases: readonly JudgeCase[] = [
  ...[...names, 'EP-SAME-PORT'].flatMap((name) => onBothSides(name, 'skipped', none)),
  {
    id: 'SRC-EP-OWNER',
    facts: endpoint('source', { ownerName: 'CONTOSO\\anna', name: 'a]b' }),
    outcome: 'warning',
    evidence: /^\[a\]\]b\] belongs to \[CONTOSO\\anna\]\.$/u,
    remedy: /^ALTER AUTHORIZATION ON ENDPOINT::\[a\]\]b\] TO \[sa\]$/u,
  },
  ...onBothSides('EP-OWNER', 'warning', (side) => endpoint(side, { ownerName: null })),
  ...onBothSides('EP-OWNER', 'success', (side) =>
    endpoint(side, { ownerName: 'NT AUTHORITY\\SYSTEM' }),
  ),
  ...onBothSides('EP-ENCRYPTION', 'warning', (side) =>
    endpoint(side, { encryptionAlgorithmDesc: 'NONE, AES' }),
  ),
  ...onBothSides('EP-ENCRYPTION', 'warning', (side) =>
    endpoint(side, { isEncryptionEnabled: false, encryptionAlgorithmDesc: 'NONE' }),
  ),
  ...onBothSides('EP-OLD-CIPHER', 'warning', (side) =>
    endpoint(side, { encryptionAlgorithmDesc: 'AES, RC4' }),
  ),
  ...onBothSides('EP-PUBLIC', 'warning', (side) => endpoint(side, { connectGrantees: ['PUBLIC'] })),
  ...onBothSides('EP-PUBLIC', 'success', (side) => endpoint(side, { connectGrantees: [] })),
  ...onBothSides('EP-LISTENING', 'error', (side) => altered(side, { listeners: known([]) })),
  ...onBothSides('EP-LISTENING', 'skipped', (side) => endpoint(side, { stateDesc: 'DISABLED' })),
  {
    id: 'TGT-EP-LISTENING',
    facts: altered('target', {
      listeners: known([
        {
          ipAddress: '::',
          port: 5022,
          typeDesc: 'DATABASE_MIRRORING',
          stateDesc: 'PENDING_RESTART',
        },
      ]),
    }),
    outcome: 'error',
    evidence: /PENDING_RESTART/u,
  },
  ...onBothSides('EP-SHARED', 'warning', (side) =>
    altered(side, {
      availabilityGroups: known([goodGroup(side), { ...goodGroup(side), name: 'Payroll' }]),
    }),
  ),
  {
    id: 'SRC-EP-SHARED',
    facts: altered('source', { databases: known([{ ...goodDatabase, isMirrored: true }]) }),
    outcome: 'warning',
    evidence: /mirrored database \[Adventureworks\]/u,
  },
  ...onBothSides('EP-SAME-PORT', 'error', (side) => replica(side, 5023)),
  ...onBothSides('EP-SAME-PORT', 'success', (side) => replica(side, 5022)),
  {
    id: 'SRC-EP-SAME-PORT',
    facts: {
      ...goodFacts,
      replicas: [{ ...goodFacts.source, instance: 'Second', endpoints: unknown('away') }],
    },
    outcome: 'unknown',
    evidence: /\[Second\]: away/u,
  },
  {
    id: 'PAIR-EP-AUTHENTICATION',
    facts: endpoint('target', { connectionAuthDesc: 'CERTIFICATE' }),
    outcome: 'error',
  },
  {
    id: 'PAIR-EP-AUTHENTICATION',
    facts: endpoint('target', { connectionAuthDesc: 'KERBEROS, CERTIFICATE' }),
    outcome: 'success',
  },
  {
    id: 'PAIR-EP-AUTHENTICATION',
    facts: altered(
      'source',
      { endpoints: known([{ ...goodEndpoint, connectionAuthDesc: 'NTLM' }]) },
      endpoint('target', { connectionAuthDesc: 'KERBEROS' }),
    ),
    outcome: 'error',
  },
  { id: 'PAIR-EP-AUTHENTICATION', facts: none('source'), outcome: 'skipped' },
];

testJudges(endpointDetailRules, cases);
