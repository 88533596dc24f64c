/** SET: variables and session options. */

import { unreachable } from '../../base/assert.ts';
import type { ControlStatement, Expression, ObjectName, Statement } from './ast.ts';
import type { Cursor } from './parse-cursor.ts';
import { parseAssignOperator } from './parse-query.ts';

/** What stands behind the name of an option. */
type OptionValue = 'switch' | 'number' | 'word' | 'expression';

/** Options of SET ("SET statements", Microsoft Learn); those the lab cannot honour are refused by the interpreter. */
const OPTIONS: Readonly<Record<string, OptionValue | undefined>> = {
  ANSI_DEFAULTS: 'switch',
  ANSI_NULL_DFLT_OFF: 'switch',
  ANSI_NULL_DFLT_ON: 'switch',
  ANSI_NULLS: 'switch',
  ANSI_PADDING: 'switch',
  ANSI_WARNINGS: 'switch',
  ARITHABORT: 'switch',
  ARITHIGNORE: 'switch',
  CONCAT_NULL_YIELDS_NULL: 'switch',
  CURSOR_CLOSE_ON_COMMIT: 'switch',
  FMTONLY: 'switch',
  FORCEPLAN: 'switch',
  IMPLICIT_TRANSACTIONS: 'switch',
  NOCOUNT: 'switch',
  NOEXEC: 'switch',
  NUMERIC_ROUNDABORT: 'switch',
  PARSEONLY: 'switch',
  QUOTED_IDENTIFIER: 'switch',
  REMOTE_PROC_TRANSACTIONS: 'switch',
  SHOWPLAN_ALL: 'switch',
  SHOWPLAN_TEXT: 'switch',
  SHOWPLAN_XML: 'switch',
  XACT_ABORT: 'switch',
  NO_BROWSETABLE: 'switch',
  DATEFIRST: 'number',
  LOCK_TIMEOUT: 'number',
  QUERY_GOVERNOR_COST_LIMIT: 'number',
  ROWCOUNT: 'number',
  TEXTSIZE: 'number',
  DATEFORMAT: 'word',
  DEADLOCK_PRIORITY: 'word',
  LANGUAGE: 'word',
  CONTEXT_INFO: 'expression',
};

/** Takes SET. */
export function parseSet(cursor: Cursor): ControlStatement {
  const line = cursor.line;
  cursor.expect('SET');
  const token = cursor.peek();
  if (token.kind === 'variable') return parseSetVariable(cursor);
  if (cursor.accept('TRANSACTION', 'ISOLATION', 'LEVEL'))
    return setOption('TRANSACTION ISOLATION LEVEL', parseIsolation(cursor));
  if (cursor.accept('STATISTICS')) {
    const what = cursor.oneOf('IO', 'TIME', 'XML', 'PROFILE');
    return setOption(`STATISTICS ${what}`, cursor.oneOf('ON', 'OFF'));
  }
  if (cursor.accept('IDENTITY_INSERT')) {
    const table: ObjectName = cursor.objectName();
    return { kind: 'set-option', name: 'IDENTITY_INSERT', value: cursor.oneOf('ON', 'OFF'), table };
  }
  const names = cursor.list(() => cursor.take());
  for (const name of names) {
    const expected = OPTIONS[name.upper];
    if (expected === undefined) throw cursor.fail(195, name, name.value, 'SET option');
    if (names.length > 1 && expected !== 'switch') throw cursor.error(name);
  }
  const value = parseValue(cursor, OPTIONS[names[0]?.upper ?? ''] ?? 'switch');
  for (const name of names) refusePosition(cursor, name.upper, value);
  const options = names.map((name): Statement => ({ ...setOption(name.upper, value), line }));
  const [only] = options;
  return options.length === 1 && only?.kind === 'set-option'
    ? only
    : { kind: 'block', statements: options };
}

/** Positions of options that would change results, and that the lab does not have. */
const REFUSED: Readonly<Record<string, readonly string[] | undefined>> = {
  ANSI_NULLS: ['OFF'],
  CONCAT_NULL_YIELDS_NULL: ['OFF'],
  SHOWPLAN_ALL: ['ON'],
  SHOWPLAN_TEXT: ['ON'],
  SHOWPLAN_XML: ['ON'],
  DATEFORMAT: ['DMY', 'YMD', 'YDM', 'MYD', 'DYM'],
};

const ENGLISH = new Set(['US_ENGLISH', 'ENGLISH']);

function refusePosition(cursor: Cursor, name: string, value: string | Expression): void {
  if (typeof value !== 'string') return;
  const foreign = name === 'LANGUAGE' && !ENGLISH.has(value);
  if (foreign || REFUSED[name]?.includes(value) === true)
    throw cursor.notSimulated(`SET ${name} ${value}`);
}

function setOption(name: string, value: string | Expression) {
  return { kind: 'set-option', name, value, table: null } as const;
}

function parseSetVariable(cursor: Cursor): ControlStatement {
  const variable = cursor.variable();
  const operator = parseAssignOperator(cursor, 0);
  if (operator === null)
    throw cursor.is('.') ? cursor.notSimulated('methods of types') : cursor.error();
  cursor.take();
  if (cursor.is('CURSOR')) throw cursor.notSimulated('cursors');
  return { kind: 'set-variable', variable, operator, expression: cursor.rules.expression(cursor) };
}

function parseIsolation(cursor: Cursor): string {
  if (cursor.accept('READ')) return `READ ${cursor.oneOf('COMMITTED', 'UNCOMMITTED')}`;
  if (cursor.accept('REPEATABLE', 'READ')) return 'REPEATABLE READ';
  return cursor.oneOf('SNAPSHOT', 'SERIALIZABLE');
}

function parseValue(cursor: Cursor, expected: OptionValue): string | Expression {
  const token = cursor.peek();
  switch (expected) {
    case 'switch':
      return cursor.oneOf('ON', 'OFF');
    case 'number':
      if (token.kind !== 'integer' && token.kind !== 'variable' && token.upper !== '-')
        throw cursor.error();
      return cursor.rules.expression(cursor);
    case 'word':
      if (token.kind === 'variable' || token.kind === 'integer')
        return cursor.rules.expression(cursor);
      if (token.upper === '-') return cursor.rules.expression(cursor);
      return (token.kind === 'string' ? cursor.string() : cursor.name()).toUpperCase();
    case 'expression':
      return cursor.rules.expression(cursor);
  }
  return unreachable(expected);
}
