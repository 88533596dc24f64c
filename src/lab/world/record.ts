/**
 * What one instance keeps beside its availability groups: logins, permissions, sessions, backups.
 *
 * Read by the catalog together with `HadrState`, written by the world only. Names of logins and
 * databases are compared without regard to case.
 */

import type { Clock } from '../../ports/clock.ts';
import type { SqlValue } from '../../tds/sql-type.ts';
import type { Variant } from '../../tds/sql-type.ts';
import type { AgentRecord } from '../agent/job.ts';
import type { DeclaredRecord } from '../declared.ts';
import type { HadrState } from '../hadr/state.ts';
import type { CatalogName, CatalogRowset, SessionIdentity, SessionState } from '../instance.ts';
import type { DatabaseStore } from '../store/database-store.ts';
import type { BackupRecord, RestoreRecord } from './backup-history.ts';

/** A login or server role in `sys.server_principals`. */
export interface PrincipalRecord {
  readonly principalId: number;
  readonly name: string;
  readonly sid: Uint8Array;
  /** S SQL login, U Windows login, R server role, C certificate login. */
  readonly type: 'S' | 'U' | 'R' | 'C';
  readonly isDisabled: boolean;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly defaultDatabase: string;
  readonly isFixedRole: boolean;
  /** Fixed server roles this login is a member of, lower case. */
  readonly roles: readonly string[];
  /** CHECK_POLICY; SQL logins only. */
  readonly checkPolicy: boolean;
  /** As `sys.sql_logins` shows it to CONTROL SERVER; SQL logins only. */
  readonly passwordHash?: Uint8Array;
}

/** One row of `sys.server_permissions`. */
export interface PermissionRecord {
  /** Lower-case login or role. */
  readonly grantee: string;
  /** Upper case, for example `VIEW SERVER STATE`, `CONNECT`. */
  readonly permission: string;
  readonly state: 'GRANT' | 'DENY';
  readonly securable:
    | { readonly class: 'SERVER' }
    | { readonly class: 'ENDPOINT' | 'LOGIN'; readonly name: string };
}

/** A running session. */
export interface SessionRecord {
  readonly identity: SessionIdentity;
  readonly state: SessionState;
  readonly connectionId: string;
}

/** A certificate in master. */
export interface CertificateRecord {
  readonly name: string;
  readonly certificateId: number;
  readonly subject: string;
  readonly startAt: number;
  readonly expiresAt: number;
  readonly hasPrivateKey: boolean;
  readonly thumbprint: Uint8Array;
  /** The public part, DER: `CERTENCODED`. */
  readonly encoded: Uint8Array;
  /** User of master that owns it. */
  readonly owner: string;
  /** Its `principal_id` in master. */
  readonly ownerId: number;
}

/** A lock of `sp_getapplock`, for `sys.dm_tran_locks`. */
export interface ApplicationLockRecord {
  readonly database: string;
  readonly principal: string;
  readonly resource: string;
  readonly mode: string;
  readonly status: 'GRANT' | 'WAIT';
  readonly sessionId: number;
  readonly owner: 'Session' | 'Transaction';
}

/** One line of the error log. */
export interface ErrorLogEntry {
  readonly at: number;
  readonly number: number;
  readonly severity: number;
  readonly state: number;
  readonly text: string;
}

/** Two files of a database. */
export interface DatabaseFileRecord {
  readonly fileId: number;
  readonly type: 'ROWS' | 'LOG';
  readonly logicalName: string;
  readonly physicalName: string;
  readonly bytes: number;
}

/** Everything about one instance that is not in `HadrState`. */
export interface InstanceRecord {
  /** Key in `HadrState.instances`. */
  readonly key: string;
  readonly serverName: string;
  readonly fqdn: string;
  /** Address and port clients reach it under. */
  readonly address: string;
  readonly port: number;
  readonly hasMasterKey: boolean;
  /** SERVERPROPERTY('IsHadrEnabled') will become 1 with the next restart. */
  readonly hadrEnabledAfterRestart: boolean;
  readonly principals: readonly PrincipalRecord[];
  readonly permissions: readonly PermissionRecord[];
  readonly certificates: readonly CertificateRecord[];
  readonly sessions: readonly SessionRecord[];
  readonly backups: readonly BackupRecord[];
  readonly restores: readonly RestoreRecord[];
  readonly applicationLocks: readonly ApplicationLockRecord[];
  readonly errorLog: readonly ErrorLogEntry[];
  /** Trace flags that are on globally. */
  readonly traceFlags: readonly number[];
  /** SQL Server Agent. */
  readonly agent: AgentRecord;
}

/** What the catalog may look at. */
export interface CatalogSource {
  readonly clock: Clock;
  /** The newest state of all instances. */
  state(): HadrState;
  /** The newest record of this instance. */
  record(): InstanceRecord;
  /** Rows that the definition states for a view. */
  stated(view: string): readonly DeclaredRecord[];
  /** Files of a database as `sys.master_files` shows them. */
  files(database: string): readonly DatabaseFileRecord[];
  /** Rows of a user database that is open here; undefined when its store is not. */
  store(database: string): DatabaseStore | undefined;
  /** `HAS_PERMS_BY_NAME` on the server: the login has the permission, itself or through a role. */
  hasServerPermission(login: string, permission: string): boolean;
  /** The login may read the tables of `msdb`: as a user there with db_datareader, or by a right on the server. */
  mayReadMsdb(login: string): boolean;
  /** Permission on an endpoint or a login. */
  hasPermissionOn(
    login: string,
    permission: string,
    on: { readonly class: 'ENDPOINT' | 'LOGIN'; readonly name: string },
  ): boolean;
  /** HAS_DBACCESS for the login, state of the database aside. */
  hasDatabaseAccess(login: string, database: string): boolean;
}

/** The catalog of one instance, made by `lab/catalog/`. */
export interface Catalog {
  rowset(identity: SessionIdentity, name: CatalogName): CatalogRowset | undefined;
  tableFunction(
    identity: SessionIdentity,
    name: CatalogName,
    values: readonly SqlValue[],
  ): CatalogRowset | undefined;
  /** A view of a database's store with the rows that the definition states for it. */
  withStated(identity: SessionIdentity, name: CatalogName, rowset: CatalogRowset): CatalogRowset;
  /** `SERVERPROPERTY`; null for an unknown name. */
  serverProperty(name: string): Variant | null;
  /** `DATABASEPROPERTYEX`; null for an unknown database or name. */
  databaseProperty(database: string, name: string): Variant | null;
  /** `@@VERSION`. */
  versionText(): string;
}

/** Given to `makeWorld`; called once per instance. */
export type CatalogFactory = (source: CatalogSource) => Catalog;
