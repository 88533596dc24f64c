/** BACKUP and RESTORE as a DBA types them: what comes back, what is refused, and what msdb remembers. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { World } from '../../src/lab/world/world.ts';
import { connect, instanceDefinition, startWorld, until } from '../support/two-server-world.ts';
import type { Client } from '../support/two-server-world.ts';

const SHARE = '\\\\files\\migration';
const name = 'Adventureworks';

const to = (file: string): string => `TO DISK = N'${SHARE}\\${file}'`;
const from = (file: string): string => `FROM DISK = N'${SHARE}\\${file}'`;

function digest(world: World, instance: string, database = name): string | undefined {
  return world.store(instance, database)?.digest();
}

async function both(world: World): Promise<readonly [Client, Client]> {
  const source = await connect(world, 'OnPremNode');
  const target = await connect(world, 'SQLVM');
  await source.run(`CREATE TABLE ${name}.dbo.t (id int PRIMARY KEY)`);
  await source.run(`INSERT INTO ${name}.dbo.t VALUES (1)`);
  return [source, target];
}

const insert = (client: Client, id: number): Promise<unknown> =>
  client.run(`INSERT INTO ${name}.dbo.t (id) VALUES (${id})`);

test('full, differential and log backups restore to the same rows, in this order and in no other', async (t) => {
  const world = startWorld(t);
  const [source, target] = await both(world);
  await source.run(
    `BACKUP DATABASE ${name} ${to('full.bak')} WITH INIT, COMPRESSION, NAME = 'weekly'`,
  );
  await insert(source, 2);
  await source.run(`BACKUP DATABASE ${name} ${to('diff.bak')} WITH DIFFERENTIAL`);
  await insert(source, 3);
  await source.run(`BACKUP LOG ${name} ${to('log1.trn')} WITH CHECKSUM`);
  await insert(source, 4);
  await source.run(`BACKUP LOG ${name} ${to('log2.trn')}`);
  assert.deepEqual(
    await target.fail(`RESTORE LOG ${name} ${from('log1.trn')} WITH NORECOVERY`),
    [3118, 3013],
  );
  await target.run(`RESTORE DATABASE ${name} ${from('full.bak')} WITH NORECOVERY`);
  assert.deepEqual(
    await target.fail(`RESTORE LOG ${name} ${from('log2.trn')} WITH NORECOVERY`),
    [4305, 3013],
  );
  await target.run(`RESTORE DATABASE ${name} ${from('diff.bak')} WITH NORECOVERY`);
  await target.run(`RESTORE LOG ${name} ${from('log1.trn')} WITH NORECOVERY`);
  await target.run(`RESTORE LOG ${name} ${from('log2.trn')} WITH NORECOVERY`);
  assert.deepEqual(
    await target.fail(`RESTORE LOG ${name} ${from('log1.trn')} WITH NORECOVERY`),
    [4326, 3013],
  );
  assert.deepEqual(await target.fail(`SELECT 1 FROM ${name}.dbo.t`), [927]);
  await target.run(`RESTORE DATABASE ${name} WITH RECOVERY`);
  assert.equal(digest(world, 'SQLVM'), digest(world, 'OnPremNode'));
  assert.deepEqual(await target.fail(`RESTORE DATABASE ${name} WITH RECOVERY`), [3153, 3013]);
  assert.deepEqual(await target.fail(`RESTORE LOG ${name} ${from('log2.trn')}`), [3117, 3013]);
  assert.deepEqual(await target.fail(`RESTORE DATABASE ${name} ${from('full.bak')}`), [3159, 3013]);
  const history = await target.run(
    `SELECT destination_database_name, restore_type, recovery FROM msdb.dbo.restorehistory ORDER BY restore_history_id`,
  );
  assert.deepEqual(history, [
    [name, 'D', false],
    [name, 'I', false],
    [name, 'L', false],
    [name, 'L', false],
  ]);
});

test('a differential backup stands on the last full one that is not copy-only', async (t) => {
  const world = startWorld(t);
  const [source, target] = await both(world);
  await source.run(`BACKUP DATABASE ${name} ${to('base.bak')}`);
  await source.run(`BACKUP DATABASE ${name} ${to('copy.bak')} WITH COPY_ONLY`);
  await insert(source, 2);
  await source.run(`BACKUP DATABASE ${name} ${to('diff.bak')} WITH DIFFERENTIAL`);
  await target.run(`RESTORE DATABASE ${name} ${from('copy.bak')} WITH NORECOVERY`);
  const diff = `RESTORE DATABASE ${name} ${from('diff.bak')} WITH RECOVERY`;
  assert.deepEqual(await target.fail(diff), [3136, 3013]);
  await target.run(`RESTORE DATABASE ${name} ${from('base.bak')} WITH NORECOVERY`);
  await target.run(diff);
  assert.deepEqual(await target.run(`SELECT COUNT(*) FROM ${name}.dbo.t`), [[2]]);
});

test('the log chain: none before a full backup, none under SIMPLE, and COPY_ONLY leaves it alone', async (t) => {
  const world = startWorld(t);
  const [source, target] = await both(world);
  await source.run('CREATE DATABASE fresh');
  const backUpLog = (file: string, options = ''): string =>
    `BACKUP LOG fresh ${to(file)} WITH INIT${options}`;
  assert.deepEqual(await source.fail(backUpLog('f1.trn')), [4214, 3013]);
  assert.deepEqual(
    await source.fail(`BACKUP DATABASE fresh ${to('d')} WITH DIFFERENTIAL`),
    [3035, 3013],
  );
  await source.run(`BACKUP DATABASE fresh ${to('copy.bak')} WITH COPY_ONLY`);
  assert.deepEqual(await source.fail(backUpLog('f1.trn')), [4214, 3013]);
  await source.run(`BACKUP DATABASE fresh ${to('fresh.bak')}`);
  await source.run('CREATE TABLE fresh.dbo.t (id int)');
  await source.run(backUpLog('aside.trn', ', COPY_ONLY'));
  await source.run('INSERT INTO fresh.dbo.t VALUES (1)');
  await source.run(backUpLog('f1.trn'));
  await target.run(`RESTORE DATABASE fresh ${from('fresh.bak')} WITH NORECOVERY`);
  await target.run(`RESTORE LOG fresh ${from('f1.trn')} WITH RECOVERY`);
  assert.deepEqual(await target.run('SELECT COUNT(*) FROM fresh.dbo.t'), [[1]]);
  await source.run('ALTER DATABASE fresh SET RECOVERY SIMPLE');
  assert.deepEqual(await source.fail(backUpLog('f2.trn')), [4208, 3013]);
  await source.run('ALTER DATABASE fresh SET RECOVERY FULL');
  assert.deepEqual(await source.fail(backUpLog('f2.trn')), [4214, 3013]);
});

test('after its own way a database takes no log of the old one (4330), and the tail ends a database', async (t) => {
  const world = startWorld(t);
  const [source, target] = await both(world);
  await source.run(`BACKUP DATABASE ${name} ${to('full.bak')}`);
  await target.run(`RESTORE DATABASE ${name} ${from('full.bak')} WITH RECOVERY`);
  await insert(target, 10);
  await target.run(`BACKUP LOG ${name} ${to('other.trn')}`);
  await target.run('USE master');
  await insert(source, 2);
  await source.run(`BACKUP LOG ${name} ${to('tail.trn')} WITH NORECOVERY`);
  assert.deepEqual(await source.fail(`SELECT 1 FROM ${name}.dbo.t`), [927]);
  assert.deepEqual(
    await source.fail(`RESTORE LOG ${name} ${from('other.trn')} WITH NORECOVERY`),
    [4330, 3013],
  );
  await target.run(`RESTORE DATABASE ${name} ${from('full.bak')} WITH NORECOVERY, REPLACE`);
  await target.run(`RESTORE LOG ${name} ${from('tail.trn')} WITH RECOVERY`);
  assert.deepEqual(await target.run(`SELECT id FROM ${name}.dbo.t ORDER BY id`), [[1], [2]]);
});

test('stripes need each other, files are appended to, and damage is noticed', async (t) => {
  const world = startWorld(t);
  const [source, target] = await both(world);
  const stripes = `DISK = N'${SHARE}\\s1.bak', DISK = N'${SHARE}\\s2.bak', DISK = N'${SHARE}\\s3.bak'`;
  await source.run(`BACKUP DATABASE ${name} TO ${stripes} WITH FORMAT, CHECKSUM`);
  const two = `DISK = N'${SHARE}\\s3.bak', DISK = N'${SHARE}\\s1.bak'`;
  assert.deepEqual(await target.fail(`RESTORE DATABASE ${name} FROM ${two}`), [3132, 3013]);
  assert.deepEqual(await source.fail(`BACKUP DATABASE ${name} TO ${two} WITH INIT`), [3132, 3013]);
  await target.run(
    `RESTORE DATABASE ${name} FROM ${two}, DISK = N'${SHARE}\\s2.bak' WITH CHECKSUM`,
  );
  assert.equal(digest(world, 'SQLVM'), digest(world, 'OnPremNode'));
  await source.run(`BACKUP DATABASE ${name} ${to('both.bak')}`);
  await insert(source, 2);
  await source.run(`BACKUP DATABASE ${name} ${to('both.bak')}`);
  const headers = await source.run(`RESTORE HEADERONLY ${from('both.bak')}`);
  assert.deepEqual(
    headers.map((row) => row[5]),
    [1, 2],
  );
  await target.run(`RESTORE DATABASE second ${from('both.bak')} WITH FILE = 2, ${moves('second')}`);
  assert.deepEqual(await target.run('SELECT COUNT(*) FROM second.dbo.t'), [[2]]);
  assert.deepEqual(
    await target.fail(`RESTORE DATABASE third ${from('both.bak')} WITH FILE = 3`),
    [4038, 3013],
  );
  assert.deepEqual(
    await target.fail(`RESTORE VERIFYONLY ${from('both.bak')} WITH CHECKSUM`),
    [3187, 3013],
  );
  damage(world, 's2.bak', (bytes) =>
    Buffer.concat([bytes.subarray(0, -1), Buffer.of((bytes.at(-1) ?? 0) ^ 1)]),
  );
  assert.deepEqual(await target.fail(`RESTORE VERIFYONLY FROM ${stripes}`), [3189, 3013]);
  damage(world, 'both.bak', (bytes) => bytes.subarray(0, bytes.length - 1));
  assert.deepEqual(
    await target.fail(`RESTORE VERIFYONLY ${from('both.bak')} WITH FILE = 2`),
    [3287, 3013],
  );
  damage(world, 'both.bak', () => Buffer.from('a letter'));
  assert.deepEqual(await target.fail(`RESTORE DATABASE x ${from('both.bak')}`), [3241, 3013]);
});

const moves = (database: string): string =>
  `MOVE N'${name}' TO N'F:\\SQLData\\${database}.mdf', MOVE N'${name}_log' TO N'G:\\SQLLog\\${database}.ldf'`;

/** Changes a backup file on the disk of this machine, as a broken share would. */
function damage(world: World, file: string, change: (bytes: Buffer) => Uint8Array): void {
  const folder = join(world.fileDirectory, 'shares', 'files', 'migration');
  assert.ok(readdirSync(folder).includes(file), `${file} is in ${folder}`);
  const path = join(folder, file);
  writeFileSync(path, change(readFileSync(path)));
}

