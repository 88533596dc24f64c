/**
 * Real instances out of the pure engine: state, timers, links, rows, sessions, and the faults.
 *
 * Relies on `hadr/` for what servers do, on `store/` for rows and on `tsql/run/` for sessions. Not
 * here: sockets (`server/`), views (`catalog/`), definitions people write (`definition.ts` of the lab).
 */

import { join } from 'node:path';
import { required } from '../../base/assert.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import { SqlAgent } from '../agent/agent.ts';
import type { PathRule } from '../definition-storage.ts';
import type { HadrStatement } from '../hadr/event.ts';
import { emptyState } from '../hadr/initial.ts';
import { nameKey } from '../hadr/state.ts';
import type { HadrState, HadrSwitches, PlantedFailure } from '../hadr/state.ts';
import type { Instance } from '../instance.ts';
import type { ServerMessage } from '../session.ts';
import type { Database } from '../store/database.ts';
import { ApplicationLocks } from './application-lock.ts';
import { BackupHistory } from './backup-history.ts';
import { sidOf } from '../sid.ts';
import type { InstanceDefinition, WorldDefinition } from './definition.ts';
import { DeclaredRows } from './declared-rows.ts';
import { EngineHost } from './engine-host.ts';
import { ErrorLog } from './error-log.ts';
import { stateOf } from './instance-parts.ts';
import type { InstanceParts } from './instance-parts.ts';
import { InstanceEndpoint } from './lab-endpoint.ts';
import { LabInstance } from './lab-instance.ts';
import { setLateWriter } from './late-writer.ts';
import { loadDatabases } from './load.ts';
import type { CatalogFactory, InstanceRecord } from './record.ts';
import { RowKeeper } from './row-keeper.ts';
import { RunningBackups } from './running-backups.ts';
import { Security } from './security.ts';
import { SessionRegistry } from './session-registry.ts';
import { SkewedClock } from './skewed-clock.ts';
import { Storage } from './storage.ts';
import { AGENT_LOGIN, openStep } from './step-session.ts';
import { Traps, type TrapPoint } from './trap.ts';

/** What a world is made of. */
export interface WorldOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly definition: WorldDefinition;
  /** Rows and backups go here; must be writable. */
  readonly dataDirectory: string;
  readonly catalog: CatalogFactory;
}

/** The running servers. Instances are named by `@@SERVERNAME`, without regard to case. */
export interface World {
  /** Names of all instances, as defined. */
  readonly instances: readonly string[];
  /** Folder of this machine with the drives and shares of the lab. */
  readonly fileDirectory: string;
  state(): HadrState;
  instance(name: string): Instance;
  endpoint(name: string): InstanceEndpoint;
  record(name: string): InstanceRecord;
  /** The store of a user database; undefined when the instance has none of this name. */
  store(name: string, database: string): Database | undefined;
  /** Delay between clients and an instance, each way, in milliseconds. */
  setClientDelay(name: string, delayMs: number): void;
  /** Delay of the link from one instance to another, in milliseconds. */
  setLinkDelay(from: string, to: string, delayMs: number): void;
  /** Runs a statement about groups or endpoints as sa; resolves to its error or null. */
  run(name: string, statement: HadrStatement): Promise<ServerMessage | null>;
  /** Bytes per second of automatic seeding; null: the default pace. */
  setLinkBandwidth(bytesPerSecond: number | null): void;
  /** Bytes per second of redo on an instance; null: keeps up. */
  setRedoRate(name: string, bytesPerSecond: number | null): void;
  /** Cuts the network between two instances, both ways. */
  partition(a: string, b: string): void;
  /** Mends it; without names everywhere. */
  heal(a?: string, b?: string): void;
  /** Ends the process of an instance; its clients are cut. */
  crash(name: string): void;
  restart(name: string): void;
  /** The next transaction redone on this copy is acknowledged, but its rows are dropped. */
  loseCommit(name: string, database: string): void;
  /** Stops SQL Server Agent for good, or lets it run again. */
  setAgent(name: string, mayRun: boolean): void;
  /** Puts the clock of an instance off by so many milliseconds. */
  setClockOffset(name: string, offsetMs: number): void;
  /** Positions of assumed server behaviours. */
  failSeedings(failure: PlantedFailure | null): void;
  setSwitches(switches: Partial<HadrSwitches>): void;
  /** Time without a sign of life after which a link counts as lost, in milliseconds. */
  setSessionTimeout(sessionTimeoutMs: number): void;
  /** SET (ROLE = SECONDARY) of a DAG fails with 41104 this many times more on an instance. */
  latchDemotions(name: string, times: number): void;
  /** Takes membership of sysadmin from a login, and its server permissions. */
  revoke(name: string, login: string): void;
  /** Faults that wait for a request at a named point. */
  traps(name: string): Traps;
  /** The process of an instance ends when the next request reaches the point. */
  crashAt(name: string, point: TrapPoint): void;
  /** Another session commits in the database just before the next SET (ROLE = SECONDARY) of a DAG. */
  lateWriter(name: string, database: string): void;
  /** Bytes of clients vanish, nothing is closed; false: they arrive again. */
  setBlackHole(name: string, on: boolean): void;
  /** Something is wrong with a folder or share, as the instance sees it; null: nothing any more. */
  setPath(name: string, path: string, problem: PathRule['problem'] | null): void;
  /** Bytes per second of BACKUP and RESTORE; null: at once. */
  setBackupRate(bytesPerSecond: number | null): void;
  /** Ends all sessions, timers and stores. */
  close(): void;
}

