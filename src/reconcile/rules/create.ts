/** Rules of `migrate` that create the availability groups and the DAG, in the order of the article. */

import { sameName, shownName, shownNames } from '../../base/name.ts';
import { isGrouped, memberUrl, type Migration } from '../../model/migration.ts';
import type {
  AvailabilityGroupObservation,
  DistributedObservation,
} from '../../model/observation.ts';
import type { Side } from '../../model/side.ts';
import { attemptsOf } from '../memory.ts';
import { dagRole, findDatabase, holds, planOf, selectedNames, sides } from '../look.ts';
import { rule } from '../rule.ts';

/** A group of the right name that is not ours to use. */
export const groupShape = rule({
  id: 'R-GROUP-SHAPE',
  phase: 'create',
  title: 'Stop: an availability group of that name exists and does not fit',
  why: 'Without a cluster the group must be CLUSTER_TYPE = NONE with a local PRIMARY, and hold no database that is not to travel.',
  emits: 'needs-human',
  reversal: null,
  reference: 'createGroup',
  needs: ['sourceGroup', 'targetGroup', 'sourceDatabases'],
  match: ({ sourceGroup, targetGroup, sourceDatabases }, { migration }) => {
    const names = selectedNames(migration, sourceDatabases);
    const blockers = [
      ...groupBlockers(migration, sourceGroup, { side: 'source', names }),
      ...groupBlockers(migration, targetGroup, { side: 'target', names }),
    ];
    if (blockers.length === 0) return null;
    return {
      kind: 'needs-human',
      because:
        'An availability group that the migration file names already exists and does not fit.',
      blockers,
      remedy:
        'Choose another availabilityGroup name in the migration file, or change the group by hand.',
    };
  },
});

function groupBlockers(
  migration: Migration,
  group: AvailabilityGroupObservation | null,
  { side, names }: { readonly side: Side; readonly names: readonly string[] },
): readonly string[] {
  if (group === null) return [];
  const clusterType = isGrouped(planOf(migration, side)) ? 'WSFC' : 'NONE';
  const blockers: string[] = [];
  const shown = `${shownName(group.name)} on the ${side}`;
  if (group.clusterTypeDesc.toUpperCase() !== clusterType) {
    blockers.push(`${shown} has CLUSTER_TYPE = ${group.clusterTypeDesc.toUpperCase()}.`);
  }
  if (group.localRoleDesc === 'SECONDARY')
    blockers.push(`${shown}: the local replica is SECONDARY.`);
  const strangers = group.databases.filter((database) => !holds(names, database));
  if (strangers.length > 0) {
    blockers.push(`${shown} holds ${shownNames(strangers)}, which would travel too.`);
  }
  return blockers;
}

/** AG of the source. */
export const sourceGroupCreate = rule({
  id: 'R-SOURCE-GROUP-CREATE',
  phase: 'create',
  title: 'Create the availability group of the source with the databases',
  why: 'The distributed group is built on top of it; CLUSTER_TYPE = NONE needs no Windows cluster.',
  emits: 'create-availability-group',
  reversal: 'DROP AVAILABILITY GROUP on the source, by hand: the databases stay and stay writable.',
  reference: 'standalone',
  needs: ['sourceGroup', 'sourceDatabases'],
  match: ({ sourceGroup, sourceDatabases }, { migration }) => {
    if (sourceGroup !== null) return null;
    const databases = selectedNames(migration, sourceDatabases);
    return {
      kind: 'act',
      because: `The source has no availability group ${shownName(migration.source.availabilityGroup)}; it is created with ${shownNames(databases)}.`,
      act: { kind: 'create-availability-group', side: 'source', databases },
    };
  },
});

