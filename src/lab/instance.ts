/**
 * What a running T-SQL batch sees of the instance under it. Implemented in `lab/world/`.
 *
 * Here: identity, catalog, databases, permissions, administrative statements, commit.
 * Not here: rows and logs (`lab/store/`), groups and roles (`lab/hadr/`).
 */

import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { Column, SqlValue, Variant } from '../tds/sql-type.ts';
import type { SqlAgent } from './agent/agent.ts';
import type { ServerMessage } from './session.ts';
import type { DatabaseStore, LogPayload } from './store/database-store.ts';
import type { AdminStatement } from './tsql/ast.ts';
import type { Release } from './tsql/release.ts';

/** Who a session is and where it stands; kept by the world, read by catalog and interpreter. */
export interface SessionIdentity {
  readonly sessionId: number;
  readonly loginName: string;
  readonly hostName: string;
  readonly programName: string;
  readonly clientInterfaceName: string;
  readonly hostProcessId: number;
  readonly clientAddress: string;
  readonly serverAddress: string;
  readonly serverPort: number;
  readonly encrypted: boolean;
  readonly readOnlyIntent: boolean;
  /** Milliseconds since 1970 UTC. */
  readonly loginTime: number;
}

/** The part of a session that changes while it runs; the interpreter writes it, the catalog reads it. */
export interface SessionState {
  database: string;
  openTransactions: number;
  status: 'running' | 'sleeping' | 'suspended';
  /** Text of the running batch; empty when idle. */
  currentBatch: string;
  /** `WAITFOR`, `HADR_SYNC_COMMIT`, `LCK_M_X`...; empty when not waiting. */
  waitType: string;
  lastRequestStart: number;
  lastRequestEnd: number;
  /** SET CONTEXT_INFO, at most 128 bytes. */
  contextInfo: Uint8Array | null;
  /** How far a running BACKUP or RESTORE is; absent or null: nothing of the kind runs. */
  progress?: RequestProgress | null;
}

/** `command`, `percent_complete` and `estimated_completion_time` of `sys.dm_exec_requests`. */
export interface RequestProgress {
  /** `BACKUP DATABASE`, `RESTORE LOG`... */
  readonly command: string;
  readonly percent: number;
  /** Milliseconds that are left. */
  readonly remainingMs: number;
}

/** A view, table-valued function result or virtual table of the catalog. */
export interface CatalogRowset {
  readonly columns: readonly Column[];
  /** Rows as this session may see them: fewer, not an error, when rights are missing. */
  rows(): Iterable<readonly SqlValue[]>;
}

/** Access to a database, or the error that a real server raises (911, 927, 976, 978, 983, 922, 916, 945...). */
export type DatabaseAccess =
  | { readonly kind: 'open'; readonly store: DatabaseStore; readonly writable: boolean }
  | { readonly kind: 'refused'; readonly error: ServerMessage };

/** Start of a commit: refused at once (988, 9002, 3906...), or hardened locally and on its way. */
export type CommitStart =
  | { readonly kind: 'refused'; readonly error: ServerMessage }
  | { readonly kind: 'hardened'; readonly outcome: Promise<CommitOutcome> };

/** End of a commit that waited for the other side. */
export type CommitOutcome =
  /** Hardened everywhere it must be: acknowledge. */
  | { readonly kind: 'acknowledged' }
  /** The database lost its role or the instance went down while the commit waited: the client gets no answer. */
  | { readonly kind: 'session-ended'; readonly message: ServerMessage | null };

/** One running request: who asks, where the session stands, where messages go, when to stop. */
export interface RequestContext {
  readonly identity: SessionIdentity;
  readonly state: SessionState;
  /** Sends an informational message (3211 percent, 35299...). */
  readonly inform: (message: ServerMessage) => void;
  /** Sends a result set (RESTORE HEADERONLY...). */
  readonly result: (rowset: CatalogRowset) => void;
  /** Aborted by an attention, or when the session ends. */
  readonly signal: AbortSignal;
}

/** What a permission is asked for; both null: the server. */
export interface Securable {
  readonly name: string | null;
  readonly securableClass: string | null;
}

/** Name of a catalog object, for example `msdb`, `dbo`, `backupset`. */
export interface CatalogName {
  /** The session's current database unless the name says otherwise. */
  readonly database: string;
  readonly schema: string;
  readonly name: string;
}

