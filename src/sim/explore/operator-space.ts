/**
 * Operators by number, and what each may do next: look, decide with the shipping rules, run its batch.
 *
 * An operator is a process with a goal, a memory, at most one batch under way and at most one batch
 * left of a broken connection. Every answer depends on the operator, the servers and the registers
 * alone, and is remembered by those three numbers.
 */

import { required } from '../../base/assert.ts';
import type { EngineError } from '../../lab/hadr/effect.ts';
import type { HadrState } from '../../lab/hadr/state.ts';
import type { Act, ActReply } from '../../model/act.ts';
import type { Decision, Memory } from '../../model/decision.ts';
import type { Observation } from '../../model/observation.ts';
import { chainedActs, observationAfterReply } from '../../engine/act-reply.ts';
import { decide } from '../../reconcile/decide.ts';
import { rememberAct, rememberObservation, startMemory } from '../../reconcile/memory.ts';
import {
  lostReply,
  newBatch,
  stepBatch,
  takesActLock,
  timeOut,
  type Batch,
  type BatchStep,
} from '../semantics/batch.ts';
import { withSide } from '../semantics/control.ts';
import { startedDeadMan, stepDeadMan, stopDeadMan } from '../semantics/dead-man.ts';
import type { Pair } from '../semantics/pair.ts';
import type { Configuration, Goal } from './configuration.ts';
import {
  ended,
  endedOn,
  listed,
  orphaned,
  orphanOf,
  type ControlNode,
  type ControlSpace,
  type OperatorName,
} from './control-space.ts';
import { textOf } from './hadr-node.ts';
import type { HadrSpace } from './hadr-space.ts';
import {
  believingInQuiet,
  explorerPolicy,
  MemorySpace,
  overdueMs,
  reconnected,
  withoutPrevious,
} from './memory-space.ts';
import { currentGeneration, ObservationSpace } from './observation-space.ts';
import { database, migration } from './start.ts';
import { breach, decisionBreach, type Breach } from './breach.ts';

/** An operator. */
export interface Operator {
  /** null: no process runs. */
  readonly goal: Goal | null;
  readonly memory: number;
  /** Reading of the source while the target has not been read yet; -1: none. */
  readonly half: number;
  /** Readings the batch under way was decided on; -1: none. */
  readonly source: number;
  readonly target: number;
  readonly batch: Batch | null;
  /** Batch of a connection that broke; it runs until the server notices. */
  readonly orphan: Batch | null;
}

/** What an operator, or the dead-man, may do next, and where that leads. */
export interface OperatorMove {
  readonly label: string;
  readonly operator: number;
  readonly hadr: number;
  readonly control: number;
  /** Commits whose clients got their answer, as bits. */
  readonly acknowledged: number;
  /** Counts against the faults of the configuration. */
  readonly isFault: boolean;
  /** Epoch that this move promoted; 0: none. The world knows whether it was ever committing. */
  readonly promoted: number;
  readonly breach: Breach | null;
  /** The batch that is sent or steps, for the timeline. */
  readonly act: Act | null;
}

interface Place {
  readonly name: OperatorName;
  readonly hadr: number;
  readonly control: number;
}

const none = -1;
const nobody: Operator = {
  goal: null,
  memory: none,
  half: none,
  source: none,
  target: none,
  batch: null,
  orphan: null,
};

/** All operators, by number. */
export class OperatorSpace {
  readonly #configuration: Configuration;
  readonly #hadr: HadrSpace;
  readonly #control: ControlSpace;
  readonly #memories = new MemorySpace();
  readonly #readings: ObservationSpace;
  readonly #operators: Operator[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #decisions = new Map<string, Decision>();
  /** Calls of the shipping `decide()`. */
  decided = 0;

  constructor(configuration: Configuration, spaces: { hadr: HadrSpace; control: ControlSpace }) {
    this.#configuration = configuration;
    this.#hadr = spaces.hadr;
    this.#control = spaces.control;
    this.#readings = new ObservationSpace(configuration.removed);
  }

  /** Number of operators. */
  get size(): number {
    return this.#operators.length;
  }

  /** Number of an operator whose process does not run. */
  nobody(): number {
    return this.#intern(nobody);
  }

