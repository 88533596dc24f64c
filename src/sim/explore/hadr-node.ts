/**
 * One state of both servers and the wire between them, in a form that equal situations share.
 *
 * Clocks are taken out: every event happens at the same instant, and the two orders that matter are
 * kept as numbers (who gave up the role before whom; which connection is newer). Change counters and
 * texts of connection errors decide nothing and are set to constants. What is left is compared as text.
 */

import type { HadrTimer } from '../../lab/hadr/event.ts';
import type { HadrMessage } from '../../lab/hadr/message.ts';
import type { DistributedState, HadrState, InstanceState } from '../../lab/hadr/state.ts';
import { instanceKey } from '../semantics/pair.ts';
import { migration } from './start.ts';

/** The instant at which everything happens. */
export const instant = 10_000_000;

/** Key of the DAG. */
export const dagKey = 'dag';

/** Keys of both instances. */
export const serverKeys = {
  source: instanceKey(migration, 'source'),
  target: instanceKey(migration, 'target'),
} as const;

/** Queues between the replicas of one side, by `from>to`; none without second replicas. */
export type InsideQueues = Readonly<Record<string, readonly HadrMessage[]>>;

/** Servers and wire. */
export interface HadrNode {
  readonly state: HadrState;
  /** Messages under way, oldest first. */
  readonly toTarget: readonly HadrMessage[];
  readonly toSource: readonly HadrMessage[];
  readonly inside: InsideQueues;
  /** Timers that will fire, without the clockwork of pings. */
  readonly timers: readonly HadrTimer[];
  readonly isCut: boolean;
}

/** Position of a connection among all of its link that are spoken of. */
type Rank = (link: string, session: number) => number;

/** The same situation with clocks, counters and texts set to constants. */
export function normalise(node: HadrNode): HadrNode {
  const sessions = sessionsOf(node);
  const rank: Rank = (link, session) => instant + 1 + (sessions.get(link) ?? []).indexOf(session);
  const renumber = (message: HadrMessage): HadrMessage => {
    const session = rank(message.group, message.session);
    return message.session === session ? message : { ...message, session };
  };
  let { state } = node;
  for (const key in node.state.instances) {
    const instance = node.state.instances[key];
    const plain = instance === undefined ? undefined : plainInstance(instance, rank);
    if (plain === undefined || plain === instance) continue;
    state = { ...state, instances: { ...state.instances, [key]: plain } };
  }
  return {
    state,
    toTarget: withoutRefrain(node.toTarget.map(renumber)),
    toSource: withoutRefrain(node.toSource.map(renumber)),
    inside: mapQueues(node.inside, (queue) => queue.map(renumber)),
    timers:
      node.timers.length < 2
        ? node.timers
        : node.timers.toSorted((left, right) => (textOf(left) < textOf(right) ? -1 : 1)),
    isCut: node.isCut,
  };
}

/** Shortest queue in which a refrain can be. */
const refrain = 4;

/**
 * Options that go to and fro while a message before them is still under way: the second and every later
 * time round is left out, or two people who change the commit mode against each other would fill the
 * wire without end. The receiver has been through both positions, in this order, and ends in the last.
 */
function withoutRefrain(queue: readonly HadrMessage[]): readonly HadrMessage[] {
  if (queue.length < refrain) return queue;
  const kept: HadrMessage[] = [];
  for (const message of queue) {
    kept.push(message);
    const [first, second, third, fourth] = kept.slice(-refrain).map(optionsText);
    if (first === null || first === undefined || second === null) continue;
    if (first === third && second === fourth) kept.splice(-2);
  }
  return kept;
}

/** Text of a message that carries options and nothing else. */
function optionsText(message: HadrMessage): string | null {
  return message.kind === 'ping' || message.kind === 'pong' ? textOf(message) : null;
}

/** Nothing is under way between the replicas of a side. */
export const nothingInside: InsideQueues = {};

