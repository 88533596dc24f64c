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
import type { Tally } from './campaign.ts';
import type { Scenario } from './scenario.ts';
import { actsOfWays, pairWays, ways } from './way.ts';
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

/**
 * Strikes the ordered pairs from one place of their list up to another: on the way that sends both acts
 * first, then on others, until both faults struck in one run. The seed is the place in the list.
 */
export async function runPairs(
  range: { readonly from: number; readonly to: number },
  tally: Tally,
  options: SimulateOptions,
): Promise<void> {
  for (let index = range.from; index < Math.min(range.to, pairCount); index += 1) {
    const pair = pairAt(index);
    let isMet = false;
    for (const way of waysFor(pair.map((fault) => fault.act))) {
      if (isMet) break;
      const report = await simulate({ ...way, seed: index, sequence: pair }, options);
      tally.run(report);
      isMet = report.isSequenceOver;
    }
    if (isMet) tally.meet();
    else tally.hole(`${textOf(pair[0])}, then ${textOf(pair[1])}`);
  }
}

/** Both faults of a pair, the one that strikes first and the one that strikes after it. */
export function pairAt(index: number): readonly [Fault, Fault] {
  const first = required(singles[Math.floor(index / singles.length)], 'first fault');
  return [first, required(singles[index % singles.length], 'second fault')];
}

/** The ways for these acts, the one that sends them first. */
function waysFor(acts: readonly string[]): readonly Scenario[] {
  const { straight, late, patient, cut, revoked, cutLater, revokedLater, raced } = pairWays;
  if (acts.includes('refuse-epoch')) return [revoked, cut, revokedLater, cutLater, raced];
  if (acts.includes('give-back')) return [cut, revoked, cutLater, revokedLater, raced];
  if (acts.includes('await-lsns') || acts.includes('commit-epoch')) return [late, cut, patient];
  return [straight, late, patient];
}
