/**
 * One run: a safety phase in which everything may go wrong, then healing and the demand that one more
 * operator brings the migration to its goal, or says what a person has to do, with one writable copy.
 */

import { makePrng } from '../../base/prng.ts';
import type { Intent } from '../../model/decision.ts';
import type { Migration } from '../../model/migration.ts';
import type { Side } from '../../model/side.ts';
import type { JournalEntry } from '../../ports/journal.ts';
import { allGuards, type GuardName } from '../semantics/guard.ts';
import { commitEverywhere, Ledger, startWriter } from './application.ts';
import { Checker, type Violation } from './checker.ts';
import { DeadManJob } from './dead-man-job.ts';
import { Environment } from './environment.ts';
import { noHooks } from './hook.ts';
import { Kernel } from './kernel.ts';
import { bringAbout } from './mishap.ts';
import { Operator } from './operator.ts';
import { applicationLogin, bareServers, migrationOf, otherFile, type Shape } from './prepare.ts';
import type { Scenario } from './scenario.ts';
import { SimWorld, type SimStart } from './world.ts';

/** What a run came to. */
export interface RunReport {
  readonly scenario: Scenario;
  /** SHA-256 of the trace. */
  readonly hash: string;
  readonly violations: readonly Violation[];
  readonly events: number;
  readonly virtualMs: number;
  readonly acknowledged: number;
  /** Acts that were sent. */
  readonly acts: ReadonlySet<string>;
  /** Faults that struck: fault, act and point. */
  readonly cells: ReadonlySet<string>;
  /** Every fault of the sequence struck. */
  readonly isSequenceOver: boolean;
  /** Rules of the engine that decided something. */
  readonly rules: ReadonlySet<string>;
  /** How the last operator ended. */
  readonly outcome: string;
  readonly lines: readonly string[];
}

/** How a run is carried out. */
export interface SimulateOptions {
  /** Guards of the semantics that are taken away. */
  readonly removed?: ReadonlySet<GuardName>;
  readonly keepsLines?: boolean;
}

const WATCH_MS = 250;
const MOST_EVENTS = 200_000;
/** Longer than the longest wait of the engine. */
const CONVERGE_MS = 700_000;
/** Applications write for a while before anybody comes. */
const WARM_UP_MS = 1_200;
const SETTLE_MS = 2_000;
/** Longest time a request is held on the wire after everything was healed. */
const GHOSTS_MS = 60_000;
const PREPARE_MS = 3_600_000;
const RIVALS = 2;

const prepared = new Map<string, SimStart>();

/** Servers on which `migrate` has ended with ready for cutover; made once per shape. */
export async function readyServers(shape: Shape): Promise<SimStart> {
  const key = JSON.stringify(shape);
  const known = prepared.get(key);
  if (known !== undefined) return known;
  const migration = migrationOf(shape);
  const world = new SimWorld(migration, bareServers(shape, migration), allGuards);
  const kernel = new Kernel(world.engine, false);
  const operator = new Operator({
    kernel,
    world,
    name: 'preparer',
    intent: { goal: 'migrate' },
    takeOver: false,
    migration,
    hooks: noHooks,
    latencyMs: 1,
    clockOffsetMs: 0,
    journal: [],
    strike: () => [],
    strayed: () => undefined,
  });
  operator.start();
  await kernel.runUntil(() => operator.isOver, { at: PREPARE_MS, events: MOST_EVENTS });
  if (operator.result?.outcome !== 'ready-for-cutover')
    throw new Error(
      `migrate without faults ended ${operator.result?.outcome ?? 'not at all'} ${operator.result?.rule ?? operator.error ?? ''}`,
    );
  const start = world.snapshot();
  prepared.set(key, start);
  return start;
}

/** A run in progress. */
interface Stage {
  readonly scenario: Scenario;
  readonly world: SimWorld;
  readonly kernel: Kernel;
  readonly checker: Checker;
  readonly environment: Environment;
  readonly operators: Operator[];
  readonly rules: Set<string>;
}

