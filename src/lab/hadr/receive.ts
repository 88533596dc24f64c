/** A message arrives: it is given to the part of the engine it concerns, if its connection still stands. */

import { unreachable } from '../../base/assert.ts';
import {
  dial,
  disconnect,
  optionsAt,
  receiveHello,
  receiveReady,
  receiveWelcome,
} from './connection.ts';
import type { HadrEvent } from './event.ts';
import { considerCopy, offer, receiveJoinRefused, receiveJoined, receiveRevert } from './join.ts';
import { primaryStoodDown, receiveYield, yieldRefused } from './local-role.ts';
import type { HadrMessage } from './message.ts';
import { takeConfiguration } from './replica-link.ts';
import { partnerDemoted } from './role.ts';
import { sendToPartner } from './route.ts';
import { abortOutgoing, receiveAccepted, seedWhatIsMissing } from './seeding-source.ts';
import {
  receiveChunk,
  receiveSeedCancelled,
  receiveSeedDone,
  receiveSeedRequest,
} from './seeding-target.ts';
import { noteProgress, receiveLog } from './ship.ts';
import type { SuspendReason } from './state.ts';
import { resumeCopy } from './statement/database.ts';
import { leaveGroup, removeFromReplicas } from './statement/group.ts';
import { reassess, reassessAll } from './synchronize.ts';
import {
  changeDatabase,
  changeDistributed,
  changeLink,
  changePartner,
  databaseAt,
  distributedAt,
  partnerAt,
} from './turn.ts';
import type { CopyPlace, GroupPlace, Turn } from './turn.ts';

type Delivery = Extract<HadrEvent, { readonly kind: 'deliver' }>;
type Greeting = Extract<HadrMessage, { readonly kind: 'hello' | 'welcome' | 'ready' | 'call' }>;
type Conversation = Exclude<HadrMessage, Greeting>;
type Seeding = Extract<Conversation, { readonly kind: `seed-${string}` }>;

/** Hands a message to its receiver. */
export function receive(turn: Turn, { from, to, message }: Delivery): void {
  const way = { from, to };
  if (message.kind === 'hello') return receiveHello(turn, way, message);
  if (message.kind === 'welcome') return receiveWelcome(turn, way, message);
  if (message.kind === 'ready') return receiveReady(turn, way, message);
  if (message.kind === 'call') return dial(turn, { instance: to, group: message.group });
  const place = { instance: to, group: message.group };
  const link = distributedAt(turn, place)?.link;
  if (link?.connected !== true || link.peer !== from || link.session !== message.session)
    return undefined;
  if (link.lastHeardAt !== turn.at) changeLink(turn, place, { lastHeardAt: turn.at });
  return converse(turn, place, message);
}

function converse(turn: Turn, place: GroupPlace, message: Conversation): void {
  switch (message.kind) {
    case 'progress': {
      const copy = { ...place, database: message.progress.database };
      noteProgress(turn, copy, message.progress);
      return reassess(turn, copy);
    }
    case 'log':
      return receiveLog(turn, { ...place, database: message.database }, message);
    case 'ping':
    case 'pong':
      return optionsHeard(turn, place, message);
    case 'demoted':
      return standDown(turn, place);
    case 'configuration':
      return takeConfiguration(turn, localGroupOf(turn, place), message.configuration);
    case 'offer':
      return offer(turn, { ...place, database: message.database });
    case 'yield':
      return receiveYield(turn, place);
    case 'yield-refused':
      return yieldRefused(turn, localGroupOf(turn, place));
    case 'goodbye':
      return disconnect(turn, place, null);
    case 'join':
      return considerCopy(turn, place, message.copy);
    case 'joined':
      return receiveJoined(turn, { ...place, database: message.database }, message);
    case 'join-refused':
      return receiveJoinRefused(turn, { ...place, database: message.database }, message.error);
    case 'revert':
      return receiveRevert(turn, { ...place, database: message.database }, message.to);
    case 'suspend':
      return suspendCopy(turn, { ...place, database: message.database }, message.reason);
    case 'resume':
      return resumeCopy(turn, { ...place, database: message.database });
    case 'suspended': {
      const copy = { ...place, database: message.database };
      if (partnerAt(turn, copy) === undefined) return undefined;
      changePartner(turn, copy, { suspended: message.reason, joined: false });
      return reassess(turn, copy);
    }
    case 'remove-database':
      return removeCopy(turn, { ...place, database: message.database });
    case 'synchronized':
      if (databaseAt(turn, { ...place, database: message.database }) !== undefined)
        changeDatabase(
          turn,
          { ...place, database: message.database },
          { synchronized: message.synchronized },
        );
      return undefined;
    case 'seed-request':
    case 'seed-accepted':
    case 'seed-failed':
    case 'seed-cancelled':
    case 'seed-chunk':
    case 'seed-done':
      return seed(turn, place, message);
  }
  return unreachable(message);
}

/** Messages of automatic seeding. */
function seed(turn: Turn, place: GroupPlace, message: Seeding): void {
  switch (message.kind) {
    case 'seed-request':
      return receiveSeedRequest(turn, place, message);
    case 'seed-accepted':
      return receiveAccepted(turn, { ...place, database: message.database }, message);
    case 'seed-failed':
      return abortOutgoing(turn, { ...place, database: message.database }, 'refused');
    case 'seed-cancelled':
      return receiveSeedCancelled(
        turn,
        { ...place, database: message.database },
        message.operation,
      );
    case 'seed-chunk':
      return receiveChunk(turn, { ...place, database: message.database }, message);
    case 'seed-done':
      return receiveSeedDone(turn, { ...place, database: message.database }, message);
  }
  return unreachable(message);
}

function localGroupOf(turn: Turn, place: GroupPlace): GroupPlace {
  return { instance: place.instance, group: distributedAt(turn, place)?.localGroup ?? '' };
}

/** The partner gave up the primary role; between replicas this one may have asked for it. */
function standDown(turn: Turn, place: GroupPlace): void {
  const isReplica = distributedAt(turn, place)?.between === 'replicas';
  if (isReplica) primaryStoodDown(turn, localGroupOf(turn, place));
  if (distributedAt(turn, place)?.role !== 'RESOLVING') partnerDemoted(turn, place);
}

/** Options may have changed on the other side; a ping is also answered. */
function optionsHeard(
  turn: Turn,
  place: GroupPlace,
  message: Extract<HadrMessage, { readonly kind: 'ping' | 'pong' }>,
): void {
  const distributed = changeDistributed(turn, place, { partner: message.options });
  if (message.kind === 'ping')
    sendToPartner(turn, place, { kind: 'pong', options: optionsAt(turn, place, distributed) });
  if (distributed.role !== 'PRIMARY') return;
  reassessAll(turn, place);
  seedWhatIsMissing(turn, place);
}

function suspendCopy(turn: Turn, place: CopyPlace, reason: SuspendReason): void {
  if (databaseAt(turn, place)?.suspended !== null) return;
  changeDatabase(turn, place, { suspended: reason, joined: false, synchronized: false });
}

/** The primary took the database out of its group: this copy is left RESTORING, in no group. */
function removeCopy(turn: Turn, place: CopyPlace): void {
  const group = databaseAt(turn, place)?.group ?? null;
  if (group === null) return;
  removeFromReplicas(turn, { instance: place.instance, group }, place.database);
  leaveGroup(turn, { instance: place.instance, group }, place.database);
  changeDatabase(turn, place, { state: 'RESTORING' });
  turn.effects.push({
    kind: 'cut-sessions',
    instance: place.instance,
    database: place.database,
  });
}
