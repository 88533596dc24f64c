/** Judges of copies that have joined: suspended, recovering, out of step, queues, and the log that is held back. */

import { bytes, duration } from '../../base/quantity.ts';
import { shownName } from '../../base/name.ts';
import type { DatabaseObservation, DatabaseReplicaObservation } from '../../model/observation.ts';
import { isAsynchronous, isSynchronous } from '../look.ts';
import type { WaitFinding, WaitJudge } from './judge.ts';
import { circumstanceOf, databaseOn, keeperOf, valueOf, type Scene } from './scene.ts';

const KB = 1024;

/** A database on both sides whose copy has joined. */
interface Pair {
  readonly name: string;
  readonly from: DatabaseObservation;
  readonly to: DatabaseObservation;
}

function joined(scene: Scene): readonly Pair[] {
  return scene.names.flatMap((name) => {
    const from = databaseOn(scene.sender, name);
    const to = databaseOn(scene.receiver, name);
    return from === null || to === null || to.local === null ? [] : [{ name, from, to }];
  });
}

/** What a suspended database brings with it. */
const afterSuspend: readonly string[] = [
  'WAIT-NOT-SYNCHRONIZING',
  'WAIT-CATCHING-UP',
  'WAIT-SEND-QUEUE',
  'WAIT-REDO-QUEUE',
  'WAIT-LSN',
  'WAIT-LOG-HELD',
];

interface Suspension {
  readonly name: string;
  readonly reason: string;
  readonly isUser: boolean;
  readonly onReceiver: boolean;
}

function suspensions(scene: Scene): readonly Suspension[] {
  return joined(scene).flatMap(({ name, from, to }) => {
    const own = to.local?.isSuspended === true;
    const rows = [to.local, from.distributed, from.local];
    const row = rows.find((each) => each?.isSuspended === true) ?? null;
    if (row === null) return [];
    const reason = row.suspendReasonDesc ?? 'no reason shown';
    return [{ name, reason, isUser: reason === 'SUSPEND_FROM_USER', onReceiver: own }];
  });
}

function suspensionFinding(
  scene: Scene,
  one: Suspension,
  words: { readonly by: string },
): WaitFinding {
  const seen = one.onReceiver ? scene.receiver : scene.sender;
  return {
    side: seen.side,
    database: one.name,
    cause: `Data movement of ${shownName(one.name)} is suspended on the ${seen.side} ${words.by}.`,
    evidence: [`sys.dm_hadr_database_replica_states shows is_suspended = 1, ${one.reason}.`],
    whose: one.isUser ? keeperOf(seen.side) : 'sqlferry',
    next: `${one.isUser ? 'When it may go on, run' : 'sqlferry migrate resumes it; by hand:'} on ${shownName(seen.instance)}: ALTER DATABASE ${shownName(one.name)} SET HADR RESUME`,
  };
}

/** A person stopped data movement. */
export const suspendedByUser: WaitJudge = {
  id: 'WAIT-SUSPENDED-BY-USER',
  title: 'Data movement was suspended by a person',
  why: 'What somebody switched off on purpose is not switched on behind their back; meanwhile the sender keeps all log.',
  limit: null,
  explains: afterSuspend,
  reference: 'alterDatabaseHadr',
  judge: (scene) =>
    suspensions(scene)
      .filter((one) => one.isUser)
      .map((one) => suspensionFinding(scene, one, { by: 'by a person (SUSPEND_FROM_USER)' })),
};

/** The server stopped data movement. */
export const suspendedByServer: WaitJudge = {
  id: 'WAIT-SUSPENDED-BY-SERVER',
  title: 'SQL Server suspended data movement',
  why: 'After a role change or an error a copy is suspended until it is resumed; the reason tells which.',
  limit: null,
  explains: afterSuspend,
  reference: 'alterDatabaseHadr',
  judge: (scene) =>
    suspensions(scene)
      .filter((one) => !one.isUser)
      .map((one) => suspensionFinding(scene, one, { by: `by SQL Server (${one.reason})` })),
};

const BROKEN = /^(?:SUSPECT|RECOVERY_PENDING|OFFLINE|EMERGENCY)$/u;

