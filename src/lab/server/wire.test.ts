/** The byte-level rules of the wire, one raw socket each. What real drivers make of them: `tests/client/`. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';

import { frameMessage, PLAIN_LOGIN, RawClient } from '../../../tests/support/raw-client.ts';
import { startWireLab, wireAuthority } from '../../../tests/support/wire-lab.ts';
import { errorMessage } from '../../../tests/support/wire-session.ts';
import { encodeLogin7 } from '../../tds/login7.ts';
import { PACKET, STATUS } from '../../tds/packet.ts';
import { encodePrelogin } from '../../tds/prelogin.ts';
import { encodeBatch, encodeTransaction } from '../../tds/request.ts';
import type { ResponseToken } from '../../tds/response.ts';
import { encodeCalls, type ProcedureParameter } from '../../tds/rpc.ts';
import { DONE, TOKEN } from '../../tds/token.ts';
import { DIALECTS } from '../../tds/version.ts';

const headers = { transactionDescriptor: 0n };
const kinds = (tokens: readonly ResponseToken[]): string[] => tokens.map((token) => token.is);

/** Status and row count of every DONE of a response. */
function dones(tokens: readonly ResponseToken[]): [number, number, bigint][] {
  return tokens.flatMap((token) =>
    token.is === 'done'
      ? [[token.done.token, token.done.status, token.done.rowCount] as const]
      : [],
  ) as [number, number, bigint][];
}

async function loggedIn(
  context: TestContext,
  port: number,
  ...rest: [] | [Partial<typeof PLAIN_LOGIN>]
) {
  const client = await RawClient.loggedIn(port, ...rest);
  context.after(() => client.close());
  return client;
}

/** A reset may come before or after the client has seen its connection established. */
async function outcomeOfConnecting(port: number): Promise<string> {
  try {
    const client = await RawClient.connect(port);
    return await client.end();
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ECONNRESET'
      ? 'reset'
      : String(error);
  }
}

test('PRELOGIN is answered in a packet of type 04 by the encryption table', async (context) => {
  const table = {
    'not-supported': [2, 2, 2, 2],
    supported: [0, 1, 2, 3],
    required: [3, 1, 3, 1],
  } as const;
  for (const offer of ['not-supported', 'supported', 'required'] as const) {
    const { port } = await startWireLab(context, offer);
    for (const [asked, answer] of table[offer].entries()) {
      const client = await RawClient.connect(port);
      const prelogin = await client.prelogin({ encryption: asked, mars: true });
      assert.equal(prelogin.packetType, 4);
      assert.equal(prelogin.encryption, answer, `${offer}, asked ${asked}`);
      assert.deepEqual(prelogin.version, { major: 16, minor: 0, build: 4135 });
      assert.deepEqual([...(prelogin.instance ?? [])], [0]);
      assert.equal(prelogin.mars, false);
      assert.equal(prelogin.federatedAuthentication, undefined);
      client.close();
    }
    const asking = await RawClient.connect(port);
    const answered = await asking.prelogin({ encryption: 2, federatedAuthentication: 1 });
    assert.equal(answered.federatedAuthentication, 0);
    asking.close();
  }
});

test('the answer to a login has the order that clients expect', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const client = await RawClient.connect(port);
  context.after(() => client.close());
  await client.prelogin({ encryption: 2 });
  const features = [{ id: 0x0a, data: Uint8Array.of(1) }];
  const login = {
    ...PLAIN_LOGIN,
    database: 'Adventureworks',
    packetBytes: 8000,
    typeFlags: 0x20,
    features,
  };
  client.send(PACKET.login7, encodeLogin7(login));
  const tokens = await client.response();
  const shown = tokens.map((token) => {
    if (token.is === 'env-change') return token.change.kind;
    if (token.is === 'info') return token.message.number;
    return token.is;
  });
  assert.deepEqual(shown, [
    'database',
    5701,
    'collation',
    'language',
    5703,
    'login-ack',
    'packet-size',
    'features',
    'done',
  ]);
  const [request] = endpoint.logins;
  assert.equal(request?.user, 'sa');
  assert.equal(request.password, 'Passw0rd!');
  assert.equal(request.database, 'Adventureworks');
  assert.equal(request.serverName, 'localhost');
  assert.equal(request.hostProcessId, 4711);
  assert.equal(request.readOnlyIntent, true);
  assert.equal(request.encrypted, false);
  assert.equal(request.clientAddress, '127.0.0.1');
  assert.equal(request.serverPort, port);
});

