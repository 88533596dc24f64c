/** How a running batch is stopped from outside: not SQL errors, so TRY does not catch them. */

/** An attention arrived, or the session ended: the statement is undone and nothing more is sent. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}
