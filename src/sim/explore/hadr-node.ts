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

/** Servers and wire. */
export interface HadrNode {
  readonly state: HadrState;
  /** Messages under way, oldest first. */
  readonly toTarget: readonly HadrMessage[];
  readonly toSource: readonly HadrMessage[];
  /** Timers that will fire, without the clockwork of pings. */
  readonly timers: readonly HadrTimer[];
  readonly isCut: boolean;
}

/** The same situation with clocks, counters and texts set to constants. */
export function normalise(node: HadrNode): HadrNode {
  const sessions = sessionsOf(node);
  const rank = (session: number): number => instant + 1 + sessions.indexOf(session);
  const renumber = (message: HadrMessage): HadrMessage =>
    message.session === rank(message.session)
      ? message
      : { ...message, session: rank(message.session) };
  let { state } = node;
  for (const key of Object.values(serverKeys)) {
    const instance = state.instances[key];
    const dag = instance?.distributed[dagKey];
    if (instance === undefined || dag === undefined) continue;
    const plain = plainDag(dag, rank);
    if (plain === dag) continue;
    const distributed = { ...instance.distributed, [dagKey]: plain };
    state = {
      ...state,
      instances: { ...state.instances, [key]: { ...instance, distributed } },
    };
  }
  return {
    state,
    toTarget: node.toTarget.map(renumber),
    toSource: node.toSource.map(renumber),
    timers:
      node.timers.length < 2
        ? node.timers
        : node.timers.toSorted((left, right) => (textOf(left) < textOf(right) ? -1 : 1)),
    isCut: node.isCut,
  };
}

/** Numbers of all connections that are spoken of, oldest first. */
function sessionsOf(node: HadrNode): readonly number[] {
  const found = new Set<number>();
  for (const key of Object.values(serverKeys)) {
    const session = node.state.instances[key]?.distributed[dagKey]?.link.session;
    if (session !== undefined) found.add(session);
  }
  for (const message of [...node.toTarget, ...node.toSource]) found.add(message.session);
  return [...found].toSorted((left, right) => left - right);
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
