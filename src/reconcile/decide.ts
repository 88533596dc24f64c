/**
 * The decision for one observation: the first rule of the intent's list that applies.
 *
 * Pure and total. The rules are in `rules/`; the order in `table.ts` is part of their meaning.
 */

import { unreachable } from '../base/assert.ts';
import type { Act } from '../model/act.ts';
import type { ActDecision, Decision, Intent, Policy, WaitDecision } from '../model/decision.ts';
import type { Observation } from '../model/observation.ts';
import { otherSide, type Side } from '../model/side.ts';
import { attemptsOf } from './memory.ts';
import { mirrorDecision, mirrorMemory, mirrorMigration, mirrorObservation } from './mirror.ts';
import { bindTo } from './look.ts';
import { demotingSide, leavingSide } from './register-look.ts';
import type { DecideContext, Situation } from './rule.ts';
import { rulesFor } from './table.ts';

/** Id of the answer when no rule applies: the servers show a combination that is not foreseen. */
export const unforeseenRuleId = 'R-UNFORESEEN';

/** Id of the answer when an act was repeated too often without effect. */
export const attemptsRuleId = 'R-NO-EFFECT';

/** Decides what is due. Never throws; gives exactly one answer for every observation. */
export function decide(observation: Observation, intent: Intent, context: DecideContext): Decision {
  const side = demotingSideOf(observation, intent);
  const memory = context.memory.demoting === side ? context.memory : mirrorMemory(context.memory);
  const migration = bindTo(context.migration, observation);
  if (side === 'source')
    return decideForward(observation, intent, { ...context, memory, migration });
  return mirrorDecision(
    decideForward(mirrorObservation(observation), intent, {
      ...context,
      memory,
      migration: mirrorMigration(migration),
    }),
  );
}

/** The side that gives the role away, or gave it, for this intent. */
export function demotingSideOf(observation: Observation, intent: Intent): Side {
  switch (intent.goal) {
    case 'migrate':
    case 'cutover':
      return 'source';
    case 'finish':
      return leavingSide(observation, intent);
    case 'failback':
      return 'target';
    case 'abort':
      return demotingSide(observation);
    case 'force':
      return otherSide(intent.side);
    case 'resolve-split-brain':
      return intent.loser;
  }
  return unreachable(intent);
}

function decideForward(observation: Observation, intent: Intent, context: DecideContext): Decision {
  const situation: Situation = { ...context, observation, intent };
  for (const rule of rulesFor(intent)) {
    const decision = rule.evaluate(situation);
    if (decision === null) continue;
    if (decision.kind === 'act') return limited(decision, context);
    return decision.kind === 'wait' ? patient(decision, context) : decision;
  }
  return {
    kind: 'needs-human',
    rule: unforeseenRuleId,
    phase: 'stopped',
    because: 'The servers show a combination of states that no rule covers.',
    blockers: [],
    remedy:
      'Run sqlferry status --json and compare both sides with docs/cutover.md before changing anything.',
    outageOpen: context.memory.outageMs !== null,
  };
}

/** Id of the answer when an outage lasts although nothing is left to do but wait. */
export const overdueRuleId = 'R-OUTAGE-OVERDUE';

/** No wait of an outage lasts for ever: past the budget and some patience a person has to look. */
function patient(decision: WaitDecision, { memory, migration, policy }: DecideContext): Decision {
  const limit = migration.cutover.maxOutageMs + policy.overduePatienceMs;
  if (memory.outageMs === null || memory.outageMs <= limit) return decision;
  return {
    kind: 'needs-human',
    rule: overdueRuleId,
    phase: decision.phase,
    because: `No copy is known to be writable for ${Math.round(memory.outageMs / 1000)} s. ${decision.because}`,
    blockers: [`${decision.rule} still waits.`, ...decision.blockers],
    remedy:
      'Mend what is named, then run sqlferry cutover (goes forward) or sqlferry abort (gives the role back to the source).',
    outageOpen: true,
  };
}

/** An act whose effect the servers do not show is not repeated for ever. */
function limited(decision: ActDecision, context: DecideContext): Decision {
  const done = attemptsOf(context.memory, decision.act);
  const limit = limitOf(decision.act, context.policy);
  if (done < limit) return decision;
  return {
    kind: 'needs-human',
    rule: attemptsRuleId,
    phase: decision.phase,
    because: `${decision.because} It was done ${done} times in this run and the servers do not show the effect.`,
    blockers: [`${decision.rule}: ${decision.act.kind} on the ${decision.act.side} has no effect.`],
    remedy: 'Read the error log of that instance, mend the cause, then run the same command again.',
    outageOpen: context.memory.outageMs !== null,
  };
}

function limitOf(act: Act, policy: Policy): number {
  switch (act.kind) {
    case 'kill-sessions':
      return policy.maxSessionKills;
    case 'restart-seeding':
      return policy.maxSeedingRestarts;
    case 'create-endpoint':
    case 'start-endpoint':
    case 'create-peer-login':
    case 'grant-endpoint-connect':
    case 'create-availability-group':
    case 'add-database':
    case 'grant-create-database':
    case 'join-availability-group':
    case 'create-listener':
    case 'set-failover-mode':
    case 'create-distributed':
    case 'join-distributed':
    case 'resume-database':
    case 'set-replica-synchronous':
    case 'set-distributed-mode':
    case 'disable-login':
    case 'enable-login':
    case 'demote':
    case 'promote':
    case 'give-back':
    case 'create-control-database':
    case 'create-register':
    case 'drop-register':
    case 'create-dead-man':
    case 'rehearse-dead-man':
    case 'drop-dead-man':
    case 'set-required-secondaries':
    case 'record-prior-state':
    case 'await-lsns':
    case 'commit-epoch':
    case 'refuse-epoch':
    case 'close-epoch':
    case 'fence-split-brain':
    case 'force-promote-accepting-data-loss':
    case 'take-over':
    case 'drop-distributed':
      return policy.maxAttempts;
  }
  return unreachable(act);
}
