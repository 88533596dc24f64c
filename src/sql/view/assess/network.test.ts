/** Decoders of clusters, listeners, certificates and replicas; the queries themselves run in the lab cases. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { articleMigration } from '../../../../tests/support/observation.ts';
import { known, unknown } from '../../../model/fact.ts';
import type { Side } from '../../../model/side.ts';
import type { RawRow } from '../../batch.ts';
import { absentRowsets, assessBatch } from '../assess-batch.ts';
import { DecodeError } from '../cell.ts';
import { networkParts } from './network.ts';
import type { PartAnswer } from './part.ts';
import { replicaParts } from './replica.ts';

const HOSTILE = "a]b'c\n🚚";

/** An answer of these rowsets; every other one failed on the server. */
function answer(sets: Readonly<Record<string, readonly RawRow[]>>): PartAnswer {
  const failed = 'the server answered error 207';
  return {
    rows: (name) => {
      const rows = sets[name];
      if (rows === undefined) throw new DecodeError(failed);
      return rows;
    },
    fact: (name) => {
      const rows = sets[name];
      return rows === undefined ? unknown(failed) : known(rows);
    },
  };
}

test('outside a cluster there is none, even where the view of its members fails', () => {
  assert.equal(networkParts.cluster.decode(answer({ part_cluster: [] }), []), null);
});

test('inside a cluster members that cannot be read are no empty list', () => {
  const row = {
    cluster_name: HOSTILE,
    quorum_type_desc: 'NODE_MAJORITY',
    quorum_state_desc: 'NORMAL_QUORUM',
  };
  assert.throws(
    () => networkParts.cluster.decode(answer({ part_cluster: [row] }), []),
    DecodeError,
  );
  const read = answer({ part_cluster: [row], part_cluster_members: [] });
  assert.deepEqual(networkParts.cluster.decode(read, []), {
    clusterName: HOSTILE,
    quorumTypeDesc: 'NODE_MAJORITY',
    quorumStateDesc: 'NORMAL_QUORUM',
    members: [],
  });
});

test('a server that does not know distributed network names still shows its listeners', () => {
  const [listener] = networkParts.groupListeners.decode(
    answer({
      part_listener_names: [
        { group_name: HOSTILE, listener_id: 'x', dns_name: null, port: null, is_conformant: true },
      ],
      part_listener_addresses: [
        {
          listener_id: 'x',
          ip_address: '10.0.0.50',
          network_subnet_ip: null,
          is_dhcp: false,
          state_desc: 'ONLINE',
        },
        {
          listener_id: 'other',
          ip_address: '10.9.9.9',
          network_subnet_ip: null,
          is_dhcp: false,
          state_desc: 'ONLINE',
        },
      ],
    }),
    [],
  );
  assert.deepEqual(listener, {
    group: HOSTILE,
    dnsName: '',
    port: null,
    isConformant: true,
    isDistributedNetworkName: null,
    addresses: [
      { ipAddress: '10.0.0.50', networkSubnetIp: null, isDhcp: false, stateDesc: 'ONLINE' },
    ],
  });
});

test('a replica without a state row has no role and no connection, and is not taken for connected', () => {
  const [replica] = replicaParts.groupReplicas.decode(
    answer({
      part_group_replicas: [
        {
          group_name: 'AG',
          is_distributed: false,
          replica_server_name: HOSTILE,
          endpoint_url: null,
          availability_mode_desc: 'SYNCHRONOUS_COMMIT',
          failover_mode_desc: 'MANUAL',
          session_timeout: null,
          seeding_mode_desc: 'AUTOMATIC',
          secondary_role_allow_connections_desc: 'NO',
          read_only_routing_url: null,
          routing_targets: 0,
          is_local: null,
          role_desc: null,
          connected_state_desc: null,
          last_connect_error_number: null,
          last_connect_error_description: null,
        },
      ],
    }),
    [],
  );
  assert.equal(replica?.replicaServerName, HOSTILE);
  assert.equal(replica.roleDesc, null);
  assert.equal(replica.connectedStateDesc, null);
  assert.equal(replica.isLocal, null);
});

test('users are compared on the target only, network names from 2019 on', () => {
  const options = (side: Side, versionMajor: number) => ({
    migration: articleMigration,
    side,
    versionMajor,
  });
  assert.ok(absentRowsets(options('source', 16)).has('part_orphans'));
  assert.ok(!absentRowsets(options('target', 16)).has('part_orphans'));
  assert.ok(absentRowsets(options('target', 14)).has('part_listener_network_names'));
  assert.ok(!assessBatch(options('target', 14)).includes('is_distributed_network_name'));
  assert.ok(!assessBatch(options('target', 13)).includes('required_synchronized_secondaries'));
});
