/**
 * Two simulated servers with everything a migration meets on them: groups, logins, sessions, clocks,
 * the register and the dead-man.
 *
 * Groups are `lab/hadr`, batches are `sim/semantics`; this file holds what lies around both and knows
 * the time. Sessions are named by their owners; a lock belongs to a session and goes with it.
 */

import type { Act } from '../../model/act.ts';
import type { PriorState } from '../../model/prior-state.ts';
import type { Migration } from '../../model/migration.ts';
import type { Side } from '../../model/side.ts';
import { accessTo } from '../../lab/hadr/access.ts';
import type { EngineError } from '../../lab/hadr/effect.ts';
import type { HadrStatement } from '../../lab/hadr/event.ts';
import {
  nameKey,
  type DistributedState,
  type HadrState,
  type InstanceState,
} from '../../lab/hadr/state.ts';
import type { VirtualTime } from '../../lab/hadr/virtual-time.ts';
import { withSide, withoutSession, type Control, type RegisterRow } from '../semantics/control.ts';
import { startScheduledDeadMan, stopDeadMan } from '../semantics/dead-man.ts';
import type { GuardName } from '../semantics/guard.ts';
import { instanceKey, type Pair } from '../semantics/pair.ts';

/** A login on one side. */
export interface SimLogin {
  readonly name: string;
  readonly isWindows: boolean;
  isDisabled: boolean;
}

/** A session on one side. */
export interface SimSession {
  /** Name for locks, unique in the run. */
  readonly name: string;
  readonly id: number;
  readonly side: Side;
  readonly login: string;
  readonly program: string;
  readonly loginAt: number;
  /** Database it is in; null for an operator's. */
  readonly database: string | null;
  isAlive: boolean;
}

/** One server beside its groups. */
export interface SimServer {
  readonly logins: SimLogin[];
  sessions: SimSession[];
  hasControlDatabase: boolean;
  /** Server time at which the fence ends; null unless one was set. */
  deadlineAt: number | null;
  rehearsedAt: number | null;
  isAgentRunning: boolean;
  hasDeadManJob: boolean;
  /** A session of `sqlferry watch` stands guard. */
  hasWatcher: boolean;
  /** The Agent starts a job this much later than it is told to, in milliseconds. */
  jobDelayMs: number;
  /** The operators' login may look and change groups. */
  hasRights: boolean;
  /** Somebody's hands on the rows of `sqlferry_control`; null: nobody's. */
  registerTrouble: RegisterTrouble | null;
  /** Added to virtual time: what this server's clock says. */
  clockOffsetMs: number;
}

/** What somebody did to the register: another value, another version, another pair, or taken offline. */
export type RegisterTrouble = 'tampered' | 'newer' | 'foreign' | 'away';

/** Who acts on a server at this instant. */
export type Actor =
  | { readonly kind: 'dead-man' }
  /** A batch; `isAgain`: the same request took effect before. */
  | { readonly kind: 'batch'; readonly act: Act; readonly isAgain: boolean };

/** The servers as a run starts with them; copied for each run. */
export interface SimStart {
  readonly engine: VirtualTime;
  readonly control: Control;
  readonly servers: Readonly<Record<Side, SimServer>>;
  readonly nextSession: number;
}

/** What watchers are told. */
export interface WorldWatch {
  /** A row of the register changed. */
  register(side: Side, before: RegisterRow | null, after: RegisterRow | null): void;
  /** The refused epoch of a side was raised. */
  refused(side: Side, epoch: bigint): void;
  /** A demotion begins to look at the server. */
  begins(act: Act): void;
  /** A role statement was accepted; `before` is the group as it was. */
  role(side: Side, statement: 'demote' | 'force', before: DistributedState | undefined): void;
}

