/**
 * Which rules are looked at for which intent, in which order: the first that applies wins.
 *
 * The order is part of the meaning: who answers and who is primary comes before everything, what is
 * half done before what is new. `docs/rules.md` and `explain` are made from this table.
 */

import { unreachable } from '../base/assert.ts';
import type { Intent } from '../model/decision.ts';
import type { Rule } from './rule.ts';
import * as abort from './rules/abort.ts';
import * as common from './rules/common.ts';
import * as create from './rules/create.ts';
import * as cutover from './rules/cutover.ts';
import * as disaster from './rules/disaster.ts';
import * as failoverMode from './rules/failover-mode.ts';
import * as fence from './rules/fence.ts';
import * as finish from './rules/finish.ts';
import * as giveBack from './rules/give-back.ts';
import * as localFailover from './rules/local-failover.ts';
import * as operator from './rules/operator.ts';
import * as otherFile from './rules/other-file.ts';
import * as outage from './rules/outage.ts';
import * as preflight from './rules/preflight.ts';
import * as prepare from './rules/prepare.ts';
import * as registerFollow from './rules/register-follow.ts';
import * as register from './rules/register.ts';
import * as replicaEndpoint from './rules/replica-endpoint.ts';
import * as replicaGroup from './rules/replica-group.ts';
import * as replicaLogin from './rules/replica-login.ts';
import * as seed from './rules/seed.ts';
import * as verify from './rules/verify.ts';

/** Who answers; looked at before anything else. */
const reach: readonly Rule[] = [
  common.bothUnreachable,
  operator.takeOverAlone,
  operator.otherOperatorAlone,
  giveBack.releaseRequiredAlone,
  giveBack.giveBackAlone,
  common.targetLostWait,
  common.targetLost,
  common.targetUnreachable,
  common.sourceLost,
  common.sourceUnreachable,
];

/** Acts on the source while the target does not answer. */
const alone: ReadonlySet<Rule> = new Set<Rule>([
  operator.takeOverAlone,
  operator.otherOperatorAlone,
  giveBack.releaseRequiredAlone,
  giveBack.giveBackAlone,
]);

/** Who answers, for goals that never take the role back. */
const plainReach: readonly Rule[] = reach.filter((rule) => !alone.has(rule));

/** Who operates. */
const operators: readonly Rule[] = [
  operator.takeOver,
  operator.otherOperatorWait,
  operator.otherOperator,
];

/** Who is who, and whether anything moves. */
const roles: readonly Rule[] = [
  common.wrongServer,
  register.registerNotOurs,
  otherFile.otherGroup,
  common.splitBrain,
  ...operators,
  common.roleChanging,
  localFailover.registerElsewhere,
];

/** `migrate`. */
export const migrateRules: readonly Rule[] = [
  common.unsupportedPath,
  prepare.manualSeeding,
  ...plainReach,
  ...roles,
  register.otherDirection,
  outage.demotedByHand,
  common.outageOpen,
  prepare.alreadyCutOver,
  common.oneSided,
  replicaEndpoint.replicaAway,
  prepare.prerequisites,
  replicaEndpoint.replicaPrerequisites,
  replicaGroup.replicaSet,
  prepare.databaseMissing,
  prepare.databaseNotReady,
  prepare.nameTaken,
  replicaGroup.replicaNameTaken,
  prepare.targetGroupNotEmpty,
  create.groupShape,
  create.dagShape,
  registerFollow.registerOutdated,
  register.controlDatabaseCreate,
  register.registerCreate,
  registerFollow.priorStateMoved,
  registerFollow.registerMoved,
  preflight.deadManCreate,
  registerFollow.deadManMoved,
  prepare.endpointShape,
  replicaEndpoint.replicaEndpointShape,
  prepare.endpointCreate,
  prepare.endpointStart,
  prepare.peerLoginCreate,
  prepare.peerConnectGrant,
  replicaEndpoint.replicaEndpointCreate,
  replicaEndpoint.replicaEndpointStart,
  replicaEndpoint.replicaLoginCreate,
  replicaEndpoint.replicaConnectGrant,
  create.sourceGroupCreate,
  create.databaseAdd,
  create.targetGroupCreate,
  create.grantCreateDatabase,
  replicaGroup.replicaJoin,
  replicaGroup.replicaGrant,
  replicaGroup.listenerShape,
  replicaGroup.listenerCreate,
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
  replicaGroup.replicaWait,
  seed.ready,
];

/** The target serves: what is left to do there and to say. */
const promoted: readonly Rule[] = [
  verify.endFence,
  verify.fenceExpired,
  verify.waitOnline,
  verify.enableTargetLogin,
  replicaLogin.enableReplicaLogin,
  verify.sourceAway,
  verify.closeEpoch,
  verify.requiredOff,
  ...failoverMode.modesRestored,
];

/** Nobody is primary: forward, or back. */
const demoted: readonly Rule[] = [
  outage.demotedByHand,
  register.renewDatabase,
  register.renewRegister,
  giveBack.releaseRequired,
  giveBack.giveBack,
  outage.promote,
  outage.revoke,
  outage.commitEpoch,
  outage.awaitLsns,
  outage.outageWait,
];

