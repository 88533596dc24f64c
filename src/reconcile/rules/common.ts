/** Rules that every intent looks at first: what this version does not do, who answers, who is primary. */

import { sameName, shownName } from '../../base/name.ts';
import {
  bothConnected,
  dagRole,
  instanceName,
  isConnected,
  sides,
  unreachableReason,
} from '../look.ts';
import type { Observation } from '../../model/observation.ts';
import type { Side } from '../../model/side.ts';
import { glance } from '../parts.ts';
import { registerOf } from '../register-look.ts';
import { groupedSides } from '../replica-look.ts';
import { rule, type Situation } from '../rule.ts';

/** Parts of the availability-group path that are not built yet. */
export const unsupportedPath = rule({
  id: 'R-PATH-UNSUPPORTED',
  phase: 'stopped',
  title: 'Stop: a part of the availability-group path is not in this version',
  why: 'With a listener on both sides sqlferry follows whichever replica is primary; what cannot follow it yet is refused instead of done by halves.',
  emits: 'needs-human',
  reversal: null,
  reference: 'standalone',
  needs: [],
  match: (_parts, { migration, intent }) => {
    const grouped = groupedSides(migration);
    if (grouped.length === 0) return null;
    const missing = [
      ...(grouped.length === 1
        ? [`only the ${grouped[0]} has a listener or several instances`]
        : []),
      ...(migration.cutover.deadMan === 'watcher'
        ? ['cutover.deadMan: watcher, for sqlferry watch knows one instance of a side']
        : []),
      ...(intent.goal === 'force' || intent.goal === 'resolve-split-brain'
        ? ['forcing a role while a side cannot be seen, and ending a split brain']
        : []),
    ];
    if (missing.length === 0) return null;
    return {
      kind: 'needs-human',
      because: `The availability-group path is not built yet for this: ${missing.join('; ')}.`,
      remedy:
        'Give both sides a listener, or neither; set cutover.deadMan to agent or off; in a disaster run the statements of the article by hand on the primary replica of the side.',
    };
  },
});

/** Neither side answers. */
export const bothUnreachable = rule({
  id: 'R-BOTH-UNREACHABLE',
  phase: 'stopped',
  title: 'Wait until the servers answer',
  why: 'Neither server can be reached: the fault is probably on the side of this operator.',
  emits: 'wait',
  reversal: null,
  reference: 'prerequisites',
  needs: [],
  when: ({ observation }) =>
    !isConnected(observation, 'source') && !isConnected(observation, 'target'),
  match: (_parts, { observation }) => ({
    kind: 'wait',
    because: 'Neither server answers.',
    blockers: sides.map((side) => `${side}: ${unreachableReason(observation, side)}`),
  }),
});

/** The target does not answer while the source is demoted: a little patience. */
export const targetLostWait = rule({
  id: 'R-TARGET-LOST-WAIT',
  phase: 'switch',
  title: 'Wait for the target while the source is demoted',
  why: 'The source has given up the primary role and the target does not answer. Whether it was promoted cannot be known, so the role may not be taken back yet.',
  emits: 'wait',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDag'],
  when: ({ observation }) => !isConnected(observation, 'target'),
  match: ({ sourceDag }, situation) => {
    if (dagRole(sourceDag) === 'PRIMARY' || sourceDag === null || isOverdue(situation)) return null;
    return {
      kind: 'wait',
      because: `The source is ${sourceDag.localRoleDesc ?? 'changing its role'} and the target does not answer: ${unreachableReason(situation.observation, 'target')}`,
      blockers: ['The role of the target is not known.'],
    };
  },
});

/** The target does not answer while the source is demoted, for too long. */
export const targetLost = rule({
  id: 'R-TARGET-LOST',
  phase: 'switch',
  title: 'Stop: nobody is primary and the target cannot be asked',
  why: 'Taking the role back is safe only when the target is seen as SECONDARY and no promotion can be under way.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDag'],
  when: ({ observation }) => !isConnected(observation, 'target'),
  match: ({ sourceDag }, { observation, migration }) => {
    if (dagRole(sourceDag) === 'PRIMARY' || sourceDag === null) return null;
    return {
      kind: 'needs-human',
      because: `The source is ${sourceDag.localRoleDesc ?? 'changing its role'}, and whether ${shownName(instanceName(migration, 'target'))} was promoted cannot be known: ${unreachableReason(observation, 'target')}`,
      remedy:
        'Bring the target back into reach and run sqlferry cutover (goes forward) or sqlferry abort (gives the role back to the source).',
      outageOpen: true,
    };
  },
});

