/**
 * One client connection through the simulated network: delay per direction with the order kept,
 * refusal, black hole (state and delay come from `LabEndpoint.link()`).
 *
 * Bytes lost in a black hole are lost for good, so a connection that lost some is reset when the
 * link opens again; until then neither side learns anything. Not here: what the bytes mean.
 */

import type { Socket } from 'node:net';

import type { Clock } from '../../ports/clock.ts';
import type { ClientLink } from '../session.ts';

/** What a connection tells its owner. */
export interface LinkHandlers {
  readonly received: (bytes: Uint8Array) => void;
  /** The connection is over; called once. */
  readonly closed: () => void;
}

/** What a connection needs. */
export interface LinkOptions {
  readonly socket: Socket;
  readonly link: () => ClientLink;
  readonly clock: Clock;
  readonly handlers: LinkHandlers;
}

/** Bytes that may wait for the peer before `drained` makes the sender wait. */
const HIGH_WATER = 256 * 1024;
/** Received bytes that may wait for their delay before the socket is paused. */
const DELAYED_BYTES = 4 * 1024 * 1024;
/** After our end the peer has so long to close its own. */
const LINGER_MS = 5000;

/** A socket behind the simulated network. */
export class LinkedSocket {
  readonly #socket: Socket;
  readonly #link: () => ClientLink;
  readonly #clock: Clock;
  readonly #handlers: LinkHandlers;
  readonly #inbound: DelayLine;
  readonly #outbound: DelayLine;
  #waiting: (() => void)[] = [];
  /** Bytes vanished: the connection cannot go on. */
  #lost = false;
  #over = false;
  #ending = false;
  #cancelLinger: (() => void) | undefined;

  constructor(options: LinkOptions) {
    this.#socket = options.socket;
    this.#link = options.link;
    this.#clock = options.clock;
    this.#handlers = options.handlers;
    this.#inbound = new DelayLine(options.clock, (item) => this.#deliverIn(item));
    this.#outbound = new DelayLine(options.clock, (item) => this.#deliverOut(item));
    const { socket } = options;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.#inbound.push(chunk, this.#link().delayMs);
      if (this.#inbound.bytes > DELAYED_BYTES) socket.pause();
    });
    socket.on('end', () => this.#inbound.push('end', this.#link().delayMs));
    socket.on('drain', () => this.#release());
    // 'close' follows and says all that is needed.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#socketClosed());
  }

  /** Sends bytes; they must not be changed afterwards. */
  write(bytes: Uint8Array): void {
    if (!this.#over && !this.#ending) this.#outbound.push(bytes, this.#link().delayMs);
  }

  /** Resolves when little enough waits for the peer, or the connection is over. */
  drained(): Promise<void> {
    if (this.#over || this.#pending() < HIGH_WATER) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Sends what waits, then ends the connection. */
  finish(): void {
    if (this.#over || this.#ending) return;
    this.#ending = true;
    this.#outbound.push('end', this.#link().delayMs);
    this.#cancelLinger = this.#clock.schedule(LINGER_MS, () => this.reset());
  }

  /** Cuts the connection at once; in a black hole the peer does not learn of it until the link opens. */
  reset(): void {
    if (this.#link().state === 'black-hole' && !this.#socket.destroyed) {
      this.#lost = true;
      this.#finished();
      return;
    }
    this.destroy();
  }

  /** Cuts the connection whatever the link says: the listener closes. */
  destroy(): void {
    // libuv refuses to reset a socket that is shutting down, and would leave it open and spinning.
    if (this.#socket.writableEnded || this.#socket.readableEnded) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
    this.#finished();
  }

  /** The state of the link changed. */
  linkChanged(): void {
    const { state } = this.#link();
    if (state === 'refuse' || (state === 'open' && this.#lost)) this.destroy();
  }

  /** Nothing is left to do: the owner knows of the end and the socket is gone. */
  get isGone(): boolean {
    return this.#over && this.#socket.destroyed;
  }

  #deliverIn(item: Uint8Array | 'end'): void {
    if (this.#vanishes()) return;
    if (item === 'end') this.#finished();
    else {
      if (this.#socket.isPaused() && this.#inbound.bytes <= DELAYED_BYTES) this.#socket.resume();
      if (!this.#over) this.#handlers.received(item);
    }
  }

  #deliverOut(item: Uint8Array | 'end'): void {
    if (this.#vanishes()) return this.#release();
    if (item === 'end') this.#socket.end();
    else {
      this.#socket.write(item);
      this.#release();
    }
  }

  #vanishes(): boolean {
    if (this.#link().state === 'black-hole') this.#lost = true;
    return this.#lost || this.#socket.destroyed;
  }

  #pending(): number {
    return this.#outbound.bytes + this.#socket.writableLength;
  }

  #release(): void {
    if (!this.#over && this.#pending() >= HIGH_WATER) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #socketClosed(): void {
    this.#cancelLinger?.();
    if (this.#link().state === 'black-hole' && !this.#over) this.#lost = true;
    else this.#finished();
  }

  #finished(): void {
    if (this.#over) return;
    this.#over = true;
    this.#inbound.stop();
    // An end that was asked for still goes out after its delay.
    if (!this.#ending) this.#outbound.stop();
    this.#release();
    this.#handlers.closed();
  }
}

interface Delayed {
  readonly due: number;
  readonly item: Uint8Array | 'end';
}

/** One direction: nothing overtakes what was sent before it. */
class DelayLine {
  readonly #clock: Clock;
  readonly #deliver: (item: Uint8Array | 'end') => void;
  #queue: Delayed[] = [];
  #cancel: (() => void) | undefined;
  #stopped = false;
  /** Bytes on their way. */
  bytes = 0;

  constructor(clock: Clock, deliver: (item: Uint8Array | 'end') => void) {
    this.#clock = clock;
    this.#deliver = deliver;
  }

  push(item: Uint8Array | 'end', delayMs: number): void {
    if (this.#stopped) return;
    if (delayMs <= 0 && this.#queue.length === 0) return this.#deliver(item);
    const due = Math.max(this.#clock.monotonic() + delayMs, this.#queue.at(-1)?.due ?? 0);
    this.#queue.push({ due, item });
    if (item !== 'end') this.bytes += item.length;
    if (this.#queue.length === 1) this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#queue = [];
    this.bytes = 0;
  }

  #arm(): void {
    const [head] = this.#queue;
    if (head === undefined) return;
    const wait = Math.max(0, head.due - this.#clock.monotonic());
    this.#cancel = this.#clock.schedule(wait, () => this.#arrive());
  }

  #arrive(): void {
    const now = this.#clock.monotonic();
    while (!this.#stopped) {
      const [head] = this.#queue;
      if (head === undefined) return;
      if (head.due > now) break;
      this.#queue.shift();
      if (head.item !== 'end') this.bytes -= head.item.length;
      this.#deliver(head.item);
    }
    if (!this.#stopped) this.#arm();
  }
}
