/** Rules about who operates: the leadership locks on both servers, and taking them over. */

import { shownName } from '../../base/name.ts';
import type { Observation, SessionObservation } from '../../model/observation.ts';
import type { Leadership } from '../../model/register.ts';
import { otherSide, type Side } from '../../model/side.ts';
import { bothConnected, dagRole, isConnected, sides } from '../look.ts';
import { rule } from '../rule.ts';
import { isOverdue } from './common.ts';

interface Holder {
  readonly side: Side;
  readonly lock: Extract<Leadership, { kind: 'other' }>;
}

/** Takes the lock away, when the operator said so. */
export const takeOver = rule({
  id: 'R-TAKE-OVER',
  phase: 'stopped',
  title: 'End the session of the other operator',
  why: '--takeover was given. Exactly the session that was seen holding the leadership lock is ended, if its login time is still the same; what it began is decided by the register.',
  emits: 'take-over',
  reversal: 'None: the other operator may start again.',
  reference: 'configure',
  needs: ['sourceLeadership', 'targetLeadership'],
  when: ({ observation, policy }) => policy.takeOver && bothConnected(observation),
  match: ({ sourceLeadership, targetLeadership }) => {
    const holder = holders(sourceLeadership, targetLeadership)[0];
    if (holder === undefined) return null;
    const { side, lock } = holder;
    return {
      kind: 'act',
      because: holderWords(holder),
      act: {
        kind: 'take-over',
        side,
        sessionId: lock.sessionId,
        loginTimeUtc: lock.loginTimeUtc,
      },
    };
  },
});

/** During an outage the lock of a session that is ending is waited for. */
export const otherOperatorWait = rule({
  id: 'R-OTHER-OPERATOR-WAIT',
  phase: 'stopped',
  title: 'Wait while another sqlferry session acts on the same group',
  why: 'It may be what is left of a broken connection, or an operator who is about to end the outage; the register keeps both from harm.',
  emits: 'wait',
  reversal: null,
  reference: 'configure',
  needs: ['sourceLeadership', 'targetLeadership', 'sourceOperators', 'targetOperators'],
  when: ({ observation }) => bothConnected(observation),
  match: (parts, situation) => {
    const { sourceLeadership, targetLeadership, sourceOperators, targetOperators } = parts;
    const others = holders(sourceLeadership, targetLeadership);
    const inOutage = situation.memory.outageMs !== null && !isOverdue(situation);
    if (others.length > 0) {
      return inOutage
        ? {
            kind: 'wait',
            because: 'Another operator leads this switch.',
            blockers: others.map((holder) => holderWords(holder)),
          }
        : null;
    }
    // Who holds both locks need not wait for sessions that only ask for them.
    const leads = sourceLeadership.kind === 'ours' && targetLeadership.kind === 'ours';
    const sessions = [
      ...sourceOperators.map((session) => sessionWords('source', session)),
      ...targetOperators.map((session) => sessionWords('target', session)),
    ];
    if (sessions.length === 0 || (leads && !situation.memory.unsettledRoleChange)) return null;
    return {
      kind: 'wait',
      because: 'Another sqlferry session acts on the same distributed availability group.',
      blockers: sessions,
    };
  },
});

/** Somebody else leads. */
export const otherOperator = rule({
  id: 'R-OTHER-OPERATOR',
  phase: 'stopped',
  title: 'Stop: another operator leads this switch',
  why: 'The session-owned lock on the servers says who operates. Two operators are harmless, but one of them would not know what happens.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['sourceLeadership', 'targetLeadership'],
  when: ({ observation }) => bothConnected(observation),
  match: ({ sourceLeadership, targetLeadership }, { memory }) => {
    const others = holders(sourceLeadership, targetLeadership);
    return others.length === 0
      ? null
      : {
          kind: 'needs-human',
          because: 'Another sqlferry session leads this switch.',
          blockers: others.map((holder) => holderWords(holder)),
          remedy:
            'Ask that operator; to end that session and go on from where it stopped, run the same command with --takeover.',
          outageOpen: memory.outageMs !== null,
        };
  },
});

