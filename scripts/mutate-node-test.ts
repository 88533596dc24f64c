/**
 * Stands in for `node:test`: collects tests instead of running them, so that one process can run
 * them again and again, once for each mutant.
 */

/** A test as it was written. */
export interface Collected {
  readonly name: string;
  readonly run: (context: MutantContext) => unknown;
}

const collected: Collected[] = [];

/** Takes what was collected since the last call. */
export function takeTests(): readonly Collected[] {
  return collected.splice(0);
}

/** What tests of ours use of a context. */
export class MutantContext {
  readonly name: string;
  readonly signal = new AbortController().signal;
  readonly #after: (() => unknown)[] = [];

  constructor(name: string) {
    this.name = name;
  }

  after(callback: () => unknown): void {
    this.#after.push(callback);
  }

  diagnostic(): void {}

  async test(name: string, run: Collected['run']): Promise<void> {
    const inner = new MutantContext(`${this.name} / ${name}`);
    try {
      await run(inner);
    } finally {
      await inner.end();
    }
  }

  /** Runs what was left for the end, the newest last, whatever fails. */
  async end(): Promise<void> {
    for (const callback of this.#after.splice(0)) await callback();
  }
}

type Body = Collected['run'];

/** `test(name, run)` and `test(name, options, run)`. */
export function test(name: string, second: Body | object, third?: Body): Promise<void> {
  const run = typeof second === 'function' ? (second as Body) : third;
  if (run !== undefined) collected.push({ name, run });
  return Promise.resolve();
}
