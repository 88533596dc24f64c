/**
 * Existing groups as the T-SQL that makes them again, in the order in which servers accept it.
 *
 * Order: endpoints everywhere; on the side of the global primary the local group, its secondaries, its
 * listener; the same on the other side, without databases, because a forwarder's group joins empty
 * (19511); then the distributed group. What T-SQL cannot carry (private keys, data) is a comment.
 * Sources: Microsoft Learn, CREATE and ALTER AVAILABILITY GROUP, CREATE ENDPOINT.
 */

import { assert } from '../../base/assert.ts';
import { sameName } from '../../base/name.ts';
import type {
  DistributedInventory,
  EndpointInventory,
  Grantee,
  GroupInventory,
  InstanceInventory,
  ListenerInventory,
  ReplicaInventory,
} from '../../model/inventory.ts';
import { otherSide, type Side } from '../../model/side.ts';
import { bracket, integer, nliteral } from '../quote.ts';

/** Statements for one instance, to be run in order; comments are entries that begin with `--`. */
export interface ScriptBlock {
  readonly side: Side;
  readonly instance: string;
  readonly statements: readonly string[];
}

/** Which groups are scripted: the distributed group of this name with its members, or everything. */
export type ScriptScope =
  | { readonly distributed: string; readonly local: Readonly<Record<Side, string>> }
  | 'everything';

/** The blocks, in the order in which they have to run; instances with nothing to say are left out. */
export function inventoryScript(
  instances: readonly InstanceInventory[],
  scope: ScriptScope,
): readonly ScriptBlock[] {
  const wanted = instances.map((each) => narrow(each, scope));
  const first = sideOfGlobalPrimary(wanted);
  const sides = [first, otherSide(first)];
  const blocks = [
    ...wanted.map((each) => block(each, endpointStatements(each.endpoint))),
    ...sides.flatMap((side) => {
      const own = wanted.filter((each) => each.side === side);
      return localBlocks(own, side === first);
    }),
    ...sides.flatMap((side) =>
      wanted
        .filter((each) => each.side === side)
        .map((each) =>
          block(
            each,
            each.distributed.flatMap((one) => distributedOf(each, one)),
          ),
        ),
    ),
  ];
  return blocks.filter(({ statements }) => statements.length > 0);
}

function block(of: InstanceInventory, statements: readonly string[]): ScriptBlock {
  return { side: of.side, instance: of.instance, statements };
}

function narrow(of: InstanceInventory, scope: ScriptScope): InstanceInventory {
  if (scope === 'everything') return of;
  const distributed = of.distributed.filter(({ name }) => sameName(name, scope.distributed));
  const names = [
    scope.local[of.side],
    ...distributed.flatMap(({ members }) => members.map(({ group }) => group)),
  ];
  return {
    ...of,
    distributed,
    groups: of.groups.filter((group) => names.some((name) => sameName(name, group.name))),
  };
}

function sideOfGlobalPrimary(instances: readonly InstanceInventory[]): Side {
  const primary = instances.find(({ distributed }) =>
    distributed.some(({ localRoleDesc }) => localRoleDesc === 'PRIMARY'),
  );
  return primary?.side ?? 'source';
}

/** CREATE ENDPOINT with the logins that may connect. */
function endpointStatements(endpoint: EndpointInventory | null): readonly string[] {
  if (endpoint === null) return [];
  return [
    ...(endpoint.certificate === null
      ? []
      : [
          note(
            `The endpoint uses the certificate ${endpoint.certificate} of master: create it first, its private key never leaves its server.`,
          ),
        ]),
    `CREATE ENDPOINT ${bracket(endpoint.name)}
  STATE = ${word(endpoint.stateDesc)}
  AS TCP (LISTENER_PORT = ${integer(endpoint.port)}, LISTENER_IP = ${listenerIp(endpoint.ipAddress)})
  FOR DATABASE_MIRRORING (
    ROLE = ${word(endpoint.roleDesc)},
    AUTHENTICATION = ${authentication(endpoint)},
    ENCRYPTION = ${encryption(endpoint.encryptionAlgorithmDesc)}
  );`,
    ...endpoint.grantees.flatMap((grantee) => grantStatements(endpoint.name, grantee)),
  ];
}

