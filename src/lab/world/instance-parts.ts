/** What the parts of one instance share. */

import type { Random } from '../../ports/random.ts';
import type { InstanceState, DatabaseState } from '../hadr/state.ts';
import { nameKey } from '../hadr/state.ts';
import { required } from '../../base/assert.ts';
import type { SqlAgent } from '../agent/agent.ts';
import type { ApplicationLocks } from './application-lock.ts';
import type { BackupMedia } from './backup-media.ts';
import type { InstanceDefinition } from './definition.ts';
import type { DeclaredRows } from './declared-rows.ts';
import type { EngineHost } from './engine-host.ts';
import type { ErrorLog } from './error-log.ts';
import type { BackupRecord } from './record.ts';
import type { RowKeeper } from './row-keeper.ts';
import type { Security } from './security.ts';
import type { SessionRegistry } from './session-registry.ts';
import type { SkewedClock } from './skewed-clock.ts';
import type { Traps } from './trap.ts';

/** The parts of one instance. */
export interface InstanceParts {
  /** Key in `HadrState.instances`. */
  readonly key: string;
  readonly definition: InstanceDefinition;
  /** The time of this server, which a fault may put off from that of the others. */
  readonly clock: SkewedClock;
  readonly random: Random;
  readonly host: EngineHost;
  readonly rows: RowKeeper;
  readonly security: Security;
  readonly sessions: SessionRegistry;
  readonly locks: ApplicationLocks;
  readonly agent: SqlAgent;
  /** Faults that wait for a request at a named point. */
  readonly traps: Traps;
  readonly errorLog: ErrorLog;
  readonly media: BackupMedia;
  /** Oldest first; grows with every backup and restore. */
  readonly backups: BackupRecord[];
  readonly traceFlags: Set<number>;
  /** What the definition states about the catalog beside what the lab acts out. */
  readonly declared: DeclaredRows;
  /** Ends the process, as SHUTDOWN does. */
  readonly crash: () => void;
}

/** The engine's view of the instance. */
export function stateOf(parts: InstanceParts): InstanceState {
  return required(parts.host.state.instances[parts.key], `instance ${parts.key}`);
}

/** A user database of the instance. */
export function databaseOf(parts: InstanceParts, name: string): DatabaseState | undefined {
  return stateOf(parts).databases[nameKey(name)];
}

/** Tells the engine who may connect to the endpoint; after every change of logins or permissions. */
export function publishEndpointAccounts(parts: InstanceParts): void {
  const { endpoint } = stateOf(parts);
  const accounts = endpoint === null ? [] : parts.security.endpointAccounts(endpoint.name);
  parts.host.apply({ kind: 'endpoint-accounts', instance: parts.key, accounts });
}

/** Tells the engine how big the databases are; before a statement that may start a seeding. */
export function publishSizes(parts: InstanceParts): void {
  for (const database of Object.values(stateOf(parts).databases)) {
    const sizeBytes = parts.rows
      .store({ instance: parts.key, database: database.key })
      ?.dataBytes();
    if (sizeBytes === undefined || sizeBytes === database.sizeBytes) continue;
    parts.host.apply({
      kind: 'set-database',
      instance: parts.key,
      database: database.key,
      options: { sizeBytes },
    });
  }
}

/** Adds to the list of backups, which has an end. */
export function recordBackup(parts: InstanceParts, record: Omit<BackupRecord, 'id'>): void {
  const id = (parts.backups.at(-1)?.id ?? 0) + 1;
  parts.backups.push({ id, ...record });
  if (parts.backups.length > keptBackups)
    parts.backups.splice(0, parts.backups.length - keptBackups);
}

const keptBackups = 10_000;
