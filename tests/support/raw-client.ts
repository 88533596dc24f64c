/**
 * A TDS client that does nothing by itself: tests say which bytes go out and look at those that come.
 *
 * Every wait has a limit and says what it waited for.
 */

import { connect, type Socket } from 'node:net';

import { ByteReader } from '../../src/tds/bytes.ts';
import { encodeLogin7, type Login7 } from '../../src/tds/login7.ts';
import {
  framePackets,
  MessageAssembler,
  PACKET,
  PacketReader,
  type Message,
} from '../../src/tds/packet.ts';
import { decodePrelogin, encodePrelogin, type Prelogin } from '../../src/tds/prelogin.ts';
import { encodeBatch } from '../../src/tds/request.ts';
import { readResponse, type ResponseToken } from '../../src/tds/response.ts';
import { DIALECTS, type Dialect } from '../../src/tds/version.ts';

const WAIT_MS = 5000;

/** A login that any lab accepts as far as its bytes go. */
export const PLAIN_LOGIN: Login7 = {
  tdsVersion: 0x74000004,
  packetBytes: 4096,
  clientVersion: 0,
  clientProcessId: 4711,
  connectionId: 0,
  optionFlags1: 0xe0,
  optionFlags2: 0x03,
  typeFlags: 0,
  optionFlags3: 0,
  timeZone: 0,
  collationId: 0,
  hostName: 'raw',
  userName: 'sa',
  password: 'Passw0rd!',
  applicationName: 'raw client',
  serverName: 'localhost',
  clientInterfaceName: 'raw',
  language: '',
  database: '',
  clientId: new Uint8Array(6),
  sspi: new Uint8Array(0),
  attachDatabaseFile: '',
  newPassword: '',
  features: [],
};

/** One raw connection. */
export class RawClient {
  readonly socket: Socket;
  dialect: Dialect = DIALECTS['7.4'];
  /** How the socket ended, once it did. */
  ended: 'fin' | 'reset' | undefined;
  bytesReceived = 0;
  readonly #packets = new PacketReader();
  readonly #assembler = new MessageAssembler(256 * 1024 * 1024);
  readonly #messages: Message[] = [];
  /** Sizes of the packets received, headers included. */
  readonly packetSizes: number[] = [];
  #wake: (() => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.bytesReceived += chunk.length;
      this.#packets.push(chunk);
      for (let packet = this.#packets.next(); packet; packet = this.#packets.next()) {
        this.packetSizes.push(packet.payload.length + 8);
        const message = this.#assembler.add(packet);
        if (message !== undefined) this.#messages.push(message);
      }
      this.#wakeAll();
    });
    socket.on('error', () => {
      this.ended = 'reset';
      this.#wakeAll();
    });
    socket.on('end', () => {
      this.ended ??= 'fin';
      this.#wakeAll();
    });
    socket.on('close', () => {
      this.ended ??= 'fin';
      this.#wakeAll();
    });
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    const client = new RawClient(socket);
    await new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  /** Connects and logs in without encryption. */
  static async loggedIn(
    port: number,
    login: Partial<Login7> = {},
    dialect?: Dialect,
  ): Promise<RawClient> {
    const client = await RawClient.connect(port);
    if (dialect !== undefined) client.dialect = dialect;
    await client.prelogin({
      version: { major: 11, minor: 0, build: 0 },
      encryption: 2,
      mars: false,
    });
    client.send(PACKET.login7, encodeLogin7({ ...PLAIN_LOGIN, ...login }));
    await client.response();
    return client;
  }

  /** Makes `until` look again. */
  wake(): void {
    this.#wakeAll();
  }

  #wakeAll(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }

  /** Waits until the condition holds; fails after five seconds. */
  async until(condition: () => boolean, what: string): Promise<void> {
    const timer = setTimeout(() => this.#wakeAll(), WAIT_MS);
    const limit = Date.now() + WAIT_MS;
    try {
      while (!condition()) {
        if (Date.now() >= limit) throw new Error(`waited in vain for ${what}`);
        await new Promise<void>((resolve) => this.#wake.push(resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  raw(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Sends one message. */
  send(
    type: number,
    payload: Uint8Array,
    options: { status?: number; packetBytes?: number } = {},
  ): void {
    this.raw(frameMessage(type, payload, options));
  }

  batch(text: string): void {
    this.send(PACKET.batch, encodeBatch({ text, transactionDescriptor: 0n }, this.dialect));
  }

  async message(): Promise<Message> {
    await this.until(() => this.#messages.length > 0 || this.ended !== undefined, 'a message');
    const message = this.#messages.shift();
    if (message === undefined)
      throw new Error(`connection ended (${this.ended}) instead of a message`);
    return message;
  }

  /** Messages that have arrived and were not taken. */
  get waiting(): number {
    return this.#messages.length;
  }

  async response(): Promise<ResponseToken[]> {
    const message = await this.message();
    return readResponse(new ByteReader(message.payload), this.dialect);
  }

  async prelogin(prelogin: Prelogin): Promise<Prelogin & { readonly packetType: number }> {
    this.send(PACKET.prelogin, encodePrelogin(prelogin));
    const message = await this.message();
    return { ...decodePrelogin(new ByteReader(message.payload)), packetType: message.type };
  }

  async end(): Promise<'fin' | 'reset'> {
    await this.until(() => this.ended !== undefined, 'the end of the connection');
    return this.ended ?? 'fin';
  }

  close(): void {
    this.socket.destroy();
  }
}

/** One message as packets. */
export function frameMessage(
  type: number,
  payload: Uint8Array,
  options: { status?: number; packetBytes?: number } = {},
): Uint8Array {
  return framePackets(payload, {
    type,
    packetBytes: options.packetBytes ?? 4096,
    sessionId: 0,
    firstPacketId: 1,
    last: true,
    status: options.status ?? 0,
  });
}