/** Carries out one run. */
export async function simulate(
  scenario: Scenario,
  options: SimulateOptions = {},
): Promise<RunReport> {
  const migration = migrationOf(scenario.shape);
  const start =
    scenario.start === 'bare'
      ? bareServers(scenario.shape, migration)
      : await readyServers(scenario.shape);
  const removed = new Set(options.removed);
  if (scenario.isRegisterAlone) removed.add('leadership');
  const world = new SimWorld(migration, start, removed);
  const kernel = new Kernel(world.engine, options.keepsLines ?? false);
  const ledger = new Ledger();
  let commits = 0;
  const nextCommit = (): number => (commits += 1);
  const operators: Operator[] = [];
  const environment = new Environment({
    kernel,
    world,
    faults: scenario.faults,
    sequence: scenario.sequence,
    rival: ({ goal, hasOtherFile }) =>
      rival(stage, {
        goal,
        takeOver: false,
        migration: hasOtherFile ? otherFile(migration, scenario.otherFile) : migration,
      }),
    lateCommit: () => commitEverywhere(world, ledger, nextCommit),
  });
  const stage: Stage = {
    scenario,
    world,
    kernel,
    checker: new Checker(world, kernel, ledger),
    environment,
    operators,
    rules: new Set(),
  };
  const began = kernel.now;
  for (const mishap of scenario.mishaps) bringAbout(world, mishap);
  const stop = startWriters(stage, ledger, nextCommit);
  startWatches(stage);
  await pass(stage, WARM_UP_MS);
  await safety(stage);
  await converge(stage);
  const outcome = await afterGhosts(stage);
  stop();
  await kernel.runUntil(() => false, { at: kernel.now + SETTLE_MS, events: MOST_EVENTS });
  judge(stage, ledger);
  for (const operator of operators) for (const rule of operator.rules) stage.rules.add(rule);
  return {
    scenario,
    hash: kernel.hash(),
    violations: stage.checker.violations,
    events: kernel.events + world.engine.events,
    virtualMs: kernel.now - began,
    acknowledged: ledger.acknowledged(world),
    acts: environment.acts,
    cells: environment.cells,
    isSequenceOver: environment.isSequenceOver,
    rules: stage.rules,
    outcome,
    lines: kernel.lines,
  };
}

function startWriters(stage: Stage, ledger: Ledger, nextCommit: () => number): () => void {
  const { scenario, kernel, world } = stage;
  const prng = makePrng(scenario.seed).split('writers');
  const stops = world.databases.flatMap((database) =>
    Array.from({ length: scenario.writers }, (_, index) =>
      startWriter({
        kernel,
        world,
        ledger,
        prng: prng.split(`${database} ${index}`),
        database,
        login: applicationLogin,
        pauseMs: scenario.writePauseMs,
        nextCommit,
      }),
    ),
  );
  return () => {
    for (const each of stops) each();
  };
}

/** The dead-man on both sides, and the checks that go by time. */
function startWatches(stage: Stage): void {
  const { kernel, world, checker } = stage;
  const jobs: Readonly<Record<Side, DeadManJob>> = {
    source: new DeadManJob(kernel, world, 'source'),
    target: new DeadManJob(kernel, world, 'target'),
  };
  let isWatched = false;
  const look = (): void => {
    checker.fence();
    isWatched = (['source', 'target'] as const).some((side) => isOpen(world, side));
    if (isWatched) kernel.schedule(WATCH_MS, look);
  };
  world.onGuard = (side) => {
    jobs[side].wake();
    if (isWatched) return;
    isWatched = true;
    kernel.schedule(WATCH_MS, look);
  };
}

function isOpen(world: SimWorld, side: Side): boolean {
  const { register } = world.control[side];
  return register?.phase === 'fenced' || register?.isOwed === true;
}

interface RivalGiven {
  readonly goal: 'cutover' | 'abort';
  readonly takeOver: boolean;
  readonly migration: Migration;
}

/** A second operator appears, on a machine of its own. */
function rival(stage: Stage, given: RivalGiven): void {
  if (stage.environment.isHealed) return;
  if (stage.operators.filter((each) => each.options.name.startsWith('rival')).length >= RIVALS)
    return;
  const { goal, takeOver, migration } = given;
  const name = `rival${stage.operators.length}`;
  launch(stage, { name, intent: { goal }, takeOver, journal: [], migration });
}

interface Launch {
  readonly name: string;
  readonly intent: Intent;
  readonly takeOver: boolean;
  readonly journal: JournalEntry[];
  readonly migration?: Migration;
}

function launch(stage: Stage, given: Launch): Operator {
  const { kernel, world, environment, scenario } = stage;
  const operator = new Operator({
    kernel,
    world,
    migration: world.migration,
    ...given,
    // Whoever comes last has mended the programs.
    hooks: given.name.startsWith('healer') ? noHooks : scenario.hooks,
    latencyMs: scenario.latencyMs,
    clockOffsetMs: given.name === 'first' ? 0 : 3_600_000,
    strike: (struck) => environment.strike(struck),
    strayed: (what) => stage.checker.report('INV-9', what),
  });
  stage.operators.push(operator);
  operator.start();
  return operator;
}