interface Member {
  readonly instance: LabInstance;
  readonly endpoint: InstanceEndpoint;
}

/** Makes the servers of a definition; they run until `close`. */
export function makeWorld(options: WorldOptions): World {
  return new RunningWorld(options);
}

class RunningWorld implements World {
  readonly instances: readonly string[];
  readonly fileDirectory: string;
  readonly #host: EngineHost;
  readonly #rows: RowKeeper;
  readonly #storage: Storage;
  readonly #members = new Map<string, Member>();

  constructor(options: WorldOptions) {
    const { definition, clock, random } = options;
    const { link, settings, switches } = definition;
    const { seedingBytesPerSecond } = link;
    this.instances = definition.instances.map((each) => each.serverName);
    this.#rows = new RowKeeper(join(options.dataDirectory, 'data'));
    this.#host = new EngineHost({
      clock,
      salt: random.guid(),
      state: emptyState({ seedingBytesPerSecond, ...settings }, switches),
    });
    this.#listen(clock);
    this.fileDirectory = join(options.dataDirectory, 'files');
    this.#storage = new Storage(this.fileDirectory, definition.storage ?? []);
    for (const each of definition.instances) this.#add(each, options);
    this.#eachPair((from, to) => this.#setLink(from, to, { delayMs: link.latencyMs }));
  }

  state(): HadrState {
    return this.#host.state;
  }

  instance(name: string): Instance {
    return this.#member(name).instance;
  }

  endpoint(name: string): InstanceEndpoint {
    return this.#member(name).endpoint;
  }

  record(name: string): InstanceRecord {
    return this.#member(name).instance.record();
  }

  store(name: string, database: string): Database | undefined {
    return this.#rows.store({ instance: this.#member(name).instance.parts.key, database });
  }

  setClientDelay(name: string, delayMs: number): void {
    this.#member(name).endpoint.setDelay(delayMs);
  }

  setLinkDelay(from: string, to: string, delayMs: number): void {
    this.#setLink(this.#key(from), this.#key(to), { delayMs });
  }

  run(name: string, statement: HadrStatement): Promise<ServerMessage | null> {
    const { key } = this.#member(name).instance.parts;
    return this.#host.statement({ instance: key, login: 'sa', statement }, () => {});
  }

  setLinkBandwidth(bytesPerSecond: number | null): void {
    this.#host.apply({
      kind: 'set-settings',
      settings: { seedingBytesPerSecond: bytesPerSecond },
    });
  }

  setRedoRate(name: string, bytesPerSecond: number | null): void {
    this.#host.apply({ kind: 'set-redo-rate', instance: this.#key(name), bytesPerSecond });
  }

  partition(a: string, b: string): void {
    this.#setLink(this.#key(a), this.#key(b), { cut: true });
    this.#setLink(this.#key(b), this.#key(a), { cut: true });
  }

  heal(a?: string, b?: string): void {
    const only = [a, b].filter((name) => name !== undefined).map((name) => this.#key(name));
    this.#eachPair((from, to) => {
      if (only.every((key) => key === from || key === to)) this.#setLink(from, to, { cut: false });
    });
  }

  crash(name: string): void {
    const { instance, endpoint } = this.#member(name);
    const { key, sessions } = instance.parts;
    if (!stateOf(instance.parts).up) return;
    this.#host.apply({ kind: 'crash', instance: key });
    instance.agent.serviceEnded();
    sessions.end(sessions.records(), null);
    endpoint.linkChanged();
  }

  restart(name: string): void {
    const { instance, endpoint } = this.#member(name);
    const { key, definition } = instance.parts;
    const hadrEnabled = definition.alwaysOn !== 'disabled';
    this.#host.apply({ kind: 'restart', instance: key, hadrEnabled });
    instance.agent.serviceStarted();
    endpoint.linkChanged();
  }

  loseCommit(name: string, database: string): void {
    this.#rows.loseNext({ instance: this.#key(name), database });
  }

  setAgent(name: string, mayRun: boolean): void {
    const { instance } = this.#member(name);
    instance.agent.allow(mayRun, stateOf(instance.parts).up);
  }

  setClockOffset(name: string, offsetMs: number): void {
    this.#member(name).instance.parts.clock.offsetMs = offsetMs;
  }

  setSwitches(switches: Partial<HadrSwitches>): void {
    this.#host.apply({ kind: 'set-switches', switches });
  }

  setSessionTimeout(sessionTimeoutMs: number): void {
    this.#host.apply({ kind: 'set-settings', settings: { sessionTimeoutMs } });
  }

  failSeedings(seedingFailure: PlantedFailure | null): void {
    this.#host.apply({ kind: 'set-settings', settings: { seedingFailure } });
  }

  latchDemotions(name: string, times: number): void {
    this.#host.apply({ kind: 'latch-demotions', instance: this.#key(name), times });
  }

  revoke(name: string, login: string): void {
    this.#member(name).instance.parts.security.revokeAll(login);
  }

  traps(name: string): Traps {
    return this.#member(name).instance.parts.traps;
  }

  crashAt(name: string, point: TrapPoint): void {
    this.traps(name).set(point, () => {
      this.crash(name);
      return Promise.resolve();
    });
  }

  lateWriter(name: string, database: string): void {
    const { instance } = this.#member(name);
    setLateWriter(instance.parts, instance, database);
  }

  setBlackHole(name: string, on: boolean): void {
    this.#member(name).endpoint.setBlackHole(on);
  }

  setPath(name: string, path: string, problem: PathRule['problem'] | null): void {
    this.#storage.setRule(this.#key(name), path, problem);
  }

  setBackupRate(bytesPerSecond: number | null): void {
    this.#storage.bytesPerSecond = bytesPerSecond;
  }

  close(): void {
    for (const { instance } of this.#members.values()) {
      instance.agent.serviceEnded();
      instance.parts.sessions.end(instance.parts.sessions.records(), null);
    }
    this.#host.stop();
    this.#rows.close();
  }

  #listen(clock: Clock): void {
    this.#host.listen({
      rows: (effect) => {
        const payload = 'payload' in effect ? this.#host.payload(effect.payload) : undefined;
        this.#rows.perform(effect, payload);
      },
      cutSessions: (key, database) => {
        const { sessions } = this.#member(key).instance.parts;
        sessions.end(sessions.inDatabase(database), null);
      },
      log: (key, message) => {
        this.#members.get(key)?.instance.parts.errorLog.add(clock.now(), message);
      },
    });
  }

  #add(definition: InstanceDefinition, from: WorldOptions): void {
    const { random, catalog } = from;
    const clock = new SkewedClock(from.clock);
    const key = nameKey(definition.serverName);
    this.#host.apply({
      kind: 'add-instance',
      instance: {
        serverName: definition.serverName,
        hostNames: hostNames(definition),
        version: definition.version,
        edition: definition.edition,
        domain: definition.domain,
        serviceAccount: definition.serviceAccount,
        hadrEnabled: definition.alwaysOn === 'enabled',
        cluster: definition.cluster ?? null,
      },
    });
    const locks = new ApplicationLocks(clock);
    const parts: InstanceParts = {
      key,
      definition,
      clock,
      random,
      host: this.#host,
      rows: this.#rows,
      security: new Security(clock.now()),
      sessions: new SessionRegistry((sessionId) => locks.releaseAll(sessionId, 'all')),
      locks,
      agent: new SqlAgent({
        clock,
        random,
        serverName: definition.serverName,
        connect: (step) => openStep(parts, this.#member(key).instance, step),
      }),
      traps: new Traps(),
      errorLog: new ErrorLog(),
      storage: this.#storage,
      history: new BackupHistory(),
      running: new RunningBackups(),
      files: new Map(),
      bases: new Map(),
      traceFlags: new Set(),
      writtenSettings: new Map(),
      declared: new DeclaredRows(definition),
      crash: () => this.crash(key),
    };
    for (const login of definition.logins) parts.security.addLogin(login, clock.now());
    parts.security.add({
      name: AGENT_LOGIN,
      type: 'U',
      sid: sidOf(AGENT_LOGIN),
      isDisabled: false,
      defaultDatabase: 'master',
      roles: ['sysadmin'],
      at: clock.now(),
    });
    const instance = new LabInstance(parts, catalog);
    this.#members.set(key, { instance, endpoint: new InstanceEndpoint(instance) });
    loadDatabases(parts);
  }

  #eachPair(visit: (from: string, to: string) => void): void {
    for (const from of this.#members.keys()) {
      for (const to of this.#members.keys()) if (from !== to) visit(from, to);
    }
  }

  #setLink(
    from: string,
    to: string,
    change: { readonly delayMs?: number; readonly cut?: boolean },
  ): void {
    this.#host.apply({ kind: 'set-link', from, to, change });
  }

  #key(name: string): string {
    return this.#member(name).instance.parts.key;
  }

  #member(name: string): Member {
    return required(this.#members.get(nameKey(name)), `instance ${name} of the lab`);
  }
}

/** Names and addresses that reach the host, lower case. */
function hostNames({ serverName, fqdn, address }: InstanceDefinition): readonly string[] {
  const [host] = serverName.split('\\');
  return [...new Set([host ?? serverName, fqdn, address].map((each) => each.toLowerCase()))];
}