/** The target does not answer; the source serves. */
export const targetUnreachable = rule({
  id: 'R-TARGET-UNREACHABLE',
  phase: 'stopped',
  title: 'Wait until the target answers',
  why: 'Nothing is decided about a server that cannot be asked.',
  emits: 'wait',
  reversal: null,
  reference: 'prerequisites',
  needs: [],
  when: ({ observation }) => !isConnected(observation, 'target'),
  match: (_parts, { observation, migration }) => ({
    kind: 'wait',
    because: `The target ${shownName(instanceName(migration, 'target'))} does not answer: ${unreachableReason(observation, 'target')}`,
    blockers: ['The target does not answer.'],
  }),
});

/** The source does not answer and nobody was promoted, for too long. */
export const sourceLost = rule({
  id: 'R-SOURCE-LOST',
  phase: 'switch',
  title: 'Stop: the source cannot be asked and the target is not promoted over it',
  why: 'What the source committed last cannot be compared, so promoting the target might lose commits; that needs a separate consent.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['targetDag'],
  when: (situation) => !isConnected(situation.observation, 'source') && isOverdue(situation),
  match: ({ targetDag }, { observation, migration }) => {
    if (dagRole(targetDag) === 'PRIMARY') return null;
    return {
      kind: 'needs-human',
      because: `The source ${shownName(instanceName(migration, 'source'))} does not answer (${unreachableReason(observation, 'source')}) and the target is not the primary.`,
      remedy:
        'Bring the source back into reach and run the same command again. sqlferry does not promote over a source it cannot see unless sqlferry cutover --accept-data-loss is given with the typed name of the group.',
      outageOpen: true,
    };
  },
});

/** The source does not answer. */
export const sourceUnreachable = rule({
  id: 'R-SOURCE-UNREACHABLE',
  phase: 'stopped',
  title: 'Wait until the source answers',
  why: 'Nothing is decided about a server that cannot be asked; the target is never promoted over it.',
  emits: 'wait',
  reversal: null,
  reference: 'prerequisites',
  needs: ['targetDag'],
  when: ({ observation }) => !isConnected(observation, 'source'),
  match: ({ targetDag }, { observation, migration, intent }) => {
    const switching = intent.goal === 'cutover' || intent.goal === 'failback';
    if (switching && dagRole(targetDag) === 'PRIMARY') return null;
    return {
      kind: 'wait',
      because: `The source ${shownName(instanceName(migration, 'source'))} does not answer: ${unreachableReason(observation, 'source')}`,
      blockers: ['The source does not answer.'],
    };
  },
});

/** The server calls itself something else than the file says. */
export const wrongServer = rule({
  id: 'R-WRONG-SERVER',
  phase: 'stopped',
  title: 'Stop: a server is not the one the migration file names',
  why: 'The replica name of an availability group must be what the instance calls itself, and a wrong address would change the wrong server.',
  emits: 'needs-human',
  reversal: null,
  reference: 'createGroup',
  needs: ['sourceServer', 'targetServer'],
  when: ({ observation }) => bothConnected(observation),
  match: ({ sourceServer, targetServer }, { migration }) => {
    const wrong = [
      { side: 'source' as const, found: sourceServer.serverName },
      { side: 'target' as const, found: targetServer.serverName },
    ].filter(({ side, found }) => !sameName(found, instanceName(migration, side)));
    if (wrong.length === 0) return null;
    return {
      kind: 'needs-human',
      because: wrong
        .map(
          ({ side, found }) =>
            `The ${side} calls itself ${shownName(found)}, the migration file says ${shownName(instanceName(migration, side))}.`,
        )
        .join(' '),
      remedy:
        'Correct the name or the connect address in the migration file, or the server name with sp_dropserver and sp_addserver.',
    };
  },
});

/** Two writable copies. */
export const splitBrain = rule({
  id: 'R-SPLIT-BRAIN',
  phase: 'stopped',
  title: 'Stop: both sides are primary',
  why: 'Somebody forced the target without demoting the source; both copies may have taken writes, and only a person can say which one counts.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDag', 'targetDag'],
  when: ({ observation }) => bothConnected(observation),
  match: ({ sourceDag, targetDag }, { migration, observation }) => {
    if (dagRole(sourceDag) !== 'PRIMARY' || dagRole(targetDag) !== 'PRIMARY') return null;
    return {
      kind: 'needs-human',
      because:
        'The source and the target both hold the PRIMARY role of the distributed availability group.',
      blockers: sides.flatMap((side) => tails(observation, side)),
      remedy: `Keep applications away from both, choose the side that loses, back up the tail of its log, then run sqlferry diagnose --resolve-split-brain source (or target: the side that loses) --confirm ${migration.distributedAvailabilityGroup}`,
    };
  },
});