test('MOVE, paths that are missing, names that are taken, and a full disk', async (t) => {
  const world = startWorld(t);
  const [source, target] = await both(world);
  await source.run(`BACKUP DATABASE ${name} ${to('full.bak')}`);
  world.setPath('SQLVM', 'F:\\SQLData', 'missing');
  const restore = `RESTORE DATABASE ${name} ${from('full.bak')} WITH NORECOVERY`;
  assert.deepEqual(await target.fail(restore), [5133, 3156, 3119, 3013]);
  await target.run(
    `${restore}, MOVE N'${name}' TO N'H:\\Data\\a.mdf', MOVE N'${name}_log' TO N'H:\\Log\\a.ldf'`,
  );
  assert.deepEqual(
    await target.run(
      `SELECT name, physical_name, state_desc FROM sys.master_files WHERE database_id = DB_ID(N'${name}') ORDER BY file_id`,
    ),
    [
      [name, 'H:\\Data\\a.mdf', 'RESTORING'],
      [`${name}_log`, 'H:\\Log\\a.ldf', 'RESTORING'],
    ],
  );
  assert.deepEqual(
    await target.fail(
      `RESTORE DATABASE other ${from('full.bak')} WITH MOVE N'${name}' TO N'H:\\Data\\A.MDF', MOVE N'${name}_log' TO N'H:\\Log\\b.ldf'`,
    ),
    [1834, 3156, 3119, 3013],
  );
  assert.deepEqual(
    await target.fail(`RESTORE DATABASE other ${from('full.bak')} WITH MOVE N'nobody' TO N'H:\\x'`),
    [3234, 3013],
  );
  await target.run('CREATE DATABASE taken');
  assert.deepEqual(await target.fail(`RESTORE DATABASE taken ${from('full.bak')}`), [3154, 3013]);
  world.setPath('SQLVM', SHARE, 'denied');
  assert.deepEqual(await target.fail(restore), [3201, 3013]);
  assert.match(
    (await target.ask(restore)).errors[0]?.text ?? '',
    /Operating system error 5\(Access is denied\.\)/u,
  );
  world.setPath('SQLVM', SHARE, null);
  await target.run(restore);
  world.setPath('OnPremNode', SHARE, 'full');
  assert.deepEqual(await source.fail(`BACKUP DATABASE ${name} ${to('more.bak')}`), [3202, 3013]);
  world.setPath('OnPremNode', SHARE, 'read-only');
  assert.deepEqual(await source.fail(`BACKUP DATABASE ${name} ${to('more.bak')}`), [3201, 3013]);
});