function mapQueues(
  queues: InsideQueues,
  change: (queue: readonly HadrMessage[]) => readonly HadrMessage[],
): InsideQueues {
  if (queues === nothingInside) return queues;
  const kept = Object.entries(queues).filter(([, queue]) => queue.length > 0);
  if (kept.length === 0) return nothingInside;
  return Object.fromEntries(
    kept
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([way, queue]) => [way, change(queue)]),
  );
}

/** The links of an instance: the DAG, and those to other replicas. */
function linksOf(instance: InstanceState): readonly DistributedState[] {
  const dag = instance.distributed[dagKey];
  const others = Object.values(instance.replicaLinks);
  return dag === undefined ? others : [dag, ...others];
}

/** Numbers of all connections that are spoken of, by link, oldest first. */
function sessionsOf(node: HadrNode): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, Set<number>>();
  const add = (link: string, session: number): void => {
    const known = found.get(link);
    if (known === undefined) found.set(link, new Set([session]));
    else known.add(session);
  };
  for (const instance of Object.values(node.state.instances))
    for (const { key, link } of linksOf(instance)) add(key, link.session);
  for (const message of [...node.toTarget, ...node.toSource, ...Object.values(node.inside).flat()])
    add(message.group, message.session);
  return new Map(
    [...found].map(([link, sessions]) => [
      link,
      [...sessions].toSorted((left, right) => left - right),
    ]),
  );
}

/** The instance with plain links; the same object when they are plain. */
function plainInstance(instance: InstanceState, rank: Rank): InstanceState {
  const { distributed, replicaLinks } = instance;
  let plain = instance;
  for (const before of linksOf(instance)) {
    const after = plainDag(before, (session) => rank(before.key, session));
    if (after === before) continue;
    plain =
      before.between === 'groups'
        ? { ...plain, distributed: { ...distributed, [before.key]: after } }
        : { ...plain, replicaLinks: { ...plain.replicaLinks, [before.key]: after } };
  }
  return replicaLinks === plain.replicaLinks && distributed === plain.distributed
    ? instance
    : plain;
}

const noText = '';
const sequenceNumber = 1n;

function plainDag(dag: DistributedState, rank: (session: number) => number): DistributedState {
  const { link } = dag;
  const session = rank(link.session);
  const plain =
    dag.sequenceNumber === sequenceNumber &&
    link.session === session &&
    link.lastHeardAt === instant &&
    (link.dialledAt === null || link.dialledAt === instant) &&
    (link.lastError === null || (link.lastError.text === noText && link.lastError.at === instant));
  if (plain) return dag;
  return {
    ...dag,
    sequenceNumber,
    link: {
      ...link,
      session,
      lastHeardAt: instant,
      dialledAt: link.dialledAt === null ? null : instant,
      lastError:
        link.lastError === null
          ? null
          : { number: link.lastError.number, text: noText, at: instant },
    },
  };
}

/** JSON with bigint as text. */
export function asText(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'bigint' ? `${each}n` : each,
  );
}

const texts = new WeakMap<object, string>();

/** `asText` of an immutable value, remembered by its identity. */
export function textOf(value: object): string {
  let text = texts.get(value);
  if (text === undefined) {
    text = asText(value);
    texts.set(value, text);
  }
  return text;
}

const numbersByText = new Map<string, number>();
const numbers = new WeakMap<object, number>();

/** A number that equal immutable values share in this thread: a short stand-in for their text. */
export function numberOf(value: object): number {
  let number = numbers.get(value);
  if (number === undefined) {
    const text = textOf(value);
    number = numbersByText.get(text) ?? numbersByText.size;
    numbersByText.set(text, number);
    numbers.set(value, number);
  }
  return number;
}

/** Texts of immutable values, remembered one by one. */
export function textsOf(values: readonly object[]): string {
  let text = '';
  for (const value of values) text += `${textOf(value)};`;
  return text;
}

/** Payload ids in a copy's log, as bits; payload 1 is bit 0. */
export function commitsIn(instance: InstanceState | undefined, key: string): number {
  let mask = 0;
  for (const chunk of instance?.databases[key]?.log.chunks ?? []) {
    for (const record of chunk) {
      if (record.payload !== null) mask |= 1 << (record.payload.id - 1);
    }
  }
  return mask;
}
