/**
 * Which rules are looked at for which intent, in which order: the first that applies wins.
 *
 * The order is part of the meaning: who answers and who is primary comes before everything, what is
 * half done before what is new. `docs/rules.md` and `explain` are made from this table.
 */

import { unreachable } from '../base/assert.ts';
import type { Intent } from '../model/decision.ts';
import { unknownRuleId, type Rule, type RuleText } from './rule.ts';
import * as abort from './rules/abort.ts';
import * as common from './rules/common.ts';
import * as create from './rules/create.ts';
import * as cutover from './rules/cutover.ts';
import * as finish from './rules/finish.ts';
import * as outage from './rules/outage.ts';
import * as prepare from './rules/prepare.ts';
import * as seed from './rules/seed.ts';
import * as verify from './rules/verify.ts';

/** Who answers; looked at before anything else. */
const reach: readonly Rule[] = [
  common.bothUnreachable,
  common.targetLostWait,
  common.targetLost,
  common.targetUnreachable,
  common.sourceLost,
  common.sourceUnreachable,
];

/** Who is who, and whether anything moves. */
const roles: readonly Rule[] = [
  common.wrongServer,
  common.splitBrain,
  common.otherOperator,
  common.roleChanging,
];

/** `migrate`. */
export const migrateRules: readonly Rule[] = [
  common.unsupportedPath,
  prepare.manualSeeding,
  ...reach,
  ...roles,
  common.outageOpen,
  prepare.alreadyCutOver,
  common.oneSided,
  prepare.prerequisites,
  prepare.databaseMissing,
  prepare.databaseNotReady,
  prepare.nameTaken,
  prepare.targetGroupNotEmpty,
  create.groupShape,
  create.dagShape,
  prepare.endpointShape,
  prepare.endpointCreate,
  prepare.endpointStart,
  prepare.peerLoginCreate,
  prepare.peerConnectGrant,
  create.sourceGroupCreate,
  create.databaseAdd,
  create.targetGroupCreate,
  create.grantCreateDatabase,
  create.sourceGroupWait,
  create.dagCreate,
  create.dagJoin,
  seed.waitConnect,
  seed.suspendedByUser,
  seed.resumeDatabase,
  seed.seedingBlocked,
  seed.seedingStuck,
  seed.seedingRestart,
  seed.waitSeeding,
  seed.waitSynchronizing,
  seed.ready,
];

/** `cutover`. */
export const cutoverRules: readonly Rule[] = [
  common.unsupportedPath,
  ...reach,
  ...roles,
  verify.waitOnline,
  verify.enableTargetLogin,
  verify.sourceAway,
  verify.cutoverDone,
  outage.unsettledWait,
  outage.unsettled,
  outage.promote,
  outage.giveBack,
  outage.outageWait,
  common.oneSided,
  abort.abortEnableLogin,
  cutover.takenBack,
  cutover.waitLink,
  cutover.notReady,
  cutover.fenceLoginMissing,
  cutover.replicaSynchronous,
  cutover.dagSynchronous,
  cutover.waitSynchronized,
  cutover.waitRedo,
  cutover.fenceLogin,
  cutover.waitSessions,
  cutover.sessionsReturn,
  cutover.killSessions,
  cutover.waitQuiet,
  cutover.waitEqual,
  cutover.demote,
];

/** `abort`. */
export const abortRules: readonly Rule[] = [
  common.unsupportedPath,
  // A dead target must not keep the applications out of a source that serves.
  common.wrongServer,
  common.splitBrain,
  common.otherOperator,
  abort.abortEnableLogin,
  ...reach,
  common.roleChanging,
  abort.abortTooLate,
  outage.unsettledWait,
  outage.unsettled,
  abort.abortGiveBack,
  common.oneSided,
  abort.abortNoGroup,
  abort.abortAsynchronous,
  abort.abortLoginLeft,
  abort.abortDone,
];

/** `finish --keep`. */
export const keepRules: readonly Rule[] = [
  common.unsupportedPath,
  ...reach,
  ...roles,
  common.outageOpen,
  finish.notCutOver,
  finish.nothingToKeep,
  common.oneSided,
  finish.keepAsynchronous,
  finish.keepDone,
];

/** `finish --drop`. */
export const dropRules: readonly Rule[] = [
  common.unsupportedPath,
  ...reach,
  ...roles,
  common.outageOpen,
  finish.notCutOver,
  finish.dropTargetNotServing,
  finish.dropSessions,
  finish.dropLogins,
  finish.dropTarget,
  finish.dropSource,
  finish.dropDone,
];

/** Every rule once, in the order of the way. */
export const allRules: readonly Rule[] = [
  ...new Set([...migrateRules, ...cutoverRules, ...abortRules, ...keepRules, ...dropRules]),
];

/** Answers that no single rule gives, for `explain` and the documentation. */
export const generalAnswers: readonly RuleText[] = [
  {
    id: unknownRuleId,
    phase: 'stopped',
    title: 'A fact that the next rule needs is not known',
    why: 'What cannot be read never counts as in order; during an outage it is waited for, otherwise a person is asked.',
    emits: 'needs-human',
    reversal: null,
    reference: 'metadataVisibility',
  },
  {
    id: 'R-NO-EFFECT',
    phase: 'stopped',
    title: 'Stop: an act was repeated and the servers do not show its effect',
    why: 'No act is repeated for ever.',
    emits: 'needs-human',
    reversal: null,
    reference: 'configure',
  },
  {
    id: 'R-OUTAGE-OVERDUE',
    phase: 'switch',
    title: 'Stop: the outage lasts, and there is nothing left to do but wait',
    why: 'Past maxOutage and a minute of patience a person has to look.',
    emits: 'needs-human',
    reversal: null,
    reference: 'configure',
  },
  {
    id: 'R-UNFORESEEN',
    phase: 'stopped',
    title: 'Stop: no rule covers what the servers show',
    why: 'What is not understood is an error, never silence.',
    emits: 'needs-human',
    reversal: null,
    reference: 'configure',
  },
  {
    id: 'R-PLAN-LIMIT',
    phase: 'stopped',
    title: 'Stop: the plan is longer than any migration needs',
    why: 'The plan is made by running the rules over predicted servers, and that must come to an end.',
    emits: 'needs-human',
    reversal: null,
    reference: 'standalone',
  },
];

/** The rules of an intent. */
export function rulesFor(intent: Intent): readonly Rule[] {
  switch (intent.goal) {
    case 'migrate':
      return migrateRules;
    case 'cutover':
      return cutoverRules;
    case 'abort':
      return abortRules;
    case 'finish':
      return intent.distributed === 'keep' ? keepRules : dropRules;
  }
  return unreachable(intent);
}
