/** What was read inside one database, or why it was not. */

import type { Fact } from './fact.ts';

/** What was read inside one database, or why it was not (not online, no access, a secondary that is not readable). */
export interface InDatabase<T> {
  readonly name: string;
  readonly inside: Fact<T>;
}
