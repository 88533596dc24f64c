/** The state of a session between and inside its requests. */

import type { Variant } from '../../../tds/sql-type.ts';
import type { Instance, RequestContext, SessionIdentity, SessionState } from '../../instance.ts';
import type { ResponseSink, ServerMessage } from '../../session.ts';
import type { Variable } from '../query/execution.ts';
import type { MemoryTable } from './memory-table.ts';
import { SessionTransaction } from './session-transaction.ts';

/** SET options. */
export interface Options {
  noCount: boolean;
  rowCount: number;
  xactAbort: boolean;
  implicitTransactions: boolean;
  /** Milliseconds; -1 waits for ever. */
  lockTimeoutMs: number;
  noExec: boolean;
  parseOnly: boolean;
  fmtOnly: boolean;
  dateFirst: number;
  textSize: number;
  language: string;
  /** Table with IDENTITY_INSERT ON. */
  identityInsert: {
    readonly database: string;
    readonly schema: string;
    readonly table: string;
  } | null;
  /** Switches that only `@@OPTIONS` shows: bits. */
  bits: number;
}

/** A statement prepared by `sp_prepare`. */
export interface Prepared {
  readonly declarations: string;
  readonly text: string;
}

/** A session as the interpreter sees it. */
export interface SessionContext {
  readonly instance: Instance;
  readonly identity: SessionIdentity;
  readonly state: SessionState;
  readonly transaction: SessionTransaction;
  options: Options;
  readonly temporaryTables: Map<string, MemoryTable>;
  readonly sessionContext: Map<string, Variant>;
  readonly prepared: Map<number, Prepared>;
  nextHandle: number;
  nextObjectId: number;
  /** `@@ROWCOUNT`. */
  rowCount: bigint;
  /** `@@ERROR`. */
  lastError: number;
  /** `@@IDENTITY`. */
  lastIdentity: bigint | null;
  /** `SCOPE_IDENTITY()` of the outermost scope: it lasts from batch to batch. */
  scopeIdentity: bigint | null;
  nextTransaction: bigint;
}

/** One request: batch, procedure call, or what EXEC starts inside one. */
export interface Request extends RequestContext {
  readonly session: SessionContext;
  readonly sink: ResponseSink;
  readonly variables: Map<string, Variable>;
  readonly tableVariables: Map<string, MemoryTable>;
  /** `SCOPE_IDENTITY()`. */
  scopeIdentity: bigint | null;
  /** Error that the innermost CATCH block handles. */
  error: ServerMessage | null;
  /** Depth of TRY blocks around the running statement. */
  tryDepth: number;
  /** Depth of EXEC. */
  readonly depth: number;
  readonly procedure: string;
  /** RETURN value. */
  returnStatus: number;
}

/** The options of a new session. */
export function initialOptions(): Options {
  return {
    noCount: false,
    rowCount: 0,
    xactAbort: false,
    implicitTransactions: false,
    lockTimeoutMs: -1,
    noExec: false,
    parseOnly: false,
    fmtOnly: false,
    dateFirst: 7,
    textSize: 2_147_483_647,
    language: 'us_english',
    identityInsert: null,
    bits: 0x1478,
  };
}

/** The state of a new session. */
export function makeContext(
  instance: Instance,
  identity: SessionIdentity,
  state: SessionState,
): SessionContext {
  return {
    instance,
    identity,
    state,
    transaction: new SessionTransaction(instance),
    options: initialOptions(),
    temporaryTables: new Map(),
    sessionContext: new Map(),
    prepared: new Map(),
    nextHandle: 1,
    nextObjectId: -1_000_000_000,
    rowCount: 0n,
    lastError: 0,
    lastIdentity: null,
    scopeIdentity: null,
    nextTransaction: BigInt(identity.sessionId) << 32n,
  };
}

/** A request one level deeper, for EXEC: own variables, same answer. */
export function nestedRequest(request: Request, procedure: string): Request {
  return {
    ...request,
    variables: new Map(),
    tableVariables: new Map(),
    scopeIdentity: null,
    error: request.error,
    depth: request.depth + 1,
    procedure,
    returnStatus: 0,
  };
}
