/** Faults carried out: on operators, links, instances, clocks, rights and rows; and everything healed again. */

import { unreachable } from '../../base/assert.ts';
import { sides } from '../../reconcile/look.ts';
import { nameKey } from '../../lab/hadr/state.ts';
import { withRegister } from '../semantics/control.ts';
import { faultText, type Fault, type FaultKind, type FaultPoint } from './fault.ts';
import { cancelSeeding, giveRole, makeAsynchronous, takeRole } from './mishap.ts';
import type { Kernel } from './kernel.ts';
import type { Side } from '../../model/side.ts';
import type { Struck } from './victim.ts';
import type { RegisterTrouble, SimWorld } from './world.ts';

/** A second operator: what it wants, and whether its migration file says something else. */
export interface RivalCall {
  readonly goal: 'cutover' | 'abort';
  readonly hasOtherFile: boolean;
}

/** What the environment needs. */
export interface EnvironmentOptions {
  readonly kernel: Kernel;
  readonly world: SimWorld;
  readonly faults: readonly Fault[];
  /** Strike one after the other. */
  readonly sequence: readonly Fault[];
  /** A second operator appears. */
  readonly rival: (call: RivalCall) => void;
  /** A commit that no session shows: a job that was quicker than the fence. */
  readonly lateCommit: () => void;
}

const SLOW_REDO_BYTES_PER_SECOND = 400;
const CLOCK_JUMP_FACTOR = 2;
const NONE: readonly Fault[] = [];

/** Runs something when a fault is over. */
type Later = (run: () => void) => void;

const processFaults = [
  'kill',
  'pause',
  'drop',
  'delay',
  'stall',
  'duplicate',
  'isolate-source',
  'isolate-target',
  'store-lost',
  'store-rolled-back',
] as const satisfies readonly FaultKind[];

const protocolFaults = [
  'rival-cutover',
  'rival-abort',
  'rival-other-file',
  'agent-stop',
  'agent-late',
  'clock-forward',
  'clock-backward',
  'register-tampered',
  'register-newer',
  'register-foreign',
  'register-away',
] as const satisfies readonly FaultKind[];

type ProcessFault = (typeof processFaults)[number];
type ProtocolFault = (typeof protocolFaults)[number];
type ServerFault = Exclude<FaultKind, ProcessFault | ProtocolFault>;

function isOfProcess(kind: FaultKind): kind is ProcessFault {
  return processFaults.some((each) => each === kind);
}

function isOfProtocol(kind: FaultKind): kind is ProtocolFault {
  return protocolFaults.some((each) => each === kind);
}

/** The world's bad luck. */
export class Environment {
  readonly #options: EnvironmentOptions;
  readonly #counts = new Map<string, number>();
  readonly #open: Fault[];
  readonly #sequence: Fault[];
  /** Everything is as it should be from now on. */
  isHealed = false;
  #isDemotedByHand = false;
  /** Acts that were sent. */
  readonly acts = new Set<string>();
  /** Faults that struck, as fault, act and point. */
  readonly cells = new Set<string>();

  constructor(options: EnvironmentOptions) {
    this.#options = options;
    this.#open = [...options.faults];
    this.#sequence = [...options.sequence];
  }

  /** Every fault of the sequence struck. */
  get isSequenceOver(): boolean {
    return this.#sequence.length === 0;
  }

  /** Called at every point of every request of every operator. */
  strike(struck: Struck): readonly Fault[] {
    const { act, point } = struck;
    const kind = act === null ? 'observe' : act.kind;
    this.acts.add(kind);
    if (this.isHealed) return NONE;
    const now = [...this.#due(kind, point), ...this.#next(kind, point)];
    for (const fault of now) {
      this.cells.add(`${fault.kind} ${kind} ${point}`);
      this.#options.kernel.trace(`FAULT ${faultText(fault)}`);
      this.#carryOut(fault, struck);
    }
    return now;
  }

  /** Faults whose n-th request this is. */
  #due(kind: Fault['act'], point: FaultPoint): readonly Fault[] {
    if (!this.#open.some((fault) => fault.act === kind && fault.point === point)) return NONE;
    const key = `${kind} ${point}`;
    const nth = this.#counts.get(key) ?? 0;
    this.#counts.set(key, nth + 1);
    const due = this.#open.filter(
      (fault) => fault.act === kind && fault.point === point && fault.nth === nth,
    );
    for (const fault of due) this.#open.splice(this.#open.indexOf(fault), 1);
    return due;
  }

