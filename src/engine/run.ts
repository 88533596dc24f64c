/**
 * The loop: observe, decide, act, until the goal is reached or a person is needed.
 *
 * What is due is decided in `reconcile/` from the newest observation alone; this file looks, sends,
 * waits, counts and tells. It knows no protocol and never acts on what it remembers. Every way out is
 * an `Ending`; the program may die at any line and the next run starts from what the servers show.
 */

import type { Act, ActReply } from '../model/act.ts';
import type {
  ActDecision,
  Decision,
  Intent,
  Memory,
  Policy,
  WaitDecision,
} from '../model/decision.ts';
import type { EngineEvent, RunResult } from '../model/event.ts';
import type { Migration } from '../model/migration.ts';
import type { Observation } from '../model/observation.ts';
import type { OutagePrediction } from '../model/outage.ts';
import type { Problem } from '../model/problem.ts';
import { serverError } from '../model/server-error.ts';
import type { ServerErrorClass } from '../model/server-error-kind.ts';
import type { Clock } from '../ports/clock.ts';
import type { Journal } from '../ports/journal.ts';
import type { Servers } from '../ports/servers.ts';
import { decide } from '../reconcile/decide.ts';
import { bindTo } from '../reconcile/look.ts';
import { actKey, rememberAct, rememberObservation, startMemory } from '../reconcile/memory.ts';
import { mirrorMigration, mirrorObservation } from '../reconcile/mirror.ts';
import { predictOutage } from '../reconcile/outage-prediction.ts';
import { defaultPolicy } from '../reconcile/policy.ts';
import { formatUtc } from '../base/utc.ts';
import { chainedActs, observationAfterReply } from './act-reply.ts';
import { actData, actText, instanceOf, replyData } from './act-text.ts';
import { endRules, endingOf, endingOfProblem, runProblem, type Ending } from './ending.ts';
import { memoryFromJournal, outageStart } from './journal-memory.ts';
import { makeOutageMeter, type OutageMeter } from './outage-meter.ts';
import { makePacing, type Pacing } from './pacing.ts';
import { defaultEnginePolicy, type EnginePolicy } from './policy.ts';
import { seedingProgress } from './progress.ts';

/** Looks over the shoulder of a run: hooks around the switch, prompts of a stepwise run. */
export interface Interception {
  /** Asked before a batch is sent; a problem refuses it and ends the run. */
  before?(act: Act, signal: AbortSignal): Promise<Problem | null>;
  /** Told after its reply. */
  after?(act: Act, reply: ActReply): Promise<void>;
}

/** One run. */
export interface RunOptions {
  readonly servers: Servers;
  readonly migration: Migration;
  readonly intent: Intent;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly emit: (event: EngineEvent) => void;
  /** Ends the run between two requests. */
  readonly signal: AbortSignal;
  readonly policy?: Policy;
  readonly enginePolicy?: EnginePolicy;
  readonly interception?: Interception;
}

/** What changes while a run goes on. */
interface Progress {
  memory: Memory;
  acts: number;
  /** Monotonic time of the newest observation; `null` before the first. */
  observedAt: number | null;
  /** Monotonic time since which a side does not answer; `null` while both do. */
  unreachableSince: number | null;
  /** Both sides have answered in this run. */
  everConnected: boolean;
  /** Newest thing waited for, and the monotonic time since which it is. */
  waitingFor: string;
  waitingSince: number;
  /** What the newest `waiting` event was about. */
  waitingTold: string;
  /** Newest act that failed, and how often in a row. */
  failing: { readonly key: string; readonly count: number };
  databases: readonly string[];
  /** Made when the demotion was decided; `null` before. */
  prediction: OutagePrediction | null;
}

interface Run extends RunOptions {
  readonly limits: EnginePolicy;
  readonly started: number;
  readonly progress: Progress;
  readonly pacing: Pacing;
  readonly meter: OutageMeter;
}

