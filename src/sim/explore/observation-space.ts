/**
 * What one look at one side shows, by number.
 *
 * One batch reads one side, so a look is two readings with anything in between. Nobody is listed in
 * the databases, whatever the application does: no guard of the protocol may rest on a quiet source.
 */

import { required } from '../../base/assert.ts';
import { known, unknown } from '../../model/fact.ts';
import { primaryInstance } from '../../model/migration.ts';
import type { SessionObservation, SideObservation } from '../../model/observation.ts';
import type { ControlState, Leadership } from '../../model/register.ts';
import { registerProtocol } from '../../model/register.ts';
import { otherSide, type Side } from '../../model/side.ts';
import type { GuardName } from '../semantics/guard.ts';
import { observeInstance, type InstanceView } from '../semantics/observe.ts';
import { sideText, type ControlNode, type OperatorName } from './control-space.ts';
import { asText, serverKeys, type HadrNode } from './hadr-node.ts';
import { migration } from './start.ts';

const noon = '2026-11-21T12:00:00.000Z';

/** Generation of the sessions that an operator has now; older ones are 0. */
export const currentGeneration = 1;

/** Readings of one side, by number. */
export class ObservationSpace {
  readonly #readings: SideObservation[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #views = new Map<InstanceView, number>();
  /** Readings that replies have changed, by what they were and what was changed. */
  readonly #adopted = new Map<string, number>();
  readonly #removed: ReadonlySet<GuardName>;

  constructor(removed: ReadonlySet<GuardName>) {
    this.#removed = removed;
  }

  /** Number of readings. */
  get size(): number {
    return this.#readings.length;
  }