  /** The next one of the sequence, when this request fits it. */
  #next(kind: Fault['act'], point: FaultPoint): readonly Fault[] {
    const [next] = this.#sequence;
    if (next === undefined || next.act !== kind || next.point !== point) return NONE;
    this.#sequence.shift();
    return [next];
  }

  /** Links, instances, redo, rights, rows and Agent are as they should be; nothing strikes any more. */
  heal(): void {
    this.isHealed = true;
    const { world, kernel } = this.#options;
    kernel.trace('everything is healed');
    this.#cut(false);
    for (const side of sides) {
      if (!world.isUp(side)) world.restart(side);
      this.#agent(side, true);
      world.servers[side].jobDelayMs = 0;
      world.servers[side].hasRights = true;
    }
    this.#mend();
    this.#giveRole();
    world.engine.apply({
      kind: 'set-redo-rate',
      instance: world.key('target'),
      bytesPerSecond: null,
    });
  }

  #carryOut(fault: Fault, struck: Struck): void {
    const { kernel } = this.#options;
    const later = (run: () => void): void =>
      void kernel.schedule(fault.durationMs, () => {
        if (!this.isHealed) run();
      });
    if (isOfProcess(fault.kind)) this.#onProcess(fault.kind, fault.durationMs, struck);
    else if (isOfProtocol(fault.kind)) this.#onProtocol(fault.kind, fault.durationMs, later);
    else this.#onServers(fault.kind, later);
  }

  /** What happens to a process, its sessions, its requests and its files. */
  #onProcess(kind: ProcessFault, durationMs: number, { operator, act }: Struck): void {
    const { kernel } = this.#options;
    switch (kind) {
      case 'kill':
        return operator.kill(durationMs);
      case 'pause':
        return operator.pause(durationMs);
      case 'drop':
        operator.drop('source');
        return operator.drop('target');
      case 'delay':
      case 'stall':
        // The request, its steps or its reply are held; the operator's own code asks for how long.
        return undefined;
      case 'duplicate':
        if (act !== null) operator.deliverAgain(act, durationMs);
        return undefined;
      case 'isolate-source':
        operator.awayUntil.source = kernel.now + durationMs;
        return undefined;
      case 'isolate-target':
        operator.awayUntil.target = kernel.now + durationMs;
        return undefined;
      case 'store-lost':
        return operator.loseStore(0, durationMs);
      case 'store-rolled-back':
        return operator.loseStore(operator.journalLines >> 1, durationMs);
    }
    return unreachable(kind);
  }

  /** What happens to the register, the dead-man, the clock that judges, and who else comes. */
  #onProtocol(kind: ProtocolFault, durationMs: number, later: Later): void {
    const { world, rival } = this.#options;
    switch (kind) {
      case 'rival-cutover':
        return rival({ goal: 'cutover', hasOtherFile: false });
      case 'rival-abort':
        return rival({ goal: 'abort', hasOtherFile: false });
      case 'rival-other-file':
        return rival({ goal: 'cutover', hasOtherFile: true });
      case 'agent-stop':
        for (const side of sides) this.#agent(side, false);
        return later(() => sides.forEach((side) => this.#agent(side, true)));
      case 'agent-late':
        for (const side of sides) world.servers[side].jobDelayMs = durationMs;
        return undefined;
      case 'clock-forward':
        return this.#jump(durationMs * CLOCK_JUMP_FACTOR);
      case 'clock-backward':
        return this.#jump(-durationMs * CLOCK_JUMP_FACTOR);
      case 'register-tampered':
        return this.#trouble('tampered', later);
      case 'register-newer':
        return this.#trouble('newer', later);
      case 'register-foreign':
        return this.#trouble('foreign', later);
      case 'register-away':
        return this.#trouble('away', later);
    }
    return unreachable(kind);
  }

  /** What happens to instances, links, logs and rights. */
  #onServers(kind: ServerFault, later: Later): void {
    const { world, lateCommit } = this.#options;
    switch (kind) {
      case 'partition':
        this.#cut(true);
        return later(() => this.#cut(false));
      case 'crash-source':
        return this.#crash('source', later);
      case 'crash-target':
        return this.#crash('target', later);
      case 'slow-redo':
        this.#redo(SLOW_REDO_BYTES_PER_SECOND);
        return later(() => this.#redo(null));
      case 'late-commit':
        return lateCommit();
      case 'late-commit-cut':
        this.#cut(true);
        lateCommit();
        return later(() => this.#cut(false));
      case 'made-asynchronous':
        return makeAsynchronous(world);
      case 'demoted-by-hand':
        return this.#demote(later);
      case 'seeding-cancelled':
        return cancelSeeding(world);
      case 'rights-source':
        return this.#revoke('source', later);
      case 'rights-target':
        return this.#revoke('target', later);
      case 'log-backup':
        return this.#backup();
    }
    return unreachable(kind);
  }

  #backup(): void {
    const { world } = this.#options;
    for (const database of world.databases)
      world.engine.apply({
        kind: 'backup',
        instance: world.key('source'),
        database: nameKey(database),
        what: 'log',
        copyOnly: false,
      });
  }

  #cut(isCut: boolean): void {
    const { world } = this.#options;
    const [source, target] = [world.key('source'), world.key('target')];
    for (const [from, to] of [
      [source, target],
      [target, source],
    ] as const)
      world.engine.apply({ kind: 'set-link', from, to, change: { cut: isCut } });
  }

  #crash(side: Side, later: Later): void {
    const { world } = this.#options;
    if (!world.isUp(side)) return;
    world.crash(side);
    later(() => {
      if (!world.isUp(side)) world.restart(side);
    });
  }

  /** A person takes the role from the source, and gives it back when nothing else has happened to it. */
  #demote(later: Later): void {
    const { world } = this.#options;
    if (!world.isUp('source') || !takeRole(world)) return;
    this.#isDemotedByHand = true;
    later(() => this.#giveRole());
  }

  #giveRole(): void {
    const { world } = this.#options;
    const phase = world.control.source.register?.phase;
    const isLive = phase === 'fenced' || phase === 'committing';
    const isTaken = ['PRIMARY', 'RESOLVING'].includes(world.dag('target')?.role ?? '');
    if (!this.#isDemotedByHand || isLive || isTaken) return;
    if (!world.isUp('source') || world.dag('source')?.role !== 'SECONDARY') return;
    this.#isDemotedByHand = false;
    giveRole(world);
  }

  #redo(bytesPerSecond: number | null): void {
    const { world } = this.#options;
    world.engine.apply({ kind: 'set-redo-rate', instance: world.key('target'), bytesPerSecond });
  }

  /** The clock of the side that keeps the register jumps. */
  #jump(byMs: number): void {
    this.#options.world.servers.source.clockOffsetMs += byMs;
  }

  /** SQL Server Agent, or the watcher where the migration file asks for one. */
  #agent(side: Side, runs: boolean): void {
    const { world } = this.#options;
    if (!world.isUp(side)) return;
    if (runs) world.startAgent(side);
    else world.stopAgent(side);
  }

  /** VIEW SERVER STATE and ALTER ANY AVAILABILITY GROUP are taken from the operators' login. */
  #revoke(side: Side, later: Later): void {
    const { world } = this.#options;
    world.servers[side].hasRights = false;
    later(() => {
      world.servers[side].hasRights = true;
    });
  }

  /** Somebody's hands on the register of the side that gives the role away; they put it back as it was. */
  #trouble(trouble: RegisterTrouble, later: Later): void {
    const { world } = this.#options;
    const row = world.control.source.register;
    if (row === null || world.servers.source.registerTrouble !== null) return;
    world.servers.source.registerTrouble = trouble;
    world.control = withRegister(world.control, 'source', { isIntact: false });
    later(() => this.#mend());
  }

  #mend(): void {
    const { world } = this.#options;
    if (world.servers.source.registerTrouble === null) return;
    world.servers.source.registerTrouble = null;
    world.control = withRegister(world.control, 'source', { isIntact: true });
  }
}
