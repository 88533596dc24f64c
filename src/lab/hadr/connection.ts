/**
 * The connection between the two sides of a DAG: the forwarder dials, the primary accepts, both ping.
 *
 * A message of an older connection is ignored. Endpoint, port, URL and CONNECT permission are checked
 * in both directions, because each side reaches the other through that side's own LISTENER_URL copy.
 */

import { serverMessage } from '../tsql/message.ts';
import { announce } from './announce.ts';
import { copyOf } from './copy.ts';
import { credentialsOf, handshakeError } from './handshake.ts';
import { considerCopy } from './join.ts';
import type { Credentials, HadrMessage } from './message.ts';
import { localMember, remoteMember, resolveUrl, sendTo, sendToPartner } from './route.ts';
import { abortIncoming } from './seeding-target.ts';
import { abortOutgoing, seedWhatIsMissing } from './seeding-source.ts';
import { resendStalled } from './ship.ts';
import type { DistributedState, InstanceState, PartnerOptions } from './state.ts';
import { ownOptions, reassessAll } from './synchronize.ts';
import {
  changeDatabase,
  changeDistributed,
  changeGroup,
  changeLink,
  changePartner,
  databaseAt,
  distributedAt,
  engineError,
  instanceAt,
  logError,
} from './turn.ts';
import type { GroupPlace, Turn } from './turn.ts';

/** Direction of a message. */
interface Way {
  readonly from: string;
  readonly to: string;
}

type MessageOf<K extends HadrMessage['kind']> = Extract<HadrMessage, { readonly kind: K }>;

/** Keys of the databases of the local member. */
export function memberDatabases(turn: Turn, place: GroupPlace): readonly string[] {
  const instance = instanceAt(turn, place.instance);
  const group = distributedAt(turn, place)?.localGroup;
  return group === undefined ? [] : (instance.groups[group]?.databases ?? []);
}

/** What this side tells about its options. */
export function optionsAt(
  turn: Turn,
  place: GroupPlace,
  distributed: DistributedState,
): PartnerOptions {
  return ownOptions(distributed, instanceAt(turn, place.instance).version.major);
}

/** Starts the clockwork of one side: pings, timeouts, reconnecting. */
export function startTicking(turn: Turn, place: GroupPlace, delayMs: number): void {
  turn.effects.push({
    kind: 'timer',
    delayMs,
    timer: { kind: 'tick', ...place, incarnation: instanceAt(turn, place.instance).incarnation },
  });
}

/** One period of the clockwork. */
export function tick(turn: Turn, place: GroupPlace): void {
  const distributed = distributedAt(turn, place);
  if (distributed === undefined) return;
  startTicking(turn, place, turn.state.settings.tickMs);
  const { link } = distributed;
  if (link.connected) {
    if (turn.at - link.lastHeardAt >= sessionTimeout(turn, place, distributed))
      disconnect(turn, place, 35_206);
    else ping(turn, place, distributed);
    return;
  }
  if (link.dialledAt !== null && link.lastError === null && isExpected(distributed))
    noteError(turn, place, 35_201);
  if (link.dialledAt === null) changeLink(turn, place, { dialledAt: turn.at });
  if (distributed.role === 'SECONDARY') dial(turn, place);
  if (distributed.role === 'PRIMARY') call(turn, place);
}

/** Two secondaries of one group have no connection to miss. */
function isExpected({ between, role, link }: DistributedState): boolean {
  return between === 'groups' || role === 'PRIMARY' || link.everConnected;
}

/** Default of SESSION_TIMEOUT in seconds: what `settings.sessionTimeoutMs` stands for. */
const defaultTimeoutSeconds = 10;

/** Between replicas SESSION_TIMEOUT of the secondary counts, at the pace of the lab. */
function sessionTimeout(turn: Turn, place: GroupPlace, link: DistributedState): number {
  const { sessionTimeoutMs } = turn.state.settings;
  if (link.between === 'groups') return sessionTimeoutMs;
  const secondary = link.role === 'PRIMARY' ? remoteMember(link) : localMember(link);
  const group = instanceAt(turn, place.instance).groups[link.localGroup];
  const replica = group?.replicas.find((each) => each.replicaId === secondary.replicaId);
  const seconds = replica?.sessionTimeoutSeconds ?? defaultTimeoutSeconds;
  return (sessionTimeoutMs * seconds) / defaultTimeoutSeconds;
}

function ping(turn: Turn, place: GroupPlace, distributed: DistributedState): void {
  if (distributed.role === 'PRIMARY') {
    sendToPartner(turn, place, { kind: 'ping', options: optionsAt(turn, place, distributed) });
    for (const database of Object.keys(distributed.databases))
      resendStalled(turn, { ...place, database });
    seedWhatIsMissing(turn, place);
    return;
  }
  // A join or its answer may have been lost on the way.
  for (const database of memberDatabases(turn, place)) {
    const copy = databaseAt(turn, { ...place, database });
    if (copy !== undefined && !copy.joined && copy.suspended === null && !copy.reverting)
      sendToPartner(turn, place, { kind: 'join', copy: copyOf(copy) });
  }
}

