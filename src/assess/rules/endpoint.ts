/** Rules about endpoints and who may come in through them. */

import { sameName, shownName, shownNames } from '../../base/name.ts';
import type { EndpointFacts } from '../../model/assess-endpoint.ts';
import { instancesOf, type SideFacts } from '../../model/assess-facts.ts';
import type { MigrationInstance } from '../../model/migration.ts';
import { otherSide, type Side } from '../../model/side.ts';
import { isSwitched } from '../after-rule.ts';
import {
  bad,
  bothSides,
  doubtful,
  finding,
  fixedBy,
  good,
  later,
  networkAccount,
  notReadable,
  type AssessRule,
  type AssessRuleText,
  type Judgement,
  type SideContext,
} from '../rule.ts';

const absent = later('There is no endpoint yet; migrate creates it as it must be.');

/** Judges the one endpoint, or says that it will be created. */
function onEndpoint(
  judge: (endpoint: EndpointFacts, planned: MigrationInstance['endpoint']) => Judgement,
): (endpoints: readonly EndpointFacts[], context: SideContext) => Judgement {
  return (endpoints, { side, migration }) => {
    const plan = side === 'source' ? migration.source : migration.target;
    const [endpoint] = endpoints;
    return endpoint === undefined ? absent : judge(endpoint, plan.instances[0].endpoint);
  };
}

