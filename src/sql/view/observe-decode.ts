/**
 * From the raw answer of the observe batch to a `SideObservation`.
 *
 * Rights come first: catalog views return fewer rows, not errors, to a login without rights, so
 * without VIEW ANY DEFINITION or VIEW SERVER STATE the parts that depend on it are unknown.
 */

import { known, unknown, type Fact } from '../../model/fact.ts';
import { isGrouped, type Migration, type MigrationSide } from '../../model/migration.ts';
import type {
  EndpointObservation,
  LoginObservation,
  ServerObservation,
  SessionObservation,
  SideObservation,
  WindowsLoginObservation,
} from '../../model/observation.ts';
import type { Problem } from '../../model/problem.ts';
import type { Side } from '../../model/side.ts';
import type { RawReply, RawRow } from '../batch.ts';
import { bit, bitOrNull, decodePart, number, part, text, textOrNull } from './cell.ts';
import { decodeCircumstances } from './observe-circumstance.ts';
import { decodeControl, decodeDeadMan, decodeLeadership } from './observe-decode-control.ts';
import { decodeDatabases } from './observe-decode-database.ts';
import { decodeGroupDetails } from './observe-group.ts';
import { decodeAvailabilityGroup, decodeDistributed } from './observe-decode-group.ts';

/** Who was asked. */
export interface DecodeOptions {
  readonly migration: Migration;
  readonly side: Side;
  /** Name from the migration file; left out: the first instance of the side. */
  readonly instance?: string;
  readonly generation: number;
  /** Time between sending the look and its answer, in milliseconds; left out when not measured. */
  readonly elapsedMs?: number;
}

/** What the login may see; a missing right turns parts into unknown facts. */
interface Rights {
  readonly serverState: boolean;
  readonly anyDefinition: boolean;
}

const NO_STATE = 'the login lacks VIEW SERVER STATE, so the dynamic management views are not shown';
const NO_DEFINITION = 'the login lacks VIEW ANY DEFINITION, so the catalog views leave rows out';

/** Decodes the answer of one instance. */
export function decodeObservation(reply: RawReply, options: DecodeOptions): SideObservation {
  const rights = decodePart(part(reply, 'part_rights'), decodeRights);
  const state = requiring(rights, 'serverState');
  const definition = requiring(rights, 'anyDefinition');
  const both = state.known ? definition : state;
  const guarded = <T>(right: Fact<true>, fact: () => Fact<T>): Fact<T> =>
    right.known ? fact() : right;
  const server = part(reply, 'part_server');
  return {
    side: options.side,
    instance: instanceName(options),
    generation: options.generation,
    connection: { kind: 'connected' },
    serverUtc: decodePart(server, (rows) => `${text(only(rows), 'utc_now')}Z`),
    server: decodePart(server, (rows) => decodeServer(only(rows), part(reply, 'part_service'))),
    endpoint: guarded(definition, () => decodeEndpoint(reply)),
    availabilityGroup: guarded(both, () => decodeAvailabilityGroup(reply)),
    distributed: guarded(both, () => decodeDistributed(reply)),
    databases: guarded(both, () => decodeDatabases(reply)),
    windowsLogins: guarded(definition, () =>
      decodePart(part(reply, 'part_windows_logins'), (rows) => rows.map(decodeWindowsLogin)),
    ),
    fenceLogins: guarded(definition, () =>
      decodePart(part(reply, 'part_fence_logins'), (rows) => rows.map(decodeFenceLogin)),
    ),
    sessions: guarded(state, () =>
      decodePart(part(reply, 'part_sessions'), (rows) => rows.map(decodeSession)),
    ),
    operators: guarded(state, () =>
      decodePart(part(reply, 'part_operators'), (rows) => rows.map(decodeSession)),
    ),
    control: guarded(both, () => decodeControl(reply)),
    deadMan: guarded(both, () => decodeDeadMan(reply)),
    leadership: guarded(state, () => decodeLeadership(reply)),
    roundTripMs: roundTrip(reply, options.elapsedMs),
    circumstances: guarded(both, () => decodeCircumstances(reply)),
    ...(isGrouped(sideOf(options))
      ? { group: guarded(both, () => decodeGroupDetails(reply)) }
      : {}),
  };
}

