/**
 * The small world: everything that may happen next in one of its states.
 *
 * Servers, operators, the dead-man, the application, the network, the clock and a person beside
 * sqlferry take turns in any order; what one of them can do is looked up by number.
 */

import type { HadrState } from '../../lab/hadr/state.ts';
import type { Side } from '../../model/side.ts';
import { preparedSide } from '../semantics/control.ts';
import { epochNumber, stateBreach, type Breach } from './breach.ts';
import type { Configuration, Goal } from './configuration.ts';
import { ControlSpace, noDeadMan, type ControlNode, type OperatorName } from './control-space.ts';
import {
  firstEnvironment,
  packEnvironment,
  unpackEnvironment,
  type Environment,
} from './environment.ts';
import { drive } from './drive.ts';
import { HadrSpace, type HadrFacts } from './hadr-space.ts';
import { deadManMoves } from './dead-man-moves.ts';
import type { Move, WorldState } from './move.ts';
import { OperatorSpace } from './operator-space.ts';
import type { OperatorMove } from './operator.ts';
import { readyReplicas } from './start-availability-group.ts';
import { readyServers, withSlowRedo } from './start.ts';
import { Surroundings } from './surroundings.ts';
import { noTrouble } from './trouble.ts';

/** Largest number of situations and registers that the memo's keys have room for. */
const room = { hadr: 2 ** 20, control: 2 ** 16 } as const;

/** Answers that are kept; more would not fit into the memory of a small machine. */
const maxRemembered = 600_000;

type Memo = Map<number, readonly OperatorMove[]>;

const noMoves: readonly OperatorMove[] = [];

/** Who takes writes, without the side that did so at the start. */
function servingSides(facts: HadrFacts, { start }: Configuration): readonly Side[] {
  const found: Side[] = [];
  if (facts.targetWritable && start === 'ready') found.push('target');
  if (facts.sourceWritable && start === 'cut-over') found.push('source');
  return found;
}

/** Registers and jobs as `migrate` leaves them; with a job on both sides where both directions are explored. */
function preparedNode({ deadMan, operators }: Configuration): ControlNode {
  const back = operators.some((goals) => goals.includes('failback'));
  return {
    control: { source: preparedSide(deadMan), target: preparedSide(deadMan && back) },
    sessions: { source: [], target: [] },
    deadMan: noDeadMan,
    trouble: noTrouble,
  };
}

/** Where a cutover ends that nobody disturbs: driven there by the shipping rules. */
function cutOver(configuration: Configuration): {
  readonly servers: HadrState;
  readonly control: ControlNode;
} {
  const world = new World({
    ...configuration,
    start: 'ready',
    redo: 'at-once',
    removed: new Set(),
    operators: [['cutover', 'failback']],
    epochs: 1,
  });
  const end = drive(world, 'cutover');
  return { servers: world.hadr.node(end.hadr).state, control: world.control.node(end.control) };
}