test('who may, what is in use, and what runs already', async (t) => {
  const world = startWorld(t);
  const [source, target] = await both(world);
  const writer = await connect(world, 'OnPremNode', { user: 'app_writer' });
  const backUp = `BACKUP DATABASE ${name} ${to('full.bak')} WITH INIT`;
  assert.deepEqual(await writer.fail(backUp), [262, 3013]);
  await source.run(
    `USE ${name}; CREATE USER app_writer FOR LOGIN app_writer; ALTER ROLE db_backupoperator ADD MEMBER app_writer`,
  );
  await writer.run(backUp);
  assert.deepEqual(await writer.fail(`RESTORE DATABASE x ${from('full.bak')}`), [3110, 3013]);
  assert.deepEqual(
    await source.fail(`RESTORE DATABASE ${name} ${from('full.bak')} WITH REPLACE`),
    [3102, 3013],
  );
  await target.run(`RESTORE DATABASE ${name} ${from('full.bak')}`);
  const reader = await connect(world, 'SQLVM');
  await reader.run(`USE ${name}`);
  assert.deepEqual(
    await target.fail(`RESTORE DATABASE ${name} ${from('full.bak')} WITH REPLACE`),
    [3101, 3013],
  );
  assert.deepEqual(await source.fail(`BACKUP DATABASE tempdb ${to('t.bak')}`), [3147, 3013]);
  assert.deepEqual(await source.fail(`BACKUP DATABASE nobody ${to('t.bak')}`), [911, 3013]);
});

