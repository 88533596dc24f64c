/** Which databases travel, by their names. */

import type { Migration } from '../model/migration.ts';

/** Whether a database of a name travels; made once for many names. */
export function travels({ databases }: Migration): (name: string) => boolean {
  const isNamed = databases.kind === 'named';
  const names = isNamed ? databases.names : databases.except;
  const keys = new Set(names.map((name) => name.toLowerCase()));
  return (name) => keys.has(name.toLowerCase()) === isNamed;
}