/** The forwarder dials the URL it has for the other side. */
export function dial(turn: Turn, place: GroupPlace): void {
  const distributed = distributedAt(turn, place);
  const instance = instanceAt(turn, place.instance);
  if (distributed?.role !== 'SECONDARY' || distributed.link.connected || !instance.up) return;
  const target = resolveUrl(turn.state, remoteMember(distributed).listenerUrl);
  const session = Math.max(distributed.link.session + 1, turn.at);
  changeLink(turn, place, { session, dialledAt: distributed.link.dialledAt ?? turn.at });
  if (target === undefined || instance.endpoint?.state !== 'STARTED') {
    noteError(turn, place, 35_201);
    return;
  }
  sendTo(
    turn,
    { from: place.instance, to: target.instance },
    {
      kind: 'hello',
      group: place.group,
      session,
      credentials: credentialsOf(instance),
      port: target.port,
      options: optionsAt(turn, place, distributed),
    },
  );
}

/** A primary without its forwarder asks to be dialled. */
export function call(turn: Turn, place: GroupPlace): void {
  const distributed = distributedAt(turn, place);
  if (distributed === undefined || distributed.link.connected) return;
  const target = resolveUrl(turn.state, remoteMember(distributed).listenerUrl);
  if (target === undefined) return;
  const message = { kind: 'call', group: place.group, session: distributed.link.session } as const;
  sendTo(turn, { from: place.instance, to: target.instance }, message);
}

/** The endpoint lets the caller in on this port; otherwise the refusal is logged as a server does. */
function admits(
  turn: Turn,
  instance: InstanceState,
  caller: { readonly port: number; readonly credentials: Credentials },
): boolean {
  const { endpoint } = instance;
  if (endpoint?.state !== 'STARTED' || endpoint.port !== caller.port) return false;
  const error = handshakeError(instance, caller.credentials, turn.at);
  if (error !== null) logError(turn, instance.key, error);
  return error === null;
}

/** A forwarder dials this instance. */
export function receiveHello(turn: Turn, { from, to }: Way, message: MessageOf<'hello'>): void {
  const place = { instance: to, group: message.group };
  const distributed = distributedAt(turn, place);
  const instance = instanceAt(turn, to);
  if (!admits(turn, instance, message)) return;
  // A primary whose databases still recover is dialled again later.
  if (distributed?.role !== 'PRIMARY' || distributed.operationalState !== 'ONLINE') return;
  const back = resolveUrl(turn.state, remoteMember(distributed).listenerUrl);
  if (back?.instance !== from) return;
  if (distributed.link.connected) disconnect(turn, place, null);
  changeLink(turn, place, { session: message.session, peer: from });
  changeDistributed(turn, place, { partner: message.options });
  sendToPartner(turn, place, {
    kind: 'welcome',
    credentials: credentialsOf(instance),
    port: back.port,
    options: optionsAt(turn, place, distributed),
    suspended: Object.values(distributed.databases)
      .filter((partner) => partner.suspended === 'SUSPEND_FROM_USER')
      .map((partner) => partner.key),
  });
}

/** The primary accepted. */
export function receiveWelcome(turn: Turn, { from, to }: Way, message: MessageOf<'welcome'>): void {
  const place = { instance: to, group: message.group };
  const distributed = distributedAt(turn, place);
  if (distributed?.role !== 'SECONDARY' || distributed.link.session !== message.session) return;
  if (distributed.link.connected || !admits(turn, instanceAt(turn, to), message)) return;
  // Only a primary welcomes: one that had given the role up has taken it back.
  changeDistributed(turn, place, { partner: message.options, partnerDemoted: false });
  connected(turn, place, from);
  for (const database of message.suspended) {
    if (databaseAt(turn, { ...place, database })?.suspended === null)
      changeDatabase(turn, { ...place, database }, { suspended: 'SUSPEND_FROM_USER' });
  }
  const copies = memberDatabases(turn, place)
    .map((database) => databaseAt(turn, { ...place, database }))
    .filter((copy) => copy !== undefined)
    .map(copyOf);
  sendToPartner(turn, place, {
    kind: 'ready',
    demotedAt: distributed.demotedAt,
    options: optionsAt(turn, place, distributed),
    copies,
  });
}

