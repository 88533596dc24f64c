/**
 * T-SQL for the remedies that are safe to hand over (`model/fix.ts`). The text is written to a file and
 * never sent by sqlferry.
 *
 * `WITH NO_WAIT` lets ALTER DATABASE fail at once instead of waiting for, or ending, somebody's session
 * (Microsoft Learn, ALTER DATABASE SET options, termination clause); SSMS scripts these options so too.
 */

import type { FixChange } from '../../model/fix.ts';
import { bracket, integer, nliteral } from '../quote.ts';

/** The statements of one change, without a batch separator. */
export function fixStatement(change: FixChange): string {
  switch (change.kind) {
    case 'database-option':
      return `ALTER DATABASE ${bracket(change.database)} SET ${change.option} WITH NO_WAIT;`;
    case 'start-endpoint':
      return `ALTER ENDPOINT ${bracket(change.endpoint)} STATE = STARTED;`;
    case 'configuration':
      break;
  }
  return configure(change.name, change.value);
}

/** An advanced option is only accepted while `show advanced options` is on; it is left as it was. */
function configure(name: string, value: number): string {
  return [
    "DECLARE @advanced int = (SELECT CONVERT(int, value_in_use) FROM sys.configurations WHERE name = N'show advanced options');",
    "IF @advanced = 0 BEGIN EXECUTE sys.sp_configure N'show advanced options', 1; RECONFIGURE; END;",
    `EXECUTE sys.sp_configure ${nliteral(name)}, ${integer(value)};`,
    'RECONFIGURE;',
    "IF @advanced = 0 BEGIN EXECUTE sys.sp_configure N'show advanced options', 0; RECONFIGURE; END;",
  ].join('\n');
}

/** Whether every name can stand in a script: sqlcmd cuts batches at lines, whatever quotes are around them. */
export function isScriptable(change: FixChange): boolean {
  const names =
    change.kind === 'database-option'
      ? [change.database]
      : change.kind === 'start-endpoint'
        ? [change.endpoint]
        : [];
  return names.every((name) => name !== '' && !/[\p{Cc}\u2028\u2029]/u.test(name));
}
