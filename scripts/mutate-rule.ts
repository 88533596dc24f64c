/** Stands in for `reconcile/rule.ts`: the same, but a rule can be skipped, or asked without its `when`. */

import {
  rule as shippingRule,
  unknownRuleId as shippingUnknown,
  type Rule,
  type RuleSpec,
} from '../src/reconcile/rule.ts';
import type { PartName } from '../src/reconcile/parts.ts';
import { isMutant } from './mutate-switch.ts';

export type * from '../src/reconcile/rule.ts';

/** As shipped. */
export const unknownRuleId = shippingUnknown;

const made: string[] = [];

/** Names of all mutants of whole rules, as `<rule>: <what>`. */
export function ruleMutants(): readonly string[] {
  return made;
}

/** Makes a rule of its specification. */
export function rule<K extends PartName>(spec: RuleSpec<K>): Rule {
  const real = shippingRule(spec);
  const { when, ...always } = spec;
  const free = shippingRule(always);
  const [skipped, without] = [`${spec.id}: skipped`, `${spec.id}: without its when`];
  made.push(skipped, ...(when === undefined ? [] : [without]));
  return {
    ...real,
    evaluate: (situation) => {
      if (isMutant(skipped)) return null;
      return (isMutant(without) ? free : real).evaluate(situation);
    },
  };
}