const shapeRules = [
  ...bothSides({
    name: 'EP-EXISTS',
    title: 'A database mirroring endpoint exists or can be created',
    family: 'endpoint',
    part: 'endpoints',
    why: 'Availability groups talk through it; an instance has at most one.',
    remedy: '',
    reference: 'createEndpoint',
    judge: onEndpoint((endpoint) => good(`${shownName(endpoint.name)} exists and is used.`)),
  }),
  ...bothSides({
    name: 'EP-STARTED',
    title: 'The endpoint is started',
    family: 'endpoint',
    part: 'endpoints',
    why: 'A stopped endpoint lets nobody in; migrate starts it, unless somebody stopped it on purpose.',
    remedy: 'ALTER ENDPOINT ... STATE = STARTED; migrate does it too.',
    reference: 'alterEndpoint',
    judge: onEndpoint((endpoint) =>
      endpoint.stateDesc === 'STARTED'
        ? good(`${shownName(endpoint.name)} is STARTED.`)
        : fixedBy(
            doubtful(
              `${shownName(endpoint.name)} is ${endpoint.stateDesc}; migrate starts it.`,
              `ALTER ENDPOINT ${shownName(endpoint.name)} STATE = STARTED`,
            ),
            { kind: 'start-endpoint', endpoint: endpoint.name },
          ),
    ),
  }),
  ...bothSides({
    name: 'EP-ADDRESS',
    title: 'The endpoint listens on all addresses',
    family: 'endpoint',
    part: 'endpoints',
    why: 'A distributed availability group needs LISTENER_IP = ALL on every instance.',
    remedy:
      'ALTER ENDPOINT ... AS TCP (LISTENER_PORT = <port>, LISTENER_IP = ALL); its sessions reconnect.',
    reference: 'configure',
    notScripted: 'Every session of the endpoint is cut while it changes.',
    judge: onEndpoint((endpoint) =>
      endpoint.ipAddress === null
        ? good(`${shownName(endpoint.name)} listens on all addresses.`)
        : bad(
            `${shownName(endpoint.name)} listens on ${endpoint.ipAddress} only.`,
            `ALTER ENDPOINT ${shownName(endpoint.name)} AS TCP (LISTENER_PORT = ${endpoint.port}, LISTENER_IP = ALL)`,
          ),
    ),
  }),
  ...bothSides({
    name: 'EP-PORT',
    seed: 'SEED-PORTS',
    title: 'The endpoint listens on the port of the migration file',
    family: 'endpoint',
    part: 'endpoints',
    why: 'The other side is told this port in LISTENER_URL.',
    remedy: 'Set endpoint.port in the migration file to what the instance has.',
    reference: 'prerequisites',
    notScripted: 'The migration file is changed, not the server.',
    judge: onEndpoint((endpoint, planned) =>
      endpoint.port === planned.port
        ? good(`${shownName(endpoint.name)} listens on port ${endpoint.port}.`)
        : bad(
            `${shownName(endpoint.name)} listens on port ${endpoint.port}, the migration file says ${planned.port}.`,
            `Set endpoint.port to ${endpoint.port} in the migration file.`,
          ),
    ),
  }),
  ...bothSides({
    name: 'EP-ROLE',
    title: 'The endpoint serves partners',
    family: 'endpoint',
    part: 'endpoints',
    why: 'An endpoint with ROLE = WITNESS does not carry availability groups.',
    remedy: 'ALTER ENDPOINT ... FOR DATABASE_MIRRORING (ROLE = ALL)',
    reference: 'alterEndpoint',
    judge: onEndpoint((endpoint) =>
      endpoint.roleDesc === 'ALL' || endpoint.roleDesc === 'PARTNER'
        ? good(`ROLE is ${endpoint.roleDesc}.`)
        : bad(`ROLE is ${endpoint.roleDesc}.`),
    ),
  }),
  ...bothSides({
    name: 'EP-AUTHENTICATION',
    title: 'The endpoint accepts Windows accounts',
    family: 'authentication',
    part: 'endpoints',
    why: 'sqlferry lets the peer in by its service account; an endpoint that takes certificates only needs them exchanged by hand.',
    remedy:
      'ALTER ENDPOINT ... FOR DATABASE_MIRRORING (AUTHENTICATION = WINDOWS NEGOTIATE CERTIFICATE <name>), or exchange the certificates.',
    reference: 'certificates',
    judge: onEndpoint((endpoint) =>
      /^certificate$/iu.test(endpoint.connectionAuthDesc)
        ? doubtful('The endpoint accepts certificates only.')
        : good(`Authentication is ${endpoint.connectionAuthDesc}.`),
    ),
  }),
  ...bothSides({
    name: 'EP-PORT-FREE',
    title: 'The port of the endpoint is free or already its own',
    family: 'endpoint',
    part: 'listeners',
    why: 'CREATE ENDPOINT succeeds on a port that something else holds, and then never listens.',
    remedy: 'Choose another endpoint.port in the migration file.',
    reference: 'createEndpoint',
    judge: (listeners, { side, facts, migration }) => {
      const { port } = (side === 'source' ? migration.source : migration.target).instances[0]
        .endpoint;
      const endpoints = facts.endpoints;
      if (!endpoints.known) return notReadable(endpoints);
      const taken = listeners.find((row) => row.port === port && !/mirroring/iu.test(row.typeDesc));
      if (taken === undefined)
        return good(`Port ${port} is not held by another listener of the instance.`);
      return bad(`Port ${port} is held by a listener of type ${taken.typeDesc}.`);
    },
  }),
];

const accountRules = bothSides({
  name: 'SERVICE-ACCOUNT',
  seed: 'SEED-AUTH-CROSS',
  title: 'The service runs as an account that the other machine can know',
  family: 'authentication',
  part: 'server',
  why: 'The endpoint authenticates as the service account; a local one means nothing on the other machine.',
  remedy:
    'Run the service under a domain account or a group managed service account, or use certificates (by hand in this version).',
  reference: 'prerequisites',
  judge: (server) => {
    const account = networkAccount(server);
    if (server.serviceAccount === null) {
      return { outcome: 'unknown', evidence: 'The service account is not shown to this login.' };
    }
    if (!account.known) return bad(`Service account ${server.serviceAccount}: ${account.because}.`);
    return sameName(account.value, server.serviceAccount)
      ? good(`Service account ${server.serviceAccount}.`)
      : doubtful(
          `Service account ${server.serviceAccount} is virtual; on the network it is ${account.value}.`,
          'Nothing to do when both machines are in one domain: migrate creates the login of the machine account.',
        );
  },
});

