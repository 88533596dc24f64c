/**
 * What can be done to two servers around a guarded batch, in words that T-SQL and model both know.
 *
 * `sql-stage.ts` carries the words out with the shipping texts, `model-stage.ts` with the step machines.
 */

import { unreachable } from '../../src/base/assert.ts';
import { makeLsn, type Lsn } from '../../src/base/lsn.ts';
import type { Act, FinalLsn } from '../../src/model/act.ts';
import type { RegisterPhase } from '../../src/model/register.ts';
import type { Side } from '../../src/model/side.ts';

/** How a row or its table is damaged. */
export type Damage =
  | 'seal'
  | 'protocol'
  | 'foreign'
  | 'other-group'
  | 'no-row'
  | 'no-register-table'
  | 'no-refused-table';

/** What somebody else does, or what happens. */
export type Disturbance =
  | {
      readonly kind: 'damage';
      readonly side: Side;
      readonly table: 'register' | 'refused';
      readonly what: Damage;
    }
  /** The row is written with its seal, by somebody who does not ask; `deadlineMs` from now, none when left out. */
  | {
      readonly kind: 'written';
      readonly side: Side;
      readonly epoch: bigint;
      readonly phase: RegisterPhase;
      readonly deadlineMs?: number;
    }
  /** The refused epoch is written with its seal. */
  | { readonly kind: 'refused'; readonly side: Side; readonly epoch: bigint }
  /** The rows of other groups become equal to ours. */
  | { readonly kind: 'twins' }
  | { readonly kind: 'session'; readonly side: Side; readonly database: string }
  | { readonly kind: 'suspend'; readonly database: string }
  /** Another session holds the lock of batches. */
  | { readonly kind: 'lock'; readonly side: Side }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'commit'; readonly database: string }
  | { readonly kind: 'cut' }
  | { readonly kind: 'heal' }
  | { readonly kind: 'no-group'; readonly side: Side }
  /** The next demotion fails with 41104. */
  | { readonly kind: 'latch'; readonly side: Side }
  | { readonly kind: 'no-redo'; readonly side: Side }
  /** Somebody makes this side primary by hand. */
  | { readonly kind: 'force'; readonly side: Side }
  /** The link between the servers takes so long. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Somebody commits in the instant before the next demotion. */
  | { readonly kind: 'late'; readonly side: Side; readonly database: string }
  | { readonly kind: 'later'; readonly ms: number; readonly what: Disturbance }
  /** `isQuick`: what follows comes at once, not when the servers have come to rest. */
  | { readonly kind: 'act'; readonly act: Draft; readonly isQuick?: boolean };

/** Where inside a batch somebody else comes in between. */
export type Between =
  | 'watched'
  | 'aborted'
  | 'refuse'
  | 'compare'
  | 'armed'
  | 'failed'
  | 'read'
  | 'locked'
  | 'raised'
  | 'altered'
  | 'settled';

/** Ends of the logs of a side, or far below, or one above; one of both databases above, the other below. */
export type Mark = 'low' | 'exact' | 'high' | 'first-high' | 'second-high';

/** What an act may ask while it is written. */
export interface Asked {
  lsns(side: Side): Promise<readonly FinalLsn[]>;
}

/** An act that is written when its time has come. */
export type Draft = (asked: Asked) => Promise<Act>;

/** What a stage is asked to do last: an act, or the dead-man's step for at most so long. */
export type Finale = ({ readonly act: Draft } | { readonly deadMan: Side; readonly ms: number }) & {
  readonly between?: { readonly at: Between; readonly what: Disturbance };
};

/** What became of it. */
export interface Outcome {
  readonly accepted: boolean;
  /** Number of the first error; null in the model, and when there is none. */
  readonly error: number | null;
  readonly localRole: string | null;
  readonly phase: string | null;
}

/** Somewhere the words are carried out. */
export interface Stage extends Asked {
  does(what: Disturbance): Promise<void>;
  performs(finale: Finale): Promise<Outcome>;
  /** Everything that must be equal, in one line a thing. */
  shows(): Promise<Readonly<Record<string, string>>>;
}

/** LSNs by their mark. */
export function marked(lsns: readonly FinalLsn[], mark: Mark): readonly FinalLsn[] {
  const low = makeLsn({ vlf: 1n, block: 1n, slot: 1n });
  const high = (lsn: Lsn): Lsn => (lsn + 1n) as Lsn;
  return lsns.map(({ database, lsn }, index) => {
    switch (mark) {
      case 'exact':
        return { database, lsn };
      case 'low':
        return { database, lsn: low };
      case 'high':
        return { database, lsn: high(lsn) };
      case 'first-high':
        return { database, lsn: index === 0 ? high(lsn) : low };
      case 'second-high':
        return { database, lsn: index === 0 ? low : high(lsn) };
    }
    return unreachable(mark);
  });
}
