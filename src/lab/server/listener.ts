/** Binds one instance of the lab to a TCP port and speaks MS-TDS to whoever connects. */

import type { Clock } from '../../ports/clock.ts';
import type { LabEndpoint } from '../session.ts';
import type { ServerCertificate } from './certificate.ts';

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

/** Binds the endpoint; rejects with Node's error (EADDRINUSE, EADDRNOTAVAIL) when the address cannot be had. */
export function listen(options: ListenOptions): Promise<LabListener> {
  return Promise.reject(new Error(`not bound yet: ${options.host}`));
}
