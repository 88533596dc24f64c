/**
 * One client connection from its first byte to its end: PRELOGIN, encryption, login, then requests.
 *
 * Relies on `link.ts` for the simulated network and on `tls-layer.ts` for TLS. Whatever breaks the
 * protocol ends the connection. Not here: the answers to requests (`requests.ts`).
 */

import { unreachable } from '../../base/assert.ts';
import type { Clock } from '../../ports/clock.ts';
import { decode, MalformedMessage } from '../../tds/bytes.ts';
import { decodeLogin7, type Login7 } from '../../tds/login7.ts';
import {
  DEFAULT_PACKET_BYTES,
  framePackets,
  MessageAssembler,
  PACKET,
  PacketReader,
  type Message,
} from '../../tds/packet.ts';
import { decodePrelogin, encodePrelogin, ENCRYPTION } from '../../tds/prelogin.ts';
import { dialectFor, type Dialect } from '../../tds/version.ts';
import type { EncryptionOffer, LabEndpoint, LoginOutcome, LoginRequest } from '../session.ts';
import {
  acceptanceMessage,
  agreedPacketBytes,
  ENCRYPTION_REQUIRED,
  loginRequest,
  refusalMessage,
  refusalOf,
} from './login.ts';
import { Requests } from './requests.ts';
import { TlsLayer, type TlsContexts } from './tls-layer.ts';

/** The bytes under a connection, as `LinkedSocket` offers them. */
export interface ConnectionWire {
  write(bytes: Uint8Array): void;
  drained(): Promise<void>;
  finish(): void;
  reset(): void;
}

/** What a connection needs. */
export interface ConnectionOptions {
  readonly endpoint: LabEndpoint;
  readonly wire: ConnectionWire;
  readonly clock: Clock;
  /** Null when the endpoint offers no encryption. */
  readonly tls: TlsContexts | null;
  readonly messageBytes: number;
  readonly addresses: {
    readonly clientAddress: string;
    readonly serverAddress: string;
    readonly serverPort: number;
  };
  /** The login is complete. */
  readonly onLoggedIn: () => void;
  readonly onBug: (error: unknown) => void;
}

type Phase = 'prelogin' | 'handshake' | 'login' | 'logging-in' | 'ready' | 'closed';

const TLS_HANDSHAKE_RECORD = 0x16;
/** The longest LOGIN7 that MS-TDS allows. */
const LOGIN_BYTES = 128 * 1024;
/** jTDS closes its TLS socket after LOGIN7, and that can swallow an answer that comes at once. */
const LOGIN_ONLY_PAUSE_MS = 6;

/** Answers to the client's ENCRYPTION option by what the instance offers. */
const ENCRYPTION_ANSWERS: Readonly<Record<EncryptionOffer, readonly number[]>> = {
  'not-supported': [2, 2, 2, 2],
  supported: [0, 1, 2, 3],
  required: [3, 1, 3, 1],
};

