/** Which mutants are in force in this process, and who is told what ran. */

/** Names as `<batch or rule>: <what>`; empty: the program as it is. */
let active: ReadonlySet<string> = new Set();
let told: (name: string) => void = () => {};
let generation = 0;

/** Puts exactly these mutants in force. */
export function setMutants(names: readonly string[]): void {
  active = new Set(names);
  generation += 1;
}

/** Whether this mutant is in force. */
export function isMutant(name: string): boolean {
  return active.has(name);
}

/** Everything in force. */
export function mutants(): ReadonlySet<string> {
  return active;
}

/** Grows with every change, so that what was remembered before is void. */
export function mutantGeneration(): number {
  return generation;
}

/** Calls back with the name of every batch that is about to run. */
export function tellRuns(callback: (name: string) => void): void {
  told = callback;
}

/** A batch of ours, or a rule, is about to run. */
export function runs(name: string): void {
  told(name);
}
