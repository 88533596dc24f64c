/** The error log of one instance: the newest entries, as many as are worth keeping. */

import type { ServerMessage } from '../session.ts';
import type { ErrorLogEntry } from './record.ts';

const keptEntries = 5_000;

/** A ring of log entries. */
export class ErrorLog {
  #entries: ErrorLogEntry[] = [];

  /** Adds a message; `state` replaces the one a client is shown. */
  add(at: number, message: ServerMessage, state = message.state): void {
    const { number, severity, text } = message;
    this.#entries.push({ at, number, severity, state, text });
    if (this.#entries.length > 2 * keptEntries) this.#entries = this.#entries.slice(-keptEntries);
  }

  /** Oldest first. */
  entries(): readonly ErrorLogEntry[] {
    return this.#entries.slice(-keptEntries);
  }
}