test('LOGINACK carries the version of the client, big endian, down to 7.1', async (context) => {
  const { port } = await startWireLab(context);
  for (const dialect of Object.values(DIALECTS)) {
    const client = await RawClient.connect(port);
    client.dialect = dialect;
    client.send(PACKET.login7, encodeLogin7({ ...PLAIN_LOGIN, tdsVersion: dialect.version }));
    const tokens = await client.response();
    const ack = tokens.find((token) => token.is === 'login-ack');
    assert.equal(ack?.ack.tdsVersion, dialect.version);
    client.batch('select 7;;use x');
    const answer = await client.response();
    assert.deepEqual(kinds(answer), ['columns', 'row', 'done', 'env-change', 'info', 'done']);
    client.close();
  }
});

test('a wrong password gets the refusal, a DONE with the error bit, and the end', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const client = await RawClient.connect(port);
  client.send(PACKET.login7, encodeLogin7({ ...PLAIN_LOGIN, password: 'wrong' }));
  const tokens = await client.response();
  assert.deepEqual(kinds(tokens), ['error', 'done']);
  assert.equal(tokens[0]?.is === 'error' && tokens[0].message.number, 18456);
  assert.deepEqual(dones(tokens), [[TOKEN.done, DONE.error, 0n]]);
  assert.equal(await client.end(), 'fin');
  assert.equal(endpoint.sessions.length, 0);
});

test('Windows authentication, a new password and an attached file are refused clearly', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const cases = [
    [{ optionFlags2: 0x83 }, 18452],
    [{ newPassword: 'x' }, 49901],
    [{ attachDatabaseFile: 'c:\\x.mdf' }, 49901],
  ] as const;
  for (const [change, number] of cases) {
    const client = await RawClient.connect(port);
    client.send(PACKET.login7, encodeLogin7({ ...PLAIN_LOGIN, ...change }));
    const [token] = await client.response();
    assert.equal(token?.is === 'error' && token.message.number, number);
    await client.end();
  }
  assert.equal(endpoint.logins.length, 0);
});

test('a login without PRELOGIN or in clear is refused when encryption is required', async (context) => {
  const { port, endpoint } = await startWireLab(context, 'required');
  for (const withPrelogin of [false, true]) {
    const client = await RawClient.connect(port);
    if (withPrelogin) await client.prelogin({ encryption: 2 });
    client.send(PACKET.login7, encodeLogin7(PLAIN_LOGIN));
    const [token] = await client.response();
    assert.equal(token?.is === 'error' && token.message.number, 17835);
    await client.end();
  }
  assert.equal(endpoint.logins.length, 0);
});

test('a login in clear after TLS was agreed on ends the connection', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const client = await RawClient.connect(port);
  await client.prelogin({ encryption: 1 });
  client.send(PACKET.login7, encodeLogin7(PLAIN_LOGIN));
  assert.equal(await client.end(), 'reset');
  assert.equal(endpoint.logins.length, 0);
});

