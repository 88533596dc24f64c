/**
 * Why something waits, as a fold over looks: judges, ages, limits, and causes with their consequences.
 *
 * Pure: the caller tells the time. What is remembered is only for words and for when to say them;
 * nothing is decided on it.
 */

import { formatUtc } from '../../base/utc.ts';
import type { Migration } from '../../model/migration.ts';
import { sideOf, type Observation } from '../../model/observation.ts';
import {
  defaultWaitingLimits,
  type WaitingAnswer,
  type WaitingConsequence,
} from '../../model/waiting.ts';
import type { WaitFinding, WaitJudge } from './judge.ts';
import { databaseOn, makeScene, type Scene, type WaitGoal } from './scene.ts';
import { waitJudges } from './table.ts';

/** What earlier looks left behind. */
export interface WaitMemory {
  /** When each cause was first seen, in milliseconds since 1970, by its key. */
  readonly since: Readonly<Record<string, number>>;
  /** What the seeding of each database showed last, and since when. */
  readonly marks: Readonly<Record<string, { readonly mark: string; readonly at: number }>>;
  readonly previous: Observation | null;
}

/** Memory before the first look. */
export const noWaitMemory: WaitMemory = { since: {}, marks: {}, previous: null };

/** One look. */
export interface WaitLook {
  readonly goal: WaitGoal;
  readonly migration: Migration;
  readonly observation: Observation;
  /** This machine's clock, in milliseconds since 1970. */
  readonly now: number;
}

/** Folds one look into the memory and answers why it waits, the deepest causes first. */
export function whyWaiting(
  memory: WaitMemory,
  look: WaitLook,
): { readonly memory: WaitMemory; readonly answers: readonly WaitingAnswer[] } {
  const marks = seedingMarks(memory, look);
  const scene = makeScene({
    ...look,
    limits: look.migration.limits ?? defaultWaitingLimits,
    previous: memory.previous,
    stillMs: (database) => {
      const mark = marks[database.toLowerCase()];
      return memory.previous === null || mark === undefined ? null : look.now - mark.at;
    },
  });
  const found = waitJudges.flatMap((judge) =>
    judge.judge(scene).map((finding) => ({ judge, finding, key: keyOf(judge, finding) })),
  );
  const since: Record<string, number> = {};
  for (const { key } of found) since[key] = memory.since[key] ?? look.now;
  const isFirst = memory.previous === null;
  const answers = found.map(({ judge, finding, key }) =>
    answerOf(scene, { judge, finding, seenAt: isFirst ? null : (since[key] ?? null) }),
  );
  return {
    memory: { since, marks, previous: look.observation },
    answers: fold(answers),
  };
}

function keyOf(judge: WaitJudge, { side, database }: WaitFinding): string {
  return `${judge.id} ${side ?? ''} ${database ?? ''}`;
}

function answerOf(
  scene: Scene,
  one: { readonly judge: WaitJudge; readonly finding: WaitFinding; readonly seenAt: number | null },
): WaitingAnswer {
  const { judge, finding, seenAt } = one;
  const { side = null, database = null, cause, evidence, whose, next, ageMs = null } = finding;
  const limitMs = limitOf(judge, scene);
  const began = ageMs === null ? seenAt : scene.now - ageMs;
  return {
    id: judge.id,
    side,
    instance: side === null ? null : sideOf(scene.observation, side).instance,
    database,
    cause,
    evidence,
    whose,
    next,
    since: began === null ? null : formatUtc(began),
    limitMs,
    overdue: limitMs === 0 || (limitMs !== null && began !== null && scene.now - began >= limitMs),
    consequences: [],
  };
}

function limitOf({ limit }: WaitJudge, { limits }: Scene): number | null {
  if (limit === 'never') return null;
  return limit === null ? 0 : limits[limit];
}

/** What the seeding of each database shows; the time stays as long as it is the same. */
function seedingMarks(memory: WaitMemory, look: WaitLook): WaitMemory['marks'] {
  const { source, target } = look.observation;
  const databases = source.databases.known ? source.databases.value : [];
  return Object.fromEntries(
    databases.map(({ name }) => {
      const rows = [databaseOn(source, name), databaseOn(target, name)];
      const mark = JSON.stringify(
        rows.map((row) => [
          row?.stateDesc,
          row?.seeding?.stateDesc,
          row?.seeding?.attempts,
          row?.seeding?.transferredBytes,
        ]),
      );
      const key = name.toLowerCase();
      const old = memory.marks[key];
      return [key, old?.mark === mark ? old : { mark, at: look.now }];
    }),
  );
}

/** Puts what follows from another answer under it. An answer about one database explains only that one. */
function fold(answers: readonly WaitingAnswer[]): readonly WaitingAnswer[] {
  const roots = answers.filter((answer) => causeOf(answer, answers) === null);
  const under = new Map<WaitingAnswer, WaitingConsequence[]>();
  for (const answer of answers) {
    const root = rootOf(answer, answers);
    if (root === answer) continue;
    const { id, database, cause } = answer;
    under.set(root, [...(under.get(root) ?? []), { id, database, cause }]);
  }
  return roots.map((root) => ({ ...root, consequences: under.get(root) ?? [] }));
}

const explained: ReadonlyMap<string, readonly string[]> = new Map(
  waitJudges.map((judge) => [judge.id, judge.explains]),
);

function causeOf(answer: WaitingAnswer, answers: readonly WaitingAnswer[]): WaitingAnswer | null {
  return (
    answers.find(
      (other) =>
        (explained.get(other.id) ?? []).includes(answer.id) &&
        (other.database === null || other.database === answer.database),
    ) ?? null
  );
}

/** The table of what explains what has no circle, so the walk ends. */
function rootOf(answer: WaitingAnswer, answers: readonly WaitingAnswer[]): WaitingAnswer {
  const cause = causeOf(answer, answers);
  return cause === null ? answer : rootOf(cause, answers);
}