/** The forwarder is through: every copy joins, what is missing is seeded. */
export function receiveReady(turn: Turn, { from, to }: Way, message: MessageOf<'ready'>): void {
  const place = { instance: to, group: message.group };
  const distributed = distributedAt(turn, place);
  if (distributed?.role !== 'PRIMARY' || distributed.link.session !== message.session) return;
  if (distributed.link.peer !== from) return;
  changeDistributed(turn, place, { partner: message.options });
  connected(turn, place, from);
  if (distributed.between === 'replicas')
    announce(turn, { ...place, group: distributed.localGroup });
  else if (wasOrderly(distributed, message.demotedAt)) forgive(turn, place);
  for (const copy of message.copies) considerCopy(turn, place, copy);
  seedWhatIsMissing(turn, place);
}

/** The partner gave its role up before this side was forced, even if the word of it came too late. */
function wasOrderly(distributed: DistributedState, demotedAt: number | null): boolean {
  return demotedAt !== null && distributed.forcedAt !== null && demotedAt <= distributed.forcedAt;
}

/** After an orderly change of roles the partner's copies need no RESUME. */
function forgive(turn: Turn, place: GroupPlace): void {
  for (const partner of Object.values(distributedAt(turn, place)?.databases ?? {})) {
    if (partner.suspended === 'SUSPEND_FROM_PARTNER')
      changePartner(turn, { ...place, database: partner.key }, { suspended: null });
  }
}

function connected(turn: Turn, place: GroupPlace, peer: string): void {
  changeLink(turn, place, {
    connected: true,
    peer,
    lastHeardAt: turn.at,
    everConnected: true,
    dialledAt: null,
    lastError: null,
  });
  const distributed = distributedAt(turn, place);
  if (distributed === undefined) return;
  const local = localMember(distributed);
  const remote = remoteMember(distributed);
  const names = [distributed.name, local.group, local.replicaId, remote.group, remote.replicaId];
  logError(turn, place.instance, engineError(35_202, ...names));
}

/** The connection is gone: nothing flows, seedings end, waiting commits are released or kept by RSSTC. */
export function disconnect(turn: Turn, place: GroupPlace, error: 35_206 | null): void {
  const before = distributedAt(turn, place);
  if (before === undefined) return;
  changeLink(turn, place, { connected: false, peer: null, dialledAt: turn.at, lastError: null });
  if (error !== null) noteError(turn, place, error);
  if (!before.link.connected) return;
  for (const database of Object.keys(before.databases)) {
    const copy = before.databases[database];
    const isAwaited = copy?.seeding.phase === 'not-needed';
    changePartner(
      turn,
      { ...place, database },
      { joined: false, stalledTicks: 0, ...(isAwaited ? { seeding: { phase: 'none' } } : {}) },
    );
    abortOutgoing(turn, { ...place, database }, 'connection-lost');
  }
  for (const database of memberDatabases(turn, place)) {
    const copy = databaseAt(turn, { ...place, database });
    if (copy !== undefined && before.role !== 'PRIMARY' && (copy.joined || copy.synchronized))
      changeDatabase(turn, { ...place, database }, { joined: false, synchronized: false });
  }
  abortIncoming(turn, place);
  if (before.role === 'SECONDARY') endPendingJoins(turn, place.instance);
  reassessAll(turn, place);
  if (before.between === 'replicas' && before.role === 'SECONDARY')
    failoverBroken(turn, { ...place, group: before.localGroup });
}

/** A SET HADR AVAILABILITY GROUP whose primary went away before it answered: 35250. */
function endPendingJoins(turn: Turn, instance: string): void {
  for (const { key, pendingJoin } of Object.values(instanceAt(turn, instance).databases)) {
    if (pendingJoin === null) continue;
    const error = engineError(35_250);
    turn.effects.push({ kind: 'statement-ended', request: pendingJoin, error });
    changeDatabase(turn, { instance, database: key }, { pendingJoin: null });
  }
}

/** A planned failover whose primary went away before it gave the role up: 41163 with WAIT_TIMEOUT. */
function failoverBroken(turn: Turn, place: GroupPlace): void {
  const group = instanceAt(turn, place.instance).groups[place.group];
  if (group === undefined || group.pendingFailover === null || group.role !== 'SECONDARY') return;
  const error = engineError(41_163, group.name, waitTimeout);
  turn.effects.push({ kind: 'statement-ended', request: group.pendingFailover, error });
  changeGroup(turn, place, { pendingFailover: null });
}

/** Windows error WAIT_TIMEOUT. */
const waitTimeout = 258;

/** Ends the connection from this side and says so. */
export function hangUp(turn: Turn, place: GroupPlace): void {
  sendToPartner(turn, place, { kind: 'goodbye' });
  disconnect(turn, place, null);
}

function noteError(turn: Turn, place: GroupPlace, number: 35_201 | 35_206): void {
  const distributed = distributedAt(turn, place);
  if (distributed === undefined) return;
  const { group, replicaId } = remoteMember(distributed);
  const { text } = serverMessage(number, group, replicaId);
  changeLink(turn, place, { lastError: { number, text, at: turn.at } });
  logError(turn, place.instance, engineError(number, group, replicaId));
}
