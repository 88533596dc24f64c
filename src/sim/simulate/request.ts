/**
 * One act on its way: through the wire, through its batch sub-step by sub-step, and back.
 *
 * Faults strike at the four points of `fault.ts`. A batch lives on the server, not in the operator:
 * it goes on when its client has died, and stops where it stands when the server notices.
 */

import { unreachable } from '../../base/assert.ts';
import type { Act, ActReply } from '../../model/act.ts';
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
import type { Kernel } from './kernel.ts';
import { plainAct } from './plain-act.ts';
import type { SimSession, SimWorld } from './world.ts';

/** A batch that is about to run on a server. */
export interface ServerBatch {
  readonly kernel: Kernel;
  readonly world: SimWorld;
  readonly act: Act;
  readonly session: SimSession;
  /** Called once, with the reply as it leaves the server, or null when the server or session died first. */
  readonly ended: (reply: ActReply | null) => void;
}

const SUB_STEP_MS = 1;
const PAUSE_MS = 25;
const LOCK_WAIT_MS = 2_000;
const OPEN_WAIT_MS = 60_000;

/** Runs the batch from now on. */
export function runBatch(given: ServerBatch): void {
  const { kernel, world, act, session } = given;
  const started = kernel.now;
  const incarnation = world.instance(act.side)?.incarnation;
  const finish = (reply: ActReply): void => {
    kernel.trace(`${act.side} ${act.kind} ${reply.outcome} by ${session.name}`);
    given.ended({ ...reply, elapsedMs: kernel.now - started });
  };
  const advance = (batch: Batch, waitedSince: number): void => {
    if (!isAlive(given, incarnation)) {
      world.control = abandon(world.control, batch);
      given.ended(null);
      return;
    }
    world.expire();
    const step = guardedStep(world, batch);
    follow(world, batch, act);
    switch (step.kind) {
      case 'ended':
        finish(step.reply);
        return;
      case 'next':
        kernel.schedule(SUB_STEP_MS, () => advance(step.batch, kernel.now));
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
  const plain = plainAct(world, act, session);
  if (plain !== null) finish(plain);
  else advance(newBatch(act, session.name), kernel.now);
}

/** The demotion's guard against sessions in the databases is the world's: only it knows them. */
function guardedStep(world: SimWorld, batch: Batch): BatchStep {
  const { act } = batch;
  if (act.kind === 'demote' && batch.at === 'begin' && world.userSessions(act.side).length > 0)
    return { kind: 'ended', reply: timeOutWith(world, batch) };
  return stepBatch(world, batch);
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
