/**
 * The systematic part: every fault at every act at every point of its request, one run each, and every
 * ordered pair of faults in the outage steps.
 *
 * A way is a scenario without chance that sends certain acts; a cell is struck on the first way that
 * sends its act. A cell that no run struck is a hole and is named.
 */

import type { ActKind } from '../../model/act.ts';
import type { Intent } from '../../model/decision.ts';
import { faultKinds, faultPoints, outageActs, type Fault, type FaultKind } from './fault.ts';
import { shapes } from './prepare.ts';
import type { Scenario } from './scenario.ts';
import { simulate, type RunReport } from './simulate.ts';

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

const cutover: Intent = { goal: 'cutover' };
const abort: Intent = { goal: 'abort' };

const plain: Scenario = {
  seed: 1,
  shape: shapeOf(2022),
  start: 'ready',
  goals: [cutover],
  faults: [],
  rival: null,
  restartAfterMs: 100,
  afterKill: 'again',
  latencyMs: 3,
  writers: 1,
  writePauseMs: 300,
  isRegisterAlone: false,
  safetyMs: 90_000,
};

const late: Fault = { kind: 'late-commit', act: 'demote', nth: 0, point: 'arrived', durationMs: 0 };
const cut: Fault = { ...late, kind: 'late-commit-cut', durationMs: 45_000 };
const killed: Fault = { kind: 'kill', act: 'promote', nth: 0, point: 'before', durationMs: 10 };

/** Ways through the acts, the shortest first. */
export const ways: readonly Scenario[] = [
  plain,
  { ...plain, faults: [late] },
  { ...plain, faults: [cut] },
  { ...plain, goals: [cutover, abort], faults: [killed], afterKill: 'next' },
  { ...plain, goals: [cutover, abort], faults: [killed], afterKill: 'next', shape: shapeOf(2019) },
  { ...plain, goals: [cutover, { goal: 'finish', distributed: 'keep' }] },
  { ...plain, goals: [cutover, { goal: 'finish', distributed: 'drop' }] },
  { ...plain, goals: [cutover, { goal: 'failback' }] },
  {
    ...plain,
    start: 'bare',
    goals: [cutover, { goal: 'finish', distributed: 'drop' }],
    safetyMs: 180_000,
  },
  { ...plain, rival: { afterMs: 500, goal: 'cutover', takeOver: true } },
];

function shapeOf(version: 2019 | 2022): Scenario['shape'] {
  const found = shapes.find((shape) => shape.version === version && shape.databases === 1);
  if (found === undefined) throw new RangeError('no such shape');
  return found;
}

/** How long a fault of a cell lasts: longer than the budget for what must be waited out. */
const CELL_MS: Readonly<Partial<Record<FaultKind, number>>> = { pause: 20_000, delay: 20_000 };
const CELL_DEFAULT_MS = 3_000;

/** Acts that each way sends when nothing goes wrong. */
export async function actsOfWays(): Promise<readonly ReadonlySet<string>[]> {
  const sent: ReadonlySet<string>[] = [];
  for (const way of ways) sent.push((await simulate(way)).acts);
  return sent;
}

/** Strikes every cell of the acts that any way sends. */
export async function runCells(only: (cell: Cell) => boolean = () => true): Promise<CellTable> {
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
      const report = await simulate({
        ...way,
        seed: 1_000 + cells,
        faults: [...way.faults, faultOf(cell)],
      });
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

/** Every ordered pair in the outage steps as scenarios; `every`: only each n-th, for a quick look. */
function* pairScenarios(
  every: number,
): Iterable<{ readonly scenario: Scenario; readonly pair: readonly [Fault, Fault] }> {
  const singles = outageActs.flatMap((act) =>
    faultPoints.flatMap((point) => PAIR_KINDS.map((kind) => faultOf({ kind, act, point }))),
  );
  let index = 0;
  for (const first of singles) {
    for (const other of singles) {
      index += 1;
      if (index % every !== 0) continue;
      const second = first === other ? { ...other, nth: 1 } : other;
      const base = wayFor([first.act, second.act]);
      const scenario = { ...base, seed: index, faults: [...base.faults, first, second] };
      yield { scenario, pair: [first, second] };
    }
  }
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
  return ways[index] ?? plain;
}

/** Strikes the pairs; a pair whose second fault found no request to strike is counted as not met. */
export async function runPairs(every: number): Promise<CellTable> {
  const failures: RunReport[] = [];
  let runs = 0;
  let struck = 0;
  for (const { scenario, pair } of pairScenarios(every)) {
    const report = await simulate(scenario);
    runs += 1;
    if (pair.every((fault) => report.cells.has(textOf(fault)))) struck += 1;
    if (report.violations.length > 0) failures.push(report);
  }
  return { cells: runs, struck, holes: [], runs, failures };
}
