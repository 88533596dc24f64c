/** Rules about the listeners of the local groups. */

import { sameName, shownName, shownNames } from '../../base/name.ts';
import type { GroupListenerFacts } from '../../model/assess-network.ts';
import { listenerAddress, type Listener } from '../../model/migration.ts';
import { bothGroups, groupRule, type GroupContext, type GroupSpec } from '../group-rule.ts';
import {
  bad,
  doubtful,
  finding,
  good,
  later,
  notReadable,
  type AssessRule,
  type AssessRuleText,
  type Judgement,
} from '../rule.ts';

/** A listener with the group it leads to. */
interface ListenerContext extends GroupContext {
  readonly listener: GroupListenerFacts;
  /** The side's listener in the migration file; null on the standalone path. */
  readonly planned: Listener | null;
  readonly shownListener: string;
}

/** The listener of the migration file, else the first one. */
function chosen(context: GroupContext): GroupListenerFacts | null | Judgement {
  const { groupListeners } = context.facts;
  if (!groupListeners.known) return notReadable(groupListeners);
  const own = groupListeners.value.filter((each) => sameName(each.group, context.group.name));
  const planned = context.migration[context.side].listener;
  const named = own.find((each) => planned !== null && sameName(each.dnsName, planned.name));
  return named ?? own[0] ?? null;
}

function onListener(
  judge: (context: ListenerContext) => Judgement,
): (context: GroupContext) => Judgement {
  return (context) => {
    const listener = chosen(context);
    if (listener === null) return later(`${context.shown} has no listener.`);
    if ('outcome' in listener) return listener;
    const planned = context.migration[context.side].listener;
    return judge({ ...context, listener, planned, shownListener: shownName(listener.dnsName) });
  };
}

function listenerRule(
  spec: Omit<GroupSpec, 'judge' | 'family'>,
  judge: (context: ListenerContext) => Judgement,
): readonly AssessRule[] {
  return bothGroups({ ...spec, family: 'listener', judge: onListener(judge) });
}

const existence = bothGroups({
  name: 'LST-EXISTS',
  title: 'A group of several replicas has a listener',
  family: 'listener',
  why: 'A distributed group that leads to the name of one node stops working when the group fails over to another.',
  remedy:
    "ALTER AVAILABILITY GROUP ... ADD LISTENER N'<name>' (WITH IP ((N'<address>', N'<mask>')), PORT = 1433)",
  reference: 'listener',
  judge: (context) => {
    const listener = chosen(context);
    if (listener !== null && 'outcome' in listener) return listener;
    const { shown, replicas, group } = context;
    if (listener !== null) return good(`${shown} has listener ${shownName(listener.dnsName)}.`);
    if (replicas.length < 2) return later(`${shown} has one replica and needs no listener.`);
    return group.clusterTypeDesc.toUpperCase() === 'NONE'
      ? later(`${shown} has no cluster: no listener would follow a failover.`)
      : bad(`${shown} has ${replicas.length} replicas and no listener.`);
  },
});

const identity = [
  ...listenerRule(
    {
      name: 'LST-NAME',
      title: 'The listener has the name of the migration file',
      why: 'LISTENER_URL is built from the name in the file; clients and the other side must find that very name.',
      remedy: 'Correct listener.name in the migration file.',
      reference: 'listener',
    },
    ({ listener, planned, shownListener, shown }) => {
      if (planned === null)
        return doubtful(
          `${shown} has listener ${shownListener}, the migration file names none.`,
          `Put listener: { name: ${listener.dnsName} } into the migration file, so that the distributed group leads to it.`,
        );
      return sameName(listener.dnsName, planned.name)
        ? good(`The listener is ${shownListener}.`)
        : bad(
            `${shown} has listener ${shownListener}, the migration file says ${shownName(planned.name)}.`,
            `Set listener.name to ${listener.dnsName} in the migration file.`,
          );
    },
  ),
  ...listenerRule(
    {
      name: 'LST-DNN',
      title: 'The listener is no distributed network name',
      why: 'A distributed availability group on top of a DNN listener is not supported.',
      remedy:
        'Make a listener with a virtual network name: replicas in several subnets, or a load balancer; then drop the DNN listener.',
      reference: 'networkName',
    },
    ({ listener, shownListener }) => {
      if (listener.isDistributedNetworkName === null)
        return later('This version has no distributed network names, or does not show them.');
      return listener.isDistributedNetworkName
        ? bad(`${shownListener} is a distributed network name.`)
        : good(`${shownListener} is a virtual network name.`);
    },
  ),
  ...listenerRule(
    {
      name: 'LST-CONFORMANT',
      title: 'The cluster resource of the listener has the shape SQL Server gives it',
      why: 'Addresses that are joined by AND, or a resource that somebody changed, keep the listener from coming online in the other subnet.',
      remedy:
        'Compare the dependencies of the network name resource: all IP addresses joined by OR (Get-ClusterResourceDependency).',
      reference: 'listener',
    },
    ({ listener, shownListener }) =>
      listener.isConformant
        ? good(`is_conformant of ${shownListener} is 1.`)
        : doubtful(`is_conformant of ${shownListener} is 0.`),
  ),
];

