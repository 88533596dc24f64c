/** Switches for assumed behaviours as people may set them: in `lab.yaml` and by `lab fault switch`. */

import * as z from 'zod';

/** Positions by the name of the switch; `latchedDemotions` and `seedingFalseAlarm` are not about safety and stay out. */
export const switchPositions = {
  dropOnSecondarySide: z.enum(['writable', 'restoring']),
  requiredSecondariesMissing: z.enum(['hang', 'refuse']),
  seedingWithoutGrant: z.enum(['fails', 'works']),
  logBackupDuringSeeding: z.enum(['breaks', 'harmless']),
  giveBackWithRequiredSecondaries: z.enum(['accepted', 'refused']),
} as const;

/** Some switches with their positions; those left out stay as they are. */
export const switchesSchema = z.strictObject(switchPositions).partial();

/** Switches that were set. */
export type SwitchSettings = z.output<typeof switchesSchema>;

/** Without the names that were not given. */
export function givenSwitches(settings: SwitchSettings): {
  readonly [Name in keyof SwitchSettings]?: Exclude<SwitchSettings[Name], undefined>;
} {
  return Object.fromEntries(
    Object.entries(settings).filter(([, position]) => position !== undefined),
  );
}
