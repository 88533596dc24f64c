/**
 * The control interface of a running lab: HTTP on loopback, JSON, a bearer token.
 *
 * `GET /status`, `POST /fault`, `POST /reset`, `POST /stop`. Every answer is a JSON object; an error
 * has `error`, and `allowed` where there is a choice.
 */

import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import { assert } from '../../base/assert.ts';
import type { Secret } from '../../base/secret.ts';
import type { Result } from '../../base/result.ts';

/** What the control interface drives. */
export interface Controlled {
  /** Plain data for JSON. */
  status(): unknown;
  /** Injects the fault that the JSON value describes. */
  fault(value: unknown): Result<null, string>;
  /** Back to the start; resolves when clients can connect again. */
  reset(): Promise<void>;
  /** Ends the lab, after this answer has been sent. */
  stop(): void;
}

/** Where the control interface listens. */
export interface ControlServer {
  /** For example `http://127.0.0.1:40123`. */
  readonly url: string;
  close(): Promise<void>;
}

/** What `startControl` needs; port 0 takes a free one. */
export interface ControlOptions {
  readonly host: string;
  readonly port: number;
  readonly token: Secret;
  readonly controlled: Controlled;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Runs after the answer has left. */
  readonly afterwards?: () => void;
}

const MAX_BODY_BYTES = 65_536;
const ROUTES: Readonly<Record<string, 'GET' | 'POST'>> = {
  '/status': 'GET',
  '/fault': 'POST',
  '/reset': 'POST',
  '/stop': 'POST',
};

/** Starts to listen; rejects with Node's error when the address cannot be had. */
export async function startControl(options: ControlOptions): Promise<ControlServer> {
  const server = createServer((request, response) => {
    void respond(request, response, options);
  });
  server.keepAliveTimeout = 1;
  await listening(server, options);
  const address = server.address();
  assert(typeof address === 'object' && address !== null, 'the control server has a TCP address');
  return {
    url: `http://${options.host}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  options: ControlOptions,
): Promise<void> {
  const { status, body, afterwards } = await answer(request, options).catch(
    (error: unknown): Answer => ({ status: 500, body: { error: String(error) } }),
  );
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`, afterwards);
}

async function answer(request: IncomingMessage, options: ControlOptions): Promise<Answer> {
  if (!authorized(request, options.token)) {
    return { status: 401, body: { error: 'the bearer token is missing or wrong' } };
  }
  const path = (request.url ?? '').split('?')[0] ?? '';
  const method = ROUTES[path];
  if (method === undefined) {
    return { status: 404, body: { error: `no ${path}`, allowed: Object.keys(ROUTES) } };
  }
  if (request.method !== method) {
    return {
      status: 405,
      body: { error: `${path} does not take ${request.method}`, allowed: [method] },
    };
  }
  const { controlled } = options;
  switch (path) {
    case '/status': {
      return { status: 200, body: controlled.status() };
    }
    case '/fault': {
      const value = await readJson(request);
      const done = value.ok ? controlled.fault(value.value) : value;
      return done.ok
        ? { status: 200, body: { done: true } }
        : { status: 400, body: { error: done.error } };
    }
    case '/reset': {
      await controlled.reset();
      return { status: 200, body: { done: true } };
    }
    default: {
      return { status: 200, body: { done: true }, afterwards: () => controlled.stop() };
    }
  }
}

function authorized(request: IncomingMessage, token: Secret): boolean {
  const given = request.headers.authorization ?? '';
  // Digests have one length, so that the comparison takes the same time for every input.
  return timingSafeEqual(digest(given), digest(`Bearer ${token.reveal()}`));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

async function readJson(request: IncomingMessage): Promise<Result<unknown, string>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk as Uint8Array);
    bytes += part.length;
    if (bytes > MAX_BODY_BYTES) return { ok: false, error: `more than ${MAX_BODY_BYTES} bytes` };
    chunks.push(part);
  }
  try {
    return { ok: true, value: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
  } catch {
    return { ok: false, error: 'the body is not JSON' };
  }
}

function listening(
  server: Server,
  at: { readonly host: string; readonly port: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: at.host, port: at.port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
