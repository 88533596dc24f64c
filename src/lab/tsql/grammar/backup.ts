/** BACKUP and RESTORE ("BACKUP", "RESTORE arguments", Microsoft Learn). */

import type { AdminStatement, BackupDevice, BackupOptions, RestoreOptions } from '../ast.ts';
import type { Cursor } from '../parse-cursor.ts';
import { FLAG, INTEGER, parseOptionList, rule, STRING } from './option.ts';
import type { OptionTable, OptionValues } from './option.ts';

/** `STATS` and `STATS = n`: every ten percent by default. */
const STATS = rule((cursor) => (cursor.accept('=') ? cursor.integer() : 10));

/** Options that change nothing in the lab: speed, media names, passwords of old. */
const NEUTRAL: OptionTable = {
  NAME: STRING,
  DESCRIPTION: STRING,
  MEDIANAME: STRING,
  MEDIADESCRIPTION: STRING,
  MAXTRANSFERSIZE: INTEGER,
  BUFFERCOUNT: INTEGER,
  BLOCKSIZE: INTEGER,
  RETAINDAYS: INTEGER,
  SKIP: FLAG,
  NOSKIP: FLAG,
  NOUNLOAD: FLAG,
  UNLOAD: FLAG,
  REWIND: FLAG,
  NOREWIND: FLAG,
  STOP_ON_ERROR: FLAG,
  CONTINUE_AFTER_ERROR: FLAG,
  NO_CHECKSUM: FLAG,
  CREDENTIAL: STRING,
};

const BACKUP_OPTIONS: OptionTable = {
  ...NEUTRAL,
  FORMAT: FLAG,
  NOFORMAT: FLAG,
  INIT: FLAG,
  NOINIT: FLAG,
  COMPRESSION: FLAG,
  NO_COMPRESSION: FLAG,
  CHECKSUM: FLAG,
  COPY_ONLY: FLAG,
  DIFFERENTIAL: FLAG,
  NORECOVERY: FLAG,
  NO_TRUNCATE: FLAG,
  STATS,
};

const RESTORE_OPTIONS: OptionTable = {
  ...NEUTRAL,
  LOADHISTORY: FLAG,
  RECOVERY: FLAG,
  NORECOVERY: FLAG,
  REPLACE: FLAG,
  RESTART: FLAG,
  CHECKSUM: FLAG,
  STATS,
  FILE: INTEGER,
  STOPAT: STRING,
};

/** Takes BACKUP. */
export function parseBackup(cursor: Cursor): AdminStatement {
  cursor.expect('BACKUP');
  if (cursor.accept('CERTIFICATE')) return parseBackupCertificate(cursor);
  if (cursor.isOneOf('MASTER', 'SERVICE', 'SYMMETRIC'))
    throw cursor.notSimulated(`BACKUP ${cursor.peek().upper} KEY`);
  const what = cursor.oneOf('DATABASE', 'LOG') === 'DATABASE' ? 'database' : 'log';
  const database = parseDatabase(cursor);
  if (cursor.isOneOf('FILE', 'FILEGROUP', 'READ_WRITE_FILEGROUPS', 'PAGE'))
    throw cursor.notSimulated('backup of files');
  cursor.expect('TO');
  const devices = cursor.list(() => parseDevice(cursor));
  if (cursor.is('MIRROR')) throw cursor.notSimulated('MIRROR TO');
  const values: OptionValues = cursor.accept('WITH')
    ? parseOptionList(cursor, BACKUP_OPTIONS, 'BACKUP')
    : new Map();
  if (what === 'log' && values.has('DIFFERENTIAL'))
    throw cursor.fail(3032, cursor.peek(), 'differential');
  if (what === 'database' && values.has('NORECOVERY'))
    throw cursor.fail(3032, cursor.peek(), 'norecovery');
  if (values.has('COMPRESSION') && values.has('NO_COMPRESSION'))
    throw cursor.fail(3031, cursor.peek(), 'compression', 'no_compression');
  return { kind: 'backup', what, ...database, devices, options: backupOptions(values) };
}

function backupOptions(values: OptionValues): BackupOptions {
  return {
    format: values.has('FORMAT'),
    init: values.has('INIT'),
    compression: values.has('COMPRESSION'),
    checksum: values.has('CHECKSUM'),
    copyOnly: values.has('COPY_ONLY'),
    differential: values.has('DIFFERENTIAL'),
    noRecovery: values.has('NORECOVERY'),
    name: text(values, 'NAME'),
    description: text(values, 'DESCRIPTION'),
    stats: number(values, 'STATS'),
  };
}

function number(values: OptionValues, option: string): number | null {
  const value = values.get(option);
  return typeof value === 'number' ? value : null;
}

function text(values: OptionValues, option: string): string | null {
  const value = values.get(option);
  return typeof value === 'string' ? value : null;
}

/** The name, or the variable that holds it. */
function parseDatabase(cursor: Cursor): {
  readonly database: string;
  readonly databaseVariable?: string;
} {
  return cursor.peek().kind === 'variable'
    ? { database: '', databaseVariable: cursor.variable() }
    : { database: cursor.name() };
}