  /** The reading. */
  reading(id: number): SideObservation {
    return required(this.#readings[id], `reading ${id}`);
  }

  /** What an operator reads of a side now. */
  read(hadr: HadrNode, node: ControlNode, who: { side: Side; name: OperatorName }): number {
    const { side, name } = who;
    const instance = required(hadr.state.instances[serverKeys[side]], side);
    const view = observeInstance(instance, side, migration);
    let viewId = this.#views.get(view);
    if (viewId === undefined) {
      viewId = this.#views.size;
      this.#views.set(view, viewId);
    }
    const own = node.control[side];
    const others = node.sessions[side].filter((session) => session !== name);
    const far = node.control[otherSide(side)].register?.epoch;
    const trouble = node.trouble[side]?.kind ?? '';
    const key = `${side} ${viewId} ${name} ${sideText(own)} ${others.join()} ${far} ${trouble}`;
    return this.#intern(key, () => this.#build(view, node, who));
  }

  /** A side that does not answer. */
  away(side: Side): number {
    return this.#intern(`away ${side}`, () => awayReading(side));
  }

  /** Roles and databases of an earlier reading, register and locks of a later one; -1: there was no earlier one. */
  torn(earlier: number, later: number): number {
    if (earlier === -1 || earlier === later) return later;
    return this.#intern(`torn ${earlier} ${later}`, () => {
      const { availabilityGroup, distributed, databases } = this.reading(earlier);
      return { ...this.reading(later), availabilityGroup, distributed, databases };
    });
  }

  /** Number of a reading of which a reply has changed register, role or databases; the same number when it has not. */
  adopt(reading: SideObservation, before: SideObservation, number: number): number {
    if (reading === before) return number;
    const { control, distributed, databases } = reading;
    const changed = [
      control === before.control ? null : control,
      distributed === before.distributed ? null : distributed,
      databases === before.databases ? null : databases,
    ];
    const key = `${number} ${asText(changed)}`;
    const known = this.#adopted.get(key);
    if (known !== undefined) return known;
    const id = this.#intern(`reply ${asText(reading)}`, () => reading);
    this.#adopted.set(key, id);
    return id;
  }

  #intern(key: string, build: () => SideObservation): number {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const id = this.#readings.length;
    this.#readings.push(build());
    this.#byKey.set(key, id);
    return id;
  }

  #build(
    view: InstanceView,
    node: ControlNode,
    { side, name }: { readonly side: Side; readonly name: OperatorName },
  ): SideObservation {
    const own = node.control[side];
    return {
      side,
      instance: primaryInstance(migration[side]).name,
      generation: currentGeneration,
      connection: { kind: 'connected' },
      serverUtc: known(noon),
      server: known(view.server),
      endpoint: known(view.endpoint),
      availabilityGroup: known(view.availabilityGroup),
      distributed: known(view.distributed),
      databases: known(view.databases),
      windowsLogins: known([]),
      fenceLogins: known([]),
      sessions: known([]),
      operators: known(
        node.sessions[side].filter((session) => session !== name).map(sessionReading),
      ),
      control: known(this.#control(node, side)),
      deadMan: known({
        jobExists: own.deadManExists,
        agentRunning: true,
        jobRunning: own.deadManRunning,
        watcherConnected: false,
        rehearsedUtc: own.deadManExists ? noon : null,
      }),
      leadership: known(this.#leadership(own.leadLock, name)),
      roundTripMs: 1,
    };
  }

  #leadership(holder: string | null, name: OperatorName): Leadership {
    if (this.#removed.has('leadership') || holder === name) return { kind: 'ours' };
    if (holder === null) return { kind: 'free' };
    const { sessionId, loginName, hostName, loginTimeUtc } = sessionReading(holder);
    return { kind: 'other', sessionId, loginName, hostName, loginTimeUtc };
  }

  /** The register as it is, or, for a guard of the engine that was taken away, as the engine would like it. */
  #control(node: ControlNode, side: Side): ControlState {
    const { register, refusedEpoch, isRefusedIntact } = node.control[side];
    const trouble = node.trouble[side]?.kind ?? null;
    if (register === null) return { kind: trouble === 'emptied' ? 'no-row' : 'missing' };
    if (trouble === 'newer') return { kind: 'newer-protocol', protocol: registerProtocol + 1 };
    const pretends = this.#removed.has('promote-after-committing') && register.phase === 'fenced';
    const phase = pretends ? 'committing' : register.phase;
    const other = primaryInstance(migration[otherSide(side)]).name;
    const id = trouble === 'stranger' ? 'STRANGER' : other;
    const live = node.control[otherSide(side)].register?.epoch ?? 0n;
    return {
      kind: 'present',
      register: {
        protocol: registerProtocol,
        epoch: register.epoch,
        phase,
        deadlineUtc: phase === 'fenced' || register.isOwed ? noon : null,
        isExpired: phase === 'fenced' && register.isExpired,
        owner: 'operator',
        targetId: id,
        prior: register.prior,
        isIntact: register.isIntact || trouble === 'stranger',
      },
      refused: {
        protocol: registerProtocol,
        epoch: this.#removed.has('revoke-after-refusal') ? live : refusedEpoch,
        sourceId: id,
        isIntact: isRefusedIntact || trouble === 'stranger',
      },
    };
  }
}

function sessionReading(session: string): SessionObservation {
  const firstId = 60;
  return {
    sessionId: firstId + session.charCodeAt(0) + session.length,
    loginName: `operator ${session}`,
    hostName: 'CONSOLE',
    programName: 'sqlferry',
    database: 'master',
    loginTimeUtc: noon,
    openTransactions: 0,
  };
}

function awayReading(side: Side): SideObservation {
  const lost = unknown('It does not answer.');
  return {
    side,
    instance: primaryInstance(migration[side]).name,
    generation: currentGeneration,
    connection: {
      kind: 'unreachable',
      problem: {
        code: 'SF-NET-001',
        summary: 'It does not answer.',
        because: [],
        remedy: 'Look at the network.',
      },
    },
    serverUtc: lost,
    server: lost,
    endpoint: lost,
    availabilityGroup: lost,
    distributed: lost,
    databases: lost,
    windowsLogins: lost,
    fenceLogins: lost,
    sessions: lost,
    operators: lost,
    control: lost,
    deadMan: lost,
    leadership: lost,
    roundTripMs: null,
  };
}