/** Both servers. */
export class SimWorld implements Pair {
  readonly migration: Migration;
  readonly databases: readonly string[];
  readonly removed: ReadonlySet<GuardName>;
  readonly engine: VirtualTime;
  readonly servers: Readonly<Record<Side, SimServer>>;
  /** Requests whose batch took effect once. */
  readonly tookEffect = new Set<Act>();
  /** Requests that are held on the wire and will arrive. */
  underWay = 0;
  /** A data loss was accepted in this run. */
  isLossAccepted = false;
  watch: WorldWatch | null = null;
  /** Told when a dead-man may have something to do. */
  onGuard: ((side: Side) => void) | null = null;
  /** Who acts at this instant; null: nobody of ours. */
  actor: Actor | null = null;
  readonly #keys: Readonly<Record<Side, string>>;
  readonly #dagKey: string;
  #control: Control;
  #nextSession: number;
  #cutsSeen = 0;

  constructor(migration: Migration, start: SimStart, removed: ReadonlySet<GuardName>) {
    this.migration = migration;
    this.databases = migration.databases.kind === 'named' ? migration.databases.names : [];
    this.removed = removed;
    this.engine = start.engine.fork();
    this.#control = start.control;
    this.servers = { source: copied(start.servers.source), target: copied(start.servers.target) };
    this.#nextSession = start.nextSession;
    this.#keys = {
      source: instanceKey(migration, 'source'),
      target: instanceKey(migration, 'target'),
    };
    this.#dagKey = nameKey(migration.distributedAvailabilityGroup);
  }

  /** What another run can start from. */
  snapshot(): SimStart {
    return {
      engine: this.engine.fork(),
      control: this.#control,
      servers: { source: copied(this.servers.source), target: copied(this.servers.target) },
      nextSession: this.#nextSession,
    };
  }

  get control(): Control {
    return this.#control;
  }

  set control(next: Control) {
    const before = this.#control;
    this.#control = next;
    for (const side of ['source', 'target'] as const) {
      const [from, to] = [before[side], next[side]];
      if (from === to) continue;
      if (from.register !== to.register) {
        this.watch?.register(side, from.register, to.register);
        if (to.register?.phase === 'fenced') this.onGuard?.(side);
      }
      if (from.refusedEpoch < to.refusedEpoch) this.watch?.refused(side, to.refusedEpoch);
      if (!from.deadManRunning && to.deadManRunning) this.onGuard?.(side);
    }
  }

  hadr(): HadrState {
    return this.engine.state;
  }

  run(side: Side, statement: HadrStatement): EngineError | null {
    const before = this.dag(side);
    const error = this.engine.statement(this.key(side), statement) ?? null;
    if (error === null && statement.kind === 'alter-availability-group') {
      if (statement.action.kind === 'set-role-secondary') this.watch?.role(side, 'demote', before);
      if (statement.action.kind === 'force-failover-allow-data-loss')
        this.watch?.role(side, 'force', before);
    }
    this.followCuts();
    return error;
  }

  /** Runs something as this actor, for those who watch. */
  as<T>(actor: Actor, run: () => T): T {
    const before = this.actor;
    this.actor = actor;
    try {
      return run();
    } finally {
      this.actor = before;
    }
  }

  /** Key of the side's instance. */
  key(side: Side): string {
    return this.#keys[side];
  }

  /** The DAG as the side stores it. */
  dag(side: Side): DistributedState | undefined {
    return this.instance(side)?.distributed[this.#dagKey];
  }

  /** The side's instance. */
  instance(side: Side): InstanceState | undefined {
    return this.engine.state.instances[this.key(side)];
  }

  /** The instance runs. */
  isUp(side: Side): boolean {
    return this.instance(side)?.up === true;
  }

  /** What the server's clock says, in milliseconds. */
  serverTime(side: Side): number {
    return EPOCH_MS + this.engine.now + this.servers[side].clockOffsetMs;
  }

  /** A copy that would accept a committed write now. */
  isWritable(side: Side, database: string): boolean {
    if (!this.isUp(side)) return false;
    const place = { instance: this.key(side), database: nameKey(database) };
    const access = accessTo(this.engine.state, place, false);
    return access.kind === 'open' && access.writable;
  }

  /** The DAG exists on the side. */
  hasDag(side: Side): boolean {
    return this.dag(side) !== undefined;
  }

  /** Deadlines that have passed show in the register, as a look at the server's clock would say. */
  expire(): void {
    for (const side of ['source', 'target'] as const) {
      const row = this.#control[side].register;
      const { deadlineAt } = this.servers[side];
      const isOpen = row?.phase === 'fenced' || row?.phase === 'committing';
      const isExpired = isOpen && deadlineAt !== null && this.serverTime(side) >= deadlineAt;
      if (row !== null && row.isExpired !== isExpired)
        this.#control = withSide(this.#control, side, { register: { ...row, isExpired } });
    }
  }

  /** A new session. */
  connect(side: Side, given: Pick<SimSession, 'login' | 'program' | 'database'>): SimSession {
    this.#nextSession += 1;
    const id = this.#nextSession;
    const session: SimSession = {
      ...given,
      id,
      name: `${given.login}@${side}#${id}`,
      side,
      loginAt: this.serverTime(side),
      isAlive: true,
    };
    this.servers[side].sessions.push(session);
    return session;
  }

  /** The server ends a session: its locks are free. */
  end(session: SimSession): void {
    if (!session.isAlive) return;
    session.isAlive = false;
    const server = this.servers[session.side];
    server.sessions = server.sessions.filter((each) => each !== session);
    this.control = withoutSession(this.#control, session.name);
  }

  /** Sessions of applications that are in the databases. */
  userSessions(side: Side): readonly SimSession[] {
    return this.servers[side].sessions.filter((session) => session.database !== null);
  }

  /** The instance dies: sessions, locks and running jobs go with it. */
  crash(side: Side): void {
    this.engine.apply({ kind: 'crash', instance: this.key(side) });
    for (const session of this.servers[side].sessions) session.isAlive = false;
    this.servers[side].sessions = [];
    this.control = withSide(this.#control, side, {
      actLock: null,
      leadLock: null,
      deadManRunning: false,
    });
  }

  /** The instance starts again; the Agent with it. */
  restart(side: Side): void {
    this.engine.apply({ kind: 'restart', instance: this.key(side), hadrEnabled: true });
    this.startAgent(side);
  }

  /** The Agent starts, and with it the dead-man's job; or somebody starts the watcher again. */
  startAgent(side: Side): void {
    const server = this.servers[side];
    server.isAgentRunning = true;
    server.hasWatcher = this.migration.cutover.deadMan === 'watcher';
    startScheduledDeadMan(this, side);
    this.onGuard?.(side);
  }

  /** The Agent ends, and whatever job it runs; a watcher is ended too. */
  stopAgent(side: Side): void {
    const server = this.servers[side];
    server.isAgentRunning = false;
    server.hasWatcher = false;
    stopDeadMan(this, side);
  }

  /** Somebody is there who would give the writes back. */
  isGuarded(side: Side): boolean {
    const server = this.servers[side];
    const job = this.#control[side].deadManRunning && server.isAgentRunning;
    return this.isUp(side) && (job || server.hasWatcher);
  }

  /** Ends sessions whose database the engine has closed to them. */
  followCuts(): void {
    const { cuts } = this.engine;
    for (; this.#cutsSeen < cuts.length; this.#cutsSeen += 1) {
      const [instance, database] = (cuts[this.#cutsSeen] ?? '').split('/');
      const side = instance === this.key('source') ? 'source' : 'target';
      for (const session of this.userSessions(side))
        if (nameKey(session.database ?? '') === database) this.end(session);
    }
  }

  /** A login of a side. */
  login(side: Side, name: string): SimLogin | undefined {
    return this.servers[side].logins.find((each) => nameKey(each.name) === nameKey(name));
  }

  /** Enables what the register remembers as enabled before. */
  restoreLogins(side: Side, prior: PriorState | null): void {
    for (const name of prior?.enabledLogins ?? []) {
      const login = this.login(side, name);
      if (login !== undefined) login.isDisabled = false;
    }
  }
}

/** Virtual time zero: 2026-11-21T00:00:00Z. */
export const EPOCH_MS = 1_795_219_200_000;

function copied(server: SimServer): SimServer {
  return {
    ...server,
    logins: server.logins.map((login) => ({ ...login })),
    sessions: server.sessions.map((session) => ({ ...session })),
  };
}