/** The end of the log of every database on one side, for the person who has to choose. */
export function tails(observation: Observation, side: Side): readonly string[] {
  const part = side === 'source' ? 'sourceDatabases' : 'targetDatabases';
  return (glance(observation, part) ?? []).flatMap(({ name, local }) =>
    local === null
      ? []
      : [
          `${shownName(name)} on the ${side}: last commit ${local.lastCommitLsn ?? 'not shown'}, hardened ${local.lastHardenedLsn ?? 'not shown'}, end of log ${local.endOfLogLsn ?? 'not shown'}.`,
        ],
  );
}

/** A role is changing right now. */
export const roleChanging = rule({
  id: 'R-ROLE-CHANGING',
  phase: 'switch',
  title: 'Wait until a role change has ended',
  why: 'A member is RESOLVING or PENDING: a demotion or a promotion is under way on the server.',
  emits: 'wait',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDag', 'targetDag'],
  when: ({ observation }) => bothConnected(observation),
  match: ({ sourceDag, targetDag }) => {
    const moving = [
      { side: 'source', dag: sourceDag },
      { side: 'target', dag: targetDag },
    ].filter(({ dag }) => dagRole(dag) === 'changing');
    if (moving.length === 0) return null;
    return {
      kind: 'wait',
      because: 'A role change is under way.',
      blockers: moving.map(
        ({ side, dag }) =>
          `The ${side} shows ${dag?.localRoleDesc ?? 'no role'} (${dag?.localOperationalStateDesc ?? 'no operational state'}).`,
      ),
    };
  },
});

/** Both sides demoted, and the intent is neither to go forward nor back. */
export const outageOpen = rule({
  id: 'R-OUTAGE-OPEN',
  phase: 'switch',
  title: 'Stop: a cutover is half done and nobody is primary',
  why: 'Both members are SECONDARY, so no copy takes writes; only cutover or abort end that.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDag', 'targetDag'],
  when: ({ observation }) => bothConnected(observation),
  match: ({ sourceDag, targetDag }, { observation }) => {
    if (dagRole(sourceDag) !== 'SECONDARY' || dagRole(targetDag) !== 'SECONDARY') return null;
    const control = glance(observation, 'sourceControl');
    const register = control === null ? null : registerOf(control);
    const decided =
      register?.phase === 'committing'
        ? ` Epoch ${register.epoch} is committing and nobody operates: the dead-man leaves it alone, so the outage lasts until somebody runs one of the two commands.`
        : '';
    return {
      kind: 'needs-human',
      because: `The source is demoted and the target is not promoted: no copy is writable.${decided}`,
      remedy:
        'Run sqlferry cutover (goes forward) or sqlferry abort (gives the role back to the source).',
      outageOpen: true,
    };
  },
});

/** The DAG exists on one side only, in a way that no step of ours leaves behind. */
export const oneSided = rule({
  id: 'R-DAG-ONE-SIDED',
  phase: 'stopped',
  title: 'Stop: the distributed availability group is gone on one side',
  why: 'Somebody dropped it there, or finish --drop was stopped half way; the other side still holds its role.',
  emits: 'needs-human',
  reversal: null,
  reference: 'dropGroup',
  needs: ['sourceDag', 'targetDag'],
  when: ({ observation }) => bothConnected(observation),
  match: ({ sourceDag, targetDag }, { migration, observation }) => {
    const source = dagRole(sourceDag);
    const target = dagRole(targetDag);
    const gone = (source === 'none') !== (target === 'none') && source !== 'PRIMARY';
    if (!gone) return null;
    const missing = source === 'none' ? 'source' : 'target';
    const left = source === 'none' ? 'target' : 'source';
    const served =
      glance(observation, 'targetDatabases')?.some((row) => row.stateDesc === 'ONLINE') ?? false;
    return {
      kind: 'needs-human',
      because: `The group ${shownName(migration.distributedAvailabilityGroup)} does not exist on the ${missing}, and the ${left} holds the role ${source === 'none' ? target : source}.`,
      remedy:
        left === 'source' || target === 'PRIMARY'
          ? `Run sqlferry finish --drop --confirm ${migration.distributedAvailabilityGroup} to remove what is left.`
          : `Run on the target: DROP AVAILABILITY GROUP ${shownName(migration.distributedAvailabilityGroup)}, then sqlferry migrate.`,
      outageOpen: left === 'source' && !served,
    };
  },
});

/** The outage has lasted longer than the migration file allows. */
export function isOverdue({ memory, migration }: Situation): boolean {
  return memory.outageMs !== null && memory.outageMs > migration.cutover.maxOutageMs;
}
