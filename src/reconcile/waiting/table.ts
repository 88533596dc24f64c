/** All judges of waits, the deepest causes first; the order is the order in which answers are shown. */

import {
  falseAlarm,
  seedingDead,
  seedingFailures,
  seedingMode,
  seedingQueued,
  seedingRuns,
  seedingStarts,
  seedingStill,
} from './seeding.ts';
import {
  fenceSessions,
  fenceWrites,
  lsnBehind,
  openTransaction,
  promotedRecovers,
  roleChange,
} from './fence.ts';
import {
  agentStopped,
  clocks,
  deadManRuns,
  lockHeld,
  otherSession,
  requiredSecondaries,
  watcherAbsent,
} from './operator.ts';
import {
  cannotLook,
  endpointConnect,
  endpointMissing,
  endpointStopped,
  link,
  unreachable,
} from './link.ts';
import {
  catchingUp,
  databaseState,
  logHeld,
  modeOnOneSide,
  notSynchronizing,
  recovering,
  redoQueue,
  sendQueue,
  suspendedByServer,
  suspendedByUser,
} from './synchronisation.ts';
import type { WaitJudge } from './judge.ts';
import { localGroup, replicaAway } from './local-group.ts';

/** The table. */
export const waitJudges: readonly WaitJudge[] = [
  unreachable,
  cannotLook,
  roleChange,
  requiredSecondaries,
  endpointMissing,
  endpointStopped,
  endpointConnect,
  link,
  databaseState,
  suspendedByUser,
  suspendedByServer,
  seedingMode,
  ...seedingFailures,
  seedingDead,
  seedingStill,
  openTransaction,
  fenceSessions,
  fenceWrites,
  promotedRecovers,
  modeOnOneSide,
  notSynchronizing,
  replicaAway,
  localGroup,
  sendQueue,
  redoQueue,
  logHeld,
  catchingUp,
  lsnBehind,
  agentStopped,
  watcherAbsent,
  deadManRuns,
  lockHeld,
  otherSession,
  clocks,
  recovering,
  seedingStarts,
  seedingQueued,
  seedingRuns,
  falseAlarm,
];
