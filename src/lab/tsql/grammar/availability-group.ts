/**
 * CREATE, ALTER and DROP AVAILABILITY GROUP, ordinary and distributed.
 *
 * Sources: Microsoft Learn, "CREATE / ALTER / DROP AVAILABILITY GROUP", and the migration articles,
 * which write LISTENER_URL where the printed grammar says LISTENER: both are read. Which options may
 * stand together (19497, 19498, 41197...) is decided by the statement's execution; a word that the
 * release does not know is a syntax error here.
 */

import { unreachable } from '../../../base/assert.ts';
import type {
  AvailabilityGroupStatement,
  ClusterType,
  DagMemberSpecification,
  GroupAction,
  GroupOptions,
  ReplicaOptions,
  ReplicaSpecification,
} from '../ast.ts';
import type { Cursor } from '../parse-cursor.ts';
import { parseListener, parseListenerChange } from './listener.ts';
import {
  FLAG,
  INTEGER,
  parseOptionBlock,
  pick,
  rule,
  since,
  STRING,
  SWITCH,
  words,
} from './option.ts';
import type { OptionKind, OptionTable } from './option.ts';

function notSimulated(name: string): OptionKind {
  return rule((cursor) => {
    throw cursor.notSimulated(name);
  });
}

/** A word of a list that came with a later release than the others. */
function modes(early: readonly string[], later: string): OptionKind {
  return rule((cursor) => {
    cursor.expect('=');
    if (cursor.is(later)) cursor.needs(2017);
    return cursor.oneOf(...early, later);
  });
}

const GROUP_OPTIONS: OptionTable = {
  AUTOMATED_BACKUP_PREFERENCE: words('PRIMARY', 'SECONDARY_ONLY', 'SECONDARY', 'NONE'),
  FAILURE_CONDITION_LEVEL: INTEGER,
  HEALTH_CHECK_TIMEOUT: INTEGER,
  DB_FAILOVER: SWITCH,
  DTC_SUPPORT: words('PER_DB', 'NONE'),
  BASIC: FLAG,
  DISTRIBUTED: FLAG,
  CONTAINED: since(
    2022,
    rule((cursor) => {
      if (cursor.is('AUTOSEEDING_SYSTEM_DATABASES')) cursor.needs(2025);
      if (cursor.isOneOf('REUSE_SYSTEM_DATABASES', 'AUTOSEEDING_SYSTEM_DATABASES')) {
        throw cursor.notSimulated(`CONTAINED ${cursor.peek().upper}`);
      }
      return true;
    }),
  ),
  REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT: since(2017, INTEGER),
  CLUSTER_TYPE: since(2017, words('WSFC', 'EXTERNAL', 'NONE')),
  WRITE_LEASE_VALIDITY: since(2025, notSimulated('WRITE_LEASE_VALIDITY')),
  CLUSTER_CONNECTION_OPTIONS: since(2025, notSimulated('CLUSTER_CONNECTION_OPTIONS')),
};

const GROUP_NAMES = {
  automatedBackupPreference: 'AUTOMATED_BACKUP_PREFERENCE',
  failureConditionLevel: 'FAILURE_CONDITION_LEVEL',
  healthCheckTimeoutMs: 'HEALTH_CHECK_TIMEOUT',
  dbFailover: 'DB_FAILOVER',
  dtcSupport: 'DTC_SUPPORT',
  basic: 'BASIC',
  contained: 'CONTAINED',
  distributed: 'DISTRIBUTED',
  requiredSynchronizedSecondariesToCommit: 'REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT',
  clusterType: 'CLUSTER_TYPE',
} as const;

const SECONDARY_ROLE: OptionTable = {
  ALLOW_CONNECTIONS: words('NO', 'READ_ONLY', 'ALL'),
  READ_ONLY_ROUTING_URL: STRING,
};

const PRIMARY_ROLE: OptionTable = {
  ALLOW_CONNECTIONS: words('READ_WRITE', 'ALL'),
  READ_ONLY_ROUTING_LIST: rule(parseRoutingList),
  READ_WRITE_ROUTING_URL: since(2019, STRING),
};

