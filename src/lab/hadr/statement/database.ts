/** ALTER DATABASE ... SET HADR. */

import { unreachable } from '../../../base/assert.ts';
import { copyOf } from '../copy.ts';
import type { EngineError } from '../effect.ts';
import type { HadrStatement } from '../event.ts';
import { sendToPartner } from '../route.ts';
import { nameKey } from '../state.ts';
import type { DatabaseState, DistributedState, InstanceState, SuspendReason } from '../state.ts';
import { reassess } from '../synchronize.ts';
import {
  changeDatabase,
  changePartner,
  databaseAt,
  engineError,
  instanceAt,
  linksOver,
  partnerAt,
  replicaLinksOver,
} from '../turn.ts';
import type { CopyPlace, DatabasePlace, Turn } from '../turn.ts';
import { leaveGroup, removeFromReplicas } from './group.ts';

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
      return movement(turn, place, 'suspend');
    case 'resume':
      return movement(turn, place, 'resume');
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
    return joinLocal(turn, place, given);
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

/** SET HADR AVAILABILITY GROUP with the name of a local group: on a secondary its primary decides. */
function joinLocal(
  turn: Turn,
  place: CopyPlace,
  given: { readonly database: DatabaseState; readonly request: number; readonly groupName: string },
): EngineError | null | 'pending' {
  const { database, request, groupName } = given;
  const instance = instanceAt(turn, place.instance);
  const group = instance.groups[place.group];
  if (group === undefined) return engineError(15_151, 'alter', 'availability group', groupName);
  if (group.role !== 'SECONDARY')
    return database.group === place.group
      ? engineError(35_240, database.name, groupName)
      : engineError(41_132, database.name, groupName);
  if (database.group === place.group) {
    const message = engineError(41_145, database.name, groupName);
    turn.effects.push({ kind: 'inform', request, message });
    return null;
  }
  if (database.state !== 'RESTORING') return engineError(1464, database.name);
  const link = replicaLinksOver(instance, place.group).find((each) => each.link.connected);
  if (link === undefined) return engineError(35_250);
  const copy = { ...place, group: link.key };
  changeDatabase(turn, copy, { pendingJoin: request });
  sendToPartner(turn, copy, { kind: 'join', copy: copyOf(database) });
  return 'pending';
}

/** The DAG or the links over which this copy receives log; none on a primary. */
function receivingLinks(
  instance: InstanceState,
  database: DatabaseState,
): readonly DistributedState[] {
  const links = linksOver(instance, database.group ?? '');
  const distributed = links.filter((each) => each.between === 'groups');
  const receiving = distributed.some((each) => each.role !== 'PRIMARY') ? distributed : links;
  return receiving.filter((each) => each.role === 'SECONDARY');
}

function leave(
  turn: Turn,
  place: DatabasePlace,
  database: DatabaseState | undefined,
): EngineError | null {
  const group = database?.group ?? null;
  if (database === undefined) return engineError(911, place.database);
  if (group === null) return engineError(35_242, database.name);
  const instance = instanceAt(turn, place.instance);
  const receiving = receivingLinks(instance, database);
  if (receiving.length === 0)
    return engineError(35_240, database.name, instance.groups[group]?.name ?? group);
  for (const link of receiving)
    sendToPartner(
      turn,
      { ...place, group: link.key },
      { kind: 'suspended', database: place.database, reason: 'SUSPEND_FROM_USER' },
    );
  removeFromReplicas(turn, { instance: place.instance, group }, place.database);
  leaveGroup(turn, { instance: place.instance, group }, place.database);
  changeDatabase(turn, place, { state: 'RESTORING' });
  turn.effects.push({ kind: 'cut-sessions', ...place });
  return null;
}

function movement(
  turn: Turn,
  place: DatabasePlace,
  action: 'suspend' | 'resume',
): EngineError | null {
  const database = databaseAt(turn, place);
  if (database === undefined) return engineError(911, place.database);
  const instance = instanceAt(turn, place.instance);
  if (database.group === null) return engineError(35_239, database.name, '');
  const receiving = receivingLinks(instance, database);
  if (receiving.length > 0) {
    const copies = receiving.map((each) => ({ ...place, group: each.key }));
    if (action === 'suspend') suspendHere(turn, place, copies);
    else for (const copy of copies) resumeCopy(turn, copy);
    return null;
  }
  for (const each of linksOver(instance, database.group)) {
    if (each.role !== 'PRIMARY') continue;
    if (action === 'suspend') suspendThere(turn, { ...place, group: each.key });
    else resumeThere(turn, { ...place, group: each.key });
  }
  return null;
}

const reason: SuspendReason = 'SUSPEND_FROM_USER';

function suspendHere(turn: Turn, place: DatabasePlace, copies: readonly CopyPlace[]): void {
  if (databaseAt(turn, place)?.suspended !== null) return;
  changeDatabase(turn, place, { suspended: reason, joined: false, synchronized: false });
  for (const copy of copies)
    sendToPartner(turn, copy, { kind: 'suspended', database: place.database, reason });
}

function suspendThere(turn: Turn, place: CopyPlace): void {
  const partner = partnerAt(turn, place);
  if (partner === undefined || partner.suspended !== null) return;
  sendToPartner(turn, place, { kind: 'suspend', database: place.database, reason });
  changePartner(turn, place, { suspended: reason, joined: false });
  reassess(turn, place);
}

function resumeThere(turn: Turn, place: CopyPlace): void {
  if (partnerAt(turn, place)?.suspended !== 'SUSPEND_FROM_USER') return;
  changePartner(turn, place, { suspended: null });
  sendToPartner(turn, place, { kind: 'resume', database: place.database });
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
