/** CREATE, ALTER and DROP DATABASE ("ALTER DATABASE SET options", "ALTER DATABASE SET HADR", Microsoft Learn). */

import type { DatabaseStatement } from '../ast.ts';
import type { Cursor } from '../parse-cursor.ts';

/** Takes CREATE DATABASE behind the word CREATE; file lists and collations are not simulated. */
export function parseCreateDatabase(cursor: Cursor): DatabaseStatement {
  cursor.expect('DATABASE');
  const database = cursor.name();
  if (cursor.isOneOf('ON', 'LOG', 'COLLATE', 'CONTAINMENT', 'WITH', 'AS')) {
    throw cursor.notSimulated(`CREATE DATABASE ... ${cursor.peek().upper}`);
  }
  return { kind: 'create-database', database };
}

/** Takes DROP DATABASE behind the word DROP. */
export function parseDropDatabase(cursor: Cursor): DatabaseStatement {
  cursor.expect('DATABASE');
  if (cursor.is('AUDIT') || cursor.is('SCOPED'))
    throw cursor.notSimulated(`DROP DATABASE ${cursor.peek().upper}`);
  const ifExists = cursor.accept('IF', 'EXISTS');
  return { kind: 'drop-database', databases: cursor.list(() => cursor.name()), ifExists };
}

/** Options of SET and the values each may have; an empty list: the name says it all. */
const SET_OPTIONS: Readonly<Record<string, readonly string[] | undefined>> = {
  RECOVERY: ['FULL', 'BULK_LOGGED', 'SIMPLE'],
  SINGLE_USER: [],
  RESTRICTED_USER: [],
  MULTI_USER: [],
  READ_ONLY: [],
  READ_WRITE: [],
  ONLINE: [],
  OFFLINE: [],
  EMERGENCY: [],
  AUTO_CLOSE: ['ON', 'OFF'],
  AUTO_SHRINK: ['ON', 'OFF'],
  AUTO_CREATE_STATISTICS: ['ON', 'OFF'],
  AUTO_UPDATE_STATISTICS: ['ON', 'OFF'],
  AUTO_UPDATE_STATISTICS_ASYNC: ['ON', 'OFF'],
  TRUSTWORTHY: ['ON', 'OFF'],
  DB_CHAINING: ['ON', 'OFF'],
  ALLOW_SNAPSHOT_ISOLATION: ['ON', 'OFF'],
  READ_COMMITTED_SNAPSHOT: ['ON', 'OFF'],
  ENCRYPTION: ['ON', 'OFF'],
  QUERY_STORE: ['ON', 'OFF'],
  ENABLE_BROKER: [],
  DISABLE_BROKER: [],
  NEW_BROKER: [],
  PAGE_VERIFY: ['CHECKSUM', 'TORN_PAGE_DETECTION', 'NONE'],
  DELAYED_DURABILITY: ['DISABLED', 'ALLOWED', 'FORCED'],
  ANSI_NULLS: ['ON', 'OFF'],
  ANSI_PADDING: ['ON', 'OFF'],
  ANSI_WARNINGS: ['ON', 'OFF'],
  ARITHABORT: ['ON', 'OFF'],
  QUOTED_IDENTIFIER: ['ON', 'OFF'],
  RECURSIVE_TRIGGERS: ['ON', 'OFF'],
  CONCAT_NULL_YIELDS_NULL: ['ON', 'OFF'],
};

/** Takes ALTER DATABASE behind the word ALTER. */
export function parseAlterDatabase(cursor: Cursor): DatabaseStatement {
  cursor.expect('DATABASE');
  if (cursor.is('AUDIT') || cursor.is('SCOPED'))
    throw cursor.notSimulated(`ALTER DATABASE ${cursor.peek().upper}`);
  const database = cursor.is('CURRENT') ? cursor.take().upper : cursor.name();
  if (cursor.isOneOf('ADD', 'REMOVE', 'MODIFY', 'COLLATE', 'REBUILD')) {
    throw cursor.notSimulated(`ALTER DATABASE ... ${cursor.peek().upper}`);
  }
  cursor.expect('SET');
  if (cursor.accept('HADR')) return parseHadr(cursor, database);
  if (
    cursor.isOneOf(
      'PARTNER',
      'WITNESS',
      'COMPATIBILITY_LEVEL',
      'CHANGE_TRACKING',
      'FILESTREAM',
      'TARGET_RECOVERY_TIME',
    )
  ) {
    throw cursor.notSimulated(`ALTER DATABASE SET ${cursor.peek().upper}`);
  }
  const token = cursor.peek();
  const allowed = SET_OPTIONS[token.upper];
  if (allowed === undefined)
    throw token.kind === 'word'
      ? cursor.fail(155, token, token.value, 'ALTER DATABASE SET')
      : cursor.error();
  cursor.take();
  let value: string | null = null;
  if (allowed.length > 0) {
    cursor.accept('=');
    value = cursor.oneOf(...allowed);
  }
  if (cursor.is(',')) throw cursor.notSimulated('several options in one ALTER DATABASE SET');
  return {
    kind: 'alter-database-set',
    database,
    option: token.upper,
    value,
    rollback: parseRollback(cursor),
  };
}

function parseRollback(cursor: Cursor): 'none' | 'immediate' | 'no-wait' {
  if (!cursor.accept('WITH')) return 'none';
  if (cursor.accept('NO_WAIT')) return 'no-wait';
  cursor.expect('ROLLBACK');
  if (cursor.is('AFTER')) throw cursor.notSimulated('ROLLBACK AFTER');
  cursor.expect('IMMEDIATE');
  return 'immediate';
}

function parseHadr(cursor: Cursor, database: string): DatabaseStatement {
  const kind = (action: 'off' | 'suspend' | 'resume'): DatabaseStatement => ({
    kind: 'alter-database-hadr',
    database,
    action: { kind: action },
  });
  if (cursor.accept('OFF')) return kind('off');
  if (cursor.accept('SUSPEND')) return kind('suspend');
  if (cursor.accept('RESUME')) return kind('resume');
  const bracket = cursor.accept('(');
  const word = bracket
    ? cursor.oneOf('AVAILABILITY', 'OFF', 'SUSPEND', 'RESUME')
    : cursor.oneOf('AVAILABILITY');
  let result: DatabaseStatement;
  if (word === 'AVAILABILITY') {
    cursor.expect('GROUP', '=');
    result = {
      kind: 'alter-database-hadr',
      database,
      action: { kind: 'join', group: cursor.name() },
    };
  } else {
    result = kind(word === 'OFF' ? 'off' : word === 'SUSPEND' ? 'suspend' : 'resume');
  }
  if (bracket) cursor.expect(')');
  return result;
}
