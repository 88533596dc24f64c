/** Acts in words, for events and the journal. */

import { unreachable } from '../base/assert.ts';
import { formatLsn } from '../base/lsn.ts';
import { shownName, shownNames } from '../base/name.ts';
import type { Act } from '../model/act.ts';
import type { Migration } from '../model/migration.ts';

/** Name of the instance an act runs on. */
export function instanceOf(act: Act, migration: Migration): string {
  return (act.side === 'source' ? migration.source : migration.target).instances[0].name;
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
  }
  return unreachable(act);
}

/** The act as plain data for the journal: log sequence numbers as decimal text. */
export function actData(act: Act): Readonly<Record<string, unknown>> {
  return act.kind === 'promote'
    ? {
        ...act,
        finalLsns: act.finalLsns.map((final) => ({
          database: final.database,
          lsn: formatLsn(final.lsn),
        })),
      }
    : { ...act };
}