test('garbage, TDS 7.0 and SMP ends the connection', async (context) => {
  const { port } = await startWireLab(context);
  const old = encodeLogin7({ ...PLAIN_LOGIN, tdsVersion: 0x70000000 });
  const cases = [
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    frameMessage(PACKET.login7, old),
    frameMessage(PACKET.login7, Uint8Array.of(1, 2, 3)),
    frameMessage(PACKET.batch, new Uint8Array(30)),
    Uint8Array.of(0x12, 1, 0, 3, 0, 0, 0, 0),
    // A MARS client would begin with SMP's SYN.
    frameMessage(0x53, new Uint8Array(8)),
  ];
  for (const bytes of cases) {
    const client = await RawClient.connect(port);
    client.raw(bytes);
    assert.equal(await client.end(), 'reset');
  }
});

test('a request may come one byte at a time, and two requests in one segment', async (context) => {
  const { port } = await startWireLab(context);
  const client = await loggedIn(context, port);
  const first = frameMessage(
    PACKET.batch,
    encodeBatch({ text: 'select 1', ...headers }, client.dialect),
  );
  for (const byte of first) client.raw(Uint8Array.of(byte));
  assert.deepEqual(kinds(await client.response()), ['columns', 'row', 'done']);
  client.raw(Buffer.concat([first, first]));
  for (const time of [1, 2])
    assert.deepEqual(kinds(await client.response()), ['columns', 'row', 'done'], `${time}`);
});

test('a message of two megabytes arrives whole, in packets of any size', async (context) => {
  const { port } = await startWireLab(context);
  const client = await loggedIn(context, port);
  const text = `length ${'x'.repeat(1_000_000)}`;
  for (const packetBytes of [512, 4096, 32_767]) {
    client.send(PACKET.batch, encodeBatch({ text, ...headers }, client.dialect), { packetBytes });
    const [, row] = await client.response();
    assert.deepEqual(row?.is === 'row' && row.values, [text.length]);
  }
});

test('a message above the limit ends the connection', async (context) => {
  const { port, endpoint } = await startWireLab(context, 'supported', { messageBytes: 10_000 });
  const client = await loggedIn(context, port);
  client.batch('x'.repeat(6000));
  await client.end();
  await endpoint.until(() => endpoint.sessions[0]?.closed === true, 'the session to be closed');
});

test('responses are cut at the packet size that the login agreed on; 0 means 4096', async (context) => {
  const { port } = await startWireLab(context);
  for (const [asked, agreed] of [
    [0, 4096],
    [100, 512],
    [8000, 8000],
    [65_000, 32_767],
  ] as const) {
    const client = await loggedIn(context, port, { packetBytes: asked });
    client.packetSizes.length = 0;
    client.batch('rows 3000');
    const tokens = await client.response();
    assert.equal(tokens.length, 3002);
    assert.equal(Math.max(...client.packetSizes), agreed);
    const short = client.packetSizes.filter((size) => size !== agreed);
    assert.equal(short.length, 1, 'only the last packet is shorter');
    client.close();
  }
});

test('every DONE but the last says that more follows; counts only where there is one', async (context) => {
  const { port } = await startWireLab(context);
  const client = await loggedIn(context, port);
  client.batch('select 1;;anything;;fail 50001;;select 2');
  const tokens = await client.response();
  assert.deepEqual(dones(tokens), [
    [TOKEN.done, DONE.count | DONE.more, 1n],
    [TOKEN.done, DONE.more, 0n],
    [TOKEN.done, DONE.error | DONE.more, 0n],
    [TOKEN.done, DONE.count, 1n],
  ]);
});

test('an empty batch is answered by one DONE', async (context) => {
  const { port } = await startWireLab(context);
  const client = await loggedIn(context, port);
  client.batch('');
  assert.deepEqual(dones(await client.response()), [[TOKEN.done, 0, 0n]]);
});

const echo = (parameters: ProcedureParameter[]) => ({ procedure: 'echo', parameters });
const parameter = (name: string, value: number, output: boolean): ProcedureParameter => ({
  name,
  value,
  output,
  type: { kind: 'int' },
  isDefault: false,
});

