/** Judges of the first copy: it runs, it queues, it stands, it failed. At most one of them speaks per database. */

import { duration } from '../../base/quantity.ts';
import { shownName } from '../../base/name.ts';
import type { WaitFinding, WaitJudge } from './judge.ts';
import { ageOf, databaseOn, keeperOf, newestSeeding, valueOf, type Scene } from './scene.ts';
import { failureCauses } from './seeding-failure.ts';
import {
  AT_ONCE,
  bothViews,
  busyOf,
  failureOf,
  isFalseAlarm,
  isQueued,
  isRunning,
  leftMs,
  openSeedings,
  progressWords,
  type Seeding,
} from './seeding-state.ts';

/** A judge that speaks of one kind of open seeding. */
function seedingJudge(
  text: Omit<WaitJudge, 'judge' | 'reference' | 'explains'>,
  judgeOne: (seeding: Seeding, scene: Scene) => WaitFinding | null,
): WaitJudge {
  return {
    ...text,
    explains: [],
    reference: 'seeding',
    judge: (scene) =>
      openSeedings(scene).flatMap((seeding) => {
        const finding = judgeOne(seeding, scene);
        return finding === null ? [] : [{ database: seeding.database, ...finding }];
      }),
  };
}

/** Seeding is switched off on a side. */
export const seedingMode: WaitJudge = {
  id: 'WAIT-SEEDING-MODE',
  title: 'SEEDING_MODE is MANUAL on a side',
  why: 'The options of the group are kept on each side; both must say AUTOMATIC before a copy travels.',
  limit: null,
  explains: [
    'WAIT-SEEDING-STARTS',
    'WAIT-SEEDING-DEAD',
    'WAIT-SEEDING-CANCELLED',
    'WAIT-SEEDING-TRANSPORT',
    'WAIT-SEEDING-GAVE-UP',
    'WAIT-SEEDING-QUEUED',
  ],
  reference: 'seeding',
  judge: (scene) => {
    if (scene.migration.seeding.kind !== 'automatic' || openSeedings(scene).length === 0) return [];
    return [scene.sender, scene.receiver].flatMap((seen) => {
      const dag = valueOf(seen.distributed);
      const manual = (dag?.members ?? []).filter((member) => member.seedingModeDesc === 'MANUAL');
      if (dag === null || manual.length === 0) return [];
      const parts = manual.map(
        ({ availabilityGroup }) =>
          `N'${availabilityGroup.replaceAll("'", "''")}' WITH (SEEDING_MODE = AUTOMATIC)`,
      );
      return [
        {
          side: seen.side,
          cause: `SEEDING_MODE of ${manual.map((member) => shownName(member.availabilityGroup)).join(' and ')} is MANUAL on the ${seen.side}.`,
          evidence: ['sys.availability_replicas of that side shows MANUAL.'],
          whose: keeperOf(seen.side),
          next: `Run on ${shownName(seen.instance)}: ALTER AVAILABILITY GROUP ${shownName(dag.name)} MODIFY AVAILABILITY GROUP ON ${parts.join(', ')}`,
        },
      ];
    });
  },
};

/** One judge per cause of a failure. */
export const seedingFailures: readonly WaitJudge[] = failureCauses.map((kind) =>
  seedingJudge({ id: kind.id, title: kind.title, why: kind.why, limit: null }, (seeding, scene) => {
    const failure = failureOf(scene, seeding);
    if (failure === null || failureCauses.find((each) => each.is(failure))?.id !== kind.id) {
      return null;
    }
    return {
      side: failure.side,
      cause: kind.cause(failure),
      evidence: [
        `The ${failure.side} shows FAILED, ${failure.text === '' ? 'no failure_state_desc' : failure.text}${failure.errorCode === null ? '' : `, error ${failure.errorCode}`}.`,
        bothViews(seeding),
      ],
      whose: kind.whose(failure),
      next: kind.next(failure),
      ageMs: seeding.quietMs,
    };
  }),
);

/** The forwarder says FAILED, and nothing failed. */
export const falseAlarm: WaitJudge = {
  id: 'WAIT-SEEDING-FALSE-ALARM',
  title: 'The receiving side shows FAILED although the copy arrived',
  why: 'A documented false alarm: "Seeding Check Message Timeout" on the forwarder while the sender says COMPLETED. The state of the database counts.',
  limit: null,
  explains: [],
  reference: 'distributed',
  judge: (scene) =>
    scene.names.flatMap((name) => {
      const from = databaseOn(scene.sender, name);
      const to = databaseOn(scene.receiver, name);
      const alarm = to?.seeding ?? null;
      const arrived = (to?.local ?? null) !== null || from?.seeding?.stateDesc === 'COMPLETED';
      const inStep = (from?.distributed?.synchronizationStateDesc ?? '').startsWith('SYNCHRONIZ');
      if (
        alarm === null ||
        alarm.stateDesc !== 'FAILED' ||
        !isFalseAlarm(alarm) ||
        !arrived ||
        inStep
      )
        return [];
      return [
        {
          side: scene.receiver.side,
          database: name,
          cause: `The ${scene.receiver.side} shows the seeding of ${shownName(name)} as FAILED (Seeding Check Message Timeout), but the copy arrived.`,
          evidence: [
            `The sender says ${from?.seeding?.stateDesc ?? 'nothing'}; the copy is ${to?.stateDesc ?? 'absent'}.`,
          ],
          whose: 'nobody',
          next: 'Ignore that row: it is a documented false alarm and stays in the view.',
        },
      ];
    }),
};

