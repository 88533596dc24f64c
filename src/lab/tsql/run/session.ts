/** Makes the sessions of an instance: the T-SQL interpreter behind the seam to the sockets. */

import type { Instance, SessionIdentity, SessionState } from '../../instance.ts';
import type { LabSession, ServerMessage } from '../../session.ts';

/** What a session is made of. */
export interface SessionOptions {
  readonly instance: Instance;
  readonly identity: SessionIdentity;
  /** Written by the session, read by the catalog; its `database` is the current one. */
  readonly state: SessionState;
}

/** A session with what the instance needs to end it. */
export interface InterpreterSession extends LabSession {
  /** Ends the session from the server's side (KILL, role change, crash): rolls back, then cuts the socket. */
  end(message: ServerMessage | null): void;
}

/** Makes a logged-in session. */
export function makeSession(options: SessionOptions): InterpreterSession {
  throw new Error(`session ${options.identity.sessionId}: not built yet`);
}
