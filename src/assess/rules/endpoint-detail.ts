/** Rules about how an endpoint that exists is set up, and whom else it serves. */

import { sameName, shownName, shownNames } from '../../base/name.ts';
import type { EndpointFacts } from '../../model/assess-endpoint.ts';
import { instancesOf } from '../../model/assess-facts.ts';
import { together } from '../../model/fact.ts';
import type { Side } from '../../model/side.ts';
import {
  bad,
  bothSides,
  bothSidesRead,
  doubtful,
  finding,
  good,
  later,
  notReadable,
  pairRule,
  type AssessRule,
  type AssessRuleText,
  type Judgement,
} from '../rule.ts';

const ABSENT = later('There is no endpoint yet; migrate creates it as it must be.');

function onEndpoint(
  judge: (endpoint: EndpointFacts) => Judgement,
): (endpoints: readonly EndpointFacts[]) => Judgement {
  return ([endpoint]) => (endpoint === undefined ? ABSENT : judge(endpoint));
}

/** Words of `RC4, AES` or `NEGOTIATE, CERTIFICATE`. */
function words(text: string): readonly string[] {
  return text
    .toUpperCase()
    .split(/[\s,]+/u)
    .filter((word) => word !== '');
}

const MIRRORING = 'FOR DATABASE_MIRRORING (ENCRYPTION = REQUIRED ALGORITHM AES)';

const shapeRules = [
  ...bothSides({
    name: 'EP-OWNER',
    title: 'The endpoint belongs to a login that stays',
    family: 'endpoint',
    part: 'endpoints',
    why: 'The owner is whoever created it: a person leaves, the login cannot be dropped while it owns the endpoint (15141), and an owner that is gone leaves nobody to change it.',
    remedy: 'ALTER AUTHORIZATION ON ENDPOINT::<endpoint> TO [sa]',
    reference: 'alterEndpoint',
    judge: onEndpoint(({ name, ownerName }) => {
      const remedy = `ALTER AUTHORIZATION ON ENDPOINT::${shownName(name)} TO [sa]`;
      if (ownerName === null) return doubtful(`${shownName(name)} has no known owner.`, remedy);
      const evidence = `${shownName(name)} belongs to ${shownName(ownerName)}.`;
      return /^(?!NT (?:AUTHORITY|SERVICE)\\).*\\/iu.test(ownerName)
        ? doubtful(evidence, remedy)
        : good(evidence);
    }),
  }),
  ...bothSides({
    name: 'EP-ENCRYPTION',
    title: 'The endpoint demands encryption',
    family: 'endpoint',
    part: 'endpoints',
    why: 'The log of every database goes over this connection, out of the data centre; an endpoint that allows unencrypted partners sends it in the clear to one that has encryption disabled.',
    remedy: `ALTER ENDPOINT ... ${MIRRORING}`,
    reference: 'alterEndpoint',
    judge: onEndpoint(({ name, isEncryptionEnabled, encryptionAlgorithmDesc }) => {
      const evidence = `${shownName(name)} allows ${encryptionAlgorithmDesc}.`;
      return isEncryptionEnabled && !words(encryptionAlgorithmDesc).includes('NONE')
        ? good(evidence)
        : doubtful(evidence, `ALTER ENDPOINT ${shownName(name)} ${MIRRORING}, on both sides`);
    }),
  }),
  ...bothSides({
    name: 'EP-OLD-CIPHER',
    title: 'The endpoint does not use RC4',
    family: 'endpoint',
    part: 'endpoints',
    why: 'RC4 is deprecated and weak; with both algorithms allowed the one that is named first on the accepting side wins.',
    remedy: `ALTER ENDPOINT ... ${MIRRORING}`,
    reference: 'alterEndpoint',
    judge: onEndpoint(({ name, encryptionAlgorithmDesc }) => {
      const evidence = `${shownName(name)} allows ${encryptionAlgorithmDesc}.`;
      return words(encryptionAlgorithmDesc).includes('RC4')
        ? doubtful(evidence, `ALTER ENDPOINT ${shownName(name)} ${MIRRORING}, on both sides`)
        : good(evidence);
    }),
  }),
  ...bothSides({
    name: 'EP-PUBLIC',
    title: 'Not everybody may connect to the endpoint',
    family: 'endpoint',
    part: 'endpoints',
    why: 'With CONNECT granted to public every login of the server may open a replication connection.',
    remedy:
      'REVOKE CONNECT ON ENDPOINT::<endpoint> FROM [public], after the peers have their own grant.',
    reference: 'grantEndpoint',
    judge: onEndpoint(({ name, connectGrantees }) =>
      connectGrantees.some((grantee) => sameName(grantee, 'public'))
        ? doubtful(
            `CONNECT on ${shownName(name)} is granted to public.`,
            `REVOKE CONNECT ON ENDPOINT::${shownName(name)} FROM [public], after the peers have their own grant`,
          )
        : good(
            connectGrantees.length === 0
              ? `Nobody has been granted CONNECT on ${shownName(name)} yet.`
              : `CONNECT on ${shownName(name)} is granted to ${shownNames(connectGrantees)}.`,
          ),
    ),
  }),
];

