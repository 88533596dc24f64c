/** Judges of a switch: who still writes, what has not arrived, and roles on their way. */

import { shownName } from '../../base/name.ts';
import type {
  DatabaseObservation,
  SessionObservation,
  SideObservation,
} from '../../model/observation.ts';
import { sideOf } from '../../model/observation.ts';
import { behind, observedFinalLsns } from '../look.ts';
import { lagWords } from '../readiness.ts';
import type { WaitFinding, WaitJudge } from './judge.ts';
import { ageOf, databaseOn, roleOf, valueOf, type Scene } from './scene.ts';

/** Sessions named in one answer; the rest are counted. */
const NAMED = 20;

/** The fence is up: every login of the fence list is disabled, and the role has not moved. */
function isFenced(scene: Scene, seen: SideObservation = scene.sender): boolean {
  const logins = valueOf(seen.fenceLogins) ?? [];
  return (
    scene.goal === 'switch' &&
    roleOf(seen) === 'PRIMARY' &&
    logins.every((login) => login.isDisabled)
  );
}

function sessionWords(session: SessionObservation): string {
  const open =
    session.openTransactions > 0 ? `, ${session.openTransactions} open transaction(s)` : '';
  return `Session ${session.sessionId} in ${session.database === null ? 'no database' : shownName(session.database)}: ${session.loginName} from ${session.hostName ?? 'an unknown host'} (${session.programName ?? 'no program name'}), since ${session.loginTimeUtc}${open}.`;
}

function sessionFinding(
  scene: Scene,
  sessions: readonly SessionObservation[],
  cause: string,
): readonly WaitFinding[] {
  if (sessions.length === 0) return [];
  const shown = sessions.slice(0, NAMED);
  const more = sessions.length - shown.length;
  return [
    {
      side: scene.sender.side,
      cause,
      evidence: [
        ...shown.map((session) => sessionWords(session)),
        ...(more === 0 ? [] : [`And ${more} more.`]),
      ],
      whose: 'application',
      next: `Stop these programs; sqlferry ends what is left after cutover.fence.killSessionsAfter. By hand on ${shownName(scene.sender.instance)}: ${shown
        .slice(0, 5)
        .map(({ sessionId }) => `KILL ${sessionId}`)
        .join('; ')}`,
    },
  ];
}

/** A transaction is open behind the fence. */
export const openTransaction: WaitJudge = {
  id: 'WAIT-FENCE-TRANSACTION',
  title: 'A session holds a transaction open behind the fence',
  why: 'It can still commit; ending it rolls back what it has not committed.',
  limit: 'fenceMs',
  explains: ['WAIT-FENCE-WRITES'],
  reference: 'complete',
  judge: (scene) => {
    if (!isFenced(scene)) return [];
    const sessions = (valueOf(scene.sender.sessions) ?? []).filter(
      (one) => one.openTransactions > 0,
    );
    return sessionFinding(
      scene,
      sessions,
      `${sessions.length === 1 ? 'A session holds' : `${sessions.length} sessions hold`} a transaction open in the databases.`,
    );
  },
};

/** Somebody is still in the databases. */
export const fenceSessions: WaitJudge = {
  id: 'WAIT-FENCE-SESSIONS',
  title: 'Sessions are still in the databases behind the fence',
  why: 'A disabled login keeps the sessions it has, and sleeping ones can write too.',
  limit: 'fenceMs',
  explains: ['WAIT-FENCE-WRITES'],
  reference: 'complete',
  judge: (scene) => {
    if (!isFenced(scene)) return [];
    const sessions = (valueOf(scene.sender.sessions) ?? []).filter(
      (one) => one.openTransactions === 0,
    );
    return sessionFinding(
      scene,
      sessions,
      `${sessions.length === 1 ? 'A session is' : `${sessions.length} sessions are`} still in the databases.`,
    );
  },
};