/** The state machine of one connection. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #packets = new PacketReader();
  #assembler: MessageAssembler;
  #phase: Phase = 'prelogin';
  #first = true;
  #tls: TlsLayer | undefined;
  /** TLS records come bare, not in packets. */
  #bareTls = false;
  /** Everything is encrypted, only the login, or nothing. */
  #encryption: 'all' | 'login' | 'none' = 'none';
  #packetBytes = DEFAULT_PACKET_BYTES;
  #requests: Requests | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#assembler = new MessageAssembler(LOGIN_BYTES);
  }

  /** Bytes from the wire. */
  received(bytes: Uint8Array): void {
    if (this.#phase === 'closed' || bytes.length === 0) return;
    if (this.#first) {
      this.#first = false;
      if (bytes[0] === TLS_HANDSHAKE_RECORD && !this.#beginStrict()) return this.#violated();
    }
    if (this.#bareTls) this.#tls?.feed(bytes);
    else this.#clear(bytes);
  }

  /** The wire is gone. */
  closed(): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#tls?.detach();
    this.#requests?.close();
  }

  #beginStrict(): boolean {
    const { tls } = this.#options;
    if (tls === null || this.#options.endpoint.encryption === 'not-supported') return false;
    this.#bareTls = true;
    this.#encryption = 'all';
    this.#tls = this.#makeTls(tls, true);
    return true;
  }

  #makeTls(contexts: TlsContexts, strict: boolean): TlsLayer {
    const { wire } = this.#options;
    return new TlsLayer({
      context: strict ? contexts.strict : contexts.prelogin,
      strict,
      sendFlight: (bytes) => wire.write(frame(PACKET.prelogin, bytes)),
      sendRecords: (bytes) => wire.write(bytes),
      received: (bytes) => this.#clear(bytes),
      established: () => {
        this.#bareTls = true;
        this.#phase = 'login';
        const early = this.#packets.takeRest();
        if (early.length > 0) this.#tls?.feed(early);
      },
      // An alert that the engine still wants to send goes out first.
      failed: () => setImmediate(() => this.#options.wire.finish()),
    });
  }

  /** Bytes of packets, decrypted if they had to be. */
  #clear(bytes: Uint8Array): void {
    this.#packets.push(bytes);
    if (!this.#mayBegin(this.#packets.frontType)) return this.#violated();
    try {
      while (this.#phase !== 'closed') {
        const packet = this.#packets.next();
        if (packet === undefined) return;
        const message = this.#assembler.add(packet);
        if (message !== undefined) this.#take(message);
      }
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error;
      this.#violated();
    }
  }

  /** Before the login only two types have a place: whoever speaks another protocol is cut at once. */
  #mayBegin(type: number | undefined): boolean {
    const early = this.#phase !== 'ready' && this.#phase !== 'logging-in';
    return !early || type === undefined || type === PACKET.prelogin || type === PACKET.login7;
  }

  #take(message: Message): void {
    switch (this.#phase) {
      case 'prelogin':
        if (message.type === PACKET.prelogin) return this.#prelogin(message);
        return message.type === PACKET.login7 ? this.#login(message) : this.#violated();
      case 'handshake':
        if (message.type === PACKET.prelogin) return this.#tls?.feed(message.payload);
        return message.type === PACKET.login7 ? this.#login(message) : this.#violated();
      case 'login':
        return message.type === PACKET.login7 ? this.#login(message) : this.#violated();
      case 'logging-in':
        return this.#violated();
      case 'ready':
        return this.#requests?.submit(message);
      case 'closed':
        return undefined;
    }
    return unreachable(this.#phase);
  }

  #prelogin(message: Message): void {
    const { endpoint, tls } = this.#options;
    const prelogin = decode(message.payload, decodePrelogin);
    if (!prelogin.ok) return this.#violated();
    const asked = prelogin.value.encryption ?? ENCRYPTION.notSupported;
    const strict = this.#tls !== undefined;
    const answer = strict
      ? ENCRYPTION.notSupported
      : ENCRYPTION_ANSWERS[endpoint.encryption][asked];
    if (answer === undefined) return this.#violated();
    const { federatedAuthentication } = prelogin.value;
    this.#write(
      frame(
        PACKET.response,
        encodePrelogin({
          version: endpoint.version,
          encryption: answer,
          instance: Uint8Array.of(0),
          mars: false,
          ...(federatedAuthentication === undefined ? {} : { federatedAuthentication: 0 }),
        }),
      ),
    );
    if (strict || answer === ENCRYPTION.notSupported) {
      this.#phase = 'login';
      return;
    }
    if (tls === null) return this.#violated();
    this.#phase = 'handshake';
    this.#encryption = answer === ENCRYPTION.off ? 'login' : 'all';
    this.#tls = this.#makeTls(tls, false);
  }

  #login(message: Message): void {
    const login = decode(message.payload, decodeLogin7);
    const dialect = login.ok ? dialectFor(login.value.tdsVersion) : undefined;
    if (!login.ok || dialect === undefined) return this.#violated();
    const { endpoint } = this.#options;
    const inClear = !this.#bareTls;
    if (inClear && endpoint.encryption === 'required')
      return this.#refuse(refusalMessage(endpoint, [ENCRYPTION_REQUIRED], dialect));
    // A handshake that was agreed on is not left out.
    if (inClear && this.#phase === 'handshake') return this.#violated();
    this.#phase = 'logging-in';
    const loginOnly = this.#encryption === 'login';
    if (loginOnly) this.#dropTls();
    const refusal = refusalOf(login.value);
    if (refusal !== undefined) return this.#refuse(refusalMessage(endpoint, [refusal], dialect));
    const facts = { ...this.#options.addresses, encrypted: this.#encryption === 'all' };
    void this.#askSession(loginRequest(login.value, facts), {
      login: login.value,
      dialect,
      loginOnly,
    });
  }

  async #askSession(
    request: LoginRequest,
    about: { readonly login: Login7; readonly dialect: Dialect; readonly loginOnly: boolean },
  ): Promise<void> {
    const { endpoint, clock, onBug } = this.#options;
    try {
      const outcome = await endpoint.login(request);
      if (about.loginOnly) await clock.sleep(LOGIN_ONLY_PAUSE_MS);
      this.#loggedIn(outcome, about.login, about.dialect);
    } catch (error) {
      onBug(error);
      this.#violated();
    }
  }

  /** Login-only encryption ends with LOGIN7; what the client's TLS layer still says is passed over. */
  #dropTls(): void {
    this.#tls?.detach();
    this.#tls = undefined;
    this.#bareTls = false;
    this.#packets.skipTlsRecords = true;
  }

  #loggedIn(outcome: LoginOutcome, login: Login7, dialect: Dialect): void {
    const { endpoint, wire, onBug } = this.#options;
    if (this.#phase === 'closed') {
      if (outcome.kind === 'accepted') outcome.session.close();
      return;
    }
    if (outcome.kind === 'refused')
      return this.#refuse(refusalMessage(endpoint, outcome.messages, dialect));
    const { session, messages, route } = outcome;
    this.#write(acceptanceMessage({ endpoint, login, session, messages, dialect, route }));
    this.#packetBytes = agreedPacketBytes(login.packetBytes);
    this.#assembler = new MessageAssembler(this.#options.messageBytes);
    this.#phase = 'ready';
    this.#requests = new Requests({
      session,
      channel: {
        dialect,
        packetBytes: this.#packetBytes,
        sessionId: session.sessionId,
        serverName: endpoint.serverName,
        write: (bytes) => this.#write(bytes),
        drained: () => wire.drained(),
      },
      finish: () => this.#finish(),
      violated: () => this.#violated(),
      onBug,
    });
    this.#options.onLoggedIn();
  }

  #refuse(message: Uint8Array): void {
    this.#write(message);
    this.#finish();
  }

  /** Ends the connection after what was written. */
  #finish(): void {
    const { wire } = this.#options;
    if (this.#tls !== undefined && this.#bareTls) this.#tls.flush(() => wire.finish());
    else wire.finish();
  }

  #violated(): void {
    this.#options.wire.reset();
  }

  #write(bytes: Uint8Array): void {
    if (this.#phase === 'closed') return;
    if (this.#tls !== undefined && this.#bareTls) this.#tls.write(bytes);
    else this.#options.wire.write(bytes);
  }
}

function frame(type: number, payload: Uint8Array): Uint8Array {
  return framePackets(payload, {
    type,
    packetBytes: DEFAULT_PACKET_BYTES,
    sessionId: 0,
    firstPacketId: 1,
    last: true,
  });
}
