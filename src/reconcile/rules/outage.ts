/**
 * Rules for the time in which the source is demoted and the target is not promoted.
 *
 * Table 5.3 of the reference: forward when the LSNs are equal, back when they are not within the
 * budget and it is known that no promotion is under way, else a person.
 */

import type { FinalLsn } from '../../model/act.ts';
import type { DatabaseObservation, DistributedObservation } from '../../model/observation.ts';
import {
  behind,
  bothConnected,
  dagRole,
  holds,
  observedFinalLsns,
  selectedNames,
} from '../look.ts';
import { rule, type Situation } from '../rule.ts';
import { isOverdue } from './common.ts';

const goesOn =
  'Wait until the other sessions of sqlferry have ended on both servers (sys.dm_exec_sessions, program_name = sqlferry), then run sqlferry cutover or sqlferry abort.';

/** A role change whose end is not known. */
export const unsettledWait = rule({
  id: 'R-UNSETTLED-WAIT',
  phase: 'switch',
  title: 'Wait until it is known how a role change ended',
  why: 'A batch that changes roles was sent and no reply came; it may still run. A second one in the other direction could make two writable copies.',
  emits: 'wait',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDag', 'targetDag'],
  match: ({ sourceDag, targetDag }, situation) =>
    isOutage(sourceDag, targetDag, situation) &&
    situation.memory.unsettledRoleChange &&
    !isOverdue(situation)
      ? {
          kind: 'wait',
          because: 'A role change was sent and its end is not known.',
          blockers: [
            'Another session of sqlferry is still seen, or its end has not been seen yet.',
          ],
        }
      : null,
});

/** The same, for too long. */
export const unsettled = rule({
  id: 'R-UNSETTLED',
  phase: 'switch',
  title: 'Stop: nobody is primary and a role change may still be under way',
  why: 'Neither direction is safe while a batch of unknown fate may still take effect.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDag', 'targetDag'],
  match: ({ sourceDag, targetDag }, situation) =>
    isOutage(sourceDag, targetDag, situation) && situation.memory.unsettledRoleChange
      ? {
          kind: 'needs-human',
          because:
            'The source is demoted, and it is not known whether a promotion is still under way.',
          remedy: goesOn,
          outageOpen: true,
        }
      : null,
});

/** Forward. */
export const promote = rule({
  id: 'R-PROMOTE',
  phase: 'switch',
  title: 'Promote the target',
  why: 'The source is demoted and its last log is known. The batch waits until the target has all of it on disk and refuses otherwise, so FORCE_FAILOVER_ALLOW_DATA_LOSS, the only statement there is, loses nothing.',
  emits: 'promote',
  reversal:
    'None: the way back is a second cutover in the other direction, while the distributed group is kept.',
  reference: 'configure',
  needs: ['sourceDag', 'targetDag', 'sourceDatabases', 'targetDatabases'],
  match: (parts, situation) => {
    if (!isOutage(parts.sourceDag, parts.targetDag, situation)) return null;
    const finals = finalLsns(parts.sourceDatabases, situation);
    if (finals === null) return null;
    const late = behind(finals, parts.targetDatabases);
    if (late.length > 0 && isOverdue(situation)) return null;
    return {
      kind: 'act',
      because:
        late.length === 0
          ? `The source is demoted and the target has the log of all ${finals.length} database(s) to its end.`
          : `The source is demoted; the target still hardens ${late.length} of ${finals.length} database(s).`,
      act: { kind: 'promote', side: 'target', finalLsns: finals, waitMs: promoteWait(situation) },
    };
  },
});

/** The log of the source has not arrived within the budget: back. */
export const giveBack = rule({
  id: 'R-GIVE-BACK',
  phase: 'switch',
  title: 'Give the primary role back to the source',
  why: 'The target does not have all of the log within maxOutage. The source holds everything and nobody else was promoted, so forcing it there loses nothing.',
  emits: 'give-back',
  reversal: 'Run sqlferry cutover again.',
  reference: 'configure',
  needs: ['sourceDag', 'targetDag', 'sourceDatabases', 'targetDatabases'],
  match: (parts, situation) => {
    if (!isOutage(parts.sourceDag, parts.targetDag, situation) || !isOverdue(situation))
      return null;
    const databases = selectedNames(situation.migration, parts.sourceDatabases);
    return {
      kind: 'act',
      because: `The target does not have the end of the log after ${situation.memory.outageMs ?? 0} ms, and no promotion is under way.`,
      act: { kind: 'give-back', side: 'source', databases },
    };
  },
});

/** Neither forward nor back yet. */
export const outageWait = rule({
  id: 'R-OUTAGE-WAIT',
  phase: 'switch',
  title: 'Wait for the last LSN of the source',
  why: 'The source is demoted and does not show the end of its log for every database; null is equal to nothing.',
  emits: 'wait',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDag', 'targetDag'],
  match: ({ sourceDag, targetDag }, situation) =>
    isOutage(sourceDag, targetDag, situation)
      ? {
          kind: 'wait',
          because: 'The source is demoted and does not show the end of its log yet.',
          blockers: ['The final LSN of a database is not known.'],
        }
      : null,
});

/** Both members SECONDARY. */
export function isOutage(
  source: DistributedObservation | null,
  target: DistributedObservation | null,
  { observation }: Situation,
): boolean {
  return (
    bothConnected(observation) && dagRole(source) === 'SECONDARY' && dagRole(target) === 'SECONDARY'
  );
}

/** From this run's own demotion when it covers every database, else as the source shows them now. */
function finalLsns(
  sourceDatabases: readonly DatabaseObservation[],
  { memory, migration }: Situation,
): readonly FinalLsn[] | null {
  const names = selectedNames(migration, sourceDatabases);
  const answered = memory.finalLsns;
  const covered =
    answered !== null &&
    names.every((name) =>
      holds(
        answered.map((final) => final.database),
        name,
      ),
    );
  if (covered && names.length > 0) return answered;
  return names.length === 0 ? null : observedFinalLsns(names, sourceDatabases);
}

/** What is left of the budget, between half a second and the policy's limit. */
function promoteWait({ memory, migration, policy }: Situation): number {
  const left = migration.cutover.maxOutageMs - (memory.outageMs ?? 0);
  return Math.max(500, Math.min(policy.maxPromoteWaitMs, left));
}
