/**
 * The engine: `step(state, event)` gives the next state and what the world has to do.
 *
 * Pure: no clock, no chance, no input or output; neither state nor event is changed. The lab's world,
 * the simulator and the explorer run this same function.
 */

import { unreachable } from '../../base/assert.ts';
import { commit, forgetCommit } from './commit.ts';
import type { EngineError, HadrEffect } from './effect.ts';
import type { HadrEvent, HadrTimer } from './event.ts';
import { tick } from './connection.ts';
import { revert } from './join.ts';
import {
  addDatabase,
  addInstance,
  backup,
  crash,
  dropDatabase,
  restart,
  restoreDatabase,
} from './lifecycle.ts';
import { promoteGroup, reclaimRole } from './local-role.ts';
import { receive } from './receive.ts';
import { promote, recovered } from './role.ts';
import { retry, sendChunk } from './seeding-source.ts';
import { redoAll, redoStep } from './ship.ts';
import type { HadrState } from './state.ts';
import { linkKey, nameKey } from './state.ts';
import { checkInstance } from './statement/check.ts';
import { databaseStatement } from './statement/database.ts';
import { alterDistributed, createDistributed, dropDistributed } from './statement/distributed.ts';
import { endpointStatement } from './statement/endpoint.ts';
import { alterGroup, createGroup, dropGroup } from './statement/group.ts';
import {
  changeDatabase,
  changeDistributed,
  changeInstance,
  databaseAt,
  instanceAt,
} from './turn.ts';
import type { Turn } from './turn.ts';

/** What one event leads to. */
export interface StepResult {
  readonly state: HadrState;
  readonly effects: readonly HadrEffect[];
}

/** Applies one event. */
export function step(state: HadrState, event: HadrEvent): StepResult {
  const turn: Turn = {
    state,
    effects: [],
    at: event.at,
    salt: 'salt' in event ? event.salt : '',
    idsUsed: 0,
  };
  apply(turn, event);
  return { state: turn.state, effects: turn.effects };
}

function apply(turn: Turn, event: HadrEvent): void {
  switch (event.kind) {
    case 'commit':
      return commit(turn, event);
    case 'forget-commit':
      return forgetCommit(turn, event, event.commit);
    case 'deliver':
      if (turn.state.links[linkKey(event.from, event.to)]?.cut === true) return undefined;
      return turn.state.instances[event.to]?.up === true ? receive(turn, event) : undefined;
    case 'timer':
      return timer(turn, event.timer);
    case 'statement':
      return statement(turn, event);
    case 'add-instance':
      return addInstance(turn, event.instance);
    case 'add-database':
      return addDatabase(turn, event.instance, event.database);
    case 'restore-database':
      return restoreDatabase(turn, event.instance, event.database);
    case 'drop-database':
      return dropDatabase(turn, event);
    case 'set-database':
      if (databaseAt(turn, event) !== undefined) changeDatabase(turn, event, event.options);
      return undefined;
    case 'backup':
      return backup(turn, event);
    case 'endpoint-accounts':
      return changeInstance(turn, event.instance, { endpointAccounts: event.accounts });
    case 'endpoint-certificates':
      return changeInstance(turn, event.instance, {
        endpointCertificate: event.own,
        trustedCertificates: event.trusted,
      });
    case 'crash':
      return crash(turn, event.instance);
    case 'restart':
      return restart(turn, event.instance, event.hadrEnabled);
    case 'set-link':
      return setLink(turn, event);
    case 'set-redo-rate':
      changeInstance(turn, event.instance, { redoBytesPerSecond: event.bytesPerSecond });
      if (event.bytesPerSecond === null)
        for (const database of Object.keys(instanceAt(turn, event.instance).databases))
          redoAll(turn, { instance: event.instance, database });
      return undefined;
    case 'latch-demotions':
      for (const group of Object.keys(instanceAt(turn, event.instance).distributed))
        changeDistributed(
          turn,
          { instance: event.instance, group },
          { latchedDemotions: event.times },
        );
      return undefined;
    case 'set-settings':
      turn.state = { ...turn.state, settings: { ...turn.state.settings, ...event.settings } };
      return undefined;
    case 'set-switches':
      turn.state = { ...turn.state, switches: { ...turn.state.switches, ...event.switches } };
      return undefined;
  }
  return unreachable(event);
}

