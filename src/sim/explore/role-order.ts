/** Role changes of the small world by ordinal number, and names of what the engine's timers do. */

import { required } from '../../base/assert.ts';
import type { EngineError } from '../../lab/hadr/effect.ts';
import type { HadrStatement } from '../../lab/hadr/event.ts';
import type { Side } from '../../model/side.ts';
import { dagKey, serverKeys, type HadrNode } from './hadr-node.ts';

/** What the engine's timers do, in words. */
export const timerNames = {
  tick: 'the clockwork turns',
  promote: 'the role PRIMARY arrives',
  recovered: 'recovery ends',
  redo: 'one record is redone',
  revert: 'the divergent tail is taken back',
  'seed-chunk': 'seeding moves',
  'seed-retry': 'seeding is tried again',
} as const;

/** Number of role changes so far: what GUIDs of recovery forks are made from, and their order. */
export function roleChanges(node: HadrNode): number {
  let most = 0;
  for (const key of Object.values(serverKeys)) {
    const dag = node.state.instances[key]?.distributed[dagKey];
    most = Math.max(most, dag?.demotedAt ?? 0, dag?.forcedAt ?? 0);
  }
  return most;
}

/** What random GUIDs are made from in this situation. */
export function saltOf(node: HadrNode): string {
  return `change ${roleChanges(node)}`;
}

/** `demotedAt` and `forcedAt` become ordinal numbers: only their order is read. */
export function orderRoleChange(
  applied: { readonly node: HadrNode; readonly error: EngineError | null },
  change: { readonly side: Side; readonly statement: HadrStatement; readonly ordinal: number },
): HadrNode {
  const { node } = applied;
  const { statement, ordinal } = change;
  if (applied.error !== null || statement.kind !== 'alter-availability-group') return node;
  const { kind } = statement.action;
  if (kind !== 'set-role-secondary' && kind !== 'force-failover-allow-data-loss') return node;
  const key = serverKeys[change.side];
  const instance = required(node.state.instances[key], key);
  const dag = required(instance.distributed[dagKey], dagKey);
  const field = kind === 'set-role-secondary' ? 'demotedAt' : 'forcedAt';
  const distributed = { ...instance.distributed, [dagKey]: { ...dag, [field]: ordinal } };
  const instances = { ...node.state.instances, [key]: { ...instance, distributed } };
  return { ...node, state: { ...node.state, instances } };
}
