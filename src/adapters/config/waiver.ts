/** The key `waivers` of the migration file: its form, and what its names have to be. */

import * as z from 'zod';

import { parseUtc } from '../../base/utc.ts';
import { nearest } from './suggest.ts';

const EXPIRES = 'Expected a day such as 2026-12-31';

/** One entry. */
export const waiverSchema = z.strictObject({
  rule: z.string().min(1).max(64).describe('Id of a rule of the assessment, such as DB-OWNER.'),
  database: z.string().min(1).max(128).optional().describe('Only for this database.'),
  instance: z.string().min(1).max(257).optional().describe('Only on this instance.'),
  reason: z
    .string()
    .regex(/\S.{7,}/u, 'Expected a reason that a change board understands, 8 characters or more')
    .max(500)
    .describe('Why the finding is accepted; printed wherever it is shown.'),
  expires: z
    .string({ error: EXPIRES })
    .regex(/^\d{4}-\d\d-\d\d$/u, { error: EXPIRES, abort: true })
    .refine((text) => parseUtc(`${text}T00:00Z`) !== null, EXPIRES)
    .describe('Last day the waiver counts, in UTC.'),
});

type WaiverEntry = z.output<typeof waiverSchema>;

/** What the names in the waivers can mean. */
interface KnownNames {
  /** Ids of the rules; null: not checked, the caller does not assess. */
  readonly rules: readonly string[] | null;
  readonly instances: readonly string[];
}

/** A waiver that names no rule or no instance would silently waive nothing. */
export function waiverMistakes(
  waivers: readonly WaiverEntry[],
  known: KnownNames,
): readonly { readonly path: readonly (string | number)[]; readonly message: string }[] {
  return waivers.flatMap(({ rule, instance }, index) => {
    const wrong: { path: readonly (string | number)[]; message: string }[] = [];
    if (known.rules !== null && !known.rules.includes(rule)) {
      const message = `found "${rule}"; no rule of the assessment has this id${suggested(rule, known.rules, '; sqlferry assess --json lists them')}`;
      wrong.push({ path: ['waivers', index, 'rule'], message });
    }
    const isKnown = known.instances.some((name) => name.toLowerCase() === instance?.toLowerCase());
    if (instance !== undefined && !isKnown) {
      const message = `found "${instance}"; no instance of this file has this name${suggested(instance, known.instances, `; allowed: ${known.instances.join(', ')}`)}`;
      wrong.push({ path: ['waivers', index, 'instance'], message });
    }
    return wrong;
  });
}

function suggested(word: string, candidates: readonly string[], otherwise: string): string {
  const guess = nearest(word, candidates);
  return guess === null ? otherwise : `; did you mean "${guess}"?`;
}
