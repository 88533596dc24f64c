/** Rules about the addresses that replicas and sides reach each other by, and about the link between the sides. */

import { sameName, shownName } from '../../base/name.ts';
import type { ReplicaFacts } from '../../model/assess-replica.ts';
import {
  isGrouped,
  listenerFqdn,
  type Migration,
  type MigrationSide,
} from '../../model/migration.ts';
import { bothDistributed, bothGroups, type GroupContext } from '../group-rule.ts';
import {
  bad,
  bothSides,
  doubtful,
  finding,
  good,
  later,
  type AssessRule,
  type AssessRuleText,
  type Judgement,
} from '../rule.ts';

interface ReplicaUrl {
  readonly replica: ReplicaFacts;
  /** Null when the text is not `TCP://host:port`. */
  readonly host: string | null;
  readonly port: number | null;
}

function parsed(replica: ReplicaFacts): ReplicaUrl {
  const match = /^tcp:\/\/(?<host>\[[^\]]+\]|[^:/]+):(?<port>\d{1,5})$/iu.exec(replica.endpointUrl);
  const { host, port } = match?.groups ?? {};
  return { replica, host: host ?? null, port: port === undefined ? null : Number(port) };
}

function isAddress(host: string): boolean {
  return /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[.*\])$/u.test(host);
}

/** Port of the endpoint of an instance by the migration file; the side's first where it is not named. */
function endpointPort(side: MigrationSide, instance: string): number {
  const named = side.instances.find((each) => sameName(each.name, instance));
  return (named ?? side.instances[0]).endpoint.port;
}

function shortNames(urls: readonly ReplicaUrl[]): readonly ReplicaUrl[] {
  return urls.filter(({ host }) => host !== null && !isAddress(host) && !host.includes('.'));
}

/** How the replica's own name looks in a URL. */
function shownUrl({ replica }: ReplicaUrl): string {
  return `${shownName(replica.replicaServerName)} ${replica.endpointUrl}`;
}

const RESOLVE = 'On every server of both sides: Resolve-DnsName <host>';

const replicaRules = [
  ...bothGroups({
    name: 'AG-URL-PORT',
    title: 'The endpoint URL of every replica ends in the port of its endpoint',
    family: 'network',
    why: 'The other replicas connect where ENDPOINT_URL says; with another port they never do (35206).',
    remedy:
      "ALTER AVAILABILITY GROUP ... MODIFY REPLICA ON ... WITH (ENDPOINT_URL = N'TCP://<host>:<port>')",
    reference: 'replicaUrl',
    judge: ({ replicas, migration, side }) => {
      const urls = replicas.map(parsed);
      const wrong = urls.filter(
        ({ replica, port }) => port !== endpointPort(migration[side], replica.replicaServerName),
      );
      return wrong.length === 0
        ? good(`${urls.map(shownUrl).join(', ')}.`)
        : bad(
            wrong
              .map(
                (each) =>
                  `${shownUrl(each)}, the endpoint has port ${endpointPort(migration[side], each.replica.replicaServerName)}.`,
              )
              .join(' '),
          );
    },
  }),
  ...bothGroups({
    name: 'AG-URL-HOST',
    title: 'The endpoint URL of every replica has a full host name',
    family: 'network',
    why: 'A short name is resolved with the DNS suffix of whoever asks: a server of another domain does not find it.',
    remedy: RESOLVE,
    reference: 'replicaUrl',
    judge: ({ replicas }) => judgeHosts(replicas.map(parsed)),
  }),
];

function judgeHosts(urls: readonly ReplicaUrl[]): Judgement {
  const broken = urls.filter(({ host }) => host === null);
  if (broken.length > 0) return bad(`Not TCP://host:port: ${broken.map(shownUrl).join(', ')}.`);
  const short = shortNames(urls);
  return short.length === 0
    ? good(`${urls.map(shownUrl).join(', ')}.`)
    : doubtful(
        `Short host names: ${short.map(shownUrl).join(', ')}.`,
        `Use the full name; on every server of both sides: ${short.map(({ host }) => `Resolve-DnsName ${host ?? ''}`).join('; ')}`,
      );
}

