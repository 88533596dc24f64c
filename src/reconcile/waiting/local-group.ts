/** Judges of a side's own availability group: replicas that are away, databases that are not in step with them. */

import { shownName } from '../../base/name.ts';
import type { ReplicaObservation } from '../../model/group-details.ts';
import type { SideObservation } from '../../model/observation.ts';
import type { WaitJudge } from './judge.ts';
import { databaseOn, isConnected, keeperOf, valueOf, type Scene } from './scene.ts';

const bothSides = (scene: Scene): readonly SideObservation[] => [scene.sender, scene.receiver];

/** Replicas of the side's group that a switch waits for, by how the side sees their connection. */
function synchronousReplicas(
  seen: SideObservation,
  connectedStateDesc: 'CONNECTED' | 'DISCONNECTED',
): readonly ReplicaObservation[] {
  return (valueOf(seen.group)?.replicas ?? []).filter(
    (replica) =>
      replica.connectedStateDesc === connectedStateDesc &&
      replica.availabilityModeDesc === 'SYNCHRONOUS_COMMIT',
  );
}

/** A secondary replica of a side is away. */
export const replicaAway: WaitJudge = {
  id: 'WAIT-REPLICA',
  title: 'A synchronous replica of a side is not connected',
  why: 'The group of that side is not synchronized without it; an asynchronous replica is not waited for.',
  limit: 'connectMs',
  explains: ['WAIT-LOCAL-GROUP'],
  reference: 'complete',
  judge: (scene) =>
    bothSides(scene).flatMap((seen) => {
      const group = valueOf(seen.availabilityGroup);
      return synchronousReplicas(seen, 'DISCONNECTED').map(
        ({ serverName, roleDesc, synchronizationHealthDesc: health }) => ({
          side: seen.side,
          cause: `Replica ${shownName(serverName)} of ${shownName(group?.name ?? '')} on the ${seen.side} is not connected.`,
          evidence: [
            `${shownName(seen.instance)} shows it as ${roleDesc ?? 'without a role'}, DISCONNECTED, ${health ?? 'no health'}.`,
          ],
          whose: keeperOf(seen.side),
          next: `Start SQL Server and its endpoint on ${shownName(serverName)}; on ${shownName(seen.instance)}: SELECT last_connect_error_number, last_connect_error_description FROM sys.dm_hadr_availability_replica_states WHERE connected_state_desc = N'DISCONNECTED'`,
        }),
      );
    }),
};

/** A secondary replica of a side is there and not in step. */
export const replicaBehind: WaitJudge = {
  id: 'WAIT-REPLICA-BEHIND',
  title: 'A synchronous replica of a side is connected and not healthy',
  why: 'Its copies are being seeded, catch up, or are suspended there; the role of its group should not move before it is in step.',
  limit: 'synchronizeMs',
  explains: ['WAIT-LOCAL-GROUP'],
  reference: 'complete',
  judge: (scene) =>
    bothSides(scene).flatMap((seen) => {
      const group = shownName(valueOf(seen.availabilityGroup)?.name ?? '');
      return synchronousReplicas(seen, 'CONNECTED')
        .filter(({ roleDesc, synchronizationHealthDesc: health }) => {
          return roleDesc === 'SECONDARY' && health !== null && health !== 'HEALTHY';
        })
        .map(({ serverName, synchronizationHealthDesc: health }) => ({
          side: seen.side,
          cause: `Replica ${shownName(serverName)} of ${group} on the ${seen.side} is connected and ${health ?? ''}.`,
          evidence: [`sys.dm_hadr_availability_replica_states on ${shownName(seen.instance)}.`],
          whose: 'SQL Server' as const,
          next: `Wait while it is seeded; when it stays, on ${shownName(serverName)}: SELECT DB_NAME(database_id), synchronization_state_desc, suspend_reason_desc FROM sys.dm_hadr_database_replica_states WHERE is_local = 1, then EXEC sp_readerrorlog`,
        }));
    }),
};

/** The group of one side is behind in itself. */
export const localGroup: WaitJudge = {
  id: 'WAIT-LOCAL-GROUP',
  title: 'A side is not in step with its own replicas',
  why: 'A synchronous group must be SYNCHRONIZED in itself before its role may move; an asynchronous replica never is, and is not waited for.',
  limit: 'synchronizeMs',
  explains: [],
  reference: 'complete',
  judge: (scene) =>
    bothSides(scene).flatMap((seen) => {
      const group = valueOf(seen.availabilityGroup);
      if (group === null || group.localAvailabilityModeDesc !== 'SYNCHRONOUS_COMMIT') return [];
      return scene.names.flatMap((name) => {
        const row = databaseOn(seen, name)?.local ?? null;
        const state = row?.synchronizationStateDesc ?? 'SYNCHRONIZED';
        const quiet = state === 'SYNCHRONIZED' || row?.isSuspended === true;
        if (quiet || isConnected(scene) === false) return [];
        return [
          {
            side: seen.side,
            database: name,
            cause: `${shownName(name)} is ${state} in ${shownName(group.name)} on the ${seen.side}, which commits synchronously.`,
            evidence: [
              `sys.dm_hadr_database_replica_states on ${shownName(seen.instance)}.`,
              ...replicaWords(seen),
            ],
            whose: keeperOf(seen.side),
            next: `Look at the replicas of ${shownName(group.name)}: SELECT replica_server_name, connected_state_desc, synchronization_health_desc FROM sys.dm_hadr_availability_replica_states AS s JOIN sys.availability_replicas AS r ON r.replica_id = s.replica_id`,
          },
        ];
      });
    }),
};

function replicaWords(seen: SideObservation): readonly string[] {
  return (valueOf(seen.group)?.replicas ?? []).map(
    (replica) =>
      `${shownName(replica.serverName)}: ${replica.availabilityModeDesc}, ${replica.connectedStateDesc ?? 'connection not shown'}, ${replica.synchronizationHealthDesc ?? 'health not shown'}.`,
  );
}
