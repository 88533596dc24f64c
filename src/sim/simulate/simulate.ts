/**
 * One run: a safety phase in which everything may go wrong, then healing and the demand that one more
 * operator brings the migration to its goal, or says what a person has to do, with one writable copy.
 */

import { makePrng } from '../../base/prng.ts';
import type { Intent } from '../../model/decision.ts';
import type { Side } from '../../model/side.ts';
import type { JournalEntry } from '../../ports/journal.ts';
import { startedDeadMan, stepDeadMan, stopDeadMan, type DeadMan } from '../semantics/dead-man.ts';
import { allGuards, type GuardName } from '../semantics/guard.ts';
import { commitEverywhere, Ledger, startWriter } from './application.ts';
import { Checker, type Violation } from './checker.ts';
import { Environment } from './environment.ts';
import { Kernel } from './kernel.ts';
import { Operator } from './operator.ts';
import { applicationLogin, bareServers, migrationOf, type Shape } from './prepare.ts';
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

const JOB_POLL_MS = 200;
const WATCH_MS = 500;
const MOST_EVENTS = 200_000;
const CONVERGE_MS = 240_000;
/** Applications write for a while before anybody comes. */
const WARM_UP_MS = 1_200;
const SETTLE_MS = 15_000;
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
    latencyMs: 1,
    clockOffsetMs: 0,
    journal: [],
    strike: () => [],
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
    rival: (goal) => rival(stage, { goal }, false),
    lateCommit: () => commitEverywhere(world, ledger, nextCommit),
  });
  const stage: Stage = {
    scenario,
    world,
    kernel,
    checker: new Checker(world, kernel),
    environment,
    operators,
    rules: new Set(),
  };
  const began = kernel.now;
  const stop = startWriters(stage, ledger, nextCommit);
  startWatches(stage);
  await pass(stage, WARM_UP_MS);
  await safety(stage);
  const outcome = await converge(stage);
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

/** The dead-man's job on both sides, and the checks that go by time. */
function startWatches(stage: Stage): void {
  const { kernel, world, checker } = stage;
  const jobs: Record<Side, DeadMan> = { source: startedDeadMan, target: startedDeadMan };
  /** The job itself aborted its epoch: the shipping step goes on with no other aborted one. */
  const owns: Record<Side, boolean> = { source: false, target: false };
  const job = (side: Side): void => {
    const control = world.control[side];
    let pause = JOB_POLL_MS;
    if (control.deadManRunning && world.servers[side].isAgentRunning && world.isUp(side)) {
      world.expire();
      const isForeign = control.register?.phase === 'aborted' && !owns[side];
      if (isForeign) stopDeadMan(world, side);
      const next = isForeign ? null : stepDeadMan(world, side, jobs[side]);
      if (jobs[side].at === 'alter') world.restoreLogins(side, control.register?.prior ?? null);
      jobs[side] = next ?? startedDeadMan;
      owns[side] = next !== null && (owns[side] || next.at === 'alter');
      if (next?.at === 'alter') pause = 1;
    } else {
      jobs[side] = startedDeadMan;
      owns[side] = false;
    }
    kernel.schedule(pause, () => job(side));
  };
  const look = (): void => {
    checker.fence();
    kernel.schedule(WATCH_MS, look);
  };
  job('source');
  job('target');
  look();
}

/** A second operator appears, on a machine of its own. */
function rival(stage: Stage, intent: Intent, takeOver: boolean): void {
  if (stage.operators.filter((each) => each.options.name.startsWith('rival')).length >= RIVALS)
    return;
  launch(stage, { name: `rival${stage.operators.length}`, intent, takeOver, journal: [] });
}

interface Launch {
  readonly name: string;
  readonly intent: Intent;
  readonly takeOver: boolean;
  readonly journal: JournalEntry[];
}

function launch(stage: Stage, given: Launch): Operator {
  const { kernel, world, environment, scenario } = stage;
  const operator = new Operator({
    kernel,
    world,
    ...given,
    latencyMs: scenario.latencyMs,
    clockOffsetMs: given.name === 'first' ? 0 : 3_600_000,
    strike: (who, act, point) => environment.strike(who, act, point),
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
    kernel.schedule(second.afterMs, () => rival(stage, { goal: second.goal }, second.takeOver));
  const until = kernel.now + scenario.safetyMs;
  let goal = 0;
  while (goal < goals.length && kernel.now < until) {
    const intent = goals[goal];
    if (intent === undefined) break;
    const operator = launch(stage, { name: 'first', intent, takeOver: false, journal });
    await kernel.runUntil(() => operator.isOver, { at: until, events: MOST_EVENTS });
    stage.checker.operator(operator.acts, journal);
    if (!operator.isKilled || scenario.afterKill === 'next') goal += 1;
    if (!operator.isKilled) continue;
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
  const { kernel, checker, environment, operators, scenario } = stage;
  environment.heal();
  for (const operator of operators) operator.kill(0);
  await pass(stage, 1_000);
  const wanted = scenario.goals.at(-1) ?? { goal: 'cutover' };
  const tries: readonly Intent[] = [wanted, { goal: 'abort' }, { goal: 'cutover' }, wanted];
  let outcome = 'none';
  for (const [index, intent] of tries.entries()) {
    const journal: JournalEntry[] = [];
    const operator = launch(stage, { name: `healer${index}`, intent, takeOver: true, journal });
    await kernel.runUntil(() => operator.isOver, {
      at: kernel.now + CONVERGE_MS,
      events: MOST_EVENTS,
    });
    if (operator.error !== null) checker.report('BUG', operator.error);
    checker.operator(operator.acts, journal);
    operator.kill(0);
    const { result } = operator;
    outcome = result === null ? 'no end' : `${result.outcome} ${result.rule}`;
    await pass(stage, 1_000);
    if (result !== null && result.outcome !== 'outage-open' && writableSide(stage.world) !== null)
      return outcome;
  }
  return outcome;
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
