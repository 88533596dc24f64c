/** The releases of SQL Server as servers of the lab: words, columns, properties and backups that each knows. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProductVersion } from '../../src/lab/hadr/state.ts';
import { copyState, DATABASE, makeDag, SOURCE, TARGET } from '../support/dag-world.ts';
import { connect, instanceDefinition, startWorld, until } from '../support/two-server-world.ts';

const builds: readonly ProductVersion[] = [
  { year: 2016, major: 13, minor: 0, build: 6300, revision: 2 },
  { year: 2017, major: 14, minor: 0, build: 3456, revision: 2 },
  { year: 2019, major: 15, minor: 0, build: 4322, revision: 2 },
  { year: 2022, major: 16, minor: 0, build: 4135, revision: 4 },
  { year: 2025, major: 17, minor: 0, build: 1000, revision: 7 },
];

/** Column, its view, and the first release that has it. */
const columns: readonly (readonly [string, string, number])[] = [
  ['seeding_mode', 'sys.availability_replicas', 2016],
  ['cluster_type', 'sys.availability_groups', 2017],
  ['required_synchronized_secondaries_to_commit', 'sys.availability_groups', 2017],
  ['is_contained', 'sys.availability_groups', 2019],
  ['read_write_routing_url', 'sys.availability_replicas', 2019],
  ['last_valid_restore_time', 'msdb.dbo.backupset', 2022],
];

for (const version of builds) {
  test(`SQL Server ${version.year}: its words, its columns, its name`, async (t) => {
    const database = {
      name: 'db',
      recoveryModel: 'FULL',
      fullBackupTaken: true,
      load: null,
    } as const;
    const world = startWorld(t, {
      instances: [instanceDefinition('ONE', { version, databases: [database] })],
    });
    const sa = await connect(world, 'ONE');
    assert.deepEqual(
      await sa.run(`SELECT CONVERT(nvarchar(9), SERVERPROPERTY('ProductMajorVersion'))`),
      [[String(version.major)]],
    );
    for (const [column, view, since] of columns) {
      const { errors } = await sa.ask(`SELECT ${column} FROM ${view}`);
      const expected = version.year >= since ? [] : [207];
      assert.deepEqual(
        errors.map((error) => error.number),
        expected,
        `${view}.${column}`,
      );
    }
    const group = `CREATE AVAILABILITY GROUP ag WITH (CLUSTER_TYPE = NONE) FOR DATABASE db REPLICA ON N'ONE'
      WITH (ENDPOINT_URL = N'TCP://one:5022', AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, FAILOVER_MODE = MANUAL)`;
    // A syntax error refuses the whole batch: nothing before it has run.
    const { errors } = await sa.ask(`CREATE TABLE db.dbo.t (id int); ${group}`);
    assert.deepEqual(
      errors.map((error) => error.number),
      version.year === 2016 ? [102] : [],
    );
    const made = await sa.run(`SELECT COUNT(*) FROM db.sys.tables`);
    assert.deepEqual(made, [[version.year === 2016 ? 0 : 1]]);
    await sa.run(`BACKUP DATABASE db TO DISK = N'db.bak' WITH COPY_ONLY`);
    const [header] = await sa.run(`RESTORE HEADERONLY FROM DISK = N'db.bak'`);
    assert.equal(header?.length, version.year >= 2022 ? 59 : 56);
  });
}

test('a forwarder of 2025 takes full and differential backups', async (t) => {
  const version = builds.at(-1);
  assert.ok(version !== undefined);
  const world = startWorld(t, {
    instances: [
      instanceDefinition(SOURCE, {
        version,
        databases: [{ name: DATABASE, recoveryModel: 'FULL', fullBackupTaken: true, load: null }],
      }),
      instanceDefinition(TARGET, { version }),
    ],
    settings: { seedingMs: 50, tickMs: 20, sessionTimeoutMs: 10_000 },
  });
  const clients = [await connect(world, SOURCE), await connect(world, TARGET)] as const;
  await makeDag(world, clients, { seeding: 'AUTOMATIC' });
  await until('it flows', () => copyState(world) === 'SYNCHRONIZING');
  const backUp = `BACKUP DATABASE ${DATABASE} TO DISK = N'\\\\files\\m\\t.bak'`;
  await clients[1].run(backUp);
  await clients[1].run(`${backUp} WITH DIFFERENTIAL`);
});
