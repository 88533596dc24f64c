/** The replicas of a side as `sqlferry status` shows them. Pure. */

import { sameName } from '../base/name.ts';
import type { SideObservation } from '../model/observation.ts';

/** One replica. A value that could not be read is null. */
export interface StatusReplica {
  readonly instance: string;
  /** The distributed group is altered here: the primary of the side's own group. */
  readonly acts: boolean;
  readonly connected: boolean;
  /** Role in the side's own group. */
  readonly role: string | null;
  readonly availabilityMode: string | null;
  readonly failoverMode: string | null;
  readonly synchronizationHealth: string | null;
  /** Nobody waits for an asynchronous replica. */
  readonly waitedFor: boolean | null;
}

/** Nothing on the standalone path. */
export function replicasOfSide(side: SideObservation): {
  readonly replicas?: readonly StatusReplica[];
} {
  if (side.others === undefined) return {};
  const isActing = side.connection.kind === 'connected';
  const instances = isActing ? [side, ...side.others] : side.others;
  const known = side.group?.known === true ? side.group.value.replicas : [];
  return {
    replicas: instances.map((seen): StatusReplica => {
      const row = known.find((each) => sameName(each.serverName, seen.instance));
      const group = seen.availabilityGroup.known ? seen.availabilityGroup.value : null;
      const mode = row?.availabilityModeDesc ?? null;
      return {
        instance: seen.instance,
        acts: isActing && seen === side,
        connected: seen.connection.kind === 'connected',
        role: group?.localRoleDesc ?? row?.roleDesc ?? null,
        availabilityMode: mode,
        failoverMode: row?.failoverModeDesc ?? null,
        synchronizationHealth: row?.synchronizationHealthDesc ?? null,
        waitedFor: mode === null ? null : mode === 'SYNCHRONOUS_COMMIT',
      };
    }),
  };
}
