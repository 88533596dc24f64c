/** Lab cases of the rules about settings. */

import { settingRows } from '../../../src/assess/rules/setting-table.ts';
import { all, bothSides, type AssessCase } from './case.ts';
import { everyInstance, instances } from './definition.ts';

/** Every option that has a rule, with a value that the target does not have. */
const sourceSettings = settingRows.map(({ option }, index) => ({
  name: option,
  value: 70_000 + index,
  value_in_use: 70_000 + index,
}));

/** The cases. */
export const settingCases: readonly AssessCase[] = [
  {
    title: 'both servers have the settings of a new installation',
    expect: [
      ...all(
        'success',
        settingRows.map(({ id }) => id),
      ),
      ...all('success', ['PAIR-CONFIGURATION']),
      ...bothSides('success', ['SETTINGS-PENDING', 'PRIORITY-BOOST', 'FIBER-MODE']),
    ],
  },
  {
    title: 'every setting of the source is another one than on the target',
    lab: instances('source', {
      catalog: {
        'sys.configurations': [
          ...sourceSettings,
          { name: 'remote access', value: 0, value_in_use: 0 },
        ],
      },
    }),
    expect: [
      ...settingRows.map(({ id }) => ({
        rule: id,
        outcome: 'warning' as const,
        evidence: /is 700\d\d on the source, -?\d+ on the target/u,
      })),
      { rule: 'PAIR-CONFIGURATION', outcome: 'warning', evidence: /remote access: 0 and 1/u },
    ],
  },
  {
    title: 'settings wait for a restart, and some are dangerous',
    lab: everyInstance({
      catalog: {
        'sys.configurations': [
          { name: 'fill factor (%)', value: 80 },
          { name: 'priority boost', value: 1, value_in_use: 1 },
          { name: 'lightweight pooling', value: 1, value_in_use: 1 },
        ],
      },
    }),
    expect: bothSides('warning', ['SETTINGS-PENDING', 'PRIORITY-BOOST', 'FIBER-MODE']),
  },
  {
    title: 'the degree of parallelism of the source was changed with sp_configure',
    source: [
      "EXEC sp_configure N'show advanced options', 1; RECONFIGURE",
      "EXEC sp_configure N'max degree of parallelism', 2; RECONFIGURE",
    ],
    expect: [
      {
        rule: 'CFG-MAXDOP',
        outcome: 'warning',
        evidence: /is 2 on the source, 8 on the target/u,
        remedy: /sp_configure N'max degree of parallelism', 2; RECONFIGURE;/u,
      },
    ],
  },
];
