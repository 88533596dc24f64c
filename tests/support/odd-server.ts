/** Instances of a lab behind real sockets that answer differently from a server: hang, break off, or claim to be another. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

import type { ConnectionSettings } from '../../src/adapters/config/load-migration.ts';
import { makeLink } from '../../src/adapters/sqlserver/link.ts';
import { lookAtFacts } from '../../src/adapters/sqlserver/assess-look.ts';
import { Secret } from '../../src/base/secret.ts';
import { issue, makeAuthority } from '../../src/lab/server/certificate.ts';
import { listen } from '../../src/lab/server/listener.ts';
import type { LabEndpoint, LabSession, ResponseSink } from '../../src/lab/session.ts';
import type { SideFacts } from '../../src/model/assess-facts.ts';
import type { Migration } from '../../src/model/migration.ts';
import { realClock } from './real-clock.ts';

const authority = makeAuthority({ commonName: 'odd server CA', now: realClock.now() });
const certificate = issue(authority, { names: ['odd.contoso.com'], addresses: ['127.0.0.1'] });

/** What is odd about it; rowsets are named by their first column. */
export interface Oddity {
  /** Says nothing any more when this rowset should come. */
  readonly hangsBefore?: string;
  /** An ERROR token of severity 16 in the place of this rowset's rows, outside of TRY. */
  readonly failsIn?: string;
  /** Version in PRELOGIN and LOGINACK. */
  readonly major?: number;
  /** Values in the place of those of `part_server`, by column. */
  readonly claims?: Readonly<Record<string, string | number>>;
}

/** How it is asked. */
export interface OddLook {
  readonly endpoint: LabEndpoint;
  readonly oddity: Oddity;
  readonly migration: Migration;
  readonly user: string;
  readonly password: string;
  readonly limitMs: number;
}

/** Puts the endpoint behind a socket with its oddity and reads the facts of the source through the driver. */
export async function lookAtOddServer(context: TestContext, asked: OddLook): Promise<SideFacts> {
  const { migration } = asked;
  const bugs: unknown[] = [];
  const listener = await listen({
    endpoint: oddEndpoint(asked.endpoint, asked.oddity),
    host: '127.0.0.1',
    port: 0,
    clock: realClock,
    certificate,
    onBug: (error) => bugs.push(error),
  });
  const instance = migration.source.instances[0].name;
  const settings: ConnectionSettings = {
    side: 'source',
    instance,
    fqdn: 'odd.contoso.com',
    host: '127.0.0.1',
    port: listener.port,
    user: asked.user,
    password: new Secret(asked.password),
    domain: null,
    tls: { encrypt: 'mandatory', trustServerCertificate: false, ca: authority.certificate },
  };
  const link = makeLink(settings, realClock);
  context.after(async () => {
    link.close();
    await listener.close();
    assert.deepEqual(bugs, []);
  });
  const { limitMs } = asked;
  const signal = new AbortController().signal;
  return lookAtFacts({ link, migration, side: 'source', instance, signal, limitMs });
}

function oddEndpoint(endpoint: LabEndpoint, oddity: Oddity): LabEndpoint {
  const { major = endpoint.version.major } = oddity;
  return {
    serverName: endpoint.serverName,
    version: { ...endpoint.version, major },
    encryption: endpoint.encryption,
    link: () => endpoint.link(),
    onLinkChanged: (callback) => endpoint.onLinkChanged(callback),
    async login(request) {
      const outcome = await endpoint.login(request);
      return outcome.kind === 'refused'
        ? outcome
        : { ...outcome, session: oddSession(outcome.session, oddity) };
    },
  };
}

function oddSession(session: LabSession, oddity: Oddity): LabSession {
  return {
    sessionId: session.sessionId,
    database: session.database,
    rpc: (call, sink, signal) => session.rpc(call, sink, signal),
    transaction: (request, sink, signal) => session.transaction(request, sink, signal),
    reset: (keep) => session.reset(keep),
    close: () => session.close(),
    onEnded: (callback) => session.onEnded(callback),
    async batch(text, sink, signal) {
      const odd = oddSink(sink, oddity);
      await session.batch(text, odd.sink, signal);
      if (odd.hangs()) await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  };
}

function oddSink(
  sink: ResponseSink,
  oddity: Oddity,
): { readonly sink: ResponseSink; hangs(): boolean } {
  let hangs = false;
  let failing = false;
  let claimed: readonly (string | undefined)[] = [];
  const pass = (write: () => void): void => {
    if (!hangs) write();
  };
  return {
    hangs: () => hangs,
    sink: {
      columns(columns) {
        const name = columns[0]?.name;
        hangs ||= name !== undefined && name === oddity.hangsBefore;
        failing = name !== undefined && name === oddity.failsIn;
        claimed = name === 'part_server' ? columns.map((column) => column.name) : [];
        pass(() => sink.columns(columns));
      },
      row(values) {
        const { claims = {} } = oddity;
        const row = values.map((value, index) => claims[claimed[index] ?? ''] ?? value);
        if (!failing) pass(() => sink.row(row));
      },
      done(done) {
        if (failing) {
          const text = 'This rowset could not be finished.';
          sink.message({ number: 50_000, state: 1, severity: 16, text, procedure: '', line: 1 });
        }
        pass(() => sink.done({ ...done, failed: done.failed || failing }));
        failing = false;
      },
      message: (message) => pass(() => sink.message(message)),
      databaseChanged: (from, to) => pass(() => sink.databaseChanged(from, to)),
      transactionChanged: (change, descriptor) =>
        pass(() => sink.transactionChanged(change, descriptor)),
      returnStatus: (status) => pass(() => sink.returnStatus(status)),
      returnValue: (name, type, value) => pass(() => sink.returnValue(name, type, value)),
      drain: () => sink.drain(),
      flush: () => pass(() => sink.flush?.()),
    },
  };
}