/** A database that is not in the AG of the source yet. */
export const databaseAdd = rule({
  id: 'R-DATABASE-ADD',
  phase: 'create',
  title: 'Add a database to the availability group of the source',
  why: 'The group exists and the migration file names a database that is not in it.',
  emits: 'add-database',
  reversal: 'ALTER AVAILABILITY GROUP ... REMOVE DATABASE, by hand.',
  reference: 'alterGroup',
  needs: ['sourceGroup', 'sourceDatabases'],
  match: ({ sourceGroup, sourceDatabases }, { migration }) => {
    if (sourceGroup === null) return null;
    const missing = selectedNames(migration, sourceDatabases).find(
      (name) => !holds(sourceGroup.databases, name),
    );
    if (missing === undefined) return null;
    return {
      kind: 'act',
      because: `${shownName(missing)} is not in ${shownName(sourceGroup.name)}.`,
      act: { kind: 'add-database', side: 'source', database: missing },
    };
  },
});

/** AG of the target, empty. */
export const targetGroupCreate = rule({
  id: 'R-TARGET-GROUP-CREATE',
  phase: 'create',
  title: 'Create the empty availability group of the target',
  why: 'The forwarder receives the databases into it; it must be empty when it joins (19511).',
  emits: 'create-availability-group',
  reversal: 'DROP AVAILABILITY GROUP on the target, by hand, while it is empty.',
  reference: 'standalone',
  needs: ['targetGroup'],
  match: ({ targetGroup }, { migration }) =>
    targetGroup !== null
      ? null
      : {
          kind: 'act',
          because: `The target has no availability group ${shownName(migration.target.availabilityGroup)}; it is created without databases.`,
          act: { kind: 'create-availability-group', side: 'target', databases: [] },
        },
});

/** The group may create databases, on both sides. */
export const grantCreateDatabase = rule({
  id: 'R-GRANT-CREATE-DATABASE',
  phase: 'create',
  title: 'Let the availability group create databases',
  why: 'Automatic seeding creates the database in the name of the group. The article forgets the target, where a group with one replica needs it; the source needs it for the way back.',
  emits: 'grant-create-database',
  reversal: 'ALTER AVAILABILITY GROUP ... DENY CREATE ANY DATABASE.',
  reference: 'seeding',
  needs: ['sourceGroup', 'targetGroup', 'sourceDatabases', 'targetDatabases'],
  match: (parts, { migration, memory }) => {
    const unseeded = selectedNames(migration, parts.sourceDatabases).some(
      (name) =>
        findDatabase(parts.targetDatabases, name)?.local === null ||
        findDatabase(parts.targetDatabases, name) === null,
    );
    if (!unseeded) return null;
    for (const side of sides) {
      const group = side === 'source' ? parts.sourceGroup : parts.targetGroup;
      if (group === null || group.canCreateAnyDatabase === true) continue;
      const act = { kind: 'grant-create-database', side } as const;
      // Real servers do not show the grant to every login: once per run is enough, it is idempotent.
      if (attemptsOf(memory, act) > 0) continue;
      return {
        kind: 'act',
        because: `${shownName(group.name)} on the ${side} is not known to hold CREATE ANY DATABASE.`,
        act,
      };
    }
    return null;
  },
});

/** The databases are not yet SYNCHRONIZED in the source's own group. */
export const sourceGroupWait = rule({
  id: 'R-SOURCE-GROUP-WAIT',
  phase: 'create',
  title: 'Wait until the availability groups are healthy',
  why: 'A group must be healthy before the migration starts; with one replica that takes moments.',
  emits: 'wait',
  reversal: null,
  reference: 'prerequisites',
  needs: ['sourceGroup', 'targetGroup', 'sourceDatabases', 'sourceDag'],
  match: ({ sourceGroup, targetGroup, sourceDatabases, sourceDag }, { migration }) => {
    if (sourceDag !== null || sourceGroup === null || targetGroup === null) return null;
    const blockers: string[] = [];
    for (const group of [sourceGroup, targetGroup]) {
      if (group.localRoleDesc !== 'PRIMARY') {
        blockers.push(`${shownName(group.name)} shows the role ${group.localRoleDesc ?? 'none'}.`);
      }
    }
    for (const name of selectedNames(migration, sourceDatabases)) {
      const state =
        findDatabase(sourceDatabases, name)?.local?.synchronizationStateDesc ?? 'no row';
      const wanted =
        sourceGroup.localAvailabilityModeDesc === 'SYNCHRONOUS_COMMIT'
          ? state === 'SYNCHRONIZED'
          : state === 'SYNCHRONIZED' || state === 'SYNCHRONIZING';
      if (!wanted) blockers.push(`${shownName(name)} in ${shownName(sourceGroup.name)}: ${state}.`);
    }
    if (blockers.length === 0) return null;
    return { kind: 'wait', because: 'The availability groups are not healthy yet.', blockers };
  },
});

