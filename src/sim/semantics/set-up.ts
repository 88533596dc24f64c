/**
 * Acts that are one availability-group statement, as the event the simulated server gets.
 *
 * The statement is not written a second time: it is the shipping T-SQL of the act (`sql/statement/`)
 * through the lab's parser, so a change of the text changes what is simulated. Acts on logins, locks,
 * the register and the roles are not here: their batches are more than one statement.
 */

import { required } from '../../base/assert.ts';
import type { Act } from '../../model/act.ts';
import type { Migration } from '../../model/migration.ts';
import { batchFor } from '../../sql/statement/batch-for.ts';
import type { HadrStatement } from '../../lab/hadr/event.ts';
import { parseBatch } from '../../lab/tsql/parse.ts';

/** Acts that are exactly one statement of `lab/hadr`. */
export type SetUpAct = Extract<
  Act,
  {
    kind:
      | 'create-endpoint'
      | 'start-endpoint'
      | 'create-availability-group'
      | 'add-database'
      | 'grant-create-database'
      | 'join-availability-group'
      | 'create-listener'
      | 'set-failover-mode'
      | 'create-distributed'
      | 'join-distributed'
      | 'restart-seeding'
      | 'resume-database'
      | 'set-replica-synchronous'
      | 'set-distributed-mode'
      | 'set-required-secondaries'
      | 'drop-distributed';
  }
>;

const setUpKinds: ReadonlySet<Act['kind']> = new Set<SetUpAct['kind']>([
  'create-endpoint',
  'start-endpoint',
  'create-availability-group',
  'add-database',
  'grant-create-database',
  'join-availability-group',
  'create-listener',
  'set-failover-mode',
  'create-distributed',
  'join-distributed',
  'restart-seeding',
  'resume-database',
  'set-replica-synchronous',
  'set-distributed-mode',
  'set-required-secondaries',
  'drop-distributed',
]);

/** Whether the act is one statement of `lab/hadr`. */
export function isSetUpAct(act: Act): act is SetUpAct {
  return setUpKinds.has(act.kind);
}

const MAX_KEPT = 500;
const kept = new Map<string, HadrStatement>();

/** The statement of the act; throws when the lab does not know the shipping text, which is a bug. */
export function setUpStatement(act: SetUpAct, migration: Migration): HadrStatement {
  const { text } = batchFor(act, migration);
  return parsedStatement(text);
}

/** The statement of the engine in a T-SQL text; throws when the lab does not know it. */
export function parsedStatement(text: string): HadrStatement {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const parsed = parseBatch(text);
  if (!parsed.ok) throw new TypeError(`${text}: ${parsed.error.text}`);
  const statement = required(statementIn(parsed.value), `a statement of lab/hadr in ${text}`);
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(text, statement);
  return statement;
}

const hadrKinds: ReadonlySet<string> = new Set<HadrStatement['kind']>([
  'create-endpoint',
  'alter-endpoint',
  'drop-endpoint',
  'create-availability-group',
  'create-distributed-availability-group',
  'alter-availability-group',
  'drop-availability-group',
  'alter-database-hadr',
]);

/** The first statement of the engine in a parsed batch, under whatever guard it stands. */
function statementIn(node: unknown): HadrStatement | undefined {
  if (typeof node !== 'object' || node === null) return undefined;
  if (isHadrStatement(node)) return node;
  for (const child of Object.values(node)) {
    const found = statementIn(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isHadrStatement(node: object): node is HadrStatement {
  return 'kind' in node && typeof node.kind === 'string' && hadrKinds.has(node.kind);
}