/** A database that does not work. */
export const databaseState: WaitJudge = {
  id: 'WAIT-DATABASE-STATE',
  title: 'A database is suspect, offline or cannot recover',
  why: 'Nothing is sent from it or applied to it in this state; the error log says why.',
  limit: null,
  explains: afterSuspend,
  reference: 'distributed',
  judge: (scene) =>
    [scene.sender, scene.receiver].flatMap((seen) =>
      scene.names.flatMap((name) => {
        const state = databaseOn(seen, name)?.stateDesc ?? '';
        if (!BROKEN.test(state)) return [];
        return [
          {
            side: seen.side,
            database: name,
            cause: `${shownName(name)} on the ${seen.side} is ${state}.`,
            evidence: [`sys.databases.state_desc on ${shownName(seen.instance)}.`],
            whose: keeperOf(seen.side),
            next: `Read the error log of ${shownName(seen.instance)}: EXEC sp_readerrorlog (RECOVERY_PENDING with 33111: the TDE certificate is missing there; with 5123: a file).`,
          },
        ];
      }),
    ),
};

/** It recovers, for a known reason or not. */
export const recovering: WaitJudge = {
  id: 'WAIT-TARGET-RECOVERING',
  title: 'The copy is not readable because it recovers',
  why: 'On a higher version the copy stays RECOVERING and the group PARTIALLY_HEALTHY until the cutover upgrades it; on the same version it is over soon.',
  limit: 'synchronizeMs',
  explains: [],
  reference: 'distributed',
  judge: (scene) => {
    const from = valueOf(scene.sender.server);
    const to = valueOf(scene.receiver.server);
    const higher = from !== null && to !== null && to.versionMajor > from.versionMajor;
    return joined(scene)
      .filter((pair) => pair.to.stateDesc === 'RECOVERING')
      .map(({ name, to: copy }) => ({
        side: scene.receiver.side,
        database: name,
        cause: higher
          ? `The copy of ${shownName(name)} stays RECOVERING and unreadable until the cutover, because the ${scene.receiver.side} is of a higher version (${from.productVersion} to ${to.productVersion}).`
          : `The copy of ${shownName(name)} on the ${scene.receiver.side} recovers.`,
        evidence: [
          `state_desc is ${copy.stateDesc}, ${copy.local?.synchronizationStateDesc ?? 'no row'}, ${queueWords(copy.local?.redoQueueKb ?? null, copy.local?.redoRateKb ?? null, 'redo')}.`,
        ],
        whose: 'nobody',
        next: higher
          ? 'Nothing: it is upgraded at the cutover, and there is no failback after it.'
          : 'Wait until it is ONLINE; the error log of that instance tells how far it is (EXEC sp_readerrorlog).',
      }));
  },
};

/** Synchronous here, asynchronous there. */
export const modeOnOneSide: WaitJudge = {
  id: 'WAIT-MODE-ON-ONE-SIDE',
  title: 'The commit mode of the distributed group differs between the sides',
  why: 'Each side keeps its own copy of the options; as long as one says ASYNCHRONOUS_COMMIT the group never becomes SYNCHRONIZED.',
  limit: 'synchronizeMs',
  explains: ['WAIT-CATCHING-UP'],
  reference: 'complete',
  judge: (scene) => {
    const seen = [scene.sender, scene.receiver].map((side) => ({
      side,
      dag: valueOf(side.distributed),
    }));
    const dags = seen.flatMap(({ dag }) => (dag === null ? [] : [dag]));
    if (dags.length < 2 || dags.every(isSynchronous) || dags.every(isAsynchronous)) return [];
    return seen.flatMap(({ side, dag }) => {
      if (dag === null || isSynchronous(dag)) return [];
      const parts = dag.members.map(
        ({ availabilityGroup }) =>
          `N'${availabilityGroup.replaceAll("'", "''")}' WITH (AVAILABILITY_MODE = SYNCHRONOUS_COMMIT)`,
      );
      return [
        {
          side: side.side,
          cause: `${shownName(dag.name)} is not synchronous on the ${side.side}, and it is on the other side.`,
          evidence: dag.members.map(
            (member) =>
              `On the ${side.side}: ${shownName(member.availabilityGroup)} ${member.availabilityModeDesc}.`,
          ),
          whose: 'sqlferry',
          next: `sqlferry cutover sets it; by hand on ${shownName(side.instance)}: ALTER AVAILABILITY GROUP ${shownName(dag.name)} MODIFY AVAILABILITY GROUP ON ${parts.join(', ')}`,
        },
      ];
    });
  },
};