/** A DAG of that name that joins other groups or other addresses. */
export const dagShape = rule({
  id: 'R-DAG-SHAPE',
  phase: 'create',
  title: 'Stop: the distributed availability group joins other groups or addresses',
  why: 'The migration file and the servers must mean the same; options are stored on each side by itself.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDag', 'targetDag'],
  match: ({ sourceDag, targetDag }, { migration }) => {
    const blockers = [
      ...dagBlockers('source', sourceDag, migration),
      ...dagBlockers('target', targetDag, migration),
    ];
    if (blockers.length === 0) return null;
    return {
      kind: 'needs-human',
      because: `${shownName(migration.distributedAvailabilityGroup)} exists and does not say what the migration file says.`,
      blockers,
      remedy: `Correct the migration file, or run on that side: ALTER AVAILABILITY GROUP ${shownName(migration.distributedAvailabilityGroup)} MODIFY AVAILABILITY GROUP ON ... WITH (LISTENER_URL = ...)`,
    };
  },
});

function dagBlockers(
  side: Side,
  dag: DistributedObservation | null,
  migration: Migration,
): readonly string[] {
  if (dag === null) return [];
  const blockers: string[] = [];
  for (const other of sides) {
    const plan = planOf(migration, other);
    const member = dag.members.find((row) =>
      sameName(row.availabilityGroup, plan.availabilityGroup),
    );
    const url = memberUrl(plan);
    if (member === undefined) {
      blockers.push(`On the ${side} it has no member ${shownName(plan.availabilityGroup)}.`);
    } else if (!sameName(member.endpointUrl, url)) {
      blockers.push(
        `On the ${side}, ${shownName(plan.availabilityGroup)} has ${member.endpointUrl}, not ${url}.`,
      );
    }
  }
  return blockers;
}

/** DAG on the source. */
export const dagCreate = rule({
  id: 'R-DAG-CREATE',
  phase: 'create',
  title: 'Create the distributed availability group on the source',
  why: 'It links both groups; the source becomes the global primary. Asynchronous until the cutover.',
  emits: 'create-distributed',
  reversal: 'DROP AVAILABILITY GROUP on the source.',
  reference: 'standalone',
  needs: ['sourceDag', 'targetDag'],
  match: ({ sourceDag, targetDag }, { migration }) =>
    sourceDag !== null || targetDag !== null
      ? null
      : {
          kind: 'act',
          because: `${shownName(migration.distributedAvailabilityGroup)} does not exist on the source.`,
          act: { kind: 'create-distributed', side: 'source' },
        },
});

/** DAG on the target. */
export const dagJoin = rule({
  id: 'R-DAG-JOIN',
  phase: 'create',
  title: 'Join the target to the distributed availability group',
  why: 'The target becomes the forwarder; seeding starts by itself.',
  emits: 'join-distributed',
  reversal: 'DROP AVAILABILITY GROUP on the target.',
  reference: 'standalone',
  needs: ['sourceDag', 'targetDag'],
  match: ({ sourceDag, targetDag }, { migration }) =>
    dagRole(sourceDag) !== 'PRIMARY' || targetDag !== null
      ? null
      : {
          kind: 'act',
          because: `The target has not joined ${shownName(migration.distributedAvailabilityGroup)}.`,
          act: { kind: 'join-distributed', side: 'target' },
        },
});
