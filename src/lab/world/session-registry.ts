/** The running sessions of one instance. */

import { nameKey } from '../hadr/state.ts';
import type { ServerMessage } from '../session.ts';
import type { InterpreterSession } from '../tsql/run/session.ts';
import type { SessionRecord } from './record.ts';

/** Session ids below belong to the system. */
const firstSessionId = 51;
const maxSessions = 32_767;

interface Entry {
  readonly record: SessionRecord;
  readonly session: InterpreterSession;
}

/** Sessions by id. */
export class SessionRegistry {
  readonly #entries = new Map<number, Entry>();
  readonly #forget: (sessionId: number) => void;

  /** `forget` is told when a session has ended, so that its locks go. */
  constructor(forget: (sessionId: number) => void) {
    this.#forget = forget;
  }

  /** The smallest free session id; undefined when the instance is full. */
  nextId(): number | undefined {
    for (let id = firstSessionId; id <= maxSessions; id += 1) if (!this.#entries.has(id)) return id;
    return undefined;
  }

  /** Adds a session. */
  add(record: SessionRecord, session: InterpreterSession): void {
    this.#entries.set(record.identity.sessionId, { record, session });
  }

  /** Forgets a session that has ended. */
  remove(sessionId: number): void {
    if (this.#entries.delete(sessionId)) this.#forget(sessionId);
  }

  /** The session of this id. */
  get(sessionId: number): Entry | undefined {
    return this.#entries.get(sessionId);
  }

  /** All sessions, by id. */
  records(): readonly SessionRecord[] {
    return [...this.#entries.values()]
      .map((entry) => entry.record)
      .sort((a, b) => a.identity.sessionId - b.identity.sessionId);
  }

  /** Sessions whose current database this is. */
  inDatabase(database: string): readonly SessionRecord[] {
    return this.records().filter((each) => nameKey(each.state.database) === nameKey(database));
  }

  /** Ends sessions from the server's side. */
  end(records: readonly SessionRecord[], message: ServerMessage | null): void {
    for (const { identity } of records) {
      const entry = this.#entries.get(identity.sessionId);
      this.remove(identity.sessionId);
      entry?.session.end(message);
    }
  }
}