/** Runs until the goal is reached, a person is needed, a limit is passed or the signal is raised. */
export async function run(options: RunOptions): Promise<RunResult> {
  const { clock, journal } = options;
  const limits = options.enginePolicy ?? defaultEnginePolicy;
  const entries = journal.entries();
  const state: Run = {
    ...options,
    limits,
    started: clock.monotonic(),
    progress: {
      memory: memoryFromJournal(startMemory(options.intent), entries),
      acts: 0,
      observedAt: null,
      unreachableSince: null,
      everConnected: false,
      waitingFor: '',
      waitingSince: clock.monotonic(),
      waitingTold: '',
      failing: { key: '', count: 0 },
      databases: [],
      prediction: null,
    },
    pacing: makePacing(limits),
    meter: makeOutageMeter(clock, outageStart(entries)),
  };
  let ending: Ending | null = null;
  while (ending === null) ending = await pass(state);
  return conclude(state, ending);
}

/** One pass: a look, a decision, and what follows from it. */
async function pass(run: Run): Promise<Ending | null> {
  const ended = stopped(run);
  if (ended !== null) return ended;
  const observation = await observe(run);
  const state: Run = { ...run, migration: bindTo(run.migration, observation) };
  if (state.signal.aborted) return stopped(state);
  let decision = decideNow(state, observation);
  let seen = observation;
  // In the outage a reply stands for the next look; the chain has three links at most.
  for (;;) {
    const lost = unreachableEnding(state, seen, decision);
    if (lost !== null) return lost;
    const end = endingOf(decision, state.intent);
    if (end !== null) return end;
    if (decision.kind === 'wait') return await wait(state, decision);
    if (decision.kind !== 'act') return null;
    if (decision.act.kind === 'demote') notePrediction(state, seen);
    const reply = await perform(state, decision);
    if ('ending' in reply) return reply.ending;
    const after = observationAfterReply(seen, decision.act, reply.reply);
    if (after === null || state.signal.aborted || state.policy?.stepwise === true) return null;
    seen = after;
    decision = decideNow(state, seen);
    if (decision.kind !== 'act' || !chainedActs.has(decision.act.kind)) return null;
  }
}

/** What the switch was expected to cost, from the look it was decided on. */
function notePrediction(state: Run, seen: Observation): void {
  const { migration, progress } = state;
  const back = progress.memory.demoting === 'target';
  progress.prediction = predictOutage(
    back ? mirrorObservation(seen) : seen,
    back ? mirrorMigration(migration) : migration,
    state.policy ?? defaultPolicy,
  );
}

async function observe(state: Run): Promise<Observation> {
  const { progress, clock, meter } = state;
  meter.sent('observe');
  const observation = await state.servers.observe(state.signal);
  if (state.signal.aborted) return observation;
  const now = clock.monotonic();
  const elapsed = progress.observedAt === null ? 0 : now - progress.observedAt;
  progress.observedAt = now;
  progress.memory = rememberObservation(progress.memory, observation, elapsed);
  noteReach(state, observation, now);
  if (isPrimarySeen(observation)) meter.seenWritable();
  if (observation.source.databases.known) {
    progress.databases = observation.source.databases.value.map((database) => database.name);
  }
  state.emit({ kind: 'observed', observation, message: 'Both sides were read.' });
  const seeding = seedingProgress(observation);
  if (seeding.length > 0) {
    const names = seeding.map((one) => `[${one.database}] ${one.percent ?? 0} %`).join(', ');
    state.emit({ kind: 'progress', databases: seeding, message: `Seeding ${names}` });
  }
  return observation;
}

function decideNow(state: Run, observation: Observation): Decision {
  const decision = decide(observation, state.intent, {
    migration: state.migration,
    memory: state.progress.memory,
    policy: state.policy ?? defaultPolicy,
  });
  if (decision.kind !== 'wait') {
    state.emit({ kind: 'decided', rule: decision.rule, message: decision.because });
  }
  return decision;
}

/** A role of PRIMARY on either side ends the outage that the meter counts. */
function isPrimarySeen(observation: Observation): boolean {
  return [observation.source, observation.target].some(
    (side) => side.distributed.known && side.distributed.value?.localRoleDesc === 'PRIMARY',
  );
}

