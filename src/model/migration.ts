/**
 * The validated content of a migration file (`sqlferry.yaml`).
 *
 * Reading, checking and resolving secrets live in `adapters/config/`; this is what everybody else sees.
 */

import type { Side } from './side.ts';

/** One migration: which databases go from where to where, and how. */
export interface Migration {
  /** Short name, used for the journal and in reports. */
  readonly name: string;
  readonly databases: DatabaseSelection;
  /** Name of the distributed availability group, the same on both sides. */
  readonly distributedAvailabilityGroup: string;
  readonly seeding: Seeding;
  readonly source: MigrationSide;
  readonly target: MigrationSide;
  readonly cutover: CutoverPolicy;
}

/** Which user databases of the source travel. */
export type DatabaseSelection =
  | { readonly kind: 'named'; readonly names: readonly string[] }
  | { readonly kind: 'all'; readonly except: readonly string[] };

/** How the first copy reaches the target. */
export type Seeding =
  | { readonly kind: 'automatic' }
  | {
      readonly kind: 'manual';
      readonly share: string;
      readonly compression: boolean;
      readonly stripes: number;
    };

/** One end of the migration. */
export interface MigrationSide {
  readonly side: Side;
  /** Name of the availability group on this side. */
  readonly availabilityGroup: string;
  /** At least one; the standalone path has exactly one. */
  readonly instances: readonly [MigrationInstance, ...MigrationInstance[]];
  /** Listener of the availability-group path; `null` on the standalone path. */
  readonly listener: Listener | null;
}

/** One SQL Server instance. */
export interface MigrationInstance {
  /** What SQL Server calls itself (`@@SERVERNAME`): `host` or `host\instance`. */
  readonly name: string;
  /** Fully qualified host name, used in endpoint and listener URLs. */
  readonly fqdn: string;
  readonly endpoint: MirroringEndpoint;
}

/** The database mirroring endpoint that availability groups talk through. */
export interface MirroringEndpoint {
  readonly name: string;
  /** TCP port, 5022 by default. */
  readonly port: number;
}

/** An availability group listener. */
export interface Listener {
  readonly name: string;
  readonly port: number;
  readonly ips: readonly string[];
}

/** What the cutover may cost and whom it stops. */
export interface CutoverPolicy {
  /** Longest time without a writable copy, in milliseconds. */
  readonly maxOutageMs: number;
  /** SQL logins disabled on the source before the switch. */
  readonly fenceLogins: readonly string[];
  /** Grace before remaining sessions in the databases are killed, in milliseconds. */
  readonly killSessionsAfterMs: number;
  /** Who gives the writes back when nobody else does: a SQL Server Agent job, a second sqlferry (`sqlferry watch`), or nobody. */
  readonly deadMan: 'agent' | 'watcher' | 'off';
  readonly hooks: CutoverHooks;
}

/** Programs run around the switch; `null` where none is configured. */
export interface CutoverHooks {
  readonly beforeFence: string | null;
  readonly afterPromote: string | null;
}

/** The first (on the standalone path: the only) instance of a side. */
export function primaryInstance(side: MigrationSide): MigrationInstance {
  return side.instances[0];
}

/** `TCP://fqdn:port` as `ENDPOINT_URL` and `LISTENER_URL` want it. */
export function endpointUrl(instance: MigrationInstance): string {
  return `TCP://${instance.fqdn}:${instance.endpoint.port}`;
}