function grantStatements(endpoint: string, { name, type }: Grantee): readonly string[] {
  const isWindows = type === 'U' || type === 'G';
  return [
    isWindows
      ? `IF NOT EXISTS (SELECT 1 FROM sys.server_principals WHERE name = ${nliteral(name)})
  CREATE LOGIN ${bracket(name)} FROM WINDOWS;`
      : note(`The login ${name} (type ${type}) has to be there; it is not scripted.`),
    `GRANT CONNECT ON ENDPOINT::${bracket(endpoint)} TO ${bracket(name)};`,
  ];
}

/** `CERTIFICATE, NEGOTIATE` becomes `CERTIFICATE [name] WINDOWS NEGOTIATE`. */
function authentication({ connectionAuthDesc, certificate }: EndpointInventory): string {
  return connectionAuthDesc
    .split(',')
    .map((each) => each.trim())
    .map((each) =>
      each === 'CERTIFICATE'
        ? `CERTIFICATE ${bracket(certificate ?? '?')}`
        : `WINDOWS ${word(each)}`,
    )
    .join(' ');
}

/** `NONE` is disabled, `NONE, AES` supported, `AES, RC4` required (`encryption_algorithm`). */
function encryption(description: string): string {
  const [first, ...rest] = description.split(',').map((each) => each.trim());
  if (first === undefined || (first === 'NONE' && rest.length === 0)) return 'DISABLED';
  return first === 'NONE'
    ? `SUPPORTED ALGORITHM ${rest.map(word).join(' ')}`
    : `REQUIRED ALGORITHM ${[first, ...rest].map(word).join(' ')}`;
}

/** The local groups of one side: created, joined, granted, routed, given their listeners. */
function localBlocks(
  own: readonly InstanceInventory[],
  withDatabases: boolean,
): readonly ScriptBlock[] {
  const names = [...new Set(own.flatMap(({ groups }) => groups.map(({ name }) => name)))];
  return names.flatMap((name) => {
    const holders = own.flatMap((instance) =>
      instance.groups.filter((group) => group.name === name).map((group) => ({ instance, group })),
    );
    const home =
      holders.find(({ group }) => group.localRoleDesc === 'PRIMARY') ?? holders[0] ?? null;
    if (home === null) return [];
    const joined = holders.filter((holder) => holder !== home);
    return [
      block(home.instance, [
        createGroup(home.group, { home: home.instance, withDatabases }),
        ...grant(home.group),
      ]),
      ...joined.map(({ instance, group }) =>
        block(instance, [joinGroup(group), ...grant(group), ...restores(group, withDatabases)]),
      ),
      block(home.instance, [
        ...home.group.replicas.flatMap((replica) => routingList(home.group, replica)),
        ...home.group.listeners.map((listener) => addListener(home.group, listener)),
      ]),
    ];
  });
}

function createGroup(
  group: GroupInventory,
  options: { readonly home: InstanceInventory; readonly withDatabases: boolean },
): string {
  const databases = options.withDatabases ? group.databases : [];
  const settings = [
    `AUTOMATED_BACKUP_PREFERENCE = ${word(group.automatedBackupPreferenceDesc)}`,
    ...optional('FAILURE_CONDITION_LEVEL', group.failureConditionLevel),
    ...optional('HEALTH_CHECK_TIMEOUT', group.healthCheckTimeout),
    `DB_FAILOVER = ${group.dbFailover ? 'ON' : 'OFF'}`,
    `DTC_SUPPORT = ${group.dtcSupport ? 'PER_DB' : 'NONE'}`,
    ...(group.isBasic ? ['BASIC'] : []),
    ...(group.isContained ? ['CONTAINED'] : []),
    // 2016 knows clusters only, and no such option.
    ...(options.home.versionMajor >= 14 ? [`CLUSTER_TYPE = ${word(group.clusterTypeDesc)}`] : []),
    ...(group.requiredSynchronizedSecondariesToCommit > 0
      ? [
          `REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT = ${integer(group.requiredSynchronizedSecondariesToCommit)}`,
        ]
      : []),
  ];
  const members =
    databases.length === 0
      ? 'FOR'
      : `FOR DATABASE ${databases.map((name) => bracket(name)).join(', ')}`;
  const replicas = group.replicas.map((replica) => replicaText(replica));
  return `CREATE AVAILABILITY GROUP ${bracket(group.name)}
  WITH (
    ${settings.join(',\n    ')}
  )
  ${members}
  REPLICA ON
    ${replicas.join(',\n    ')};`;
}

