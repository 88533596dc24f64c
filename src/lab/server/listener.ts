/** Binds one instance of the lab to a TCP port and speaks MS-TDS to whoever connects. */

import { createServer, type Socket } from 'node:net';

import type { Clock } from '../../ports/clock.ts';
import type { LabEndpoint } from '../session.ts';
import type { ServerCertificate } from './certificate.ts';
import { Connection } from './connection.ts';
import { LinkedSocket } from './link.ts';
import { makeTlsContexts, type TlsContexts } from './tls-layer.ts';

/** Limits of one listener; each has a default. */
export interface ListenerLimits {
  /** Milliseconds from the connection to the end of the login. */
  readonly loginTimeoutMs: number;
  /** Bytes of one request message. */
  readonly messageBytes: number;
  /** Connections at the same time; further ones are reset. */
  readonly connections: number;
}

/** What a listener needs. */
export interface ListenOptions {
  readonly endpoint: LabEndpoint;
  /** Asked for every new connection in place of `endpoint`; null refuses it. */
  readonly route?: () => LabEndpoint | null;
  /** Address to bind. */
  readonly host: string;
  /** Port to bind; 0 takes a free one. */
  readonly port: number;
  /** Delays of the link and the login limit run on it. */
  readonly clock: Clock;
  /** Needed unless the endpoint offers no encryption. */
  readonly certificate: ServerCertificate | null;
  readonly limits?: Partial<ListenerLimits>;
  /** Told when a session broke its contract (rejected for a reason that is not its abort signal): a bug. */
  readonly onBug: (error: unknown) => void;
}

/** A bound listener. */
export interface LabListener {
  readonly host: string;
  /** The port in use, also when 0 was asked. */
  readonly port: number;
  /** Open connections, logged in or not. */
  connections(): number;
  /** Stops listening and cuts every connection; resolves when all are gone. */
  close(): Promise<void>;
}

const DEFAULT_LIMITS: ListenerLimits = {
  // A driver gives up after 15 s as a rule.
  loginTimeoutMs: 15_000,
  messageBytes: 128 * 1024 * 1024,
  // The most that SQL Server allows.
  connections: 32_767,
};

/** Binds the endpoint; rejects with Node's error (EADDRINUSE, EADDRNOTAVAIL) when the address cannot be had. */
export async function listen(options: ListenOptions): Promise<LabListener> {
  const { host, port, certificate } = options;
  const route = options.route ?? ((): LabEndpoint => options.endpoint);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const tls = certificate === null ? null : makeTlsContexts(certificate);
  const links = new Set<LinkedSocket>();
  const server = createServer((socket) => {
    const endpoint = route();
    const isRefused = endpoint === null || endpoint.link().state === 'refuse';
    if (isRefused || links.size >= limits.connections) {
      socket.resetAndDestroy();
      return;
    }
    const link: LinkedSocket = accept(socket, {
      ...options,
      endpoint,
      limits,
      tls,
      gone: (gone) => {
        links.delete(gone);
        unsubscribe();
      },
    });
    const unsubscribe = endpoint.onLinkChanged(() => link.linkChanged());
    links.add(link);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  server.on('error', options.onBug);
  const address = server.address();
  return {
    host,
    port: address !== null && typeof address === 'object' ? address.port : port,
    connections: () => links.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const link of links) link.destroy();
      }),
  };
}

interface AcceptOptions extends ListenOptions {
  readonly limits: ListenerLimits;
  readonly tls: TlsContexts | null;
  readonly gone: (link: LinkedSocket) => void;
}

function accept(socket: Socket, options: AcceptOptions): LinkedSocket {
  const { endpoint, clock, tls, limits, onBug } = options;
  const link: LinkedSocket = new LinkedSocket({
    socket,
    clock,
    link: () => endpoint.link(),
    handlers: {
      received: (bytes) => connection.received(bytes),
      closed: () => {
        cancelLoginLimit();
        connection.closed();
        if (link.isGone) options.gone(link);
      },
    },
  });
  const cancelLoginLimit = clock.schedule(limits.loginTimeoutMs, () => link.reset());
  const connection: Connection = new Connection({
    endpoint,
    wire: link,
    clock,
    tls,
    messageBytes: limits.messageBytes,
    addresses: {
      clientAddress: plainAddress(socket.remoteAddress),
      serverAddress: plainAddress(socket.localAddress),
      serverPort: socket.localPort ?? 0,
    },
    onLoggedIn: cancelLoginLimit,
    onBug,
  });
  socket.on('close', () => {
    // A black hole may still hide the end from the session.
    if (link.isGone) options.gone(link);
  });
  return link;
}

/** IPv4 addresses as IPv4 even on a socket that listens on both. */
function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:/u, '');
}
