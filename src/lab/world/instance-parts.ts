/** What the parts of one instance share. */

import type { Random } from '../../ports/random.ts';
import type { InstanceState, DatabaseState } from '../hadr/state.ts';
import { nameKey } from '../hadr/state.ts';
import { required } from '../../base/assert.ts';
import type { SqlAgent } from '../agent/agent.ts';
import type { ApplicationLocks } from './application-lock.ts';
import type { BackedUpFile } from '../backup/backup-header.ts';
import type { BackupHistory } from './backup-history.ts';
import type { InstanceDefinition } from './definition.ts';
import type { DeclaredRows } from './declared-rows.ts';
import type { EngineHost } from './engine-host.ts';
import type { ErrorLog } from './error-log.ts';
import type { RowKeeper } from './row-keeper.ts';
import type { RunningBackups } from './running-backups.ts';
import type { Security } from './security.ts';
import type { SessionRegistry } from './session-registry.ts';
import type { SkewedClock } from './skewed-clock.ts';
import type { Storage } from './storage.ts';
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
  /** Drives and shares. */
  readonly storage: Storage;
  /** Backups and restores in msdb. */
  readonly history: BackupHistory;
  /** What runs now. */
  readonly running: RunningBackups;
  /** Files of restored databases, by key, as long as the family is the same. */
  readonly files: Map<
    string,
    { readonly familyId: string; readonly files: readonly BackedUpFile[] }
  >;
  /** `backup_set_uuid` of the full backup a database was restored from, by key. */
  readonly bases: Map<string, string>;
  readonly traceFlags: Set<number>;
  /** Written with sp_configure, waiting for RECONFIGURE. */
  readonly writtenSettings: Map<string, number>;
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