async function safety(stage: Stage): Promise<void> {
  const { scenario, kernel } = stage;
  const journal: JournalEntry[] = [];
  const goals: readonly Intent[] =
    scenario.start === 'bare' ? [{ goal: 'migrate' }, ...scenario.goals] : scenario.goals;
  const { rival: second } = scenario;
  if (second !== null)
    kernel.schedule(second.afterMs, () =>
      rival(stage, { ...second, migration: stage.world.migration }),
    );
  const until = kernel.now + scenario.safetyMs;
  let goal = 0;
  while (goal < goals.length && kernel.now < until) {
    const intent = goals[goal];
    if (intent === undefined) break;
    const operator = launch(stage, { name: 'first', intent, takeOver: false, journal });
    await kernel.runUntil(() => operator.isOver, { at: until, events: MOST_EVENTS });
    stage.checker.operator(operator.acts, journal);
    if (!operator.isKilled || scenario.afterKill === 'next') goal += 1;
    if (!operator.isKilled) {
      if (scenario.pauseMs > 0) await pass(stage, scenario.pauseMs);
      continue;
    }
    if (scenario.restartAfterMs === null) break;
    await pass(stage, scenario.restartAfterMs);
  }
  const others = (): boolean => stage.operators.every((operator) => operator.isOver);
  await kernel.runUntil(others, { at: until, events: MOST_EVENTS });
}

async function pass(stage: Stage, delayMs: number): Promise<void> {
  const { kernel } = stage;
  let isOver = false;
  kernel.schedule(delayMs, () => {
    isOver = true;
  });
  await kernel.runUntil(() => isOver, { at: kernel.now + delayMs + 1, events: MOST_EVENTS });
}

/** Heals everything and lets one operator after the other try; how the last one ended. */
async function converge(stage: Stage): Promise<string> {
  stage.environment.heal();
  for (const operator of stage.operators) operator.kill(0);
  await pass(stage, 1_000);
  const wanted = stage.scenario.goals.at(-1) ?? { goal: 'cutover' };
  const tries: readonly Intent[] = [wanted, { goal: 'abort' }, { goal: 'cutover' }, wanted];
  let outcome = 'none';
  for (const intent of tries) {
    if (isSplit(stage.world)) await heal(stage, { goal: 'resolve-split-brain', loser: 'source' });
    const operator = await heal(stage, intent);
    const { result } = operator;
    outcome = result === null ? 'no end' : `${result.outcome} ${result.rule}`;
    if (result !== null && result.outcome !== 'outage-open' && writableSide(stage.world) !== null)
      return outcome;
  }
  return outcome;
}

/** One operator with everything in order. */
async function heal(stage: Stage, intent: Intent): Promise<Operator> {
  const { kernel, checker } = stage;
  const journal: JournalEntry[] = [];
  const name = `healer${stage.operators.length}`;
  const operator = launch(stage, { name, intent, takeOver: true, journal });
  await kernel.runUntil(() => operator.isOver, {
    at: kernel.now + CONVERGE_MS,
    events: MOST_EVENTS,
  });
  if (!operator.isOver) checker.report('INV-18', `${intent.goal} does not end`);
  if (operator.error !== null) checker.report('BUG', operator.error);
  checker.operator(operator.acts, journal);
  operator.kill(0);
  await pass(stage, 1_000);
  return operator;
}

function isSplit(world: SimWorld): boolean {
  return world.dag('source')?.role === 'PRIMARY' && world.dag('target')?.role === 'PRIMARY';
}

/** What is still held on the wire arrives: it changes nothing, or an operator brings it to its end. */
async function afterGhosts(stage: Stage): Promise<string> {
  const { kernel, world, operators } = stage;
  const isGone = (): boolean => world.underWay === 0;
  if (!isGone()) {
    await kernel.runUntil(isGone, { at: kernel.now + GHOSTS_MS, events: MOST_EVENTS });
    await pass(stage, 1_000);
    if (writableSide(world) === null) return await converge(stage);
  }
  const result = operators.at(-1)?.result ?? null;
  return result === null ? 'no end' : `${result.outcome} ${result.rule}`;
}

/** The one side on which every database takes writes; null when there is none, or there are two. */
export function writableSide(world: SimWorld): Side | null {
  const sides = (['source', 'target'] as const).filter((side) =>
    world.databases.every((name) => world.isWritable(side, name)),
  );
  if (sides.length === 1) return sides[0] ?? null;
  // Both stand alone after finish --drop: the target is the one that was migrated to.
  const isDropped = !world.hasDag('source') && !world.hasDag('target');
  return sides.length === 2 && isDropped ? 'target' : null;
}

/** INV-7 and INV-2 at the end of a run. */
function judge(stage: Stage, ledger: Ledger): void {
  const { world, checker, operators } = stage;
  for (const operator of operators)
    if (operator.error !== null) checker.report('BUG', operator.error);
  const side = writableSide(world);
  if (side === null) {
    checker.report('INV-7', 'no operator brought back exactly one writable copy');
    return;
  }
  const lost = ledger.missing(world, side);
  if (lost.length > 0 && !world.isLossAccepted)
    checker.report(
      'INV-2',
      `the ${side} misses ${lost.length} acknowledged commits, first ${lost[0]}`,
    );
}
