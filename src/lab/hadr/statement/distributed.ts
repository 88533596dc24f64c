/** CREATE, JOIN, MODIFY, SET and DROP of a distributed availability group. */

import { unreachable } from '../../../base/assert.ts';
import type {
  AvailabilityGroupStatement,
  DagMemberSpecification,
  GroupAction,
} from '../../tsql/ast.ts';
import { announce, announceDistributed, askForOffers } from '../announce.ts';
import { abandonWaiting } from '../commit.ts';
import { call, dial, hangUp, memberDatabases, optionsAt, startTicking } from '../connection.ts';
import type { EngineError } from '../effect.ts';
import { guidFromName, memberId } from '../identifier.ts';
import { parseUrl, sendToPartner } from '../route.ts';
import { demote, force } from '../role.ts';
import { seedingModeSet } from '../seeding-source.ts';
import { nameKey } from '../state.ts';
import { neverConnected } from '../distributed-state.ts';
import type { DistributedMember, DistributedState, InstanceState } from '../state.ts';
import { isSynchronousHere, reassessAll } from '../synchronize.ts';
import {
  changeDatabase,
  changeDistributed,
  changeInstance,
  databaseAt,
  distributedAt,
  engineError,
  instanceAt,
  newId,
  without,
} from '../turn.ts';
import type { GroupPlace, Turn } from '../turn.ts';
import { leaveGroup, removeFromReplicas } from './group.ts';
import { notSimulated } from './not-simulated.ts';

type CreateDistributed = Extract<
  AvailabilityGroupStatement,
  { readonly kind: 'create-distributed-availability-group' }
>;

/** CREATE AVAILABILITY GROUP ... WITH (DISTRIBUTED): this side becomes PRIMARY. */
export function createDistributed(
  turn: Turn,
  at: { readonly instance: string },
  statement: CreateDistributed,
): EngineError | null {
  const { distributed, ...others } = statement.options;
  if (distributed !== true) return engineError(19_498);
  if (Object.keys(others).length > 0) return engineError(19_497);
  const place = { instance: at.instance, group: nameKey(statement.group) };
  return add(turn, place, { name: statement.group, members: statement.members, role: 'PRIMARY' });
}

interface NewDistributed {
  readonly name: string;
  readonly members: readonly DagMemberSpecification[];
  readonly role: 'PRIMARY' | 'SECONDARY';
}

function add(turn: Turn, place: GroupPlace, given: NewDistributed): EngineError | null {
  const instance = instanceAt(turn, place.instance);
  const error = refuse(instance, given);
  if (error !== null) return error;
  const [first, second] = given.members.map((member) => newMember(turn, given.name, member));
  if (first === undefined || second === undefined) return engineError(19_501);
  const local = [first, second].find((member) => instance.groups[nameKey(member.group)]);
  if (local === undefined) return engineError(19_501);
  const distributed: DistributedState = {
    key: place.group,
    between: 'groups',
    name: given.name,
    groupId: guidFromName(given.name),
    members: [first, second],
    localGroup: nameKey(local.group),
    requiredSynchronizedSecondariesToCommit: 0,
    sequenceNumber: (1n << 32n) + 1n,
    createdAt: turn.at,
    role: given.role,
    operationalState: 'ONLINE',
    latchedDemotions: turn.state.switches.latchedDemotions,
    ...neverConnected(turn.at),
  };
  changeInstance(turn, place.instance, {
    distributed: { ...instance.distributed, [place.group]: distributed },
  });
  announceDistributed(turn, place);
  startTicking(turn, place, turn.state.settings.tickMs);
  if (given.role === 'SECONDARY') dial(turn, place);
  else call(turn, place);
  return null;
}

function newMember(turn: Turn, name: string, member: DagMemberSpecification): DistributedMember {
  return {
    group: member.availabilityGroup,
    replicaId: memberId(name, member.availabilityGroup),
    listenerUrl: member.listenerUrl ?? '',
    availabilityMode: member.availabilityMode ?? 'ASYNCHRONOUS_COMMIT',
    seedingMode: member.seedingMode ?? 'MANUAL',
    createdAt: turn.at,
    modifiedAt: turn.at,
  };
}

