/** The words of `guard-scenario.ts` on the step machines that explorer and simulator run. */

import type { Act, ActReply } from '../../src/model/act.ts';
import type { Side } from '../../src/model/side.ts';
import {
  newBatch,
  stepBatch,
  timeOut,
  type Batch,
  type BatchPoint,
} from '../../src/sim/semantics/batch.ts';
import { withRegister, withSide } from '../../src/sim/semantics/control.ts';
import { liftsFence, startedDeadMan, stepDeadMan } from '../../src/sim/semantics/dead-man.ts';
import { allGuards } from '../../src/sim/semantics/guard.ts';
import { alter } from '../../src/sim/semantics/batch.ts';
import { databaseOn, dagOn, endOfLogs } from '../../src/sim/semantics/pair.ts';
import { plainAct } from '../../src/sim/simulate/plain-act.ts';
import { migrationOf, type Shape } from '../../src/sim/simulate/prepare.ts';
import { readyServers } from '../../src/sim/simulate/simulate.ts';
import { SimWorld, type SimSession } from '../../src/sim/simulate/world.ts';
import type { Between, Disturbance, Finale, Outcome, Stage } from './guard-scenario.ts';
import { databases, type StatementLabOptions } from './statement-lab.ts';

const sides = ['source', 'target'] as const;
const SETTLE_MS = 20_000;
const PAUSE_MS = 1000;
const STEP_MS = 1;
const WAIT_MS = 25;
const LOOK_MS = 200;
const LOCK_LIMIT_MS = 5000;
const OPEN_LIMIT_MS = 60_000;
const LINK_MS = 1;

/** The model's two servers, ready as the statement lab is. */
export async function modelStage(options: StatementLabOptions = {}): Promise<Stage> {
  const shape: Shape = {
    databases: 2,
    version: options.release ?? 2022,
    deadMan: options.cutover?.deadMan ?? 'off',
    giveBackWithRequiredSecondaries:
      options.switches?.giveBackWithRequiredSecondaries ?? 'accepted',
    requiredSecondariesMissing: options.switches?.requiredSecondariesMissing ?? 'hang',
  };
  const world = new SimWorld(migrationOf(shape), await readyServers(shape), allGuards);
  const model = new ModelStage(world);
  for (const side of sides)
    await model.does({
      kind: 'act',
      act: () =>
        Promise.resolve({ kind: 'set-distributed-mode', side, mode: 'SYNCHRONOUS_COMMIT' }),
    });
  model.pass(SETTLE_MS);
  return model;
}

class ModelStage implements Stage {
  readonly #world: SimWorld;
  readonly #acting: Readonly<Record<Side, SimSession>>;
  #later: { readonly at: number; readonly what: Disturbance }[] = [];
  #latched: readonly Side[] = [];
  #late: readonly { readonly side: Side; readonly database: string }[] = [];
  #commits = 0;

  constructor(world: SimWorld) {
    this.#world = world;
    const connect = (side: Side): SimSession =>
      world.connect(side, { login: 'sa', program: 'sqlferry', database: null });
    this.#acting = { source: connect('source'), target: connect('target') };
  }

