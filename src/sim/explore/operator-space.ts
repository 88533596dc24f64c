/**
 * Operators by number, and what each may do next: look, decide with the shipping rules, run its batch.
 *
 * An operator is a process with a goal, a memory, at most one batch under way and what it has left.
 * Every answer depends on operator, servers and registers alone, remembered by those three numbers.
 */

import { required } from '../../base/assert.ts';
import type { Act, ActReply } from '../../model/act.ts';
import type { Memory } from '../../model/decision.ts';
import type { Side } from '../../model/side.ts';
import { rememberAct, startMemory } from '../../reconcile/memory.ts';
import { newBatch, stepBatch, timeOut, type Batch } from '../semantics/batch.ts';
import { withSide } from '../semantics/control.ts';
import { lostReply } from '../semantics/reply.ts';
import { decisionBreach } from './breach.ts';
import { chained } from './chain.ts';
import type { Configuration, Goal } from './configuration.ts';
import { ended, listed, type ControlNode, type ControlSpace } from './control-space.ts';
import { DecisionSpace } from './decision-space.ts';
import type { HadrSpace } from './hadr-space.ts';
import { leftBatchMoves } from './left-batch.ts';
import { MemorySpace, delays, reconnected, withoutPrevious } from './memory-space.ts';
import { lost, mishaps } from './mishap.ts';
import { currentGeneration, ObservationSpace } from './observation-space.ts';
import {
  nobody,
  none,
  operatorText,
  over,
  type Operator,
  type OperatorMove,
  type Place,
} from './operator.ts';
import { actedOnTrouble, withDatabase } from './spoilt-rows.ts';
import { moveOf, withJob, Work } from './work.ts';

/** All operators, by number. */
export class OperatorSpace {
  readonly #configuration: Configuration;
  readonly #hadr: HadrSpace;
  readonly #control: ControlSpace;
  readonly #memories = new MemorySpace();
  readonly #readings: ObservationSpace;
  readonly #operators: Operator[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #decisions: DecisionSpace;

  constructor(configuration: Configuration, spaces: { hadr: HadrSpace; control: ControlSpace }) {
    this.#configuration = configuration;
    this.#hadr = spaces.hadr;
    this.#control = spaces.control;
    this.#readings = new ObservationSpace(configuration.removed);
    this.#decisions = new DecisionSpace(this.#memories, this.#readings, configuration.removed);
  }

