/** The second replicas of the availability-group shape, and what is under way between the replicas of a side. */

import { accessTo } from '../../lab/hadr/access.ts';
import type { HadrEffect } from '../../lab/hadr/effect.ts';
import type { HadrState } from '../../lab/hadr/state.ts';
import type { Side } from '../../model/side.ts';
import { nothingInside, serverKeys, type InsideQueues } from './hadr-node.ts';
import { database } from './start.ts';
import { secondReplicas } from './start-availability-group.ts';

type Sent = Extract<HadrEffect, { readonly kind: 'send' }>;

/** The message goes from one side's primary to the other's. */
export function areOpposite({ from, to }: Pick<Sent, 'from' | 'to'>): boolean {
  const { source, target } = serverKeys;
  return (from === source && to === target) || (from === target && to === source);
}

/** The queues with one more message. */
export function sentInside(queues: InsideQueues, { from, to, message }: Sent): InsideQueues {
  const way = `${from}>${to}`;
  return { ...queues, [way]: [...(queues[way] ?? []), message] };
}

/** What is on its way to or from a server that died is lost. */
export function withoutServer(queues: InsideQueues, server: string): InsideQueues {
  const kept = Object.entries(queues).filter(([way]) => !way.split('>').includes(server));
  return kept.length === 0 ? nothingInside : Object.fromEntries(kept);
}

/** Every link between replicas: its instance and its key. */
export function replicaLinksIn(state: HadrState): readonly (readonly [string, string])[] {
  const found: [string, string][] = [];
  for (const instance in state.instances)
    for (const link in state.instances[instance]?.replicaLinks) found.push([instance, link]);
  return found;
}

/** The second replica of a side takes writes: it never may. */
export function isWritableReplica(state: HadrState, side: Side): boolean {
  const instance = secondReplicas[side].name.toLowerCase();
  if (state.instances[instance] === undefined) return false;
  const access = accessTo(state, { instance, database: database.toLowerCase() }, false);
  return access.kind === 'open' && access.writable;
}
