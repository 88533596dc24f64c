/**
 * What the guarded batch of an act means, as a step machine.
 *
 * ALTER AVAILABILITY GROUP is not transactional, so a batch is a sequence of atomic sub-steps between
 * which other sessions, the other server and the dead-man go on. The T-SQL is in `sql/statement/`; a
 * conformance test runs both from the same states. A batch whose connection broke goes on until the
 * server notices; that is the caller's business (`abandon`), as is time (`timeOut`).
 */

import { unreachable } from '../../base/assert.ts';
import type { Act, ActReply, FinalLsn } from '../../model/act.ts';
import type { Side } from '../../model/side.ts';
import { failedReply } from './reply.ts';
import { hasRows, isAtRest, newRows, takesActLock } from './rows.ts';
import { isSetUpAct, setUpStatement, type SetUpAct } from './set-up.ts';
import {
  withRegister,
  withSide,
  withoutSession,
  type Control,
  type RegisterRow,
} from './control.ts';
import {
  dagOn,
  endOfLogs,
  hasReached,
  isOpenPrimary,
  isSynchronized,
  roleOn,
  type Pair,
} from './pair.ts';

export { failedReply, lostReply } from './reply.ts';

/** Where a batch stands: the sub-step that comes next. */
export type BatchPoint = 'begin' | 'compare' | 'arm' | 'alter' | 'open' | 'read';

/** A batch on its way. */
export interface Batch {
  readonly act: Act;
  /** Name of the session it runs on, for locks. */
  readonly session: string;
  readonly at: BatchPoint;
}

/** What one sub-step came to. */
export type BatchStep =
  /** Goes on later; something must change first, or the batch times out. */
  | { readonly kind: 'blocked'; readonly on: 'lock' | 'lsns' | 'open' }
  | { readonly kind: 'next'; readonly batch: Batch }
  | { readonly kind: 'ended'; readonly reply: ActReply };

/** The batch before its first sub-step: the request has not reached the server yet. */
export function newBatch(act: Act, session: string): Batch {
  return { act, session, at: 'begin' };
}

/** One atomic sub-step; changes the pair. */
export function stepBatch(pair: Pair, batch: Batch): BatchStep {
  const { act } = batch;
  // The wait for the log comes before the lock: whoever waits keeps nobody else out.
  if (act.kind === 'promote' && batch.at === 'begin' && waitsForLog(pair, act))
    return { kind: 'blocked', on: 'lsns' };
  if (batch.at === 'begin' && takesActLock(act)) {
    if (!takeLock(pair, batch)) return { kind: 'blocked', on: 'lock' };
    if (!hasRows(pair.control[act.side], act)) return failed(pair, batch, 'no intact register');
  }
  switch (act.kind) {
    case 'demote':
      return demote(pair, batch, act);
    case 'promote':
      return promote(pair, batch, act);
    case 'give-back':
      return giveBack(pair, batch, act);
    case 'refuse-epoch':
      return refuseEpoch(pair, batch, act);
    case 'commit-epoch':
      return commitEpoch(pair, batch, act);
    case 'close-epoch':
      return closeEpoch(pair, batch, act);
    case 'await-lsns':
      if (roleOn(pair, act.side) !== 'SECONDARY') return failed(pair, batch, 'not the forwarder');
      return hasReached(endOfLogs(pair, act.side), act.finalLsns)
        ? done(pair, batch)
        : { kind: 'blocked', on: 'lsns' };
    case 'set-distributed-mode':
    case 'set-required-secondaries':
    case 'record-prior-state':
      return simple(pair, batch);
    case 'create-control-database':
      return done(pair, batch);
    case 'create-register':
      pair.control = newRows(pair.control, act);
      return done(pair, batch);
    default:
      return isSetUpAct(act)
        ? setUp(pair, batch, act)
        : failed(pair, batch, `${act.kind} has no meaning in this model`);
  }
}

/** The server gave up waiting: the batch ends with an error and releases what it holds. */
export function timeOut(pair: Pair, batch: Batch): ActReply {
  return end(pair, batch, failedReply('The batch waited longer than it may.'));
}

