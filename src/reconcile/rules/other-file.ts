/** Rules for a migration file that does not mean what the servers hold: another operator's list, another group. */

import { shownName, shownNames } from '../../base/name.ts';
import type { Side } from '../../model/side.ts';
import { dagRole, holds, instanceName, selectedNames, sides } from '../look.ts';
import { glance } from '../parts.ts';
import { rule, type Situation } from '../rule.ts';

/** The groups are in a distributed group that the file does not name. */
export const otherGroup = rule({
  id: 'R-OTHER-GROUP',
  phase: 'stopped',
  title: 'Stop: the availability group belongs to another distributed group',
  why: "The servers hold a distributed group over these availability groups, and the migration file names another one. What this file calls absent or finished is somebody else's migration.",
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: [],
  match: (_parts, situation) => {
    const blockers = sides.flatMap((side) => strangers(situation, side));
    if (blockers.length === 0) return null;
    return {
      kind: 'needs-human',
      because: `The migration file names the distributed availability group ${shownName(situation.migration.distributedAvailabilityGroup)}, and the servers have another one.`,
      blockers,
      remedy:
        'Use the migration file of that group, or correct distributedAvailabilityGroup or availabilityGroup in this one. Nothing was changed.',
    };
  },
});

/** Other distributed groups of a side's availability group, while the named one is not there. */
function strangers({ observation, migration }: Situation, side: Side): readonly string[] {
  const group = glance(observation, side === 'source' ? 'sourceGroup' : 'targetGroup');
  const dag = glance(observation, side === 'source' ? 'sourceDag' : 'targetDag');
  if (group === null || dag !== null || group.otherDistributed.length === 0) return [];
  return [
    `${shownName(group.name)} on the ${side} (${shownName(instanceName(migration, side))}) is in ${shownNames(group.otherDistributed)}.`,
  ];
}

/** More databases would move than the file names. */
export const otherDatabases = rule({
  id: 'R-OTHER-DATABASES',
  phase: 'ready',
  title: 'Stop: the groups hold databases that the migration file does not list',
  why: 'The role of the whole group moves. A database that is not on the list would move without being looked at: its sessions are not ended and its log is not compared.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['sourceGroup', 'targetGroup', 'sourceDag', 'sourceDatabases'],
  match: (parts, { migration }) => {
    if (dagRole(parts.sourceDag) !== 'PRIMARY') return null;
    const names = selectedNames(migration, parts.sourceDatabases);
    const blockers = sides.flatMap((side) => {
      const group = side === 'source' ? parts.sourceGroup : parts.targetGroup;
      const others = (group?.databases ?? []).filter((name) => !holds(names, name));
      return group === null || others.length === 0
        ? []
        : [`${shownName(group.name)} on the ${side} holds ${shownNames(others)} too.`];
    });
    return blockers.length === 0
      ? null
      : {
          kind: 'needs-human',
          because: `The migration file lists ${shownNames(names)}, and more databases would move.`,
          blockers,
          remedy:
            'Use the file that migrated them, or add them to databases in the migration file, then run the same command again.',
        };
  },
});
