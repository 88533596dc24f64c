/**
 * One process of a layer: collects its tests, runs them as they are, then once for each mutant until
 * the first of them fails.
 *
 * Reads a JSON line `{ files, mutants }` from the first argument, a file; prints one JSON line for the
 * beginning and one for the end of each mutant. Who starts it watches: a mutant that never ends is
 * noticed by its missing second line.
 */

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

import { required } from '../src/base/assert.ts';
import { realClock } from '../tests/support/real-clock.ts';
import { MutantContext, takeTests, type Collected } from './mutate-node-test.ts';
import { setMutants, tellRuns } from './mutate-switch.ts';

/** What a process is asked to do. */
export interface Order {
  /** Test files, those that kill fastest first. */
  readonly files: readonly string[];
  /** Each a set of mutants that are in force together. */
  readonly mutants: readonly (readonly string[])[];
  /** Rules compute their situations as the file is loaded: load it anew for each mutant. */
  readonly reload: boolean;
}

/** What became of one of them. */
export interface Verdict {
  readonly mutants: readonly string[];
  /** Test that failed; null: it lives. */
  readonly killer: string | null;
  readonly because: string;
}

const TEST_LIMIT_MS = 15_000;

const order = JSON.parse(readFileSync(required(process.argv[2], 'order'), 'utf8')) as Order;
// A mutant may leave something behind that fails later; it must not end the process.
let isRunning = false;
const stray = (error: unknown): void => {
  if (isRunning) return;
  process.stderr.write(`${String(error)}\n`);
  process.exit(2);
};
process.on('unhandledRejection', stray);
process.on('uncaughtException', stray);

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

let loads = 0;

async function load(file: string): Promise<readonly Collected[]> {
  loads += 1;
  await import(`${pathToFileURL(file).href}?mutant=${loads}`);
  return takeTests();
}

/** Null when it passes, else the first line of what failed. */
async function failure(test: Collected): Promise<string | null> {
  const context = new MutantContext(test.name);
  const limit = new AbortController();
  const late = realClock.sleep(TEST_LIMIT_MS, limit.signal).then(
    () => 'takes too long',
    () => null,
  );
  const run = async (): Promise<string | null> => {
    try {
      await test.run(context);
      return null;
    } catch (error) {
      return String(error instanceof Error ? error.message : error).split('\n')[0] ?? '';
    }
  };
  const first = await Promise.race([run(), late]);
  limit.abort();
  try {
    await context.end();
  } catch (error) {
    return first ?? `at the end: ${String(error)}`;
  }
  return first;
}

/** Tests of a layer that are about a batch, the last killers first. */
class Bench {
  readonly #tests: readonly Collected[];
  readonly #chosen = new Map<string, Collected[]>();
  readonly #vouched = new Set<Collected>();

  constructor(tests: readonly Collected[]) {
    this.#tests = tests;
  }

  /** Tests whose name begins with the batch, or says it after a colon. */
  about(batch: string): Collected[] {
    const known = this.#chosen.get(batch);
    if (known !== undefined) return known;
    const wanted = TITLES[batch] ?? batch;
    const heads = ['', 'T-SQL and semantics agree: '].flatMap((head) => [
      `${head}${wanted}`,
      `${head}the ${wanted}`,
    ]);
    const chosen = this.#tests.filter(({ name }) => heads.some((head) => name.startsWith(head)));
    this.#chosen.set(batch, chosen);
    return chosen;
  }

  /** A test that kills must be green while nothing is mutated; asked once, when it kills first. */
  async vouch(test: Collected): Promise<void> {
    if (this.#vouched.has(test)) return;
    const failed = await failure(test);
    if (failed !== null)
      throw new Error(`not green before anything is mutated: ${test.name}: ${failed}`);
    this.#vouched.add(test);
  }
}

/** Names of tests that say a batch in another word. */
const TITLES: Readonly<Record<string, string>> = {
  'force-promote-accepting-data-loss': 'force-promote',
  'dead-man EXEC': 'dead-man',
};

function batchOf(mutant: string): string {
  return mutant.slice(0, mutant.indexOf(': '));
}

/** Tests whose name has to do with the mutant come first; the others keep their order. */
function likelyFirst(tests: readonly Collected[], mutant: string): readonly Collected[] {
  const rule = /^R-[A-Z-]+/u.exec(mutant)?.[0];
  const number = /THROW (\d+)/u.exec(mutant)?.[1];
  const hints = [
    ...(rule === undefined ? [] : [`${rule} `]),
    ...(number === undefined ? [] : [`(${number})`]),
    ...(/ UPDATE | SELECT .*dag = /u.test(mutant) ? ['in between', 'own row'] : []),
    ...(mutant.includes('lock') ? ['the lock is held', 'accepted'] : []),
    ...(mutant.includes('@same_group') ? ['another group'] : []),
  ];
  const isLikely = ({ name }: Collected): boolean => hints.some((hint) => name.includes(hint));
  return [...tests.filter(isLikely), ...tests.filter((test) => !isLikely(test))];
}

async function judge(bench: Bench, wanted: readonly string[]): Promise<Verdict> {
  const [mutant = ''] = wanted;
  const batch = batchOf(mutant);
  const chosen = order.reload ? null : bench.about(batch);
  const ran = new Set<string>();
  tellRuns((name) => void ran.add(name));
  setMutants(wanted);
  try {
    const tests = chosen ?? (await reloaded());
    if (typeof tests === 'string') return { mutants: wanted, killer: 'loading', because: tests };
    for (const test of likelyFirst(tests, mutant)) {
      const because = await failure(test);
      if (because === null) continue;
      // Of a pair the second is noticed by itself: only a test that it alone passes tells about both.
      if (wanted.length > 1 && (await isKilledBy(test, wanted.slice(1)))) {
        setMutants(wanted);
        continue;
      }
      setMutants([]);
      if (chosen !== null) {
        await bench.vouch(test);
        // Neighbours in the text are often killed by the same test.
        chosen.unshift(...chosen.splice(chosen.indexOf(test), 1));
      }
      return { mutants: wanted, killer: test.name, because };
    }
    if (chosen !== null && !ran.has(batch)) throw new Error(`no test runs ${batch}`);
    return { mutants: wanted, killer: null, because: '' };
  } finally {
    setMutants([]);
  }
}

async function isKilledBy(test: Collected, mutants: readonly string[]): Promise<boolean> {
  setMutants(mutants);
  return (await failure(test)) !== null;
}

/** The tests loaded under the mutant, or why they cannot be loaded. */
async function reloaded(): Promise<readonly Collected[] | string> {
  const tests: Collected[] = [];
  try {
    for (const file of order.files) tests.push(...(await load(file)));
    return tests;
  } catch (error) {
    takeTests();
    return String(error instanceof Error ? error.message : error).split('\n')[0] ?? '';
  }
}

const tests: Collected[] = [];
if (!order.reload) for (const file of order.files) tests.push(...(await load(file)));
else {
  const found = await judge(new Bench([]), []);
  if (found.killer !== null)
    throw new Error(`not green before anything is mutated: ${found.killer}: ${found.because}`);
}
const bench = new Bench(tests);
isRunning = true;
say({ kind: 'ready' });
for (const wanted of order.mutants) {
  say({ kind: 'begin', mutants: wanted });
  say({ kind: 'end', ...(await judge(bench, wanted)) });
}
process.exit(0);