/** Connected, not suspended, and nothing moves. */
export const notSynchronizing: WaitJudge = {
  id: 'WAIT-NOT-SYNCHRONIZING',
  title: 'A copy does not receive log',
  why: 'The link is up and nothing is suspended, but the sender shows NOT SYNCHRONIZING; it should last a moment only.',
  limit: 'synchronizeMs',
  explains: ['WAIT-SEND-QUEUE', 'WAIT-CATCHING-UP', 'WAIT-LSN', 'WAIT-LOG-HELD'],
  reference: 'distributed',
  judge: (scene) =>
    joined(scene).flatMap(({ name, from, to }) => {
      const row = from.distributed;
      if (row?.synchronizationStateDesc !== 'NOT SYNCHRONIZING') return [];
      return [
        {
          database: name,
          cause: `${shownName(name)} is NOT SYNCHRONIZING in the distributed group.`,
          evidence: [
            `The copy on the ${scene.receiver.side} is ${to.stateDesc}, its local row ${to.local?.synchronizationStateDesc ?? 'absent'}; ${queueWords(row.logSendQueueKb, row.logSendRateKb, 'send')}.`,
          ],
          whose: 'SQL Server',
          next: `Wait a moment; when it stays: EXEC sp_readerrorlog on ${shownName(scene.receiver.instance)} (35285, 35217, 9642), then ALTER DATABASE ${shownName(name)} SET HADR RESUME there.`,
        },
      ];
    }),
};

/** Synchronous on both sides, not yet SYNCHRONIZED. */
export const catchingUp: WaitJudge = {
  id: 'WAIT-CATCHING-UP',
  title: 'A copy is not yet SYNCHRONIZED',
  why: 'Both sides commit synchronously; the copy has to have all log on disk first.',
  limit: 'synchronizeMs',
  explains: [],
  reference: 'complete',
  judge: (scene) => {
    const dags = [scene.sender, scene.receiver].map((side) => valueOf(side.distributed));
    if (!dags.every((dag) => dag !== null && isSynchronous(dag))) return [];
    return joined(scene).flatMap(({ name, from }) => {
      const row = from.distributed;
      if (row?.synchronizationStateDesc !== 'SYNCHRONIZING') return [];
      return [
        {
          database: name,
          cause: `${shownName(name)} is SYNCHRONIZING, not yet SYNCHRONIZED.`,
          evidence: [`${queueWords(row.logSendQueueKb, row.logSendRateKb, 'send')}.`],
          whose: 'nobody',
          next: 'Wait until its log has arrived; fewer writes make it shorter.',
        },
      ];
    });
  },
};

function timeOf(queueKb: number | null, rateKb: number | null): number | null {
  if (queueKb === null || rateKb === null || rateKb <= 0) return null;
  return (1000 * queueKb) / rateKb;
}

function queueWords(queueKb: number | null, rateKb: number | null, verb: string): string {
  if (queueKb === null) return `the queue to ${verb} is not shown`;
  const time = timeOf(queueKb, rateKb);
  const rate = rateKb === null || rateKb <= 0 ? ', no rate shown' : ` at ${bytes(rateKb * KB)}/s`;
  return `${bytes(queueKb * KB)} to ${verb}${rate}${time === null ? '' : `, about ${duration(time)}`}`;
}

/** Queue that needs longer than the limit, or that does not move at all. */
function isLong(scene: Scene, queueKb: number | null, rateKb: number | null): boolean {
  if (queueKb === null || queueKb <= 0) return false;
  const time = timeOf(queueKb, rateKb);
  return time === null ? queueKb * KB > NO_RATE_BYTES : time > scene.limits.queueMs;
}

/** Without a rate a queue is worth a word from this size on, in bytes. */
const NO_RATE_BYTES = 16 * KB * KB;