  lsns(side: Side): Promise<ReturnType<typeof endOfLogs>> {
    return Promise.resolve(endOfLogs(this.#world, side));
  }

  pass(ms: number): void {
    const end = this.#world.engine.now + ms;
    for (;;) {
      const next = this.#later
        .filter((each) => each.at <= end)
        .toSorted((left, right) => left.at - right.at)[0];
      const until = next?.at ?? end;
      if (until > this.#world.engine.now)
        this.#world.engine.advance(until - this.#world.engine.now);
      this.#world.followCuts();
      this.#world.expire();
      if (next === undefined) return;
      this.#later = this.#later.filter((each) => each !== next);
      this.#happens(next.what);
    }
  }

  async does(what: Disturbance): Promise<void> {
    if (what.kind === 'act') this.#perform(await what.act(this), null);
    else this.#happens(what);
    const isQuick = what.kind === 'pass' || (what.kind === 'act' && what.isQuick === true);
    if (!isQuick && what.kind !== 'later') this.pass(PAUSE_MS);
  }

  async performs(finale: Finale): Promise<Outcome> {
    const { between = null } = finale;
    if ('deadMan' in finale) {
      this.#watch(finale.deadMan, finale.ms, between);
      this.pass(SETTLE_MS);
      return { accepted: true, error: null, localRole: null, phase: null };
    }
    const reply = this.#perform(await finale.act(this), between);
    this.pass(SETTLE_MS);
    const isDone = reply.outcome === 'ok';
    return {
      accepted: isDone,
      error: null,
      localRole: isDone ? (reply.localRoleDesc ?? null) : null,
      phase: isDone ? (reply.registerPhase ?? null) : null,
    };
  }

  shows(): Promise<Readonly<Record<string, string>>> {
    const world = this.#world;
    const lines: Record<string, string> = {};
    for (const side of sides) {
      const { register, refusedEpoch } = world.control[side];
      const dag = dagOn(world, side);
      const left = register === null ? '' : this.#deadlineText(side);
      lines[`${side} register`] =
        register === null
          ? 'none'
          : `${register.epoch} ${register.phase} ${left}${register.prior === null ? '' : JSON.stringify(register.prior)}`.trim();
      lines[`${side} lock`] = world.control[side].actLock === null ? 'free' : 'held';
      lines[`${side} refused`] = register === null ? 'none' : refusedEpoch.toString();
      lines[`${side} group`] =
        dag === undefined ? 'none' : `${dag.role} ${dag.requiredSynchronizedSecondariesToCommit}`;
      lines[`${side} databases`] = databases
        .map((name) => `${name} ${databaseOn(world, side, name)?.state}`)
        .join(', ');
      lines[`${side} logins`] =
        `app_writer ${world.login(side, 'app_writer')?.isDisabled === true ? 1 : 0}`;
    }
    return Promise.resolve(lines);
  }

  #deadlineText(side: Side): string {
    const row = this.#world.control[side].register;
    if (row?.phase === 'aborted') return row.isOwed ? 'owed ' : '';
    if (row?.phase === 'fenced') return 'until ';
    // The model keeps a deadline for a fence only; one that somebody wrote elsewhere means nothing.
    return this.#strange.has(`${side} ${row?.phase}`) ? 'until ' : '';
  }

  readonly #strange = new Set<string>();

  #perform(act: Act, between: NonNullable<Finale['between']> | null): ActReply {
    const world = this.#world;
    const session = this.#acting[act.side];
    const plain = plainAct(world, act, session);
    if (plain !== null) return plain;
    // A change between look and write has to end as if it had come before the atomic step.
    let pending = between;
    if (pending !== null && pointOf(act, pending.at) === 'begin') {
      this.#happens(pending.what);
      pending = null;
    }
    let batch = newBatch(act, session.name);
    let since = world.engine.now;
    for (;;) {
      world.expire();
      if (pending !== null && batch.at === pointOf(act, pending.at)) {
        this.#happens(pending.what);
        pending = null;
      }
      const step = this.#step(batch);
      if (act.kind === 'demote' && batch.at === 'compare')
        world.servers[act.side].deadlineAt = world.serverTime(act.side) + act.budgetMs;
      if (step.kind === 'ended') return step.reply;
      if (step.kind === 'next') {
        batch = step.batch;
        since = world.engine.now;
        this.pass(STEP_MS);
      } else if (world.engine.now - since >= limitOf(act, step.on)) return timeOut(world, batch);
      else this.pass(WAIT_MS);
    }
  }

  #step(batch: Batch): ReturnType<typeof stepBatch> {
    const { act } = batch;
    const world = this.#world;
    // Sessions are the world's, so this guard is too.
    if (act.kind === 'demote' && batch.at === 'begin' && world.userSessions(act.side).length > 0)
      return { kind: 'ended', reply: timeOut(world, batch) };
    if (act.kind === 'demote' && batch.at === 'alter') this.#beforeAlter(act.side);
    return stepBatch(world, batch);
  }