test('several procedure calls in one message are answered in one response', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  for (const name of ['7.1', '7.4'] as const) {
    const dialect = DIALECTS[name];
    const client = await RawClient.loggedIn(port, { tdsVersion: dialect.version }, dialect);
    const calls = [echo([parameter('@a', 1, true)]), echo([parameter('@b', 2, false)])];
    client.send(PACKET.rpc, encodeCalls(calls, headers, dialect));
    const tokens = await client.response();
    assert.deepEqual(kinds(tokens), [
      'columns',
      'row',
      'done',
      'return-status',
      'return-value',
      'done',
      'columns',
      'row',
      'done',
      'return-status',
      'done',
    ]);
    assert.deepEqual(dones(tokens), [
      [TOKEN.doneInProc, DONE.count | DONE.more, 1n],
      [TOKEN.doneProc, DONE.more, 0n],
      [TOKEN.doneInProc, DONE.count | DONE.more, 1n],
      [TOKEN.doneProc, 0, 0n],
    ]);
    client.close();
  }
  assert.deepEqual(
    endpoint.sessions[0]?.calls.map((call) => call.procedure),
    ['echo', 'echo'],
  );
});

test('a procedure that does not return a status returns 0; a failed one says so in DONEPROC', async (context) => {
  const { port } = await startWireLab(context);
  const client = await loggedIn(context, port);
  const call = (text: string): void => {
    const statement = {
      ...parameter('', 0, false),
      type: { kind: 'nvarchar', length: 100 } as const,
      value: text,
    };
    const calls = [{ procedure: 'sp_executesql', parameters: [statement] }];
    client.send(PACKET.rpc, encodeCalls(calls, headers, client.dialect));
  };
  call('select 3');
  const good = await client.response();
  assert.deepEqual(kinds(good), ['columns', 'row', 'done', 'return-status', 'done']);
  call('fail 50001');
  const bad = await client.response();
  assert.deepEqual(kinds(bad), ['error', 'done', 'done']);
  assert.deepEqual(dones(bad), [
    [TOKEN.doneInProc, DONE.error | DONE.more, 0n],
    [TOKEN.doneProc, DONE.error, 0n],
  ]);
});

test('a request that cannot be read is an error, and the connection goes on', async (context) => {
  const { port } = await startWireLab(context);
  const client = await loggedIn(context, port);
  const broken: [number, Uint8Array, number][] = [
    [PACKET.batch, Uint8Array.of(1, 2, 3), 4002],
    [PACKET.rpc, Uint8Array.of(4, 0, 0, 0, 0xff, 0xff, 99, 0, 0, 0), 8009],
    [PACKET.transaction, Uint8Array.of(4, 0, 0, 0, 99, 0), 4002],
    [PACKET.transaction, Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 0), 49901],
    [PACKET.bulk, Uint8Array.of(0x81, 0, 0), 49901],
  ];
  for (const [type, payload, number] of broken) {
    client.send(type, payload);
    const tokens = await client.response();
    assert.deepEqual(kinds(tokens), ['error', 'done']);
    assert.equal(tokens[0]?.is === 'error' && tokens[0].message.number, number);
    assert.deepEqual(dones(tokens), [[TOKEN.done, DONE.error, 0n]]);
  }
  client.batch('select 1');
  assert.deepEqual(kinds(await client.response()), ['columns', 'row', 'done']);
});

test('an attention gets the interrupted response first and then a message of its own', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const client = await loggedIn(context, port);
  // Nothing sent yet, and a rowset under way.
  for (const [index, text] of ['silent', 'wait'].entries()) {
    client.batch(text);
    await endpoint.until(() => endpoint.startedCount === index + 1, 'the request to run');
    client.send(PACKET.attention, new Uint8Array(0));
    const interrupted = await client.message();
    const tail = Buffer.from(interrupted.payload).subarray(-13).toString('hex');
    assert.equal(tail, 'fd02000000' + '00'.repeat(8), text);
    if (text === 'silent') assert.equal(interrupted.payload.length, 13);
    const acknowledged = await client.message();
    assert.equal(Buffer.from(acknowledged.payload).toString('hex'), 'fd20000000' + '00'.repeat(8));
  }
  client.batch('select 5');
  assert.deepEqual(kinds(await client.response()), ['columns', 'row', 'done']);
});

