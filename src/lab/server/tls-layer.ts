/**
 * TLS of one connection over byte strings instead of a socket: inside PRELOGIN packets (TDS 7.x),
 * or from the first byte (TDS 8.0).
 *
 * In 7.x each flight of the handshake is one message. Node reports `secure` before its last flight
 * is written, so the handshake counts as over only after a flight with ChangeCipherSpec went out.
 */

import { constants } from 'node:crypto';
import { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket, type SecureContext } from 'node:tls';

import type { ServerCertificate } from './certificate.ts';

/** Contexts of a listener, made once: a context costs a millisecond. */
export interface TlsContexts {
  /** TLS 1.2 without resumption: a resumed session or 1.3 has another number of flights. */
  readonly prelogin: SecureContext;
  readonly strict: SecureContext;
}

/** Makes the contexts. */
export function makeTlsContexts(certificate: ServerCertificate): TlsContexts {
  const pair = { cert: certificate.certificate, key: certificate.privateKey };
  return {
    prelogin: createSecureContext({
      ...pair,
      maxVersion: 'TLSv1.2',
      secureOptions: constants.SSL_OP_NO_TICKET,
    }),
    strict: createSecureContext(pair),
  };
}

/** How the layer speaks to the connection. */
export interface TlsOptions {
  readonly context: SecureContext;
  /** TDS 8.0: no flights, everything bare. */
  readonly strict: boolean;
  /** A flight of the handshake, to be sent as one PRELOGIN message. */
  readonly sendFlight: (bytes: Uint8Array) => void;
  /** TLS records, to be sent bare. */
  readonly sendRecords: (bytes: Uint8Array) => void;
  /** Decrypted bytes. */
  readonly received: (bytes: Uint8Array) => void;
  /** The handshake in PRELOGIN packets is over: records come and go bare from here on. */
  readonly established: () => void;
  /** The handshake failed or the peer ended TLS. */
  readonly failed: () => void;
}

const CHANGE_CIPHER_SPEC = 0x14;

/** The TLS engine of one connection. */
export class TlsLayer {
  readonly #options: TlsOptions;
  readonly #inner: Duplex;
  readonly #tls: TLSSocket;
  #flight: Uint8Array[] = [];
  #bare: boolean;
  #detached = false;

  constructor(options: TlsOptions) {
    this.#options = options;
    this.#bare = options.strict;
    this.#inner = new Duplex({
      read: () => undefined,
      write: (chunk: Uint8Array, _encoding, done) => {
        this.#outgoing(chunk);
        done();
      },
    });
    this.#tls = new TLSSocket(this.#inner, {
      isServer: true,
      secureContext: options.context,
      ...(options.strict ? { ALPNProtocols: ['tds/8.0'] } : {}),
    });
    this.#tls.on('data', (bytes) => {
      if (!this.#detached) options.received(bytes);
    });
    const over = (): void => {
      if (!this.#detached) options.failed();
    };
    this.#tls.on('error', over);
    this.#tls.on('close', over);
    this.#tls.on('end', over);
    this.#inner.on('error', () => undefined);
  }

  /** Bytes from the peer. */
  feed(bytes: Uint8Array): void {
    if (!this.#detached) this.#inner.push(bytes);
  }

  /** Encrypts and sends. */
  write(bytes: Uint8Array): void {
    if (!this.#detached) this.#tls.write(bytes);
  }

  /** Sends what waits; then calls back. */
  flush(done: () => void): void {
    if (this.#detached) done();
    else this.#tls.write(new Uint8Array(0), () => done());
  }

  /** Ends TLS without a word: after a login-only handshake its close_notify must not reach the peer. */
  detach(): void {
    if (this.#detached) return;
    this.#detached = true;
    // Destroying inside its own data event would pull the engine away under itself.
    setImmediate(() => this.#tls.destroy());
  }

  #outgoing(bytes: Uint8Array): void {
    if (this.#detached) return;
    if (this.#bare) return this.#options.sendRecords(bytes);
    this.#flight.push(bytes);
    if (this.#flight.length === 1) setImmediate(() => this.#sendFlight());
  }

  #sendFlight(): void {
    if (this.#detached) return;
    const flight = Buffer.concat(this.#flight);
    this.#flight = [];
    this.#options.sendFlight(flight);
    if (!hasChangeCipherSpec(flight)) return;
    this.#bare = true;
    this.#options.established();
  }
}

/** Walks over the records of a flight. */
function hasChangeCipherSpec(flight: Uint8Array): boolean {
  for (let at = 0; at + 5 <= flight.length;) {
    if (flight[at] === CHANGE_CIPHER_SPEC) return true;
    at += 5 + (((flight[at + 3] ?? 0) << 8) | (flight[at + 4] ?? 0));
  }
  return false;
}