/** One instance. All names are compared without regard to case. */
export interface Instance {
  readonly serverName: string;
  /** Release of SQL Server, which decides what its T-SQL knows. */
  readonly release: Release;
  readonly clock: Clock;
  readonly random: Random;
  /** SQL Server Agent of this instance. */
  readonly agent: SqlAgent;
  /** `SERVERPROPERTY`; null for an unknown name. */
  serverProperty(name: string): Variant | null;
  /** `DATABASEPROPERTYEX`. */
  databaseProperty(database: string, name: string): Variant | null;
  /** `@@VERSION`. */
  versionText(): string;
  /** A certificate of a database, for CERT_ID and CERTENCODED; null when there is none of this name or id. */
  certificate(
    database: string,
    by: string | number,
  ): { readonly certificateId: number; readonly encoded: Uint8Array } | null;
  /** `DEFAULT_DOMAIN()`. */
  defaultDomain(): string | null;
  databaseId(name: string): number | null;
  databaseName(id: number): string | null;
  /** `HAS_PERMS_BY_NAME` for the session: 1, 0, or null for a class or permission that does not exist. */
  hasPermission(identity: SessionIdentity, securable: Securable, permission: string): 0 | 1 | null;
  /** `IS_SRVROLEMEMBER`; login null: the session's own. */
  isServerRoleMember(identity: SessionIdentity, role: string, login: string | null): 0 | 1 | null;
  /** `sys.x`, `msdb.dbo.x`; undefined when there is no such object (208). */
  catalogRowset(identity: SessionIdentity, name: CatalogName): CatalogRowset | undefined;
  /** A view that the store of a database answers, with what the lab's definition states about it. */
  withStated(identity: SessionIdentity, name: CatalogName, rowset: CatalogRowset): CatalogRowset;
  /** `sys.fn_...(...)` in FROM. */
  catalogFunction(
    identity: SessionIdentity,
    name: CatalogName,
    values: readonly SqlValue[],
  ): CatalogRowset | undefined;
  /** Opens a user database, or `master`, `msdb`, `tempdb` (always writable, never replicated). */
  openDatabase(identity: SessionIdentity, name: string): DatabaseAccess;
  /** Runs an administrative statement; resolves to the error that ended it, or null. */
  administer(request: RequestContext, statement: AdminStatement): Promise<ServerMessage | null>;
  /**
   * Assigns the LSN, hardens and ships: all synchronously, before the store commits to SQLite and
   * releases its write lock. The client is answered only when the outcome has resolved.
   */
  commit(request: RequestContext, database: string, payload: LogPayload): CommitStart;
  /** `sp_getapplock`: 0 granted, 1 after waiting, -1 timeout, -2 cancelled, -999 bad call. */
  applicationLock(request: RequestContext, lock: ApplicationLockRequest): Promise<number>;
  /** `sp_releaseapplock`: 0, or -999 when it was not held. */
  releaseApplicationLock(
    identity: SessionIdentity,
    lock: Pick<ApplicationLockRequest, 'database' | 'principal' | 'resource' | 'owner'>,
  ): number;
  /** `APPLOCK_MODE`: the mode an owner holds on a resource, `NoLock` for none. */
  applicationLockMode(identity: SessionIdentity, lock: ApplicationLockName): string;
  /** `APPLOCK_TEST`: the lock would be granted now. */
  testApplicationLock(
    identity: SessionIdentity,
    lock: ApplicationLockName & Pick<ApplicationLockRequest, 'mode'>,
  ): boolean;
  /** A running request has come to a point at which faults may wait for it; null: it goes on at once. */
  reach(request: RequestContext, point: FaultPoint): Promise<void> | null;
  /** The transaction of the session ended: frees its transaction-owned locks. */
  transactionEnded(identity: SessionIdentity): void;
  /** KILL; the error, or null. */
  kill(identity: SessionIdentity, sessionId: number): ServerMessage | null;
}

/** Where a fault can catch a request. */
export interface FaultPoint {
  readonly when: 'before' | 'after';
  /** `batch`: the whole request; `statement`: one statement about the server; `commit`: a transaction of a database. */
  readonly what: 'batch' | 'statement' | 'commit';
  /** Text of the batch, name of the statement (`set-role-secondary`), or name of the database. */
  readonly name: string;
}

/** An application lock of a session or its transaction. */
export type ApplicationLockName = Pick<
  ApplicationLockRequest,
  'database' | 'principal' | 'resource' | 'owner'
>;

/** `sp_getapplock`. */
export interface ApplicationLockRequest {
  readonly database: string;
  readonly principal: string;
  /** Compared byte by byte. */
  readonly resource: string;
  readonly mode: 'Shared' | 'Update' | 'IntentShared' | 'IntentExclusive' | 'Exclusive';
  readonly owner: 'Session' | 'Transaction';
  /** Milliseconds; -1 waits for ever, 0 does not wait. */
  readonly timeoutMs: number;
}