/** Without a cluster both are shown as 0, which CREATE does not take. */
function optional(option: string, value: number | null): readonly string[] {
  return value === null || value === 0 ? [] : [`${option} = ${integer(value)}`];
}

function replicaText(replica: ReplicaInventory): string {
  const secondary = [
    ...(replica.secondaryAllowConnectionsDesc === null
      ? []
      : [`ALLOW_CONNECTIONS = ${word(replica.secondaryAllowConnectionsDesc)}`]),
    ...(replica.readOnlyRoutingUrl === null
      ? []
      : [`READ_ONLY_ROUTING_URL = ${nliteral(replica.readOnlyRoutingUrl)}`]),
  ];
  const primary = [
    ...(replica.primaryAllowConnectionsDesc === null
      ? []
      : [`ALLOW_CONNECTIONS = ${word(replica.primaryAllowConnectionsDesc)}`]),
    ...(replica.readWriteRoutingUrl === null
      ? []
      : [`READ_WRITE_ROUTING_URL = ${nliteral(replica.readWriteRoutingUrl)}`]),
  ];
  const options = [
    `ENDPOINT_URL = ${nliteral(replica.endpointUrl)}`,
    `AVAILABILITY_MODE = ${word(replica.availabilityModeDesc)}`,
    `FAILOVER_MODE = ${word(replica.failoverModeDesc)}`,
    `SEEDING_MODE = ${word(replica.seedingModeDesc)}`,
    ...(replica.backupPriority === null
      ? []
      : [`BACKUP_PRIORITY = ${integer(replica.backupPriority)}`]),
    ...(replica.sessionTimeout === null
      ? []
      : [`SESSION_TIMEOUT = ${integer(replica.sessionTimeout)}`]),
    ...(secondary.length === 0 ? [] : [`SECONDARY_ROLE (${secondary.join(', ')})`]),
    ...(primary.length === 0 ? [] : [`PRIMARY_ROLE (${primary.join(', ')})`]),
  ];
  return `${nliteral(replica.server)} WITH (
      ${options.join(',\n      ')}
    )`;
}

function joinGroup(group: GroupInventory): string {
  const cluster =
    group.clusterTypeDesc === 'WSFC' ? '' : ` WITH (CLUSTER_TYPE = ${word(group.clusterTypeDesc)})`;
  return `ALTER AVAILABILITY GROUP ${bracket(group.name)} JOIN${cluster};`;
}

function grant(group: GroupInventory): readonly string[] {
  return group.canCreateAnyDatabase
    ? [`ALTER AVAILABILITY GROUP ${bracket(group.name)} GRANT CREATE ANY DATABASE;`]
    : [];
}

/** With manual seeding a secondary is restored by hand and joined then. */
function restores(group: GroupInventory, withDatabases: boolean): readonly string[] {
  const isManual = group.replicas.some(({ seedingModeDesc }) => seedingModeDesc === 'MANUAL');
  if (!withDatabases || !isManual) return [];
  return group.databases.map((name) =>
    note(
      `Where seeding is manual: restore ${name} WITH NORECOVERY here, then ALTER DATABASE ${bracket(name)} SET HADR AVAILABILITY GROUP = ${bracket(group.name)};`,
    ),
  );
}