test('a running backup shows its progress, refuses a second one (3023), and can be cancelled', async (t) => {
  const world = startWorld(t);
  const [source, target] = await both(world);
  const size = world.store('OnPremNode', name)?.dataBytes() ?? 0;
  world.setBackupRate(size * 2);
  const other = await connect(world, 'OnPremNode');
  const running = source.ask(`BACKUP DATABASE ${name} ${to('slow.bak')} WITH STATS = 25`);
  await until('it moves', () => percentOn(world) > 0);
  const seen = await other.run(
    `SELECT command, percent_complete, estimated_completion_time FROM sys.dm_exec_requests WHERE percent_complete > 0`,
  );
  assert.equal(seen[0]?.[0], 'BACKUP DATABASE');
  assert.ok(Number(seen[0]?.[1]) > 0 && Number(seen[0]?.[1]) < 100);
  assert.ok(Number(seen[0]?.[2]) > 0);
  assert.deepEqual(await other.fail(`BACKUP DATABASE ${name} ${to('second.bak')}`), [3023, 3013]);
  await other.run(`INSERT INTO ${name}.dbo.t VALUES (99)`);
  const { errors, infos } = await running;
  assert.deepEqual(errors, []);
  assert.deepEqual(
    infos.map((info) => info.number),
    [3211, 3211, 3211, 3211, 4035, 4035, 3014],
  );
  // What was committed while the backup ran is in it.
  world.setBackupRate(null);
  await target.run(`RESTORE DATABASE ${name} ${from('slow.bak')} WITH NORECOVERY`);
  await target.run(`RESTORE DATABASE ${name} WITH RECOVERY`);
  assert.deepEqual(await target.run(`SELECT COUNT(*) FROM ${name}.dbo.t WHERE id = 99`), [[1]]);
  world.setBackupRate(1);
  const abort = new AbortController();
  const cancelled = source.ask(`BACKUP DATABASE ${name} ${to('never.bak')}`, abort.signal);
  await until('it runs', () =>
    world.record('OnPremNode').sessions.some((each) => (each.state.progress ?? null) !== null),
  );
  abort.abort();
  await cancelled;
  world.setBackupRate(null);
  assert.deepEqual(await target.fail(`RESTORE HEADERONLY ${from('never.bak')}`), [3201, 3013]);
});

