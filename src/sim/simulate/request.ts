/**
 * One act on its way: through the wire, through its batch sub-step by sub-step, and back.
 *
 * Faults strike at the four points of `fault.ts`. A batch lives on the server, not in the operator:
 * it goes on when its client has died, and stops where it stands when the server notices.
 */

import { unreachable } from '../../base/assert.ts';
import type { Act, ActReply } from '../../model/act.ts';
import type { Migration } from '../../model/migration.ts';
import type { Side } from '../../model/side.ts';
import { guards } from '../../sql/statement/guard.ts';
import {
  abandon,
  lostReply,
  newBatch,
  stepBatch,
  timeOut,
  failedReply,
  type Batch,
  type BatchStep,
} from '../semantics/batch.ts';
import { withRegister, type Control } from '../semantics/control.ts';
import type { Pair } from '../semantics/pair.ts';
import type { Kernel } from './kernel.ts';
import { plainAct, serverError } from './plain-act.ts';
import type { SimSession, SimWorld } from './world.ts';

/** A batch that is about to run on a server. */
export interface ServerBatch {
  readonly kernel: Kernel;
  readonly world: SimWorld;
  readonly act: Act;
  readonly session: SimSession;
  /** The file of whoever sends it; by default that of the world. */
  readonly migration?: Migration;
  /** Time between two of its steps, in milliseconds, where the server is slow. */
  readonly stallMs?: number;
  /** Called once, with the reply as it leaves the server, or null when the server or session died first. */
  readonly ended: (reply: ActReply | null) => void;
}

/** VIEW SERVER STATE permission was denied. */
const DENIED = 300;
const SUB_STEP_MS = 1;
const PAUSE_MS = 25;
const LOCK_WAIT_MS = 2_000;
const OPEN_WAIT_MS = 60_000;

/** Runs the batch from now on. */
export function runBatch(given: ServerBatch): void {
  const { kernel, world, act, session } = given;
  const started = kernel.now;
  const incarnation = world.instance(act.side)?.incarnation;
  const actor = { kind: 'batch', act, isAgain: world.tookEffect.has(act) } as const;
  const finish = (reply: ActReply): void => {
    kernel.trace(`${act.side} ${act.kind} ${reply.outcome} by ${session.name}`);
    if (reply.outcome === 'ok') world.tookEffect.add(act);
    given.ended({ ...reply, elapsedMs: kernel.now - started });
  };
  const advance = (batch: Batch, waitedSince: number): void => {
    if (!isAlive(given, incarnation)) {
      world.control = abandon(world.control, batch);
      given.ended(null);
      return;
    }
    world.expire();
    const step = world.as(actor, () => guardedStep(given, batch));
    switch (step.kind) {
      case 'ended':
        finish(step.reply);
        return;
      case 'next':
        kernel.schedule(given.stallMs ?? SUB_STEP_MS, () => advance(step.batch, kernel.now));
        return;
      case 'blocked':
        if (kernel.now - waitedSince >= limitOf(act, step.on)) finish(timeOut(world, batch));
        else kernel.schedule(PAUSE_MS, () => advance(batch, waitedSince));
    }
  };
  if (!isAlive(given, incarnation)) {
    given.ended(null);
    return;
  }
  const plain = world.servers[act.side].hasRights
    ? world.as(actor, () => plainAct(world, act, session))
    : serverError(DENIED);
  if (plain !== null) finish(plain);
  else advance(newBatch(act, session.name), kernel.now);
}

/** What is delivered a second time, and who sent it. */
export interface Late {
  readonly kernel: Kernel;
  readonly world: SimWorld;
  readonly act: Act;
  readonly name: string;
  readonly migration: Migration;
}

/** A request arrives a second time, after a while and on a session of its own. */
export function deliverLater(late: Late, delayMs: number): void {
  const { kernel, world, act, name, migration } = late;
  world.underWay += 1;
  kernel.schedule(delayMs, () => {
    kernel.trace(`${act.kind} ${act.side} arrives again`);
    if (!world.isUp(act.side)) {
      world.underWay -= 1;
      return;
    }
    const given = { login: name, program: 'sqlferry', database: null };
    const session = world.connect(act.side, given);
    const ended = (): void => {
      world.underWay -= 1;
      world.end(session);
    };
    runBatch({ kernel, world, act, session, migration, ended });
  });
}

/** Guards that ask what only the world knows: sessions in the databases, and whether the job starts. */
function guardedStep(given: ServerBatch, batch: Batch): BatchStep {
  const { world } = given;
  const { act } = batch;
  const migration = given.migration ?? world.migration;
  const pair = migration === world.migration ? world : new FilePair(world, migration);
  if (batch.at === 'begin' && act.kind === 'demote' && world.userSessions(act.side).length > 0)
    return { kind: 'ended', reply: timeOutWith(world, batch) };
  if (batch.at === 'begin' && act.kind === 'demote') world.watch?.begins(act);
  if (act.kind === 'demote' && batch.at === 'arm' && !canArm(world, migration, act.side)) {
    world.control = withRegister(world.control, act.side, { phase: 'aborted' });
    timeOut(world, batch);
    return { kind: 'ended', reply: serverError(guards.deadManStart.number) };
  }
  const step = stepBatch(pair, batch);
  follow(world, batch, act);
  return step;
}

/** Without a dead-man that starts nothing is fenced: `sp_start_job` wants the job and a running Agent. */
function canArm(world: SimWorld, migration: Migration, side: Side): boolean {
  const server = world.servers[side];
  return migration.cutover.deadMan !== 'agent' || (server.hasDeadManJob && server.isAgentRunning);
}

/** The servers as somebody with another migration file means them. */
class FilePair implements Pair {
  readonly migration: Migration;
  readonly databases: readonly string[];
  readonly #world: SimWorld;

  constructor(world: SimWorld, migration: Migration) {
    this.migration = migration;
    this.databases = migration.databases.kind === 'named' ? migration.databases.names : [];
    this.#world = world;
  }

  get removed(): SimWorld['removed'] {
    return this.#world.removed;
  }

  get control(): Control {
    return this.#world.control;
  }

  set control(next: Control) {
    this.#world.control = next;
  }

  hadr(): ReturnType<SimWorld['hadr']> {
    return this.#world.hadr();
  }

  run(...[side, statement]: Parameters<SimWorld['run']>): ReturnType<SimWorld['run']> {
    return this.#world.run(side, statement);
  }
}

function timeOutWith(world: SimWorld, batch: Batch): ActReply {
  timeOut(world, batch);
  return failedReply('User sessions are in the databases.');
}

/** What a sub-step means for clocks: a fence has a deadline. */
function follow(world: SimWorld, batch: Batch, act: Act): void {
  if (act.kind !== 'demote' || batch.at !== 'compare') return;
  const server = world.servers[act.side];
  if (world.control[act.side].register?.phase === 'fenced')
    server.deadlineAt = world.serverTime(act.side) + act.budgetMs;
}

function isAlive(given: ServerBatch, incarnation: number | undefined): boolean {
  const { world, act, session } = given;
  const instance = world.instance(act.side);
  return instance?.up === true && instance.incarnation === incarnation && session.isAlive;
}

function limitOf(act: Act, on: 'lock' | 'lsns' | 'open'): number {
  switch (on) {
    case 'lock':
      return LOCK_WAIT_MS;
    case 'lsns':
      return 'waitMs' in act ? act.waitMs : 0;
    case 'open':
      return OPEN_WAIT_MS;
  }
  return unreachable(on);
}

/** A reply that never came. */
export const noReply: ActReply = lostReply();
