import { goodGroup, goodReplica } from '../../../tests/support/facts.ts';
import { articleMigration } from '../../../tests/support/observation.ts';
import {
  altered,
  onBothSides,
  testJudges,
  type JudgeCase,
} from '../../../tests/support/judge-cases.ts';
import type { AssessFacts } from '../../model/assess-facts.ts';
import type { TransportFacts } from '../../model/assess-network.ts';
import type { ReplicaFacts } from '../../model/assess-replica.ts';
import { known } from '../../model/fact.ts';
import type { Migration } from '../../model/migration.ts';
import type { Side } from '../../model/side.ts';
import { networkRules } from './network.ts';

const replica = (side: Side, endpointUrl: string): AssessFacts =>
  altered(side, { groupReplicas: known([{ ...goodReplica(side), endpointUrl }]) });

/** The distributed group, both members as the good migration has them but for the change of the target's. */
const distributed = (side: Side, change: Partial<ReplicaFacts> = {}): AssessFacts =>
  altered(side, {
    availabilityGroups: known([{ ...goodGroup(side), name: 'DAG', isDistributed: true }]),
    groupReplicas: known([
      {
        ...goodReplica('source'),
        group: 'DAG',
        isDistributed: true,
        replicaServerName: 'OnPremAG',
        endpointUrl: 'tcp://OnPremNode.contoso.com:5022',
      },
      {
        ...goodReplica('target'),
        group: 'DAG',
        isDistributed: true,
        replicaServerName: 'AzureAG',
        endpointUrl: 'TCP://sqlvm.contoso.com:5022',
        ...change,
      },
    ]),
  });

const withListener: Migration = {
  ...articleMigration,
  target: {
    ...articleMigration.target,
    listener: { name: 'AzureAG_LST', port: 1433, ips: ['10.1.0.50'] },
  },
};

const connection: TransportFacts = {
  stateDesc: 'LOGGED_IN',
  authenticationMethod: 'KERBEROS',
  principalName: 'x',
  encryptionAlgorithmDesc: 'AES',
};
const transport = (side: Side, change: Partial<TransportFacts>): AssessFacts =>
  altered(side, { transport: known([connection, { ...connection, ...change }]) });

const cases: readonly JudgeCase[] = [
  ...onBothSides('AG-URL-PORT', 'error', (side) => replica(side, 'TCP://a.b.c:5023')),
  ...onBothSides('AG-URL-PORT', 'error', (side) => replica(side, 'somewhere')),
  ...onBothSides('AG-URL-HOST', 'error', (side) => replica(side, 'http://a.b.c:5022')),
  ...onBothSides('AG-URL-HOST', 'warning', (side) => replica(side, 'TCP://short:5022')),
  ...onBothSides('AG-URL-HOST', 'success', (side) => replica(side, 'TCP://10.0.0.4:5022')),
  ...onBothSides('AG-URL-HOST', 'success', (side) => replica(side, 'TCP://[fe80::1]:5022')),
  ...['DAG-URL-PORT', 'DAG-URL-HOST', 'DAG-CONNECTED'].flatMap((name) =>
    onBothSides(name, 'success', (side) => distributed(side)),
  ),
  ...onBothSides('DAG-URL-PORT', 'error', (side) =>
    distributed(side, { endpointUrl: 'TCP://sqlvm.contoso.com:1433' }),
  ),
  {
    id: 'SRC-DAG-URL-PORT',
    facts: distributed('source', { endpointUrl: 'TCP://AzureAG_LST.contoso.com:1433' }),
    outcome: 'error',
    evidence: /that is the port of the listener, the endpoint has port 5022/u,
    migration: withListener,
  },
  ...onBothSides('DAG-URL-HOST', 'warning', (side) =>
    distributed(side, { endpointUrl: 'TCP://other.contoso.com:5022' }),
  ),
  {
    id: 'SRC-DAG-URL-HOST',
    facts: distributed('source', { endpointUrl: 'TCP://azureag_lst.contoso.com:5022' }),
    outcome: 'success',
    migration: withListener,
  },
  {
    id: 'SRC-DAG-URL-HOST',
    facts: distributed('source', { endpointUrl: 'TCP://azureag_lst:5022' }),
    outcome: 'warning',
    evidence: /Short host names/u,
    migration: withListener,
  },
  {
    id: 'SRC-DAG-CONNECTED',
    facts: distributed('source', {
      connectedStateDesc: 'DISCONNECTED',
      lastConnectErrorNumber: 10061,
      lastConnectErrorDescription: 'refused',
    }),
    outcome: 'error',
    evidence: /^\[AzureAG\] is DISCONNECTED, last error 10061: refused\.$/u,
    remedy: /^On \[OnPremNode\]: Test-NetConnection sqlvm\.contoso\.com -Port 5022$/u,
  },
  ...onBothSides('DAG-CONNECTED', 'error', (side) =>
    distributed(side, { connectedStateDesc: 'DISCONNECTED' }),
  ),
  {
    id: 'NET-REPLICA-PATHS',
    facts: transport('source', {}),
    outcome: 'skipped',
    remedy: /^$/u,
  },
  {
    id: 'NET-REPLICA-PATHS',
    facts: transport('source', {}),
    outcome: 'skipped',
    migration: withListener,
    remedy:
      /^On \[OnPremNode\]: Test-NetConnection AzureAG_LST\.contoso\.com -Port 5022; Test-NetConnection SQLVM\.contoso\.com -Port 5022\. On \[SQLVM\]: Test-NetConnection OnPremNode\.contoso\.com -Port 5022\.$/u,
  },
  ...onBothSides('EP-TRANSPORT-ENCRYPTED', 'success', (side) => transport(side, {})),
  ...onBothSides('EP-TRANSPORT-ENCRYPTED', 'success', (side) =>
    transport(side, { stateDesc: 'CLOSED', encryptionAlgorithmDesc: 'NONE' }),
  ),
  {
    id: 'SRC-EP-TRANSPORT-ENCRYPTED',
    facts: transport('source', { encryptionAlgorithmDesc: 'NONE' }),
    outcome: 'warning',
    evidence: /^1 of 2 connection/u,
  },
  ...onBothSides('EP-TRANSPORT-ENCRYPTED', 'warning', (side) =>
    transport(side, { encryptionAlgorithmDesc: 'NONE' }),
  ),
];

testJudges(networkRules, cases, {
  success: ['NET-REPLICA-PATHS'],
  failure: ['NET-REPLICA-PATHS'],
  unknown: ['NET-REPLICA-PATHS'],
});
