/** The labs that have a name. */

import type { LabDefinition } from '../definition.ts';
import { availabilityGroupPreset } from './availability-group.ts';
import { standalonePreset } from './standalone.ts';

const PRESETS: readonly LabDefinition[] = [standalonePreset, availabilityGroupPreset];

/** Names that `preset` knows. */
export const presetNames: readonly string[] = PRESETS.map((definition) => definition.name);

/** The definition of a preset; undefined when there is none of this name. */
export function preset(name: string): LabDefinition | undefined {
  return PRESETS.find((definition) => definition.name === name);
}
