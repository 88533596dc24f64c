/** A world of two real servers for tests: sessions through T-SQL, rows in SQLite, real time. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { systemRandom } from '../../src/adapters/random.ts';
import { Secret } from '../../src/base/secret.ts';
import { makeCatalog } from '../../src/lab/catalog/catalog.ts';
import type {
  LabSession,
  LoginRequest,
  ResponseSink,
  ServerMessage,
} from '../../src/lab/session.ts';
import type {
  InstanceDefinition,
  LoginDefinition,
  WorldDefinition,
} from '../../src/lab/world/definition.ts';
import { makeWorld } from '../../src/lab/world/world.ts';
import type { World } from '../../src/lab/world/world.ts';
import type { SqlValue } from '../../src/tds/sql-type.ts';
import { version2022 } from './hadr-scenario.ts';
import { realClock } from './real-clock.ts';

export const password = 'Correct-Horse-1';

export function instanceDefinition(
  serverName: string,
  change: Partial<InstanceDefinition> = {},
): InstanceDefinition {
  return {
    serverName,
    fqdn: `${serverName}.contoso.com`,
    address: '127.10.0.1',
    port: 1433,
    version: version2022,
    edition: 'Enterprise',
    domain: 'CONTOSO',
    serviceAccount: 'CONTOSO\\sqlservice',
    alwaysOn: 'enabled',
    encryption: 'supported',
    logins: [login('sa'), login('app_writer'), { ...login('off'), disabled: true }],
    databases: [],
    ...change,
  };
}

export function login(name: string): LoginDefinition {
  return { name, password: new Secret(password), roles: [], permissions: [], disabled: false };
}

/** A world that ends with the test. */
export function startWorld(t: TestContext, change: Partial<WorldDefinition> = {}): World {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'sqlferry-world-'));
  const world = makeWorld({
    clock: realClock,
    random: systemRandom,
    dataDirectory,
    catalog: makeCatalog,
    definition: {
      instances: [
        instanceDefinition('OnPremNode', {
          databases: [
            { name: 'Adventureworks', recoveryModel: 'FULL', fullBackupTaken: true, load: null },
          ],
        }),
        instanceDefinition('SQLVM'),
      ],
      link: { latencyMs: 0, seedingBytesPerSecond: null },
      settings: { seedingMs: 100, tickMs: 50, sessionTimeoutMs: 500 },
      ...change,
    },
  });
  t.after(() => {
    world.close();
    rmSync(dataDirectory, { recursive: true, force: true });
  });
  return world;
}

export interface Answer {
  readonly rows: readonly (readonly SqlValue[])[];
  readonly errors: readonly ServerMessage[];
  readonly infos: readonly ServerMessage[];
}

/** A client of one instance. */
export class Client {
  readonly session: LabSession;
  /** undefined while the session lives. */
  ended: ServerMessage | null | undefined = undefined;

  constructor(session: LabSession) {
    this.session = session;
    session.onEnded((message) => {
      this.ended = message;
    });
  }

  async ask(text: string, signal = new AbortController().signal): Promise<Answer> {
    const rows: (readonly SqlValue[])[] = [];
    const messages: ServerMessage[] = [];
    const sink: ResponseSink = {
      columns: () => undefined,
      row: (values) => void rows.push(values),
      done: () => undefined,
      message: (message) => void messages.push(message),
      databaseChanged: () => undefined,
      transactionChanged: () => undefined,
      returnStatus: () => undefined,
      returnValue: () => undefined,
      drain: () => Promise.resolve(),
    };
    await this.session.batch(text, sink, signal);
    return {
      rows,
      errors: messages.filter((message) => message.severity > 10),
      infos: messages.filter((message) => message.severity <= 10),
    };
  }

  /** Runs a batch that must not fail. */
  async run(text: string): Promise<Answer['rows']> {
    const answer = await this.ask(text);
    assert.deepEqual(answer.errors, [], text);
    return answer.rows;
  }

  /** Numbers of the errors of a batch. */
  async fail(text: string): Promise<readonly number[]> {
    return (await this.ask(text)).errors.map((error) => error.number);
  }
}

export function loginRequest(change: Partial<LoginRequest> = {}): LoginRequest {
  return {
    user: 'sa',
    password,
    database: '',
    applicationName: 'test',
    hostName: 'here',
    clientInterfaceName: 'test',
    hostProcessId: 1,
    readOnlyIntent: false,
    serverName: 'x',
    clientAddress: '127.0.0.1',
    serverAddress: '127.0.0.1',
    serverPort: 1433,
    encrypted: true,
    tdsVersion: 0x74000004,
    ...change,
  };
}

/** Logs in, or fails the test. */
export async function connect(
  world: World,
  instance: string,
  change: Partial<LoginRequest> = {},
): Promise<Client> {
  const outcome = await world.endpoint(instance).login(loginRequest(change));
  assert.ok(outcome.kind === 'accepted', JSON.stringify(outcome));
  return new Client(outcome.session);
}

/** Waits until the condition holds, at most five seconds. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  for (let count = 0; count < 1_000; count += 1) {
    if (condition()) return;
    await realClock.sleep(5);
  }
  assert.fail(`did not happen: ${what}`);
}
