/** Rows of `sys.configurations`: the options of a fresh installation (Microsoft Learn, server configuration options). */

import type { PlainRow } from '../cell.ts';
import type { ViewContext } from '../view.ts';

/** One option: number, value, least and greatest value; `fixed`: takes effect with a restart only. */
interface Setting {
  readonly id: number;
  readonly value: number;
  readonly range: readonly [number, number];
  readonly advanced?: true;
  readonly fixed?: true;
  /** First major version that has it. */
  readonly since?: number;
}

const MAX_INT = 2_147_483_647;
const SWITCH = [0, 1] as const;

// oxfmt-ignore
const SETTINGS: Readonly<Record<string, Setting>> = {
  'recovery interval (min)': { id: 101, value: 0, range: [0, 32_767], advanced: true },
  'allow updates': { id: 102, value: 0, range: SWITCH },
  'user connections': { id: 103, value: 0, range: [0, 32_767], advanced: true, fixed: true },
  'locks': { id: 106, value: 0, range: [5000, MAX_INT], advanced: true, fixed: true },
  'fill factor (%)': { id: 109, value: 0, range: [0, 100], advanced: true, fixed: true },
  'disallow results from triggers': { id: 114, value: 0, range: SWITCH, advanced: true },
  'nested triggers': { id: 115, value: 1, range: SWITCH },
  'server trigger recursion': { id: 116, value: 1, range: SWITCH },
  'remote access': { id: 117, value: 1, range: SWITCH, fixed: true },
  'default language': { id: 124, value: 0, range: [0, 9999] },
  'cross db ownership chaining': { id: 400, value: 0, range: SWITCH },
  'max worker threads': { id: 503, value: 0, range: [128, 65_535], advanced: true },
  'network packet size (B)': { id: 505, value: 4096, range: [512, 32_767], advanced: true },
  'show advanced options': { id: 518, value: 0, range: SWITCH },
  'remote proc trans': { id: 542, value: 0, range: SWITCH },
  'c2 audit mode': { id: 544, value: 0, range: SWITCH, advanced: true, fixed: true },
  'default full-text language': { id: 1126, value: 1033, range: [0, MAX_INT], advanced: true },
  'two digit year cutoff': { id: 1127, value: 2049, range: [1753, 9999], advanced: true },
  'index create memory (KB)': { id: 1505, value: 0, range: [704, MAX_INT], advanced: true },
  'priority boost': { id: 1517, value: 0, range: SWITCH, advanced: true, fixed: true },
  'remote login timeout (s)': { id: 1519, value: 10, range: [0, MAX_INT] },
  'remote query timeout (s)': { id: 1520, value: 600, range: [0, MAX_INT] },
  'cursor threshold': { id: 1531, value: -1, range: [-1, MAX_INT], advanced: true },
  'set working set size': { id: 1532, value: 0, range: SWITCH, advanced: true, fixed: true },
  'user options': { id: 1534, value: 0, range: [0, 32_767] },
  'affinity mask': { id: 1535, value: 0, range: [-2_147_483_648, MAX_INT], advanced: true },
  'max text repl size (B)': { id: 1536, value: 65_536, range: [-1, MAX_INT] },
  'cost threshold for parallelism': { id: 1538, value: 5, range: [0, 32_767], advanced: true },
  'max degree of parallelism': { id: 1539, value: 8, range: [0, 32_767], advanced: true },
  'min memory per query (KB)': { id: 1540, value: 1024, range: [512, MAX_INT], advanced: true },
  'query wait (s)': { id: 1541, value: -1, range: [-1, MAX_INT], advanced: true },
  'min server memory (MB)': { id: 1543, value: 0, range: [0, MAX_INT], advanced: true },
  'max server memory (MB)': { id: 1544, value: 28_672, range: [128, MAX_INT], advanced: true },
  'query governor cost limit': { id: 1545, value: 0, range: [0, MAX_INT], advanced: true },
  'lightweight pooling': { id: 1546, value: 0, range: SWITCH, advanced: true, fixed: true },
  'scan for startup procs': { id: 1547, value: 0, range: SWITCH, advanced: true, fixed: true },
  'affinity64 mask': { id: 1549, value: 0, range: [-2_147_483_648, MAX_INT], advanced: true },
  'affinity I/O mask': { id: 1550, value: 0, range: [-2_147_483_648, MAX_INT], advanced: true, fixed: true },
  'affinity64 I/O mask': { id: 1551, value: 0, range: [-2_147_483_648, MAX_INT], advanced: true, fixed: true },
  'transform noise words': { id: 1555, value: 0, range: SWITCH, advanced: true },
  'precompute rank': { id: 1556, value: 0, range: SWITCH, advanced: true },
  'PH timeout (s)': { id: 1557, value: 60, range: [1, 3600], advanced: true },
  'clr enabled': { id: 1562, value: 0, range: SWITCH },
  'max full-text crawl range': { id: 1563, value: 4, range: [0, 256], advanced: true },
  'ft notify bandwidth (min)': { id: 1564, value: 0, range: [0, 32_767], advanced: true },
  'ft notify bandwidth (max)': { id: 1565, value: 100, range: [0, 32_767], advanced: true },
  'ft crawl bandwidth (min)': { id: 1566, value: 0, range: [0, 32_767], advanced: true },
  'ft crawl bandwidth (max)': { id: 1567, value: 100, range: [0, 32_767], advanced: true },
  'default trace enabled': { id: 1568, value: 1, range: SWITCH, advanced: true },
  'blocked process threshold (s)': { id: 1569, value: 0, range: [0, 86_400], advanced: true },
  'in-doubt xact resolution': { id: 1570, value: 0, range: [0, 2], advanced: true },
  'remote admin connections': { id: 1576, value: 0, range: SWITCH },
  'common criteria compliance enabled': { id: 1577, value: 0, range: SWITCH, advanced: true, fixed: true },
  'EKM provider enabled': { id: 1578, value: 0, range: SWITCH, advanced: true },
  'backup compression default': { id: 1579, value: 0, range: SWITCH },
  'filestream access level': { id: 1580, value: 0, range: [0, 2] },
  'optimize for ad hoc workloads': { id: 1581, value: 0, range: SWITCH, advanced: true },
  'access check cache bucket count': { id: 1582, value: 0, range: [0, 65_536], advanced: true },
  'access check cache quota': { id: 1583, value: 0, range: [0, MAX_INT], advanced: true },
  'backup checksum default': { id: 1584, value: 0, range: SWITCH },
  'automatic soft-NUMA disabled': { id: 1585, value: 0, range: SWITCH, advanced: true, fixed: true },
  'external scripts enabled': { id: 1586, value: 0, range: SWITCH },
  'clr strict security': { id: 1587, value: 1, range: SWITCH, advanced: true, since: 14 },
  'column encryption enclave type': { id: 1588, value: 0, range: [0, 2], fixed: true, since: 15 },
  'tempdb metadata memory-optimized': { id: 1589, value: 0, range: SWITCH, advanced: true, fixed: true, since: 15 },
  'polybase enabled': { id: 16_397, value: 0, range: SWITCH, since: 15 },
  'Agent XPs': { id: 16_384, value: 1, range: SWITCH, advanced: true },
  'Database Mail XPs': { id: 16_386, value: 0, range: SWITCH, advanced: true },
  'SMO and DMO XPs': { id: 16_387, value: 1, range: SWITCH, advanced: true },
  'Ole Automation Procedures': { id: 16_388, value: 0, range: SWITCH, advanced: true },
  'xp_cmdshell': { id: 16_390, value: 0, range: SWITCH, advanced: true },
  'Ad Hoc Distributed Queries': { id: 16_391, value: 0, range: SWITCH, advanced: true },
  'Replication XPs': { id: 16_392, value: 0, range: SWITCH, advanced: true },
  'contained database authentication': { id: 16_393, value: 0, range: SWITCH },
  'hadoop connectivity': { id: 16_394, value: 0, range: [0, 7] },
  'remote data archive': { id: 16_396, value: 0, range: SWITCH },
  'allow polybase export': { id: 16_398, value: 0, range: SWITCH },
};

/** `sys.configurations`. */
export function* settingRows({ instance }: ViewContext): Iterable<PlainRow> {
  for (const [name, setting] of Object.entries(SETTINGS)) {
    if ((setting.since ?? 0) > instance.version.major) continue;
    yield {
      configuration_id: setting.id,
      name,
      value: variantInt(setting.value),
      minimum: variantInt(setting.range[0]),
      maximum: variantInt(setting.range[1]),
      value_in_use: variantInt(setting.value),
      description: name,
      is_dynamic: setting.fixed !== true,
      is_advanced: setting.advanced === true,
    };
  }
}

function variantInt(value: number) {
  return { kind: 'variant', type: { kind: 'int' }, value } as const;
}