/** The server noticed that the client is gone: the batch ends where it stands. */
export function abandon(control: Control, batch: Batch): Control {
  return withoutSession(control, batch.session);
}

type ActOf<K extends Act['kind']> = Extract<Act, { readonly kind: K }>;

function takeLock(pair: Pair, batch: Batch): boolean {
  const { side } = batch.act;
  if (pair.removed.has('act-lock')) return true;
  const holder = pair.control[side].actLock;
  if (holder !== null && holder !== batch.session) return false;
  pair.control = withSide(pair.control, side, { actLock: batch.session });
  return true;
}

function demote(pair: Pair, batch: Batch, act: ActOf<'demote'>): BatchStep {
  const row = pair.control[act.side].register;
  switch (batch.at) {
    case 'begin':
      if (!pair.removed.has('demote-role') && roleOn(pair, act.side) !== 'PRIMARY')
        return failed(pair, batch, 'not the global primary');
      if (!pair.removed.has('demote-synchronized') && !isSynchronized(pair, act.side))
        return failed(pair, batch, 'not SYNCHRONIZED');
      return { kind: 'next', batch: { ...batch, at: 'compare' } };
    case 'compare': {
      if (!pair.control[act.side].isRefusedIntact)
        return failed(pair, batch, 'the refused epoch cannot be raised');
      const matches = row?.isIntact === true && row.epoch === act.fromEpoch && isAtRest(row.phase);
      if (!matches && !pair.removed.has('register-cas'))
        return failed(pair, batch, 'the register has moved on');
      setRegister(pair, act.side, {
        epoch: act.fromEpoch + 1n,
        phase: 'fenced',
        isExpired: false,
        isOwed: false,
      });
      // An epoch of the other direction must not promote this side once it has given the role away.
      raiseRefused(pair, act.side, act.refuseEpoch);
      return { kind: 'next', batch: { ...batch, at: 'arm' } };
    }
    case 'arm':
      if (pair.control[act.side].deadManExists && pair.migration.cutover.deadMan === 'agent') {
        if (pair.control[act.side].deadManRunning) {
          takeBack(pair, act);
          return failed(pair, batch, 'the dead-man of another epoch still runs');
        }
        pair.control = withSide(pair.control, act.side, { deadManRunning: true });
      }
      return { kind: 'next', batch: { ...batch, at: 'alter' } };
    case 'alter': {
      const error = alter(pair, act.side, { kind: 'set-role-secondary' });
      if (error !== null) {
        if (roleOn(pair, act.side) === 'PRIMARY') takeBack(pair, act);
        return failed(pair, batch, `error ${error}`);
      }
      return { kind: 'next', batch: { ...batch, at: 'read' } };
    }
    case 'read':
      return finishDemotion(pair, batch, act);
    case 'open':
      return failed(pair, batch, 'impossible point');
  }
  return unreachable(batch.at);
}

/** The demotion cannot be: its epoch ends before anything was given away. */
function takeBack(pair: Pair, act: ActOf<'demote'>): void {
  const row = pair.control[act.side].register;
  if (row?.isIntact === true && row.phase === 'fenced' && row.epoch === act.fromEpoch + 1n)
    setRegister(pair, act.side, { phase: 'aborted' });
}

/** The last sub-step of the demotion: final LSNs, equality, and the decision. */
function finishDemotion(pair: Pair, batch: Batch, act: ActOf<'demote'>): BatchStep {
  const row = pair.control[act.side].register;
  const finalLsns = endOfLogs(pair, act.side);
  const equal =
    pair.removed.has('in-batch-equality') ||
    (act.targetLsns.length > 0 && hasReached(act.targetLsns, finalLsns));
  const mine =
    row?.isIntact === true &&
    row.phase === 'fenced' &&
    row.epoch === act.fromEpoch + 1n &&
    (!row.isExpired || pair.removed.has('commit-epoch-deadline'));
  if (equal && mine) setRegister(pair, act.side, { phase: 'committing' });
  return done(pair, batch, { localRoleDesc: roleOn(pair, act.side) ?? 'RESOLVING', finalLsns });
}

