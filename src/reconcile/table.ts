/** Which rules are looked at for which intent, in which order. */

import type { Intent } from '../model/decision.ts';
import type { Rule } from './rule.ts';

/** The rules of an intent; the first that applies wins. */
export function rulesFor(intent: Intent): readonly Rule[] {
  switch (intent.goal) {
    case 'migrate':
      return migrateRules;
    case 'cutover':
      return cutoverRules;
    case 'abort':
      return abortRules;
    case 'finish':
      return intent.distributed === 'keep' ? keepRules : dropRules;
  }
}

const migrateRules: readonly Rule[] = [];
const cutoverRules: readonly Rule[] = [];
const abortRules: readonly Rule[] = [];
const keepRules: readonly Rule[] = [];
const dropRules: readonly Rule[] = [];
