/**
 * The groups of an observation: the side's own availability group and the DAG.
 *
 * A global primary shows two state rows for the DAG (its own and the other member's), a forwarder one.
 */

import type { Fact } from '../../model/fact.ts';
import type {
  AvailabilityGroupObservation,
  DistributedObservation,
} from '../../model/observation.ts';
import type { RawReply, RawRow } from '../batch.ts';
import {
  bit,
  bitOrNull,
  decodePart,
  number,
  numberOrNull,
  part,
  text,
  textOrNull,
} from './cell.ts';

/** The side's own group; `null` when it does not exist. */
export function decodeAvailabilityGroup(
  reply: RawReply,
): Fact<AvailabilityGroupObservation | null> {
  const members = part(reply, 'part_members');
  const databases = part(reply, 'part_group_databases');
  const granted = part(reply, 'part_create_database');
  const others = part(reply, 'part_other_distributed');
  if (!members.known) return members;
  if (!databases.known) return databases;
  if (!others.known) return others;
  return decodePart(part(reply, 'part_groups'), (rows) => {
    const states = rows.filter((row) => !bit(row, 'is_distributed'));
    const state = states.find((row) => bitOrNull(row, 'is_local') === true) ?? states[0];
    if (state === undefined) return null;
    const name = text(state, 'name');
    const own = members.value.find(
      (row) => text(row, 'group_name') === name && bit(row, 'is_this_server'),
    );
    return {
      name,
      clusterTypeDesc: (textOrNull(state, 'cluster_type_desc') ?? 'wsfc').toUpperCase(),
      localRoleDesc: bit(state, 'is_local') ? textOrNull(state, 'role_desc') : null,
      synchronizationHealthDesc: textOrNull(state, 'synchronization_health_desc'),
      localAvailabilityModeDesc:
        own === undefined ? '' : (textOrNull(own, 'availability_mode_desc') ?? ''),
      localSeedingModeDesc: own === undefined ? '' : (textOrNull(own, 'seeding_mode_desc') ?? ''),
      canCreateAnyDatabase: granted.known ? isGranted(granted.value) : null,
      databases: databases.value.map((row) => text(row, 'database_name')),
      otherDistributed: others.value.map((row) => text(row, 'name')),
    };
  });
}

/** The DAG as this side stores and sees it; `null` when it does not exist here. */
export function decodeDistributed(reply: RawReply): Fact<DistributedObservation | null> {
  const members = part(reply, 'part_members');
  if (!members.known) return members;
  return decodePart(part(reply, 'part_groups'), (rows) => {
    const states = rows.filter((row) => bit(row, 'is_distributed'));
    const first = states[0];
    if (first === undefined) return null;
    const name = text(first, 'name');
    const local = states.find((row) => bitOrNull(row, 'is_local') === true);
    const remote = states.find((row) => bitOrNull(row, 'is_local') === false);
    return {
      name,
      localRoleDesc: local === undefined ? null : textOrNull(local, 'role_desc'),
      localOperationalStateDesc:
        local === undefined ? null : textOrNull(local, 'operational_state_desc'),
      localConnectedStateDesc:
        local === undefined ? null : textOrNull(local, 'connected_state_desc'),
      remote: remote === undefined ? null : decodeRemote(remote),
      members: members.value.filter((row) => text(row, 'group_name') === name).map(decodeMember),
      requiredSynchronizedSecondariesToCommit:
        numberOrNull(first, 'required_synchronized_secondaries_to_commit') ?? 0,
    };
  });
}

function isGranted(rows: readonly RawRow[]): boolean {
  const row = rows[0];
  return row !== undefined && number(row, 'granted') > 0;
}

function decodeRemote(row: RawRow): DistributedObservation['remote'] {
  return {
    connectedStateDesc: textOrNull(row, 'connected_state_desc'),
    synchronizationHealthDesc: textOrNull(row, 'synchronization_health_desc'),
    lastConnectErrorNumber: numberOrNull(row, 'last_connect_error_number'),
    lastConnectErrorDescription: textOrNull(row, 'last_connect_error_description'),
  };
}

function decodeMember(row: RawRow): DistributedObservation['members'][number] {
  return {
    availabilityGroup: text(row, 'replica_server_name'),
    endpointUrl: textOrNull(row, 'endpoint_url') ?? '',
    availabilityModeDesc: textOrNull(row, 'availability_mode_desc') ?? '',
    seedingModeDesc: textOrNull(row, 'seeding_mode_desc') ?? '',
  };
}
