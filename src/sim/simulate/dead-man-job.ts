/**
 * The dead-man as it runs on a side: the Agent's job, or the session of `sqlferry watch`.
 *
 * Its step is `semantics/dead-man.ts`; here is when it looks. Nothing is asked while nothing runs: the
 * job begins when a batch or the Agent starts it, the watcher when it sees a fence.
 */

import type { Side } from '../../model/side.ts';
import { liftsFence, startedDeadMan, stepDeadMan, type DeadMan } from '../semantics/dead-man.ts';
import type { Kernel } from './kernel.ts';
import type { SimWorld } from './world.ts';

const POLL_MS = 200;
const ALTER_MS = 1;

/** The dead-man of one side. */
export class DeadManJob {
  readonly #kernel: Kernel;
  readonly #world: SimWorld;
  readonly #side: Side;
  #job: DeadMan = startedDeadMan;
  #isScheduled = false;

  constructor(kernel: Kernel, world: SimWorld, side: Side) {
    this.#kernel = kernel;
    this.#world = world;
    this.#side = side;
  }

  /** Called when it may have something to do; looks from then on as long as it is on guard. */
  wake(delayMs = POLL_MS): void {
    if (this.#isScheduled || !this.#isOnGuard()) return;
    this.#isScheduled = true;
    this.#kernel.schedule(delayMs, () => {
      this.#isScheduled = false;
      this.#turn();
    });
  }

  #isOnGuard(): boolean {
    const world = this.#world;
    const side = this.#side;
    const { register, deadManRunning } = world.control[side];
    const isNeeded = register?.phase === 'fenced' || register?.isOwed === true;
    return world.isUp(side) && (deadManRunning || (world.servers[side].hasWatcher && isNeeded));
  }

  #turn(): void {
    const world = this.#world;
    const side = this.#side;
    if (!this.#isOnGuard()) {
      this.#job = startedDeadMan;
      return;
    }
    world.expire();
    const before = this.#job;
    if (liftsFence(world, side, before))
      world.restoreLogins(side, world.control[side].register?.prior ?? null);
    const next = world.as({ kind: 'dead-man' }, () => stepDeadMan(world, side, before));
    this.#job = next ?? startedDeadMan;
    this.wake(next?.at === 'alter' ? ALTER_MS : POLL_MS);
  }
}
