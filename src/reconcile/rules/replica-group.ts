/**
 * Rules of `migrate` for groups of several replicas: the source's group is used as it is, the target's is
 * built with all of its replicas and its listener.
 */

import { sameName, shownName, shownNames } from '../../base/name.ts';
import type { GroupDetails } from '../../model/group-details.ts';
import { listenerAddress, type MigrationSide } from '../../model/migration.ts';
import type { AvailabilityGroupObservation } from '../../model/observation.ts';
import type { Side } from '../../model/side.ts';
import { findDatabase, holds, planOf, selectedNames } from '../look.ts';
import { attemptsOf } from '../memory.ts';
import { groupedSides, othersOf, replicasOf } from '../replica-look.ts';
import { rule, type Situation } from '../rule.ts';

/** The existing groups and the migration file name other replicas or databases. */
export const replicaSet = rule({
  id: 'R-REPLICA-SET',
  phase: 'prepare',
  title:
    'Stop: an availability group does not have the replicas and databases of the migration file',
  why: 'An existing group is used as it is: sqlferry adds no replica and no database to it and takes none away. A replica that the file does not name would not be looked at, and could become the primary.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['sourceGroup', 'targetGroup', 'sourceDatabases'],
  match: ({ sourceGroup, targetGroup, sourceDatabases }, situation) => {
    const { observation, migration } = situation;
    const blockers = groupedSides(migration).flatMap((side) => {
      const group = side === 'source' ? sourceGroup : targetGroup;
      const replicas = replicasOf(observation, side)?.map((row) => row.serverName) ?? [];
      return group === null
        ? absentBlockers(side, situation)
        : memberBlockers(planOf(migration, side), group, replicas);
    });
    const outside =
      sourceGroup === null || !groupedSides(migration).includes('source')
        ? []
        : selectedNames(migration, sourceDatabases).filter(
            (name) => !holds(sourceGroup.databases, name),
          );
    const all = [
      ...blockers,
      ...outside.map(
        (name) =>
          `${shownName(name)} is not in ${shownName(migration.source.availabilityGroup)}: add it there with a copy on every replica first.`,
      ),
    ];
    return all.length === 0
      ? null
      : {
          kind: 'needs-human',
          because: 'The availability groups are not those of the migration file.',
          blockers: all,
          remedy:
            'Correct instances and databases in the migration file, or change the group yourself, then run the same command again.',
        };
  },
});

/** The source's group is never made; the target's is, when every server could be asked. */
function absentBlockers(side: Side, { migration }: Situation): readonly string[] {
  const group = shownName(planOf(migration, side).availabilityGroup);
  return side === 'source'
    ? [
        `${group} does not exist on the source; with a listener the group of the source has to be there.`,
      ]
    : [];
}

function memberBlockers(
  plan: MigrationSide,
  group: AvailabilityGroupObservation,
  replicas: readonly string[],
): readonly string[] {
  const named = plan.instances.map((instance) => instance.name);
  const shown = `${shownName(group.name)} on the ${plan.side}`;
  const strangers = replicas.filter((name) => !holds(named, name));
  const missing = named.filter((name) => !holds(replicas, name));
  return [
    ...(strangers.length === 0
      ? []
      : [`${shown} has ${shownNames(strangers)}, which the migration file does not name.`]),
    ...(missing.length === 0
      ? []
      : [`${shown} does not have ${shownNames(missing)}, which the migration file names.`]),
  ];
}

/** A database of that name is in the way on a further replica of the target. */
export const replicaNameTaken = rule({
  id: 'R-REPLICA-NAME-TAKEN',
  phase: 'prepare',
  title: 'Stop: a database of that name is already on a further replica of the target',
  why: 'The forwarder seeds its own secondaries; seeding never overwrites a database, and sqlferry never drops one.',
  emits: 'needs-human',
  reversal: null,
  reference: 'seeding',
  needs: ['sourceDatabases', 'targetDag'],
  match: ({ sourceDatabases, targetDag }, { observation, migration }) => {
    if (targetDag !== null) return null;
    const blockers = othersOf(observation, migration, 'target').flatMap(
      ({ name, databases, group }) =>
        selectedNames(migration, sourceDatabases)
          .filter((wanted) => findDatabase(databases, wanted) !== null)
          .filter((wanted) => !holds(group?.databases ?? [], wanted))
          .map((wanted) => `Database ${shownName(wanted)} exists on ${shownName(name)}.`),
    );
    return blockers.length === 0
      ? null
      : {
          kind: 'needs-human',
          because: 'A further replica of the target already has databases of these names.',
          blockers,
          remedy:
            'Look at what they hold; rename or drop them yourself, then run sqlferry migrate again.',
        };
  },
});

