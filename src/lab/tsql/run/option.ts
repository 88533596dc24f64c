/** SET options: those that change how statements run, and those that only are accepted. */

import type { SqlValue } from '../../../tds/sql-type.ts';
import type { ControlStatement, Expression } from '../ast.ts';
import { sqlError } from '../message.ts';
import { same } from '../query/scope.ts';
import type { Request } from './context.ts';
import { writtenName } from './execution.ts';

type SetOption = Extract<ControlStatement, { kind: 'set-option' }>;

/** Bits of `@@OPTIONS`. */
const BITS: Readonly<Record<string, number | undefined>> = {
  CURSOR_CLOSE_ON_COMMIT: 4,
  ANSI_WARNINGS: 8,
  ANSI_PADDING: 16,
  ANSI_NULLS: 32,
  ARITHABORT: 64,
  ARITHIGNORE: 128,
  QUOTED_IDENTIFIER: 256,
  ANSI_NULL_DFLT_ON: 1024,
  ANSI_NULL_DFLT_OFF: 2048,
  CONCAT_NULL_YIELDS_NULL: 4096,
  NUMERIC_ROUNDABORT: 8192,
};

const ANSI_DEFAULTS = [
  'ANSI_WARNINGS',
  'ANSI_PADDING',
  'ANSI_NULLS',
  'QUOTED_IDENTIFIER',
  'ANSI_NULL_DFLT_ON',
  'CURSOR_CLOSE_ON_COMMIT',
];

/** Runs SET. */
export function setOption(
  request: Request,
  statement: SetOption,
  evaluate: (expression: Expression) => SqlValue,
): void {
  const { session } = request;
  const { options } = session;
  const given = typeof statement.value === 'string' ? statement.value : evaluate(statement.value);
  const on = typeof given === 'string' && given.toUpperCase() === 'ON';
  const number = Number(typeof given === 'object' ? Number.NaN : given);
  switch (statement.name) {
    case 'NOCOUNT':
      options.noCount = on;
      return;
    case 'XACT_ABORT':
      options.xactAbort = on;
      return;
    case 'IMPLICIT_TRANSACTIONS':
      options.implicitTransactions = on;
      return;
    case 'NOEXEC':
      options.noExec = on;
      return;
    case 'PARSEONLY':
      options.parseOnly = on;
      return;
    case 'FMTONLY':
      options.fmtOnly = on;
      return;
    case 'ROWCOUNT':
      options.rowCount = number;
      return;
    case 'LOCK_TIMEOUT':
      options.lockTimeoutMs = number;
      return;
    case 'TEXTSIZE':
      options.textSize =
        number === -1 || number === 0 ? (number === 0 ? 4096 : 2_147_483_647) : number;
      return;
    case 'DATEFIRST':
      options.dateFirst = number;
      return;
    case 'LANGUAGE':
      options.language = String(typeof given === 'object' ? '' : given);
      return;
    case 'CONTEXT_INFO':
      if (!(given instanceof Uint8Array) || given.length > 128) throw sqlError(2743);
      session.state.contextInfo = padded(given);
      return;
    case 'IDENTITY_INSERT':
      setIdentityInsert(request, statement, on);
      return;
    case 'ANSI_DEFAULTS':
      for (const name of ANSI_DEFAULTS) setBit(request, name, on);
      options.implicitTransactions = on;
      return;
    default:
      setBit(request, statement.name, on);
  }
}

function padded(bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(128);
  result.set(bytes);
  return result;
}

/** Options without effect in the lab are kept as bits, or only accepted. */
function setBit(request: Request, name: string, on: boolean): void {
  const bit = BITS[name];
  if (bit === undefined) return;
  const { options } = request.session;
  options.bits = on ? options.bits | bit : options.bits & ~bit;
}

function setIdentityInsert(request: Request, statement: SetOption, on: boolean): void {
  const { session } = request;
  const { table } = statement;
  if (table === null || table === undefined) throw sqlError(102, 'IDENTITY_INSERT');
  const database = table.name.startsWith('#')
    ? 'tempdb'
    : (table.database ?? session.state.database);
  const wanted = { database, schema: table.schema ?? 'dbo', table: table.name };
  const current = session.options.identityInsert;
  const mine =
    current !== null &&
    same(current.database, wanted.database) &&
    same(current.schema, wanted.schema) &&
    same(current.table, wanted.table);
  if (!on) {
    if (mine) session.options.identityInsert = null;
    return;
  }
  if (current !== null && !mine)
    throw sqlError(8107, current.database, current.schema, current.table, writtenName(table));
  session.options.identityInsert = wanted;
}