/** `= ('A', 'B')` or `= NONE`, which is the empty list; nested lists (load balancing) are not simulated. */
function parseRoutingList(cursor: Cursor): readonly string[] {
  cursor.expect('=');
  if (cursor.accept('NONE')) return [];
  if (cursor.is('(', '(')) throw cursor.notSimulated('load-balanced routing lists');
  return cursor.parenthesized(() => cursor.string());
}

const REPLICA_OPTIONS: OptionTable = {
  ENDPOINT_URL: STRING,
  AVAILABILITY_MODE: modes(['SYNCHRONOUS_COMMIT', 'ASYNCHRONOUS_COMMIT'], 'CONFIGURATION_ONLY'),
  FAILOVER_MODE: modes(['AUTOMATIC', 'MANUAL'], 'EXTERNAL'),
  SEEDING_MODE: words('AUTOMATIC', 'MANUAL'),
  BACKUP_PRIORITY: INTEGER,
  SESSION_TIMEOUT: INTEGER,
  SECONDARY_ROLE: rule((cursor) => parseRole(cursor, SECONDARY_ROLE, 'SECONDARY_ROLE')),
  PRIMARY_ROLE: rule((cursor) => parseRole(cursor, PRIMARY_ROLE, 'PRIMARY_ROLE')),
};

/** The comma between the options of a role may be missing. */
function parseRole(
  cursor: Cursor,
  table: OptionTable,
  statement: string,
): ReadonlyMap<string, unknown> {
  cursor.expect('(');
  const values = new Map<string, unknown>();
  do {
    for (const [name, value] of parseOne(cursor, table, statement)) {
      if (values.has(name)) throw cursor.fail(153, cursor.peek(), name, statement);
      values.set(name, value);
    }
    cursor.accept(',');
  } while (!cursor.is(')'));
  cursor.expect(')');
  return values;
}

function parseOne(
  cursor: Cursor,
  table: OptionTable,
  statement: string,
): ReadonlyMap<string, unknown> {
  const token = cursor.take();
  const expected = table[token.upper];
  if (expected === undefined)
    throw token.kind === 'word'
      ? cursor.fail(155, token, token.value, statement)
      : cursor.error(token);
  if (expected.since !== undefined && cursor.release < expected.since)
    throw cursor.fail(102, token, token.value);
  if (expected.kind === 'rule') return new Map([[token.upper, expected.read(cursor)]]);
  cursor.expect('=');
  if (expected.kind === 'word') return new Map([[token.upper, cursor.oneOf(...expected.words)]]);
  if (cursor.is('NONE')) cursor.needs(2025);
  if (cursor.is('NONE')) throw cursor.notSimulated(`${token.upper} = NONE`);
  return new Map([[token.upper, cursor.string()]]);
}

const MEMBER_OPTIONS: OptionTable = {
  LISTENER_URL: STRING,
  LISTENER: STRING,
  AVAILABILITY_MODE: words('SYNCHRONOUS_COMMIT', 'ASYNCHRONOUS_COMMIT'),
  FAILOVER_MODE: words('AUTOMATIC', 'MANUAL', 'EXTERNAL'),
  SEEDING_MODE: words('AUTOMATIC', 'MANUAL'),
};

/** Takes CREATE AVAILABILITY GROUP behind the word CREATE. */
export function parseCreateGroup(cursor: Cursor): AvailabilityGroupStatement {
  cursor.expect('AVAILABILITY', 'GROUP');
  const group = cursor.name();
  const options: GroupOptions = cursor.accept('WITH')
    ? pick<GroupOptions>(
        parseOptionBlock(cursor, GROUP_OPTIONS, 'CREATE AVAILABILITY GROUP'),
        GROUP_NAMES,
      )
    : {};
  if (cursor.is('AVAILABILITY', 'GROUP', 'ON')) {
    return {
      kind: 'create-distributed-availability-group',
      group,
      options,
      members: parseMembers(cursor),
    };
  }
  cursor.expect('FOR');
  const databases = cursor.accept('DATABASE') ? cursor.list(() => cursor.name()) : [];
  cursor.expect('REPLICA', 'ON');
  const replicas = cursor.list(() => parseReplica(cursor));
  const listener = cursor.accept('LISTENER') ? parseListener(cursor) : null;
  return { kind: 'create-availability-group', group, options, databases, replicas, listener };
}