/** The peer's account, login and CONNECT. */
function peerRule(side: Side): AssessRule {
  const text: AssessRuleText = {
    id: side === 'source' ? 'SRC-PEER-CONNECT' : 'TGT-PEER-CONNECT',
    title: "The peer's service account may connect to the endpoint",
    family: 'authentication',
    why: 'Without CONNECT on the endpoint the peer is turned away (28034); migrate creates the login and grants it.',
    remedy:
      'CREATE LOGIN [<account>] FROM WINDOWS; GRANT CONNECT ON ENDPOINT::[<endpoint>] TO [<account>]',
    reference: 'grantEndpoint',
  };
  return {
    ...text,
    check: (all) =>
      instancesOf(all, side).map((facts) => {
        const where = { side, instance: facts.instance, database: null };
        return finding(text, where, judgePeers(facts, instancesOf(all, otherSide(side))));
      }),
  };
}

/** Every instance of the other side may turn up here: any of them can be its primary. */
function judgePeers(facts: SideFacts, peers: readonly SideFacts[]): Judgement {
  const { windowsLogins, endpoints } = facts;
  const accounts: string[] = [];
  for (const { server } of peers) {
    if (!server.known) return notReadable(server);
    const account = networkAccount(server.value);
    if (!account.known) return notReadable(account);
    if (!accounts.some((name) => sameName(name, account.value))) accounts.push(account.value);
  }
  if (!windowsLogins.known) return notReadable(windowsLogins);
  if (!endpoints.known) return notReadable(endpoints);
  const [endpoint] = endpoints.value;
  const missing = accounts.filter((account) => {
    const isSysadmin = windowsLogins.value.some(
      (login) => sameName(login.name, account) && login.isSysadmin,
    );
    const isGranted = endpoint?.connectGrantees.some(
      (name) => sameName(name, account) || sameName(name, 'public'),
    );
    return !isSysadmin && isGranted !== true;
  });
  return missing.length === 0
    ? good(`${shownNames(accounts)} may connect.`)
    : later(`${shownNames(missing)} has no CONNECT yet; migrate grants it.`);
}

const fenceRules = bothSides({
  name: 'FENCE-LOGINS',
  title: 'The logins of the fence list exist',
  family: 'authentication',
  part: 'fenceLogins',
  why: 'They are disabled on the source for the switch and must let the application in on the target afterwards.',
  remedy:
    'Correct cutover.fence.logins, or create the login on the target with the same SID: CREATE LOGIN ... WITH PASSWORD = 0x... HASHED, SID = 0x...',
  reference: 'manageMetadata',
  judge: (logins, { side, migration, all }) => {
    const wanted = migration.cutover.fenceLogins;
    if (wanted.length === 0) return later('The migration file names no logins to fence.');
    const switched = isSwitched(all, migration);
    if (switched.known && switched.value)
      return later('The cutover has happened: POST-FENCE says how the logins should be.');
    const missing = wanted.filter((name) => !logins.some((login) => sameName(login.name, name)));
    const disabled = logins.filter((login) => login.isDisabled).map((login) => login.name);
    if (missing.length > 0) {
      const evidence = `Missing on the ${side}: ${missing.map(shownName).join(', ')}.`;
      return side === 'source' ? bad(evidence) : doubtful(evidence);
    }
    return disabled.length > 0
      ? doubtful(
          `Disabled on the ${side}: ${disabled.map(shownName).join(', ')}.`,
          disabled.map((name) => `ALTER LOGIN ${shownName(name)} ENABLE`).join('; '),
        )
      : good(`${wanted.map(shownName).join(', ')} exist and are enabled.`);
  },
});

/** Rules about endpoints and accounts. */
export const endpointRules: readonly AssessRule[] = [
  ...shapeRules,
  ...accountRules,
  peerRule('source'),
  peerRule('target'),
  ...fenceRules,
];
