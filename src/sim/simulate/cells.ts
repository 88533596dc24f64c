/**
 * The systematic part: every fault at every act at every point of its request, one run each, and every
 * ordered pair of faults in the outage steps.
 *
 * A way is a scenario without chance that sends certain acts (`way.ts`); a cell is struck on the first
 * way that sends its act and on which it strikes. A cell that no run struck is a hole and is named.
 */

import { required } from '../../base/assert.ts';
import type { ActKind } from '../../model/act.ts';
import { faultKinds, faultPoints, outageActs, type Fault, type FaultKind } from './fault.ts';
import type { Scenario } from './scenario.ts';
import { actsOfWays, ways } from './way.ts';
import { simulate, type RunReport, type SimulateOptions } from './simulate.ts';

/** One cell. */
export interface Cell {
  readonly kind: FaultKind;
  readonly act: ActKind | 'observe';
  readonly point: Fault['point'];
}

/** What the table came to. */
export interface CellTable {
  readonly cells: number;
  readonly struck: number;
  readonly holes: readonly string[];
  readonly runs: number;
  readonly failures: readonly RunReport[];
}

/** How long a fault of a cell lasts: longer than the budget for what must be waited out. */
const CELL_MS: Readonly<Partial<Record<FaultKind, number>>> = {
  pause: 20_000,
  delay: 20_000,
  stall: 300,
};
const CELL_DEFAULT_MS = 3_000;

/** Strikes every cell of the acts that any way sends. */
export async function runCells(
  only: (cell: Cell) => boolean = () => true,
  options: SimulateOptions = {},
): Promise<CellTable> {
  const sent = await actsOfWays();
  const acts = [...new Set(sent.flatMap((each) => [...each]))].sort() as (ActKind | 'observe')[];
  const holes: string[] = [];
  const failures: RunReport[] = [];
  let cells = 0;
  let runs = 0;
  for (const cell of cellsOf(acts)) {
    if (!only(cell)) continue;
    cells += 1;
    let isStruck = false;
    for (const [index, way] of ways.entries()) {
      if (isStruck || sent[index]?.has(cell.act) !== true) continue;
      const report = await simulate(
        { ...way, seed: 1_000 + cells, faults: [...way.faults, faultOf(cell)] },
        options,
      );
      runs += 1;
      isStruck = report.cells.has(textOf(cell));
      if (report.violations.length > 0) failures.push(report);
    }
    if (!isStruck) holes.push(textOf(cell));
  }
  return { cells, struck: cells - holes.length, holes, runs, failures };
}

function cellsOf(acts: readonly (ActKind | 'observe')[]): readonly Cell[] {
  return acts.flatMap((act) =>
    // A look changes nothing: its reply point is its effect.
    faultPoints
      .filter((point) => act !== 'observe' || point !== 'reply')
      .flatMap((point) => faultKinds.map((kind) => ({ kind, act, point }))),
  );
}

function faultOf(cell: Cell): Fault {
  return { ...cell, nth: 0, durationMs: CELL_MS[cell.kind] ?? CELL_DEFAULT_MS };
}

/** `kill demote effect`. */
function textOf(cell: Cell): string {
  return `${cell.kind} ${cell.act} ${cell.point}`;
}

/** Faults whose ordered pairs are struck in the outage steps. */
const PAIR_KINDS: readonly FaultKind[] = [
  'kill',
  'pause',
  'drop',
  'delay',
  'partition',
  'crash-source',
  'crash-target',
];

const singles: readonly Fault[] = outageActs.flatMap((act) =>
  faultPoints.flatMap((point) => PAIR_KINDS.map((kind) => faultOf({ kind, act, point }))),
);

/** How many ordered pairs there are. */
export const pairCount = singles.length * singles.length;

/** The ordered pairs from one place of their list up to another, as scenarios; the seed is the place. */
export function* pairScenarios(from: number, to: number): Iterable<Scenario> {
  for (let index = from; index < Math.min(to, pairCount); index += 1) {
    const [first, second] = pairAt(index);
    const base = wayFor([first.act, second.act]);
    yield { ...base, seed: index, faults: [...base.faults, first, second] };
  }
}

/** Both faults of a pair; the second of two equal ones is the next request of its kind. */
export function pairAt(index: number): readonly [Fault, Fault] {
  const first = required(singles[Math.floor(index / singles.length)], 'first fault');
  const other = required(singles[index % singles.length], 'second fault');
  return [first, first === other ? { ...other, nth: 1 } : other];
}

/** The way that sends these acts, as far as one does. */
function wayFor(acts: readonly string[]): Scenario {
  const index = acts.includes('refuse-epoch')
    ? 3
    : acts.includes('give-back')
      ? 2
      : acts.includes('await-lsns') || acts.includes('commit-epoch')
        ? 1
        : 0;
  return required(ways[index], 'way');
}
