/** The state before anything happened, and the default pace and switches. */

import type { HadrSettings, HadrState, HadrSwitches } from './state.ts';

/** Pace of a lab that is pleasant to watch; session timeout and attempts as SQL Server has them. */
export const defaultSettings: HadrSettings = {
  sessionTimeoutMs: 10_000,
  tickMs: 1_000,
  roleChangeMs: 10,
  recoveryMs: 20,
  seedingBytesPerSecond: null,
  seedingMs: 3_000,
  seedingRetryMs: 1_000,
  seedingAttempts: 3,
  maxHeldRecords: 200_000,
};

/** Default position of every switch; docs/lab-fidelity/availability-groups.md says why. */
export const defaultSwitches: HadrSwitches = {
  dropOnSecondarySide: 'writable',
  requiredSecondariesMissing: 'hang',
  seedingWithoutGrant: 'fails',
  logBackupDuringSeeding: 'breaks',
  giveBackWithRequiredSecondaries: 'accepted',
  seedingFalseAlarm: false,
  latchedDemotions: 0,
};

/** No instances, a perfect network. */
export function emptyState(
  settings: Partial<HadrSettings> = {},
  switches: Partial<HadrSwitches> = {},
): HadrState {
  return {
    settings: { ...defaultSettings, ...settings },
    switches: { ...defaultSwitches, ...switches },
    instances: {},
    links: {},
  };
}
