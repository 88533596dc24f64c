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
  registerMissing: {
    number: 58131,
    message: 'sqlferry: the commit register or its row is not here.',
  },
  registerTampered: {
    number: 58132,
    message: 'sqlferry: the commit register was changed by something else.',
  },
  registerNewer: {
    number: 58133,
    message: 'sqlferry: the commit register was written by a newer protocol.',
  },
  registerForeign: {
    number: 58134,
    message: 'sqlferry: the commit register names another server on the other side.',
  },
  registerMoved: {
    number: 58135,
    message: 'sqlferry: the commit register is in another phase or epoch than expected.',
  },
  deadlinePassed: {
    number: 58136,
    message: 'sqlferry: the deadline of this epoch has passed.',
  },
  actLock: {
    number: 58137,
    message: 'sqlferry: another batch holds the lock of this distributed availability group.',
  },
  epochRefused: {
    number: 58138,
    message: 'sqlferry: this epoch may not promote any more.',
  },
  refuseRole: {
    number: 58139,
    message: 'sqlferry: this server is not the forwarder; its epoch cannot be refused.',
  },
  commitRole: {
    number: 58140,
    message: 'sqlferry: this server has another role than this step of the register needs.',
  },
  deadManStart: {
    number: 58141,
    message: 'sqlferry: the dead-man could not be started; nothing was fenced.',
  },
  deadManSilent: {
    number: 58142,
    message: 'sqlferry: the dead-man did not take the rehearsed epoch back.',
  },
  takeOverGone: {
    number: 58143,
    message: 'sqlferry: the session that should end is not there any more.',
  },
  splitBrainRole: {
    number: 58144,
    message: 'sqlferry: this server is not primary; there is nothing to take from it.',
  },
} as const satisfies Record<string, Guard>;

/** `THROW 58101, N'...', 1`. */
export function throwGuard(guard: Guard): string {
  return `THROW ${integer(guard.number)}, ${nliteral(guard.message)}, 1`;
}