/** It travels. */
export const seedingRuns = seedingJudge(
  {
    id: 'WAIT-SEEDING-RUNS',
    title: 'The first copy travels',
    why: 'Nothing is wrong; how long it takes is size over rate.',
    limit: 'never',
  },
  (seeding, scene) => {
    const still = scene.stillMs(seeding.database);
    const moves = still === null || still < scene.limits.seedingStillMs;
    if (!isRunning(seeding.from) || !moves) return null;
    const left = leftMs(seeding.from) ?? leftMs(seeding.to);
    return {
      cause: `${shownName(seeding.database)} is being copied: ${progressWords(seeding.from)}${left === null ? '' : `, about ${duration(left)} left at this rate`}.`,
      evidence: [bothViews(seeding)],
      whose: 'nobody',
      next: 'Wait; sqlferry status --watch shows it moving.',
      ageMs: ageOf(
        scene.sender,
        newestSeeding(scene, scene.sender, seeding.database)?.startedUtc ?? null,
      ),
    };
  },
);

/** It travelled and does not any more. */
export const seedingStill = seedingJudge(
  {
    id: 'WAIT-SEEDING-STILL',
    title: 'A running seeding does not move',
    why: 'The views say it runs, and no byte was added for the time of limits.seedingStill: a slow disk, a full log, or a dead stream.',
    limit: null,
  },
  (seeding, scene) => {
    const still = scene.stillMs(seeding.database);
    if (!isRunning(seeding.from) || still === null || still < scene.limits.seedingStillMs) {
      return null;
    }
    return {
      cause: `The seeding of ${shownName(seeding.database)} has not moved for ${duration(still)}: ${progressWords(seeding.from)}.`,
      evidence: [bothViews(seeding)],
      whose: 'sqlferry',
      next: `sqlferry migrate starts it again; meanwhile EXEC sp_readerrorlog on ${shownName(scene.receiver.instance)} (disk full, 1412, 5123).`,
      ageMs: still,
    };
  },
);

/** More databases than travel at once. */
export const seedingQueued = seedingJudge(
  {
    id: 'WAIT-SEEDING-QUEUED',
    title: 'A database waits for its turn',
    why: 'Up to five databases are seeded at a time, one thread each.',
    limit: 'never',
  },
  (seeding, scene) => {
    if (!isWaitingItsTurn(seeding, scene)) return null;
    return {
      cause: `${shownName(seeding.database)} waits until one of the ${busyOf(scene)} running seedings is over.`,
      evidence: [bothViews(seeding)],
      whose: 'nobody',
      next: `Wait; up to ${AT_ONCE} databases travel at once.`,
    };
  },
);

function isWaitingItsTurn(seeding: Seeding, scene: Scene): boolean {
  if (isQueued(seeding.from)) return true;
  return seeding.from === null && busyOf(scene) >= AT_ONCE;
}

/** Not one of the other kinds: asked for, and nothing travels. */
function hasNotBegun(seeding: Seeding, scene: Scene): boolean {
  return (
    !isRunning(seeding.from) &&
    !isWaitingItsTurn(seeding, scene) &&
    failureOf(scene, seeding) === null &&
    // A completed one without a copy over there was for a replica of the sender's own group.
    (seeding.from?.stateDesc !== 'COMPLETED' ||
      databaseOn(scene.receiver, seeding.database) === null)
  );
}

/** Asked for a moment ago. */
export const seedingStarts = seedingJudge(
  {
    id: 'WAIT-SEEDING-STARTS',
    title: 'A seeding is about to begin',
    why: 'The two sides agree first who has what; it takes seconds.',
    limit: 'never',
  },
  (seeding, scene) => {
    const young = seeding.quietMs === null || seeding.quietMs < scene.limits.seedingStartMs;
    if (!hasNotBegun(seeding, scene) || !young) return null;
    return {
      cause: `The seeding of ${shownName(seeding.database)} is about to begin.`,
      evidence: [bothViews(seeding)],
      whose: 'SQL Server',
      next: `Wait; after ${duration(scene.limits.seedingStartMs)} it counts as dead.`,
      ageMs: seeding.quietMs,
    };
  },
);

/** Asked for, and nothing came of it. */
export const seedingDead = seedingJudge(
  {
    id: 'WAIT-SEEDING-DEAD',
    title: 'A seeding never began',
    why: 'A dead seeding shows nothing in sys.dm_hadr_physical_seeding_stats; both views on both sides together show that it never began.',
    limit: null,
  },
  (seeding, scene) => {
    if (!hasNotBegun(seeding, scene) || (seeding.quietMs ?? 0) < scene.limits.seedingStartMs) {
      return null;
    }
    return {
      cause: `The seeding of ${shownName(seeding.database)} never began; it is dead for ${duration(seeding.quietMs ?? 0)}.`,
      evidence: [bothViews(seeding)],
      whose: 'sqlferry',
      next: `sqlferry migrate says SEEDING_MODE = AUTOMATIC again on both sides; when that does not help: EXEC sp_readerrorlog on both sides.`,
      ageMs: seeding.quietMs,
    };
  },
);
