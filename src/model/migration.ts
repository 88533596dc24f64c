/**
 * The validated content of a migration file (`sqlferry.yaml`).
 *
 * Reading, checking and resolving secrets live in `adapters/config/`; this is what everybody else sees.
 */

import type { Side } from './side.ts';
import type { WaitingLimits } from './waiting.ts';

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
  /** When to say unasked why it waits; absent: `defaultWaitingLimits`. */
  readonly limits?: WaitingLimits;
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
  /** Fully qualified name; absent: the name in the domain of the first instance (`listenerFqdn`). */
  readonly fqdn?: string;
  /** TCP port that applications connect to; not the endpoint's. */
  readonly port: number;
  /** IPv4 addresses, `10.0.0.4` or with the length of the subnet `10.0.0.4/24` (`listenerAddress`). */
  readonly ips: readonly string[];
}

/** One address of a listener taken apart. */
export interface ListenerAddress {
  readonly ip: string;
  /** Subnet mask in dotted form; null when the file gives none, as behind a load balancer. */
  readonly mask: string | null;
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

/**
 * The instance that acts for a side: the only one on the standalone path, on the availability-group path
 * the first one of a migration that `bindMigration` has put in order.
 */
export function primaryInstance(side: MigrationSide): MigrationInstance {
  return side.instances[0];
}

/** `TCP://fqdn:port` as `ENDPOINT_URL` and `LISTENER_URL` want it. */
export function endpointUrl(instance: MigrationInstance): string {
  return `TCP://${instance.fqdn}:${instance.endpoint.port}`;
}

/** Whether the side is an availability group of its own: several instances or a listener. */
export function isGrouped(side: MigrationSide): boolean {
  return side.listener !== null || side.instances.length > 1;
}

/**
 * `LISTENER_URL` of a side in the distributed group: its listener, or its only instance, always with the
 * port of the endpoint (Microsoft Learn, configure distributed availability groups).
 */
export function memberUrl(side: MigrationSide): string {
  const acting = primaryInstance(side);
  return side.listener === null
    ? endpointUrl(acting)
    : `TCP://${listenerFqdn(side, side.listener)}:${acting.endpoint.port}`;
}

/** Fully qualified name of a side's listener. */
export function listenerFqdn(side: MigrationSide, listener: Listener): string {
  const { fqdn } = primaryInstance(side);
  const cut = fqdn.indexOf('.');
  return listener.fqdn ?? `${listener.name}${cut === -1 ? '' : fqdn.slice(cut)}`;
}

/** An address of a listener as the migration file writes it, taken apart. */
export function listenerAddress(text: string): ListenerAddress {
  const [ip = '', length] = text.split('/');
  return { ip, mask: length === undefined ? null : subnetMask(Number(length)) };
}

/** Dotted mask of a prefix length of 1 to 32. */
function subnetMask(length: number): string {
  return [0, 1, 2, 3]
    .map((octet) => {
      const bits = Math.min(8, Math.max(0, length - 8 * octet));
      return 256 - 2 ** (8 - bits);
    })
    .join('.');
}

/**
 * What the other side's register calls this side: the instance on the standalone path, the listener on the
 * availability-group path, where the acting instance changes with every local failover.
 */
export function sideIdentity(side: MigrationSide): string {
  return side.listener?.name ?? primaryInstance(side).name;
}

/** Instances that act for their sides now, by the names of the migration file. */
export interface ActingInstances {
  readonly source: string;
  readonly target: string;
}

/** The migration with the acting instance of each side first; the same object where nothing changes. */
export function bindMigration(migration: Migration, acting: ActingInstances): Migration {
  const source = withFirst(migration.source, acting.source);
  const target = withFirst(migration.target, acting.target);
  return source === migration.source && target === migration.target
    ? migration
    : { ...migration, source, target };
}

/** The side with the named instance first; the side itself where that is so already or nothing has the name. */
export function withFirst(side: MigrationSide, name: string): MigrationSide {
  const first = side.instances.find((instance) => instance.name === name);
  if (first === undefined || first === side.instances[0]) return side;
  return {
    ...side,
    instances: [first, ...side.instances.filter((instance) => instance !== first)],
  };
}
