/**
 * Put in front of a process by `--import`: the doors through which mutants come in.
 *
 * The lab's cache of parsed batches, the builder of batches, the maker of rules and `node:test` are
 * exchanged for stand-ins that do the same, and the files of the rules get a switch at each condition as
 * they are loaded; the files of the tree are neither copied nor changed.
 */

import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

import { withSwitches } from './mutate-condition.ts';

const here = import.meta.url;

/** Ends of addresses, and what stands in for them. */
const doors: readonly (readonly [end: string, standIn: string])[] = [
  ['/src/lab/tsql/run/parse-cache.ts', './mutate-cache.ts'],
  ['/src/sql/statement/batch-for.ts', './mutate-batch.ts'],
  ['/src/reconcile/rule.ts', './mutate-rule.ts'],
];

registerHooks({
  resolve(specifier, context, next) {
    const parent = context.parentURL ?? '';
    const isOurs = parent.includes('/scripts/mutate');
    if (specifier === 'node:test' && !isOurs && parent.includes('.test.ts'))
      return { url: new URL('./mutate-node-test.ts', here).href, shortCircuit: true };
    const resolved = next(specifier, context);
    if (isOurs) return resolved;
    const door = doors.find(([end]) => resolved.url.endsWith(end));
    return door === undefined ? resolved : { ...resolved, url: new URL(door[1], here).href };
  },
  load(url, context, next) {
    if (!/\/src\/reconcile\/rules\/[^/]+\.ts$/u.test(url)) return next(url, context);
    const source = withSwitches(readFileSync(new URL(url), 'utf8'));
    return { format: 'module-typescript', source, shortCircuit: true };
  },
});
