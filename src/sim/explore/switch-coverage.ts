/** Which assumed behaviours of SQL Server are explored in which position, and why the others are not. */

import { defaultSwitches } from '../../lab/hadr/initial.ts';
import type { HadrSwitches } from '../../lab/hadr/state.ts';
import type { Configuration } from './configuration.ts';

type SwitchName = keyof HadrSwitches;

/** Every position of a switch; `latchedDemotions` is a number, of which none and one stand for all. */
const positions: { readonly [K in SwitchName]: readonly HadrSwitches[K][] } = {
  dropOnSecondarySide: ['writable', 'restoring'],
  requiredSecondariesMissing: ['hang', 'refuse'],
  seedingWithoutGrant: ['fails', 'works'],
  logBackupDuringSeeding: ['breaks', 'harmless'],
  giveBackWithRequiredSecondaries: ['accepted', 'refused'],
  seedingFalseAlarm: [false, true],
  latchedDemotions: [0, 1],
};

/** Switches that no world of a cutover can touch. */
const untouched: Readonly<Partial<Record<SwitchName, string>>> = {
  dropOnSecondarySide: 'the group is dropped by finish, which is not explored',
  seedingWithoutGrant: 'every world begins when seeding is over',
  logBackupDuringSeeding: 'every world begins when seeding is over',
};

/** One line per switch: the positions explored in these worlds, or why there is none. */
export function switchLines(worlds: readonly Configuration[]): readonly string[] {
  return switchNames.map((name) => {
    const reason = untouched[name];
    if (reason !== undefined) return `switch ${name}: not touched, ${reason}.`;
    const seen = explored(name, worlds);
    const missing = positions[name].filter((position) => !seen.includes(position));
    const rest = missing.length === 0 ? '' : `; not in this run: ${missing.join(', ')}`;
    return `switch ${name}: explored in ${seen.join(' and ') || 'no position'}${rest}.`;
  });
}

/** Positions that no world of the list has although a cutover can touch the switch. */
export function missingPositions(worlds: readonly Configuration[]): readonly string[] {
  return switchNames.flatMap((name) =>
    untouched[name] === undefined
      ? positions[name]
          .filter((position) => !explored(name, worlds).includes(position))
          .map((position) => `${name} ${String(position)}`)
      : [],
  );
}

const switchNames = Object.keys(positions) as readonly SwitchName[];

/** Only releases that have the option can touch what depends on it. */
function explored(
  name: SwitchName,
  worlds: readonly Configuration[],
): readonly (string | number | boolean)[] {
  const needs2022 =
    name === 'requiredSecondariesMissing' || name === 'giveBackWithRequiredSecondaries';
  const seen = worlds
    .filter(({ release }) => !needs2022 || release === 2022)
    .map(({ switches }) => ({ ...defaultSwitches, ...switches })[name]);
  return positions[name].filter((position) => seen.includes(position));
}
