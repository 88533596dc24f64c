/**
 * FreeTDS and pymssql on a whole lab, with TLS and a checked certificate: the monitor query of the
 * article before, during and after a migration with its cutover, which the clients carry out themselves.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { systemRandom } from '../../src/adapters/random.ts';
import { startLab, type Lab } from '../../src/lab/lab.ts';
import { preset } from '../../src/lab/preset/preset.ts';
import { freetdsEnvironment } from '../support/freetds.ts';
import { runProgram, skipWithout } from '../support/program.ts';
import { realClock } from '../support/real-clock.ts';

const PYTHON = '/usr/bin/python3';

/** "Monitor migration" of Microsoft's article "Complete migration using a distributed AG", as printed. */
const MONITOR = `SELECT ag.name 
       , drs.database_id 
       , db_name(drs.database_id) as database_name 
       , drs.group_id 
       , drs.replica_id 
       , drs.synchronization_state_desc 
       , drs.last_hardened_lsn   
FROM sys.dm_hadr_database_replica_states drs  
INNER JOIN sys.availability_groups ag on drs.group_id = ag.group_id; `;

/** bsqldb cannot print a uniqueidentifier. */
const MONITOR_AS_TEXT = MONITOR.replace('drs.group_id \n', 'CONVERT(varchar(36), drs.group_id) \n')
  .replace('drs.replica_id', 'CONVERT(varchar(36), drs.replica_id)')
  .replace('ag.name', 'CONVERT(varchar(40), ag.name)');

const ENDPOINT = `CREATE ENDPOINT [Hadr_endpoint] STATE = STARTED
AS TCP (LISTENER_PORT = 5022, LISTENER_IP = ALL)
FOR DATA_MIRRORING (ROLE = ALL, AUTHENTICATION = WINDOWS NEGOTIATE, ENCRYPTION = REQUIRED ALGORITHM AES);`;

const group = (
  name: string,
  databases: string,
  node: string,
): string => `CREATE AVAILABILITY GROUP [${name}]
WITH (AUTOMATED_BACKUP_PREFERENCE = PRIMARY, DB_FAILOVER = OFF, DTC_SUPPORT = NONE, CLUSTER_TYPE = NONE, REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT = 0)
FOR ${databases} REPLICA ON N'${node}' WITH (ENDPOINT_URL = N'TCP://${node}.contoso.com:5022', FAILOVER_MODE = MANUAL, AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, SEEDING_MODE = AUTOMATIC, BACKUP_PRIORITY = 50, SECONDARY_ROLE (ALLOW_CONNECTIONS = NO));`;

const MEMBERS = ['OnPremAG', 'AzureAG']
  .map((name) => {
    const node = name === 'OnPremAG' ? 'OnPremNode' : 'SQLVM';
    return `'${name}' WITH (LISTENER_URL = 'tcp://${node}.contoso.com:5022', AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT, FAILOVER_MODE = MANUAL, SEEDING_MODE = AUTOMATIC)`;
  })
  .join(', ');

async function start(context: TestContext): Promise<Lab> {
  const definition = preset('standalone');
  assert.ok(definition);
  const directory = mkdtempSync(join(tmpdir(), 'sqlferry-client-lab-'));
  const bugs: unknown[] = [];
  const lab = await startLab({
    definition,
    directory,
    addresses: { kind: 'ports', basePort: 0 },
    clock: realClock,
    random: systemRandom,
    onBug: (error) => bugs.push(error),
  });
  context.after(async () => {
    await lab.close();
    rmSync(directory, { recursive: true, force: true });
    assert.deepEqual(bugs, []);
  });
  return lab;
}

/** Runs batches on one instance with tsql or bsqldb. */
type Client = (instance: 0 | 1, ...batches: readonly string[]) => Promise<string>;

function freetdsEnvironments(context: TestContext, lab: Lab): Readonly<Record<string, string>>[] {
  return lab.instances.map(({ address, port }) =>
    freetdsEnvironment(context, {
      host: address,
      port,
      encryption: 'require',
      authority: lab.authority,
    }),
  );
}

function freetds(context: TestContext, lab: Lab, program: 'tsql' | 'bsqldb'): Client {
  const environments = freetdsEnvironments(context, lab);
  const options = program === 'tsql' ? ['-o', 'q'] : ['-q'];
  return async (instance, ...batches) => {
    const { output } = await runProgram(
      program,
      ['-S', 'lab', '-U', 'sa', '-P', lab.password('sa').reveal(), ...options],
      {
        input: `${batches.join('\ngo\n')}\ngo\n${program === 'tsql' ? 'exit\n' : ''}`,
        environment: environments[instance] ?? {},
      },
    );
    return output;
  };
}

