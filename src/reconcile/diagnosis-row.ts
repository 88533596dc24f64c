/**
 * The rows of the crash table: what two roles, the register and the log say together, and what goes
 * on safely from there. Order matters: the first row that holds is the answer.
 */

import { shownName, shownNames } from '../base/name.ts';
import type { CommitRegister } from '../model/register.ts';
import type { Side } from '../model/side.ts';
import type { DagRole } from './look.ts';

/** Role of one side in one word; `away` does not answer, `unknown` is not shown. */
export type SeenRole = DagRole | 'away' | 'unknown';

/** What the rows of the table are asked about. */
export interface SwitchState {
  /** Side that gives the role away; the rows speak of it as "giver". */
  readonly giver: Side;
  readonly giverRole: SeenRole;
  readonly takerRole: SeenRole;
  readonly giverName: string;
  readonly takerName: string;
  /** Register of the giver; null where it cannot be read or is not there. */
  readonly register: CommitRegister | null;
  /** Highest epoch that the taker refuses; null where it cannot be read. */
  readonly refused: bigint | null;
  /** Sentences about registers that may not be acted on. */
  readonly registerBlockers: readonly string[];
  /** Names of the instances that are seen to have no register. */
  readonly withoutRegister: readonly string[];
  /** Distributed groups of other names that the sides' own groups are in. */
  readonly otherGroups: readonly string[];
  /** Databases in the taker's own group, and that group's name. */
  readonly takerCopies: readonly string[];
  readonly takerGroup: string;
  /** The newest epoch is aborted and its side has not been seen with its role since. */
  readonly isOwed: boolean;
  /** How many sides have both members of the DAG on synchronous commit. */
  readonly synchronousSides: number;
  /** Every database of the DAG is SYNCHRONIZED as the giver shows it. */
  readonly isSynchronized: boolean;
  /** Every database has arrived on the taker up to the end of the giver's log; a null never counts. */
  readonly isEqual: boolean;
  /** REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT is set on a side. */
  readonly isRequired: boolean;
  /** The command of this direction. */
  readonly command: 'sqlferry cutover' | 'sqlferry failback';
  readonly group: string;
}

/** One row of the table. */
export interface DiagnosisRow {
  readonly id: string;
  readonly title: string;
  readonly holds: (state: SwitchState) => boolean;
  readonly because: (state: SwitchState) => string;
  /** Command, or what a person does first. */
  readonly next: (state: SwitchState) => string;
  /** Neither side takes writes. */
  readonly outageOpen?: true;
}

const phaseIs = (state: SwitchState, ...phases: readonly string[]): boolean =>
  state.register !== null && phases.includes(state.register.phase);

const roles = (state: SwitchState, giver: string, taker: string): boolean =>
  state.giverRole === giver && state.takerRole === taker;

const bothSecondary = (state: SwitchState): boolean => roles(state, 'SECONDARY', 'SECONDARY');
const before = (state: SwitchState): boolean => roles(state, 'PRIMARY', 'SECONDARY');
const after = (state: SwitchState): boolean => roles(state, 'SECONDARY', 'PRIMARY');

const either = (state: SwitchState, role: string): boolean =>
  state.giverRole === role || state.takerRole === role;

