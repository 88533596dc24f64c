/** Acts that are one atomic statement outside the protocol: logins, sessions, control database, groups. */

import type { Act, ActReply } from '../../model/act.ts';
import type { Side } from '../../model/side.ts';
import { guards } from '../../sql/statement/guard.ts';
import { alter, failedReply } from '../semantics/batch.ts';
import { preparedSide, withRegister, withSide, type RegisterRow } from '../semantics/control.ts';
import { isSetUpAct, setUpStatement } from '../semantics/set-up.ts';
import type { SimSession, SimWorld } from './world.ts';

const OK: ActReply = { outcome: 'ok', elapsedMs: 0 };

/** The reply, or null for an act whose batch is more than one step. */
export function plainAct(world: SimWorld, act: Act, session: SimSession): ActReply | null {
  if (isSetUpAct(act)) {
    const error = world.run(act.side, setUpStatement(act, world.migration));
    return error === null ? OK : serverError(error.number);
  }
  const server = world.servers[act.side];
  switch (act.kind) {
    case 'create-peer-login':
      if (world.login(act.side, act.login) !== undefined) return serverError(15_025);
      server.logins.push({ name: act.login, isWindows: true, isDisabled: false });
      return OK;
    case 'grant-endpoint-connect':
      grant(world, act.side, act.login);
      return OK;
    case 'disable-login':
    case 'enable-login': {
      const login = world.login(act.side, act.login);
      if (login === undefined) return serverError(15_151);
      login.isDisabled = act.kind === 'disable-login';
      return OK;
    }
    case 'kill-sessions':
      for (const each of world.userSessions(act.side)) world.end(each);
      return OK;
    case 'take-over': {
      const other = server.sessions.find(
        (each) => each.id === act.sessionId && each !== session && each.database === null,
      );
      if (other !== undefined) world.end(other);
      return OK;
    }
    default:
      return controlAct(world, act);
  }
}

/** Acts on `sqlferry_control`, the dead-man's job, and the two that accept a loss. */
function controlAct(world: SimWorld, act: Act): ActReply | null {
  const { side } = act;
  const server = world.servers[side];
  switch (act.kind) {
    case 'create-control-database':
      server.hasControlDatabase = true;
      return OK;
    case 'create-register':
      if (!server.hasControlDatabase) return serverError(911);
      if (world.control[side].register === null)
        world.control = withSide(world.control, side, {
          register: newRegister(act.epoch ?? 0n),
          refusedEpoch: act.refused ?? 0n,
        });
      return OK;
    case 'drop-register':
      world.control = withSide(world.control, side, { register: null, refusedEpoch: 0n });
      server.hasControlDatabase = false;
      return OK;
    case 'create-dead-man':
      setJob(world, side, true);
      return OK;
    case 'drop-dead-man':
      setJob(world, side, false);
      return OK;
    case 'rehearse-dead-man':
      if (!server.hasDeadManJob || !server.isAgentRunning)
        return failedReply('The job did not run.');
      server.rehearsedAt = world.serverTime(side);
      return OK;
    case 'fence-split-brain':
    case 'force-promote-accepting-data-loss':
      return disasterAct(world, act);
    default:
      return null;
  }
}

type DisasterAct = Extract<
  Act,
  { readonly kind: 'fence-split-brain' | 'force-promote-accepting-data-loss' }
>;

/** Both hold the act lock and ask for the role; the loser's epoch ends first, or its dead-man would take the role back. */
function disasterAct(world: SimWorld, act: DisasterAct): ActReply {
  const { side } = act;
  const { actLock, register } = world.control[side];
  if (actLock !== null) return serverError(guards.actLock.number);
  const isPrimary = world.dag(side)?.role === 'PRIMARY';
  if (act.kind === 'force-promote-accepting-data-loss') {
    if (isPrimary) return serverError(guards.promoteRole.number);
    world.isLossAccepted = true;
    return outcome(alter(world, side, { kind: 'force-failover-allow-data-loss' }));
  }
  if (!isPrimary) return serverError(guards.splitBrainRole.number);
  if (register?.isIntact === true && (register.phase === 'fenced' || register.phase === 'aborted'))
    world.control = withRegister(world.control, side, { phase: 'aborted', isOwed: false });
  return outcome(alter(world, side, { kind: 'set-role-secondary' }));
}

function newRegister(epoch: bigint): RegisterRow | null {
  const { register } = preparedSide(false);
  return register === null ? null : { ...register, epoch };
}

function setJob(world: SimWorld, side: Side, exists: boolean): void {
  world.servers[side].hasDeadManJob = exists;
  world.control = withSide(world.control, side, {
    deadManExists: exists,
    ...(exists ? {} : { deadManRunning: false }),
  });
}

function grant(world: SimWorld, side: Side, login: string): void {
  const accounts = world.instance(side)?.endpointAccounts ?? [];
  world.engine.apply({
    kind: 'endpoint-accounts',
    instance: world.key(side),
    accounts: [...new Set([...accounts, login.toLowerCase()])],
  });
}

function outcome(error: number | null): ActReply {
  return error === null ? OK : serverError(error);
}

/** A reply with the number of a server's error. */
export function serverError(number: number): ActReply {
  const reply = failedReply(`The server answered with error ${number}.`);
  if (reply.outcome !== 'failed') return reply;
  const evidence = { number, state: 1, class: 16, message: '', serverName: '' };
  return { ...reply, problem: { ...reply.problem, evidence } };
}