/** Log that has to travel. */
export const sendQueue: WaitJudge = {
  id: 'WAIT-SEND-QUEUE',
  title: 'Much log is still to be sent',
  why: 'It is as old as its queue takes at the present rate; during a cutover it would be outage.',
  limit: null,
  explains: ['WAIT-CATCHING-UP', 'WAIT-LSN', 'WAIT-LOG-HELD'],
  reference: 'distributed',
  judge: (scene) =>
    joined(scene).flatMap(({ name, from }) =>
      queueFinding(scene, { name, row: from.distributed, kind: 'send' }),
    ),
};

/** Log that has to be applied. */
export const redoQueue: WaitJudge = {
  id: 'WAIT-REDO-QUEUE',
  title: 'Much log is still to be redone',
  why: 'It is on disk there and safe, but the copy opens only after its redo: during a cutover it would be outage.',
  limit: null,
  explains: [],
  reference: 'distributed',
  judge: (scene) =>
    joined(scene).flatMap(({ name, to }) =>
      queueFinding(scene, { name, row: to.local, kind: 'redo' }),
    ),
};

function queueFinding(
  scene: Scene,
  queue: {
    readonly name: string;
    readonly row: DatabaseReplicaObservation | null;
    readonly kind: 'send' | 'redo';
  },
): readonly WaitFinding[] {
  const { name, row, kind } = queue;
  const size = (kind === 'send' ? row?.logSendQueueKb : row?.redoQueueKb) ?? null;
  const rate = (kind === 'send' ? row?.logSendRateKb : row?.redoRateKb) ?? null;
  if (!isLong(scene, size, rate)) return [];
  const target = scene.receiver.side;
  return [
    {
      database: name,
      cause: `${shownName(name)}: ${queueWords(size, rate, kind)}.`,
      evidence: [`limits.queue is ${duration(scene.limits.queueMs)}.`],
      whose: kind === 'send' ? 'network' : keeperOf(target),
      next:
        kind === 'send'
          ? 'Wait for a quieter hour, or give the link more bandwidth; large index rebuilds and loads can be put off.'
          : `Wait for a quieter hour; look at the disks and the CPU of ${shownName(scene.receiver.instance)} (redo is single-threaded for small databases).`,
    },
  ];
}

/** The log grows because the copy needs it. */
export const logHeld: WaitJudge = {
  id: 'WAIT-LOG-HELD',
  title: 'The log of the sender cannot be truncated and fills up',
  why: 'Log that the copy has not yet got is kept, log backups or not (AVAILABILITY_REPLICA); a full log stops all writes (9002).',
  limit: null,
  explains: [],
  reference: 'distributed',
  judge: (scene) =>
    scene.names.flatMap((name) => {
      const found = circumstanceOf(scene.sender, name);
      const used = found?.logUsedBytes ?? null;
      const size = found?.logBytes ?? null;
      if (used === null || size === null || size === 0) return [];
      const isReplica = found?.logReuseWaitDesc === 'AVAILABILITY_REPLICA';
      const isBackup = found?.logReuseWaitDesc === 'LOG_BACKUP';
      const percent = (100 * used) / size;
      if ((!isReplica && !isBackup) || percent < scene.limits.logUsedPercent) return [];
      const limit = found?.logLimitBytes ?? null;
      return [
        {
          side: scene.sender.side,
          database: name,
          cause: `The log of ${shownName(name)} is ${Math.floor(percent)} % full and cannot be truncated (${found?.logReuseWaitDesc ?? ''}).`,
          evidence: [
            `${bytes(used)} of ${bytes(size)} used; it may grow ${limit === null ? 'as far as the disk goes' : `to ${bytes(limit)}`}.`,
          ],
          whose: keeperOf(scene.sender.side),
          next: isReplica
            ? 'Mend what keeps the copy behind; until then give the log room: ALTER DATABASE ... MODIFY FILE (... MAXSIZE = UNLIMITED), or another log file.'
            : `Run on ${shownName(scene.sender.instance)}: BACKUP LOG ${shownName(name)} TO DISK = N'<file>' (not while it is being seeded: 1412).`,
        },
      ];
    }),
};
