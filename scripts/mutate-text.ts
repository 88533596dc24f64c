/** Which text is the batch of which act: filled as batches are built, asked as the lab parses them. */

import type { Act } from '../src/model/act.ts';
import type { Migration } from '../src/model/migration.ts';
import { parseBatch } from '../src/lab/tsql/parse.ts';
import { deadManStep } from '../src/sql/statement/dead-man-statement.ts';
import { walkBatch } from './mutate-sql.ts';

/** What a text is called, by the text. */
const known = new Map<string, string>();

/** Name of the dead-man's step, which is no act of its own. */
export const DEAD_MAN = 'dead-man';

/** Remembers the batch of an act, and the dead-man's step on its side. */
export function rememberAct(act: Act, migration: Migration, text: string): void {
  remember(act.kind, text);
  const own = act.side === 'source' ? migration.source : migration.target;
  if (act.kind === 'create-dead-man' || act.kind === 'demote')
    remember(DEAD_MAN, deadManStep(migration, own));
}

/** Remembers a text, and the texts that it runs by EXEC, one inside the other. */
function remember(name: string, text: string): void {
  if (known.has(text)) return;
  known.set(text, name);
  const parsed = parseBatch(text);
  if (!parsed.ok) throw new TypeError(`${name}: ${parsed.error.text}`);
  for (const inner of walkBatch(parsed.value, new Set()).inner) remember(`${name} EXEC`, inner);
}

/** Name of the batch that this text is; undefined for any other text. */
export function nameOf(text: string): string | undefined {
  return known.get(text);
}

/** Names of all mutants in the texts so far, without doubles, as `<batch>: <what>`. */
export function mutantNames(): readonly string[] {
  const names = new Set<string>();
  for (const [text, batch] of known) {
    const parsed = parseBatch(text);
    if (!parsed.ok) continue;
    for (const name of walkBatch(parsed.value, new Set()).names) names.add(`${batch}: ${name}`);
  }
  return [...names];
}