function refuse(instance: InstanceState, given: NewDistributed): EngineError | null {
  const { name, members } = given;
  const key = nameKey(name);
  if (instance.edition === 'Standard')
    return engineError(41_199, 'Distributed Availability Groups');
  for (const member of members) {
    const error = refuseMember(member);
    if (error !== null) return error;
  }
  const keys = members.map((member) => nameKey(member.availabilityGroup));
  const local = keys.map((each) => instance.groups[each]).find((each) => each !== undefined);
  if (local === undefined || new Set(keys).size !== 2) return engineError(19_501);
  if (local.role !== 'PRIMARY') return engineError(41_140, local.name);
  if (instance.distributed[key] !== undefined) return engineError(19_502, name);
  if (instance.groups[key] !== undefined) return engineError(19_509, name);
  if (local.basic) return engineError(19_513, local.name);
  if (local.contained && instance.version.year < 2025) return engineError(47_129, name);
  const others = Object.values(instance.distributed);
  const samePair = others.some((other) =>
    other.members.every((member) => keys.includes(nameKey(member.group))),
  );
  if (samePair) return engineError(19_507, name);
  if (given.role === 'PRIMARY')
    return others.some((other) => other.localGroup === local.key && other.role !== 'PRIMARY')
      ? engineError(19_503, name)
      : null;
  return local.databases.length > 0 ? engineError(19_511, name, local.name) : null;
}

function refuseMember(member: DagMemberSpecification): EngineError | null {
  if (member.listenerUrl === undefined || parseUrl(member.listenerUrl) === undefined)
    return engineError(19_499, member.listenerUrl ?? '');
  if (member.availabilityMode === undefined) return engineError(41_198, member.availabilityGroup);
  if (member.failoverMode === undefined) return engineError(41_197, member.availabilityGroup);
  return member.failoverMode === 'MANUAL' ? null : engineError(35_277);
}

/** ALTER AVAILABILITY GROUP of a DAG, and JOIN, which makes one. */
export function alterDistributed(
  turn: Turn,
  at: GroupPlace & { readonly name: string },
  action: GroupAction,
): EngineError | null {
  if (action.kind === 'join-distributed')
    return add(turn, at, { name: at.name, members: action.members, role: 'SECONDARY' });
  const distributed = distributedAt(turn, at);
  if (distributed === undefined) return engineError(19_510, at.group);
  switch (action.kind) {
    case 'modify-distributed':
      return modify(turn, at, action.members);
    case 'set-role-secondary':
      return demote(turn, at);
    case 'force-failover-allow-data-loss':
      return force(turn, at);
    case 'failover':
      return engineError(19_504, distributed.name);
    case 'set-options':
      return setRequired(turn, at, action);
    case 'join':
      return engineError(19_502, distributed.name);
    case 'grant-create-any-database':
    case 'deny-create-any-database':
    case 'add-database':
    case 'remove-database':
    case 'add-replica':
    case 'modify-replica':
    case 'remove-replica':
    case 'add-listener':
    case 'modify-listener':
    case 'restart-listener':
    case 'remove-listener':
    case 'offline':
      return engineError(41_190, distributed.name, 'ALTER', 'AVAILABILITY GROUP');
  }
  return unreachable(action);
}

