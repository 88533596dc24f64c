/** Parameter declarations of `sp_executesql` and `sp_prepare`: `@a int, @b nvarchar(30) OUTPUT`. */

import type { SqlType } from '../../../tds/sql-type.ts';
import type { Expression } from '../ast.ts';
import { SqlError } from '../message.ts';
import { parseBatch } from '../parse.ts';

/** One declared parameter. */
export interface DeclaredParameter {
  readonly name: string;
  readonly type: SqlType;
  readonly initial: Expression | null;
}

const MAX_ENTRIES = 1000;
const cache = new Map<string, readonly DeclaredParameter[]>();

/** Parses a list of declarations; raises the syntax error it has. */
export function parseParameters(text: string): readonly DeclaredParameter[] {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const parameters = splitList(text).map((part) => {
    const bare = part.replace(/\s+(?:OUT|OUTPUT|READONLY)\s*$/iu, '');
    const parsed = parseBatch(`DECLARE ${bare}`);
    if (!parsed.ok) throw new SqlError(parsed.error);
    const [statement] = parsed.value.statements;
    const variable = statement?.kind === 'declare' ? statement.variables[0] : undefined;
    if (variable === undefined || variable.kind !== 'scalar')
      throw new RangeError(`parameter ${bare}`);
    return { name: variable.name, type: variable.type, initial: variable.initial };
  });
  if (cache.size >= MAX_ENTRIES) cache.clear();
  cache.set(text, parameters);
  return parameters;
}

function splitList(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= text.length; i += 1) {
    const character = text[i];
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character !== undefined && (character !== ',' || depth > 0)) continue;
    const part = text.slice(start, i).trim();
    if (part !== '') parts.push(part);
    start = i + 1;
  }
  return parts;
}
