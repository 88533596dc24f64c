/**
 * Replies of the outage's acts read as looks.
 *
 * They save the round trips of observations in the middle of the outage. A reply counts only when it
 * came over the session of the last observation, and only for what the batch itself proved under its
 * guards: the role and the phase after a demotion, log that has arrived, an epoch that is committing.
 * What comes next looks again inside its own batch.
 */

import { sameName } from '../base/name.ts';
import type { Act, ActKind, ActReply, FinalLsn } from '../model/act.ts';
import { known } from '../model/fact.ts';
import { sideOf, type Observation, type SideObservation } from '../model/observation.ts';
import type { CommitRegister } from '../model/register.ts';

/** Acts that may follow one another in an outage without a look between them. */
export const chainedActs: ReadonlySet<ActKind> = new Set<ActKind>([
  'await-lsns',
  'commit-epoch',
  'promote',
]);

/** The observation after the act, or `null` when the reply does not allow one. */
export function observationAfterReply(
  observation: Observation,
  act: Act,
  reply: ActReply,
): Observation | null {
  if (reply.outcome !== 'ok') return null;
  const side = sideOf(observation, act.side);
  if (reply.generation !== side.generation) return null;
  const after = sideAfterReply(side, act, reply);
  return after === null ? null : { ...observation, [act.side]: after };
}

function sideAfterReply(
  side: SideObservation,
  act: Act,
  reply: ActReply & { outcome: 'ok' },
): SideObservation | null {
  switch (act.kind) {
    case 'demote': {
      if (reply.localRoleDesc !== 'SECONDARY' || reply.registerPhase === undefined) return null;
      if (reply.finalLsns === undefined || reply.finalLsns.length === 0) return null;
      const fenced = withRegister(side, {
        epoch: act.fromEpoch + 1n,
        phase: reply.registerPhase,
        deadlineUtc: null,
        isExpired: false,
      });
      return fenced === null ? null : demoted(fenced);
    }
    case 'await-lsns':
      return arrived(side, act.finalLsns);
    case 'commit-epoch':
      return reply.registerPhase === 'committing'
        ? withRegister(side, { epoch: act.epoch, phase: 'committing', deadlineUtc: null })
        : null;
    default:
      return null;
  }
}

function withRegister(
  side: SideObservation,
  change: Partial<CommitRegister>,
): SideObservation | null {
  if (!side.control.known || side.control.value.kind !== 'present') return null;
  const { value } = side.control;
  return { ...side, control: known({ ...value, register: { ...value.register, ...change } }) };
}

function demoted(side: SideObservation): SideObservation | null {
  if (!side.distributed.known || side.distributed.value === null || !side.databases.known) {
    return null;
  }
  return {
    ...side,
    distributed: known({
      ...side.distributed.value,
      localRoleDesc: 'SECONDARY',
      localOperationalStateDesc: 'ONLINE',
      remote: null,
    }),
    databases: known(side.databases.value.map((database) => ({ ...database, distributed: null }))),
  };
}

/** The batch saw every one of these LSNs reached. */
function arrived(side: SideObservation, finals: readonly FinalLsn[]): SideObservation | null {
  if (!side.databases.known) return null;
  return {
    ...side,
    databases: known(
      side.databases.value.map((database) => {
        const final = finals.find((each) => sameName(each.database, database.name));
        const { local } = database;
        if (final === undefined || local === null) return database;
        const shown = local.lastHardenedLsn;
        const lastHardenedLsn = shown !== null && shown > final.lsn ? shown : final.lsn;
        return { ...database, local: { ...local, lastHardenedLsn } };
      }),
    ),
  };
}
