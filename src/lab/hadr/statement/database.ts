/** ALTER DATABASE ... SET HADR. */

import { unreachable } from '../../../base/assert.ts';
import { copyOf } from '../copy.ts';
import type { EngineError } from '../effect.ts';
import type { HadrStatement } from '../event.ts';
import { sendToPartner } from '../route.ts';
import { nameKey } from '../state.ts';
import type { DatabaseState, DistributedState, SuspendReason } from '../state.ts';
import { reassess } from '../synchronize.ts';
import {
  changeDatabase,
  changePartner,
  databaseAt,
  distributedOver,
  engineError,
  instanceAt,
  partnerAt,
} from '../turn.ts';
import type { CopyPlace, DatabasePlace, Turn } from '../turn.ts';
import { leaveGroup } from './group.ts';

type HadrDatabase = Extract<HadrStatement, { readonly kind: 'alter-database-hadr' }>;

/** The error, null when done, or `pending` when the primary's answer ends the statement. */
export function databaseStatement(
  turn: Turn,
  at: { readonly instance: string; readonly request: number },
  statement: HadrDatabase,
): EngineError | null | 'pending' {
  const place = { instance: at.instance, database: nameKey(statement.database) };
  const database = databaseAt(turn, place);
  const { action } = statement;
  switch (action.kind) {
    case 'join':
      if (database === undefined) return engineError(41_148, statement.database, action.group);
      return join(
        turn,
        { ...place, group: nameKey(action.group) },
        {
          database,
          request: at.request,
          groupName: action.group,
        },
      );
    case 'off':
      return leave(turn, place, database);
    case 'suspend':
      return movement(turn, place, suspend);
    case 'resume':
      return movement(turn, place, resume);
  }
  return unreachable(action);
}

function join(
  turn: Turn,
  place: CopyPlace,
  given: { readonly database: DatabaseState; readonly request: number; readonly groupName: string },
): EngineError | null | 'pending' {
  const instance = instanceAt(turn, place.instance);
  const distributed = instance.distributed[place.group];
  const { name } = given.database;
  if (distributed === undefined) {
    if (instance.groups[place.group] === undefined)
      return engineError(15_151, 'alter', 'availability group', given.groupName);
    return given.database.group === place.group
      ? engineError(35_240, name, given.groupName)
      : engineError(41_132, name, given.groupName);
  }
  if (distributed.role === 'PRIMARY') return engineError(35_240, name, given.groupName);
  if (given.database.group === distributed.localGroup) {
    const message = engineError(41_145, name, given.groupName);
    turn.effects.push({ kind: 'inform', request: given.request, message });
    return null;
  }
  if (given.database.state !== 'RESTORING') return engineError(1464, name);
  if (!distributed.link.connected) return engineError(35_250);
  changeDatabase(turn, place, { pendingJoin: given.request });
  sendToPartner(turn, place, { kind: 'join', copy: copyOf(given.database) });
  return 'pending';
}

function leave(
  turn: Turn,
  place: DatabasePlace,
  database: DatabaseState | undefined,
): EngineError | null {
  const group = database?.group ?? null;
  if (database === undefined) return engineError(911, place.database);
  if (group === null) return engineError(35_242, database.name);
  const [receiving] = distributedOver(instanceAt(turn, place.instance), group).filter(
    (each) => each.role === 'SECONDARY',
  );
  if (receiving === undefined) {
    const name = instanceAt(turn, place.instance).groups[group]?.name ?? group;
    return engineError(35_240, database.name, name);
  }
  const dag = { ...place, group: receiving.key };
  sendToPartner(turn, dag, {
    kind: 'suspended',
    database: place.database,
    reason: 'SUSPEND_FROM_USER',
  });
  leaveGroup(turn, { instance: place.instance, group }, place.database);
  changeDatabase(turn, place, { state: 'RESTORING' });
  turn.effects.push({ kind: 'cut-sessions', ...place });
  return null;
}

function movement(
  turn: Turn,
  place: DatabasePlace,
  change: (turn: Turn, place: CopyPlace, distributed: DistributedState) => void,
): EngineError | null {
  const database = databaseAt(turn, place);
  if (database === undefined) return engineError(911, place.database);
  const instance = instanceAt(turn, place.instance);
  if (database.group === null) return engineError(35_239, database.name, '');
  for (const each of distributedOver(instance, database.group))
    change(turn, { ...place, group: each.key }, each);
  return null;
}

function suspend(turn: Turn, place: CopyPlace, distributed: DistributedState): void {
  const reason: SuspendReason = 'SUSPEND_FROM_USER';
  if (distributed.role === 'PRIMARY') {
    const partner = partnerAt(turn, place);
    if (partner === undefined || partner.suspended !== null) return;
    sendToPartner(turn, place, { kind: 'suspend', database: place.database, reason });
    changePartner(turn, place, { suspended: reason, joined: false });
    reassess(turn, place);
    return;
  }
  if (databaseAt(turn, place)?.suspended !== null) return;
  changeDatabase(turn, place, { suspended: reason, joined: false, synchronized: false });
  sendToPartner(turn, place, { kind: 'suspended', database: place.database, reason });
}

function resume(turn: Turn, place: CopyPlace, distributed: DistributedState): void {
  if (distributed.role === 'PRIMARY') {
    if (partnerAt(turn, place)?.suspended !== 'SUSPEND_FROM_USER') return;
    changePartner(turn, place, { suspended: null });
    sendToPartner(turn, place, { kind: 'resume', database: place.database });
    return;
  }
  resumeCopy(turn, place);
}

/** The forwarder's copy goes on: it offers itself to the primary again. */
export function resumeCopy(turn: Turn, place: CopyPlace): void {
  const before = databaseAt(turn, place);
  if (before === undefined) return;
  const resumed = changeDatabase(turn, place, {
    suspended: null,
    mayRevert: before.mayRevert || before.suspended === 'SUSPEND_FROM_PARTNER',
  });
  sendToPartner(turn, place, { kind: 'join', copy: copyOf(resumed) });
}