/** `cutover`; `failback` is the same with the sides exchanged. */
export const cutoverRules: readonly Rule[] = [
  common.unsupportedPath,
  ...reach,
  ...roles,
  register.otherDirection,
  ...promoted,
  verify.cutoverDone,
  ...demoted,
  common.oneSided,
  giveBack.refuseStaleEpoch,
  giveBack.endStaleFence,
  abort.abortEnableLogin,
  cutover.takenBack,
  otherFile.otherDatabases,
  preflight.failbackVersions,
  register.otherEpochClose,
  seed.suspendedByUser,
  seed.resumeDatabase,
  cutover.releaseLink,
  cutover.waitLink,
  cutover.notReady,
  registerFollow.registerOutdated,
  registerFollow.followDatabase,
  registerFollow.followRegister,
  registerFollow.priorStateMoved,
  registerFollow.registerMoved,
  registerFollow.deadManMoved,
  localFailover.replicaGate,
  cutover.fenceLoginMissing,
  register.registerMissing,
  preflight.budgetTooSmall,
  preflight.outagePredicted,
  preflight.deadManCreate,
  preflight.deadManAbsent,
  preflight.deadManBusy,
  preflight.deadManRehearse,
  preflight.recordPriorState,
  cutover.replicaSynchronous,
  cutover.dagSynchronous,
  failoverMode.failoverManual,
  failoverMode.failoverDrifted,
  cutover.waitSynchronized,
  cutover.requireSecondaries,
  cutover.waitRedo,
  fence.fenceLogin,
  fence.waitSessions,
  fence.sessionsReturn,
  fence.killSessions,
  fence.waitQuiet,
  fence.waitEqual,
  cutover.demote,
];

/** `abort`: of a cutover, or with the sides exchanged of a failback. */
export const abortRules: readonly Rule[] = [
  common.unsupportedPath,
  // A dead target must not keep the applications out of a source that serves.
  common.wrongServer,
  register.registerNotOurs,
  otherFile.otherGroup,
  common.splitBrain,
  ...operators,
  giveBack.refuseStaleEpoch,
  abort.abortEnableLogin,
  replicaLogin.abortReplicaLogin,
  ...reach,
  common.roleChanging,
  localFailover.registerElsewhere,
  abort.abortTooLate,
  outage.demotedByHand,
  register.renewDatabase,
  register.renewRegister,
  giveBack.releaseRequired,
  giveBack.giveBack,
  outage.revoke,
  outage.outageWait,
  common.oneSided,
  giveBack.endStaleFence,
  verify.requiredOff,
  ...failoverMode.modesRestored,
  abort.abortNoGroup,
  abort.abortAsynchronous,
  abort.abortLoginLeft,
  abort.abortDone,
];

/** `--accept-data-loss`: the target is forced while the source cannot be seen. */
export const forceRules: readonly Rule[] = [
  common.unsupportedPath,
  disaster.forceUnreachable,
  disaster.forceNotNeeded,
  operator.takeOverForced,
  operator.otherOperatorForced,
  disaster.forceWait,
  disaster.forcePromote,
  disaster.forceNothing,
  disaster.forceDone,
];

/** A split brain: the source was typed as the side that loses. */
export const splitBrainRules: readonly Rule[] = [
  common.unsupportedPath,
  ...plainReach,
  common.wrongServer,
  ...operators,
  common.roleChanging,
  disaster.fenceLoser,
  disaster.noSplitBrain,
];

/** `finish --keep`. */
export const keepRules: readonly Rule[] = [
  common.unsupportedPath,
  ...plainReach,
  ...roles,
  register.otherDirection,
  outage.demotedByHand,
  common.outageOpen,
  finish.notCutOver,
  finish.nothingToKeep,
  common.oneSided,
  finish.serveLogin,
  verify.closeEpoch,
  verify.requiredOff,
  ...failoverMode.modesRestored,
  finish.keepAsynchronous,
  finish.keepDone,
];

/** `finish --drop`. */
export const dropRules: readonly Rule[] = [
  common.unsupportedPath,
  ...plainReach,
  ...roles,
  register.otherDirection,
  outage.demotedByHand,
  common.outageOpen,
  finish.notCutOver,
  finish.dropTargetNotServing,
  finish.giveUpFence,
  finish.dropSessions,
  finish.dropLogins,
  localFailover.dropReplicaLogins,
  finish.serveLogin,
  verify.closeEpoch,
  ...failoverMode.modesRestored,
  finish.dropTarget,
  finish.dropSource,
  register.deadManDrop,
  registerFollow.deadManLeft,
  register.registerDrop,
  registerFollow.registerLeft,
  finish.dropDone,
];

/** Every rule once, in the order of the way. */
export const allRules: readonly Rule[] = [
  ...new Set(
    [
      migrateRules,
      cutoverRules,
      abortRules,
      forceRules,
      splitBrainRules,
      [...keepRules, ...dropRules],
    ].flat(),
  ),
];

/** The rules of an intent. */
export function rulesFor(intent: Intent): readonly Rule[] {
  switch (intent.goal) {
    case 'migrate':
      return migrateRules;
    case 'cutover':
    case 'failback':
      return cutoverRules;
    case 'force':
      return forceRules;
    case 'resolve-split-brain':
      return splitBrainRules;
    case 'abort':
      return abortRules;
    case 'finish':
      return intent.distributed === 'keep' ? keepRules : dropRules;
  }
  return unreachable(intent);
}
