/** Rules that let applications in on every replica of the side that serves, not on its primary of today only. */

import { shownName } from '../../base/name.ts';
import { dagRole, holds, isConnected } from '../look.ts';
import { registerOf } from '../register-look.ts';
import { groupedSides, othersOf } from '../replica-look.ts';
import { rule } from '../rule.ts';

/** After the switch: every replica of the side that serves. */
export const enableReplicaLogin = rule({
  id: 'R-VERIFY-ENABLE-REPLICA-LOGIN',
  phase: 'verify',
  title: 'Enable an application login on a further replica of the target',
  why: 'The target serves, on whichever of its replicas is primary: a login that is disabled on one of them would keep the application out after a local failover.',
  emits: 'enable-login',
  reversal: 'ALTER LOGIN ... DISABLE.',
  reference: 'alterLogin',
  needs: ['targetDag'],
  when: ({ migration }) => groupedSides(migration).length > 0,
  match: ({ targetDag }, { observation, migration }) => {
    if (dagRole(targetDag) !== 'PRIMARY') return null;
    for (const { name, fenceLogins } of othersOf(observation, migration, 'target')) {
      const login = fenceLogins.find((row) => row.isDisabled);
      if (login === undefined) continue;
      return {
        kind: 'act',
        because: `The target is primary and login ${shownName(login.name)} is disabled on ${shownName(name)}.`,
        act: { kind: 'enable-login', side: 'target', login: login.name, instance: name },
      };
    }
    return null;
  },
});

/** After an abort: the replica that was fenced before the side failed over locally. */
export const abortReplicaLogin = rule({
  id: 'R-ABORT-ENABLE-REPLICA-LOGIN',
  phase: 'abort',
  title: 'Enable an application login on a further replica of the source again',
  why: 'The side failed over locally after the fence; the replica that was the primary then still keeps the applications out.',
  emits: 'enable-login',
  reversal: 'ALTER LOGIN ... DISABLE.',
  reference: 'alterLogin',
  needs: ['sourceDag', 'sourceControl'],
  when: ({ intent, observation, migration }) =>
    intent.goal === 'abort' &&
    groupedSides(migration).length > 0 &&
    isConnected(observation, 'source'),
  match: ({ sourceDag, sourceControl }, { observation, migration }) => {
    if (dagRole(sourceDag) !== 'PRIMARY') return null;
    const before = registerOf(sourceControl)?.prior?.enabledLogins ?? [];
    for (const { name, fenceLogins } of othersOf(observation, migration, 'source')) {
      const login = fenceLogins.find((row) => row.isDisabled && holds(before, row.name));
      if (login === undefined) continue;
      return {
        kind: 'act',
        because: `The source is primary, and login ${shownName(login.name)}, which was enabled before the cutover, is disabled on ${shownName(name)}.`,
        act: { kind: 'enable-login', side: 'source', login: login.name, instance: name },
      };
    }
    return null;
  },
});
