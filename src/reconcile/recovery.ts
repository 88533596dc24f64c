/**
 * The recovery set: what may be sent in addition to the plan when something goes wrong on the way.
 *
 * The plan is the way that meets no trouble. What a lost reply, an abort, a death in the outage or a
 * suspended copy demands besides is a fixed set, so it is approved with the plan, word for word: acts of
 * both directions whose text does not depend on what has happened (epochs and log positions are
 * parameters).
 */

import { makeLsn } from '../base/lsn.ts';
import type { Act } from '../model/act.ts';
import type { Migration } from '../model/migration.ts';
import type { Observation } from '../model/observation.ts';
import { otherSide, type Side } from '../model/side.ts';
import { selectedNames, sides } from './look.ts';
import { glance } from './parts.ts';

/** Stands for a log position: it is a parameter, so no text depends on it. */
const someLsn = makeLsn({ vlf: 1n, block: 1n, slot: 1n });

/** An act of the set with the rule that emits it. */
export interface RecoveryAct {
  readonly rule: string;
  readonly act: Act;
  /** Side that gives the role away, or in whose words the rule's texts are. */
  readonly from: Side;
}

type Drafted = Omit<RecoveryAct, 'from'>;

/** Everything there is for this migration, in the order in which it would be needed. */
export function recoveryActs(
  observation: Observation,
  migration: Migration,
): readonly RecoveryAct[] {
  const databases = selectedNames(migration, glance(observation, 'sourceDatabases') ?? []);
  return [
    ...sides.flatMap((from) =>
      ofSwitch(from, databases, migration).map((each) => ({ ...each, from })),
    ),
    ...sides.flatMap((side) =>
      ofBothWays(side, databases).map((each) => ({ ...each, from: 'source' as const })),
    ),
  ];
}

/** What ends a switch in which this side gives the role away. */
function ofSwitch(
  side: Side,
  databases: readonly string[],
  migration: Migration,
): readonly Drafted[] {
  const other = otherSide(side);
  const back = (from: 'fenced' | 'committing' | 'aborted'): Drafted => ({
    rule: 'R-GIVE-BACK',
    act: { kind: 'give-back', side, databases, epoch: 0n, from },
  });
  const finalLsns = databases.map((database) => ({ database, lsn: someLsn }));
  return [
    { rule: 'R-AWAIT-LSNS', act: { kind: 'await-lsns', side: other, finalLsns, waitMs: 0 } },
    { rule: 'R-COMMIT-EPOCH', act: { kind: 'commit-epoch', side, epoch: 0n } },
    { rule: 'R-REVOKE', act: { kind: 'refuse-epoch', side: other, epoch: 0n } },
    { rule: 'R-RELEASE-REQUIRED', act: { kind: 'set-required-secondaries', side, value: 0 } },
    back('fenced'),
    back('committing'),
    back('aborted'),
    { rule: 'R-OTHER-EPOCH-CLOSE', act: { kind: 'close-epoch', side, epoch: 0n } },
    ...migration.cutover.fenceLogins.map((login): Drafted => ({
      rule: 'R-ABORT-ENABLE-LOGIN',
      act: { kind: 'enable-login', side, login },
    })),
  ];
}

/** What either side may need at any time. */
function ofBothWays(side: Side, databases: readonly string[]): readonly Drafted[] {
  return [
    {
      rule: 'R-ABORT-ASYNCHRONOUS',
      act: { kind: 'set-distributed-mode', side, mode: 'ASYNCHRONOUS_COMMIT' },
    },
    { rule: 'R-SEEDING-RESTART', act: { kind: 'restart-seeding', side } },
    ...databases.map((database): Drafted => ({
      rule: 'R-RESUME',
      act: { kind: 'resume-database', side, database },
    })),
    { rule: 'R-TAKE-OVER', act: { kind: 'take-over', side, sessionId: 0, loginTimeUtc: '' } },
  ];
}
