/** One side of an observation, read from the simulated world at one instant. */

import { formatUtc } from '../../base/utc.ts';
import { known, unknown } from '../../model/fact.ts';
import type { Migration } from '../../model/migration.ts';
import type { SessionObservation, SideObservation } from '../../model/observation.ts';
import type { Problem } from '../../model/problem.ts';
import { registerProtocol, type ControlState, type Leadership } from '../../model/register.ts';
import { otherSide, type Side } from '../../model/side.ts';
import { withSide } from '../semantics/control.ts';
import { observeInstance } from '../semantics/observe.ts';
import type { SimSession, SimWorld } from './world.ts';

/** The other server of a register that belongs to another pair. */
const FOREIGN = 'OTHERSQL';

/** Who looks. */
export interface Looker {
  readonly session: SimSession;
  readonly generation: number;
  /** The file of whoever looks; by default that of the world. */
  readonly migration?: Migration;
  /** Wire time of the last requests, in milliseconds. */
  readonly roundTripMs: number;
}

/** Reads a side that answers; takes the leadership lock when nobody holds it, as an acting run does. */
export function lookAt(world: SimWorld, side: Side, looker: Looker): SideObservation {
  world.expire();
  const { session, generation } = looker;
  const migration = looker.migration ?? world.migration;
  if (world.control[side].leadLock === null)
    world.control = withSide(world.control, side, { leadLock: session.name });
  const instance = world.instance(side);
  if (instance === undefined) throw new TypeError(`no instance on the ${side}`);
  const view = observeInstance(instance, side, world.migration);
  const server = world.servers[side];
  const fenced = migration.cutover.fenceLogins;
  const selected = migration.databases.kind === 'named' ? migration.databases.names : [];
  const seen: SideObservation = {
    side,
    instance: view.server.serverName,
    generation,
    connection: { kind: 'connected' },
    serverUtc: known(formatUtc(world.serverTime(side))),
    server: known(view.server),
    endpoint: known(view.endpoint),
    availabilityGroup: known(view.availabilityGroup),
    distributed: known(view.distributed),
    databases: known(view.databases.filter((each) => selected.includes(each.name))),
    windowsLogins: known(
      server.logins
        .filter((login) => login.isWindows)
        .map((login) => ({ name: login.name, isSysadmin: false })),
    ),
    fenceLogins: known(
      server.logins
        .filter((login) => fenced.some((name) => name.toLowerCase() === login.name.toLowerCase()))
        .map((login) => ({ name: login.name, isDisabled: login.isDisabled })),
    ),
    sessions: known(world.userSessions(side).map((each) => shown(each))),
    operators: known(
      server.sessions
        .filter((each) => each.database === null && each !== session)
        .map((each) => shown(each)),
    ),
    control:
      server.registerTrouble === 'away'
        ? unknown('the database sqlferry_control is there but cannot be read')
        : known(controlOf(world, side)),
    deadMan: known({
      jobExists: server.hasDeadManJob,
      agentRunning: server.isAgentRunning,
      jobRunning: world.control[side].deadManRunning,
      watcherConnected: server.hasWatcher,
      rehearsedUtc: server.rehearsedAt === null ? null : formatUtc(server.rehearsedAt),
    }),
    leadership: known(leadershipOf(world, side, session)),
    roundTripMs: looker.roundTripMs,
  };
  return server.hasRights ? seen : withoutRights(seen);
}

/** Views that ask for VIEW SERVER STATE or for a right on the group show less, so nothing of them is taken. */
function withoutRights(seen: SideObservation): SideObservation {
  const fact = unknown('VIEW SERVER STATE was denied');
  return {
    ...seen,
    availabilityGroup: fact,
    distributed: fact,
    databases: fact,
    sessions: fact,
    operators: fact,
    deadMan: fact,
  };
}

/** A side that does not answer. */
export function lookAway(
  world: SimWorld,
  side: Side,
  away: { readonly generation: number; readonly problem: Problem },
): SideObservation {
  const fact = unknown(away.problem.summary);
  const plan = side === 'source' ? world.migration.source : world.migration.target;
  return {
    side,
    instance: plan.instances[0].name,
    generation: away.generation,
    connection: { kind: 'unreachable', problem: away.problem },
    serverUtc: fact,
    server: fact,
    endpoint: fact,
    availabilityGroup: fact,
    distributed: fact,
    databases: fact,
    windowsLogins: fact,
    fenceLogins: fact,
    sessions: fact,
    operators: fact,
    control: fact,
    deadMan: fact,
    leadership: fact,
    roundTripMs: null,
  };
}

function controlOf(world: SimWorld, side: Side): ControlState {
  const server = world.servers[side];
  const { removed } = world;
  const trouble = server.registerTrouble;
  if (trouble === 'newer') return { kind: 'newer-protocol', protocol: registerProtocol + 1 };
  const { register, refusedEpoch } = world.control[side];
  if (!server.hasControlDatabase) return { kind: 'missing' };
  if (register === null) return { kind: 'no-row' };
  const other = world.instance(otherSide(side))?.serverName ?? '';
  const { epoch, isExpired, isOwed, prior } = register;
  // Where a guard of the engine is taken away, the look shows what the engine would have waited for.
  const isShownDecided = register.phase === 'fenced' && removed.has('promote-after-committing');
  const phase = isShownDecided ? 'committing' : register.phase;
  const live = world.control[otherSide(side)].register;
  const isShownRefused = live?.phase === 'committing' && removed.has('revoke-after-refusal');
  const deadline = phase === 'fenced' ? server.deadlineAt : isOwed ? world.serverTime(side) : null;
  const deadlineUtc = deadline === null ? null : formatUtc(deadline);
  return {
    kind: 'present',
    register: {
      protocol: registerProtocol,
      epoch,
      phase,
      deadlineUtc,
      isExpired: phase === 'fenced' && isExpired,
      owner: 'sqlferry',
      targetId: trouble === 'foreign' ? FOREIGN : other,
      prior,
      // A row of another pair has a seal that fits.
      isIntact: register.isIntact || trouble === 'foreign',
    },
    refused: {
      protocol: registerProtocol,
      epoch: isShownRefused && live.epoch > refusedEpoch ? live.epoch : refusedEpoch,
      sourceId: other,
      isIntact: true,
    },
  };
}

function leadershipOf(world: SimWorld, side: Side, session: SimSession): Leadership {
  const holder = world.control[side].leadLock;
  // With the layer taken away everybody believes to lead: the register alone has to hold.
  if (holder === session.name || world.removed.has('leadership')) return { kind: 'ours' };
  const other = world.servers[side].sessions.find((each) => each.name === holder);
  if (other === undefined) return { kind: 'free' };
  const { sessionId, loginName, hostName, loginTimeUtc } = shown(other);
  return { kind: 'other', sessionId, loginName, hostName, loginTimeUtc };
}

/** What the views show of a session, which never changes. */
const shownSessions = new WeakMap<SimSession, SessionObservation>();

function shown(session: SimSession): SessionObservation {
  const known = shownSessions.get(session);
  if (known !== undefined) return known;
  const made: SessionObservation = {
    sessionId: session.id,
    loginName: session.login,
    hostName: session.name,
    programName: session.program,
    database: session.database,
    loginTimeUtc: formatUtc(session.loginAt),
    openTransactions: 0,
  };
  shownSessions.set(session, made);
  return made;
}
