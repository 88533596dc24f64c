/** Listeners and readers: who is sent on where, through the real driver and FreeTDS, and where backups belong. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, after, test } from 'node:test';

import { Connection, Request } from 'tedious';

import { systemClock } from '../../src/adapters/clock.ts';
import { systemRandom } from '../../src/adapters/random.ts';
import { startLab, type Lab } from '../../src/lab/lab.ts';
import { availabilityGroupPreset } from '../../src/lab/preset/availability-group.ts';
import { until } from '../support/article-world.ts';
import { freetdsEnvironment } from '../support/freetds.ts';
import { runProgram, skipWithout } from '../support/program.ts';

const database = 'Adventureworks';
const directory = mkdtempSync(join(tmpdir(), 'sqlferry-lab-'));
const bugs: unknown[] = [];
let lab: Lab;

interface Place {
  readonly address: string;
  readonly port: number;
}

before(async () => {
  lab = await startLab({
    definition: availabilityGroupPreset,
    directory,
    addresses: { kind: 'ports', basePort: 0 },
    clock: systemClock,
    random: systemRandom,
    onBug: (error) => bugs.push(error),
  });
  const [first, second] = [node(0), node(1)];
  for (const [name, place] of [
    ['OnPremNode1', first],
    ['OnPremNode2', second],
  ] as const)
    await ask(
      first,
      modify(
        name,
        `SECONDARY_ROLE (READ_ONLY_ROUTING_URL = N'TCP://${place.address}:${place.port}')`,
      ),
    );
});
after(async () => {
  await lab.close();
  rmSync(directory, { recursive: true, force: true });
  assert.deepEqual(bugs, []);
});

const modify = (name: string, option: string): string =>
  `ALTER AVAILABILITY GROUP [OnPremAG] MODIFY REPLICA ON N'${name}' WITH (${option})`;
const route = (list: string): string =>
  modify('OnPremNode1', `PRIMARY_ROLE (READ_ONLY_ROUTING_LIST = ${list})`);

function node(index: number): Place {
  const place = lab.instances[index];
  assert.ok(place !== undefined);
  return place;
}

function listener(): Place {
  const [place] = lab.file.listeners;
  assert.ok(place !== undefined);
  return place;
}

interface Intent {
  readonly readOnly: boolean;
  readonly database?: string;
}

async function connect(place: Place, intent: Intent): Promise<Connection> {
  const connection = new Connection({
    server: place.address,
    authentication: {
      type: 'default',
      options: { userName: 'sa', password: lab.password('sa').reveal() },
    },
    options: {
      port: place.port,
      encrypt: true,
      trustServerCertificate: true,
      readOnlyIntent: intent.readOnly,
      ...(intent.database === undefined ? {} : { database: intent.database }),
      connectTimeout: 5000,
      maxRetriesOnTransientErrors: 0,
    },
  });
  connection.on('error', () => undefined);
  const told: string[] = [];
  connection.on('errorMessage', ({ message }) => void told.push(message));
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => {
      if (error === undefined || error === null) resolve();
      else reject(new Error([...told, error.message].join(' | ')));
    });
  });
  return connection;
}

async function ask(
  place: Place,
  text: string,
  intent: Intent = { readOnly: false },
): Promise<readonly unknown[]> {
  const connection = await connect(place, intent);
  try {
    return await new Promise((resolve, reject) => {
      const found: unknown[] = [];
      const request = new Request(text, (error) => (error ? reject(error) : resolve(found)));
      request.on('row', (columns: readonly { readonly value: unknown }[]) => {
        found.push(...columns.map((column) => column.value));
      });
      connection.execSqlBatch(request);
    });
  } finally {
    connection.close();
  }
}

const reader = { readOnly: true, database };
const whoAmI = 'SELECT @@SERVERNAME';

test('without a list nobody is routed; with one readers go on to the secondary and writers stay', async () => {
  assert.deepEqual(await ask(listener(), whoAmI, reader), ['OnPremNode1']);
  await ask(node(0), route("(N'OnPremNode2', N'OnPremNode1')"));
  assert.deepEqual(await ask(listener(), whoAmI, reader), ['OnPremNode2']);
  assert.deepEqual(await ask(listener(), whoAmI, { readOnly: false, database }), ['OnPremNode1']);
  assert.deepEqual(
    await ask(listener(), whoAmI, { readOnly: true }),
    ['OnPremNode1'],
    'no database, no group',
  );
  assert.deepEqual(await ask(node(0), whoAmI, reader), ['OnPremNode1'], 'not through the listener');
  await assert.rejects(
    ask(listener(), `INSERT INTO sales.orders DEFAULT VALUES`, reader),
    /read-only/u,
  );
});

test('FreeTDS follows the listener to the readable secondary', async (t) => {
  if (skipWithout(t, 'tsql', '-C')) return;
  const { address, port } = listener();
  const environment = freetdsEnvironment(t, {
    host: address,
    port,
    // FreeTDS 1.3 goes on to the other server with the TLS session of the first: only without one it arrives.
    encryption: 'off',
    lines: ['read-only intent = yes', `database = ${database}`],
  });
  const { output } = await runProgram(
    'tsql',
    ['-S', 'lab', '-U', 'sa', '-P', lab.password('sa').reveal(), '-D', database, '-o', 'q'],
    {
      input: `SELECT @@SERVERNAME + N' ' + CONVERT(nvarchar(20), COUNT(*)) FROM sales.orders\ngo\nexit\n`,
      environment,
    },
  );
  assert.match(output, /OnPremNode2 \d+/u);
});

test('a list without a readable replica refuses readers (982), READ_WRITE keeps them out (979), NO and READ_ONLY as they say', async () => {
  await ask(node(0), route("(N'OnPremNode2')"));
  await ask(node(0), modify('OnPremNode2', 'SECONDARY_ROLE (ALLOW_CONNECTIONS = NO)'));
  await assert.rejects(
    ask(listener(), whoAmI, reader),
    /no online secondary replicas are enabled/u,
  );
  await assert.rejects(
    ask(node(1), whoAmI, { readOnly: false, database }),
    /currently not accessible/u,
  );
  await ask(node(0), route('NONE'));
  await ask(node(0), modify('OnPremNode1', 'PRIMARY_ROLE (ALLOW_CONNECTIONS = READ_WRITE)'));
  await assert.rejects(ask(listener(), whoAmI, reader), /does not allow read only connections/u);
  assert.deepEqual(await ask(listener(), whoAmI, { readOnly: false, database }), ['OnPremNode1']);
  await ask(node(0), modify('OnPremNode1', 'PRIMARY_ROLE (ALLOW_CONNECTIONS = ALL)'));
  await ask(node(0), modify('OnPremNode2', 'SECONDARY_ROLE (ALLOW_CONNECTIONS = READ_ONLY)'));
  await until('the secondary knows', async () => {
    const found = await ask(node(1), whoAmI, reader).catch(() => []);
    return found[0] === 'OnPremNode2';
  });
  await assert.rejects(
    ask(node(1), whoAmI, { readOnly: false, database }),
    /application intent is set to read only/u,
  );
});

test('the preferred replica for backups follows preference, priority and connection', async () => {
  const preferred = async (): Promise<readonly unknown[]> => {
    const text = `SELECT sys.fn_hadr_backup_is_preferred_replica(N'${database}')`;
    return [...(await ask(node(0), text)), ...(await ask(node(1), text))];
  };
  const prefer = async (preference: string, expected: readonly boolean[]): Promise<void> => {
    await ask(
      node(0),
      `ALTER AVAILABILITY GROUP [OnPremAG] SET (AUTOMATED_BACKUP_PREFERENCE = ${preference})`,
    );
    await until(
      `${preference}: ${expected.join(' ')}`,
      async () => (await preferred()).join() === expected.join(),
    );
  };
  await prefer('PRIMARY', [true, false]);
  await prefer('SECONDARY_ONLY', [false, true]);
  await prefer('NONE', [true, false]);
  await ask(node(0), modify('OnPremNode2', 'BACKUP_PRIORITY = 90'));
  await prefer('NONE', [false, true]);
  await ask(node(0), modify('OnPremNode2', 'BACKUP_PRIORITY = 0'));
  await prefer('SECONDARY_ONLY', [false, false]);
  await prefer('SECONDARY', [true, false]);
  const missing =
    "SELECT sys.fn_hadr_backup_is_preferred_replica(N'nobody'), sys.fn_hadr_backup_is_preferred_replica(N'master')";
  assert.deepEqual(await ask(node(0), missing), [false, false]);
});
