/** Faults carried out: on operators, on links, on instances, on clocks; and everything healed again. */

import type { ActKind } from '../../model/act.ts';
import type { Side } from '../../model/side.ts';
import { nameKey } from '../../lab/hadr/state.ts';
import { faultText, type Fault, type FaultPoint } from './fault.ts';
import type { Kernel } from './kernel.ts';
import type { Operator } from './operator.ts';
import type { SimWorld } from './world.ts';

/** What the environment needs. */
export interface EnvironmentOptions {
  readonly kernel: Kernel;
  readonly world: SimWorld;
  readonly faults: readonly Fault[];
  /** A second operator appears. */
  readonly rival: (goal: 'cutover' | 'abort') => void;
  /** A commit that no session shows: a job that was quicker than the fence. */
  readonly lateCommit: () => void;
}

const SLOW_REDO_BYTES_PER_SECOND = 400;
const CLOCK_JUMP_FACTOR = 2;

/** The world's bad luck. */
export class Environment {
  readonly #options: EnvironmentOptions;
  readonly #counts = new Map<string, number>();
  readonly #struck = new Set<Fault>();
  #isHealed = false;
  /** Acts that were sent. */
  readonly acts = new Set<string>();
  /** Faults that struck, as fault, act and point. */
  readonly cells = new Set<string>();

  constructor(options: EnvironmentOptions) {
    this.#options = options;
  }

  /** How many of the faults struck. */
  get strikes(): number {
    return this.#struck.size;
  }

  /** Called at every point of every request of every operator. */
  strike(operator: Operator, act: ActKind | 'observe', point: FaultPoint): readonly Fault[] {
    const key = `${act} ${point}`;
    const nth = this.#counts.get(key) ?? 0;
    this.#counts.set(key, nth + 1);
    this.acts.add(act);
    if (this.#isHealed) return [];
    const struck = this.#options.faults.filter(
      (fault) => fault.act === act && fault.point === point && fault.nth === nth,
    );
    for (const fault of struck) {
      if (this.#struck.has(fault)) continue;
      this.#struck.add(fault);
      this.cells.add(`${fault.kind} ${act} ${point}`);
      this.#options.kernel.trace(`FAULT ${faultText(fault)}`);
      this.#carryOut(fault, operator);
    }
    return struck;
  }

  /** Links, instances, redo and Agent work again; nothing strikes any more. */
  heal(): void {
    this.#isHealed = true;
    const { world, kernel } = this.#options;
    kernel.trace('everything is healed');
    this.#cut(false);
    for (const side of ['source', 'target'] as const) {
      if (!world.isUp(side)) world.restart(side);
      world.servers[side].isAgentRunning = true;
    }
    world.engine.apply({
      kind: 'set-redo-rate',
      instance: world.key('target'),
      bytesPerSecond: null,
    });
  }

  #carryOut(fault: Fault, operator: Operator): void {
    const { kernel, world, rival, lateCommit } = this.#options;
    const later = (run: () => void): void =>
      void kernel.schedule(fault.durationMs, () => {
        if (!this.#isHealed) run();
      });
    switch (fault.kind) {
      case 'kill':
        return operator.kill(fault.durationMs);
      case 'pause':
        return operator.pause(fault.durationMs);
      case 'drop':
        operator.drop('source');
        return operator.drop('target');
      case 'delay':
        // The request or its reply is held; the operator's own code asks for how long.
        return undefined;
      case 'partition':
        this.#cut(true);
        return later(() => this.#cut(false));
      case 'crash-source':
        return this.#crash('source', later);
      case 'crash-target':
        return this.#crash('target', later);
      case 'isolate-source':
        operator.awayUntil.source = kernel.now + fault.durationMs;
        return undefined;
      case 'isolate-target':
        operator.awayUntil.target = kernel.now + fault.durationMs;
        return undefined;
      case 'slow-redo':
        this.#redo(SLOW_REDO_BYTES_PER_SECOND);
        return later(() => this.#redo(null));
      case 'clock-forward':
        return this.#jump(fault.durationMs * CLOCK_JUMP_FACTOR);
      case 'clock-backward':
        return this.#jump(-fault.durationMs * CLOCK_JUMP_FACTOR);
      case 'agent-stop':
        return this.#stopAgent(later);
      case 'rival-cutover':
        return rival('cutover');
      case 'rival-abort':
        return rival('abort');
      case 'late-commit':
        return lateCommit();
      case 'late-commit-cut':
        this.#cut(true);
        lateCommit();
        return later(() => this.#cut(false));
      case 'log-backup':
        for (const database of world.databases)
          world.engine.apply({
            kind: 'backup',
            instance: world.key('source'),
            database: nameKey(database),
            what: 'log',
            copyOnly: false,
          });
    }
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

  #crash(side: Side, later: (run: () => void) => void): void {
    const { world } = this.#options;
    if (!world.isUp(side)) return;
    world.crash(side);
    later(() => {
      if (!world.isUp(side)) world.restart(side);
    });
  }

  #redo(bytesPerSecond: number | null): void {
    const { world } = this.#options;
    world.engine.apply({ kind: 'set-redo-rate', instance: world.key('target'), bytesPerSecond });
  }

  /** The clock of the side that keeps the register jumps. */
  #jump(byMs: number): void {
    this.#options.world.servers.source.clockOffsetMs += byMs;
  }

  #stopAgent(later: (run: () => void) => void): void {
    const { world } = this.#options;
    for (const side of ['source', 'target'] as const) {
      world.servers[side].isAgentRunning = false;
      world.control = {
        ...world.control,
        [side]: { ...world.control[side], deadManRunning: false },
      };
    }
    later(() => {
      for (const side of ['source', 'target'] as const) world.servers[side].isAgentRunning = true;
    });
  }
}