  #beforeAlter(side: Side): void {
    if (this.#latched.includes(side))
      this.#world.engine.apply({
        kind: 'latch-demotions',
        instance: this.#world.key(side),
        times: 1,
      });
    for (const late of this.#late) if (late.side === side) this.#commit(late.database);
    this.#late = this.#late.filter((late) => late.side !== side);
  }

  #commit(database: string): void {
    this.#commits += 1;
    const side = dagOn(this.#world, 'source')?.role === 'PRIMARY' ? 'source' : 'target';
    this.#world.engine.commit({ instance: this.#world.key(side), database }, this.#commits);
  }

  #watch(side: Side, ms: number, between: NonNullable<Finale['between']> | null): void {
    const world = this.#world;
    const end = world.engine.now + ms;
    let pending = between;
    const meddle = (at: Between): void => {
      if (pending?.at !== at) return;
      this.#happens(pending.what);
      pending = null;
    };
    // It has looked and found its epoch when somebody comes in between.
    const own = world.control[side].register?.epoch ?? null;
    let job: ReturnType<typeof stepDeadMan> =
      between?.at === 'watched' ? { ...startedDeadMan, epoch: own } : startedDeadMan;
    meddle('watched');
    while (job !== null && world.engine.now < end) {
      world.expire();
      if (job.at === 'alter') meddle('aborted');
      if (liftsFence(world, side, job))
        world.restoreLogins(side, world.control[side].register?.prior ?? null);
      job = stepDeadMan(world, side, job);
      this.pass(job?.at === 'alter' ? STEP_MS : LOOK_MS);
    }
  }

  #happens(what: Disturbance): void {
    const world = this.#world;
    switch (what.kind) {
      case 'damage':
        this.#damage(what);
        return;
      case 'written': {
        const { side, epoch, phase, deadlineMs } = what;
        const isOwed = phase === 'aborted' && deadlineMs !== undefined;
        world.control = withRegister(world.control, side, {
          epoch,
          phase,
          isOwed,
          isExpired: false,
        });
        world.servers[side].deadlineAt =
          deadlineMs === undefined ? null : world.serverTime(side) + deadlineMs;
        if (deadlineMs !== undefined) this.#strange.add(`${side} ${phase}`);
        world.expire();
        return;
      }
      case 'refused':
        world.control = withSide(world.control, what.side, { refusedEpoch: what.epoch });
        return;
      case 'twins':
        // Rows of other groups are none of the model's.
        return;
      case 'session':
        if (databases.some((name) => name === what.database))
          world.connect(what.side, { login: 'sa', program: 'shop', database: what.database });
        return;
      case 'suspend':
        world.run('source', {
          kind: 'alter-database-hadr',
          database: what.database,
          action: { kind: 'suspend' },
        });
        return;
      case 'lock':
        world.control = withSide(world.control, what.side, { actLock: 'somebody' });
        return;
      case 'pass':
        this.pass(what.ms);
        return;
      case 'commit':
        this.#commit(what.database);
        return;
      case 'latch':
        this.#latched = [what.side];
        return;
      case 'force':
        alter(world, what.side, { kind: 'force-failover-allow-data-loss' });
        return;
      case 'later':
        this.#later.push({ at: world.engine.now + what.ms, what: what.what });
        return;
      case 'late':
        this.#late = [...this.#late, what];
        return;
      case 'cut':
      case 'heal':
      case 'delay':
      case 'no-group':
      case 'no-redo':
        this.#serverHappens(what);
        return;
      case 'act':
        throw new TypeError('an act is performed');
    }
  }

  #serverHappens(
    what: Extract<Disturbance, { kind: 'cut' | 'heal' | 'delay' | 'no-group' | 'no-redo' }>,
  ): void {
    const world = this.#world;
    const link = (change: { readonly cut?: boolean; readonly delayMs?: number }): void => {
      for (const [from, to] of [
        [world.key('source'), world.key('target')],
        [world.key('target'), world.key('source')],
      ] as const)
        world.engine.apply({ kind: 'set-link', from, to, change });
    };
    switch (what.kind) {
      case 'cut':
        link({ cut: true });
        return;
      case 'heal':
        link({ cut: false, delayMs: LINK_MS });
        return;
      case 'delay':
        link({ delayMs: what.ms });
        return;
      case 'no-group':
        world.run(what.side, { kind: 'drop-availability-group', group: 'DAG' });
        return;
      case 'no-redo':
        world.engine.apply({
          kind: 'set-redo-rate',
          instance: world.key(what.side),
          bytesPerSecond: 1,
        });
    }
  }

  #damage(what: Extract<Disturbance, { kind: 'damage' }>): void {
    const world = this.#world;
    const { side } = what;
    if (what.what === 'no-register-table' || what.what === 'no-refused-table')
      world.control = withSide(world.control, side, { register: null, isRefusedIntact: false });
    else if (what.table === 'refused')
      world.control = withSide(world.control, side, { isRefusedIntact: false });
    else if (what.what === 'no-row')
      world.control = withSide(world.control, side, { register: null });
    else world.control = withRegister(world.control, side, { isIntact: false });
  }
}

/** The step of the model before which somebody comes in. */
function pointOf(act: Act, at: Between): BatchPoint {
  if (act.kind === 'refuse-epoch') return 'compare';
  if (act.kind !== 'demote') return at === 'settled' ? 'open' : 'begin';
  switch (at) {
    case 'refuse':
    case 'compare':
      return 'compare';
    case 'armed':
      return 'arm';
    case 'failed':
      return 'alter';
    default:
      return 'read';
  }
}

function limitOf(act: Act, on: 'lock' | 'lsns' | 'open'): number {
  if (on === 'lock') return LOCK_LIMIT_MS;
  if (on === 'open') return OPEN_LIMIT_MS;
  return 'waitMs' in act ? act.waitMs : 0;
}