/** A replica that the target's group names and that has not joined. */
export const replicaJoin = rule({
  id: 'R-REPLICA-JOIN',
  phase: 'create',
  title: 'Join a further replica of the target to its availability group',
  why: 'CREATE AVAILABILITY GROUP only names the replicas; each one takes part once it has joined itself.',
  emits: 'join-availability-group',
  reversal: 'ALTER AVAILABILITY GROUP ... REMOVE REPLICA on the primary, by hand.',
  reference: 'alterGroup',
  needs: ['targetGroup'],
  match: ({ targetGroup }, { observation, migration }) => {
    if (targetGroup === null) return null;
    const found = othersOf(observation, migration, 'target').find((each) => each.group === null);
    return found === undefined
      ? null
      : {
          kind: 'act',
          because: `${shownName(found.name)} has not joined ${shownName(targetGroup.name)}.`,
          act: { kind: 'join-availability-group', side: 'target', instance: found.name },
        };
  },
});

/** A further replica of the target may create the databases it is seeded with. */
export const replicaGrant = rule({
  id: 'R-REPLICA-GRANT',
  phase: 'create',
  title: 'Let the availability group create databases on a further replica of the target',
  why: 'The forwarder seeds its secondaries automatically, and each of them needs the right for itself (19506 in the error log otherwise).',
  emits: 'grant-create-database',
  reversal: 'ALTER AVAILABILITY GROUP ... DENY CREATE ANY DATABASE.',
  reference: 'seeding',
  needs: ['targetGroup', 'sourceDatabases'],
  match: ({ sourceDatabases }, { observation, migration, memory }) => {
    const names = selectedNames(migration, sourceDatabases);
    for (const { name, group, databases } of othersOf(observation, migration, 'target')) {
      const unseeded = names.some(
        (wanted) => (findDatabase(databases, wanted)?.local ?? null) === null,
      );
      if (group === null || group.canCreateAnyDatabase === true || !unseeded) continue;
      const act = { kind: 'grant-create-database', side: 'target', instance: name } as const;
      // Real servers do not show the grant to every login: once per run is enough, it is idempotent.
      if (attemptsOf(memory, act) > 0) continue;
      return {
        kind: 'act',
        because: `${shownName(group.name)} on ${shownName(name)} is not known to hold CREATE ANY DATABASE.`,
        act,
      };
    }
    return null;
  },
});

/** A listener that does not fit, or that only a person can make. */
export const listenerShape = rule({
  id: 'R-LISTENER-SHAPE',
  phase: 'create',
  title: 'Stop: a listener is missing, or is not the one of the migration file',
  why: 'The distributed group finds each side through its listener, which must be a virtual network name (a distributed network name is not supported). One behind a load balancer is made in the cluster, not by T-SQL.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['sourceGroup', 'targetGroup'],
  match: ({ sourceGroup, targetGroup }, { observation, migration }) => {
    const found = groupedSides(migration).flatMap((side) => {
      const group = side === 'source' ? sourceGroup : targetGroup;
      const details = detailsOf(observation, side);
      return group === null || details === null
        ? []
        : listenerBlockers(planOf(migration, side), details);
    });
    const [first] = found;
    return first === undefined
      ? null
      : {
          kind: 'needs-human',
          because: 'A listener of the migration file cannot be used as it is.',
          blockers: found.map((each) => each.evidence),
          remedy: first.remedy,
        };
  },
});

interface ListenerBlocker {
  readonly evidence: string;
  readonly remedy: string;
}

function listenerBlockers(plan: MigrationSide, details: GroupDetails): readonly ListenerBlocker[] {
  const { listener, side } = plan;
  if (listener === null) return [];
  const shown = `${shownName(listener.name)} on the ${side}`;
  const seen = details.listeners.find((row) => sameName(row.dnsName, listener.name));
  if (seen === undefined) return missingListener(plan, details);
  if (seen.isDistributedNetworkName === true) {
    return [
      {
        evidence: `${shown} is a distributed network name (DNN).`,
        remedy:
          'Give the group a listener with a virtual network name (ADD LISTENER ... WITH IP) and name that one in the migration file.',
      },
    ];
  }
  return seen.port === null || seen.port === listener.port
    ? []
    : [
        {
          evidence: `${shown} listens on port ${seen.port}, the migration file says ${listener.port}.`,
          remedy: `Set listener.port of the ${side} to ${seen.port} in the migration file.`,
        },
      ];
}