function noteReach(state: Run, observation: Observation, now: number): void {
  const { progress } = state;
  const away = unreachableProblem(observation) !== null;
  if (!away) progress.everConnected = true;
  progress.unreachableSince = away ? (progress.unreachableSince ?? now) : null;
}

function unreachableProblem(observation: Observation): Problem | null {
  for (const side of [observation.source, observation.target]) {
    if (side.connection.kind === 'unreachable') return side.connection.problem;
  }
  return null;
}

/** Waiting for a server makes sense only when it was there before and may come back by itself. */
function unreachableEnding(
  state: Run,
  observation: Observation,
  decision: Decision,
): Ending | null {
  const problem = unreachableProblem(observation);
  const { progress, limits, clock } = state;
  if (problem === null || decision.kind !== 'wait') return null;
  if (progress.memory.outageMs !== null) return null;
  const comesBack = problem.code.startsWith('SF-NET-') && problem.code !== 'SF-NET-004';
  const away = clock.monotonic() - (progress.unreachableSince ?? clock.monotonic());
  if (progress.everConnected && comesBack && away < limits.maxUnreachableMs) return null;
  return endingOfProblem(endRules.unreachable, problem, isOpen(state));
}

async function wait(state: Run, decision: WaitDecision): Promise<Ending | null> {
  const { progress, clock, limits } = state;
  const outage = progress.memory.outageMs !== null;
  const message = [decision.because, ...decision.blockers].join(' ');
  const mark = `${decision.rule} ${message} ${progress.memory.seedingMark ?? ''}`;
  if (mark !== progress.waitingFor) {
    progress.waitingFor = mark;
    progress.waitingSince = clock.monotonic();
  }
  // While a seeding runs its figures change with every look; they are told as progress.
  const told = decision.phase === 'seed' ? `${decision.rule} ${decision.because}` : message;
  if (told !== progress.waitingTold) {
    progress.waitingTold = told;
    state.emit({ kind: 'waiting', rule: decision.rule, message });
  }
  const idle = clock.monotonic() - progress.waitingSince;
  if (!outage && idle > limits.maxIdleMs) {
    const problem = runProblem('SF-RUN-001', [
      `Nothing has changed for ${Math.round(idle / 1000)} s.`,
      message,
    ]);
    return endingOfProblem(endRules.limit, problem, false);
  }
  try {
    await clock.sleep(state.pacing.afterWait(decision, outage), state.signal);
  } catch (error) {
    if (!state.signal.aborted) throw error;
  }
  return null;
}

/** Neither side takes writes, as far as this run or the journal knows. */
function isOpen(state: Run): boolean {
  return state.progress.memory.outageMs !== null || state.meter.isOpen();
}

/** Interruption and the limit of the whole run. */
function stopped(state: Run): Ending | null {
  const open = isOpen(state);
  if (state.signal.aborted) {
    const problem = runProblem(open ? 'SF-RUN-004' : 'SF-RUN-003', [
      `sqlferry ${state.intent.goal} was stopped between two steps after ${state.progress.acts} step(s).`,
    ]);
    return endingOfProblem(endRules.interrupted, problem, open);
  }
  const elapsed = state.clock.monotonic() - state.started;
  if (open || elapsed <= state.limits.maxRunMs) return null;
  const problem = runProblem('SF-RUN-001', [`The run took ${Math.round(elapsed / 1000)} s.`]);
  return endingOfProblem(endRules.limit, problem, false);
}

/** Errors that no repetition mends. A gap in the configuration is tried again: a link may still come up. */
const HOPELESS: ReadonlySet<ServerErrorClass> = new Set(['half-applied', 'never', 'operator']);

type Performed = { readonly reply: ActReply } | { readonly ending: Ending };

