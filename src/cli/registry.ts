/** The commands, in the order of the way through a migration; each is loaded only when asked for. */

import type { CommandModule } from './command-module.ts';

/** A command's name and line for `--help`, known without loading it. */
export interface RegistryEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<CommandModule>;
}

/** All commands. */
export const registry: readonly RegistryEntry[] = [
  {
    name: 'failback',
    summary: 'after the cutover: move the writes back to the source',
    load: () => import('./command/failback.ts'),
  },
];