/** `percent_complete` of what runs on the source; -1 when nothing does. */
function percentOn(world: World): number {
  const { sessions } = world.record('OnPremNode');
  return Math.max(-1, ...sessions.map((each) => each.state.progress?.percent ?? -1));
}

test('HEADERONLY, FILELISTONLY, LABELONLY and msdb say the same about a backup', async (t) => {
  const world = startWorld(t);
  const [source] = await both(world);
  await source.run(
    `BACKUP DATABASE ${name} ${to('a.bak')} WITH COMPRESSION, COPY_ONLY, NAME = N'o''ne'`,
  );
  const [header] = await source.run(`RESTORE HEADERONLY ${from('a.bak')}`);
  assert.ok(header !== undefined);
  assert.equal(header.length, 59, 'the columns of SQL Server 2022');
  const [files] = [await source.run(`RESTORE FILELISTONLY ${from('a.bak')}`)];
  assert.deepEqual(
    files.map((row) => [row[0], row[1], row[2]]),
    [
      [name, `F:\\SQLData\\${name}.mdf`, 'D'],
      [`${name}_log`, `G:\\SQLLog\\${name}_log.ldf`, 'L'],
    ],
  );
  const [label] = await source.run(`RESTORE LABELONLY ${from('a.bak')}`);
  assert.deepEqual([label?.[2], label?.[3], label?.[12]], [1, 1, true]);
  const rows = await source.run(
    `SELECT s.name, s.type, s.is_copy_only, s.backup_set_uuid, s.first_lsn, s.last_lsn, s.has_backup_checksums, f.physical_device_name, m.is_compressed
     FROM msdb.dbo.backupset s JOIN msdb.dbo.backupmediafamily f ON f.media_set_id = s.media_set_id
     JOIN msdb.dbo.backupmediaset m ON m.media_set_id = s.media_set_id WHERE s.name = N'o''ne'`,
  );
  assert.deepEqual(rows, [
    ["o'ne", 'D', true, header[50], header[13], header[14], true, `${SHARE}\\a.bak`, true],
  ]);
  const pages = await source.run(
    `SELECT logical_name, file_type FROM msdb.dbo.backupfile WHERE backup_set_id = (SELECT MAX(backup_set_id) FROM msdb.dbo.backupset) ORDER BY file_number`,
  );
  assert.deepEqual(pages, [
    [name, 'D'],
    [`${name}_log`, 'L'],
  ]);
  assert.deepEqual(
    (await source.ask(`RESTORE VERIFYONLY ${from('a.bak')} WITH CHECKSUM`)).infos.map(
      (each) => each.number,
    ),
    [3262],
  );
  assert.deepEqual(await source.fail(`RESTORE HEADERONLY ${from('none.bak')}`), [3201, 3013]);
});

test('a newer backup is refused by an older server (3169), an older one is upgraded', async (t) => {
  const world = startWorld(t, {
    instances: [
      instanceDefinition('OnPremNode', {
        version: { year: 2019, major: 15, minor: 0, build: 4322, revision: 2 },
        databases: [{ name, recoveryModel: 'FULL', fullBackupTaken: true, load: null }],
      }),
      instanceDefinition('SQLVM'),
    ],
  });
  const [source, target] = await both(world);
  await source.run(`BACKUP DATABASE ${name} ${to('old.bak')}`);
  assert.equal((await source.run(`RESTORE HEADERONLY ${from('old.bak')}`))[0]?.length, 56);
  await target.run(`RESTORE DATABASE ${name} ${from('old.bak')}`);
  await target.run(`BACKUP DATABASE ${name} ${to('new.bak')}`);
  const answer = await source.ask(`RESTORE DATABASE back ${from('new.bak')}`);
  assert.deepEqual(
    answer.errors.map((each) => each.number),
    [3169, 3013],
  );
  assert.match(answer.errors[0]?.text ?? '', /version 957\..* version 904\./u);
});