/** `'server\instance' WITH (...)`. */
function parseReplica(cursor: Cursor): ReplicaSpecification {
  const server = cursor.string();
  cursor.expect('WITH');
  const values = parseOptionBlock(cursor, REPLICA_OPTIONS, 'REPLICA');
  const own = pick<Omit<ReplicaOptions, RoleOption>>(values, {
    endpointUrl: 'ENDPOINT_URL',
    availabilityMode: 'AVAILABILITY_MODE',
    failoverMode: 'FAILOVER_MODE',
    seedingMode: 'SEEDING_MODE',
    backupPriority: 'BACKUP_PRIORITY',
    sessionTimeoutSeconds: 'SESSION_TIMEOUT',
  });
  const secondary = pick<Pick<ReplicaOptions, 'secondaryAllowConnections' | 'readOnlyRoutingUrl'>>(
    roleValues(values, 'SECONDARY_ROLE'),
    {
      secondaryAllowConnections: 'ALLOW_CONNECTIONS',
      readOnlyRoutingUrl: 'READ_ONLY_ROUTING_URL',
    },
  );
  const primary = pick<
    Pick<ReplicaOptions, 'primaryAllowConnections' | 'readOnlyRoutingList' | 'readWriteRoutingUrl'>
  >(roleValues(values, 'PRIMARY_ROLE'), {
    primaryAllowConnections: 'ALLOW_CONNECTIONS',
    readOnlyRoutingList: 'READ_ONLY_ROUTING_LIST',
    readWriteRoutingUrl: 'READ_WRITE_ROUTING_URL',
  });
  return { server, options: { ...own, ...secondary, ...primary } };
}

type RoleOption =
  | 'secondaryAllowConnections'
  | 'readOnlyRoutingUrl'
  | 'primaryAllowConnections'
  | 'readOnlyRoutingList'
  | 'readWriteRoutingUrl';

function roleValues(
  values: ReadonlyMap<string, unknown>,
  role: string,
): ReadonlyMap<string, unknown> {
  const inner = values.get(role);
  return inner instanceof Map ? inner : new Map<string, unknown>();
}

/** `AVAILABILITY GROUP ON 'AG' WITH (...), 'AG' WITH (...)`. */
function parseMembers(cursor: Cursor): readonly DagMemberSpecification[] {
  cursor.expect('AVAILABILITY', 'GROUP', 'ON');
  return cursor.list(() => parseMember(cursor));
}

function parseMember(cursor: Cursor): DagMemberSpecification {
  const availabilityGroup = cursor.string();
  cursor.expect('WITH');
  const values = parseOptionBlock(cursor, MEMBER_OPTIONS, 'AVAILABILITY GROUP');
  const token = cursor.peek();
  if (values.has('LISTENER') && values.has('LISTENER_URL'))
    throw cursor.fail(153, token, 'LISTENER_URL', 'AVAILABILITY GROUP');
  const listener = values.has('LISTENER') ? 'LISTENER' : 'LISTENER_URL';
  const options = pick<Omit<DagMemberSpecification, 'availabilityGroup'>>(values, {
    listenerUrl: listener,
    availabilityMode: 'AVAILABILITY_MODE',
    failoverMode: 'FAILOVER_MODE',
    seedingMode: 'SEEDING_MODE',
  });
  return { availabilityGroup, ...options };
}

/** Takes ALTER AVAILABILITY GROUP behind the word ALTER. */
export function parseAlterGroup(cursor: Cursor): AvailabilityGroupStatement {
  cursor.expect('AVAILABILITY', 'GROUP');
  const group = cursor.name();
  return { kind: 'alter-availability-group', group, action: parseAction(cursor) };
}