  /** Calls of the shipping `decide()`. */
  get decided(): number {
    return this.#decisions.decided;
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
    const left = { hadr: this.#hadr, control: this.#control, configuration: this.#configuration };
    found.push(
      ...leftBatchMoves({ ...left, intern: (after) => this.#intern(after) }, operator, place),
    );
    return found;
  }

  /** Number of the operator after a server has died: its sessions there are gone, with what ran in them. */
  afterCrash(id: number, side: Side): number {
    const operator = this.operator(id);
    const { batch, orphan, late } = operator;
    const isLost = batch?.act.side === side;
    const kept = isLost
      ? lost(operator, { memoryAfterBreak: () => this.#afterBreak(operator, batch.act) })
      : { ...operator, memory: this.#afterSession(operator.memory) };
    return this.#intern({
      ...kept,
      orphan: orphan?.act.side === side ? null : orphan,
      late: late?.act.side === side && late.at !== 'begin' ? null : late,
    });
  }

  #begin(operator: Operator, place: Place, goal: Goal): OperatorMove {
    const memory = this.#memories.intern(startMemory({ goal }));
    const label = `operator ${place.name} starts sqlferry ${goal}`;
    return { ...this.#simple(label, { ...operator, goal, memory }, place), by: 'person' };
  }

  #look(operator: Operator, place: Place): readonly OperatorMove[] {
    const side = operator.half === none ? 'source' : 'target';
    if (!this.#hadr.isUp(place.hadr, side)) return this.#lookAtNothing(operator, place, side);
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
        this.#simple(
          `${place.name} reads the source`,
          { ...operator, half: reading },
          { ...place, node },
        ),
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
    if (this.#configuration.look === 'torn-target' && operator.target === none) {
      const label = `${place.name} reads the roles of the target, not yet its register`;
      return [this.#simple(label, { ...operator, target: reading }, place)];
    }
    const whole = this.#readings.torn(operator.target, reading);
    return [
      ...this.#decide(operator, place, { reading: whole, node, isFault: false }),
      ...this.#decide(operator, place, {
        reading: away,
        node: this.#control.node(place.control),
        isFault: true,
      }),
    ];
  }

  /** The server is down: that is all that can be seen of it. */
  #lookAtNothing(operator: Operator, place: Place, side: Side): readonly OperatorMove[] {
    const away = this.#readings.away(side);
    if (side === 'target') {
      const node = this.#control.node(place.control);
      return this.#decide(operator, place, { reading: away, node, isFault: false });
    }
    if (this.#configuration.look === 'one-instant')
      return this.#look({ ...operator, half: away }, place);
    const label = `${place.name} does not reach the source`;
    return [this.#simple(label, { ...operator, half: away }, place)];
  }

  /** The second reading is there: the shipping rules say what is due. */
  #decide(
    operator: Operator,
    place: Place,
    seen: { readonly reading: number; readonly node: ControlNode; readonly isFault: boolean },
  ): readonly OperatorMove[] {
    const memory = this.#memories.memory(operator.memory);
    const endsWaits = this.#configuration.troubles.length > 0;
    return delays(memory, endsWaits).map((elapsedMs) => {
      const both = { source: operator.half, target: seen.reading };
      const { id, truth } = this.#decisions.remember(memory, both, elapsedMs);
      const late = elapsedMs > 0 ? ' (the outage is overdue)' : '';
      const looking = { ...operator, ...both, half: none, memory: id };
      const isAway = seen.reading === this.#readings.away('target');
      const looks = `${place.name} ${isAway ? 'does not reach' : 'reads'} the target${late}`;
      const move = this.#follow(looking, place, { what: looks, node: seen.node });
      const stale = this.#decisions.staleBreach({ ...looking, memory: truth }, move.sends);
      return { ...move, breach: move.breach ?? stale, isFault: seen.isFault };
    });
  }

  /** Carries a decision out: waits, stops, or sends the batch. */
  #follow(
    operator: Operator,
    place: Place,
    after: { readonly what: string; readonly node: ControlNode },
  ): OperatorMove {
    const decision = this.#decisions.decide(operator);
    const seen = this.#decisions.both(operator.source, operator.target);
    const plain: Operator = {
      ...operator,
      source: none,
      target: none,
      batch: null,
      memory: this.#memories.intern(withoutPrevious(this.#memories.memory(operator.memory))),
    };
    const label = `${after.what}; ${decision.rule}: ${decision.kind}`;
    if (decision.kind === 'wait') return this.#simple(label, plain, { ...place, node: after.node });
    const stopped = { ...place, node: ended(after.node, place.name) };
    if (decision.kind !== 'act')
      return { ...this.#simple(label, over(operator), stopped), ends: decision.kind };
    const { act } = decision;
    const limited = act.kind === 'demote' && act.fromEpoch >= BigInt(this.#configuration.epochs);
    if (limited) return this.#simple(`${label} (no further epoch here)`, over(operator), stopped);
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
        { ...place, node: after.node },
      ),
      act,
      sends: act,
      breach: actedOnTrouble(seen, act),
    };
  }

  /** One sub-step of the batch under way, or its end. */
  #runBatch(operator: Operator, place: Place, batch: Batch): readonly OperatorMove[] {
    if (!this.#hadr.isUp(place.hadr, batch.act.side)) {
      const label = `${place.name}: ${batch.act.kind} does not reach the ${batch.act.side}`;
      const memoryAfterBreak = (): number => this.#afterBreak(operator, batch.act);
      return [this.#simple(label, lost(operator, { memoryAfterBreak }), place)];
    }
    const work = this.#pair(place, batch.act);
    const step = stepBatch(work.pair, batch);
    const node = this.#control.node(place.control);
    if (step.kind === 'blocked') {
      const late = this.#pair(place, batch.act);
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
        moveOf(work, this.#control, {
          label,
          by: batch.at === 'begin' ? 'operator' : 'batch',
          operator: next,
          place,
          act: batch.act,
          node: { ...node, control: work.pair.control },
        }),
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
    const changed = { ...this.#control.node(place.control), control: work.pair.control };
    const node = reply.outcome === 'ok' ? withDatabase(changed, batch.act) : changed;
    const label = `${place.name}: ${batch.act.kind} on the ${batch.act.side}: ${end.what}; ends with ${reply.outcome}`;
    const plain = { ...operator, batch: null, source: none, target: none };
    const there = { ...place, hadr: work.hadr };
    const spaces = {
      memories: this.#memories,
      readings: this.#readings,
      decisions: this.#decisions,
    };
    const next = chained(spaces, operator, { memory, act: batch.act, reply });
    const move =
      next === null
        ? this.#simple(
            label,
            { ...plain, memory: this.#memories.intern(withoutPrevious(memory)) },
            { ...there, node },
          )
        : this.#simple(
            `${label}; sends ${next.batch?.act.kind} at once`,
            { ...plain, ...next },
            { ...there, node },
          );
    return {
      ...move,
      by: batch.at === 'begin' ? 'operator' : 'batch',
      sends: next?.batch?.act ?? null,
      acknowledged: work.acknowledged,
      promoted: work.promoted,
      breach:
        work.breach ?? decisionBreach(this.#control.node(place.control).control, node.control),
      act: batch.act,
    };
  }

  /** What may go wrong. */
  #mishaps(operator: Operator, place: Place): readonly OperatorMove[] {
    const node = this.#control.node(place.control);
    const memoryAfterBreak = (): number =>
      this.#afterBreak(operator, required(operator.batch, 'a batch').act);
    return mishaps(operator, place, {
      node,
      memoryAfterBreak,
      replays: this.#configuration.replays,
    }).map((mishap) => ({
      ...this.#simple(mishap.label, mishap.operator, { ...place, node: mishap.node }),
      isFault: true,
    }));
  }

  #afterBreak(operator: Operator, act: Act): number {
    const memory = this.#memories.memory(operator.memory);
    const told: Memory = rememberAct(memory, act, lostReply());
    return this.#afterSession(this.#memories.intern(withoutPrevious(told)));
  }

  /** Number of a memory after a session was lost. */
  #afterSession(id: number): number {
    return id === none ? id : this.#memories.intern(reconnected(this.#memories.memory(id)));
  }

  #simple(
    label: string,
    operator: Operator,
    { node, ...place }: Place & { readonly node?: ControlNode },
  ): OperatorMove {
    return {
      label,
      by: 'operator',
      operator: this.#intern(operator),
      hadr: place.hadr,
      control: node === undefined ? place.control : this.#control.intern(withJob(node)),
      acknowledged: 0,
      isFault: false,
      promoted: 0,
      breach: null,
      act: null,
      sends: null,
      ends: null,
    };
  }

  #pair(place: Place, act: Act): Work {
    return new Work(this.#hadr, place, {
      control: this.#control.node(place.control).control,
      configuration: this.#configuration,
      act,
    });
  }

  #intern(operator: Operator): number {
    const key = operatorText(operator);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const id = this.#operators.length;
    this.#operators.push(operator);
    this.#byKey.set(key, id);
    return id;
  }
}
