/**
 * Where an exploration of the availability-group shape begins: each of the two servers is the primary
 * of a local group with one more synchronous replica, and everything is in step.
 *
 * The cutover goes on between the primaries. The groups have no cluster and nobody fails over inside
 * a side: what is explored is that commits wait for four copies, that a forwarder acknowledges no more
 * than its own secondary has, and that every copy follows the change of roles.
 */

import { assert } from '../../base/assert.ts';
import { emptyState } from '../../lab/hadr/initial.ts';
import type { HadrState, HadrSwitches } from '../../lab/hadr/state.ts';
import { VirtualTime } from '../../lab/hadr/virtual-time.ts';
import type { CommitMode } from '../../model/prior-state.ts';
import { primaryInstance } from '../../model/migration.ts';
import type { Side } from '../../model/side.ts';
import {
  addDatabase,
  addInstance,
  addServer,
  createEndpoint,
  createGroup,
  database,
  distribute,
  migration,
  ran,
  type Release,
} from './start.ts';

/** The other replica of each side. */
export const secondReplicas = {
  source: { name: 'OnPremNode2', fqdn: 'OnPremNode2.contoso.com' },
  target: { name: 'SQLVM2', fqdn: 'SQLVM2.contoso.com' },
} as const satisfies Record<Side, { readonly name: string; readonly fqdn: string }>;

const seedingMs = 8_000;

/** The state of four servers with everything created and flowing. */
export function readyReplicas(
  release: Release,
  switches: Partial<HadrSwitches>,
  mode: CommitMode,
): HadrState {
  const world = new VirtualTime(emptyState({}, switches));
  for (const side of ['source', 'target'] as const) {
    addServer(world, side, release);
    addInstance(world, secondReplicas[side], release);
  }
  addDatabase(world);
  for (const side of ['source', 'target'] as const) join(world, side);
  world.advance(seedingMs);
  // The forwarder seeds its own secondary when it has its copy.
  const state = distribute(world, mode);
  for (const side of ['source', 'target'] as const) {
    const key = secondReplicas[side].name.toLowerCase();
    const copy = state.instances[key]?.databases[database.toLowerCase()];
    assert(copy?.synchronized === true, `the second replica of the ${side} is in step`);
  }
  return state;
}

function join(world: VirtualTime, side: Side): void {
  const group = migration[side].availabilityGroup;
  const own = primaryInstance(migration[side]);
  const second = secondReplicas[side];
  createEndpoint(world, own.name);
  createEndpoint(world, second.name);
  createGroup(world, side, [own, second]);
  for (const action of [
    { kind: 'join', clusterType: 'NONE' },
    { kind: 'grant-create-any-database' },
  ] as const)
    ran(
      world.statement(second.name, { kind: 'alter-availability-group', group, action }),
      `${side} ${action.kind}`,
    );
}
