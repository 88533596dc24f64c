/** Places for files in a lab's definition: what is wrong with folders and shares, and how fast backups are. */

import * as z from 'zod';

/** What can be wrong with a folder or share. */
export const PATH_PROBLEMS = ['missing', 'denied', 'read-only', 'full'] as const;

/** A folder or share that is not as it should be; everything below it is meant. */
export interface PathRule {
  /** Instance that sees it so; null: every one. */
  readonly instance: string | null;
  /** `F:\Backup`, or `\\host\share`. */
  readonly path: string;
  readonly problem: (typeof PATH_PROBLEMS)[number];
}

const LONGEST_PATH = 259;
/** A folder with its drive, or a share. */
export const storagePath = z
  .string()
  .max(LONGEST_PATH)
  .regex(
    /^(?:[A-Za-z]:\\|\\\\[^\\]+\\[^\\]+)/u,
    'allowed: a folder such as F:\\Backup, or \\\\host\\share',
  );

/** The key `storage` of `lab.yaml`. */
export const storageSchema = z.array(
  z.strictObject({
    instance: z.string().min(1).nullable().default(null),
    path: storagePath,
    problem: z.enum(PATH_PROBLEMS),
  }),
);

/** A rule about an instance that the lab does not have, or null. */
export function storageProblem(
  rules: readonly PathRule[],
  instances: readonly { readonly name: string }[],
): { readonly index: number; readonly text: string } | null {
  const names = new Set(instances.map(({ name }) => name.toLowerCase()));
  const index = rules.findIndex(
    ({ instance }) => instance !== null && !names.has(instance.toLowerCase()),
  );
  const name = rules[index]?.instance;
  return name === undefined ? null : { index, text: `there is no instance "${name}"` };
}
