/** Addresses and the network: who a URL reaches, and what a message costs on the way. */

import type { HadrMessage } from './message.ts';
import { linkKey, nameKey } from './state.ts';
import type {
  DistributedMember,
  DistributedState,
  HadrState,
  InstanceState,
  ListenerState,
} from './state.ts';
import type { GroupPlace, Turn } from './turn.ts';
import { distributedAt } from './turn.ts';

/** `TCP://host:port` taken apart; undefined when it is not of this form. */
export function parseUrl(
  url: string,
): { readonly host: string; readonly port: number } | undefined {
  const match = /^tcp:\/\/(\[[0-9a-f:]+\]|[^:/\s]+):(\d{1,5})\/?$/iu.exec(url.trim());
  const host = match?.[1];
  const port = Number(match?.[2] ?? 0);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

/** Key of the instance and the port a URL leads to; undefined when no host and no listener answers to the name. */
export function resolveUrl(
  state: HadrState,
  url: string,
): { readonly instance: string; readonly port: number } | undefined {
  const parts = parseUrl(url);
  if (parts === undefined) return undefined;
  const host = parts.host.toLowerCase();
  const candidates = Object.values(state.instances).filter((candidate) =>
    candidate.hostNames.includes(host),
  );
  // Two instances of one host differ by the port of their endpoint.
  const found =
    candidates.find((candidate) => candidate.endpoint?.port === parts.port) ??
    candidates[0] ??
    behindListener(state, host);
  return found === undefined ? undefined : { instance: found.key, port: parts.port };
}

/** The instance a listener's name or address leads to: the one with the primary replica, while it is up. */
export function behindListener(state: HadrState, host: string): InstanceState | undefined {
  const isNamed = ({ dnsName, addresses }: ListenerState): boolean =>
    host.split('.')[0] === nameKey(dnsName) || addresses.some(({ ip }) => ip === host);
  return Object.values(state.instances).find(
    (candidate) =>
      candidate.up &&
      Object.values(candidate.groups).some(
        (group) => group.role === 'PRIMARY' && group.listeners.some(isNamed),
      ),
  );
}

/** The member of a DAG on the other side; the other replica of a link between replicas. */
export function remoteMember(distributed: DistributedState): DistributedMember {
  const [first, second] = distributed.members;
  if (distributed.between === 'replicas') return second;
  return nameKey(first.group) === distributed.localGroup ? second : first;
}

/** The member of a DAG on this side. */
export function localMember(distributed: DistributedState): DistributedMember {
  const [first, second] = distributed.members;
  if (distributed.between === 'replicas') return first;
  return nameKey(first.group) === distributed.localGroup ? first : second;
}

type Unaddressed<M> = M extends HadrMessage ? Omit<M, 'group' | 'session'> : never;

/** A message before the envelope is written. */
export type MessageBody = Unaddressed<HadrMessage>;

/** Sends to the partner of a standing connection; nothing when there is none. */
export function sendToPartner(turn: Turn, place: GroupPlace, body: MessageBody): void {
  const link = distributedAt(turn, place)?.link;
  if (link === undefined || link.peer === null) return;
  sendTo(
    turn,
    { from: place.instance, to: link.peer },
    {
      ...body,
      group: place.group,
      session: link.session,
    },
  );
}

/** Sends to an instance, whatever the connection. */
export function sendTo(
  turn: Turn,
  way: { readonly from: string; readonly to: string },
  message: HadrMessage,
): void {
  const link = turn.state.links[linkKey(way.from, way.to)];
  if (link?.cut === true) return;
  const bytes = messageBytes(message);
  const rate = link?.bytesPerSecond ?? null;
  turn.effects.push({
    kind: 'send',
    from: way.from,
    to: way.to,
    message,
    bytes,
    delayMs: (link?.delayMs ?? 0) + (rate === null ? 0 : (bytes / rate) * 1000),
  });
}

const envelopeBytes = 128;

function messageBytes(message: HadrMessage): number {
  if (message.kind !== 'log') return envelopeBytes;
  let bytes = envelopeBytes;
  for (const record of message.records) bytes += record.bytes;
  return bytes;
}
