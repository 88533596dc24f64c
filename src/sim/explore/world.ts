/**
 * The small world: everything that may happen next in one of its states.
 *
 * Servers, operators, the dead-man, the application, the network, the clock and a person beside
 * sqlferry take turns in any order; what one of them can do is looked up by number.
 */

import type { Act } from '../../model/act.ts';
import { withRegister } from '../semantics/control.ts';
import { preparedControl, preparedSide } from '../semantics/control.ts';
import { stateBreach, type Breach } from './breach.ts';
import type { Configuration } from './configuration.ts';
import { ControlSpace, type OperatorName } from './control-space.ts';
import {
  firstEnvironment,
  packEnvironment,
  unpackEnvironment,
  type Environment,
} from './environment.ts';
import { HadrSpace } from './hadr-space.ts';
import { deadManMoves } from './dead-man-moves.ts';
import { OperatorSpace } from './operator-space.ts';
import type { OperatorMove } from './operator.ts';
import { migration, readyServers } from './start.ts';

/** One state, taken apart. */
export interface WorldState {
  readonly hadr: number;
  readonly control: number;
  readonly a: number;
  readonly b: number;
  readonly environment: number;
}

/** One thing that may happen. */
export interface Move extends WorldState {
  readonly label: string;
  /** It counts against the faults, cuts or interferences: no path back to safety may need it. */
  readonly isFault: boolean;
  readonly breach: Breach | null;
  readonly act: Act | null;
}

/** Largest number of situations, registers and operators the memo's keys have room for. */
const room = { hadr: 2 ** 20, control: 2 ** 13, operator: 2 ** 20 } as const;

/** Answers that are kept; more would not fit into the memory of a small machine. */
const maxRemembered = 1_500_000;

type Memo = Map<number, readonly OperatorMove[]>;

/** The world of one configuration. */
export class World {
  readonly configuration: Configuration;
  readonly hadr: HadrSpace;
  readonly control = new ControlSpace();
  readonly operators: OperatorSpace;
  #memo: readonly [Memo[], Memo[]] = [[], []];
  #remembered = 0;
  readonly #deadManMemo: Memo = new Map();
  readonly #expired = new Map<number, number>();
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
    const { release, switches, mode } = configuration;
    this.#goals = [configuration.operators[0] ?? [], configuration.operators[1] ?? []];
    const nobody = this.operators.nobody();
    this.#first = {
      hadr: this.hadr.start(readyServers(release, switches, mode)),
      control: this.control.intern({
        control: { ...preparedControl, source: preparedSide(configuration.deadMan) },
        sessions: { source: [], target: [] },
        deadMan: null,
      }),
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

  /** Exactly one copy takes writes. */
  isServed(state: WorldState): boolean {
    const facts = this.hadr.facts(state.hadr);
    return facts.sourceWritable !== facts.targetWritable;
  }

  /** Phases of the register that occurred, and whether the target ever took writes. */
  reached(): readonly string[] {
    const found = new Set<string>();
    for (let id = 0; id < this.control.size; id += 1)
      found.add(this.control.node(id).control.source.register?.phase ?? 'no register');
    for (let id = 0; id < this.hadr.size; id += 1)
      if (this.hadr.facts(id).targetWritable) found.add('served by target');
    return [...found].toSorted();
  }

