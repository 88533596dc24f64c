/** Where the files of a restored database go, and what speaks against it (3156, 3176, 3234, 5133, 1834). */

import type { EngineError } from '../hadr/effect.ts';
import type { BackedUpFile } from './backup-header.ts';

/** What the instance knows about places for files. */
export interface FilePlaces {
  /** Error of the operating system for a file in this place, `3(...)`; null when it may be made. */
  readonly folderError: (path: string) => string | null;
  /** Another database that has the file; null when none has. */
  readonly owner: (path: string) => string | null;
}

/** The files with their new paths, or every error in the order a server prints them. */
export function placeFiles(
  wish: {
    readonly database: string;
    readonly files: readonly BackedUpFile[];
    readonly moves: readonly { readonly from: string; readonly to: string }[];
  },
  places: FilePlaces,
): { readonly files: readonly BackedUpFile[]; readonly errors: readonly EngineError[] } {
  const { files, moves, database } = wish;
  const isKnown = (name: string): boolean => files.some((file) => same(file.logicalName, name));
  const unknown = moves.find((move) => !isKnown(move.from));
  if (unknown !== undefined)
    return { files, errors: [{ number: 3234, parameters: [unknown.from, database] }] };
  const placed = files.map((file) => ({
    ...file,
    physicalName: moves.find((move) => same(move.from, file.logicalName))?.to ?? file.physicalName,
  }));
  const errors = placed.flatMap((_, index) => problemsOf(placed, index, places));
  return {
    files: placed,
    errors: errors.length === 0 ? [] : [...errors, { number: 3119, parameters: [] }],
  };
}

function problemsOf(
  files: readonly BackedUpFile[],
  index: number,
  places: FilePlaces,
): readonly EngineError[] {
  const file = files[index];
  if (file === undefined) return [];
  const path = file.physicalName;
  const moved: EngineError = { number: 3156, parameters: [file.logicalName, path] };
  const first = files.find((each, at) => at < index && same(each.physicalName, path));
  if (first !== undefined)
    return [
      {
        number: 3176,
        parameters: [path, first.logicalName, first.fileId, file.logicalName, file.fileId],
      },
    ];
  const owner = places.owner(path);
  if (owner !== null) return [{ number: 1834, parameters: [path, owner] }, moved];
  const folder = places.folderError(path);
  return folder === null ? [] : [{ number: 5133, parameters: [path, folder] }, moved];
}

function same(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
