/**
 * Turns the answer of one request into packets.
 *
 * The last DONE is held back until something follows or the response ends, because it must say
 * which of both is the case. After `finish` or `abandon` the sink takes no notice of further calls:
 * the session behind it may still be on its way out.
 */

import type { Column, SqlType, SqlValue } from '../../tds/sql-type.ts';
import { ByteWriter } from '../../tds/bytes.ts';
import { framePackets, HEADER_BYTES, PACKET } from '../../tds/packet.ts';
import { rowWriter, writeColumns, type RowWriter } from '../../tds/rowset.ts';
import {
  DONE,
  TOKEN,
  writeDone,
  writeEnvChange,
  writeMessage,
  writeReturnStatus,
  writeReturnValue,
  type DoneToken,
} from '../../tds/token.ts';
import type { Dialect } from '../../tds/version.ts';
import type { ResponseSink, ServerMessage, StatementDone } from '../session.ts';

/** Where responses go. */
export interface ResponseChannel {
  readonly dialect: Dialect;
  readonly packetBytes: number;
  readonly sessionId: number;
  readonly serverName: string;
  write(bytes: Uint8Array): void;
  drained(): Promise<void>;
}

/** Response bytes that wait for company before they are sent. */
const FLUSH_BYTES = 32 * 1024;
/** Messages of this severity and above end the connection. */
const FATAL_SEVERITY = 20;
const FIRST_ERROR_SEVERITY = 11;

/** The response to one request message. */
export class PacketSink implements ResponseSink {
  readonly #channel: ResponseChannel;
  readonly #buffer = new ByteWriter();
  readonly #doneToken: number;
  #pending: DoneToken | undefined;
  #row: RowWriter | undefined;
  #packetId = 1;
  #returned = 0;
  #hasStatus = false;
  /** An error was sent that no DONE has answered for. */
  #errorOpen = false;
  #callFailed = false;
  #over = false;
  /** A message was sent after which the server ends the connection. */
  fatal = false;

  constructor(channel: ResponseChannel, kind: 'statements' | 'calls') {
    this.#channel = channel;
    this.#doneToken = kind === 'calls' ? TOKEN.doneInProc : TOKEN.done;
  }