function setLink(turn: Turn, event: Extract<HadrEvent, { readonly kind: 'set-link' }>): void {
  const key = linkKey(event.from, event.to);
  const before = turn.state.links[key] ?? {
    from: event.from,
    to: event.to,
    delayMs: 0,
    bytesPerSecond: null,
    cut: false,
  };
  turn.state = {
    ...turn.state,
    links: { ...turn.state.links, [key]: { ...before, ...event.change } },
  };
}

function timer(turn: Turn, due: HadrTimer): void {
  const instance = turn.state.instances[due.instance];
  if (instance?.up !== true || instance.incarnation !== due.incarnation) return undefined;
  switch (due.kind) {
    case 'tick':
      tick(turn, { instance: due.instance, group: due.group });
      return reclaimRole(turn, { instance: due.instance, group: due.group });
    case 'promote':
      return instance.groups[due.group] === undefined
        ? promote(turn, { instance: due.instance, group: due.group })
        : promoteGroup(turn, { instance: due.instance, group: due.group });
    case 'recovered':
      return recovered(turn, due);
    case 'redo':
      return redoStep(turn, { instance: due.instance, database: due.database });
    case 'revert':
      return revert(turn, placeOf(due), due.to);
    case 'seed-chunk':
      return sendChunk(turn, placeOf(due), due.operation);
    case 'seed-retry':
      return retry(turn, placeOf(due));
  }
  return unreachable(due);
}

function placeOf(due: {
  readonly instance: string;
  readonly group: string;
  readonly database: string;
}): { readonly instance: string; readonly group: string; readonly database: string } {
  return { instance: due.instance, group: due.group, database: due.database };
}

type StatementEvent = Extract<HadrEvent, { readonly kind: 'statement' }>;

function statement(turn: Turn, event: StatementEvent): void {
  const outcome = runStatement(turn, event);
  if (outcome === 'pending') return;
  turn.effects.push({ kind: 'statement-ended', request: event.request, error: outcome });
}

function runStatement(turn: Turn, event: StatementEvent): EngineError | null | 'pending' {
  const { instance, statement: given, login, request } = event;
  switch (given.kind) {
    case 'create-endpoint':
    case 'alter-endpoint':
    case 'drop-endpoint':
      return endpointStatement(turn, { instance, login }, given);
    case 'create-availability-group':
    case 'create-distributed-availability-group':
    case 'alter-availability-group':
    case 'drop-availability-group':
    case 'alter-database-hadr': {
      const disabled = checkInstance(instanceAt(turn, instance));
      if (disabled !== null) return disabled;
    }
  }
  switch (given.kind) {
    case 'create-availability-group':
      return createGroup(turn, { instance, request }, given);
    case 'create-distributed-availability-group':
      return createDistributed(turn, { instance }, given);
    case 'alter-availability-group': {
      const place = { instance, group: nameKey(given.group) };
      const { kind } = given.action;
      const isDistributed =
        instanceAt(turn, instance).distributed[place.group] !== undefined ||
        kind === 'join-distributed' ||
        (kind === 'modify-distributed' &&
          instanceAt(turn, instance).groups[place.group] === undefined);
      return isDistributed
        ? alterDistributed(turn, { ...place, name: given.group }, given.action)
        : alterGroup(turn, { ...place, login, name: given.group, request }, given.action);
    }
    case 'drop-availability-group': {
      const place = { instance, group: nameKey(given.group) };
      return instanceAt(turn, instance).distributed[place.group] === undefined
        ? dropGroup(turn, place)
        : dropDistributed(turn, place);
    }
    case 'alter-database-hadr':
      return databaseStatement(turn, { instance, request }, given);
  }
  return unreachable(given);
}
