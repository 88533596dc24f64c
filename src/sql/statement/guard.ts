/**
 * Own error numbers: what a batch of ours raises when its guard refuses.
 *
 * The guard stands inside the batch that acts, so nothing can change between the look and the act
 * without the server noticing. `adapters/sqlserver/` maps the numbers to problem codes; nobody reads
 * the texts. User numbers start at 50000; 58100 keeps clear of the small ones applications use.
 */

import { integer, nliteral } from '../quote.ts';

/** One refusal. */
export interface Guard {
  readonly number: number;
  /** What the server raises; a sentence without names of objects. */
  readonly message: string;
}

/** Every refusal, by what was expected. */
export const guards = {
  demoteRole: {
    number: 58101,
    message:
      'sqlferry: this server is not the global primary of the distributed availability group.',
  },
  demoteSynchronized: {
    number: 58102,
    message: 'sqlferry: not every database of the distributed availability group is SYNCHRONIZED.',
  },
  demoteQuiet: {
    number: 58103,
    message: 'sqlferry: user sessions are still in the databases.',
  },
  demoteUnfinished: {
    number: 58104,
    message: 'sqlferry: the role SECONDARY was accepted but is not reached yet.',
  },
  promoteRole: {
    number: 58111,
    message: 'sqlferry: this server is not the forwarder of the distributed availability group.',
  },
  promoteBehind: {
    number: 58112,
    message: 'sqlferry: the log of the other side has not arrived completely.',
  },
  promoteUnfinished: {
    number: 58113,
    message: 'sqlferry: the role PRIMARY was accepted but not every database is ONLINE yet.',
  },
  promoteState: {
    number: 58114,
    message: 'sqlferry: a database is REVERTING or INITIALIZING and cannot become primary.',
  },
  promoteMembers: {
    number: 58115,
    message: 'sqlferry: the group holds other databases here than the ones that were compared.',
  },
  giveBackRole: {
    number: 58121,
    message: 'sqlferry: this server has not given the primary role away.',
  },
} as const satisfies Record<string, Guard>;

/** `THROW 58101, N'...', 1`. */
export function throwGuard(guard: Guard): string {
  return `THROW ${integer(guard.number)}, ${nliteral(guard.message)}, 1`;
}