test('an attention that comes when nothing runs is acknowledged too', async (context) => {
  const { port } = await startWireLab(context);
  const client = await loggedIn(context, port);
  client.send(PACKET.attention, new Uint8Array(0));
  assert.deepEqual(dones(await client.response()), [[TOKEN.done, DONE.attention, 0n]]);
});

test('an attention between the parts of a long result stops it', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const client = await loggedIn(context, port);
  client.socket.pause();
  client.batch('rows 10000000');
  client.send(PACKET.attention, new Uint8Array(0));
  client.socket.resume();
  const interrupted = await client.response();
  assert.deepEqual(dones(interrupted).at(-1), [TOKEN.done, DONE.error, 0n]);
  assert.deepEqual(dones(await client.response()), [[TOKEN.done, DONE.attention, 0n]]);
  assert.ok(endpoint.rowsSent < 10_000_000);
});

test('requests that wait behind the interrupted one are not run', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const client = await loggedIn(context, port);
  client.batch('silent');
  await endpoint.until(() => endpoint.startedCount === 1, 'the request to run');
  client.batch('select 8');
  client.send(PACKET.attention, new Uint8Array(0));
  for (const status of [DONE.error, DONE.error, DONE.attention])
    assert.deepEqual(dones(await client.response()), [[TOKEN.done, status, 0n]]);
  assert.deepEqual(endpoint.sessions[0]?.batches, ['silent']);
});

test('a message that its client ends with the ignore bit gets one DONE with the error bit', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const client = await loggedIn(context, port);
  const payload = encodeBatch({ text: 'select 1', ...headers }, client.dialect);
  client.send(PACKET.batch, payload, { status: STATUS.ignore });
  assert.deepEqual(dones(await client.response()), [[TOKEN.done, DONE.error, 0n]]);
  client.batch('select 2');
  await client.response();
  assert.deepEqual(endpoint.sessions[0]?.batches, ['select 2']);
  assert.equal(client.waiting, 0);
});

test('a transaction has its descriptor in ENVCHANGE; rollback may begin the next one at once', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const client = await loggedIn(context, port);
  const send = async (
    request: Parameters<typeof encodeTransaction>[0],
  ): Promise<ResponseToken[]> => {
    client.send(PACKET.transaction, encodeTransaction(request, headers, client.dialect));
    return client.response();
  };
  const changes = (tokens: ResponseToken[]) =>
    tokens.flatMap((token) => (token.is === 'env-change' ? [token.change] : []));
  assert.deepEqual(changes(await send({ kind: 'begin', isolation: 2, name: '' })), [
    { kind: 'began', descriptor: 1n },
  ]);
  assert.deepEqual(changes(await send({ kind: 'rollback', name: '', beginAgain: true })), [
    { kind: 'rolled-back', descriptor: 1n },
    { kind: 'began', descriptor: 2n },
  ]);
  assert.deepEqual(changes(await send({ kind: 'commit', name: '', beginAgain: false })), [
    { kind: 'committed', descriptor: 2n },
  ]);
  assert.equal(endpoint.sessions[0]?.transactions.length, 3);
});

test('clients before 7.2 get no transaction descriptors', async (context) => {
  const { port } = await startWireLab(context);
  const dialect = DIALECTS['7.1'];
  const client = await RawClient.loggedIn(port, { tdsVersion: dialect.version }, dialect);
  context.after(() => client.close());
  client.batch('begin');
  assert.deepEqual(kinds(await client.response()), ['done']);
});

