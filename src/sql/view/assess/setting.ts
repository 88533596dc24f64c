/** Options, properties and trace flags of the instance. */

import type { SettingParts } from '../../../model/assess-setting.ts';
import { bitOrNull, number, text } from '../cell.ts';
import { onInstance, type PartsOf } from './part.ts';

const SETTING_QUERY = `SELECT 1 AS part_settings, c.name, CONVERT(bigint, c.value) AS value,
  CONVERT(bigint, c.value_in_use) AS value_in_use
FROM sys.configurations AS c;`;

const PROPERTY_QUERY = `SELECT 1 AS part_properties,
  CONVERT(int, SERVERPROPERTY('IsIntegratedSecurityOnly')) AS is_integrated_security_only,
  CONVERT(int, SERVERPROPERTY('IsSingleUser')) AS is_single_user,
  CONVERT(int, SERVERPROPERTY('IsFullTextInstalled')) AS is_full_text_installed,
  CONVERT(int, SERVERPROPERTY('IsPolyBaseInstalled')) AS is_polybase_installed;`;

// DBCC gives a rowset of its own shape: it is caught in a table first.
const TRACE_QUERY = `DECLARE @flags TABLE (TraceFlag int, Status smallint, IsGlobal smallint, IsSession smallint);
INSERT INTO @flags EXEC (N'DBCC TRACESTATUS (-1) WITH NO_INFOMSGS');
SELECT 1 AS part_trace_flags, f.TraceFlag AS trace_flag, f.IsGlobal AS is_global
FROM @flags AS f
WHERE f.Status = 1;`;

/** The parts of this family. */
export const settingParts: PartsOf<SettingParts> = {
  settings: onInstance({
    needs: [],
    queries: { part_settings: SETTING_QUERY },
    decode: (answer) =>
      answer.rows('part_settings').map((row) => ({
        name: text(row, 'name'),
        value: number(row, 'value'),
        valueInUse: number(row, 'value_in_use'),
      })),
  }),
  properties: onInstance({
    needs: [],
    queries: { part_properties: PROPERTY_QUERY },
    decode: (answer) => {
      const row = answer.rows('part_properties')[0] ?? {};
      return {
        isIntegratedSecurityOnly: bitOrNull(row, 'is_integrated_security_only'),
        isSingleUser: bitOrNull(row, 'is_single_user'),
        isFullTextInstalled: bitOrNull(row, 'is_full_text_installed'),
        isPolyBaseInstalled: bitOrNull(row, 'is_polybase_installed'),
      };
    },
  }),
  traceFlags: onInstance({
    needs: [],
    queries: { part_trace_flags: TRACE_QUERY },
    decode: (answer) =>
      answer.rows('part_trace_flags').map((row) => ({
        flag: number(row, 'trace_flag'),
        isGlobal: number(row, 'is_global') === 1,
      })),
  }),
};
