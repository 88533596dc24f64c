/** One instance as a running batch sees it: the `Instance` of the seam, over the parts of this folder. */

import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import type { SqlValue, Variant } from '../../tds/sql-type.ts';
import { nameKey } from '../hadr/state.ts';
import type {
  ApplicationLockName,
  ApplicationLockRequest,
  CatalogName,
  CatalogRowset,
  CommitStart,
  DatabaseAccess,
  FaultPoint,
  Instance,
  RequestContext,
  Securable,
  SessionIdentity,
} from '../instance.ts';
import type { SqlAgent } from '../agent/agent.ts';
import type { ServerMessage } from '../session.ts';
import type { LogPayload } from '../store/database-store.ts';
import type { AdminStatement } from '../tsql/ast.ts';
import type { Release } from '../tsql/release.ts';
import { administer } from './administer/administer.ts';
import { killSession } from './administer/kill.ts';
import { filesOf } from './database-files.ts';
import { databaseOf, stateOf } from './instance-parts.ts';
import type { InstanceParts } from './instance-parts.ts';
import { hasDatabaseAccess, hasPermission, mayReadMsdb, openDatabase } from './permission.ts';
import type { Catalog, CatalogFactory, CatalogSource, InstanceRecord } from './record.ts';
import { systemDatabaseIds } from './row-keeper.ts';

/** One instance. */
export class LabInstance implements Instance {
  readonly serverName: string;
  readonly release: Release;
  readonly clock: Clock;
  readonly random: Random;
  readonly parts: InstanceParts;
  readonly agent: SqlAgent;
  readonly #catalog: Catalog;

  constructor(parts: InstanceParts, catalog: CatalogFactory) {
    this.parts = parts;
    this.agent = parts.agent;
    this.serverName = parts.definition.serverName;
    this.release = parts.definition.version.year;
    this.clock = parts.clock;
    this.random = parts.random;
    this.#catalog = catalog(this.#source());
  }

  serverProperty(name: string): Variant | null {
    return this.#catalog.serverProperty(name);
  }

  certificate(
    database: string,
    by: string | number,
  ): { readonly certificateId: number; readonly encoded: Uint8Array } | null {
    // The lab makes certificates in master only.
    if (nameKey(database) !== 'master') return null;
    const { certificates } = this.parts.security;
    return (
      certificates.find((each) =>
        typeof by === 'number' ? each.certificateId === by : nameKey(each.name) === nameKey(by),
      ) ?? null
    );
  }

  databaseProperty(database: string, name: string): Variant | null {
    return this.#catalog.databaseProperty(database, name);
  }

  versionText(): string {
    return this.#catalog.versionText();
  }

  defaultDomain(): string | null {
    return this.parts.definition.domain;
  }

  databaseId(name: string): number | null {
    return systemDatabaseIds[nameKey(name)] ?? databaseOf(this.parts, name)?.id ?? null;
  }

  databaseName(id: number): string | null {
    const system = Object.entries(systemDatabaseIds).find(([, each]) => each === id);
    const user = Object.values(stateOf(this.parts).databases).find((each) => each.id === id);
    return system?.[0] ?? user?.name ?? null;
  }

  hasPermission(identity: SessionIdentity, securable: Securable, permission: string): 0 | 1 | null {
    return hasPermission(this.parts, identity, { securable, permission });
  }

  isServerRoleMember(identity: SessionIdentity, role: string, login: string | null): 0 | 1 | null {
    if (login !== null && this.parts.security.principal(login) === undefined) return null;
    const member = this.parts.security.isMember(login ?? identity.loginName, role);
    return member === null ? null : member ? 1 : 0;
  }

  catalogRowset(identity: SessionIdentity, name: CatalogName): CatalogRowset | undefined {
    return this.#catalog.rowset(identity, name);
  }

  withStated(identity: SessionIdentity, name: CatalogName, rowset: CatalogRowset): CatalogRowset {
    return this.#catalog.withStated(identity, name, rowset);
  }

  catalogFunction(
    identity: SessionIdentity,
    name: CatalogName,
    values: readonly SqlValue[],
  ): CatalogRowset | undefined {
    return this.#catalog.tableFunction(identity, name, values);
  }