/** The side that a member of the distributed group is. */
function sideOfMember(migration: Migration, group: string): MigrationSide | null {
  const { source, target } = migration;
  if (sameName(source.availabilityGroup, group)) return source;
  return sameName(target.availabilityGroup, group) ? target : null;
}

function judgeMemberPort({ replicas, migration }: GroupContext): Judgement {
  const urls = replicas.map(parsed);
  const wrong = urls.flatMap((url) => {
    const side = sideOfMember(migration, url.replica.replicaServerName);
    if (side === null) return [];
    const { port } = side.instances[0].endpoint;
    if (url.port === port) return [];
    const isListener = side.listener !== null && url.port === side.listener.port;
    const what = isListener ? 'that is the port of the listener, ' : '';
    return [`${shownUrl(url)}: ${what}the endpoint has port ${port}.`];
  });
  return wrong.length === 0 ? good(`${urls.map(shownUrl).join(', ')}.`) : bad(wrong.join(' '));
}

/** Hosts that the migration file leads a side to: its listener, or its instances. */
function hostsOf(side: MigrationSide): readonly string[] {
  return side.listener === null
    ? side.instances.map((instance) => instance.fqdn)
    : [listenerFqdn(side, side.listener)];
}

/** The first label of a host name. */
function shortName(host: string): string {
  return host.split('.')[0] ?? host;
}

function judgeMemberHost({ replicas, migration }: GroupContext): Judgement {
  const urls = replicas.map(parsed);
  const elsewhere = urls.filter(({ replica, host }) => {
    const side = sideOfMember(migration, replica.replicaServerName);
    if (side === null || host === null) return false;
    // A short name is complained of below, whatever its domain is.
    return !hostsOf(side).some((each) =>
      host.includes('.') ? sameName(each, host) : sameName(shortName(each), host),
    );
  });
  if (elsewhere.length === 0) return judgeHosts(urls);
  return doubtful(
    `${elsewhere.map(shownUrl).join(', ')}: the migration file leads to another host.`,
    'Correct the migration file, or: ALTER AVAILABILITY GROUP ... MODIFY AVAILABILITY GROUP ON ... WITH (LISTENER_URL = ...) on both sides',
  );
}

const distributedRules = [
  ...bothDistributed({
    name: 'DAG-URL-PORT',
    title: 'The listener URLs of the distributed group end in the port of the endpoints',
    family: 'network',
    why: 'LISTENER_URL has the name of the listener and the port of the endpoint, not the port clients use; with the wrong one the sides never connect.',
    remedy:
      'ALTER AVAILABILITY GROUP ... MODIFY AVAILABILITY GROUP ON ... WITH (LISTENER_URL = ...) on both sides.',
    reference: 'configure',
    judge: judgeMemberPort,
  }),
  ...bothDistributed({
    name: 'DAG-URL-HOST',
    title: 'The listener URLs of the distributed group lead to the hosts of the migration file',
    family: 'network',
    why: 'A distributed group that leads to other hosts replicates somewhere else, or stops after a local failover.',
    remedy: RESOLVE,
    reference: 'configure',
    judge: judgeMemberHost,
  }),
  ...bothDistributed({
    name: 'DAG-CONNECTED',
    title: 'The two sides of the distributed group are connected',
    family: 'network',
    why: 'While the link is down nothing is replicated, and the log of the sending side cannot be truncated.',
    remedy:
      'Look at firewalls, names and endpoints on the way: Test-NetConnection <host> -Port <endpoint port>, on the server itself.',
    reference: 'configure',
    judge: ({ replicas, shown, facts }) => {
      const states = replicas.filter((each) => each.connectedStateDesc !== null);
      if (states.length === 0)
        return { outcome: 'unknown', evidence: `The states of ${shown} are not shown here.` };
      const lost = states.filter((each) => each.connectedStateDesc !== 'CONNECTED');
      if (lost.length === 0) return good(`The link of ${shown} is CONNECTED.`);
      return bad(
        lost
          .map(
            (each) =>
              `${shownName(each.replicaServerName)} is ${each.connectedStateDesc ?? ''}${(each.lastConnectErrorNumber ?? 0) === 0 ? '' : `, last error ${each.lastConnectErrorNumber}: ${each.lastConnectErrorDescription ?? ''}`}.`,
          )
          .join(' '),
        `On ${shownName(facts.instance)}: ${lost
          .map(parsed)
          .map(
            ({ host, port }) =>
              `Test-NetConnection ${host ?? '<host>'} -Port ${port ?? '<endpoint port>'}`,
          )
          .join('; ')}`,
      );
    },
  }),
];

