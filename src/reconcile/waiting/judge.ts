/** What a judge of waits is: from a scene to the causes it sees. */

import type { ReferenceName } from '../../model/reference.ts';
import type { Side } from '../../model/side.ts';
import type { WaitingLimits, WhoseMove } from '../../model/waiting.ts';
import type { Scene } from './scene.ts';

/** One cause that a judge sees. */
export interface WaitFinding {
  readonly side?: Side;
  readonly database?: string;
  readonly cause: string;
  readonly evidence: readonly string[];
  readonly whose: WhoseMove;
  readonly next: string;
  /** How long it has lasted, in milliseconds, where a server tells. */
  readonly ageMs?: number | null;
}

/** Limits that are times. */
type TimeLimit = Exclude<keyof WaitingLimits, 'logUsedPercent' | 'queueMs' | 'clockMs'>;

/** A judge; the text is printed by `explain` and in docs/waiting.md. */
export interface WaitJudge {
  /** Stable id. Never reused. */
  readonly id: string;
  /** One sentence without full stop. */
  readonly title: string;
  /** Why it makes others wait, and how it is told. */
  readonly why: string;
  /** Time it may last before it is said unasked; `null`: at once; `never`: it goes on, and progress shows it. */
  readonly limit: TimeLimit | 'never' | null;
  /** Judges whose causes follow from this one. */
  readonly explains: readonly string[];
  readonly reference: ReferenceName;
  judge(scene: Scene): readonly WaitFinding[];
}
