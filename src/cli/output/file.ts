/** Output files of the commands. */

import { writeFileSync } from 'node:fs';

import { makeFolder as makeFolders } from '../../adapters/make-folder.ts';
import { fail, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { Problem } from '../../model/problem.ts';

/** Writes a file; replaces it when it is there. */
export function writeOutput(path: string, text: string): Result<null, Problem> {
  return attempt(path, () => writeFileSync(path, text));
}

/** Makes a folder with its parents. */
export function makeFolder(path: string): Result<null, Problem> {
  return attempt(path, () => makeFolders(path));
}

function attempt(path: string, write: () => void): Result<null, Problem> {
  try {
    write();
    return ok(null);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return fail({
      code: 'SF-CLI-009',
      summary: `The file ${path} cannot be written (${reason}).`,
      because: [],
      remedy: `Name another file, or make the folder writable: ls -ld "$(dirname '${path}')"`,
    });
  }
}
