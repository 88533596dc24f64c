/**
 * The runbook: the rules run over predicted observations, from where the servers stand to the finish.
 *
 * Acts that depend on what goes wrong (starting a seeding again, resuming, giving the role back) are
 * not steps of the way; they are the recovery set beside it (`recovery.ts`).
 */

import { unreachable } from '../base/assert.ts';
import { shownName } from '../base/name.ts';
import type { Act, ActKind } from '../model/act.ts';
import type { Decision, HumanDecision, Intent, Memory, Phase, Policy } from '../model/decision.ts';
import { known } from '../model/fact.ts';
import type { Migration } from '../model/migration.ts';
import type { Observation } from '../model/observation.ts';
import type { PlanPhase } from '../model/plan.ts';
import type { PlannedAct, PlannedWork } from '../model/planned-act.ts';
import { citation } from '../model/reference.ts';
import type { Side } from '../model/side.ts';
import { decide, demotingSideOf } from './decide.ts';
import { bindTo, dagRole } from './look.ts';
import { emptyMemory, rememberAct, rememberObservation, startMemory } from './memory.ts';
import { glance } from './parts.ts';
import { mirrorText } from './mirror.ts';
import { predict, settle } from './predict.ts';
import { recoveryActs } from './recovery.ts';
import { allRules } from './table.ts';

/** What to plan with. */
export interface PlanOptions {
  readonly migration: Migration;
  readonly policy: Policy;
  /** What `finish` will be asked for. */
  readonly finish: 'keep' | 'drop';
  /** Plans these instead of the whole way. */
  readonly intents?: readonly Intent[];
}

/** More acts than any migration of 1,000 databases needs; reached only by a fault in the rules. */
const maxSteps = 3000;

/** Passes without an act after which a wait counts as one that time alone does not end. */
const maxIdle = 4;

/** Plans every act up to and with the finish. Pure; asks no server. */
export function planActs(observation: Observation, given: PlanOptions): PlannedWork {
  const options = { ...given, migration: bindTo(given.migration, observation) };
  const acts: PlannedAct[] = [];
  const first = options.intents?.[0];
  let state: Walk = {
    observation: settle(observation, options.migration),
    memory: first === undefined ? emptyMemory : startMemory(first),
  };
  const recovery = recoveryActs(observation, options.migration).map((each): PlannedAct => ({
    ...plannedAct(each.rule, each.act, each.from === 'target'),
    phase: 'recovery',
  }));
  const intents: readonly Intent[] = options.intents ?? [
    { goal: 'migrate' },
    { goal: 'cutover' },
    { goal: 'finish', distributed: options.finish },
  ];
  for (const intent of intents) {
    if (intent.goal === 'cutover' || intent.goal === 'failback') {
      state = withPossibleSession(state, intent.goal === 'cutover' ? 'source' : 'target');
    }
    const leg = walk(state, intent, options);
    acts.push(...leg.acts);
    state = leg.state;
    // A cutover that is half done is planned on from where it stands.
    const halfDone = intent.goal === 'migrate' && leg.stopped?.outageOpen === true;
    if (leg.stopped !== null && !halfDone) return { acts, recovery, stopped: leg.stopped };
  }
  return { acts, recovery, stopped: null };
}

interface Walk {
  readonly observation: Observation;
  readonly memory: Memory;
}

interface Leg {
  readonly acts: readonly PlannedAct[];
  readonly state: Walk;
  readonly stopped: HumanDecision | null;
}

function walk(start: Walk, intent: Intent, { migration, policy }: PlanOptions): Leg {
  const acts: PlannedAct[] = [];
  let { observation, memory } = start;
  let idle = 0;
  for (let step = 0; step < maxSteps; step += 1) {
    // Long passes, so that every grace and pause is over; the outage is planned as a short one.
    memory = rememberObservation(memory, observation, migration.cutover.killSessionsAfterMs + 1);
    const shortOutage: Memory = {
      ...memory,
      outageMs: memory.outageMs === null ? null : 0,
      seedingStillMs: 0,
    };
    const decision = decide(observation, intent, { migration, policy, memory: shortOutage });
    const state = { observation, memory };
    switch (decision.kind) {
      case 'act':
        acts.push(
          plannedAct(decision.rule, decision.act, demotingSideOf(observation, intent) === 'target'),
        );
        memory = rememberAct(memory, decision.act, { outcome: 'ok', elapsedMs: 0 });
        observation = predict(observation, decision.act, migration);
        idle = 0;
        break;
      case 'wait':
        idle += 1;
        if (idle > maxIdle) return { acts, state, stopped: endless(decision) };
        observation = settle(observation, migration);
        break;
      case 'needs-human':
        return { acts, state, stopped: decision };
      case 'done':
        return { acts, state, stopped: null };
    }
  }
  return { acts, state: { observation, memory }, stopped: tooLong };
}

const tooLong: HumanDecision = {
  kind: 'needs-human',
  rule: 'R-PLAN-LIMIT',
  phase: 'stopped',
  because: `The plan has more than ${maxSteps} steps.`,
  blockers: [],
  remedy: 'Move fewer databases at once.',
  outageOpen: false,
};