  columns(columns: readonly Column[]): void {
    if (!this.#next()) return;
    writeColumns(this.#buffer, columns, this.#channel.dialect);
    this.#row = rowWriter(columns, this.#channel.dialect);
  }

  row(values: readonly SqlValue[]): void {
    if (this.#over) return;
    if (this.#row === undefined) throw new RangeError('row without columns');
    this.#row(this.#buffer, values);
    if (this.#buffer.length >= FLUSH_BYTES) this.#flushWhole();
  }

  done(done: StatementDone): void {
    if (!this.#next()) return;
    const failed = done.failed || this.#errorOpen;
    this.#row = undefined;
    this.#errorOpen = false;
    this.#callFailed ||= failed;
    this.#pending = {
      token: this.#doneToken,
      status: (failed ? DONE.error : 0) | (done.rowCount === undefined ? 0 : DONE.count),
      command: done.command,
      rowCount: done.rowCount ?? 0n,
    };
  }

  message(message: ServerMessage): void {
    if (!this.#next()) return;
    if (message.severity >= FIRST_ERROR_SEVERITY) this.#errorOpen = true;
    if (message.severity >= FATAL_SEVERITY) this.fatal = true;
    const token = { ...message, server: this.#channel.serverName };
    writeMessage(this.#buffer, token, this.#channel.dialect);
    if (this.#buffer.length >= FLUSH_BYTES) this.#flushWhole();
  }

  databaseChanged(from: string, to: string): void {
    if (!this.#next()) return;
    writeEnvChange(this.#buffer, { kind: 'database', to, from });
    this.message({
      number: 5701,
      state: 1,
      severity: 0,
      text: `Changed database context to '${to}'.`,
      procedure: '',
      line: 1,
    });
  }

  transactionChanged(change: 'began' | 'committed' | 'rolled-back', descriptor: bigint): void {
    // Clients before 7.2 know no descriptors.
    if (this.#channel.dialect.since72 && this.#next())
      writeEnvChange(this.#buffer, { kind: change, descriptor });
  }

  returnStatus(status: number): void {
    if (!this.#next()) return;
    this.#hasStatus = true;
    writeReturnStatus(this.#buffer, status);
  }

  returnValue(name: string, type: SqlType, value: SqlValue): void {
    if (!this.#next()) return;
    this.#ensureStatus();
    const returned = { ordinal: this.#returned, name, type, value };
    writeReturnValue(this.#buffer, returned, this.#channel.dialect);
    this.#returned += 1;
  }

  flush(): void {
    if (!this.#next() || this.#buffer.length === 0) return;
    this.#send(this.#buffer.written().slice(), false);
    this.#buffer.clear();
  }

  async drain(): Promise<void> {
    // A turn of the event loop, so that an attention can be read between two parts of a long result.
    await new Promise((resolve) => setImmediate(resolve));
    if (!this.#over) await this.#channel.drained();
  }

  /** Acknowledges RESETCONNECTION; the first token of a response. */
  connectionReset(): void {
    if (this.#next()) writeEnvChange(this.#buffer, { kind: 'reset' });
  }

  /** Ends one procedure call of the message. */
  endCall(): void {
    if (!this.#next()) return;
    const failed = this.#callFailed || this.#errorOpen;
    if (!failed) this.#ensureStatus();
    const status = failed ? DONE.error : 0;
    this.#pending = { token: TOKEN.doneProc, status, command: 0, rowCount: 0n };
    this.#row = undefined;
    this.#returned = 0;
    this.#hasStatus = false;
    this.#errorOpen = false;
    this.#callFailed = false;
  }

  /** Ends the response. `cancelled`: the request was interrupted, its last statement has no DONE. */
  finish(how: 'complete' | 'cancelled'): void {
    if (this.#over) return;
    const { dialect } = this.#channel;
    // A rowset or an error without its DONE, a cancelled request, and an empty batch need one.
    const open = this.#row !== undefined || this.#errorOpen;
    if (open || this.#pending === undefined) {
      this.#flushPending(true);
      const failed = open || how === 'cancelled';
      const status = failed ? DONE.error : 0;
      writeDone(this.#buffer, { token: TOKEN.done, status, command: 0, rowCount: 0n }, dialect);
    } else this.#flushPending(false);
    this.#over = true;
    this.#send(this.#buffer.written(), true);
  }

  /** Forgets the response: the connection is gone. */
  abandon(): void {
    this.#over = true;
  }

  /** Makes the pending DONE say that something follows; false when the response is over. */
  #next(): boolean {
    if (this.#over) return false;
    this.#flushPending(true);
    return true;
  }

  #flushPending(more: boolean): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    const status = pending.status | (more ? DONE.more : 0);
    writeDone(this.#buffer, { ...pending, status }, this.#channel.dialect);
  }

  #ensureStatus(): void {
    if (this.#hasStatus) return;
    this.#hasStatus = true;
    // A procedure that says nothing returns 0.
    writeReturnStatus(this.#buffer, 0);
  }

  /** Sends the whole packets of the buffer. */
  #flushWhole(): void {
    const room = this.#channel.packetBytes - HEADER_BYTES;
    const written = this.#buffer.written();
    const whole = written.length - (written.length % room);
    if (whole === 0) return;
    this.#send(written.subarray(0, whole), false);
    const rest = written.slice(whole);
    this.#buffer.clear();
    this.#buffer.raw(rest);
  }

  #send(payload: Uint8Array, last: boolean): void {
    const { packetBytes, sessionId } = this.#channel;
    const framing = {
      type: PACKET.response,
      packetBytes,
      sessionId,
      firstPacketId: this.#packetId,
      last,
    };
    this.#packetId += Math.max(1, Math.ceil(payload.length / (packetBytes - HEADER_BYTES)));
    this.#channel.write(framePackets(payload, framing));
  }
}

/** The separate message that answers an attention, or a request that its client ended with the ignore bit. */
export function loneDone(channel: ResponseChannel, status: number): Uint8Array {
  const writer = new ByteWriter(16);
  writeDone(writer, { token: TOKEN.done, status, command: 0, rowCount: 0n }, channel.dialect);
  return framePackets(writer.written(), {
    type: PACKET.response,
    packetBytes: channel.packetBytes,
    sessionId: channel.sessionId,
    firstPacketId: 1,
    last: true,
  });
}