function parseDevice(cursor: Cursor): BackupDevice {
  if (cursor.isOneOf('TAPE', 'VIRTUAL_DEVICE') || cursor.isName()) {
    if (!cursor.isOneOf('DISK', 'URL'))
      throw cursor.notSimulated('backup devices other than DISK and URL');
  }
  const medium = cursor.oneOf('DISK', 'URL');
  cursor.expect('=');
  return cursor.peek().kind === 'variable'
    ? { medium, path: '', variable: cursor.variable() }
    : { medium, path: cursor.string() };
}

function parseBackupCertificate(cursor: Cursor): AdminStatement {
  const name = cursor.name();
  cursor.expect('TO', 'FILE', '=');
  const file = cursor.string();
  if (cursor.is('WITH', 'PRIVATE'))
    throw cursor.notSimulated('private keys of certificates in files');
  return { kind: 'backup-certificate', name, file };
}

/** Takes RESTORE. */
export function parseRestore(cursor: Cursor): AdminStatement {
  cursor.expect('RESTORE');
  const word = cursor.oneOf(
    'DATABASE',
    'LOG',
    'FILELISTONLY',
    'HEADERONLY',
    'VERIFYONLY',
    'LABELONLY',
  );
  if (word !== 'DATABASE' && word !== 'LOG') return parseInspect(cursor, word);
  const what = word === 'DATABASE' ? 'database' : 'log';
  const database = parseDatabase(cursor);
  if (cursor.isOneOf('FILE', 'FILEGROUP', 'PAGE')) throw cursor.notSimulated('restore of files');
  const devices = cursor.accept('FROM') ? parseDevices(cursor) : [];
  const moves: { readonly from: string; readonly to: string }[] = [];
  const values = cursor.accept('WITH')
    ? parseRestoreOptions(cursor, moves)
    : new Map<string, unknown>();
  const options: RestoreOptions = {
    recovery: values.has('NORECOVERY') ? 'NORECOVERY' : 'RECOVERY',
    replace: values.has('REPLACE'),
    moves,
    stopAt: text(values, 'STOPAT'),
    file: number(values, 'FILE'),
    checksum: values.has('CHECKSUM'),
    stats: number(values, 'STATS'),
  };
  return { kind: 'restore', what, ...database, devices, options };
}

function parseDevices(cursor: Cursor): readonly BackupDevice[] {
  if (cursor.is('DATABASE_SNAPSHOT')) throw cursor.notSimulated('database snapshots');
  return cursor.list(() => parseDevice(cursor));
}

/** MOVE may be written more than once, everything else only once. */
function parseRestoreOptions(
  cursor: Cursor,
  moves: { readonly from: string; readonly to: string }[],
): OptionValues {
  const values = new Map<string, unknown>();
  do {
    if (
      cursor.isOneOf(
        'STANDBY',
        'STOPATMARK',
        'STOPBEFOREMARK',
        'KEEP_REPLICATION',
        'KEEP_CDC',
        'RESTRICTED_USER',
        'PARTIAL',
      )
    ) {
      throw cursor.notSimulated(`RESTORE WITH ${cursor.peek().upper}`);
    }
    if (cursor.accept('MOVE')) {
      const from = cursor.string();
      cursor.expect('TO');
      moves.push({ from, to: cursor.string() });
      continue;
    }
    const token = cursor.peek();
    for (const [name, value] of parseSingle(cursor)) {
      if (values.has(name)) throw cursor.fail(153, token, token.value, 'RESTORE');
      values.set(name, value);
    }
  } while (cursor.accept(','));
  if (values.has('RECOVERY') && values.has('NORECOVERY'))
    throw cursor.fail(3031, cursor.peek(), 'norecovery', 'recovery');
  return values;
}

/** One option of the table. */
function parseSingle(cursor: Cursor): OptionValues {
  const token = cursor.peek();
  const expected = RESTORE_OPTIONS[token.upper];
  if (expected === undefined)
    throw token.kind === 'word' ? cursor.fail(155, token, token.value, 'RESTORE') : cursor.error();
  return parseOneOption(cursor);
}

function parseOneOption(cursor: Cursor): OptionValues {
  const token = cursor.take();
  const expected = RESTORE_OPTIONS[token.upper];
  if (expected === undefined || expected.kind === 'flag') return new Map([[token.upper, true]]);
  if (expected.kind === 'rule') return new Map([[token.upper, expected.read(cursor)]]);
  cursor.expect('=');
  return new Map<string, unknown>([
    [token.upper, expected.kind === 'integer' ? cursor.integer() : cursor.string()],
  ]);
}

function parseInspect(
  cursor: Cursor,
  word: 'FILELISTONLY' | 'HEADERONLY' | 'VERIFYONLY' | 'LABELONLY',
): AdminStatement {
  cursor.expect('FROM');
  const devices = parseDevices(cursor);
  const values: OptionValues = cursor.accept('WITH')
    ? parseOptionList(cursor, RESTORE_OPTIONS, 'RESTORE')
    : new Map();
  const what =
    word === 'FILELISTONLY'
      ? 'filelistonly'
      : word === 'HEADERONLY'
        ? 'headeronly'
        : word === 'VERIFYONLY'
          ? 'verifyonly'
          : 'labelonly';
  return {
    kind: 'restore-inspect',
    what,
    devices,
    file: number(values, 'FILE'),
    checksum: values.has('CHECKSUM'),
  };
}