test('RESETCONNECTION is done before the request and acknowledged first', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const client = await loggedIn(context, port);
  const payload = encodeBatch({ text: 'select 1', ...headers }, client.dialect);
  for (const status of [STATUS.resetConnection, STATUS.resetConnectionSkipTransaction]) {
    client.send(PACKET.batch, payload, { status });
    const message = await client.message();
    assert.equal(Buffer.from(message.payload.subarray(0, 6)).toString('hex'), 'e30300120000');
  }
  assert.deepEqual(endpoint.sessions[0]?.resets, [false, true]);
});

test('a session that the server ends: its running request gets the message, then the socket ends', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const client = await loggedIn(context, port);
  client.batch('wait');
  await endpoint.until(() => endpoint.startedCount === 1, 'the request to run');
  endpoint.sessions[0]?.end(
    errorMessage(
      596,
      'Cannot continue the execution because the session is in the kill state.',
      21,
    ),
  );
  const tokens = await client.response();
  assert.deepEqual(kinds(tokens), ['columns', 'row', 'error', 'done']);
  assert.equal(await client.end(), 'fin');
  await endpoint.until(() => endpoint.sessions[0]?.closed === true, 'the session to be closed');
});

test('an idle session that the server ends is cut without a word', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const client = await loggedIn(context, port);
  const before = client.bytesReceived;
  endpoint.sessions[0]?.end(errorMessage(596, 'kill', 21));
  await client.end();
  assert.equal(client.bytesReceived, before);
});

test('a message of severity 20 ends the connection after its response', async (context) => {
  const { port } = await startWireLab(context);
  const client = await loggedIn(context, port);
  client.batch('fatal 50020');
  assert.deepEqual(kinds(await client.response()), ['error', 'done']);
  assert.equal(await client.end(), 'fin');
});

test('a bug behind the session is reported, told to the client and ends the connection', async (context) => {
  const { port, bugs } = await startWireLab(context);
  const client = await loggedIn(context, port);
  client.batch('bug');
  const [token] = await client.response();
  assert.equal(token?.is === 'error' && token.message.number, 3624);
  await client.end();
  assert.equal(bugs.length, 1);
  bugs.length = 0;
});

test('a session is closed and its request aborted when the client goes', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const client = await loggedIn(context, port);
  client.batch('silent');
  await endpoint.until(() => endpoint.startedCount === 1, 'the request to run');
  client.close();
  await endpoint.until(() => endpoint.sessions[0]?.closed === true, 'the session to be closed');
});

test('who does not log in within the limit is cut; who did is left alone', async (context) => {
  const { port } = await startWireLab(context, 'supported', { loginTimeoutMs: 150 });
  const good = await loggedIn(context, port);
  const silent = await RawClient.connect(port);
  assert.equal(await silent.end(), 'reset');
  good.batch('select 1');
  assert.deepEqual(kinds(await good.response()), ['columns', 'row', 'done']);
});

test('connections above the limit are reset', async (context) => {
  const { port, listener } = await startWireLab(context, 'supported', { connections: 1 });
  const client = await loggedIn(context, port);
  assert.equal(listener.connections(), 1);
  assert.equal(await outcomeOfConnecting(port), 'reset');
  client.batch('select 1');
  await client.response();
});

test('a client that does not read makes the session wait', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const client = await loggedIn(context, port);
  client.socket.pause();
  client.batch('rows 2000000');
  // The kernel's buffers take some megabytes; then the count must stand still over many turns.
  let last = -1;
  let still = 0;
  for (let turn = 0; turn < 200_000 && still < 2000; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    still = endpoint.rowsSent > 0 && endpoint.rowsSent === last ? still + 1 : 0;
    last = endpoint.rowsSent;
  }
  assert.equal(still, 2000, 'rows kept coming');
  assert.ok(endpoint.rowsSent < 2_000_000);
});

