/** Judges of what stands around the servers: another operator, the dead-man, clocks, a setting that holds commits. */

import { duration } from '../../base/quantity.ts';
import { shownName } from '../../base/name.ts';
import { parseUtc } from '../../base/utc.ts';
import type { SideObservation } from '../../model/observation.ts';
import type { WaitFinding, WaitJudge } from './judge.ts';
import { ageOf, isConnected, keeperOf, roleOf, valueOf, type Scene } from './scene.ts';

/** Another sqlferry leads. */
export const lockHeld: WaitJudge = {
  id: 'WAIT-LOCK-HELD',
  title: 'Another sqlferry leads this migration',
  why: 'Only one operator acts at a time; the lock belongs to its session and goes with it.',
  limit: null,
  explains: ['WAIT-OTHER-SESSION'],
  reference: 'configure',
  judge: (scene) =>
    [scene.sender, scene.receiver].flatMap((seen): readonly WaitFinding[] => {
      const leader = valueOf(seen.leadership);
      if (leader === null || leader.kind !== 'other') return [];
      return [
        {
          side: seen.side,
          cause: `Another sqlferry leads on ${shownName(seen.instance)}: ${leader.loginName} from ${leader.hostName ?? 'an unknown host'}.`,
          evidence: [`Session ${leader.sessionId}, logged in at ${leader.loginTimeUtc}.`],
          whose: 'sqlferry',
          next: 'Look at the screen of that run. When nobody sits there: the same command with --takeover ends exactly that session.',
          ageMs: ageOf(seen, leader.loginTimeUtc),
        },
      ];
    }),
};

/** A session of sqlferry is left. */
export const otherSession: WaitJudge = {
  id: 'WAIT-OTHER-SESSION',
  title: 'Another sqlferry session acts on this group',
  why: 'A batch of it may still be running; what is left of a broken connection ends by itself.',
  limit: null,
  explains: [],
  reference: 'configure',
  judge: (scene) =>
    [scene.sender, scene.receiver].flatMap((seen): readonly WaitFinding[] => {
      const sessions = valueOf(seen.operators) ?? [];
      if (sessions.length === 0) return [];
      return [
        {
          side: seen.side,
          cause: `${sessions.length === 1 ? 'Another sqlferry session is' : `${sessions.length} other sqlferry sessions are`} connected to ${shownName(seen.instance)}.`,
          evidence: sessions.map(
            ({ sessionId, loginName, hostName, loginTimeUtc }) =>
              `Session ${sessionId}: ${loginName} from ${hostName ?? 'an unknown host'}, since ${loginTimeUtc}.`,
          ),
          whose: 'sqlferry',
          next: `Wait until it has ended. When it hangs, run on ${shownName(seen.instance)}: ${sessions
            .slice(0, 5)
            .map(({ sessionId }) => `KILL ${sessionId}`)
            .join('; ')}`,
          ageMs: ageOf(seen, sessions[0]?.loginTimeUtc ?? null),
        },
      ];
    }),
};

/** The dead-man would not fire. */
export const agentStopped: WaitJudge = {
  id: 'WAIT-AGENT-STOPPED',
  title: 'SQL Server Agent does not run',
  why: 'The dead-man is one of its jobs: without it a tool that dies in the outage leaves both copies closed.',
  limit: null,
  explains: [],
  reference: 'configure',
  judge: (scene) => {
    const state = valueOf(scene.sender.deadMan);
    const wanted = scene.migration.cutover.deadMan === 'agent' && hasGroup(scene);
    if (!wanted || state?.agentRunning !== false) return [];
    const name = valueOf(scene.sender.server)?.serverName ?? scene.sender.instance;
    const named = name.split('\\')[1];
    return [
      {
        side: scene.sender.side,
        cause: `SQL Server Agent does not run on ${shownName(scene.sender.instance)}, so the dead-man would not fire.`,
        evidence: ['sys.dm_server_services shows it as not running.'],
        whose: keeperOf(scene.sender.side),
        next: `On that machine, in PowerShell: Start-Service '${named === undefined ? 'SQLSERVERAGENT' : `SQLAgent$${named}`}'. Or set cutover.deadMan to watcher or off.`,
      },
    ];
  },
};