function endless(decision: Extract<Decision, { kind: 'wait' }>): HumanDecision {
  return {
    kind: 'needs-human',
    rule: decision.rule,
    phase: decision.phase,
    because: decision.because,
    blockers: decision.blockers,
    remedy: 'Mend what is named, then plan again.',
    outageOpen: false,
  };
}

/** Applications are assumed to be connected, so that the step which ends their sessions is in the plan. */
function withPossibleSession({ observation, memory }: Walk, side: Side): Walk {
  const { sessions } = observation[side];
  const part = side === 'source' ? 'sourceDag' : 'targetDag';
  const serves = dagRole(glance(observation, part)) === 'PRIMARY';
  if (!serves || !sessions.known || sessions.value.length > 0) return { observation, memory };
  const session = {
    sessionId: 0,
    loginName: 'any login',
    hostName: null,
    programName: null,
    database: null,
    loginTimeUtc: '',
    openTransactions: 0,
  };
  const own = { ...observation[side], sessions: known([session]) };
  return { observation: { ...observation, [side]: own }, memory };
}

/** The texts of a rule speak of a source that gives the role away; the other way round they are mirrored. */
function plannedAct(ruleId: string, act: Act, isMirrored: boolean): PlannedAct {
  const words = (text: string): string => (isMirrored ? mirrorText(text) : text);
  const rule = allRules.find((candidate) => candidate.id === ruleId);
  const object =
    'login' in act
      ? shownName(act.login)
      : 'database' in act
        ? shownName(act.database)
        : 'replica' in act
          ? shownName(act.replica)
          : null;
  return {
    rule: ruleId,
    phase: planPhase(rule?.phase ?? 'prepare'),
    act,
    title: `${words(rule?.title ?? act.kind)}${object === null ? '' : `: ${object}`}`,
    why: words(rule?.why ?? ''),
    undo: inverse(act),
    reversal: words(rule?.reversal ?? 'None.'),
    outage: outageActs.has(act.kind),
    reference: citation(rule?.reference ?? 'standalone'),
  };
}

/** Acts that no copy is writable at. */
const outageActs: ReadonlySet<ActKind> = new Set<ActKind>([
  'demote',
  'await-lsns',
  'commit-epoch',
  'promote',
  'give-back',
]);

function planPhase(phase: Phase): PlanPhase {
  switch (phase) {
    case 'prepare':
    case 'stopped':
      return 'prepare';
    case 'create':
      return 'create';
    case 'seed':
      return 'seed';
    case 'ready':
    case 'synchronise':
    case 'fence':
    case 'switch':
    case 'verify':
    case 'abort':
      return 'cutover';
    case 'finish':
      return 'finish';
  }
  return unreachable(phase);
}

/** The act that takes another back, where sqlferry has one. */
export function inverse(act: Act): Act | null {
  switch (act.kind) {
    case 'create-distributed':
    case 'join-distributed':
      return { kind: 'drop-distributed', side: act.side };
    case 'set-distributed-mode':
      return {
        kind: 'set-distributed-mode',
        side: act.side,
        mode: act.mode === 'SYNCHRONOUS_COMMIT' ? 'ASYNCHRONOUS_COMMIT' : 'SYNCHRONOUS_COMMIT',
      };
    case 'set-failover-mode':
      return { ...act, mode: act.mode === 'MANUAL' ? 'AUTOMATIC' : 'MANUAL' };
    case 'disable-login':
      return { ...act, kind: 'enable-login' };
    case 'enable-login':
      return { ...act, kind: 'disable-login' };
    case 'demote':
      return {
        kind: 'give-back',
        side: act.side,
        databases: act.databases,
        epoch: act.fromEpoch + 1n,
        from: 'fenced',
      };
    case 'create-register':
      return { kind: 'drop-register', side: act.side };
    case 'create-dead-man':
      return { kind: 'drop-dead-man', side: act.side };
    case 'set-required-secondaries':
      return {
        kind: 'set-required-secondaries',
        side: act.side,
        value: act.value === 1 ? 0 : 1,
      };
    case 'create-endpoint':
    case 'start-endpoint':
    case 'create-peer-login':
    case 'grant-endpoint-connect':
    case 'create-availability-group':
    case 'add-database':
    case 'grant-create-database':
    case 'join-availability-group':
    case 'create-listener':
    case 'restart-seeding':
    case 'resume-database':
    case 'set-replica-synchronous':
    case 'kill-sessions':
    case 'promote':
    case 'give-back':
    case 'create-control-database':
    case 'drop-register':
    case 'rehearse-dead-man':
    case 'drop-dead-man':
    case 'record-prior-state':
    case 'await-lsns':
    case 'commit-epoch':
    case 'refuse-epoch':
    case 'close-epoch':
    case 'fence-split-brain':
    case 'force-promote-accepting-data-loss':
    case 'take-over':
    case 'drop-distributed':
      return null;
  }
  return unreachable(act);
}
