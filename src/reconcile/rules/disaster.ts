/**
 * Rules of the two goals that a person types in full: taking writes while the other side cannot be
 * seen, and saying which side loses a split brain. Written for the target that is forced, and for the
 * source that loses; `decide()` shows the mirror for the other way round.
 */

import { shownName } from '../../base/name.ts';
import { dagRole, instanceName, isConnected, selectedNames, unreachableReason } from '../look.ts';
import { glance } from '../parts.ts';
import { rule } from '../rule.ts';

/** The side to be forced does not answer. */
export const forceUnreachable = rule({
  id: 'R-FORCE-UNREACHABLE',
  phase: 'stopped',
  title: 'Wait until the side that is to be forced answers',
  why: 'Nothing is decided about a server that cannot be asked.',
  emits: 'wait',
  reversal: null,
  reference: 'configure',
  needs: [],
  when: ({ observation }) => !isConnected(observation, 'target'),
  match: (_parts, { observation }) => ({
    kind: 'wait',
    because: `The target does not answer: ${unreachableReason(observation, 'target')}`,
    blockers: ['The target does not answer.'],
  }),
});

/** The other side can be seen: no disaster. */
export const forceNotNeeded = rule({
  id: 'R-FORCE-NOT-NEEDED',
  phase: 'stopped',
  title: 'Stop: the other side can be seen, so nothing has to be forced',
  why: 'A switch that loses nothing is possible while both sides answer; data loss is accepted only when the source cannot be asked.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: [],
  when: ({ observation }) => isConnected(observation, 'source'),
  match: (_parts, { observation }) => {
    if (dagRole(glance(observation, 'targetDag')) === 'PRIMARY') return null;
    return {
      kind: 'needs-human',
      because: 'The source answers.',
      remedy: 'Run sqlferry cutover or sqlferry abort without --accept-data-loss.',
    };
  },
});

/** Forced, with the typed consent. */
export const forcePromote = rule({
  id: 'R-FORCE',
  phase: 'switch',
  title: 'Promote the target while the source cannot be seen, accepting data loss',
  why: 'The operator typed the name of the group and accepted that commits which never reached the target are lost. The source must not come back as primary: its role is looked at before anything else.',
  emits: 'force-promote-accepting-data-loss',
  reversal: 'None: what the source had more is lost, or merged by hand.',
  reference: 'configure',
  needs: ['targetDag', 'targetDatabases'],
  match: ({ targetDag, targetDatabases }, { migration, observation }) =>
    dagRole(targetDag) === 'SECONDARY' && !isConnected(observation, 'source')
      ? {
          kind: 'act',
          because: `The source ${shownName(instanceName(migration, 'source'))} does not answer (${unreachableReason(observation, 'source')}), and the loss was accepted.`,
          act: {
            kind: 'force-promote-accepting-data-loss',
            side: 'target',
            databases: selectedNames(migration, targetDatabases),
          },
        }
      : null,
});

/** A role is changing. */
export const forceWait = rule({
  id: 'R-FORCE-WAIT',
  phase: 'switch',
  title: 'Wait until the forced role change has ended',
  why: 'The member is RESOLVING or PENDING.',
  emits: 'wait',
  reversal: null,
  reference: 'configure',
  needs: ['targetDag'],
  match: ({ targetDag }) =>
    dagRole(targetDag) === 'changing'
      ? {
          kind: 'wait',
          because: 'A role change is under way on the target.',
          blockers: [`The target shows ${targetDag?.localRoleDesc ?? 'no role'}.`],
        }
      : null,
});

/** Nothing to force. */
export const forceNothing = rule({
  id: 'R-FORCE-NOTHING',
  phase: 'stopped',
  title: 'Stop: there is no distributed availability group to force',
  why: 'It does not exist on the side that was named.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['targetDag'],
  match: ({ targetDag }) =>
    targetDag === null
      ? {
          kind: 'needs-human',
          because: 'The target has no distributed availability group of that name.',
          remedy: 'Run sqlferry status to see where the migration stands.',
        }
      : null,
});

/** Forced. */
export const forceDone = rule({
  id: 'R-FORCE-DONE',
  phase: 'verify',
  title: 'Done: the target was forced and serves',
  why: 'The target is primary. When the source comes back it has to be looked at before anything else.',
  emits: 'done',
  reversal: null,
  reference: 'configure',
  needs: ['targetDag'],
  match: ({ targetDag }) =>
    dagRole(targetDag) === 'PRIMARY'
      ? {
          kind: 'done',
          because:
            'The target is primary. Keep applications away from the source; when it is back run sqlferry diagnose.',
        }
      : null,
});

/** Not both primary. */
export const noSplitBrain = rule({
  id: 'R-SPLIT-BRAIN-NONE',
  phase: 'stopped',
  title: 'Done: there are no two primaries',
  why: 'Only one side, or none, holds the primary role.',
  emits: 'done',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDag', 'targetDag'],
  match: ({ sourceDag, targetDag }) =>
    dagRole(sourceDag) === 'PRIMARY' && dagRole(targetDag) === 'PRIMARY'
      ? null
      : {
          kind: 'done',
          because: `The source is ${sourceDag?.localRoleDesc ?? 'in no distributed group'}, the target is ${targetDag?.localRoleDesc ?? 'in no distributed group'}.`,
        },
});

/** The typed loser gives up its role. */
export const fenceLoser = rule({
  id: 'R-SPLIT-BRAIN-FENCE',
  phase: 'switch',
  title: 'Take the primary role from the side that was chosen to lose',
  why: 'Two copies take writes. The operator typed which one loses; what it wrote since the split is not on the other side and has to be saved by hand before it is overwritten.',
  emits: 'fence-split-brain',
  reversal: 'FORCE_FAILOVER_ALLOW_DATA_LOSS on that side, by hand.',
  reference: 'configure',
  needs: ['sourceDag', 'targetDag', 'sourceDatabases'],
  match: ({ sourceDag, targetDag, sourceDatabases }, { migration }) =>
    dagRole(sourceDag) === 'PRIMARY' && dagRole(targetDag) === 'PRIMARY'
      ? {
          kind: 'act',
          because: `Both sides are primary; the source was chosen to lose.`,
          act: {
            kind: 'fence-split-brain',
            side: 'source',
            databases: selectedNames(migration, sourceDatabases),
          },
        }
      : null,
});
