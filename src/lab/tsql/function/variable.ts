/** The `@@` variables ("Configuration functions", Microsoft Learn). */

import type { SqlType, SqlValue } from '../../../tds/sql-type.ts';
import { INT, SYSNAME } from './define.ts';
import type { ScalarContext, SystemVariable } from './scalar.ts';

function variable(type: SqlType, evaluate: (context: ScalarContext) => SqlValue): SystemVariable {
  return { type, evaluate };
}

function property(context: ScalarContext, name: string): string | null {
  const value = context.instance.serverProperty(name)?.value;
  return typeof value === 'string' ? value : null;
}

/** `16.0.4135.4` as 0x10000fff: major, minor, build in one number. */
function microsoftVersion(context: ScalarContext): number {
  const [major = 0, minor = 0, build = 0] = (property(context, 'ProductVersion') ?? '')
    .split('.')
    .map(Number);
  return (major << 24) | (minor << 16) | (build & 0xffff);
}

/** Row counts beyond int overflow on a server; the lab shows the largest int. */
function rowCount(context: ScalarContext): number {
  return context.rowCount > 2_147_483_647n ? 2_147_483_647 : Number(context.rowCount);
}

/** Variables by upper-case name. */
export const systemVariables: Readonly<Record<string, SystemVariable>> = {
  '@@VERSION': variable({ kind: 'nvarchar', length: 300 }, (context) =>
    context.instance.versionText(),
  ),
  '@@SERVERNAME': variable(SYSNAME, (context) => context.instance.serverName),
  '@@SERVICENAME': variable(
    SYSNAME,
    (context) => property(context, 'InstanceName') ?? 'MSSQLSERVER',
  ),
  '@@SPID': variable({ kind: 'smallint' }, (context) => context.identity.sessionId),
  '@@ROWCOUNT': variable(INT, rowCount),
  '@@ERROR': variable(INT, (context) => context.lastError),
  '@@TRANCOUNT': variable(INT, (context) => context.state.openTransactions),
  '@@IDENTITY': variable({ kind: 'numeric', precision: 38, scale: 0 }, (context) =>
    context.lastIdentity === null
      ? null
      : { kind: 'decimal', unscaled: context.lastIdentity, scale: 0 },
  ),
  '@@LANGUAGE': variable(SYSNAME, (context) => context.options.language),
  '@@LANGID': variable({ kind: 'smallint' }, () => 0),
  '@@MAX_PRECISION': variable({ kind: 'tinyint' }, () => 38),
  '@@MAX_CONNECTIONS': variable(INT, () => 32_767),
  '@@OPTIONS': variable(INT, (context) => context.options.optionBits),
  '@@MICROSOFTVERSION': variable(INT, microsoftVersion),
  '@@DATEFIRST': variable({ kind: 'tinyint' }, (context) => context.options.dateFirst),
  '@@LOCK_TIMEOUT': variable(INT, (context) => context.options.lockTimeoutMs),
  '@@TEXTSIZE': variable(INT, (context) => context.options.textSize),
  '@@NESTLEVEL': variable(INT, () => 0),
  '@@PROCID': variable(INT, () => 0),
  '@@FETCH_STATUS': variable(INT, () => 0),
  '@@CURSOR_ROWS': variable(INT, () => 0),
  '@@REMSERVER': variable(SYSNAME, () => null),
  '@@DBTS': variable({ kind: 'varbinary', length: 8 }, () =>
    Uint8Array.of(0, 0, 0, 0, 0, 0, 7, 0xd0),
  ),
  '@@CPU_BUSY': variable(INT, () => 0),
  '@@IDLE': variable(INT, () => 0),
  '@@TOTAL_READ': variable(INT, () => 0),
  '@@TOTAL_WRITE': variable(INT, () => 0),
  '@@CONNECTIONS': variable(INT, (context) => context.identity.sessionId),
};