async function perform(state: Run, decision: ActDecision): Promise<Performed> {
  const { progress, migration, meter } = state;
  const { act } = decision;
  const open = (): boolean => isOpen(state);
  const refusal = (await state.interception?.before?.(act, state.signal)) ?? null;
  if (refusal !== null) return { ending: endingOfProblem(endRules.refused, refusal, open()) };
  if (state.signal.aborted) return { ending: stopped(state) ?? interruptedEnding(state) };
  const unwritten = note(state, decision, { kind: 'intent', data: {} });
  // Outside an outage nothing is sent that is not in the journal; during one it is only a hint.
  if (unwritten !== null && !open()) return { ending: unwritten };
  meter.sent(act);
  progress.acts += 1;
  // An act is never cut off: the run stops between acts, not in them.
  const reply = await state.servers.perform(act, new AbortController().signal);
  meter.replied(act, reply);
  progress.memory = rememberAct(progress.memory, act, reply);
  state.pacing.reset();
  note(state, decision, { kind: 'outcome', data: replyData(reply) });
  state.emit({
    kind: 'acted',
    rule: decision.rule,
    instance: instanceOf(act, migration),
    act: act.kind,
    message: actText(act, migration),
    elapsedMs: reply.elapsedMs,
    outcome: reply.outcome,
  });
  if (reply.outcome !== 'ok') {
    state.emit({ kind: 'problem', problem: reply.problem, message: reply.problem.summary });
  }
  await state.interception?.after?.(act, reply);
  const failing = failingEnding(state, act, reply);
  if (failing !== null) return { ending: failing };
  if (reply.outcome !== 'ok' && !open()) await pauseAfterFailure(state);
  return { reply };
}

function interruptedEnding(state: Run): Ending {
  return endingOfProblem(endRules.interrupted, runProblem('SF-RUN-003', []), isOpen(state));
}

/** The same act failing again and again, or failing for a reason that no repetition mends. */
function failingEnding(state: Run, act: Act, reply: ActReply): Ending | null {
  const { progress, limits } = state;
  if (reply.outcome !== 'failed') {
    progress.failing = { key: '', count: 0 };
    return null;
  }
  const key = actKey(act);
  const count = progress.failing.key === key ? progress.failing.count + 1 : 1;
  progress.failing = { key, count };
  const evidence = reply.problem.evidence;
  const kind = evidence === undefined ? undefined : serverError(evidence.number)?.class;
  const hopeless =
    reply.problem.code === 'SF-SQL-002' || (kind !== undefined && HOPELESS.has(kind));
  // A demotion that is refused ends its own epoch: the rules lift the fence and say what to do.
  const ends = count >= limits.maxFailures || (hopeless && act.kind !== 'demote');
  if (progress.memory.outageMs !== null || !ends) return null;
  return { ...endingOfProblem(endRules.failing, reply.problem, false), problem: null };
}

async function pauseAfterFailure(state: Run): Promise<void> {
  try {
    await state.clock.sleep(state.limits.pollMinMs, state.signal);
  } catch (error) {
    if (!state.signal.aborted) throw error;
  }
}

/** Writes one line; answers the end of the run when the journal refuses it. */
function note(
  state: Run,
  decision: ActDecision,
  line: { readonly kind: 'intent' | 'outcome'; readonly data: Readonly<Record<string, unknown>> },
): Ending | null {
  try {
    state.journal.append({
      at: formatUtc(state.clock.now()),
      kind: line.kind,
      rule: decision.rule,
      message: actText(decision.act, state.migration),
      data: { ...actData(decision.act), goal: state.intent.goal, ...line.data },
    });
    return null;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return endingOfProblem(endRules.journal, runProblem('SF-JRN-001', [reason]), false);
  }
}

function conclude(state: Run, ending: Ending): RunResult {
  const measure = state.meter.result();
  const { prediction } = state.progress;
  const result: RunResult = {
    outcome: ending.outcome,
    rule: ending.rule,
    acts: state.progress.acts,
    ...(measure === null ? {} : measure),
    ...(prediction === null ? {} : { predictedOutageMs: prediction.totalMs, prediction }),
    databases: state.progress.databases,
  };
  if (ending.problem !== null) {
    state.emit({ kind: 'problem', problem: ending.problem, message: ending.problem.summary });
  }
  state.emit({ kind: 'result', message: ending.message, result });
  return result;
}