function missingListener(plan: MigrationSide, details: GroupDetails): readonly ListenerBlocker[] {
  const { listener, side } = plan;
  if (listener === null) return [];
  const shown = `${shownName(listener.name)} on the ${side}`;
  const [other] = details.listeners;
  if (other !== undefined) {
    return [
      {
        evidence: `${shown} does not exist; the group has the listener ${shownName(other.dnsName)}.`,
        remedy: `Set listener.name of the ${side} to ${other.dnsName} in the migration file.`,
      },
    ];
  }
  if (side === 'target' && newListenerOf(plan) !== null) return [];
  const ips = listener.ips.map((text) => listenerAddress(text).ip).join(', ');
  const remedy =
    side === 'source'
      ? `Create it: ALTER AVAILABILITY GROUP ${shownName(plan.availabilityGroup)} ADD LISTENER N'${listener.name}' (WITH IP ((N'<address>', N'<subnet mask>')), PORT = ${listener.port})`
      : `Behind a load balancer: in Failover Cluster Manager add a client access point ${listener.name} with ${ips} to the role ${plan.availabilityGroup}, set the probe port on its address, make the group depend on it, set the port: ALTER AVAILABILITY GROUP ${shownName(plan.availabilityGroup)} MODIFY LISTENER N'${listener.name}' (PORT = ${listener.port}), and add rules for port ${listener.port} and for the endpoint port ${plan.instances[0].endpoint.port} to the load balancer; then run sqlferry migrate again. In subnets of their own write the addresses as ${ips.split(',')[0]}/24 and sqlferry creates it.`;
  return [{ evidence: `${shown} does not exist.`, remedy }];
}

/** What ADD LISTENER would need; null when the file does not give every subnet. */
function newListenerOf(plan: MigrationSide): {
  readonly listener: string;
  readonly port: number;
  readonly addresses: readonly { readonly ip: string; readonly mask: string }[];
} | null {
  if (plan.listener === null) return null;
  const { name, port, ips } = plan.listener;
  const addresses = ips.flatMap((text) => {
    const { ip, mask } = listenerAddress(text);
    return mask === null ? [] : [{ ip, mask }];
  });
  return addresses.length === ips.length ? { listener: name, port, addresses } : null;
}

/** The listener of the target, in subnets of its own. */
export const listenerCreate = rule({
  id: 'R-LISTENER-CREATE',
  phase: 'create',
  title: 'Create the listener of the target',
  why: 'The distributed group and the applications find the primary of the target through it. The migration file gives the subnet of every address, so T-SQL can make it.',
  emits: 'create-listener',
  reversal: 'ALTER AVAILABILITY GROUP ... REMOVE LISTENER.',
  reference: 'alterGroup',
  needs: ['targetGroup'],
  match: ({ targetGroup }, { observation, migration }) => {
    const details = detailsOf(observation, 'target');
    const wanted = newListenerOf(migration.target);
    if (targetGroup === null || details === null || wanted === null) return null;
    if (details.listeners.length > 0) return null;
    return {
      kind: 'act',
      because: `${shownName(targetGroup.name)} has no listener; ${shownName(wanted.listener)} is created.`,
      act: { kind: 'create-listener', side: 'target', ...wanted },
    };
  },
});

function detailsOf(observation: Situation['observation'], side: Side): GroupDetails | null {
  const { group } = observation[side];
  return group?.known === true ? group.value : null;
}

/** The synchronous secondaries of a side are not in step. */
export const replicaWait = rule({
  id: 'R-WAIT-REPLICAS',
  phase: 'seed',
  title: 'Wait until the synchronous secondaries of both sides are in step',
  why: 'Each group must be healthy before the cutover: a synchronous secondary that is behind would take part in every commit afterwards. Asynchronous ones are never waited for.',
  emits: 'wait',
  reversal: null,
  reference: 'complete',
  needs: ['sourceGroup', 'targetGroup'],
  match: (_parts, { observation, migration }) => {
    const blockers = groupedSides(migration).flatMap((side) =>
      (replicasOf(observation, side) ?? []).flatMap((row) =>
        row.roleDesc === 'PRIMARY' ||
        row.availabilityModeDesc !== 'SYNCHRONOUS_COMMIT' ||
        row.synchronizationHealthDesc === 'HEALTHY'
          ? []
          : [
              `${shownName(row.serverName)} on the ${side} is ${row.connectedStateDesc ?? 'not shown'}, ${row.synchronizationHealthDesc ?? 'its health is not shown'}.`,
            ],
      ),
    );
    return blockers.length === 0
      ? null
      : {
          kind: 'wait',
          because: 'Not every synchronous secondary is in step with its primary.',
          blockers: [...blockers, ...asynchronousNotes(observation, migration)],
        };
  },
});

/** Asynchronous replicas, one sentence each: why nobody waits for them. */
export function asynchronousNotes(
  observation: Situation['observation'],
  migration: Situation['migration'],
): readonly string[] {
  return groupedSides(migration).flatMap((side) =>
    (replicasOf(observation, side) ?? [])
      .filter((row) => row.availabilityModeDesc === 'ASYNCHRONOUS_COMMIT')
      .map(
        (row) =>
          `${shownName(row.serverName)} on the ${side} commits asynchronously: it never becomes SYNCHRONIZED and is not waited for.`,
      ),
  );
}
