/** ADD, MODIFY, RESTART and REMOVE LISTENER of a clustered local group. */

import { unreachable } from '../../../base/assert.ts';
import type { GroupAction, ListenerSpecification } from '../../tsql/ast.ts';
import { announce } from '../announce.ts';
import type { EngineError } from '../effect.ts';
import { nameKey } from '../state.ts';
import type { GroupState, ListenerState } from '../state.ts';
import { changeGroup, engineError, newId } from '../turn.ts';
import type { GroupPlace, Turn } from '../turn.ts';
import { notSimulated } from './not-simulated.ts';

type ListenerAction = Extract<GroupAction, { readonly kind: `${string}-listener` }>;

/** Port of a listener that was given none. */
const defaultPort = 1433;
const maxDnsName = 63;

/** Runs a listener action on the primary. */
export function alterListener(
  turn: Turn,
  at: GroupPlace,
  given: { readonly group: GroupState; readonly action: ListenerAction },
): EngineError | null {
  const { group, action } = given;
  const change = (listeners: readonly ListenerState[]): null => {
    changeGroup(turn, at, { listeners });
    announce(turn, at);
    return null;
  };
  switch (action.kind) {
    case 'add-listener': {
      const refused = refuseListener(group, action.listener);
      return refused ?? change([newListener(turn, action.listener)]);
    }
    case 'modify-listener': {
      const known = find(group, action.listener);
      if (known === undefined) return engineError(19_469, action.listener, group.name);
      const { addIp, port } = action;
      if (addIp !== null && known.addresses.some((each) => each.ip === addIp.ip))
        return engineError(19_484, addIp.ip);
      if (port !== null && !isPort(port)) return engineError(19_482, port);
      const addresses = addIp === null ? known.addresses : [...known.addresses, addIp];
      return change([{ ...known, port: port ?? known.port, addresses }]);
    }
    case 'restart-listener':
      return find(group, action.listener) === undefined
        ? engineError(19_469, action.listener, group.name)
        : null;
    case 'remove-listener':
      return find(group, action.listener) === undefined
        ? engineError(19_469, action.listener, group.name)
        : change([]);
  }
  return unreachable(action);
}

/** The first reason against a new listener. */
export function refuseListener(
  group: Pick<GroupState, 'name' | 'clusterType' | 'listeners'>,
  listener: ListenerSpecification,
): EngineError | null {
  if (group.clusterType !== 'WSFC') return notSimulated('LISTENER without a cluster');
  const [existing] = group.listeners;
  if (existing !== undefined) return engineError(19_477, group.name, existing.dnsName);
  const { name, addresses, port } = listener;
  if (name.length === 0 || name.length > maxDnsName) return engineError(19_485, name);
  if (listener.dhcp || addresses.length === 0) return notSimulated('LISTENER WITH DHCP');
  if (port !== null && !isPort(port)) return engineError(19_482, port);
  const ips = addresses.map((each) => each.ip);
  const twice = ips.find((ip, index) => ips.indexOf(ip) < index);
  return twice === undefined ? null : engineError(19_484, twice);
}

/** A listener as it was written, with its default port. */
export function newListener(turn: Turn, given: ListenerSpecification): ListenerState {
  return {
    listenerId: newId(turn),
    dnsName: given.name,
    port: given.port ?? defaultPort,
    addresses: given.addresses,
  };
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}

function find(group: GroupState, name: string): ListenerState | undefined {
  return group.listeners.find((each) => nameKey(each.dnsName) === nameKey(name));
}