test('delay counts in both directions and keeps the order', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const client = await loggedIn(context, port);
  endpoint.setLink({ delayMs: 40 });
  const before = performance.now();
  client.batch('select 1');
  endpoint.setLink({ delayMs: 40 });
  client.batch('select 2');
  const values: unknown[] = [];
  for (let count = 0; count < 2; count += 1) {
    const tokens = await client.response();
    values.push(...tokens.flatMap((token) => (token.is === 'row' ? token.values : [])));
  }
  assert.deepEqual(values, [1, 2]);
  assert.ok(performance.now() - before >= 78, `${performance.now() - before} ms`);
});

test('bytes sent before the delay ends are not overtaken by later ones', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const client = await loggedIn(context, port);
  endpoint.setLink({ delayMs: 60 });
  client.batch('select 1');
  await new Promise((resolve) => setTimeout(resolve, 10));
  endpoint.setLink({ delayMs: 0 });
  client.batch('select 2');
  const [, first] = await client.response();
  assert.deepEqual(first?.is === 'row' && first.values, [1]);
});

test('a link that refuses resets old and new connections', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const client = await loggedIn(context, port);
  endpoint.setLink({ state: 'refuse' });
  assert.equal(await client.end(), 'reset');
  assert.equal(endpoint.sessions[0]?.closed, true);
  assert.equal(await outcomeOfConnecting(port), 'reset');
  endpoint.setLink({ state: 'open' });
  const back = await loggedIn(context, port);
  back.batch('select 1');
  await back.response();
});

test('in a black hole nothing arrives and nothing is closed; what lost bytes is reset afterwards', async (context) => {
  const { port, endpoint, listener } = await startWireLab(context, 'supported', {
    loginTimeoutMs: 100,
  });
  const talking = await loggedIn(context, port);
  const quiet = await loggedIn(context, port);
  endpoint.setLink({ state: 'black-hole' });
  talking.batch('select 1');
  const fresh = await RawClient.connect(port);
  fresh.send(PACKET.prelogin, encodePrelogin({ encryption: 2 }));
  const leaving = await RawClient.connect(port);
  leaving.close();
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(talking.ended, undefined);
  assert.equal(fresh.ended, undefined);
  assert.equal(talking.waiting + fresh.waiting, 0);
  assert.deepEqual(endpoint.sessions[0]?.batches, []);
  endpoint.setLink({ state: 'open' });
  assert.equal(await talking.end(), 'reset');
  assert.equal(await fresh.end(), 'reset');
  assert.equal(endpoint.sessions[0]?.closed, true);
  quiet.batch('select 2');
  assert.deepEqual(kinds(await quiet.response()), ['columns', 'row', 'done']);
  assert.equal(listener.connections(), 1);
});

test('a client that leaves in a black hole is noticed when the link opens', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const client = await loggedIn(context, port);
  endpoint.setLink({ state: 'black-hole' });
  client.close();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(endpoint.sessions[0]?.closed, false);
  endpoint.setLink({ state: 'open' });
  assert.equal(endpoint.sessions[0]?.closed, true);
});

test('closing the listener cuts every connection', async (context) => {
  const { port, endpoint, listener } = await startWireLab(context);
  const client = await loggedIn(context, port);
  await listener.close();
  await client.end();
  assert.equal(endpoint.sessions[0]?.closed, true);
  await assert.rejects(RawClient.connect(port));
});

/** TLS inside PRELOGIN packets from the client's side; records every flight of the server. */
async function tlsInPrelogin(client: RawClient) {
  const flights: number[] = [];
  let bare = false;
  const inner = new Duplex({
    read: () => undefined,
    write: (chunk: Uint8Array, _encoding, done) => {
      if (bare) client.raw(chunk);
      else client.send(PACKET.prelogin, chunk);
      done();
    },
  });
  const tls = connectTls({ socket: inner, servername: 'localhost', ca: wireAuthority });
  let state: 'handshaking' | 'secured' | Error = 'handshaking';
  tls.once('secureConnect', () => {
    state = 'secured';
    client.wake();
  });
  tls.once('error', (error) => {
    state = error;
    client.wake();
  });
  const current = (): typeof state => state;
  while (current() === 'handshaking') {
    await client.until(() => client.waiting > 0 || current() !== 'handshaking', 'a flight');
    if (client.waiting === 0) break;
    const message = await client.message();
    assert.equal(message.type, PACKET.prelogin);
    flights.push(message.payload.length);
    inner.push(message.payload);
  }
  assert.equal(current(), 'secured');
  bare = true;
  return { tls, flights, inner };
}