/** Asks until the answer looks right; the limit is far above what the lab takes. */
async function eventually(ask: () => Promise<string>, wanted: RegExp): Promise<string> {
  let answer = '';
  for (let attempt = 0; attempt < 60; attempt += 1) {
    answer = await ask();
    if (wanted.test(answer)) return answer;
    await realClock.sleep(250);
  }
  assert.match(answer, wanted);
  return answer;
}

const SCRIPT = `
import sys, pymssql
connection = pymssql.connect(server='lab', port=sys.argv[3], user='sa', password=sys.argv[1])
cursor = connection.cursor()
cursor.execute(sys.argv[2])
print([column[0] for column in cursor.description])
for row in cursor: print(row[0], row[2], row[3] is not None, row[5], type(row[6]).__name__, row[6])
cursor.execute("select encrypt_option from sys.dm_exec_connections where session_id = @@spid")
print('encrypted', cursor.fetchone()[0])
`;

/** pymssql is built on FreeTDS and takes encryption and authority from the same file. */
function pymssql(context: TestContext, lab: Lab): (instance: 0 | 1) => Promise<string> {
  const environments = freetdsEnvironments(context, lab);
  const password = lab.password('sa').reveal();
  return async (instance) => {
    // It takes all but the port from there.
    const port = String(lab.instances[instance]?.port ?? 0);
    const { status, output } = await runProgram(PYTHON, ['-c', SCRIPT, password, MONITOR, port], {
      environment: environments[instance] ?? {},
    });
    assert.equal(status, 0, output);
    assert.match(output, /^encrypted TRUE$/mu);
    return output;
  };
}

