/**
 * Packets: the 8-byte header, splitting a message, putting one together (MS-TDS 2.2.3.1).
 *
 * Bytes may arrive cut anywhere. Not here: what a message means.
 */

import { MalformedMessage } from './bytes.ts';

/** Bytes of a packet header. */
export const HEADER_BYTES = 8;
/** Packet size before a login agrees on another. */
export const DEFAULT_PACKET_BYTES = 4096;

/** Packet types. */
export const PACKET = {
  batch: 0x01,
  rpc: 0x03,
  response: 0x04,
  attention: 0x06,
  bulk: 0x07,
  transaction: 0x0e,
  login7: 0x10,
  sspi: 0x11,
  prelogin: 0x12,
} as const;

/** Status bits of a packet. */
export const STATUS = {
  endOfMessage: 0x01,
  ignore: 0x02,
  resetConnection: 0x08,
  resetConnectionSkipTransaction: 0x10,
} as const;

/** One packet. */
export interface Packet {
  readonly type: number;
  readonly status: number;
  readonly payload: Uint8Array;
}

/** One message: all packets up to the one that ends it. */
export interface Message {
  readonly type: number;
  /** Status bits of all its packets together. */
  readonly status: number;
  readonly payload: Uint8Array;
}

/** How a message is cut into packets. */
export interface Framing {
  readonly type: number;
  /** Size of a packet including its header. */
  readonly packetBytes: number;
  readonly sessionId: number;
  /** Number of the first packet; counts on modulo 256. */
  readonly firstPacketId: number;
  /** The last packet ends the message. */
  readonly last: boolean;
  /** Further status bits of the first packet. */
  readonly status?: number;
}

/** Frames a payload: as many packets as it takes, at least one, in one buffer. */
export function framePackets(payload: Uint8Array, framing: Framing): Uint8Array {
  const room = framing.packetBytes - HEADER_BYTES;
  const count = Math.max(1, Math.ceil(payload.length / room));
  const framed = new Uint8Array(payload.length + count * HEADER_BYTES);
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    const part = payload.subarray(index * room, (index + 1) * room);
    const size = part.length + HEADER_BYTES;
    const ends = framing.last && index === count - 1;
    framed[at] = framing.type;
    framed[at + 1] = (ends ? STATUS.endOfMessage : 0) | (index === 0 ? (framing.status ?? 0) : 0);
    framed[at + 2] = size >> 8;
    framed[at + 3] = size;
    framed[at + 4] = framing.sessionId >> 8;
    framed[at + 5] = framing.sessionId;
    framed[at + 6] = framing.firstPacketId + index;
    framed.set(part, at + HEADER_BYTES);
    at += size;
  }
  return framed;
}

/** Cuts a byte stream into packets; holds at most one packet and the chunk it was given. */
export class PacketReader {
  /** Skip TLS records between packets: what a client's TLS layer still says after a login-only handshake. */
  skipTlsRecords = false;
  #parts: Uint8Array[] = [];
  #held = 0;

  /** Bytes that wait for the rest of their packet. */
  get held(): number {
    return this.#held;
  }

  /** Type of the packet at the front, complete or not. */
  get frontType(): number | undefined {
    return this.#parts[0]?.[0];
  }

  /** Adds received bytes. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#parts.push(chunk);
    this.#held += chunk.length;
  }

  /** The next complete packet, or undefined when more bytes are needed; throws MalformedMessage for an impossible length. */
  next(): Packet | undefined {
    for (;;) {
      const head = this.#peek(HEADER_BYTES);
      if (this.skipTlsRecords && this.#skipRecord()) continue;
      if (head === undefined) return undefined;
      const size = ((head[2] ?? 0) << 8) | (head[3] ?? 0);
      if (size < HEADER_BYTES) throw new MalformedMessage(`packet of ${size} bytes`);
      if (this.#held < size) return undefined;
      const packet = this.#take(size);
      return {
        type: packet[0] ?? 0,
        status: packet[1] ?? 0,
        payload: packet.subarray(HEADER_BYTES),
      };
    }
  }

  /** Takes everything that was not delivered as a packet. */
  takeRest(): Uint8Array {
    return this.#take(this.#held);
  }

  /** Removes one TLS record at the front; true when the front changed. */
  #skipRecord(): boolean {
    const head = this.#peek(5);
    if (head === undefined) return false;
    const kind = head[0] ?? 0;
    if (kind < 0x14 || kind > 0x17 || head[1] !== 3) return false;
    const size = 5 + (((head[3] ?? 0) << 8) | (head[4] ?? 0));
    if (this.#held < size) return false;
    this.#take(size);
    return true;
  }

  #peek(count: number): Uint8Array | undefined {
    if (this.#held < count) return undefined;
    this.#join(count);
    return this.#parts[0];
  }

  #take(count: number): Uint8Array {
    this.#join(count);
    const first = this.#parts[0] ?? new Uint8Array(0);
    this.#held -= count;
    if (first.length === count) this.#parts.shift();
    else this.#parts[0] = first.subarray(count);
    return first.subarray(0, count);
  }

  /** Makes the first part at least so long. */
  #join(count: number): void {
    const first = this.#parts[0];
    if (first === undefined || first.length >= count) return;
    const joined = new Uint8Array(this.#held);
    let at = 0;
    for (const part of this.#parts) {
      joined.set(part, at);
      at += part.length;
    }
    this.#parts = [joined];
  }
}

/** Puts packets together to messages of at most so many bytes. */
export class MessageAssembler {
  readonly #limit: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #status = 0;
  #type: number | undefined;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  /** Bytes of the unfinished message. */
  get held(): number {
    return this.#bytes;
  }

  /** The message that this packet ends, or undefined; throws MalformedMessage when types mix or the limit is passed. */
  add(packet: Packet): Message | undefined {
    if (this.#type !== undefined && packet.type !== this.#type)
      throw new MalformedMessage(
        `packet type ${packet.type} inside a message of type ${this.#type}`,
      );
    this.#type = packet.type;
    this.#status |= packet.status;
    this.#bytes += packet.payload.length;
    if (this.#bytes > this.#limit) throw new MalformedMessage(`message above ${this.#limit} bytes`);
    this.#parts.push(packet.payload);
    if ((packet.status & STATUS.endOfMessage) === 0) return undefined;
    const message = { type: packet.type, status: this.#status, payload: this.#joined() };
    this.#parts = [];
    this.#bytes = 0;
    this.#status = 0;
    this.#type = undefined;
    return message;
  }

  #joined(): Uint8Array {
    const [only] = this.#parts;
    if (only !== undefined && this.#parts.length === 1) return only;
    const joined = new Uint8Array(this.#bytes);
    let at = 0;
    for (const part of this.#parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }
}