/** Takes the lock away on the one side that answers, when the operator said so. */
export const takeOverAlone = rule({
  id: 'R-TAKE-OVER-ALONE',
  phase: 'stopped',
  title: 'End the session of the other operator while the target does not answer',
  why: '--takeover was given, and the source is the only side that answers.',
  emits: 'take-over',
  reversal: 'None: the other operator may start again.',
  reference: 'configure',
  needs: ['sourceLeadership'],
  when: ({ observation, policy }) => policy.takeOver && isAlone(observation, 'source'),
  match: ({ sourceLeadership }) => takeOverOn('source', sourceLeadership),
});

/** Somebody else leads, the target is not seen, and the outage lasts. */
export const otherOperatorAlone = rule({
  id: 'R-OTHER-OPERATOR-ALONE',
  phase: 'stopped',
  title: 'Stop: another operator leads this switch, and the target does not answer',
  why: 'That operator may see the target and end the outage. Whose own network is broken must not take a healthy switch back.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDag', 'sourceLeadership'],
  when: (situation) => isAlone(situation.observation, 'source') && isOverdue(situation),
  match: ({ sourceDag, sourceLeadership }) =>
    dagRole(sourceDag) !== 'SECONDARY' || sourceLeadership.kind !== 'other'
      ? null
      : otherLeads('source', sourceLeadership, true),
});

/** Takes the lock away on the side that is to be forced, when the operator said so. */
export const takeOverForced = rule({
  id: 'R-FORCE-TAKE-OVER',
  phase: 'stopped',
  title: 'End the session of the other operator before the target is forced',
  why: '--takeover was given, and the target is the only side that answers.',
  emits: 'take-over',
  reversal: 'None: the other operator may start again.',
  reference: 'configure',
  needs: ['targetLeadership'],
  when: ({ observation, policy }) => policy.takeOver && isAlone(observation, 'target'),
  match: ({ targetLeadership }) => takeOverOn('target', targetLeadership),
});

/** Somebody else leads on the side that is to be forced. */
export const otherOperatorForced = rule({
  id: 'R-FORCE-OTHER-OPERATOR',
  phase: 'stopped',
  title: 'Stop: another operator leads this switch on the target',
  why: 'That operator may see the source, and then nothing has to be lost.',
  emits: 'needs-human',
  reversal: null,
  reference: 'configure',
  needs: ['targetLeadership'],
  when: ({ observation }) => isAlone(observation, 'target'),
  match: ({ targetLeadership }, { memory }) =>
    targetLeadership.kind === 'other'
      ? otherLeads('target', targetLeadership, memory.outageMs !== null)
      : null,
});

function isAlone(observation: Observation, side: Side): boolean {
  return isConnected(observation, side) && !isConnected(observation, otherSide(side));
}

function takeOverOn(side: Side, lock: Leadership) {
  if (lock.kind !== 'other') return null;
  const { sessionId, loginTimeUtc } = lock;
  return {
    kind: 'act',
    because: holderWords({ side, lock }),
    act: { kind: 'take-over', side, sessionId, loginTimeUtc },
  } as const;
}

function otherLeads(side: Side, lock: Holder['lock'], outageOpen: boolean) {
  return {
    kind: 'needs-human',
    because: 'Another sqlferry session leads this switch.',
    blockers: [holderWords({ side, lock })],
    remedy:
      'Ask that operator; to end that session and go on from where it stopped, run the same command with --takeover.',
    outageOpen,
  } as const;
}

function holders(source: Leadership, target: Leadership): readonly Holder[] {
  return sides.flatMap((side) => {
    const lock = side === 'source' ? source : target;
    return lock.kind === 'other' ? [{ side, lock }] : [];
  });
}

function holderWords({ side, lock }: Holder): string {
  return `Session ${lock.sessionId} on the ${side} leads: ${shownName(lock.loginName)} from ${lock.hostName ?? 'an unknown host'}, logged in ${lock.loginTimeUtc}.`;
}

function sessionWords(side: Side, session: SessionObservation): string {
  return `Session ${session.sessionId} on the ${side}: ${session.loginName} from ${session.hostName ?? 'an unknown host'}, logged in ${session.loginTimeUtc}.`;
}