function promote(pair: Pair, batch: Batch, act: ActOf<'promote'>): BatchStep {
  switch (batch.at) {
    case 'begin':
      if (!pair.removed.has('promote-refused') && pair.control[act.side].refusedEpoch >= act.epoch)
        return failed(pair, batch, 'the epoch was refused here');
      if (!pair.removed.has('promote-role') && roleOn(pair, act.side) !== 'SECONDARY')
        return failed(pair, batch, 'not the forwarder');
      if (act.finalLsns.length !== endOfLogs(pair, act.side).length)
        return failed(pair, batch, 'other databases than those that were compared');
      return { kind: 'next', batch: { ...batch, at: 'alter' } };
    case 'alter':
      return force(pair, batch);
    case 'open':
      return open(pair, batch);
    case 'compare':
    case 'arm':
    case 'read':
      return failed(pair, batch, 'impossible point');
  }
  return unreachable(batch.at);
}

function waitsForLog(pair: Pair, act: ActOf<'promote'>): boolean {
  const isForwarder = roleOn(pair, act.side) === 'SECONDARY';
  return (
    isForwarder &&
    !pair.removed.has('promote-lsns') &&
    !hasReached(endOfLogs(pair, act.side), act.finalLsns)
  );
}

function giveBack(pair: Pair, batch: Batch, act: ActOf<'give-back'>): BatchStep {
  const row = pair.control[act.side].register;
  switch (batch.at) {
    case 'begin':
    case 'compare': {
      const matches =
        row?.isIntact === true &&
        row.epoch === act.epoch &&
        row.phase === act.from &&
        (row.phase !== 'aborted' || row.isOwed);
      if (!matches && !pair.removed.has('give-back-cas'))
        return failed(pair, batch, 'the register has moved on');
      if (roleOn(pair, act.side) === null) return failed(pair, batch, 'no group here');
      setRegister(pair, act.side, { phase: 'aborted', isOwed: true });
      return { kind: 'next', batch: { ...batch, at: 'alter' } };
    }
    case 'alter':
      if (roleOn(pair, act.side) === 'PRIMARY')
        return { kind: 'next', batch: { ...batch, at: 'open' } };
      return force(pair, batch);
    case 'open': {
      const settled = isOpenPrimary(pair, act.side) && row?.isIntact === true;
      if (settled && row.epoch === act.epoch && row.phase === 'aborted')
        setRegister(pair, act.side, { isOwed: false });
      return open(pair, batch);
    }
    case 'arm':
    case 'read':
      return failed(pair, batch, 'impossible point');
  }
  return unreachable(batch.at);
}

function refuseEpoch(pair: Pair, batch: Batch, act: ActOf<'refuse-epoch'>): BatchStep {
  if (batch.at === 'begin') {
    if (!pair.removed.has('refuse-role') && roleOn(pair, act.side) !== 'SECONDARY')
      return failed(pair, batch, 'not the forwarder');
    return { kind: 'next', batch: { ...batch, at: 'compare' } };
  }
  raiseRefused(pair, act.side, act.epoch);
  return done(pair, batch);
}

function raiseRefused(pair: Pair, side: Side, epoch: bigint): void {
  const { refusedEpoch, isRefusedIntact } = pair.control[side];
  if (isRefusedIntact && refusedEpoch < epoch)
    pair.control = withSide(pair.control, side, { refusedEpoch: epoch });
}

function commitEpoch(pair: Pair, batch: Batch, act: ActOf<'commit-epoch'>): BatchStep {
  const row = pair.control[act.side].register;
  const mine = row?.isIntact === true && row.epoch === act.epoch && row.phase === 'fenced';
  if (!mine && !pair.removed.has('commit-epoch-cas'))
    return failed(pair, batch, 'the epoch is not fenced any more');
  if (roleOn(pair, act.side) !== 'SECONDARY') return failed(pair, batch, 'not demoted');
  const late = row?.phase === 'fenced' && row.isExpired;
  if (late && !pair.removed.has('commit-epoch-deadline'))
    return failed(pair, batch, 'the deadline is past');
  setRegister(pair, act.side, { phase: 'committing' });
  return done(pair, batch);
}