const transportRules = bothSides({
  name: 'EP-TRANSPORT-ENCRYPTED',
  title: 'The connections between the endpoints are encrypted',
  family: 'network',
  part: 'transport',
  why: 'What the endpoints have agreed on is seen here and nowhere else; without encryption the log travels in the clear.',
  remedy:
    'ALTER ENDPOINT ... FOR DATABASE_MIRRORING (ENCRYPTION = REQUIRED ALGORITHM AES) on both sides.',
  reference: 'transport',
  judge: (connections) => {
    const open = connections.filter((each) => each.stateDesc !== 'CLOSED');
    if (open.length === 0) return later('The endpoint has no connection.');
    const clear = open.filter((each) => each.encryptionAlgorithmDesc === 'NONE');
    return clear.length === 0
      ? good(
          `${open.length} connection(s): ${[...new Set(open.map((each) => each.encryptionAlgorithmDesc))].join(', ')}.`,
        )
      : doubtful(`${clear.length} of ${open.length} connection(s) are not encrypted.`);
  },
});

const pathText: AssessRuleText = {
  id: 'NET-REPLICA-PATHS',
  title: 'Every replica reaches the other side',
  family: 'network',
  why: 'After a local failover another replica sends the log, and secondaries ask the other side too: firewalls must let all of them through, not the primary alone.',
  remedy: 'On each instance: Test-NetConnection <host of the other side> -Port <endpoint port>',
  reference: 'configure',
};

/** What no query shows, as the exact list of what to try. */
const replicaPaths: AssessRule = {
  ...pathText,
  check: (_facts, migration) => {
    const where = { side: null, instance: null, database: null };
    const { source, target } = migration;
    if (!isGrouped(source) && !isGrouped(target))
      return [finding(pathText, where, later('Each side has one instance: NET-PATH says it all.'))];
    const hosts = (side: MigrationSide): readonly string[] => [
      ...hostsOf(side),
      ...(side.listener === null ? [] : side.instances.map(({ fqdn }) => fqdn)),
    ];
    const tries = (from: MigrationSide, to: MigrationSide): readonly string[] =>
      from.instances.map(
        ({ name }) =>
          `On ${shownName(name)}: ${hosts(to)
            .map((host) => `Test-NetConnection ${host} -Port ${to.instances[0].endpoint.port}`)
            .join('; ')}.`,
      );
    return [
      finding(pathText, where, {
        outcome: 'skipped',
        evidence: `${source.instances.length} instance(s) on the source, ${target.instances.length} on the target: nothing over a SQL Server connection shows all paths.`,
        remedy: [...tries(source, target), ...tries(target, source)].join(' '),
      }),
    ];
  },
};

/** Rules about addresses and the link. */
export const networkRules: readonly AssessRule[] = [
  ...replicaRules,
  ...distributedRules,
  ...transportRules,
  replicaPaths,
];