function parseAction(cursor: Cursor): GroupAction {
  const word = cursor.oneOf(
    'JOIN',
    'GRANT',
    'DENY',
    'ADD',
    'REMOVE',
    'MODIFY',
    'RESTART',
    'SET',
    'FAILOVER',
    'FORCE_FAILOVER_ALLOW_DATA_LOSS',
    'OFFLINE',
  );
  switch (word) {
    case 'JOIN':
      return parseJoin(cursor);
    case 'GRANT':
    case 'DENY':
      cursor.expect('CREATE', 'ANY', 'DATABASE');
      return { kind: word === 'GRANT' ? 'grant-create-any-database' : 'deny-create-any-database' };
    case 'ADD':
    case 'REMOVE':
      return parseAddRemove(cursor, word);
    case 'MODIFY':
      return parseModify(cursor);
    case 'RESTART':
      cursor.expect('LISTENER');
      return { kind: 'restart-listener', listener: cursor.string() };
    case 'SET':
      return parseSetOptions(cursor);
    case 'FAILOVER':
      return { kind: 'failover' };
    case 'FORCE_FAILOVER_ALLOW_DATA_LOSS':
      return { kind: 'force-failover-allow-data-loss' };
    case 'OFFLINE':
      return { kind: 'offline' };
  }
  return unreachable(word);
}

function parseJoin(cursor: Cursor): GroupAction {
  if (cursor.is('AVAILABILITY')) return { kind: 'join-distributed', members: parseMembers(cursor) };
  if (cursor.is('WITH', '(')) cursor.needs(2017);
  if (!cursor.accept('WITH', '(')) return { kind: 'join', clusterType: null };
  cursor.expect('CLUSTER_TYPE', '=');
  const clusterType: ClusterType = cursor.oneOf('WSFC', 'EXTERNAL', 'NONE');
  cursor.expect(')');
  return { kind: 'join', clusterType };
}

function parseAddRemove(cursor: Cursor, word: 'ADD' | 'REMOVE'): GroupAction {
  const what = cursor.oneOf('DATABASE', 'REPLICA', 'LISTENER');
  switch (what) {
    case 'DATABASE':
      return {
        kind: word === 'ADD' ? 'add-database' : 'remove-database',
        databases: cursor.list(() => cursor.name()),
      };
    case 'REPLICA':
      cursor.expect('ON');
      if (word === 'REMOVE') return { kind: 'remove-replica', server: cursor.string() };
      return { kind: 'add-replica', replica: parseReplica(cursor) };
    case 'LISTENER':
      if (word === 'REMOVE') return { kind: 'remove-listener', listener: cursor.string() };
      return { kind: 'add-listener', listener: parseListener(cursor) };
  }
  return unreachable(what);
}

function parseModify(cursor: Cursor): GroupAction {
  if (cursor.is('AVAILABILITY'))
    return { kind: 'modify-distributed', members: parseMembers(cursor) };
  if (cursor.accept('LISTENER')) return parseListenerChange(cursor);
  cursor.expect('REPLICA', 'ON');
  return { kind: 'modify-replica', replica: parseReplica(cursor) };
}

function parseSetOptions(cursor: Cursor): GroupAction {
  if (cursor.accept('(', 'ROLE')) {
    cursor.expect('=', 'SECONDARY', ')');
    return { kind: 'set-role-secondary' };
  }
  const values = parseOptionBlock(cursor, GROUP_OPTIONS, 'ALTER AVAILABILITY GROUP');
  return { kind: 'set-options', options: pick<GroupOptions>(values, GROUP_NAMES) };
}

/** Takes DROP AVAILABILITY GROUP behind the word DROP. */
export function parseDropGroup(cursor: Cursor): AvailabilityGroupStatement {
  cursor.expect('AVAILABILITY', 'GROUP');
  return { kind: 'drop-availability-group', group: cursor.name() };
}