function closeEpoch(pair: Pair, batch: Batch, act: ActOf<'close-epoch'>): BatchStep {
  const row = pair.control[act.side].register;
  const mine = row?.isIntact === true && row.epoch === act.epoch && row.phase === 'committing';
  if (!mine && !pair.removed.has('close-cas'))
    return failed(pair, batch, 'the epoch is not committing');
  if (roleOn(pair, act.side) === 'PRIMARY') return failed(pair, batch, 'still primary');
  setRegister(pair, act.side, { phase: 'done' });
  return done(pair, batch);
}

/** A batch that is one statement of the set-up, as its shipping text says. */
function setUp(pair: Pair, batch: Batch, act: SetUpAct): BatchStep {
  const error = pair.run(act.side, setUpStatement(act, pair.migration));
  return error === null ? done(pair, batch) : failed(pair, batch, `error ${error.number}`);
}

/** Batches of one statement, or of one row. */
function simple(pair: Pair, batch: Batch): BatchStep {
  const { act } = batch;
  if (act.kind === 'record-prior-state') {
    const row = pair.control[act.side].register;
    if (row?.isIntact !== true || !isAtRest(row.phase))
      return failed(pair, batch, 'an epoch is under way');
    setRegister(pair, act.side, { prior: act.prior });
    return done(pair, batch);
  }
  const error =
    act.kind === 'set-distributed-mode'
      ? alter(pair, act.side, {
          kind: 'modify-distributed',
          members: (dagOn(pair, act.side)?.members ?? []).map((member) => ({
            availabilityGroup: member.group,
            availabilityMode: act.mode,
          })),
        })
      : act.kind === 'set-required-secondaries'
        ? alter(pair, act.side, {
            kind: 'set-options',
            options: { requiredSynchronizedSecondariesToCommit: act.value },
          })
        : 0;
  return error === null ? done(pair, batch) : failed(pair, batch, `error ${error}`);
}

/** FORCE_FAILOVER_ALLOW_DATA_LOSS: after this the role comes whatever happens to the batch. */
function force(pair: Pair, batch: Batch): BatchStep {
  const error = alter(pair, batch.act.side, { kind: 'force-failover-allow-data-loss' });
  if (error !== null) return failed(pair, batch, `error ${error}`);
  return { kind: 'next', batch: { ...batch, at: 'open' } };
}

function open(pair: Pair, batch: Batch): BatchStep {
  if (!isOpenPrimary(pair, batch.act.side)) return { kind: 'blocked', on: 'open' };
  return done(pair, batch, { localRoleDesc: 'PRIMARY' });
}

/** Runs ALTER AVAILABILITY GROUP on the DAG: the error number, or null. */
export function alter(
  pair: Pair,
  side: Side,
  action: Parameters<typeof statementOf>[1],
): number | null {
  return pair.run(side, statementOf(pair, action))?.number ?? null;
}

type Statement = Parameters<Pair['run']>[1];
type GroupAction = Extract<Statement, { readonly kind: 'alter-availability-group' }>['action'];

function statementOf(pair: Pair, action: GroupAction): Statement {
  const group = pair.migration.distributedAvailabilityGroup;
  return { kind: 'alter-availability-group', group, action };
}

function setRegister(pair: Pair, side: Side, change: Partial<RegisterRow>): void {
  pair.control = withRegister(pair.control, side, change);
}

interface Answer {
  readonly localRoleDesc?: string;
  readonly finalLsns?: readonly FinalLsn[];
}

function done(pair: Pair, batch: Batch, answer: Answer = {}): BatchStep {
  const phase = pair.control[batch.act.side].register?.phase;
  const reply: ActReply = {
    outcome: 'ok',
    elapsedMs: 0,
    ...answer,
    ...(phase === undefined || !takesActLock(batch.act) ? {} : { registerPhase: phase }),
  };
  return { kind: 'ended', reply: end(pair, batch, reply) };
}

function failed(pair: Pair, batch: Batch, because: string): BatchStep {
  return { kind: 'ended', reply: end(pair, batch, failedReply(because)) };
}

function end(pair: Pair, batch: Batch, reply: ActReply): ActReply {
  const { side } = batch.act;
  if (pair.control[side].actLock === batch.session)
    pair.control = withSide(pair.control, side, { actLock: null });
  return reply;
}
