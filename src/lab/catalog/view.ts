/**
 * What a view of the catalog is: columns, rows, and who may see them.
 *
 * Rows are made from the state and the record at the moment of reading; nothing is kept.
 */

import { unreachable } from '../../base/assert.ts';
import type { HadrState, InstanceState } from '../hadr/state.ts';
import type { SessionIdentity } from '../instance.ts';
import { sqlError } from '../tsql/message.ts';
import type { CatalogSource, InstanceRecord } from '../world/record.ts';
import type { PlainRow } from './cell.ts';

/** What the rows of a view are made from. */
export interface ViewContext {
  readonly source: CatalogSource;
  readonly identity: SessionIdentity;
  readonly state: HadrState;
  readonly instance: InstanceState;
  readonly record: InstanceRecord;
  /** Database that the name was resolved in, for views about the current database. */
  readonly database: string;
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
}

/**
 * Who may read a view (Microsoft Learn, "Permissions" of each page).
 *
 * `everyone`: rows decide for themselves. `definition`: no rows without VIEW ANY DEFINITION.
 * `performance`, `security`: error 300 without VIEW SERVER STATE, from 2022 on the finer permission.
 * `backups`: error 229 without rights in msdb.
 */
export type Visibility = 'everyone' | 'definition' | 'performance' | 'security' | 'backups';

/** One view. */
export interface View {
  readonly visibility: Visibility;
  /** First major version that has the view; 13 when absent. */
  readonly since?: number;
  /** What a NOT NULL column reads that the lab does not measure; absent: the lab fills them all. */
  readonly unmeasured?: 'zero';
  rows(context: ViewContext): Iterable<PlainRow>;
}

/** Views by name. */
export type ViewTable = Readonly<Record<string, View>>;

const SQL_SERVER_2022 = 16;

/** The session's login has the server permission, itself or through a role. */
export function can(context: ViewContext, permission: string): boolean {
  return context.source.hasServerPermission(context.identity.loginName, permission);
}

/** The session may see the state of the server, by the old permission or the finer one of 2022. */
export function canSeeState(context: ViewContext, part: 'PERFORMANCE' | 'SECURITY'): boolean {
  if (can(context, 'VIEW SERVER STATE')) return true;
  return (
    context.instance.version.major >= SQL_SERVER_2022 && can(context, `VIEW SERVER ${part} STATE`)
  );
}

/** Whether the session sees rows at all; throws `SqlError` where a real server raises one. */
export function mayRead(context: ViewContext, view: View, name: string): boolean {
  switch (view.visibility) {
    case 'everyone':
      return true;
    case 'definition':
      return can(context, 'VIEW ANY DEFINITION');
    case 'performance':
      return stateOrError(context, 'PERFORMANCE');
    case 'security':
      return stateOrError(context, 'SECURITY');
    case 'backups':
      if (context.source.mayReadMsdb(context.identity.loginName)) return true;
      throw sqlError(229, 'SELECT', name, 'msdb', 'dbo');
  }
  return unreachable(view.visibility);
}

function stateOrError(context: ViewContext, part: 'PERFORMANCE' | 'SECURITY'): boolean {
  if (canSeeState(context, part)) return true;
  const permission =
    context.instance.version.major >= SQL_SERVER_2022
      ? `VIEW SERVER ${part} STATE`
      : 'VIEW SERVER STATE';
  throw sqlError(300, permission, 'server', 'master');
}

/** A view that has no rows on a server outside a cluster. */
export function emptyView(visibility: Visibility, since?: number): View {
  return { visibility, rows: () => [], ...(since === undefined ? {} : { since }) };
}
