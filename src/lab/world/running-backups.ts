/** Which backups and restores may not run beside each other. */

/** Backups and restores that run, by key of the database. */
export class RunningBackups {
  readonly #running = new Map<string, string[]>();

  /** Begins work on a database; null when it must be serialized (3023): full and differential with each other. */
  begin(database: string, what: 'data' | 'log' | 'restore'): (() => void) | null {
    const running = this.#running.get(database) ?? [];
    const clashes = running.some(
      (each) => what === 'restore' || each === 'restore' || (what === 'data' && each === 'data'),
    );
    if (clashes) return null;
    running.push(what);
    this.#running.set(database, running);
    return () => {
      running.splice(running.indexOf(what), 1);
    };
  }
}