test('each flight of the handshake is one message of type 12; records are bare afterwards', async (context) => {
  const { port, endpoint } = await startWireLab(context, 'required');
  const client = await RawClient.connect(port);
  context.after(() => client.close());
  assert.equal((await client.prelogin({ encryption: 1 })).encryption, 1);
  const { tls, flights, inner } = await tlsInPrelogin(client);
  assert.equal(
    flights.length,
    2,
    'ServerHello to ServerHelloDone, then ChangeCipherSpec and Finished',
  );
  assert.equal(tls.getProtocol(), 'TLSv1.2');
  assert.equal(tls.isSessionReused(), false);
  client.socket.removeAllListeners('data');
  client.socket.on('data', (chunk) => inner.push(chunk));
  const answer = new Promise<Buffer>((resolve) => tls.once('data', resolve));
  tls.write(frameMessage(PACKET.login7, encodeLogin7(PLAIN_LOGIN)));
  assert.equal((await answer)[0], PACKET.response);
  assert.equal(endpoint.logins[0]?.encrypted, true);
});

test('login-only: LOGIN7 is encrypted, everything after it is plain, and late TLS records are passed over', async (context) => {
  const { port, endpoint } = await startWireLab(context);
  const client = await RawClient.connect(port);
  context.after(() => client.close());
  assert.equal((await client.prelogin({ encryption: 0 })).encryption, 0);
  const { tls } = await tlsInPrelogin(client);
  tls.write(
    frameMessage(PACKET.login7, encodeLogin7({ ...PLAIN_LOGIN, applicationName: 'x'.repeat(100) })),
  );
  const tokens = await client.response();
  assert.equal(tokens.at(-1)?.is, 'done');
  assert.equal(endpoint.logins[0]?.encrypted, false);
  // jTDS: its TLS layer says goodbye in the middle of the plain stream.
  client.raw(Uint8Array.of(0x15, 3, 3, 0, 2, 1, 0));
  client.batch('select 1');
  assert.deepEqual(kinds(await client.response()), ['columns', 'row', 'done']);
});

test('strict: TLS from the first byte, protocol tds/8.0', async (context) => {
  const { port, endpoint } = await startWireLab(context, 'required');
  const tls = connectTls({
    port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: wireAuthority,
    ALPNProtocols: ['tds/8.0'],
  });
  context.after(() => tls.destroy());
  await new Promise((resolve, reject) => {
    tls.once('secureConnect', resolve);
    tls.once('error', reject);
  });
  assert.equal(tls.alpnProtocol, 'tds/8.0');
  const next = (): Promise<Buffer> => new Promise((resolve) => tls.once('data', resolve));
  tls.write(frameMessage(PACKET.prelogin, encodePrelogin({ encryption: 2 })));
  assert.equal((await next())[0], PACKET.response);
  tls.write(frameMessage(PACKET.login7, encodeLogin7({ ...PLAIN_LOGIN, tdsVersion: 0x08000000 })));
  const answer = await next();
  assert.ok(answer.includes(Buffer.from([0xad])));
  assert.equal(endpoint.logins[0]?.encrypted, true);
});

test('TLS from the first byte ends the connection when nothing can be encrypted', async (context) => {
  const { port } = await startWireLab(context, 'not-supported');
  const client = await RawClient.connect(port);
  client.raw(Uint8Array.of(0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0));
  assert.equal(await client.end(), 'reset');
});