test('a backup of a database under TDE needs the certificate where it is restored (33111)', async (t) => {
  const thumbprint = '0x1122334455667788990011223344556677889900';
  const stated = {
    encryption_state: 3,
    encryptor_thumbprint: thumbprint,
    encryptor_type: 'CERTIFICATE',
  };
  const database = {
    name,
    recoveryModel: 'FULL',
    fullBackupTaken: true,
    load: null,
    catalog: { 'sys.dm_database_encryption_keys': [stated] },
  } as const;
  const world = startWorld(t, {
    instances: [
      instanceDefinition('OnPremNode', { databases: [database] }),
      instanceDefinition('SQLVM'),
      instanceDefinition('Ready', {
        catalog: {
          'sys.certificates': [{ name: 'TDECert', thumbprint, pvt_key_encryption_type: 'MK' }],
        },
      }),
    ],
  });
  const [source, target] = await both(world);
  await source.run(`BACKUP DATABASE ${name} ${to('secret.bak')}`);
  assert.deepEqual(
    await target.fail(`RESTORE DATABASE ${name} ${from('secret.bak')}`),
    [33_111, 3013],
  );
  const ready = await connect(world, 'Ready');
  await ready.run(`RESTORE DATABASE ${name} ${from('secret.bak')}`);
  assert.equal(digest(world, 'Ready'), digest(world, 'OnPremNode'));
});

test('STOPAT restores what was committed until then, and waits while it is not reached', async (t) => {
  const world = startWorld(t);
  const [source, target] = await both(world);
  await source.run(`BACKUP DATABASE ${name} ${to('full.bak')}`);
  await insert(source, 2);
  const moment = await moments(source);
  await insert(source, 3);
  await source.run(`ALTER TABLE ${name}.dbo.t ADD note nvarchar(20) NULL`);
  await source.run(`BACKUP LOG ${name} ${to('1.trn')} WITH COMPRESSION`);
  const later = await moments(source);
  await insert(source, 4);
  await source.run(`BACKUP LOG ${name} ${to('2.trn')}`);
  const restoreFull = `RESTORE DATABASE ${name} ${from('full.bak')} WITH NORECOVERY, REPLACE`;
  const restoreLog = (file: string, at: string): string =>
    `RESTORE LOG ${name} ${from(file)} WITH STOPAT = N'${at}', RECOVERY`;
  await target.run(restoreFull);
  await target.run(restoreLog('1.trn', moment));
  assert.deepEqual(await target.run(`SELECT * FROM ${name}.dbo.t ORDER BY id`), [[1], [2]]);
  await target.run(restoreFull);
  await target.run(restoreLog('1.trn', later));
  assert.deepEqual(await target.fail(`SELECT 1 FROM ${name}.dbo.t`), [927], 'more log is expected');
  await target.run(restoreLog('2.trn', later));
  assert.deepEqual(await target.run(`SELECT id FROM ${name}.dbo.t ORDER BY id`), [[1], [2], [3]]);
  assert.deepEqual(await target.fail(`${restoreFull}, STOPAT = N'2001-01-01'`), [4338, 3013]);
  assert.deepEqual(await target.fail(`${restoreFull}, STOPAT = N'tomorrow'`), [3217, 3013]);
});

/** The server's time, with nothing committed in the same milliseconds. */
async function moments(client: Client): Promise<string> {
  await client.run("WAITFOR DELAY '00:00:00.010'");
  const [[text] = []] = await client.run('SELECT CONVERT(nvarchar(30), SYSUTCDATETIME(), 121)');
  await client.run("WAITFOR DELAY '00:00:00.010'");
  assert.ok(typeof text === 'string');
  return text;
}

test('names and paths may stand in variables', async (t) => {
  const world = startWorld(t);
  const [source, target] = await both(world);
  const path = `DECLARE @path nvarchar(260) = N'${SHARE}\\' + N'by variable.bak', @db sysname = N'${name}'`;
  await source.run(`${path}; BACKUP DATABASE @db TO DISK = @path WITH INIT, NAME = N'x'`);
  await target.run(`${path}; RESTORE DATABASE @db FROM DISK = @path WITH RECOVERY`);
  assert.equal(digest(world, 'SQLVM'), digest(world, 'OnPremNode'));
  const header = await target.run(`${path}; RESTORE HEADERONLY FROM DISK = @path`);
  assert.equal(header[0]?.[0], 'x');
  assert.deepEqual(await source.fail(`BACKUP DATABASE @db ${to('a')}`), [137]);
  assert.deepEqual(
    await source.fail(`DECLARE @db sysname; BACKUP DATABASE @db ${to('a')}`),
    [3025],
  );
  assert.deepEqual(
    await source.fail(`DECLARE @p sysname; BACKUP DATABASE ${name} TO DISK = @p`),
    [3044],
  );
});
