/**
 * Settings of the instance that applications notice after the switch: one rule per option.
 *
 * The options are a table. What has no row in it is compared by `PAIR-CONFIGURATION` in one finding,
 * except what belongs to the machine (`notCompared`). Values are those in use.
 */

import { sameName } from '../../base/name.ts';
import type { SettingFacts } from '../../model/assess-setting.ts';
import type { ReferenceName } from '../../model/reference.ts';
import {
  bothSides,
  doubtful,
  good,
  later,
  pairRule,
  type AssessRule,
  type Judgement,
} from '../rule.ts';
import { settingRows, type SettingRow } from './setting-table.ts';

/** Options that depend on the machine, on the version, or are looked at by rules of their own. */
const notCompared: readonly string[] = [
  'affinity i/o mask',
  'affinity mask',
  'affinity64 i/o mask',
  'affinity64 mask',
  'agent xps',
  'automatic soft-numa disabled',
  'lightweight pooling',
  'max server memory (mb)',
  'max worker threads',
  'min server memory (mb)',
  'priority boost',
  'set working set size',
  'show advanced options',
  'user connections',
  'version high part of sql server',
  'version low part of sql server',
];

/** Value of an option in use; undefined when this version has none of that name. */
export function inUse(settings: readonly SettingFacts[], name: string): number | undefined {
  return settings.find((setting) => sameName(setting.name, name))?.valueInUse;
}

/** What sets an option, as text; advanced ones are shown first. */
export function configureText(name: string, value: number): string {
  return `EXEC sp_configure N'show advanced options', 1; RECONFIGURE; EXEC sp_configure N'${name}', ${value}; RECONFIGURE;`;
}

/** Whether the target does what the source does. */
export function settingHolds(kind: SettingRow['kind'], from: number, to: number): boolean {
  return kind === 'equal' ? from === to : to >= from;
}

const DECISION = 'Whether the target shall do as the source, only a person knows.';

function judgeSetting(
  row: SettingRow,
  values: { readonly from: number | undefined; readonly to: number | undefined },
  target: string,
): Judgement {
  const { from, to } = values;
  if (from === undefined) return later(`The source has no option "${row.option}".`);
  if (to === undefined) {
    return from === 0
      ? good(`"${row.option}" is 0 on the source; the target has no such option.`)
      : doubtful(
          `"${row.option}" is ${from} on the source; the target has no such option.`,
          'Find out what took its place in the version of the target.',
        );
  }
  if (settingHolds(row.kind, from, to)) {
    return good(
      from === to
        ? `"${row.option}" is ${from} on both sides.`
        : `"${row.option}" is ${from} on the source, ${to} on the target.`,
    );
  }
  const found = doubtful(
    `"${row.option}" is ${from} on the source, ${to} on the target.`,
    `${row.before ?? ''}On the target, if it is wanted there: ${configureText(row.option, from)}${
      row.restart === true ? ' It takes effect when the service is restarted.' : ''
    }`,
  );
  return row.scripted === undefined
    ? found
    : {
        ...found,
        fix: { changes: [{ kind: 'configuration', name: row.scripted, value: from }], on: target },
      };
}

const optionRules = settingRows.map((row) =>
  pairRule({
    id: row.id,
    title: row.title,
    family: 'settings',
    part: 'settings',
    why: row.why,
    remedy: `Compare "${row.option}" of both sides: SELECT name, value_in_use FROM sys.configurations.`,
    reference: row.reference,
    ...(row.scripted === undefined ? { notScripted: row.notScripted ?? DECISION } : {}),
    judge: (source, target, { facts }) =>
      judgeSetting(
        row,
        { from: inUse(source, row.option), to: inUse(target, row.option) },
        facts.target.instance,
      ),
  }),
);

const restRule = pairRule({
  id: 'PAIR-CONFIGURATION',
  title: 'The other settings of both instances are the same',
  family: 'settings',
  part: 'settings',
  why: 'Settings of the instance do not travel with the databases; applications notice after the switch.',
  remedy: "Set them on the target on purpose: EXEC sp_configure N'<name>', <value>; RECONFIGURE;",
  reference: 'serverConfiguration',
  notScripted: 'Which of the two values is right, only a person knows.',
  judge: (source, target) => {
    const compared = source.filter(({ name }) => isRest(name));
    const differences = compared.flatMap(({ name, valueInUse }) => {
      const other = inUse(target, name);
      return other === undefined || other === valueInUse
        ? []
        : [`${name}: ${valueInUse} and ${other}`];
    });
    return differences.length === 0
      ? good(`${compared.length} further settings are equal.`)
      : doubtful(`Source and target differ in ${differences.join('; ')}.`);
  },
});

function isRest(name: string): boolean {
  return (
    !notCompared.includes(name.toLowerCase()) &&
    !settingRows.some((row) => sameName(row.option, name))
  );
}

const pendingRules = bothSides({
  name: 'SETTINGS-PENDING',
  title: 'No setting waits for a restart',
  family: 'settings',
  part: 'settings',
  why: 'A setting that was written and is not in use takes effect at the next restart, which may be the first one after the switch.',
  remedy:
    'Decide which value is right; RECONFIGURE, or restart the service before the migration, or set the old value again.',
  reference: 'serverConfiguration',
  notScripted: 'Which of the two values is right, only a person knows.',
  judge: (settings) => {
    const waiting = settings.filter(
      ({ name, value, valueInUse }) => value !== valueInUse && !isAutomatic(name, value),
    );
    return waiting.length === 0
      ? good(`${settings.length} settings are in use as they are written.`)
      : doubtful(
          `Written, not in use: ${waiting
            .map(
              ({ name, value, valueInUse }) => `${name} (${value} written, ${valueInUse} in use)`,
            )
            .join('; ')}.`,
        );
  },
});

/** "min server memory" 0 is in use as 8 or 16 on a server of today, which nobody has to mend. */
function isAutomatic(name: string, value: number): boolean {
  return sameName(name, 'min server memory (MB)') && value === 0;
}

const dangerous: readonly {
  readonly name: string;
  readonly option: string;
  readonly why: string;
  readonly reference: ReferenceName;
}[] = [
  {
    name: 'PRIORITY-BOOST',
    option: 'priority boost',
    why: 'A boosted engine takes processor time from the network and the cluster service, so that leases and sessions of availability groups run out.',
    reference: 'priorityBoost',
  },
  {
    name: 'FIBER-MODE',
    option: 'lightweight pooling',
    why: 'In fiber mode some features do not run at all (CLR, parts of replication), and faults are hard to tell; the option is meant for measured cases only.',
    reference: 'lightweightPooling',
  },
];

const dangerousRules = dangerous.flatMap(({ name, option, why, reference }) =>
  bothSides({
    name,
    title: `"${option}" is off`,
    family: 'settings',
    part: 'settings',
    why,
    remedy: `${configureText(option, 0)} It takes effect when the service is restarted.`,
    reference,
    notScripted: 'It needs a restart of the service.',
    judge: (settings) => {
      const value = inUse(settings, option);
      if (value === undefined) return later(`This version has no option "${option}".`);
      return value === 0 ? good(`"${option}" is 0.`) : doubtful(`"${option}" is ${value}.`);
    },
  }),
);

/** Rules about settings. */
export const settingRules: readonly AssessRule[] = [
  ...optionRules,
  restRule,
  ...pendingRules,
  ...dangerousRules,
];
