/** Facts about machine, settings and server objects of a pair of servers on which nothing is wrong. */

import type { MachineFacts, VolumeFacts } from '../../../src/model/assess-capacity.ts';
import type { PartFacts } from '../../../src/model/assess-facts.ts';
import {
  serverObjectKinds,
  type LoginFacts,
  type ServerObjectKind,
  type ServerObjectParts,
} from '../../../src/model/assess-server-object.ts';
import type { CapacityParts } from '../../../src/model/assess-capacity.ts';
import type { SettingFacts, SettingParts } from '../../../src/model/assess-setting.ts';
import { known } from '../../../src/model/fact.ts';
import type { Side } from '../../../src/model/side.ts';
import { settingRows } from '../../../src/assess/rules/setting-table.ts';

const GB = 1024 ** 3;

/** A machine of medium size. */
export const goodMachine: MachineFacts = {
  cpuCount: 8,
  schedulerCount: 8,
  physicalMemoryBytes: 32 * GB,
  committedBytes: 8 * GB,
  maxWorkersCount: 576,
  memoryModelDesc: 'CONVENTIONAL',
  virtualMachineTypeDesc: 'HYPERVISOR',
  isMemoryLow: false,
  platform: 'Windows',
};

/** Three disks with room. */
export const goodVolumes: readonly VolumeFacts[] = [
  { mountPoint: 'C:\\', label: 'Windows', totalBytes: 128 * GB, availableBytes: 64 * GB },
  { mountPoint: 'D:\\', label: 'Data', totalBytes: 1024 * GB, availableBytes: 512 * GB },
  { mountPoint: 'E:\\', label: 'Log', totalBytes: 512 * GB, availableBytes: 256 * GB },
];

/** Options as both sides have them. */
export const goodSettings: readonly SettingFacts[] = [
  ...settingRows.map(({ option }) => ({ name: option, value: 0, valueInUse: 0 })),
  { name: 'max server memory (MB)', value: 24_576, valueInUse: 24_576 },
  { name: 'max worker threads', value: 0, valueInUse: 0 },
  { name: 'priority boost', value: 0, valueInUse: 0 },
  { name: 'lightweight pooling', value: 0, valueInUse: 0 },
  { name: 'remote access', value: 1, valueInUse: 1 },
];

/** A SQL login that both sides have. */
export const goodLogin: LoginFacts = {
  name: 'app_writer',
  sid: '0x0102',
  type: 'S',
  isDisabled: false,
  defaultDatabase: 'master',
  defaultLanguage: 'us_english',
  isPolicyChecked: true,
  passwordMark: '0xA1',
};

type ServerFactParts = Pick<
  PartFacts,
  keyof CapacityParts | keyof SettingParts | keyof ServerObjectParts
>;

/** The facts of one side. */
export function goodServerParts(side: Side): ServerFactParts {
  const nothing = Object.fromEntries(
    serverObjectKinds.map((kind) => [
      kind,
      known(
        kind === 'resourceGovernor'
          ? [{ name: 'resource governor', detail: '', isEnabled: false }]
          : [],
      ),
    ]),
  ) as unknown as Pick<PartFacts, ServerObjectKind>;
  return {
    ...nothing,
    logins: known([goodLogin]),
    machine: known(goodMachine),
    services: known([
      {
        kind: 'engine',
        name: 'SQL Server (MSSQLSERVER)',
        account: `CONTOSO\\svc_${side}`,
        startupTypeDesc: 'Automatic',
        statusDesc: 'Running',
      },
      {
        kind: 'agent',
        name: 'SQL Server Agent (MSSQLSERVER)',
        account: `CONTOSO\\agent_${side}`,
        startupTypeDesc: 'Automatic',
        statusDesc: 'Running',
      },
    ]),
    volumes: known(goodVolumes),
    fixedDrives: known(goodVolumes.map(({ mountPoint }) => mountPoint)),
    tempdbFiles: known(
      ['tempdev', 'temp2', 'temp3', 'temp4', 'temp5', 'temp6', 'temp7', 'temp8'].map((name) => ({
        name,
        typeDesc: 'ROWS',
        physicalName: `D:\\Data\\${name}.ndf`,
        sizeBytes: GB,
      })),
    ),
    suspectPages: known([]),
    settings: known(goodSettings),
    properties: known({
      isIntegratedSecurityOnly: false,
      isSingleUser: false,
      isFullTextInstalled: true,
      isPolyBaseInstalled: false,
    }),
    traceFlags: known([]),
  };
}
