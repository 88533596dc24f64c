/**
 * Objects of the server that no database carries along: one query and one part per kind.
 *
 * Every query gives `name`, `detail` (what must be equal on both sides, as text) and `is_on`. Passwords
 * and secrets are not asked for. Names of objects that every server has are left out here.
 */

import {
  serverObjectKinds,
  type LoginFacts,
  type ServerObjectFacts,
  type ServerObjectKind,
  type ServerObjectParts,
} from '../../../model/assess-server-object.ts';
import type { AssessRight } from '../../../model/assess-right.ts';
import type { RawRow } from '../../batch.ts';
import { bit, bitOrNull, text, textOrNull } from '../cell.ts';
import { onInstance, type FactPart } from './part.ts';
import { objectQueries } from './server-object-query.ts';

const LOGIN_QUERY = `SELECT 1 AS part_logins, p.name, CONVERT(varchar(180), p.sid, 1) AS sid, p.type,
  p.is_disabled, p.default_database_name, p.default_language_name, l.is_policy_checked,
  CONVERT(varchar(66), HASHBYTES('SHA2_256', l.password_hash), 1) AS password_mark
FROM sys.server_principals AS p
LEFT JOIN sys.sql_logins AS l ON l.principal_id = p.principal_id
WHERE p.type <> 'R' AND p.name NOT LIKE N'##%' AND p.sid <> 0x01;`;

function decodeObject(row: RawRow): ServerObjectFacts {
  return {
    name: text(row, 'name'),
    detail: textOrNull(row, 'detail') ?? '',
    isEnabled: bitOrNull(row, 'is_on'),
  };
}

function decodeLogin(row: RawRow): LoginFacts {
  return {
    name: text(row, 'name'),
    sid: text(row, 'sid'),
    type: text(row, 'type').trim(),
    isDisabled: bit(row, 'is_disabled'),
    defaultDatabase: textOrNull(row, 'default_database_name'),
    defaultLanguage: textOrNull(row, 'default_language_name'),
    isPolicyChecked: bitOrNull(row, 'is_policy_checked'),
    passwordMark: textOrNull(row, 'password_mark'),
  };
}

/** Name of the rowset of a kind: `linkedServers` is read as `part_linked_servers`. */
function rowsetOf(kind: ServerObjectKind): string {
  return `part_${kind.replaceAll(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`)}`;
}

function objectPart(kind: ServerObjectKind): FactPart<readonly ServerObjectFacts[]> {
  const rowset = rowsetOf(kind);
  const { from, needs = 'viewAnyDefinition', select } = objectQueries[kind];
  const rights: readonly AssessRight[] = [needs];
  return onInstance({
    needs: rights,
    queries: { [rowset]: `SELECT 1 AS ${rowset}, ${select}\nFROM ${from};` },
    decode: (answer) => answer.rows(rowset).map(decodeObject),
  });
}

type ObjectFactParts = Readonly<Record<ServerObjectKind, FactPart<readonly ServerObjectFacts[]>>>;

/** The parts of this family. */
export const serverObjectParts: ObjectFactParts & {
  readonly logins: FactPart<ServerObjectParts['logins']>;
} = {
  // Every kind has its own entry.
  ...(Object.fromEntries(
    serverObjectKinds.map((kind) => [kind, objectPart(kind)]),
  ) as unknown as ObjectFactParts),
  logins: onInstance({
    needs: ['viewAnyDefinition'],
    queries: { part_logins: LOGIN_QUERY },
    decode: (answer) => answer.rows('part_logins').map(decodeLogin),
  }),
};
