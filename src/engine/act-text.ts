/** Acts in words, for events and the journal. */

import { unreachable } from '../base/assert.ts';
import { shownName, shownNames } from '../base/name.ts';
import { instanceOfAct, type Act, type ActReply } from '../model/act.ts';
import type { Migration } from '../model/migration.ts';
import { controlDatabase } from '../model/register.ts';

/** Name of the instance an act runs on; the migration has the acting instances first. */
export function instanceOf(act: Act, migration: Migration): string {
  const side = act.side === 'source' ? migration.source : migration.target;
  return instanceOfAct(act) ?? side.instances[0].name;
}

/** One sentence without full stop, names in brackets. */
export function actText(act: Act, migration: Migration): string {
  const own = act.side === 'source' ? migration.source : migration.target;
  const group = shownName(own.availabilityGroup);
  const dag = shownName(migration.distributedAvailabilityGroup);
  switch (act.kind) {
    case 'create-endpoint':
      return `Create endpoint ${shownName(own.instances[0].endpoint.name)}`;
    case 'start-endpoint':
      return `Start endpoint ${shownName(act.endpoint)}`;
    case 'create-peer-login':
      return `Create login ${shownName(act.login)} for the other side's service account`;
    case 'grant-endpoint-connect':
      return `Let ${shownName(act.login)} connect to endpoint ${shownName(act.endpoint)}`;
    case 'create-availability-group':
      return `Create availability group ${group}`;
    case 'add-database':
      return `Add ${shownName(act.database)} to ${group}`;
    case 'grant-create-database':
      return `Let ${group} create databases`;
    case 'join-availability-group':
      return `Join ${shownName(act.instance)} to ${group}`;
    case 'create-listener':
      return `Create listener ${shownName(act.listener)} of ${group}`;
    case 'set-failover-mode':
      return `Set the failover mode of ${shownName(act.replica)} to ${act.mode}`;
    case 'create-distributed':
      return `Create distributed availability group ${dag}`;
    case 'join-distributed':
      return `Join ${dag}`;
    case 'restart-seeding':
      return `Start the seeding of ${dag} again`;
    case 'resume-database':
      return `Resume ${shownName(act.database)}`;
    case 'set-replica-synchronous':
      return `Let the replica of ${group} commit synchronously`;
    case 'set-distributed-mode':
      return `Set ${dag} to ${act.mode}`;
    case 'disable-login':
      return `Disable login ${shownName(act.login)}`;
    case 'enable-login':
      return `Enable login ${shownName(act.login)}`;
    case 'kill-sessions':
      return `End the sessions in ${shownNames(act.databases)}`;
    case 'demote':
      return `Give the primary role of ${dag} away`;
    case 'promote':
      return `Take the primary role of ${dag}`;
    case 'give-back':
      return `Take the primary role of ${dag} back`;
    case 'drop-distributed':
      return `Drop ${dag}`;
    case 'create-control-database':
    case 'create-register':
    case 'drop-register':
    case 'create-dead-man':
    case 'rehearse-dead-man':
    case 'drop-dead-man':
    case 'set-required-secondaries':
    case 'record-prior-state':
    case 'await-lsns':
    case 'commit-epoch':
    case 'refuse-epoch':
    case 'close-epoch':
    case 'fence-split-brain':
    case 'force-promote-accepting-data-loss':
    case 'take-over':
      return protocolText(act, dag);
  }
  return unreachable(act);
}

type ProtocolAct = Extract<
  Act,
  {
    kind:
      | 'create-control-database'
      | 'create-register'
      | 'drop-register'
      | 'create-dead-man'
      | 'rehearse-dead-man'
      | 'drop-dead-man'
      | 'set-required-secondaries'
      | 'record-prior-state'
      | 'await-lsns'
      | 'commit-epoch'
      | 'refuse-epoch'
      | 'close-epoch'
      | 'fence-split-brain'
      | 'force-promote-accepting-data-loss'
      | 'take-over';
  }
>;

function protocolText(act: ProtocolAct, dag: string): string {
  switch (act.kind) {
    case 'create-control-database':
      return `Create database ${shownName(controlDatabase)}`;
    case 'create-register':
      return `Create the commit register of ${dag}`;
    case 'drop-register':
      return `Drop the commit register of ${dag}`;
    case 'create-dead-man':
      return `Create the dead-man of ${dag}`;
    case 'rehearse-dead-man':
      return `Try the dead-man of ${dag} on a dummy epoch`;
    case 'drop-dead-man':
      return `Drop the dead-man of ${dag}`;
    case 'set-required-secondaries':
      return `Set the secondaries that ${dag} waits for to ${act.value}`;
    case 'record-prior-state':
      return `Record the settings of ${dag} as they are`;
    case 'await-lsns':
      return `Wait until the log of ${shownNames(act.finalLsns.map((final) => final.database))} has arrived`;
    case 'commit-epoch':
      return `Commit epoch ${act.epoch} of ${dag}`;
    case 'refuse-epoch':
      return `Refuse epoch ${act.epoch} of ${dag}`;
    case 'close-epoch':
      return `Close epoch ${act.epoch} of ${dag}`;
    case 'fence-split-brain':
      return `Take the primary role of ${dag} from the side that loses`;
    case 'force-promote-accepting-data-loss':
      return `Force the primary role of ${dag}, accepting the loss of data`;
    case 'take-over':
      return `End session ${act.sessionId} of another operator`;
  }
  return unreachable(act);
}

/** The act as plain data for the journal: log sequence numbers and epochs as decimal text. */
export function actData(act: Act): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(act).map(([key, value]: [string, unknown]) => [key, plain(value)]),
  );
}

/** The reply for the journal; the server's own time is what the next prediction counts with. */
export function replyData(reply: ActReply): Readonly<Record<string, unknown>> {
  const { outcome, elapsedMs } = reply;
  const timed = reply.outcome === 'ok' && reply.serverMs !== undefined;
  return { outcome, elapsedMs, ...(timed ? { serverMs: reply.serverMs } : {}) };
}

/** `bigint` has no form in JSON. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map((each: unknown) => plain(each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]: [string, unknown]) => [key, plain(each)]),
  );
}
