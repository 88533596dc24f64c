/**
 * What happens around the operators: messages and timers of the servers, their crashes, the application,
 * the network, the clock, and a person beside sqlferry.
 *
 * Reductions. What a server had sent when it dies arrived before or never does: what arrives between
 * its death and its next greeting could as well have arrived before, for the dead server answers nothing.
 * The Agent, and with it the job of the dead-man, starts at the same instant as its server; the job's
 * first look may come at any time after, and the stop of an Agent is a fault of its own. A server that
 * is down may stay so for ever; a look at it shows that it does not answer, which is then no fault.
 */

import type { Side } from '../../model/side.ts';
import { withRegister } from '../semantics/control.ts';
import { startScheduledDeadMan } from '../semantics/dead-man.ts';
import type { Configuration } from './configuration.ts';
import { crashed, type ControlSpace } from './control-space.ts';
import { packEnvironment, type Environment } from './environment.ts';
import type { HadrSpace } from './hadr-space.ts';
import type { Mover } from './mover.ts';
import type { OperatorSpace } from './operator-space.ts';
import { migration } from './start.ts';
import { mended, spoilt } from './spoilt-rows.ts';
import { troubleTexts } from './trouble.ts';
import { withJob } from './work.ts';
import type { Move, WorldState } from './move.ts';

/** Where the moves are made. */
export interface Spaces {
  readonly hadr: HadrSpace;
  readonly control: ControlSpace;
  readonly operators: OperatorSpace;
}

/** What a move of the surroundings changes. */
interface Change extends Partial<Omit<WorldState, 'environment'>> {
  readonly environment?: Environment;
  /** Commits whose clients got their answer, as bits. */
  readonly acknowledged?: number;
  readonly by: Mover;
  readonly isFault?: boolean;
}

type Visit = (move: Move) => void;

const sides = ['source', 'target'] as const;

/** Everything that nobody of sqlferry does. */
export class Surroundings {
  readonly #configuration: Configuration;
  readonly #spaces: Spaces;
  readonly #expired = { source: new Map<number, number>(), target: new Map<number, number>() };

  constructor(configuration: Configuration, spaces: Spaces) {
    this.#configuration = configuration;
    this.#spaces = spaces;
  }

  /** Everything that may happen around the operators. */
  moves(state: WorldState, environment: Environment, visit: Visit): void {
    const tell = (label: string, change: Change): void => {
      visit(moveOf(state, environment, { ...change, label }));
    };
    for (const { label, to, acknowledged } of this.#spaces.hadr.moves(state.hadr))
      tell(label, { hadr: to, acknowledged, by: 'server' });
    this.#application(state, environment, tell);
    this.#network(state, environment, tell);
    for (const side of sides) {
      const expired = this.#expire(state.control, side);
      const label = `the deadline of the epoch on the ${side} passes`;
      if (expired !== state.control) tell(label, { control: expired, by: 'clock' });
    }
    this.#person(state, environment, tell);
    this.#servers(state, environment, tell);
    this.#agents(state, tell);
    this.#rows(state, environment, tell);
  }

  #application(state: WorldState, environment: Environment, tell: Tell): void {
    if (environment.commits >= this.#configuration.commits) return;
    const { hadr } = this.#spaces;
    const facts = hadr.facts(state.hadr);
    for (const side of sides) {
      const writable = side === 'source' ? facts.sourceWritable : facts.targetWritable;
      const number = environment.commits + 1;
      const move = writable ? hadr.commit(state.hadr, side, number) : null;
      if (move === null) continue;
      const after = { ...environment, commits: number };
      const { to, acknowledged, label } = move;
      tell(label, { hadr: to, acknowledged, environment: after, by: 'application' });
    }
  }

  #network(state: WorldState, environment: Environment, tell: Tell): void {
    const { hadr } = this.#spaces;
    const { isCut } = hadr.node(state.hadr);
    if (isCut) tell('the network heals', { hadr: hadr.setCut(state.hadr, false), by: 'network' });
    else if (environment.cuts < this.#configuration.cuts)
      tell('the network between the servers is cut', {
        hadr: hadr.setCut(state.hadr, true),
        environment: { ...environment, cuts: environment.cuts + 1 },
        by: 'network',
        isFault: true,
      });
  }

  /** The Agent starts anew: the schedule starts the job, whatever the register says by then. */
  #agents(state: WorldState, tell: Tell): void {
    if (!this.#configuration.agentStarts) return;
    const { hadr, control } = this.#spaces;
    const node = control.node(state.control);
    for (const side of sides) {
      const { deadManExists, deadManRunning } = node.control[side];
      if (!deadManExists || deadManRunning || !hadr.isUp(state.hadr, side)) continue;
      const started = { control: node.control };
      startScheduledDeadMan(started, side);
      tell(`SQL Server Agent on the ${side} starts, and with it the dead-man`, {
        control: control.intern(withJob({ ...node, ...started })),
        by: 'server',
      });
    }
  }

  /** Servers die and start again; the Agent and the schedule of the dead-man start with them. */
  #servers(state: WorldState, environment: Environment, tell: Tell): void {
    const { hadr, control, operators } = this.#spaces;
    for (const side of this.#configuration.crashes) {
      const node = control.node(state.control);
      if (!hadr.isUp(state.hadr, side)) {
        const started = { control: node.control };
        startScheduledDeadMan(started, side);
        tell(`the ${side} starts again`, {
          hadr: hadr.restart(state.hadr, side),
          control: control.intern(withJob({ ...node, ...started })),
          by: 'server',
        });
      } else if (environment.faults < this.#configuration.faults) {
        tell(`the ${side} crashes`, {
          hadr: hadr.crash(state.hadr, side),
          control: control.intern(crashed(node, side)),
          a: operators.afterCrash(state.a, side),
          b: operators.afterCrash(state.b, side),
          environment: { ...environment, faults: environment.faults + 1 },
          by: 'server',
          isFault: true,
        });
      }
    }
  }

