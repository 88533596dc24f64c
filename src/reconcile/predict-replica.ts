/** What further replicas, listeners and failover modes of a side will show after an act. */

import { unreachable } from '../base/assert.ts';
import { sameName } from '../base/name.ts';
import type { Act } from '../model/act.ts';
import type { GroupDetails, ReplicaObservation } from '../model/group-details.ts';
import { isGrouped, type Migration } from '../model/migration.ts';
import { sideOf, type Observation, type SideObservation } from '../model/observation.ts';
import type { Side } from '../model/side.ts';
import { planOf } from './look.ts';
import { map, patch } from './patch.ts';

/** Acts that exist only where a side has several replicas. */
export type ReplicaAct = Extract<
  Act,
  { readonly kind: 'join-availability-group' | 'create-listener' | 'set-failover-mode' }
>;

/** Whether the act exists only where a side has several replicas. */
export function isReplicaAct(act: Act): act is ReplicaAct {
  return (
    act.kind === 'join-availability-group' ||
    act.kind === 'create-listener' ||
    act.kind === 'set-failover-mode'
  );
}

/** The observation after such an act. */
export function predictReplica(
  observation: Observation,
  act: ReplicaAct,
  migration: Migration,
): Observation {
  const { side } = act;
  switch (act.kind) {
    case 'join-availability-group': {
      const acting = sideOf(observation, side).availabilityGroup;
      const joined = onInstance(observation, { side, instance: act.instance }, (turned) =>
        patch(turned, side, {
          availabilityGroup: map(acting, (group) =>
            group === null
              ? null
              : { ...group, localRoleDesc: 'SECONDARY', canCreateAnyDatabase: false },
          ),
        }),
      );
      return withReplica(
        joined,
        { side, replica: act.instance },
        {
          roleDesc: 'SECONDARY',
          connectedStateDesc: 'CONNECTED',
          synchronizationHealthDesc: 'HEALTHY',
        },
      );
    }
    case 'create-listener':
      return withDetails(observation, side, (details) => ({
        ...details,
        listeners: [
          ...details.listeners,
          {
            dnsName: act.listener,
            port: planOf(migration, side).listener?.port ?? act.port,
            isDistributedNetworkName: false,
            ips: act.addresses.map((address) => address.ip),
          },
        ],
      }));
    case 'set-failover-mode':
      return withReplica(
        observation,
        { side, replica: act.replica },
        { failoverModeDesc: act.mode },
      );
  }
  return unreachable(act);
}

/** The replicas of a group that was just created: only the one that created it has a role. */
export function newDetails(
  observation: Observation,
  migration: Migration,
  side: Side,
): Pick<SideObservation, 'group'> {
  const plan = planOf(migration, side);
  const { group } = sideOf(observation, side);
  if (!isGrouped(plan) || group === undefined) return {};
  const replicas = plan.instances.map((instance, index): ReplicaObservation => ({
    serverName: instance.name,
    availabilityModeDesc: index < 3 ? 'SYNCHRONOUS_COMMIT' : 'ASYNCHRONOUS_COMMIT',
    failoverModeDesc: index < 3 ? 'AUTOMATIC' : 'MANUAL',
    seedingModeDesc: 'AUTOMATIC',
    roleDesc: index === 0 ? 'PRIMARY' : null,
    connectedStateDesc: index === 0 ? 'CONNECTED' : null,
    synchronizationHealthDesc: index === 0 ? 'HEALTHY' : null,
  }));
  return { group: map(group, (details) => ({ ...details, replicas })) };
}

/** Changes one further instance of a side as if it were the acting one. */
export function onInstance(
  observation: Observation,
  place: { readonly side: Side; readonly instance: string },
  change: (turned: Observation) => Observation,
): Observation {
  const { side, instance } = place;
  const acting = sideOf(observation, side);
  const others = (acting.others ?? []).map((each) =>
    each.instance === instance ? sideOf(change({ ...observation, [side]: each }), side) : each,
  );
  return patch(observation, side, { others });
}

/** The same act for the instance that acts. */
export function withoutInstance(act: Act): Act {
  if (!('instance' in act) || act.kind === 'join-availability-group') return act;
  const { instance: _instance, ...rest } = act;
  return rest;
}

function withReplica(
  observation: Observation,
  { side, replica }: { readonly side: Side; readonly replica: string },
  change: Partial<ReplicaObservation>,
): Observation {
  return withDetails(observation, side, (details) => ({
    ...details,
    replicas: details.replicas.map((row) =>
      sameName(row.serverName, replica) ? { ...row, ...change } : row,
    ),
  }));
}

function withDetails(
  observation: Observation,
  side: Side,
  change: (details: GroupDetails) => GroupDetails,
): Observation {
  const { group } = sideOf(observation, side);
  return group === undefined
    ? observation
    : patch(observation, side, { group: map(group, change) });
}
