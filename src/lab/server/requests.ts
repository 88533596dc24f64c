/**
 * The requests of a logged-in connection: one after the other, attention, reset, the session's end.
 *
 * Relies on the session's promise that a request resolves when its answer is complete, or rejects
 * after its signal was aborted. Not here: bytes and encryption (`connection.ts`).
 */

import { decode, type MalformedMessage } from '../../tds/bytes.ts';
import { PACKET, STATUS, type Message } from '../../tds/packet.ts';
import { decodeBatch, decodeTransaction } from '../../tds/request.ts';
import { decodeCalls } from '../../tds/rpc.ts';
import { DONE } from '../../tds/token.ts';
import type { LabSession, ServerMessage } from '../session.ts';
import { loneDone, PacketSink, type ResponseChannel } from './response-sink.ts';

/** What the requests of a connection need. */
export interface RequestsOptions {
  readonly session: LabSession;
  readonly channel: ResponseChannel;
  /** Ends the connection after what was written. */
  readonly finish: () => void;
  /** The peer broke the protocol. */
  readonly violated: () => void;
  readonly onBug: (error: unknown) => void;
}

interface Waiting {
  readonly message: Message;
  /** An attention came before the request was begun. */
  cancelled: boolean;
}

/** Messages a client may send ahead; without MARS it has no business to send more than one. */
const WAITING_LIMIT = 64;

/** The queue of one connection. */
export class Requests {
  readonly #options: RequestsOptions;
  #waiting: Waiting[] = [];
  #running: { readonly sink: PacketSink; readonly abort: AbortController } | undefined;
  #busy = false;
  #ended = false;

  constructor(options: RequestsOptions) {
    this.#options = options;
    options.session.onEnded((message) => this.#sessionEnded(message));
  }

  /** Takes a complete message. */
  submit(message: Message): void {
    if (this.#ended) return;
    if (message.type === PACKET.attention) {
      this.#running?.abort.abort();
      for (const waiting of this.#waiting) waiting.cancelled = true;
    }
    this.#waiting.push({ message, cancelled: false });
    if (this.#waiting.length > WAITING_LIMIT) return this.#options.violated();
    if (!this.#busy) void this.#work();
  }

  /** The connection is gone: stops the running request and closes the session. */
  close(): void {
    if (!this.#ended) this.#end();
    this.#options.session.close();
  }

  #end(): void {
    this.#ended = true;
    this.#waiting = [];
    this.#running?.sink.abandon();
    this.#running?.abort.abort();
  }

  /** KILL, role change, crash: a running request gets the message, an idle client only the end. */
  #sessionEnded(message: ServerMessage | null): void {
    if (this.#ended) return;
    const sink = this.#running?.sink;
    if (sink !== undefined && message !== null) {
      sink.message(message);
      sink.finish('cancelled');
    }
    this.#end();
    this.#options.finish();
  }

  async #work(): Promise<void> {
    this.#busy = true;
    while (!this.#ended) {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) break;
      await this.#answer(waiting);
    }
    this.#busy = false;
  }

  async #answer({ message, cancelled }: Waiting): Promise<void> {
    const { channel } = this.#options;
    if (message.type === PACKET.attention) return channel.write(loneDone(channel, DONE.attention));
    if (cancelled || (message.status & STATUS.ignore) !== 0)
      return channel.write(loneDone(channel, DONE.error));
    const sink = new PacketSink(channel, message.type === PACKET.rpc ? 'calls' : 'statements');
    const abort = new AbortController();
    this.#running = { sink, abort };
    let cut = false;
    try {
      await this.#reset(message, sink);
      await this.#perform(message, sink, abort.signal);
    } catch (error) {
      if (!abort.signal.aborted) {
        cut = true;
        this.#options.onBug(error);
        sink.message(assertionFailed(error));
      }
    }
    this.#running = undefined;
    if (this.#ended) return;
    sink.finish(abort.signal.aborted ? 'cancelled' : 'complete');
    if (!cut && !sink.fatal) return;
    this.#end();
    this.#options.finish();
  }

  async #reset(message: Message, sink: PacketSink): Promise<void> {
    const keep = (message.status & STATUS.resetConnectionSkipTransaction) !== 0;
    if (!keep && (message.status & STATUS.resetConnection) === 0) return;
    await this.#options.session.reset(keep);
    sink.connectionReset();
  }

  async #perform(message: Message, sink: PacketSink, signal: AbortSignal): Promise<void> {
    const { session, channel } = this.#options;
    const { dialect } = channel;
    // The attention may have come in the same segment as the request.
    if (signal.aborted) return undefined;
    switch (message.type) {
      case PACKET.batch: {
        const batch = decode(message.payload, (reader) => decodeBatch(reader, dialect));
        if (!batch.ok) return sink.message(streamIncorrect(4002, batch.error));
        return session.batch(batch.value.text, sink, signal);
      }
      case PACKET.rpc: {
        const calls = decode(message.payload, (reader) => decodeCalls(reader, dialect));
        if (!calls.ok) return sink.message(streamIncorrect(8009, calls.error));
        for (const call of calls.value.calls) {
          if (signal.aborted) return undefined;
          await session.rpc(call, sink, signal);
          if (!signal.aborted) sink.endCall();
        }
        return undefined;
      }
      case PACKET.transaction: {
        const request = decode(message.payload, (reader) => decodeTransaction(reader, dialect));
        if (!request.ok) return sink.message(streamIncorrect(4002, request.error));
        if (request.value.kind === 'distributed')
          return sink.message(notSimulated('distributed transactions (MS DTC)'));
        return session.transaction(request.value, sink, signal);
      }
      case PACKET.bulk:
        return sink.message(notSimulated('bulk load (BULK INSERT over the wire)'));
      default:
        return this.#options.violated();
    }
  }
}

function serverMessage(number: number, severity: number, text: string): ServerMessage {
  return { number, state: 1, severity, text, procedure: '', line: 1 };
}

function streamIncorrect(number: number, why: MalformedMessage): ServerMessage {
  const text = `The incoming tabular data stream (TDS) protocol stream is incorrect: ${why.message}.`;
  return serverMessage(number, 16, text);
}

/** The lab's own number for what a real server can do and the lab does not pretend to. */
const NOT_SIMULATED = 49_901;

/** An error that says so. */
export function notSimulated(what: string): ServerMessage {
  return serverMessage(NOT_SIMULATED, 16, `Not simulated: the lab does not implement ${what}.`);
}

function assertionFailed(error: unknown): ServerMessage {
  const reason = error instanceof Error ? error.message : 'unknown';
  return serverMessage(3624, 20, `A system assertion check has failed in the lab: ${reason}`);
}