  /** Somebody spoils the rows of a control database, or puts them back. */
  #rows(state: WorldState, environment: Environment, tell: Tell): void {
    const { control } = this.#spaces;
    const { troubles, troubledSides, faults } = this.#configuration;
    if (troubles.length === 0) return;
    const node = control.node(state.control);
    for (const side of troubledSides) {
      if (node.trouble[side] !== null) {
        const after = control.intern(withJob(mended(node, side)));
        tell(`somebody puts the rows on the ${side} back`, { control: after, by: 'person' });
      } else if (environment.faults < faults) {
        for (const kind of troubles)
          tell(`on the ${side} ${troubleTexts[kind]}`, {
            control: control.intern(withJob(spoilt(node, side, kind))),
            environment: { ...environment, faults: environment.faults + 1 },
            by: 'person',
            isFault: true,
          });
      }
    }
  }

  #expire(control: number, side: Side): number {
    const known = this.#expired[side].get(control);
    if (known !== undefined) return known;
    const space = this.#spaces.control;
    const node = space.node(control);
    const row = node.control[side].register;
    // Whoever decides forward takes the deadline away: the other half of this guard.
    const stays = row?.phase === 'committing' && this.#configuration.removed.has('dead-man-phase');
    const next =
      row !== null && (row.phase === 'fenced' || stays) && !row.isExpired
        ? space.intern({
            ...node,
            control: withRegister(node.control, side, { isExpired: true }),
          })
        : control;
    this.#expired[side].set(control, next);
    return next;
  }

  #person(state: WorldState, environment: Environment, tell: Tell): void {
    if (environment.interferences >= this.#configuration.interferences) return;
    const after = { ...environment, interferences: environment.interferences + 1 };
    for (const side of sides) {
      const result = this.#spaces.hadr.statement(state.hadr, side, {
        kind: 'alter-availability-group',
        group: migration.distributedAvailabilityGroup,
        action: {
          kind: 'modify-distributed',
          members: [migration.source, migration.target].map((each) => ({
            availabilityGroup: each.availabilityGroup,
            availabilityMode: 'ASYNCHRONOUS_COMMIT' as const,
          })),
        },
      });
      if (result.error !== null) continue;
      const { to, acknowledged } = result;
      tell(`a person sets the ${side} to ASYNCHRONOUS_COMMIT`, {
        hadr: to,
        acknowledged,
        environment: after,
        by: 'person',
        isFault: true,
      });
    }
  }
}

type Tell = (label: string, change: Change) => void;

function moveOf(
  state: WorldState,
  before: Environment,
  change: Change & { readonly label: string },
): Move {
  const environment = change.environment ?? before;
  const acknowledged = environment.acknowledged | (change.acknowledged ?? 0);
  const same = environment === before && acknowledged === before.acknowledged;
  return {
    hadr: change.hadr ?? state.hadr,
    control: change.control ?? state.control,
    a: change.a ?? state.a,
    b: change.b ?? state.b,
    environment: same ? state.environment : packEnvironment({ ...environment, acknowledged }),
    label: change.label,
    by: change.by,
    who: null,
    isFault: change.isFault ?? false,
    breach: null,
    act: null,
    sends: null,
    ends: null,
  };
}