/** The world of one configuration. */
export class World {
  readonly configuration: Configuration;
  readonly hadr: HadrSpace;
  readonly control = new ControlSpace();
  readonly operators: OperatorSpace;
  #memo: readonly [Memo[], Memo[]] = [[], []];
  #remembered = 0;
  readonly #deadManMemo: Memo = new Map();
  readonly #surroundings: Surroundings;
  readonly #environments = new Map<number, Environment>();
  readonly #goals: readonly [
    Configuration['operators'][number],
    Configuration['operators'][number],
  ];
  readonly #first: WorldState;

  constructor(configuration: Configuration) {
    this.configuration = configuration;
    this.hadr = new HadrSpace(configuration.wire);
    this.operators = new OperatorSpace(configuration, { hadr: this.hadr, control: this.control });
    this.#surroundings = new Surroundings(configuration, this);
    const { release, switches, mode, shape } = configuration;
    this.#goals = [configuration.operators[0] ?? [], configuration.operators[1] ?? []];
    const nobody = this.operators.nobody();
    const start = configuration.start === 'cut-over' ? cutOver(configuration) : null;
    const ready = shape === 'standalone' ? readyServers : readyReplicas;
    const servers = start?.servers ?? ready(release, switches, mode);
    this.#first = {
      hadr: this.hadr.start(configuration.redo === 'slow' ? withSlowRedo(servers) : servers),
      control: this.control.intern(start?.control ?? preparedNode(configuration)),
      a: nobody,
      b: nobody,
      environment: packEnvironment(firstEnvironment),
    };
  }

  /** The state everything begins with. */
  first(): WorldState {
    return this.#first;
  }

  /** What a state by itself breaks. */
  check(state: WorldState): Breach | null {
    return stateBreach(
      this.hadr.facts(state.hadr),
      this.#environment(state.environment).acknowledged,
    );
  }

  /** Goal of the operator's process; null while none runs. */
  runs(state: WorldState, who: OperatorName): Goal | null {
    return this.operators.operator(who === 'A' ? state.a : state.b).goal;
  }

  /** Exactly one copy takes writes. */
  isServed(state: WorldState): boolean {
    const facts = this.hadr.facts(state.hadr);
    return facts.sourceWritable !== facts.targetWritable;
  }

  /** Phases of the registers that occurred, and which side took writes; the target's side as the way back. */
  reached(): readonly string[] {
    const found = new Set<string>();
    for (let id = 0; id < this.control.size; id += 1) {
      const { source, target } = this.control.node(id).control;
      found.add(source.register?.phase ?? 'no register');
      const back = target.register?.phase ?? 'no register';
      if (back !== 'idle') found.add(`back: ${back}`);
    }
    for (let id = 0; id < this.hadr.size; id += 1)
      for (const side of servingSides(this.hadr.facts(id), this.configuration))
        found.add(`served by ${side}`);
    return [...found].toSorted();
  }

  /** Everything that may happen next. */
  moves(state: WorldState, visit: (move: Move) => void): void {
    const environment = this.#environment(state.environment);
    this.#surroundings.moves(state, environment, visit);
    for (const who of [0, 1] as const) {
      const name = who === 0 ? 'A' : 'B';
      for (const move of this.#operatorMoves(state, who))
        this.#visit(state, { move, who: name }, visit);
    }
    for (const move of this.#deadManMoves(state)) this.#visit(state, { move, who: null }, visit);
  }

  /** Turns what an operator or the dead-man does into a move of the world. */
  #visit(
    state: WorldState,
    { move, who }: { readonly move: OperatorMove; readonly who: OperatorName | null },
    visit: (move: Move) => void,
  ): void {
    const before = this.#environment(state.environment);
    if (move.isFault && before.faults >= this.configuration.faults) return;
    let { environment } = state;
    const committing = this.#committing(move.control);
    const committed = before.committed | committing;
    const acknowledged = before.acknowledged | move.acknowledged;
    if (move.isFault || committed !== before.committed || acknowledged !== before.acknowledged) {
      const faults = before.faults + (move.isFault ? 1 : 0);
      environment = packEnvironment({ ...before, faults, committed, acknowledged });
    }
    const unfounded = move.promoted > 0 && (before.committed & (1 << (move.promoted - 1))) === 0;
    visit({
      hadr: move.hadr,
      control: move.control,
      a: who === 'A' ? move.operator : state.a,
      b: who === 'B' ? move.operator : state.b,
      by: move.by,
      who,
      environment,
      label: move.label,
      isFault: move.isFault,
      breach:
        move.breach ??
        (unfounded
          ? {
              invariant: 'INV-4',
              what: `epoch ${move.promoted} is promoted, and it was never committing`,
            }
          : null),
      act: move.act,
      sends: move.sends,
      ends: move.ends,
    });
  }

  #operatorMoves(state: WorldState, who: 0 | 1): readonly OperatorMove[] {
    const id = who === 0 ? state.a : state.b;
    const memos = this.#memo[who];
    const memo = (memos[id] ??= new Map<number, readonly OperatorMove[]>());
    const key = this.#key(state);
    const known = memo.get(key);
    if (known !== undefined) return known;
    const name: OperatorName = who === 0 ? 'A' : 'B';
    const place = { name, hadr: state.hadr, control: state.control };
    const goals = this.#goals[who];
    const operator = this.operators.operator(id);
    const idle = operator.goal === null && operator.orphan === null && goals.length === 0;
    const moves = idle ? [] : this.operators.moves(id, place, goals);
    memo.set(key, moves);
    this.#remembered += 1;
    // Forgetting costs time and nothing else.
    if (this.#remembered > maxRemembered) {
      this.#memo = [[], []];
      this.#remembered = 0;
    }
    return moves;
  }

  #deadManMoves(state: WorldState): readonly OperatorMove[] {
    const { source, target } = this.control.node(state.control).control;
    if (!source.deadManRunning && !target.deadManRunning) return noMoves;
    const key = this.#key(state);
    let moves = this.#deadManMemo.get(key);
    if (moves === undefined) {
      const place = { name: 'A', hadr: state.hadr, control: state.control } as const;
      const { hadr, control, configuration } = this;
      moves = deadManMoves({ hadr, control, configuration }, place);
      this.#deadManMemo.set(key, moves);
    }
    return moves;
  }

  #key(state: WorldState): number {
    if (state.hadr >= room.hadr || state.control >= room.control)
      throw new RangeError(
        'the small world is too large: more situations than the keys have room for',
      );
    return state.hadr * room.control + state.control;
  }

  #committing(control: number): number {
    const { source, target } = this.control.node(control).control;
    let found = 0;
    if (source.register?.phase === 'committing')
      found |= 1 << (epochNumber('source', source.register.epoch) - 1);
    if (target.register?.phase === 'committing')
      found |= 1 << (epochNumber('target', target.register.epoch) - 1);
    return found;
  }

  #environment(packed: number): Environment {
    let environment = this.#environments.get(packed);
    if (environment === undefined) {
      environment = unpackEnvironment(packed);
      this.#environments.set(packed, environment);
    }
    return environment;
  }
}