test('tsql, bsqldb and pymssql see a migration through the monitor query as printed', async (context) => {
  if (skipWithout(context, 'tsql', '-C') || skipWithout(context, 'bsqldb', '-h')) return;
  const withPython = !(await runProgram(PYTHON, ['-c', 'import pymssql']).then(
    ({ status }) => status !== 0,
    () => true,
  ));
  if (!withPython) context.diagnostic('pymssql is not installed: its part is left out');
  const lab = await start(context);
  const tsql = freetds(context, lab, 'tsql');
  const bsqldb = freetds(context, lab, 'bsqldb');
  const python = pymssql(context, lab);

  const encrypted = 'select encrypt_option from sys.dm_exec_connections where session_id = @@spid';
  assert.match(await tsql(0, encrypted), /^TRUE$/mu);

  // Before: no group, no row, no error.
  const header =
    /name\tdatabase_id\tdatabase_name\tgroup_id\treplica_id\tsynchronization_state_desc\tlast_hardened_lsn\n?$/u;
  assert.match((await tsql(0, MONITOR)).trimEnd(), header);
  assert.doesNotMatch(await bsqldb(0, MONITOR_AS_TEXT), /Msg|error/iu);
  if (withPython) assert.match(await python(0), /'last_hardened_lsn'\]\nencrypted/u);

  // The articles' steps, by the client.
  const quiet = /^(?!.*Msg \d+ \(severity 1[1-9])/su;
  assert.match(
    await tsql(0, ENDPOINT, group('OnPremAG', 'DATABASE [Adventureworks]', 'OnPremNode')),
    quiet,
  );
  const azure = [
    ENDPOINT,
    group('AzureAG', '', 'SQLVM'),
    'ALTER AVAILABILITY GROUP [AzureAG] GRANT CREATE ANY DATABASE',
  ];
  assert.match(await tsql(1, ...azure), quiet);
  const local =
    /^OnPremAG\t\d+\tAdventureworks\t[0-9A-F-]{36}\t[0-9A-F-]{36}\tSYNCHRONIZED\t\d{15,25}$/mu;
  assert.match(await tsql(0, MONITOR), local);
  const make = `CREATE AVAILABILITY GROUP [DAG] WITH (DISTRIBUTED) AVAILABILITY GROUP ON ${MEMBERS}`;
  const joining = `ALTER AVAILABILITY GROUP [DAG] JOIN AVAILABILITY GROUP ON ${MEMBERS}`;
  assert.deepEqual(lab.fault({ fault: 'bandwidth', bytesPerSecond: 20_000 }).ok, true);
  assert.match(await tsql(0, make), quiet);
  assert.match(await tsql(1, joining), quiet);

  // While the image travels: the source shows the group and no copy in step, the target nothing in step.
  const seedingOnSource = await eventually(() => tsql(0, MONITOR), /^DAG\t/mu);
  assert.match(
    seedingOnSource,
    /^DAG\t\d+\tAdventureworks\t[0-9A-F-]{36}\t[0-9A-F-]{36}\tNOT SYNCHRONIZING\t/mu,
  );
  assert.doesNotMatch(await tsql(1, MONITOR), /\tSYNCHRONIZ(?:ED|ING)\t/u);
  if (withPython) {
    assert.match(await python(0), /^DAG Adventureworks True NOT SYNCHRONIZING /mu);
    assert.doesNotMatch(await python(1), / True SYNCHRONIZ/u);
  }
  assert.deepEqual(lab.fault({ fault: 'bandwidth', bytesPerSecond: 1_000_000_000 }).ok, true);

  // After the seeding.
  const distributed = /^DAG\t\d+\tAdventureworks\t.*\tSYNCHRONIZING\t\d{15,25}$/mu;
  await eventually(() => tsql(0, MONITOR), distributed);
  await eventually(
    () => tsql(1, MONITOR),
    /^AzureAG\t\d+\tAdventureworks\t.*\tSYNCHRONIZED\t\d{15,25}$/mu,
  );
  assert.match(
    await bsqldb(1, MONITOR_AS_TEXT),
    /AzureAG\s+\d+\s+Adventureworks.*SYNCHRONIZED\s+\d{15,25}/u,
  );
  if (withPython) {
    const seen = await python(0);
    assert.match(seen, /^DAG Adventureworks True SYNCHRONIZING Decimal \d{15,25}$/mu);
    assert.match(seen, /^OnPremAG Adventureworks True SYNCHRONIZED Decimal \d{15,25}$/mu);
    assert.match(await python(1), /^AzureAG Adventureworks True SYNCHRONIZED Decimal \d{15,25}$/mu);
  }

  // The switch, as the article orders it: synchronous on both sides, equal, demote, promote.
  const synchronous = `ALTER AVAILABILITY GROUP [DAG] MODIFY AVAILABILITY GROUP ON 'OnPremAG' WITH (AVAILABILITY_MODE = SYNCHRONOUS_COMMIT), 'AzureAG' WITH (AVAILABILITY_MODE = SYNCHRONOUS_COMMIT)`;
  assert.match(await tsql(0, synchronous), quiet);
  assert.match(await tsql(1, synchronous), quiet);
  const inStep = /^DAG\t\d+\tAdventureworks\t.*\tSYNCHRONIZED\t(\d{15,25})$/mu;
  const last = inStep.exec(await eventually(() => tsql(0, MONITOR), inStep))?.[1];
  assert.match(await tsql(1, MONITOR), new RegExp(`^AzureAG\\t.*\\tSYNCHRONIZED\\t${last}$`, 'mu'));
  assert.match(await tsql(0, 'ALTER AVAILABILITY GROUP [DAG] SET (ROLE = SECONDARY)'), quiet);
  // Between the two nobody is primary: no row of the distributed group on either side.
  assert.doesNotMatch(await tsql(0, MONITOR), /^DAG\t/mu);
  assert.doesNotMatch(await tsql(1, MONITOR), /^DAG\t/mu);
  assert.match(await tsql(0, 'SELECT COUNT(*) FROM Adventureworks.sales.orders'), /Msg 976 /u);
  assert.match(
    await tsql(1, 'ALTER AVAILABILITY GROUP [DAG] FORCE_FAILOVER_ALLOW_DATA_LOSS'),
    quiet,
  );

  // After: the sides have changed places.
  await eventually(() => tsql(1, MONITOR), inStep);
  assert.match(await tsql(1, MONITOR), /^AzureAG\t\d+\tAdventureworks\t.*\tSYNCHRONIZED\t\d/mu);
  const former = await eventually(
    () => tsql(0, MONITOR),
    /^OnPremAG\t\d+\tAdventureworks\t.*\tSYNCHRONIZED\t\d/mu,
  );
  assert.doesNotMatch(former, /^DAG\t/mu);
  assert.match(await bsqldb(1, MONITOR_AS_TEXT), /DAG\s+\d+\s+Adventureworks.*SYNCHRONIZED\s+\d/u);
  if (withPython) {
    assert.match(await python(1), /^DAG Adventureworks True SYNCHRONIZED Decimal \d{15,25}$/mu);
    assert.match(
      await python(0),
      /^OnPremAG Adventureworks True SYNCHRONIZED Decimal \d{15,25}$/mu,
    );
  }
  assert.match(await tsql(1, 'SELECT COUNT(*) FROM Adventureworks.sales.orders'), /^10400$/mu);
  assert.match(await tsql(0, 'SELECT COUNT(*) FROM Adventureworks.sales.orders'), /Msg 976 /u);
});