const useRules = [
  ...bothSidesRead({
    name: 'EP-LISTENING',
    title: 'A started endpoint really listens',
    family: 'endpoint',
    why: 'When the port was taken at the start of the service, the endpoint says STARTED and nobody listens; the error log has 9692.',
    remedy:
      'Free the port, then: ALTER ENDPOINT ... STATE = STOPPED; ALTER ENDPOINT ... STATE = STARTED',
    reference: 'createEndpoint',
    read: ({ endpoints, listeners }) => together({ endpoints, listeners }),
    judge: ({ endpoints: [endpoint], listeners }) => {
      if (endpoint === undefined) return ABSENT;
      const shown = shownName(endpoint.name);
      if (endpoint.stateDesc !== 'STARTED') return later(`${shown} is ${endpoint.stateDesc}.`);
      const own = listeners.filter(
        (row) => row.port === endpoint.port && /mirroring/iu.test(row.typeDesc),
      );
      if (own.some((row) => row.stateDesc === 'ONLINE'))
        return good(`${shown} listens on port ${endpoint.port}.`);
      const states = [...new Set(own.map((row) => row.stateDesc))];
      return bad(
        `${shown} is STARTED, but port ${endpoint.port} ${states.length === 0 ? 'has no listener' : `is ${states.join(', ')}`}.`,
        `Free port ${endpoint.port}, then: ALTER ENDPOINT ${shown} STATE = STOPPED; ALTER ENDPOINT ${shown} STATE = STARTED`,
      );
    },
  }),
  ...bothSidesRead({
    name: 'EP-SHARED',
    title: 'The endpoint serves nothing but this migration',
    family: 'endpoint',
    why: 'An instance has one such endpoint: changing or restarting it breaks the connections of other groups and mirrored databases for a moment.',
    remedy: 'Plan changes of the endpoint for a quiet hour.',
    reference: 'alterEndpoint',
    read: ({ endpoints, availabilityGroups: groups, databases }) =>
      together({ endpoints, groups, databases }),
    judge: ({ endpoints: [endpoint], groups, databases }, { migration, side }) => {
      if (endpoint === undefined) return ABSENT;
      const own = [migration[side].availabilityGroup, migration.distributedAvailabilityGroup];
      const others = groups
        .filter((group) => !own.some((name) => sameName(name, group.name)))
        .map((group) => `group ${shownName(group.name)}`);
      const mirrored = databases
        .filter((database) => database.isMirrored)
        .map((database) => `mirrored database ${shownName(database.name)}`);
      const users = [...others, ...mirrored];
      return users.length === 0
        ? good(`${shownName(endpoint.name)} serves nothing else.`)
        : doubtful(`${shownName(endpoint.name)} also serves ${users.join(', ')}.`);
    },
  }),
];

/** Whether two `connection_auth_desc` have a way in common. */
function waysMeet(left: string, right: string): boolean {
  const windows = (ways: readonly string[]): readonly string[] =>
    ways.includes('NEGOTIATE')
      ? ['NTLM', 'KERBEROS']
      : ways.filter((way) => way === 'NTLM' || way === 'KERBEROS');
  const from = words(left);
  const to = words(right);
  return (
    (from.includes('CERTIFICATE') && to.includes('CERTIFICATE')) ||
    windows(from).some((way) => windows(to).includes(way))
  );
}

const authenticationPair = pairRule({
  id: 'PAIR-EP-AUTHENTICATION',
  title: 'The endpoints agree on a way to authenticate',
  family: 'authentication',
  part: 'endpoints',
  why: 'An endpoint that takes certificates only and one that takes Windows accounts only never connect.',
  remedy:
    'ALTER ENDPOINT ... FOR DATABASE_MIRRORING (AUTHENTICATION = WINDOWS NEGOTIATE CERTIFICATE <name>) on one side.',
  reference: 'certificates',
  judge: ([from], [to]) => {
    if (from === undefined || to === undefined) return ABSENT;
    const evidence = `Source ${from.connectionAuthDesc}, target ${to.connectionAuthDesc}.`;
    return waysMeet(from.connectionAuthDesc, to.connectionAuthDesc)
      ? good(evidence)
      : bad(evidence);
  },
});

/** The endpoint ports of all instances of a side. */
function samePort(side: Side): AssessRule {
  const text: AssessRuleText = {
    id: side === 'source' ? 'SRC-EP-SAME-PORT' : 'TGT-EP-SAME-PORT',
    title: 'Every instance of the side has its endpoint on the same port',
    family: 'endpoint',
    why: 'LISTENER_URL names one port for the whole side: after a local failover to an instance with another port the other side no longer gets through.',
    remedy:
      'ALTER ENDPOINT ... AS TCP (LISTENER_PORT = <port>, LISTENER_IP = ALL) on the instances that differ.',
    reference: 'configure',
  };
  return {
    ...text,
    check: (all) => {
      const instances = instancesOf(all, side);
      const where = { side, instance: null, database: null };
      const ports: { readonly instance: string; readonly port: number }[] = [];
      for (const { instance, endpoints } of instances) {
        if (!endpoints.known)
          return [
            finding(
              text,
              where,
              notReadable({
                ...endpoints,
                because: `${shownName(instance)}: ${endpoints.because}`,
              }),
            ),
          ];
        for (const { port } of endpoints.value) ports.push({ instance, port });
      }
      if (ports.length === 0) return [finding(text, where, ABSENT)];
      const evidence = `${ports.map(({ instance, port }) => `${shownName(instance)} ${port}`).join(', ')}.`;
      const isSame = new Set(ports.map(({ port }) => port)).size === 1;
      return [finding(text, where, isSame ? good(evidence) : bad(evidence))];
    },
  };
}

/** Rules about the set-up of endpoints. */
export const endpointDetailRules: readonly AssessRule[] = [
  ...shapeRules,
  ...useRules,
  samePort('source'),
  samePort('target'),
  authenticationPair,
];