/** The table. */
export const diagnosisRows: readonly DiagnosisRow[] = [
  {
    id: 'D-SPLIT-BRAIN',
    title: 'Split brain: both sides hold the primary role',
    holds: (state) => roles(state, 'PRIMARY', 'PRIMARY'),
    because: () =>
      'Somebody forced a failover without demoting the other side. Both may have taken writes; sqlferry repairs nothing by itself.',
    next: (state) =>
      `Stop the application, compare the tails, back up the log of the side that loses, then: sqlferry diagnose --resolve-split-brain <source|target> --confirm ${state.group} (the side named gives its role up).`,
  },
  {
    id: 'D-REGISTER',
    title: 'The commit register may not be acted on',
    holds: (state) => state.registerBlockers.length > 0,
    because: (state) => state.registerBlockers.join(' '),
    next: () =>
      'Find out who changed it; a newer sqlferry needs that version, another migration its own file. sqlferry changes nothing until it is in order.',
  },
  {
    id: 'D-NO-REGISTER',
    title: 'The commit register is missing',
    holds: (state) => before(state) && state.withoutRegister.length > 0,
    because: (state) =>
      `${shownNames(state.withoutRegister)} has no row for this group in sqlferry_control. Nothing was moved.`,
    next: (state) => `sqlferry migrate creates it anew; then ${state.command}.`,
  },
  {
    id: 'D-CHANGING',
    title: 'A role change is under way',
    holds: (state) => either(state, 'changing'),
    because: () => 'A side shows RESOLVING or a pending failover; it settles by itself.',
    next: () => 'Wait and look again: sqlferry diagnose.',
  },
  {
    id: 'D-BOTH-AWAY',
    title: 'Neither server answers',
    holds: (state) => roles(state, 'away', 'away'),
    because: () => 'Nothing is known, so nothing is concluded.',
    next: () => 'Restore the way to the servers, then: sqlferry diagnose.',
  },
  {
    id: 'D-SOURCE-AWAY',
    title: 'The side that has the writes does not answer; the other one is secondary',
    holds: (state) => roles(state, 'away', 'SECONDARY'),
    because: (state) =>
      `${shownName(state.giverName)} may be serving clients right now: its role was not seen, so nobody is promoted over it.`,
    next: (state) =>
      state.giver === 'source'
        ? `Bring ${shownName(state.giverName)} back and look again. Only if it is lost for good, with the loss of what had not arrived: sqlferry cutover --accept-data-loss --confirm ${state.group}.`
        : `Bring ${shownName(state.giverName)} back and look again: sqlferry diagnose.`,
  },
  {
    id: 'D-AFTER-SOURCE-AWAY',
    title: 'The switch has happened; the old primary does not answer',
    holds: (state) => roles(state, 'away', 'PRIMARY'),
    because: (state) => `${shownName(state.takerName)} is PRIMARY and takes the writes.`,
    next: (state) =>
      `Go on with ${shownName(state.takerName)}; when ${shownName(state.giverName)} is back, look at its role before anything else: sqlferry diagnose.`,
  },
  {
    id: 'D-TARGET-AWAY-OUTAGE',
    title: 'Outage, and the side that would take the writes does not answer',
    holds: (state) => roles(state, 'SECONDARY', 'away'),
    because: (state) =>
      `${shownName(state.giverName)} gave the role away. ${phaseIs(state, 'committing') ? `Epoch ${state.register?.epoch ?? ''} is committing: ${shownName(state.takerName)} may have been promoted.` : 'The epoch is not committing, so nobody can have been promoted under it.'}`,
    next: (state) =>
      phaseIs(state, 'committing')
        ? `Wait for ${shownName(state.takerName)}: its role decides. Then: ${state.command}, or sqlferry abort.`
        : 'sqlferry abort takes the role back without loss.',
    outageOpen: true,
  },
  {
    id: 'D-TARGET-AWAY',
    title: 'The side that would take the writes does not answer',
    holds: (state) => state.takerRole === 'away',
    because: (state) =>
      state.giverRole === 'PRIMARY'
        ? `${shownName(state.giverName)} is PRIMARY and takes the writes.`
        : `${shownName(state.giverName)} shows no role of this group.`,
    next: (state) =>
      `Bring ${shownName(state.takerName)} back; then ${state.command} goes on, or sqlferry abort sets back what is left.`,
  },
  {
    id: 'D-FENCE-NO-ROLE',
    title: 'An epoch is open although the role has not moved',
    holds: (state) => before(state) && phaseIs(state, 'fenced', 'committing'),
    because: () =>
      'The batch that demotes died between writing the register and changing the role, or the role was taken back and the register not yet.',
    next: (state) =>
      `sqlferry abort closes the epoch; ${state.command} goes on after it. The dead-man closes it at the deadline.`,
  },
  {
    id: 'D-ASYNCHRONOUS',
    title: 'Before the cutover: asynchronous commit',
    holds: (state) => before(state) && state.synchronousSides === 0,
    because: () => 'Neither side commits synchronously: the cutover has not begun.',
    next: (state) => state.command,
  },
  {
    id: 'D-ONE-SIDE-SYNCHRONOUS',
    title: 'Synchronous commit on one side only',
    holds: (state) => before(state) && state.synchronousSides === 1,
    because: () => 'The modes are kept on each side for itself; one of them was changed.',
    next: (state) => `${state.command} sets the other one; sqlferry abort sets it back.`,
  },
  {
    id: 'D-SYNCHRONISING',
    title: 'Synchronous on both sides, not yet SYNCHRONIZED',
    holds: (state) => before(state) && !state.isSynchronized,
    because: () => 'The target still catches up.',
    next: (state) => `${state.command} waits for it; sqlferry abort sets the modes back.`,
  },
  {
    id: 'D-READY',
    title: 'Synchronized; the role has not moved',
    holds: before,
    because: (state) =>
      state.isEqual
        ? 'Every database is SYNCHRONIZED and the hardened LSNs are equal.'
        : 'Every database is SYNCHRONIZED; the hardened LSNs differ while something writes.',
    next: (state) =>
      `${state.command} goes on and proves anew that nothing writes; sqlferry abort sets modes and logins back.`,
  },
  {
    id: 'D-REVOKING',
    title: 'Outage: the decision is being taken back',
    holds: (state) =>
      bothSecondary(state) &&
      phaseIs(state, 'committing') &&
      state.refused !== null &&
      state.register !== null &&
      state.refused >= state.register.epoch,
    because: () => 'The other side refuses this epoch, so it can never be promoted under it.',
    next: () => 'sqlferry abort takes the role back without loss.',
    outageOpen: true,
  },
  {
    id: 'D-COMMITTING',
    title: 'Outage: decided, not yet promoted',
    holds: (state) => bothSecondary(state) && phaseIs(state, 'committing'),
    because: () => 'The final LSNs were proven to be on the other side; the promotion is due.',
    next: (state) => `${state.command} promotes; sqlferry abort revokes the decision first.`,
    outageOpen: true,
  },
  {
    id: 'D-FENCED-EQUAL',
    title: 'Outage: demoted, everything has arrived, not yet decided',
    holds: (state) => bothSecondary(state) && phaseIs(state, 'fenced') && state.isEqual,
    because: () => 'The hardened LSNs are equal; the register still says fenced.',
    next: (state) =>
      `${state.command} goes forward, sqlferry abort goes back; past the deadline the dead-man goes back.`,
    outageOpen: true,
  },
  {
    id: 'D-FENCED-BEHIND',
    title: 'Outage: demoted, and the other side has not everything',
    holds: (state) => bothSecondary(state) && phaseIs(state, 'fenced'),
    because: () =>
      'The hardened LSNs are not equal: promoting now would lose commits and is refused.',
    next: (state) =>
      `${state.command} waits for them until the deadline; sqlferry abort goes back.`,
    outageOpen: true,
  },
  {
    id: 'D-ABORTED-HALF',
    title: 'Outage: given up, the role is not back yet',
    holds: (state) => bothSecondary(state) && state.isOwed,
    because: () =>
      'The epoch is aborted, so nobody can be promoted under it; taking the role back died.',
    next: () => 'sqlferry abort takes the role back; the dead-man tries the same.',
    outageOpen: true,
  },
  {
    id: 'D-NOBODY',
    title: 'Outage without an epoch: neither side is primary',
    holds: bothSecondary,
    because: () =>
      'No epoch of sqlferry is open: the role was changed by hand, or the register is gone.',
    next: (state) =>
      `Find out who changed the role. Then, on the side whose hardened LSNs are the higher ones (${shownName(state.giverName)} when they are equal): ALTER AVAILABILITY GROUP ${shownName(state.group)} FORCE_FAILOVER_ALLOW_DATA_LOSS; and look again: sqlferry diagnose.`,
    outageOpen: true,
  },
  {
    id: 'D-PROMOTED',
    title: 'Promoted; the switch is not tidied up',
    holds: (state) => after(state) && (state.isRequired || phaseIs(state, 'fenced', 'committing')),
    because: (state) =>
      `${shownName(state.takerName)} takes the writes; the epoch is not closed or REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT is still set.`,
    next: (state) => `${state.command} finishes it.`,
  },
  {
    id: 'D-CUT-OVER',
    title: 'The switch is done',
    holds: after,
    because: (state) =>
      `${shownName(state.takerName)} takes the writes, ${shownName(state.giverName)} is its copy.`,
    next: () => 'sqlferry finish --keep, sqlferry finish --drop, or sqlferry failback.',
  },
  {
    id: 'D-OTHER-GROUP',
    title: 'The groups are in another distributed availability group',
    holds: (state) => roles(state, 'none', 'none') && state.otherGroups.length > 0,
    because: (state) =>
      `The migration file names ${shownName(state.group)}, the servers have ${shownNames(state.otherGroups)}.`,
    next: () =>
      'Use the migration file of that group (-f), or correct distributedAvailabilityGroup in this one.',
  },
  {
    id: 'D-NO-GROUP',
    title: 'There is no distributed availability group',
    holds: (state) => roles(state, 'none', 'none'),
    because: () => 'It was not created yet, or finish --drop has ended.',
    next: () => 'sqlferry status shows which; sqlferry migrate creates it.',
  },
  {
    id: 'D-DROPPED-EARLY',
    title: 'Dropped on the other side before the switch: it has a copy of its own',
    holds: (state) => roles(state, 'PRIMARY', 'none') && state.takerCopies.length > 0,
    because: (state) =>
      `${shownName(state.takerGroup)} on ${shownName(state.takerName)} still holds ${shownNames(state.takerCopies)}: without the distributed group nothing keeps it from taking writes, and the log of ${shownName(state.giverName)} does not reach it any more.`,
    next: (state) =>
      `Keep applications away from ${shownName(state.takerName)}. To go on, remove its copies there (${state.takerCopies
        .map(
          (name) =>
            `ALTER AVAILABILITY GROUP ${shownName(state.takerGroup)} REMOVE DATABASE ${shownName(name)}; DROP DATABASE ${shownName(name)};`,
        )
        .join(' ')}), then sqlferry migrate seeds them again.`,
  },
  {
    id: 'D-NOT-JOINED',
    title: 'The other side has no distributed availability group',
    holds: (state) => roles(state, 'PRIMARY', 'none'),
    because: () => 'It never joined, or the group was dropped there with its copies.',
    next: () => 'sqlferry migrate joins it; nothing was moved.',
  },
  {
    id: 'D-DROPPED-TARGET',
    title: 'Dropped on the side that serves, not yet on the other one',
    holds: (state) => roles(state, 'SECONDARY', 'none'),
    because: () => 'finish --drop died between the two sides, or the group was dropped by hand.',
    next: (state) =>
      `Make sure that ${shownName(state.takerName)} serves, then: sqlferry finish --drop.`,
  },
  {
    id: 'D-DROPPED-SOURCE',
    title: 'Dropped on the old primary first',
    holds: (state) => state.giverRole === 'none',
    because: (state) =>
      `Without the group ${shownName(state.giverName)} may take writes of its own: nothing demotes it any more.`,
    next: (state) => `Check that no application writes on ${shownName(state.giverName)}.`,
  },
];