  /** Everything that may happen next. */
  moves(state: WorldState, visit: (move: Move) => void): void {
    const environment = this.#environment(state.environment);
    for (const move of this.hadr.moves(state.hadr))
      visit(this.#plain(state, move.label, { hadr: move.to, acknowledged: move.acknowledged }));
    this.#surroundings(state, environment, visit);
    for (const who of [0, 1] as const) {
      for (const move of this.#operatorMoves(state, who)) this.#visit(state, { move, who }, visit);
    }
    for (const move of this.#deadManMoves(state)) this.#visit(state, { move, who: 0 }, visit);
  }

  #surroundings(state: WorldState, environment: Environment, visit: (move: Move) => void): void {
    const { configuration } = this;
    if (environment.commits < configuration.commits) {
      const facts = this.hadr.facts(state.hadr);
      for (const side of ['source', 'target'] as const) {
        const writable = side === 'source' ? facts.sourceWritable : facts.targetWritable;
        const number = environment.commits + 1;
        const move = writable ? this.hadr.commit(state.hadr, side, number) : null;
        if (move !== null) {
          const after = { ...environment, commits: number };
          const { to, acknowledged, label } = move;
          visit(this.#plain(state, label, { hadr: to, acknowledged, environment: after }));
        }
      }
    }
    const { isCut } = this.hadr.node(state.hadr);
    if (isCut)
      visit(this.#plain(state, 'the network heals', { hadr: this.hadr.setCut(state.hadr, false) }));
    else if (environment.cuts < configuration.cuts) {
      const hadr = this.hadr.setCut(state.hadr, true);
      const after = { ...environment, cuts: environment.cuts + 1 };
      visit({
        ...this.#plain(state, 'the network between the servers is cut', {
          hadr,
          environment: after,
        }),
        isFault: true,
      });
    }
    const expired = this.#expire(state.control);
    if (expired !== state.control)
      visit({ ...this.#plain(state, 'the deadline of the epoch passes', {}), control: expired });
    if (environment.interferences < configuration.interferences)
      this.#interfere(state, environment, visit);
  }

  #interfere(state: WorldState, environment: Environment, visit: (move: Move) => void): void {
    const after = { ...environment, interferences: environment.interferences + 1 };
    for (const side of ['source', 'target'] as const) {
      const result = this.hadr.statement(state.hadr, side, {
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
      const label = `a person sets the ${side} to ASYNCHRONOUS_COMMIT`;
      const { to, acknowledged } = result;
      visit({
        ...this.#plain(state, label, { hadr: to, acknowledged, environment: after }),
        isFault: true,
      });
    }
  }

  #plain(
    state: WorldState,
    label: string,
    change: {
      readonly hadr?: number;
      readonly acknowledged?: number;
      readonly environment?: Environment;
    },
  ): Move {
    const environment = change.environment ?? this.#environment(state.environment);
    const acknowledged = change.acknowledged ?? 0;
    const same =
      change.environment === undefined &&
      (environment.acknowledged | acknowledged) === environment.acknowledged;
    return {
      ...state,
      hadr: change.hadr ?? state.hadr,
      environment: same
        ? state.environment
        : packEnvironment({
            ...environment,
            acknowledged: environment.acknowledged | acknowledged,
          }),
      label,
      isFault: false,
      breach: null,
      act: null,
    };
  }

  /** Turns what an operator or the dead-man does into a move of the world. */
  #visit(
    state: WorldState,
    { move, who }: { readonly move: OperatorMove; readonly who: 0 | 1 },
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
      a: who === 0 ? move.operator : state.a,
      b: who === 1 ? move.operator : state.b,
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
    const key = this.#key(state);
    let moves = this.#deadManMemo.get(key);
    if (moves === undefined) {
      const place = { name: 'A', hadr: state.hadr, control: state.control } as const;
      const { hadr, control, configuration } = this;
      moves = deadManMoves({ hadr, control, configuration }, state.a, place);
      this.#deadManMemo.set(key, moves);
    }
    return moves.map((move) => (move.operator === state.a ? move : { ...move, operator: state.a }));
  }

  #key(state: WorldState): number {
    if (state.hadr >= room.hadr || state.control >= room.control)
      throw new RangeError(
        'the small world is too large: more situations than the keys have room for',
      );
    return state.hadr * room.control + state.control;
  }

  #committing(control: number): number {
    const row = this.control.node(control).control.source.register;
    return row?.phase === 'committing' ? 1 << (Number(row.epoch) - 1) : 0;
  }

  #expire(control: number): number {
    const known = this.#expired.get(control);
    if (known !== undefined) return known;
    const node = this.control.node(control);
    const row = node.control.source.register;
    const next =
      row?.phase === 'fenced' && !row.isExpired
        ? this.control.intern({
            ...node,
            control: withRegister(node.control, 'source', { isExpired: true }),
          })
        : control;
    this.#expired.set(control, next);
    return next;
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
