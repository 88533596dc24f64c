/**
 * The seam between the sockets (`lab/server/`) and what answers behind them (`lab/world/`, `lab/tsql/`).
 *
 * The socket side knows MS-TDS and nothing of T-SQL; the other side knows T-SQL and nothing of packets.
 */

import type { Column, SqlType, SqlValue } from '../tds/sql-type.ts';

/** An ERROR (severity above 10) or INFO message. */
export interface ServerMessage {
  readonly number: number;
  readonly state: number;
  /** Severity; MS-TDS calls it class. */
  readonly severity: number;
  readonly text: string;
  /** Empty outside a procedure. */
  readonly procedure: string;
  /** Line in the batch, from 1. */
  readonly line: number;
}

/** What a client says when it logs in (MS-TDS LOGIN7). */
export interface LoginRequest {
  readonly user: string;
  readonly password: string;
  /** Empty: the login's default database. */
  readonly database: string;
  readonly applicationName: string;
  readonly hostName: string;
  readonly clientInterfaceName: string;
  readonly hostProcessId: number;
  readonly readOnlyIntent: boolean;
  /** Name the client typed to reach the server. */
  readonly serverName: string;
  readonly clientAddress: string;
  readonly serverAddress: string;
  readonly serverPort: number;
  /** The connection stays encrypted after the login. */
  readonly encrypted: boolean;
  /** MS-TDS version of the client, for example 0x74000004. */
  readonly tdsVersion: number;
}

/** Answer to a login. */
export type LoginOutcome =
  | {
      readonly kind: 'accepted';
      readonly session: LabSession;
      readonly messages: readonly ServerMessage[];
      /** The client is to go on to this server (read-only routing); absent: it stays. */
      readonly route?: { readonly server: string; readonly port: number };
    }
  | { readonly kind: 'refused'; readonly messages: readonly ServerMessage[] };

/** Why a DONE token is sent; `count` is absent under NOCOUNT and for statements without one. */
export interface StatementDone {
  readonly rowCount?: bigint;
  /** An error of severity above 10 ended the statement. */
  readonly failed: boolean;
  /** MS-TDS CurCmd: 0xC1 SELECT, 0xC3 INSERT, 0xC4 DELETE, 0xC5 UPDATE, 0xFD others. */
  readonly command: number;
}

/** Receives the answer of a request in order. Calls are synchronous; `drain` is awaited every few hundred rows. */
export interface ResponseSink {
  columns(columns: readonly Column[]): void;
  row(values: readonly SqlValue[]): void;
  /** Ends one statement. */
  done(done: StatementDone): void;
  message(message: ServerMessage): void;
  /** The current database changed (USE). */
  databaseChanged(from: string, to: string): void;
  /** A transaction began, was committed or rolled back; the descriptor is the 8-byte id clients echo. */
  transactionChanged(change: 'began' | 'committed' | 'rolled-back', descriptor: bigint): void;
  /** RETURN value of a procedure call. */
  returnStatus(status: number): void;
  /** Output parameter of a procedure call, in order; a handle of `sp_prepare` comes first. */
  returnValue(name: string, type: SqlType, value: SqlValue): void;
  /** Resolves when the peer has taken what was written. */
  drain(): Promise<void>;
  /** Sends what was written so far, as RAISERROR WITH NOWAIT asks for; absent where nothing is held back. */
  flush?(): void;
}

/** One parameter of a remote procedure call. */
export interface RpcParameter {
  /** With `@`, empty when positional. */
  readonly name: string;
  readonly type: SqlType;
  readonly value: SqlValue;
  readonly output: boolean;
}

/** One remote procedure call; well-known procedure ids are already turned into names. */
export interface RpcCall {
  readonly procedure: string;
  readonly parameters: readonly RpcParameter[];
}

/** Requests of the MS-TDS transaction manager. */
export type TransactionRequest =
  | { readonly kind: 'begin'; readonly isolation: number; readonly name: string }
  | { readonly kind: 'commit'; readonly name: string; readonly beginAgain: boolean }
  | { readonly kind: 'rollback'; readonly name: string; readonly beginAgain: boolean }
  | { readonly kind: 'save'; readonly name: string };

/** A logged-in session. One request at a time; every method resolves when its answer is complete. */
export interface LabSession {
  readonly sessionId: number;
  /** Current database after the login. */
  readonly database: string;
  batch(text: string, sink: ResponseSink, signal: AbortSignal): Promise<void>;
  rpc(call: RpcCall, sink: ResponseSink, signal: AbortSignal): Promise<void>;
  transaction(request: TransactionRequest, sink: ResponseSink, signal: AbortSignal): Promise<void>;
  /** RESETCONNECTION: back to the state after login; an open transaction ends unless it is kept. */
  reset(keepTransaction: boolean): Promise<void>;
  /** The peer is gone: rolls back and frees everything. Idempotent. */
  close(): void;
  /** Called once when the server ends the session (KILL, role change, crash); the socket must be cut, after the message if there is one. */
  onEnded(callback: (message: ServerMessage | null) => void): void;
}

/** State of the network between clients and one instance; faults change it. */
export interface ClientLink {
  /** Delay added to every chunk in each direction, in milliseconds. */
  readonly delayMs: number;
  /** `open`; `refuse` new connections and cut old ones (the instance is down); `black-hole`: bytes vanish, nothing is closed. */
  readonly state: 'open' | 'refuse' | 'black-hole';
}

/** What the instance answers in PRELOGIN: login and data, or login only, or nothing may be encrypted. */
export type EncryptionOffer = 'required' | 'supported' | 'not-supported';

/** One instance as its listener sees it. */
export interface LabEndpoint {
  /** `@@SERVERNAME`, sent in ERROR, INFO and LOGINACK. */
  readonly serverName: string;
  /** `16.0.4135.4` as major, minor, build for PRELOGIN and LOGINACK. */
  readonly version: { readonly major: number; readonly minor: number; readonly build: number };
  readonly encryption: EncryptionOffer;
  login(request: LoginRequest): Promise<LoginOutcome>;
  /** Read for every chunk and every new connection. */
  link(): ClientLink;
  /** Calls back when `link().state` changes, so that open connections can be cut; returns the unsubscribe. */
  onLinkChanged(callback: () => void): () => void;
}