/** Nobody is there, and the log moves. */
export const fenceWrites: WaitJudge = {
  id: 'WAIT-FENCE-WRITES',
  title: 'Something writes behind the fence',
  why: 'Two looks must show the same last commit before the role may move; a job, a trigger of the server or a login outside the fence list still writes.',
  limit: null,
  explains: ['WAIT-LSN'],
  reference: 'complete',
  judge: (scene) => {
    const before = scene.previous;
    if (!isFenced(scene) || before === null) return [];
    const earlier = sideOf(before, scene.sender.side);
    if (!isFenced(scene, earlier)) return [];
    return scene.names.flatMap((name) => {
      const was = commitOf(earlier, name);
      const is = commitOf(scene.sender, name);
      if (was === null || is === null || was === is) return [];
      return [
        {
          side: scene.sender.side,
          database: name,
          cause: `Something still commits in ${shownName(name)} although its logins are disabled.`,
          evidence: [`last_commit_lsn went from ${was} to ${is} between two looks.`],
          whose: 'application',
          next: `Find it on ${shownName(scene.sender.instance)}: SELECT session_id, login_name, host_name, program_name FROM sys.dm_exec_sessions WHERE is_user_process = 1; look at running Agent jobs too, and add its login to cutover.fence.logins.`,
        },
      ];
    });
  },
};

function commitOf(side: SideObservation, name: string): bigint | null {
  return databaseOn(side, name)?.local?.lastCommitLsn ?? null;
}

/** The end of the log is not over there. */
export const lsnBehind: WaitJudge = {
  id: 'WAIT-LSN',
  title: 'The end of the log has not arrived',
  why: 'Only equal LSNs prove that the copy has everything; null is equal to nothing.',
  limit: 'fenceMs',
  explains: [],
  reference: 'complete',
  judge: (scene) => {
    const from = valueOf(scene.sender.databases);
    const to = valueOf(scene.receiver.databases);
    if (!isFenced(scene) || from === null || to === null) return [];
    const finals = observedFinalLsns(scene.names, from);
    const late = finals === null ? scene.names : behind(finals, to);
    return late.map((name) => ({
      database: name,
      cause: `The end of the log of ${shownName(name)} is not on the ${scene.receiver.side} yet.`,
      evidence: [`${lagWords(databaseOn(scene.sender, name), databaseOn(scene.receiver, name))}.`],
      whose: 'SQL Server',
      next: 'Wait until it has arrived; sqlferry abort lifts the fence at any time.',
    }));
  },
};

/** A role is on its way. */
export const roleChange: WaitJudge = {
  id: 'WAIT-ROLE-CHANGE',
  title: 'A role change is under way',
  why: 'The role is taken or given away at this moment; nothing else is decided until it shows PRIMARY or SECONDARY.',
  limit: 'fenceMs',
  explains: ['WAIT-LINK', 'WAIT-NOT-SYNCHRONIZING'],
  reference: 'configure',
  judge: (scene) =>
    [scene.sender, scene.receiver].flatMap((seen) => {
      const dag = valueOf(seen.distributed);
      if (dag === null) return [];
      const operational = dag.localOperationalStateDesc ?? '';
      const moving =
        dag.localRoleDesc === 'RESOLVING' ||
        dag.localRoleDesc === null ||
        operational.startsWith('PENDING');
      if (!moving) return [];
      return [
        {
          side: seen.side,
          cause: `The role of the ${seen.side} in ${shownName(dag.name)} is changing.`,
          evidence: [
            `role_desc ${dag.localRoleDesc ?? 'not shown'}, operational_state_desc ${operational === '' ? 'not shown' : operational}.`,
          ],
          whose: 'SQL Server',
          next: `Wait; force nothing meanwhile. When it stays so: EXEC sp_readerrorlog on ${shownName(seen.instance)}.`,
        },
      ];
    }),
};

/** The new primary opens its databases. */
export const promotedRecovers: WaitJudge = {
  id: 'WAIT-PROMOTED-RECOVERS',
  title: 'The new primary has not opened its databases yet',
  why: 'They are recovered one after another; what was left to redo and undo decides how long.',
  limit: 'fenceMs',
  explains: [],
  reference: 'configure',
  judge: (scene) => {
    const primary = scene.sender;
    if (scene.goal !== 'switch' || roleOf(primary) !== 'PRIMARY') return [];
    const closed = (valueOf(primary.databases) ?? []).filter(isOpening);
    return closed.map((database) => ({
      side: primary.side,
      database: database.name,
      cause: `${shownName(database.name)} on the new primary is ${database.stateDesc}.`,
      evidence: [`sys.databases.state_desc on ${shownName(primary.instance)}.`],
      whose: 'nobody' as const,
      next: 'Wait until it is ONLINE; the error log tells how far its recovery is (EXEC sp_readerrorlog).',
      ageMs: ageOf(primary, null),
    }));
  },
};

function isOpening(database: DatabaseObservation): boolean {
  return database.local !== null && /^(?:RECOVERING|RESTORING)$/u.test(database.stateDesc);
}
