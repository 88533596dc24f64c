/** All mutants of the T-SQL guards, found by building every guarded batch for two databases on both sides. */

import type { Act } from '../src/model/act.ts';
import type { Migration } from '../src/model/migration.ts';
import { everyAct } from '../tests/support/every-act.ts';
import { articleMigration } from '../tests/support/observation.ts';
import { databases } from '../tests/support/statement-lab.ts';
import { batchFor } from './mutate-batch.ts';
import { mutantNames } from './mutate-text.ts';

/** Batches that move a role or write a row of the register, and the dead-man's step. */
const GUARDED: ReadonlySet<string> = new Set([
  'demote',
  'promote',
  'await-lsns',
  'give-back',
  'commit-epoch',
  'refuse-epoch',
  'close-epoch',
  'record-prior-state',
  'fence-split-brain',
  'force-promote-accepting-data-loss',
  'dead-man',
  'dead-man EXEC',
]);

/** Names as `<batch>: <what>`. */
export function guardMutants(): readonly string[] {
  for (const deadMan of ['off', 'agent'] as const) {
    const migration: Migration = {
      ...articleMigration,
      databases: { kind: 'named', names: databases },
      cutover: { ...articleMigration.cutover, deadMan },
    };
    for (const act of everyAct('Adventureworks'))
      for (const side of ['source', 'target'] as const)
        for (const from of ['fenced', 'committing', 'aborted'] as const)
          batchFor(wide(act, side, from), migration);
  }
  return mutantNames().filter((name) => GUARDED.has(name.slice(0, name.indexOf(': '))));
}

function wide(act: Act, side: Act['side'], from: 'fenced' | 'committing' | 'aborted'): Act {
  switch (act.kind) {
    case 'promote':
    case 'await-lsns': {
      const [first] = act.finalLsns;
      const lsn = first?.lsn;
      const finalLsns = lsn === undefined ? [] : databases.map((database) => ({ database, lsn }));
      return { ...act, side, finalLsns };
    }
    case 'give-back':
      return { ...act, side, databases, from };
    case 'demote':
    case 'fence-split-brain':
    case 'force-promote-accepting-data-loss':
      return { ...act, side, databases };
    default:
      return { ...act, side };
  }
}