function modify(
  turn: Turn,
  at: GroupPlace,
  changes: readonly DagMemberSpecification[],
): EngineError | null {
  const before = distributedAt(turn, at);
  if (before === undefined) return engineError(19_510, at.group);
  for (const change of changes) {
    const known = before.members.some(
      (each) => nameKey(each.group) === nameKey(change.availabilityGroup),
    );
    if (!known) return engineError(19_501);
    if (change.listenerUrl !== undefined && parseUrl(change.listenerUrl) === undefined)
      return engineError(19_499, change.listenerUrl);
    if ((change.failoverMode ?? 'MANUAL') !== 'MANUAL') return engineError(35_277);
    const asynchronous = change.availabilityMode === 'ASYNCHRONOUS_COMMIT';
    if (asynchronous && before.requiredSynchronizedSecondariesToCommit > 0)
      return engineError(19_530, 'ALTER AVAILABILITY GROUP');
  }
  const apply = (member: DistributedMember): DistributedMember => {
    const change = changes.find(
      (each) => nameKey(each.availabilityGroup) === nameKey(member.group),
    );
    return change === undefined
      ? member
      : {
          ...member,
          listenerUrl: change.listenerUrl ?? member.listenerUrl,
          availabilityMode: change.availabilityMode ?? member.availabilityMode,
          seedingMode: change.seedingMode ?? member.seedingMode,
          modifiedAt: turn.at,
        };
  };
  const [first, second] = before.members;
  const after = changeDistributed(turn, at, {
    members: [apply(first), apply(second)],
    sequenceNumber: before.sequenceNumber + 1n,
  });
  const kind = after.role === 'PRIMARY' ? 'ping' : 'pong';
  sendToPartner(turn, at, { kind, options: optionsAt(turn, at, after) });
  announceDistributed(turn, at);
  if (after.role === 'PRIMARY') {
    reassessAll(turn, at);
    if (changes.some((change) => change.seedingMode !== undefined)) seedingModeSet(turn, at);
  }
  return null;
}

function setRequired(
  turn: Turn,
  at: GroupPlace,
  { options }: Extract<GroupAction, { readonly kind: 'set-options' }>,
): EngineError | null {
  const distributed = distributedAt(turn, at);
  if (distributed === undefined) return engineError(19_510, at.group);
  const { requiredSynchronizedSecondariesToCommit: required, ...others } = options;
  if (required === undefined || Object.keys(others).length > 0)
    return notSimulated('this option of a distributed availability group');
  if (instanceAt(turn, at.instance).version.year < 2022)
    return engineError(
      153,
      'REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT',
      'ALTER AVAILABILITY GROUP',
    );
  const possible = isSynchronousHere(distributed) ? 1 : 0;
  if (required > possible)
    return engineError(35_248, 'ALTER AVAILABILITY GROUP', required, possible, distributed.name);
  changeDistributed(turn, at, {
    requiredSynchronizedSecondariesToCommit: required,
    sequenceNumber: distributed.sequenceNumber + 1n,
  });
  announceDistributed(turn, at);
  reassessAll(turn, at);
  return null;
}

/** DROP AVAILABILITY GROUP of a DAG: local metadata only; the switch says what a secondary's copies do. */
export function dropDistributed(turn: Turn, at: GroupPlace): EngineError | null {
  const distributed = distributedAt(turn, at);
  if (distributed === undefined) return engineError(15_151, 'drop', 'availability group', at.group);
  const databases = memberDatabases(turn, at);
  hangUp(turn, at);
  changeInstance(turn, at.instance, {
    distributed: without(instanceAt(turn, at.instance).distributed, at.group),
  });
  announce(turn, { ...at, group: distributed.localGroup });
  if (distributed.role === 'PRIMARY') {
    for (const database of databases) {
      const place = { ...at, database };
      for (const { commit } of databaseAt(turn, place)?.waiting ?? [])
        turn.effects.push({ kind: 'commit-ended', commit, outcome: 'acknowledged' });
      changeDatabase(turn, place, { waiting: [] });
    }
    return null;
  }
  for (const database of databases) release(turn, { ...at, database }, distributed);
  return null;
}

function release(
  turn: Turn,
  place: GroupPlace & { readonly database: string },
  distributed: DistributedState,
): void {
  const database = databaseAt(turn, place);
  if (database === undefined) return;
  abandonWaiting(turn, place);
  if (turn.state.switches.dropOnSecondarySide === 'restoring') {
    const local = { instance: place.instance, group: distributed.localGroup };
    removeFromReplicas(turn, local, place.database);
    leaveGroup(turn, local, place.database);
    changeDatabase(turn, place, { state: 'RESTORING' });
    turn.effects.push({ kind: 'cut-sessions', instance: place.instance, database: place.database });
    return;
  }
  changeDatabase(turn, place, {
    forks: [...database.forks, { id: newId(turn), start: database.log.end }],
    joined: false,
    orphaned: false,
    suspended: null,
    synchronized: false,
    mayRevert: false,
    recoveryLsn: database.log.end,
  });
  askForOffers(turn, place);
}