/** Written after all replicas are there: a list names them. */
function routingList(group: GroupInventory, replica: ReplicaInventory): readonly string[] {
  if (replica.readOnlyRoutingList.length === 0) return [];
  const list = replica.readOnlyRoutingList.map((servers) => {
    const names = servers.map((server) => nliteral(server)).join(', ');
    return servers.length > 1 ? `(${names})` : names;
  });
  return [
    `ALTER AVAILABILITY GROUP ${bracket(group.name)}
  MODIFY REPLICA ON ${nliteral(replica.server)} WITH (PRIMARY_ROLE (READ_ONLY_ROUTING_LIST = (${list.join(', ')})));`,
  ];
}

function addListener(group: GroupInventory, listener: ListenerInventory): string {
  if (listener.isDistributedNetworkName) {
    return note(
      `The listener ${listener.name} is a distributed network name: it is made in the cluster, not by T-SQL.`,
    );
  }
  const port = listener.port === null ? '' : `, PORT = ${integer(listener.port)}`;
  const isDhcp = listener.addresses.some((address) => address.isDhcp);
  const places = listener.addresses.map(({ ip, mask }) =>
    mask === null ? `(${nliteral(ip)})` : `(${nliteral(ip)}, ${nliteral(mask)})`,
  );
  const where = isDhcp ? 'WITH DHCP' : `WITH IP (${places.join(', ')})${port}`;
  return `ALTER AVAILABILITY GROUP ${bracket(group.name)}
  ADD LISTENER ${nliteral(listener.name)} (${where});`;
}

/** On the primary of the local group only: a secondary learns of it from there. */
function distributedOf(
  of: InstanceInventory,
  distributed: DistributedInventory,
): readonly string[] {
  const own = of.groups.find(({ name }) =>
    distributed.members.some(({ group }) => sameName(group, name)),
  );
  if (own === undefined || own.localRoleDesc === 'SECONDARY') return [];
  const members = distributed.members.map(
    (member) =>
      `    ${nliteral(member.group)} WITH (
      LISTENER_URL = ${nliteral(member.listenerUrl)},
      AVAILABILITY_MODE = ${word(member.availabilityModeDesc)},
      FAILOVER_MODE = MANUAL,
      SEEDING_MODE = ${word(member.seedingModeDesc)}
    )`,
  );
  const isPrimary = distributed.localRoleDesc === 'PRIMARY';
  const name = bracket(distributed.name);
  const head = isPrimary
    ? `CREATE AVAILABILITY GROUP ${name}\n  WITH (DISTRIBUTED)\n  AVAILABILITY GROUP ON`
    : `ALTER AVAILABILITY GROUP ${name}\n  JOIN AVAILABILITY GROUP ON`;
  const required = distributed.requiredSynchronizedSecondariesToCommit;
  return [
    `${head}\n${members.join(',\n')};`,
    ...(required > 0 && isPrimary
      ? [
          note(
            `Once both sides are synchronous: ALTER AVAILABILITY GROUP ${name} SET (REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT = ${integer(required)});`,
          ),
        ]
      : []),
  ];
}

/** A keyword from a `_desc` column; anything else would be another server's idea of one. */
function word(description: string): string {
  const text = description.trim().toUpperCase();
  return /^[A-Z0-9_]+$/u.test(text) ? text : bracket(text);
}

/** `ALL`, `(10.0.0.4)` or `('fe80::1')`; an address holds nothing that could end the literal. */
function listenerIp(address: string | null): string {
  if (address === null) return 'ALL';
  assert(/^[0-9A-Fa-f.:%]+$/u.test(address), `listenerIp: ${address}`);
  return address.includes(':') ? `('${address}')` : `(${address})`;
}

/** A comment that cannot be left. */
function note(text: string): string {
  return `-- ${text.replaceAll(/[\r\n\u0085\u2028\u2029]+/gu, ' ')}`;
}