  /** The operator. */
  operator(id: number): Operator {
    return required(this.#operators[id], `operator ${id}`);
  }

  /** Everything the operator may do next. */
  moves(id: number, place: Place, goals: readonly Goal[]): readonly OperatorMove[] {
    const operator = this.operator(id);
    const found: OperatorMove[] = [];
    if (operator.goal === null) {
      for (const goal of goals) found.push(this.#begin(operator, place, goal));
    } else if (operator.batch === null) {
      found.push(...this.#look(operator, place));
    } else {
      found.push(...this.#runBatch(operator, place, operator.batch));
    }
    if (operator.goal !== null) found.push(...this.#mishaps(operator, place));
    if (operator.orphan !== null) found.push(...this.#runOrphan(operator, place, operator.orphan));
    return found;
  }

  /** What the dead-man may do next; `operator` is passed through. */
  deadMan(operator: number, place: Place): readonly OperatorMove[] {
    const node = this.#control.node(place.control);
    const job = node.deadMan;
    if (!node.control.source.deadManRunning) return [];
    const work = this.#pair(place);
    const current = job ?? startedDeadMan;
    const next = stepDeadMan(work.pair, 'source', current);
    const moves = [
      this.#move(
        work,
        { label: deadManLabel(node, work.pair.control, next), operator, place },
        { ...node, control: work.pair.control, deadMan: next },
      ),
    ];
    const stopping = this.#pair(place);
    stopDeadMan(stopping.pair, 'source');
    moves.push(
      this.#move(
        stopping,
        { label: 'SQL Server Agent stops; the dead-man is gone', operator, place, isFault: true },
        { ...node, control: stopping.pair.control, deadMan: null },
      ),
    );
    return moves;
  }

  #begin(operator: Operator, place: Place, goal: Goal): OperatorMove {
    const memory = this.#memories.intern(startMemory({ goal }));
    return this.#simple(
      `operator ${place.name} starts sqlferry ${goal}`,
      { ...operator, goal, memory },
      place,
    );
  }

  #look(operator: Operator, place: Place): readonly OperatorMove[] {
    const side = operator.half === none ? 'source' : 'target';
    let node = this.#control.node(place.control);
    const own = node.control[side];
    if (own.leadLock === null && !this.#configuration.removed.has('leadership'))
      node = { ...node, control: withSide(node.control, side, { leadLock: place.name }) };
    node = listed(node, side, place.name);
    const hadr = this.#hadr.node(place.hadr);
    const reading = this.#readings.read(hadr, node, { side, name: place.name });
    const away = this.#readings.away(side);
    if (side === 'source') {
      if (this.#configuration.look === 'one-instant') {
        const control = this.#control.intern(withJob(node));
        return this.#look({ ...operator, half: reading }, { ...place, control });
      }
      return [
        this.#simple(`${place.name} reads the source`, { ...operator, half: reading }, place, node),
        {
          ...this.#simple(
            `${place.name} does not reach the source`,
            { ...operator, half: away },
            place,
          ),
          isFault: true,
        },
      ];
    }
    return [
      ...this.#decide(operator, place, { reading, node, isFault: false }),
      ...this.#decide(operator, place, {
        reading: away,
        node: this.#control.node(place.control),
        isFault: true,
      }),
    ];
  }

  /** The second reading is there: the shipping rules say what is due. */
  #decide(
    operator: Operator,
    place: Place,
    seen: { readonly reading: number; readonly node: ControlNode; readonly isFault: boolean },
  ): readonly OperatorMove[] {
    const memory = this.#memories.memory(operator.memory);
    const delays = memory.outageMs === null || memory.outageMs >= overdueMs ? [0] : [0, overdueMs];
    return delays.map((elapsedMs) => {
      const source = operator.half;
      const target = seen.reading;
      const remembered = rememberObservation(memory, this.#both(source, target), elapsedMs);
      const late = elapsedMs > 0 ? ' (the outage is overdue)' : '';
      const move = this.#follow(
        { ...operator, half: none, source, target, memory: this.#memories.intern(remembered) },
        place,
        { what: `${place.name} reads the target${late}`, node: seen.node },
      );
      return { ...move, isFault: seen.isFault };
    });
  }

  /** Carries a decision out: waits, stops, or sends the batch. */
  #follow(
    operator: Operator,
    place: Place,
    after: { readonly what: string; readonly node: ControlNode },
  ): OperatorMove {
    const decision = this.#decision(operator);
    const plain: Operator = {
      ...operator,
      source: none,
      target: none,
      batch: null,
      memory: this.#memories.intern(withoutPrevious(this.#memories.memory(operator.memory))),
    };
    const label = `${after.what}; ${decision.rule}: ${decision.kind}`;
    if (decision.kind === 'wait') return this.#simple(label, plain, place, after.node);
    if (decision.kind !== 'act')
      return this.#simple(
        label,
        { ...nobody, orphan: operator.orphan },
        place,
        ended(after.node, place.name),
      );
    const { act } = decision;
    const limited = act.kind === 'demote' && act.fromEpoch >= BigInt(this.#configuration.epochs);
    if (limited)
      return this.#simple(
        `${label} (no further epoch here)`,
        { ...nobody, orphan: operator.orphan },
        place,
        ended(after.node, place.name),
      );
    // The engine reads these replies as looks: it still needs what they change.
    const keeps = act.kind === 'demote' || act.kind === 'await-lsns' || act.kind === 'commit-epoch';
    return {
      ...this.#simple(
        `${after.what}; ${decision.rule}: sends ${act.kind} to the ${act.side}`,
        {
          ...plain,
          ...(keeps
            ? { source: operator.source, target: operator.target, memory: operator.memory }
            : {}),
          batch: newBatch(act, place.name),
        },
        place,
        after.node,
      ),
      act,
    };
  }

  #decision(operator: Operator): Decision {
    const { goal, memory, source, target } = operator;
    const key = `${goal} ${memory} ${source} ${target}`;
    const known = this.#decisions.get(key);
    if (known !== undefined) return known;
    this.decided += 1;
    const seen = this.#both(source, target);
    const decision = decide(
      seen,
      { goal: required(goal, 'a goal') },
      {
        migration,
        memory: believingInQuiet(this.#memories.memory(memory), seen),
        policy: explorerPolicy,
      },
    );
    this.#decisions.set(key, decision);
    return decision;
  }

  #both(source: number, target: number): Observation {
    return { source: this.#readings.reading(source), target: this.#readings.reading(target) };
  }

  /** One sub-step of the batch under way, or its end. */
  #runBatch(operator: Operator, place: Place, batch: Batch): readonly OperatorMove[] {
    const work = this.#pair(place);
    const step = stepBatch(work.pair, batch);
    const node = this.#control.node(place.control);
    if (step.kind === 'blocked') {
      const late = this.#pair(place);
      const reply = timeOut(late.pair, batch);
      return [
        this.#reply(operator, place, {
          work: late,
          batch,
          reply,
          what: `waits too long for ${step.on}`,
        }),
      ];
    }
    if (step.kind === 'next') {
      const label = `${place.name}: ${batch.act.kind} on the ${batch.act.side}: ${batch.at}`;
      const next = this.#intern({ ...operator, batch: step.batch });
      return [
        this.#move(
          work,
          { label, operator: next, place, act: batch.act },
          { ...node, control: work.pair.control },
        ),
      ];
    }
    return [this.#reply(operator, place, { work, batch, reply: step.reply, what: batch.at })];
  }

  /** The reply arrives. After a demotion it stands for the next look, as in the engine. */
  #reply(
    operator: Operator,
    place: Place,
    end: {
      readonly work: Work;
      readonly batch: Batch;
      readonly reply: ActReply;
      readonly what: string;
    },
  ): OperatorMove {
    const { batch, work } = end;
    const reply: ActReply =
      end.reply.outcome === 'ok' ? { ...end.reply, generation: currentGeneration } : end.reply;
    const before = this.#memories.memory(operator.memory);
    const memory = rememberAct(before, batch.act, reply);
    const node = { ...this.#control.node(place.control), control: work.pair.control };
    const label = `${place.name}: ${batch.act.kind} on the ${batch.act.side}: ${end.what}; ends with ${reply.outcome}`;
    const plain = { ...operator, batch: null, source: none, target: none };
    const there = { ...place, hadr: work.hadr };
    const next = this.#chained(operator, { memory, act: batch.act, reply });
    const move =
      next === null
        ? this.#simple(
            label,
            { ...plain, memory: this.#memories.intern(withoutPrevious(memory)) },
            there,
            node,
          )
        : this.#simple(
            `${label}; sends ${next.batch?.act.kind} at once`,
            { ...plain, ...next },
            there,
            node,
          );
    return {
      ...move,
      acknowledged: work.acknowledged,
      promoted: work.promoted,
      breach:
        work.breach ?? decisionBreach(this.#control.node(place.control).control, node.control),
      act: batch.act,
    };
  }

  /** In the outage a reply stands for the next look, as in the engine: the batch that follows at once. */
  #chained(
    operator: Operator,
    done: { readonly memory: Memory; readonly act: Act; readonly reply: ActReply },
  ): Pick<Operator, 'memory' | 'source' | 'target' | 'batch'> | null {
    if (operator.source === none || operator.goal === null) return null;
    const { memory, act, reply } = done;
    const seen = this.#both(operator.source, operator.target);
    const after = observationAfterReply(seen, act, reply);
    if (after === null) return null;
    const source = this.#readings.adopt(after.source, seen.source, operator.source);
    const target = this.#readings.adopt(after.target, seen.target, operator.target);
    const id = this.#memories.intern(memory);
    const decision = this.#decision({ ...operator, source, target, memory: id });
    if (decision.kind !== 'act' || !chainedActs.has(decision.act.kind)) return null;
    const session = required(operator.batch, 'the batch that ended').session;
    const batch = newBatch(decision.act, session);
    const isLast = decision.act.kind === 'promote';
    return isLast
      ? {
          memory: this.#memories.intern(withoutPrevious(memory)),
          source: none,
          target: none,
          batch,
        }
      : { memory: id, source, target, batch };
  }

  /** What may go wrong with a process and its connections. */
  #mishaps(operator: Operator, place: Place): readonly OperatorMove[] {
    const { batch, orphan } = operator;
    const node = this.#control.node(place.control);
    const moves: OperatorMove[] = [];
    const keepsRunning = batch !== null && orphan === null && takesActLock(batch.act);
    const left = keepsRunning ? { ...batch, session: orphanOf(place.name) } : orphan;
    const gone =
      batch === null || !keepsRunning
        ? ended(node, place.name)
        : ended(orphaned(node, batch.act.side, place.name), place.name);
    moves.push({
      ...this.#simple(
        `the process of ${place.name} dies${keepsRunning ? `; its ${batch.act.kind} goes on` : ''}`,
        { ...nobody, orphan: left },
        place,
        gone,
      ),
      isFault: true,
    });
    if (batch === null) return moves;
    const memory = this.#afterBreak(operator, batch.act);
    const plain = { ...operator, batch: null, source: none, target: none, half: none, memory };
    if (keepsRunning) {
      moves.push({
        ...this.#simple(
          `${place.name} loses the connection; ${batch.act.kind} goes on`,
          { ...plain, orphan: left },
          place,
          orphaned(node, batch.act.side, place.name),
        ),
        isFault: true,
      });
    }
    if (batch.at === 'begin') {
      moves.push({
        ...this.#simple(
          `${place.name} loses the connection; ${batch.act.kind} never arrives`,
          plain,
          place,
          endedOn(node, batch.act.side, place.name),
        ),
        isFault: true,
      });
    }
    return moves;
  }

  #afterBreak(operator: Operator, act: Act): number {
    const memory = this.#memories.memory(operator.memory);
    const told: Memory = rememberAct(memory, act, lostReply());
    const keeps = this.#configuration.removed.has('reconnect-voids');
    return this.#memories.intern(withoutPrevious(keeps ? told : reconnected(told)));
  }

  /** The batch whose client is gone: goes on, or ends when the server notices. */
  #runOrphan(operator: Operator, place: Place, batch: Batch): readonly OperatorMove[] {
    const node = this.#control.node(place.control);
    const what = `left of ${place.name}: ${batch.act.kind} on the ${batch.act.side}`;
    const dead = this.#simple(
      `${what}: the server ends it`,
      { ...operator, orphan: null },
      place,
      ended(node, batch.session),
    );
    const work = this.#pair(place);
    const step: BatchStep = stepBatch(work.pair, batch);
    if (step.kind === 'blocked') return [dead];
    const orphan = step.kind === 'next' ? step.batch : null;
    const after = { ...node, control: work.pair.control };
    const move = this.#move(
      work,
      {
        label: `${what}: ${batch.at}`,
        operator: this.#intern({ ...operator, orphan }),
        place,
        act: batch.act,
      },
      orphan === null ? ended(after, batch.session) : after,
    );
    return [move, dead];
  }

  #simple(label: string, operator: Operator, place: Place, node?: ControlNode): OperatorMove {
    return {
      label,
      operator: this.#intern(operator),
      hadr: place.hadr,
      control: node === undefined ? place.control : this.#control.intern(withJob(node)),
      acknowledged: 0,
      isFault: false,
      promoted: 0,
      breach: null,
      act: null,
    };
  }

  #move(
    work: Work,
    told: {
      readonly label: string;
      readonly operator: number;
      readonly place: Place;
      readonly isFault?: boolean;
      readonly act?: Act;
    },
    node: ControlNode,
  ): OperatorMove {
    const before = this.#control.node(told.place.control).control;
    return {
      label: told.label,
      operator: told.operator,
      hadr: work.hadr,
      control: this.#control.intern(withJob(node)),
      acknowledged: work.acknowledged,
      isFault: told.isFault ?? false,
      promoted: work.promoted,
      breach: work.breach ?? decisionBreach(before, node.control),
      act: told.act ?? null,
    };
  }

  #pair(place: Place): Work {
    return new Work(this.#hadr, place, {
      control: this.#control.node(place.control).control,
      configuration: this.#configuration,
    });
  }

  #intern(operator: Operator): number {
    const { goal, memory, half, source, target, batch, orphan } = operator;
    const key = `${goal} ${memory} ${half} ${source} ${target} ${batchText(batch)} ${batchText(orphan)}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const id = this.#operators.length;
    this.#operators.push(operator);
    this.#byKey.set(key, id);
    return id;
  }
}

function batchText(batch: Batch | null): string {
  return batch === null ? '' : `${batch.session} ${batch.at} ${textOf(batch.act)}`;
}

/** A job that runs has a place to stand; one that does not has none. */
function withJob(node: ControlNode): ControlNode {
  const runs = node.control.source.deadManRunning;
  if (runs === (node.deadMan !== null)) return node;
  return { ...node, deadMan: runs ? startedDeadMan : null };
}

function deadManLabel(node: ControlNode, after: ControlNode['control'], next: unknown): string {
  if (next === null) return 'the dead-man ends';
  const aborted =
    after.source.register?.phase === 'aborted' && node.control.source.register?.phase !== 'aborted';
  return aborted
    ? 'the dead-man aborts the epoch: its deadline is past'
    : 'the dead-man looks at the register';
}

/** One sub-step in the making: the pair that semantics changes, over numbered situations. */
class Work {
  readonly pair: Pair;
  hadr: number;
  acknowledged = 0;
  promoted = 0;
  breach: Breach | null = null;

  constructor(
    space: HadrSpace,
    place: Place,
    given: { readonly control: ControlNode['control']; readonly configuration: Configuration },
  ) {
    this.hadr = place.hadr;
    const run: Pair['run'] = (side, statement): EngineError | null => {
      const result = space.statement(this.hadr, side, statement);
      this.hadr = result.to;
      this.acknowledged |= result.acknowledged;
      if (result.error === null && statement.kind === 'alter-availability-group') {
        const found = breach(this.pair.control, side, statement.action.kind);
        this.breach ??= found.breach;
        this.promoted = Math.max(this.promoted, found.promoted);
      }
      return result.error;
    };
    this.pair = {
      migration,
      databases: [database],
      removed: given.configuration.removed,
      control: given.control,
      hadr: (): HadrState => space.node(this.hadr).state,
      run,
    };
  }
}