/** Nobody watches. */
export const watcherAbsent: WaitJudge = {
  id: 'WAIT-WATCHER-ABSENT',
  title: 'No sqlferry watch is connected',
  why: 'The migration file asks for a watcher as dead-man; a switch does not begin without it.',
  limit: null,
  explains: [],
  reference: 'configure',
  judge: (scene) => {
    const state = valueOf(scene.sender.deadMan);
    const wanted = scene.migration.cutover.deadMan === 'watcher' && scene.goal === 'switch';
    if (!wanted || state === null || state.watcherConnected) return [];
    return [
      {
        side: scene.sender.side,
        cause: `No sqlferry watch is connected to ${shownName(scene.sender.instance)}.`,
        evidence: ['sys.dm_exec_sessions shows no session of one.'],
        whose: keeperOf(scene.sender.side),
        next: 'Run sqlferry watch from a second machine, or set cutover.deadMan to agent or off.',
      },
    ];
  },
};

/** An earlier attempt ends. */
export const deadManRuns: WaitJudge = {
  id: 'WAIT-DEAD-MAN-RUNS',
  title: 'The dead-man of an earlier attempt has not ended',
  why: 'Its job ends within a moment once its epoch is over; while it runs it cannot be started for a new one.',
  limit: 'fenceMs',
  explains: [],
  reference: 'configure',
  judge: (scene) => {
    const running = valueOf(scene.sender.deadMan)?.jobRunning === true;
    if (!running || scene.goal !== 'switch' || roleOf(scene.sender) !== 'PRIMARY') return [];
    return [
      {
        side: scene.sender.side,
        cause: `The job of the dead-man still runs on ${shownName(scene.sender.instance)}.`,
        evidence: ['msdb shows it as running.'],
        whose: 'nobody',
        next: 'Wait a moment: it ends by itself.',
      },
    ];
  },
};

/** Clocks that do not agree. */
export const clocks: WaitJudge = {
  id: 'WAIT-CLOCK',
  title: 'The clock of a server is off',
  why: 'Deadlines count by the server’s own clock, so the switch is safe; times in logs, --at and the age of rows mislead.',
  limit: null,
  explains: [],
  reference: 'configure',
  judge: (scene) =>
    [scene.sender, scene.receiver].flatMap((seen): readonly WaitFinding[] => {
      const away = offsetOf(seen, scene.now);
      if (away === null || Math.abs(away) <= scene.limits.clockMs) return [];
      return [
        {
          side: seen.side,
          cause: `The clock of ${shownName(seen.instance)} is ${duration(Math.abs(away))} ${away > 0 ? 'ahead of' : 'behind'} this machine's.`,
          evidence: [`SYSUTCDATETIME() said ${valueOf(seen.serverUtc) ?? ''}.`],
          whose: keeperOf(seen.side),
          next: 'On that machine, as administrator: w32tm /resync (or mend the clock of this machine, when both servers differ from it alike).',
        },
      ];
    }),
};

function offsetOf(side: SideObservation, now: number): number | null {
  const there = valueOf(side.serverUtc);
  const time = there === null ? null : parseUtc(there);
  return time === null ? null : time - now;
}

/** Commits hang. */
export const requiredSecondaries: WaitJudge = {
  id: 'WAIT-REQUIRED-SECONDARIES',
  title: 'Commits wait for a side that is not there',
  why: 'REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT is set and the other side is not connected: users wait at each commit (988 on later versions).',
  limit: null,
  explains: [],
  reference: 'alterGroup',
  judge: (scene) => {
    const dag = valueOf(scene.sender.distributed);
    if (dag === null || dag.localRoleDesc !== 'PRIMARY' || isConnected(scene) !== false) return [];
    if (dag.requiredSynchronizedSecondariesToCommit === 0) return [];
    return [
      {
        side: scene.sender.side,
        cause: `Commits on ${shownName(scene.sender.instance)} wait for the ${scene.receiver.side}, which is not connected.`,
        evidence: [
          `required_synchronized_secondaries_to_commit of ${shownName(dag.name)} is ${dag.requiredSynchronizedSecondariesToCommit}.`,
        ],
        whose: keeperOf(scene.sender.side),
        next: `Run on ${shownName(scene.sender.instance)}: ALTER AVAILABILITY GROUP ${shownName(dag.name)} SET (REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT = 0); sqlferry abort does it too`,
      },
    ];
  },
};

function hasGroup(scene: Scene): boolean {
  return roleOf(scene.sender) === 'PRIMARY';
}
