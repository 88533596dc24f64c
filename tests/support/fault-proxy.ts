/**
 * A TCP proxy between the real driver and a server of the lab that breaks one request in one way.
 *
 * Inside is TLS, so it knows no packets: it is armed just before a request is sent, and what then comes
 * first from the client is that request. What the server has done with it is asked of the lab itself.
 */

import assert from 'node:assert/strict';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

import { systemClock } from '../../src/adapters/clock.ts';

/** What happens to the next request. */
export type WireFault =
  /** Nothing of it leaves; the client's connection is reset. */
  | { readonly kind: 'reset-before' }
  /** Only so many bytes of it arrive, then both connections are reset. */
  | { readonly kind: 'cut-request'; readonly bytes: number }
  /** It arrives whole; both connections are reset when the promise resolves, and nothing was answered. */
  | { readonly kind: 'reset-when'; readonly when: Promise<void> }
  /** So many bytes of the answer arrive, then both connections are reset. */
  | { readonly kind: 'cut-reply'; readonly bytes: number }
  /** It arrives, the answer vanishes, and both connections stay open. */
  | { readonly kind: 'half-open' }
  /** It is kept here until the promise resolves, and is then delivered although the client may be gone. */
  | { readonly kind: 'hold'; readonly until: Promise<void> }
  /** It and its answer take this long each. */
  | { readonly kind: 'latency'; readonly delayMs: number };

/** A proxy before one server. */
export interface FaultProxy {
  readonly port: number;
  /** Breaks the next request; resolves when its first bytes have come. */
  arm(fault: WireFault): Promise<void>;
  /** Resets every connection; what is armed is forgotten. */
  cut(): void;
  close(): Promise<void>;
}

interface Line {
  readonly client: Socket;
  readonly server: Socket;
  /** The fault this connection is under. */
  fault: WireFault | null;
  passed: number;
}

interface Armed {
  readonly fault: WireFault;
  readonly begun: () => void;
}

/** Starts a proxy on a free port of the loopback. */
export async function startFaultProxy(to: {
  readonly host: string;
  readonly port: number;
}): Promise<FaultProxy> {
  const lines = new Set<Line>();
  let armed: Armed | null = null;
  const take = (line: Line): void => {
    if (armed === null) return;
    line.fault = armed.fault;
    line.passed = 0;
    armed.begun();
    armed = null;
    if (line.fault.kind === 'reset-when') void line.fault.when.then(() => reset(line));
  };
  const server = createServer((client) => {
    const line: Line = { client, server: connect(to.port, to.host), fault: null, passed: 0 };
    lines.add(line);
    client.setNoDelay(true);
    line.server.setNoDelay(true);
    client.on('data', (chunk: Buffer) => {
      take(line);
      forward(line, chunk);
    });
    line.server.on('data', (chunk: Buffer) => back(line, chunk));
    follow(line, () => lines.delete(line));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const cut = (): void => {
    armed = null;
    for (const line of lines) reset(line);
    lines.clear();
  };
  return {
    port,
    arm: (fault) =>
      new Promise((begun) => {
        assert.equal(armed, null, 'one fault at a time');
        armed = { fault, begun };
      }),
    cut,
    close: () =>
      new Promise((resolve) => {
        cut();
        server.close(() => resolve());
      }),
  };
}

/** What the client sends. */
function forward(line: Line, chunk: Buffer): void {
  const { fault, server } = line;
  switch (fault?.kind) {
    case 'reset-before':
      return reset(line);
    case 'cut-request': {
      const rest = fault.bytes - line.passed;
      line.passed += chunk.length;
      if (chunk.length < rest) return void server.write(chunk);
      // Ended before reset, so that the bytes really arrive.
      return void server.write(chunk.subarray(0, Math.max(0, rest)), () => reset(line));
    }
    case 'hold':
      return void fault.until.then(() => server.write(chunk));
    case 'latency':
      return later(fault.delayMs, () => server.write(chunk));
    default:
      server.write(chunk);
  }
}

/** What the server answers. */
function back(line: Line, chunk: Buffer): void {
  const { fault, client } = line;
  switch (fault?.kind) {
    case 'reset-when':
    case 'half-open':
      return;
    case 'cut-reply': {
      const rest = fault.bytes - line.passed;
      line.passed += chunk.length;
      if (chunk.length < rest) return void client.write(chunk);
      return void client.write(chunk.subarray(0, Math.max(0, rest)), () => reset(line));
    }
    case 'latency':
      return later(fault.delayMs, () => client.write(chunk));
    default:
      client.write(chunk);
  }
}

function later(delayMs: number, write: () => void): void {
  systemClock.schedule(delayMs, write);
}

/** Either end that closes takes the other with it, except where the fault is that nobody notices. */
function follow(line: Line, ended: () => void): void {
  const { client, server } = line;
  client.on('error', () => undefined);
  server.on('error', () => undefined);
  server.on('close', () => {
    client.destroy();
    ended();
  });
  client.on('close', () => {
    if (line.fault?.kind !== 'hold' && line.fault?.kind !== 'half-open') server.destroy();
  });
}

function reset(line: Line): void {
  line.client.resetAndDestroy();
  line.server.resetAndDestroy();
}