/** The observation of an instance that could not be asked. */
export function unreachableObservation(options: DecodeOptions, problem: Problem): SideObservation {
  const fact = unknown(problem.summary);
  return {
    side: options.side,
    instance: instanceName(options),
    generation: options.generation,
    connection: { kind: 'unreachable', problem },
    serverUtc: fact,
    server: fact,
    endpoint: fact,
    availabilityGroup: fact,
    distributed: fact,
    databases: fact,
    windowsLogins: fact,
    fenceLogins: fact,
    sessions: fact,
    operators: fact,
    control: fact,
    deadMan: fact,
    leadership: fact,
    roundTripMs: null,
  };
}

function instanceName(options: DecodeOptions): string {
  return options.instance ?? sideOf(options).instances[0].name;
}

function sideOf({ migration, side }: DecodeOptions): MigrationSide {
  return side === 'source' ? migration.source : migration.target;
}

/** Time on the wire: what was measured here, less what the server says it took. */
function roundTrip(reply: RawReply, elapsedMs: number | undefined): number | null {
  if (elapsedMs === undefined) return null;
  const server = decodePart(part(reply, 'part_look_time'), (rows) =>
    number(only(rows), 'server_us'),
  );
  return server.known ? Math.max(0, elapsedMs - server.value / 1000) : null;
}

function only(rows: readonly RawRow[]): RawRow {
  return rows[0] ?? {};
}

function decodeRights(rows: readonly RawRow[]): Rights {
  const row = only(rows);
  return {
    serverState:
      bit(row, 'view_server_state') || (bitOrNull(row, 'view_server_performance_state') ?? false),
    anyDefinition: bit(row, 'view_any_definition'),
  };
}

function requiring(rights: Fact<Rights>, right: keyof Rights): Fact<true> {
  if (!rights.known) return rights;
  if (rights.value[right]) return known(true);
  return unknown(right === 'serverState' ? NO_STATE : NO_DEFINITION);
}

function decodeServer(row: RawRow, service: Fact<readonly RawRow[]>): ServerObservation {
  const productVersion = text(row, 'product_version');
  const serviceRow = service.known ? service.value[0] : undefined;
  return {
    serverName: textOrNull(row, 'server_name') ?? text(row, 'server_property_name'),
    machineName: textOrNull(row, 'machine_name') ?? '',
    defaultDomain: textOrNull(row, 'default_domain'),
    versionMajor: Number.parseInt(productVersion, 10),
    productVersion,
    edition: text(row, 'edition'),
    engineEdition: number(row, 'engine_edition'),
    isHadrEnabled: bit(row, 'is_hadr_enabled'),
    serviceAccount: serviceRow === undefined ? null : textOrNull(serviceRow, 'service_account'),
  };
}

function decodeEndpoint(reply: RawReply): Fact<EndpointObservation | null> {
  const grants = part(reply, 'part_endpoint_grants');
  if (!grants.known) return grants;
  return decodePart(part(reply, 'part_endpoint'), (rows) => {
    const row = rows[0];
    if (row === undefined) return null;
    return {
      name: text(row, 'name'),
      stateDesc: text(row, 'state_desc'),
      port: number(row, 'port'),
      ipAddress: textOrNull(row, 'ip_address'),
      connectGrantees: grants.value.map((grant) => text(grant, 'name')),
    };
  });
}

function decodeWindowsLogin(row: RawRow): WindowsLoginObservation {
  return { name: text(row, 'name'), isSysadmin: bit(row, 'is_sysadmin') };
}

function decodeFenceLogin(row: RawRow): LoginObservation {
  return { name: text(row, 'name'), isDisabled: bit(row, 'is_disabled') };
}

function decodeSession(row: RawRow): SessionObservation {
  return {
    sessionId: number(row, 'session_id'),
    loginName: text(row, 'login_name'),
    hostName: textOrNull(row, 'host_name'),
    programName: textOrNull(row, 'program_name'),
    database: textOrNull(row, 'database_name'),
    loginTimeUtc: `${text(row, 'login_time_utc')}Z`,
    openTransactions: number(row, 'open_transaction_count'),
  };
}
