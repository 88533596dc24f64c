/** What a client meets before it is logged in: closed ports, other services, silence, no encryption. */

import assert from 'node:assert/strict';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { after, test } from 'node:test';

import { Secret } from '../../base/secret.ts';
import type { Problem } from '../../model/problem.ts';
import type { ConnectionSettings } from '../config/load-migration.ts';
import { systemClock } from '../clock.ts';
import { classify } from './classify.ts';
import { readPrelogin } from './prelogin.ts';
import { openSession } from './session.ts';

const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
});

const PASSWORD = 'a-very-secret-password';

async function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function settings(port: number): ConnectionSettings {
  return {
    side: 'source',
    instance: 'OnPremNode',
    fqdn: 'OnPremNode.contoso.com',
    host: '127.0.0.1',
    port,
    user: 'sa',
    password: new Secret(PASSWORD),
    domain: null,
    tls: { encrypt: 'mandatory', trustServerCertificate: false, ca: null },
  };
}

async function refused(port: number, signal = new AbortController().signal): Promise<Problem> {
  const session = await openSession(settings(port), systemClock, signal);
  assert.ok(!session.ok, 'the session was opened');
  assert.doesNotMatch(JSON.stringify(session.error), new RegExp(PASSWORD, 'u'));
  return session.error;
}

/** PRELOGIN answer of SQL Server 2022 with this ENCRYPTION option. */
function preloginAnswer(encryption: number): Buffer {
  const options = Buffer.from([
    0,
    0,
    11,
    0,
    6,
    1,
    0,
    17,
    0,
    1,
    0xff,
    16,
    0,
    0x10,
    0x27,
    0,
    0,
    encryption,
  ]);
  const header = Buffer.from([4, 1, 0, 8 + options.length, 0, 0, 1, 0]);
  return Buffer.concat([header, options]);
}

test('the answer to PRELOGIN is read with its version and its encryption', () => {
  assert.deepEqual(readPrelogin(preloginAnswer(1)), {
    kind: 'answer',
    encrypted: true,
    versionMajor: 16,
  });
  assert.deepEqual(readPrelogin(preloginAnswer(3)), {
    kind: 'answer',
    encrypted: true,
    versionMajor: 16,
  });
  for (const option of [0, 2]) {
    assert.deepEqual(readPrelogin(preloginAnswer(option)), {
      kind: 'answer',
      encrypted: false,
      versionMajor: 16,
    });
  }
  for (let length = 0; length < preloginAnswer(1).length; length += 1) {
    assert.equal(readPrelogin(preloginAnswer(1).subarray(0, length)).kind, 'incomplete');
  }
  assert.equal(readPrelogin(Buffer.from('HTTP/1.1 400')).kind, 'not-tds');
});

test('a server that offers no encryption is left before the password is sent', async () => {
  for (const option of [0, 2]) {
    const received: Buffer[] = [];
    let closed: () => void = () => {};
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const port = await listen((socket) => {
      socket.on('data', (chunk) => {
        received.push(chunk);
        if (received.length === 1) socket.write(preloginAnswer(option));
      });
      socket.on('close', closed);
    });
    const problem = await refused(port);
    assert.equal(problem.code, 'SF-TDS-001');
    await gone;
    const types = received.map((packet) => packet[0]);
    assert.deepEqual(types, [0x12], 'only PRELOGIN was sent');
  }
});

test('a closed port is not reachable', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const problem = await refused(port);
  assert.equal(problem.code, 'SF-NET-001');
  assert.match(problem.because.join(' '), /ECONNREFUSED/u);
});

test('another service on the port is recognised', async () => {
  const port = await listen((socket) => {
    socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  });
  assert.equal((await refused(port)).code, 'SF-NET-004');
});

test('a server that hangs up is not reachable, and the program goes on', async () => {
  const port = await listen((socket) => socket.destroy());
  assert.equal((await refused(port)).code, 'SF-NET-001');
});

test('a signal ends the attempt to connect to a server that stays silent', async () => {
  const stop = new AbortController();
  const port = await listen((socket) => {
    socket.on('data', () => stop.abort());
  });
  assert.equal((await refused(port, stop.signal)).code, 'SF-NET-001');
});

test('errors are classified by number alone', () => {
  const error = (number: number, message = 'text'): Parameters<typeof classify>[0][0] => ({
    number,
    state: 1,
    class: 16,
    message,
    serverName: 'OnPremNode',
  });
  assert.equal(classify([error(41_190)], 'A').problem.code, 'SF-SQL-001');
  assert.equal(classify([error(58_103)], 'A').problem.code, 'SF-CUT-103');
  assert.equal(classify([error(229)], 'A').problem.code, 'SF-SQL-002');
  assert.equal(classify([error(1), error(41_131)], 'A').outcome, 'unknown');
  assert.equal(classify([error(58_102, 'in another language')], 'A').outcome, 'failed');
});

test('what answers instead of SQL Server is named with its first bytes', async () => {
  const services = [
    ['HTTP/1.1 400 Bad Request\r\n\r\n', /HTTP \(a web server\): "HTTP\/1\.1 400/u],
    ['E\0\0\0\x90SFATAL\0', /PostgreSQL: "E\.\.\.\.SFATAL/u],
    ['SSH-2.0-OpenSSH_9.6\r\n', /SSH: "SSH-2\.0/u],
    ['\x4a\0\0\0\x0a8.0.36\0', /MySQL or MariaDB/u],
    ['\x15\x03\x01\0\x02\x02\x46', /TLS from the first byte/u],
    ['\x99\x98\x97', /another protocol: "\.\.\."/u],
  ] as const;
  for (const [greeting, words] of services) {
    const port = await listen((socket) =>
      socket.once('data', () => socket.write(Buffer.from(greeting, 'latin1'))),
    );
    const problem = await refused(port);
    assert.equal(problem.code, 'SF-NET-004', greeting);
    assert.match(problem.because.join(' '), words);
  }
});

test('a service that closes without a word, as PostgreSQL does, is told apart from a closed port', async () => {
  const port = await listen((socket) => socket.once('data', () => socket.end()));
  const problem = await refused(port);
  assert.match(problem.because.join(' '), /port is open, but nothing answered .*PostgreSQL/u);
});