const addresses = [
  ...listenerRule(
    {
      name: 'LST-ONLINE',
      title: 'The listener is online',
      why: 'The other side connects to this name; while no address is online nobody gets through.',
      remedy: 'Get-ClusterResource; Start-ClusterResource on the network name of the listener.',
      reference: 'listener',
    },
    ({ listener, shownListener }) => {
      const shown = listener.addresses.map((each) => `${each.ipAddress} ${each.stateDesc}`);
      if (listener.addresses.length === 0)
        return { outcome: 'unknown', evidence: `The addresses of ${shownListener} are not shown.` };
      const failed = listener.addresses.some((each) => each.stateDesc === 'FAILED');
      const online = listener.addresses.some((each) => each.stateDesc === 'ONLINE');
      const evidence = `${shownListener}: ${shown.join(', ')}.`;
      if (!online) return bad(evidence);
      return failed ? doubtful(evidence) : good(evidence);
    },
  ),
  ...listenerRule(
    {
      name: 'LST-PORT',
      seed: 'SEED-PORT-LISTENER',
      title: 'The listener has a port of its own',
      why: 'Clients come in on this port; the port of the endpoint belongs to replication and cannot be shared.',
      remedy: "ALTER AVAILABILITY GROUP ... MODIFY LISTENER N'<name>' (PORT = 1433)",
      reference: 'listener',
    },
    ({ listener, planned, shownListener, migration, side }) => {
      const { port } = listener;
      if (port === null) return doubtful(`${shownListener} has no port in SQL Server.`);
      const endpoint = migration[side].instances[0].endpoint.port;
      if (port === endpoint)
        return bad(`${shownListener} has port ${port}, which is the endpoint's.`);
      return planned === null || planned.port === port
        ? good(`${shownListener} has port ${port}.`)
        : bad(
            `${shownListener} has port ${port}, the migration file says ${planned.port}.`,
            `Set listener.port to ${port} in the migration file.`,
          );
    },
  ),
  ...listenerRule(
    {
      name: 'LST-ADDRESSES',
      title: 'The listener has the addresses of the migration file',
      why: 'Firewall and load balancer rules are made for these addresses.',
      remedy:
        'Correct listener.ips in the migration file, or the rules made for the old addresses.',
      reference: 'listener',
    },
    ({ listener, planned, shownListener }) => {
      const found = listener.addresses.map((each) => each.ipAddress);
      const evidence = `${shownListener} has ${found.join(', ')}.`;
      if (planned === null || planned.ips.length === 0) return later(evidence);
      const wanted = planned.ips.map((text) => listenerAddress(text).ip);
      const isSame = found.length === wanted.length && found.every((each) => wanted.includes(each));
      return isSame
        ? good(evidence)
        : doubtful(`${evidence} The migration file says ${wanted.join(', ')}.`);
    },
  ),
  ...listenerRule(
    {
      name: 'LST-STATIC',
      title: 'The addresses of the listener are static',
      why: 'An address from DHCP can change, and with it every firewall rule and the name of the other side becomes wrong; the documentation advises against it in production.',
      remedy: 'Make the listener with static addresses.',
      reference: 'listener',
    },
    ({ listener, shownListener }) => {
      const dynamic = listener.addresses.filter((each) => each.isDhcp);
      return dynamic.length === 0
        ? good(`Every address of ${shownListener} is static.`)
        : doubtful(
            `${dynamic.map((each) => each.ipAddress).join(', ')} of ${shownListener} is from DHCP.`,
          );
    },
  ),
];

const balancer = groupRule('target', {
  name: 'LST-BALANCER',
  title: 'The listener on the Azure side needs no load balancer, or has a rule for the endpoint',
  family: 'listener',
  why: 'In one Azure subnet an address of the cluster is reached through a load balancer only, and it must carry the port of the endpoint besides the port of the clients.',
  remedy:
    'az network lb rule create for the endpoint port and for the listener port, one probe port for both.',
  reference: 'loadBalancer',
  judge: onListener(({ listener, shownListener, migration }) => {
    const subnets = [
      ...new Set(listener.addresses.map((each) => each.networkSubnetIp ?? each.ipAddress)),
    ];
    if (subnets.length > 1)
      return good(
        `${shownListener} has addresses in ${subnets.length} subnets: no load balancer is needed.`,
      );
    const ports = [listener.port ?? 1433, migration.target.instances[0].endpoint.port];
    const [address = '<address>'] = listener.addresses.map((each) => each.ipAddress);
    return doubtful(
      `${shownListener} has addresses in one subnet${subnets.length === 0 ? '' : ` (${subnets.join(', ')})`}: whether a load balancer carries them is not seen from here.`,
      `On the load balancer with ${address}: one health probe (for example TCP 59999, set as ProbePort of the cluster's IP resource) and a rule with floating IP for each of the ports ${ports.join(' and ')}.`,
    );
  }),
});

/** A NetBIOS name has so many characters; the cluster registers that much of the listener's name. */
const NETBIOS_LENGTH = 15;

const netbiosText: AssessRuleText = {
  id: 'LST-NETBIOS',
  title: 'The names of both listeners differ in their first 15 characters',
  family: 'listener',
  why: 'The computer object of a listener gets the first 15 characters of its name: in one domain the second listener of that name does not come online.',
  remedy: 'Choose a listener name for the target that differs earlier.',
  reference: 'listener',
};

const netbios: AssessRule = {
  ...netbiosText,
  check: (_facts, { source, target }) => {
    const where = { side: null, instance: null, database: null };
    if (source.listener === null || target.listener === null)
      return [finding(netbiosText, where, later('The migration file has no two listeners.'))];
    const names = [source.listener.name, target.listener.name];
    const [from = '', to = ''] = names.map((name) => name.slice(0, NETBIOS_LENGTH));
    const evidence = `Listeners ${shownNames(names)}.`;
    return [finding(netbiosText, where, sameName(from, to) ? bad(evidence) : good(evidence))];
  },
};

/** Rules about listeners. */
export const listenerRules: readonly AssessRule[] = [
  ...existence,
  ...identity,
  ...addresses,
  balancer,
  netbios,
];
