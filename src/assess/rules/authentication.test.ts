import { goodServer } from '../../../tests/support/facts.ts';
import {
  altered,
  onBothSides,
  testJudges,
  type JudgeCase,
} from '../../../tests/support/judge-cases.ts';
import type { AssessFacts } from '../../model/assess-facts.ts';
import { known } from '../../model/fact.ts';
import type { Side } from '../../model/side.ts';
import { authenticationRules } from './authentication.ts';

const session = (side: Side, authScheme: string, serviceAccount = 'CONTOSO\\sql'): AssessFacts =>
  altered(side, {
    session: known({ encrypted: true, authScheme, netTransport: 'TCP', localTcpPort: 1435 }),
    server: known({ ...goodServer(side), serviceAccount }),
  });

const transport = (side: Side, authenticationMethod: string | null): AssessFacts =>
  altered(side, {
    transport: known([
      {
        stateDesc: 'LOGGED_IN',
        authenticationMethod,
        principalName: 'x',
        encryptionAlgorithmDesc: 'AES',
      },
    ]),
  });

const cases: readonly JudgeCase[] = [
  ...onBothSides('AUTH-SCHEME', 'success', (side) => session(side, 'KERBEROS')),
  ...onBothSides('AUTH-SCHEME', 'warning', (side) => session(side, 'NTLM')),
  ...onBothSides('AUTH-SCHEME', 'skipped', (side) => session(side, 'SQL')),
  {
    id: 'SRC-AUTH-SCHEME',
    facts: session('source', 'NTLM', 'NT Service\\MSSQLSERVER'),
    outcome: 'warning',
    remedy: /^setspn -S MSSQLSvc\/OnPremNode\.contoso\.com:1435 CONTOSO\\OnPremNode\$$/u,
  },
  ...onBothSides('AUTH-TRANSPORT', 'skipped', (side) => altered(side, {})),
  ...onBothSides('AUTH-TRANSPORT', 'success', (side) => transport(side, 'KERBEROS')),
  {
    id: 'TGT-AUTH-TRANSPORT',
    facts: transport('target', null),
    outcome: 'success',
    evidence: /CERTIFICATE/u,
  },
  ...onBothSides('AUTH-TRANSPORT', 'warning', (side) => transport(side, 'NTLM')),
  {
    id: 'TGT-AUTH-TRANSPORT',
    facts: transport('target', 'NTLM'),
    outcome: 'warning',
    remedy: /^setspn -S MSSQLSvc\/SQLVM\.contoso\.com:5022 CONTOSO\\svc_target$/u,
  },
];

testJudges(authenticationRules, cases);
