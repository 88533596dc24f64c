/** Where a password comes from: an environment variable or a file, never the migration file itself. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { fail, ok, type Result } from '../../base/result.ts';
import { Secret } from '../../base/secret.ts';

/** A place that holds a secret. */
export type SecretSource = { readonly env: string } | { readonly file: string };

/** What reading depends on. */
export interface SecretContext {
  /** Environment of the program. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative file names start from. */
  readonly folder: string;
}

/** Reads a secret; the error is a sentence without the secret. One line end at the end of a file is not part of it. */
export function readSecret(source: SecretSource, context: SecretContext): Result<Secret, string> {
  if ('env' in source) {
    const value = context.env[source.env];
    return value === undefined || value === ''
      ? fail(`the environment variable ${source.env} is not set`)
      : ok(new Secret(value));
  }
  const path = resolve(context.folder, source.file);
  try {
    const value = readFileSync(path, 'utf8').replace(/\r?\n$/u, '');
    return value === '' ? fail(`the file ${path} is empty`) : ok(new Secret(value));
  } catch (error) {
    return fail(`the file ${path} cannot be read (${codeOf(error)})`);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
