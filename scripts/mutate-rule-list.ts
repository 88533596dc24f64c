/** Prints every mutant of the rules as one JSON array; run behind `mutate-preload.ts`, which finds them. */

import '../src/reconcile/table.ts';
import { conditionMutants } from './mutate-condition.ts';
import { ruleMutants } from './mutate-rule.ts';

process.stdout.write(JSON.stringify([...ruleMutants(), ...conditionMutants()]));
