/** Limits of a run that nobody has to set. */

import type { Policy } from '../model/decision.ts';

/** The limits sqlferry runs with. */
export const defaultPolicy: Policy = {
  maxSeedingRestarts: 3,
  seedingRestartPauseMs: 30_000,
  seedingFailedPauseMs: 10_000,
  seedingStillLimitMs: 60_000,
  maxSessionKills: 5,
  maxAttempts: 5,
  overduePatienceMs: 60_000,
  maxPromoteWaitMs: 10_000,
  takeOver: false,
  stepwise: false,
  leastBudgetMs: 2000,
  rehearsalValidMs: 900_000,
  leastMeasuredBudgetMs: 1000,
  roleChangeMs: 1000,
  roleChangePerDatabaseMs: 50,
  measuredRoleChange: null,
  assumedRateKb: 10_240,
};
