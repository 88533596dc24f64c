/** One sub-step of a batch over numbered situations, and the move it becomes. */

import type { EngineError } from '../../lab/hadr/effect.ts';
import type { HadrState } from '../../lab/hadr/state.ts';
import type { Act } from '../../model/act.ts';
import { startedDeadMan } from '../semantics/dead-man.ts';
import type { Pair } from '../semantics/pair.ts';
import { breach, decisionBreach, type Breach } from './breach.ts';
import type { Configuration } from './configuration.ts';
import type { ControlNode, ControlSpace } from './control-space.ts';
import type { HadrSpace } from './hadr-space.ts';
import type { Mover } from './mover.ts';
import type { OperatorMove, Place } from './operator.ts';
import { database, migration } from './start.ts';
import { settled } from './spoilt-rows.ts';

/** One sub-step in the making: the pair that semantics changes, over numbered situations. */
export class Work {
  readonly pair: Pair;
  hadr: number;
  acknowledged = 0;
  promoted = 0;
  breach: Breach | null = null;

  constructor(
    space: HadrSpace,
    place: Place,
    given: {
      readonly control: ControlNode['control'];
      readonly configuration: Configuration;
      /** The batch that steps; null: the dead-man. */
      readonly act: Act | null;
    },
  ) {
    this.hadr = place.hadr;
    const run: Pair['run'] = (side, statement): EngineError | null => {
      const result = space.statement(this.hadr, side, statement);
      this.hadr = result.to;
      this.acknowledged |= result.acknowledged;
      if (result.error === null && statement.kind === 'alter-availability-group') {
        const change = { side, action: statement.action.kind, act: given.act };
        const found = breach(this.pair.control, change);
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

/** What is known of a move beside what the sub-step changed. */
export interface Told {
  readonly label: string;
  readonly by: Mover;
  readonly operator: number;
  readonly place: Place;
  readonly node: ControlNode;
  readonly isFault?: boolean;
  readonly act?: Act;
}

/** The move that a sub-step becomes. */
export function moveOf(work: Work, control: ControlSpace, told: Told): OperatorMove {
  const before = control.node(told.place.control).control;
  return {
    label: told.label,
    by: told.by,
    operator: told.operator,
    hadr: work.hadr,
    control: control.intern(withJob(told.node)),
    acknowledged: work.acknowledged,
    isFault: told.isFault ?? false,
    promoted: work.promoted,
    breach: work.breach ?? decisionBreach(before, told.node.control),
    act: told.act ?? null,
    sends: null,
    ends: null,
  };
}

/** A job that runs has a place to stand; one that does not has none. */
export function withJob(given: ControlNode): ControlNode {
  const node = settled(given);
  let { deadMan } = node;
  for (const side of ['source', 'target'] as const) {
    const runs = node.control[side].deadManRunning;
    if (runs !== (deadMan[side] !== null))
      deadMan = { ...deadMan, [side]: runs ? startedDeadMan : null };
  }
  return deadMan === node.deadMan ? node : { ...node, deadMan };
}
