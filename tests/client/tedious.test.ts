/** The npm driver tedious against the wire: encryption, cancelling, types, transactions, faults of the link. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { Connection, ISOLATION_LEVEL, Request, TYPES, type ConnectionConfiguration } from 'tedious';

import type { EncryptionOffer } from '../../src/lab/session.ts';
import { startWireLab, wireAuthority, type WireLab } from '../support/wire-lab.ts';
import { errorMessage } from '../support/wire-session.ts';

type Options = NonNullable<ConnectionConfiguration['options']>;

function makeConnection(port: number, options: Options = {}, password = 'Passw0rd!'): Connection {
  return new Connection({
    server: 'localhost',
    authentication: { type: 'default', options: { userName: 'sa', password } },
    options: {
      port,
      encrypt: false,
      trustServerCertificate: false,
      cryptoCredentialsDetails: { ca: wireAuthority },
      connectTimeout: 5000,
      ...options,
    },
  });
}

function connected(connection: Connection): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
}

async function open(
  context: TestContext,
  port: number,
  options: Options = {},
): Promise<Connection> {
  const connection = makeConnection(port, options);
  // A cut connection says so as an event too; each test looks at what it needs.
  connection.on('error', () => undefined);
  context.after(() => connection.close());
  await connected(connection);
  return connection;
}

interface Answer {
  readonly rows: unknown[][];
  readonly outputs: Record<string, unknown>;
}

interface RunOptions {
  readonly prepare?: (request: Request) => void;
  readonly how?: 'execSql' | 'execSqlBatch' | 'callProcedure';
}

function run(connection: Connection, text: string, options: RunOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const rows: unknown[][] = [];
    const outputs: Record<string, unknown> = {};
    const request = new Request(text, (error) => {
      if (error) reject(error);
      else resolve({ rows, outputs });
    });
    request.on('row', (columns: { value: unknown }[]) =>
      rows.push(columns.map((one) => one.value)),
    );
    request.on('returnValue', (name, value) => {
      outputs[name] = value;
    });
    options.prepare?.(request);
    connection[options.how ?? 'execSql'](request);
  });
}

const numberOf = (error: unknown): unknown =>
  error instanceof Error && 'number' in error ? error.number : undefined;
const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

const offers: [EncryptionOffer, boolean | 'strict', boolean][] = [
  ['not-supported', false, false],
  ['supported', false, false],
  ['supported', true, true],
  ['required', true, true],
  ['supported', 'strict', true],
  ['required', 'strict', true],
];
for (const [offer, encrypt, encrypted] of offers)
  test(`an instance that offers "${offer}" serves encrypt: ${encrypt}`, async (context) => {
    const { port, endpoint } = await startWireLab(context, offer);
    const connection = await open(context, port, { encrypt });
    assert.equal(endpoint.logins[0]?.encrypted, encrypted);
    assert.deepEqual((await run(connection, 'select 1')).rows, [[1]]);
    const long = `length ${'y'.repeat(1_000_000)}`;
    const { rows } = await run(connection, long, { how: 'execSqlBatch' });
    assert.deepEqual(rows, [[long.length]]);
    assert.equal((await run(connection, 'rows 5000')).rows.length, 5000);
  });

test('a certificate of another authority or for another name is refused by the driver', async (context) => {
  const { port } = await startWireLab(context, 'required');
  const cases: Options[] = [
    { encrypt: true, cryptoCredentialsDetails: {} },
    { encrypt: true, serverName: 'SQLVM.contoso.com' },
  ];
  for (const options of cases) {
    const connection = makeConnection(port, options);
    connection.on('error', () => undefined);
    await assert.rejects(connected(connection), (error) => codeOf(error) === 'ESOCKET');
    connection.close();
  }
});

test('a client that does not encrypt is turned away where encryption is required', async (context) => {
  const { port, endpoint } = await startWireLab(context, 'required');
  const connection = makeConnection(port, { encrypt: false });
  connection.on('error', () => undefined);
  await assert.rejects(connected(connection), (error) => codeOf(error) === 'EENCRYPT');
  assert.equal(endpoint.logins.length, 0);
});

test('a wrong password is 18456', async (context) => {
  const { port } = await startWireLab(context);
  const connection = makeConnection(port, {}, 'wrong');
  connection.on('error', () => undefined);
  await assert.rejects(connected(connection), (error) => codeOf(error) === 'ELOGIN');
});

test('an error has its number, severity, state and line', async (context) => {
  const { port } = await startWireLab(context);
  const connection = await open(context, port);
  await assert.rejects(run(connection, 'fail 41142'), (error: object) => {
    assert.deepEqual(
      { ...error },
      { ...error, number: 41142, class: 16, state: 1, lineNumber: 1, serverName: 'OnPremNode' },
    );
    return true;
  });
  assert.deepEqual((await run(connection, 'select 2')).rows, [[2]]);
});

test('cancel stops the request and the connection goes on', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const connection = await open(context, port);
  for (const [index, text] of ['silent', 'wait', 'silent'].entries()) {
    const before = performance.now();
    const running = run(connection, text);
    await endpoint.until(() => endpoint.startedCount === index + 1, 'the request to run');
    connection.cancel();
    await assert.rejects(running, (error) => codeOf(error) === 'ECANCEL');
    assert.ok(performance.now() - before < 2000, 'the driver had to give up');
    assert.deepEqual((await run(connection, 'select 3')).rows, [[3]]);
  }
});

test('a request that runs into its timeout is cancelled and the connection goes on', async (context) => {
  const { port } = await startWireLab(context);
  const connection = await open(context, port, { requestTimeout: 100 });
  await assert.rejects(run(connection, 'silent'), (error) => codeOf(error) === 'ETIMEOUT');
  assert.deepEqual((await run(connection, 'select 3')).rows, [[3]]);
});

test('values of every type come back as parameters went in', async (context) => {
  const { port } = await startWireLab(context);
  const connection = await open(context, port, { useUTC: true });
  const moment = new Date(Date.UTC(2026, 10, 21, 13, 14, 15, 120));
  const day = new Date(Date.UTC(2026, 10, 21));
  const cases: [string, Parameters<Request['addParameter']>[1], unknown, object?][] = [
    ['bit', TYPES.Bit, true],
    ['tinyint', TYPES.TinyInt, 255],
    ['smallint', TYPES.SmallInt, -32_768],
    ['int', TYPES.Int, -2_147_483_648],
    ['bigint', TYPES.BigInt, '9223372036854775807'],
    ['real', TYPES.Real, 0.5],
    ['float', TYPES.Float, 1e300],
    ['money', TYPES.Money, -1234.5678],
    ['smallmoney', TYPES.SmallMoney, 12.34],
    ['decimal', TYPES.Decimal, 12345.678, { precision: 20, scale: 3 }],
    ['numeric', TYPES.Numeric, -7, { precision: 5, scale: 0 }],
    ['guid', TYPES.UniqueIdentifier, '6F9619FF-8B86-D011-B42D-00CF4FC964FF'],
    ['varchar', TYPES.VarChar, 'na\u00efve \u20ac'],
    ['nvarchar', TYPES.NVarChar, 'h\u{1f980}i ]'],
    ['nvarcharMax', TYPES.NVarChar, 'x'.repeat(100_000)],
    ['char', TYPES.Char, 'abc'],
    ['nchar', TYPES.NChar, 'abc'],
    ['text', TYPES.Text, 'old'],
    ['ntext', TYPES.NText, '\u00e4lt'],
    ['varbinary', TYPES.VarBinary, Buffer.from('00ff10', 'hex')],
    ['varbinaryMax', TYPES.VarBinary, Buffer.alloc(20_000, 7)],
    ['binary', TYPES.Binary, Buffer.from('0102', 'hex')],
    ['image', TYPES.Image, Buffer.from('0102', 'hex')],
    ['date', TYPES.Date, day],
    ['time', TYPES.Time, new Date(Date.UTC(1970, 0, 1, 13, 14, 15, 120)), { scale: 7 }],
    ['datetime', TYPES.DateTime, moment],
    ['smalldatetime', TYPES.SmallDateTime, new Date(Date.UTC(2026, 10, 21, 13, 14))],
    ['datetime2', TYPES.DateTime2, moment, { scale: 7 }],
    ['datetimeoffset', TYPES.DateTimeOffset, moment, { scale: 3 }],
    ['empty', TYPES.NVarChar, ''],
  ];
  for (const [name, type, value, options] of cases) {
    const prepare = (request: Request): void => {
      request.addParameter(name, type, value, options ?? {});
      request.addParameter('none', type, null, options ?? {});
    };
    const { rows } = await run(connection, 'echo', { prepare });
    const [row] = rows;
    const shown = row?.[0] instanceof Uint8Array ? Buffer.from(row[0]) : row?.[0];
    assert.deepEqual(shown, value, name);
    assert.equal(row?.[1], null, name);
  }
});

test('output parameters and the names of columns come back', async (context) => {
  const { port } = await startWireLab(context);
  const connection = await open(context, port);
  const prepare = (request: Request): void => {
    request.addParameter('n', TYPES.Int, 5);
    request.addOutputParameter('o', TYPES.NVarChar, 'out');
  };
  const { outputs, rows } = await run(connection, 'echo', { prepare, how: 'callProcedure' });
  assert.deepEqual(rows, [[5, 'out']]);
  assert.deepEqual(outputs, { o: 'out' });
});

test('transactions go through the transaction manager', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const connection = await open(context, port);
  const done = (start: (callback: (error?: Error | null) => void) => void): Promise<void> =>
    new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())));
  await done((callback) =>
    connection.beginTransaction(callback, 'T', ISOLATION_LEVEL['SERIALIZABLE']),
  );
  await done((callback) => connection.saveTransaction(callback, 'point'));
  await done((callback) => connection.commitTransaction(callback));
  await done((callback) => connection.beginTransaction(callback));
  await done((callback) => connection.rollbackTransaction(callback));
  const requests = endpoint.sessions[0]?.transactions ?? [];
  assert.deepEqual(
    requests.map((request) => request.kind),
    ['begin', 'save', 'commit', 'begin', 'rollback'],
  );
  const [first] = requests;
  assert.ok(first?.kind === 'begin');
  assert.deepEqual([first.isolation, first.name], [4, 'T']);
});

test('reset is asked for and acknowledged', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const connection = await open(context, port);
  await new Promise<void>((resolve, reject) => {
    connection.reset((error) => (error ? reject(error) : resolve()));
  });
  assert.deepEqual(endpoint.sessions[0]?.resets, [false]);
  assert.deepEqual((await run(connection, 'select 1')).rows, [[1]]);
});

test('a session that the server ends fails its request with the reason', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const connection = await open(context, port);
  const running = run(connection, 'silent');
  await endpoint.until(() => endpoint.startedCount === 1, 'the request to run');
  const text = 'Cannot continue the execution because the session is in the kill state.';
  endpoint.sessions[0]?.end(errorMessage(596, text, 21));
  await assert.rejects(running, (error) => numberOf(error) === 596);
});

test('an idle connection that the server ends is gone for the driver', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const connection = await open(context, port, { encrypt: true });
  const ended = new Promise<void>((resolve) => connection.once('end', () => resolve()));
  endpoint.sessions[0]?.end(null);
  await ended;
});

test('a link that refuses cuts the running request', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const connection = await open(context, port);
  const running = run(connection, 'silent');
  await endpoint.until(() => endpoint.startedCount === 1, 'the request to run');
  endpoint.setLink({ state: 'refuse' });
  await assert.rejects(running, (error) => codeOf(error) === 'ECONNRESET');
});

test('a black hole is a timeout for the driver, never an answer', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const connection = await open(context, port, { requestTimeout: 150, cancelTimeout: 150 });
  endpoint.setLink({ state: 'black-hole' });
  await assert.rejects(run(connection, 'select 1'), (error) => codeOf(error) === 'ETIMEOUT');
  const late = makeConnection(port, { connectTimeout: 150 });
  late.on('error', () => undefined);
  await assert.rejects(connected(late), (error) => codeOf(error) === 'ETIMEOUT');
  late.close();
});

test('a delayed link costs a round trip twice its delay', async (context) => {
  const lab: WireLab = await startWireLab(context);
  const connection = await open(context, lab.port, { encrypt: true });
  lab.endpoint.setLink({ delayMs: 30 });
  const before = performance.now();
  assert.deepEqual((await run(connection, 'select 1')).rows, [[1]]);
  const took = performance.now() - before;
  assert.ok(took >= 58 && took < 1000, `${took} ms`);
});