  openDatabase(identity: SessionIdentity, name: string): DatabaseAccess {
    return openDatabase(this.parts, identity, name);
  }

  async administer(
    request: RequestContext,
    statement: AdminStatement,
  ): Promise<ServerMessage | null> {
    const point = { what: 'statement', name: statementName(statement) } as const;
    const before = this.reach(request, { ...point, when: 'before' });
    if (before !== null) await before;
    if (request.signal.aborted) return null;
    const error = await administer(this.parts, request, statement);
    const after = this.reach(request, { ...point, when: 'after' });
    if (after !== null) await after;
    return error;
  }

  commit(request: RequestContext, database: string, payload: LogPayload): CommitStart {
    // System databases are in no group and have no log here.
    if (systemDatabaseIds[nameKey(database)] !== undefined)
      return { kind: 'hardened', outcome: Promise.resolve({ kind: 'acknowledged' }) };
    const place = { instance: this.parts.key, database: nameKey(database) };
    return this.parts.host.commit(place, payload, request.signal);
  }

  applicationLock(request: RequestContext, lock: ApplicationLockRequest): Promise<number> {
    return this.parts.locks.acquire(request.identity.sessionId, lock, request.signal);
  }

  releaseApplicationLock(
    identity: SessionIdentity,
    lock: Pick<ApplicationLockRequest, 'database' | 'principal' | 'resource' | 'owner'>,
  ): number {
    return this.parts.locks.release(identity.sessionId, lock);
  }

  applicationLockMode(identity: SessionIdentity, lock: ApplicationLockName): string {
    return this.parts.locks.mode(identity.sessionId, lock);
  }

  testApplicationLock(
    identity: SessionIdentity,
    lock: ApplicationLockName & Pick<ApplicationLockRequest, 'mode'>,
  ): boolean {
    return this.parts.locks.isFree(identity.sessionId, lock);
  }

  reach(request: RequestContext, point: FaultPoint): Promise<void> | null {
    return this.parts.traps.reach(request, point);
  }

  transactionEnded(identity: SessionIdentity): void {
    this.parts.locks.releaseAll(identity.sessionId, 'transaction');
  }

  kill(identity: SessionIdentity, sessionId: number): ServerMessage | null {
    return killSession(this.parts, identity, sessionId);
  }

  /** The readable model of the instance. */
  record(): InstanceRecord {
    const { key, definition, security, sessions, history, locks, errorLog, traceFlags, agent } =
      this.parts;
    return {
      key,
      serverName: definition.serverName,
      fqdn: definition.fqdn,
      address: definition.address,
      port: definition.port,
      hasMasterKey: security.hasMasterKey,
      hadrEnabledAfterRestart: definition.alwaysOn !== 'disabled',
      principals: security.principals,
      permissions: security.permissions,
      certificates: security.certificates,
      sessions: sessions.records(),
      backups: history.backups,
      restores: history.restores,
      applicationLocks: locks.records(),
      errorLog: errorLog.entries(),
      traceFlags: [...traceFlags],
      agent: agent.record(),
    };
  }

  #source(): CatalogSource {
    const { parts } = this;
    return {
      clock: parts.clock,
      state: () => parts.host.state,
      record: () => this.record(),
      stated: (view) => parts.declared.of(view),
      files: (database) => filesOf(parts, database),
      store: (database) => {
        const place = { instance: parts.key, database };
        return parts.rows.store(place) ?? parts.rows.systemStore(place);
      },
      mayReadMsdb: (login) => mayReadMsdb(parts, login),
      hasServerPermission: (login, permission) =>
        parts.security.hasServerPermission(login, permission) === true,
      hasPermissionOn: (login, permission, on) =>
        parts.security.hasPermissionOn(login, permission, on),
      hasDatabaseAccess: (login, database) => hasDatabaseAccess(parts, login, database),
    };
  }
}

/** The kind of a statement; for ALTER AVAILABILITY GROUP what it does, for example `set-role-secondary`. */
function statementName(statement: AdminStatement): string {
  return statement.kind === 'alter-availability-group' ? statement.action.kind : statement.kind;
}
