/** Paths of the simulated servers: local ones with a drive, and shares. Compared without regard to case. */

import { createHash } from 'node:crypto';

/** A path taken apart. */
export interface DevicePath {
  /** `\\host\share\...` is one place for all instances; a drive belongs to its own. */
  readonly isShare: boolean;
  /** Host and share, or the drive, then folders and the file name. */
  readonly segments: readonly string[];
}

const LONGEST = 259;
const LONGEST_NAME = 80;

/** Takes a path apart; a bare file name lies in `folder`. Undefined for what Windows refuses (3038). */
export function parsePath(text: string, folder: string): DevicePath | undefined {
  const path = text.replaceAll('/', '\\');
  if (path.trim() === '' || path.length > LONGEST || isWrongName(path)) return undefined;
  if (path.startsWith('\\\\')) {
    const segments = split(path);
    return segments.length < 3 ? undefined : { isShare: true, segments };
  }
  if (/^[a-z]:\\/iu.test(path)) return { isShare: false, segments: split(path) };
  if (/^[a-z]:|^\\/iu.test(path)) return undefined;
  return parsePath(`${folder.replace(/\\+$/u, '')}\\${path}`, folder);
}

const FIRST_PRINTABLE = 32;

/** Windows has no such character in names: control characters and `"*<>?|`. */
function isWrongName(text: string): boolean {
  return Array.from(text).some(
    (character) =>
      (character.codePointAt(0) ?? 0) < FIRST_PRINTABLE || '"*<>?|'.includes(character),
  );
}

/** A name that a file may have: what Windows refuses is replaced. */
export function fileName(text: string): string {
  return Array.from(text)
    .map((character) => (isWrongName(character) || '/\\:'.includes(character) ? '_' : character))
    .join('')
    .slice(0, LONGEST_NAME);
}

/** A folder or a share as a whole; undefined for what Windows refuses. */
export function parseFolder(text: string): DevicePath | undefined {
  const inside = parsePath(`${text.replace(/[/\\]+$/u, '')}\\x`, 'C:\\');
  return inside === undefined ? undefined : { ...inside, segments: inside.segments.slice(0, -1) };
}

/** Segments without `.` and `..`, as Windows resolves them. */
function split(path: string): readonly string[] {
  const segments: string[] = [];
  for (const segment of path.split('\\')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') segments.pop();
    else segments.push(segment);
  }
  return segments;
}

/** The file lies in the folder or below it, or is it. */
export function isBelow(path: DevicePath, folder: DevicePath): boolean {
  return (
    path.isShare === folder.isShare &&
    folder.segments.every(
      (each, index) => each.toLowerCase() === path.segments[index]?.toLowerCase(),
    )
  );
}

/** The path as Windows prints it. */
export function pathText({ isShare, segments }: DevicePath): string {
  return `${isShare ? '\\\\' : ''}${segments.join('\\')}`;
}

/** Names below the lab's own folder that stand for the path: safe on every file system, and one-to-one. */
export function hostSegments(path: DevicePath, instance: string): readonly string[] {
  const owner = path.isShare ? ['shares'] : ['instances', safe(instance)];
  return [...owner, ...path.segments.map((segment) => safe(segment.replace(/^([a-z]):$/iu, '$1')))];
}

/** Lower case; what may mean something to a file system, and long names, get a digest. */
function safe(name: string): string {
  const lower = name.toLowerCase();
  if (
    /^[a-z\d_-][a-z\d ._-]*$/u.test(lower) &&
    lower.length <= LONGEST_NAME &&
    !/[ .]$/u.test(lower)
  )
    return lower;
  const digest = createHash('sha256').update(lower).digest('hex').slice(0, 16);
  return `${lower.replaceAll(/[^a-z\d_-]/gu, '_').slice(0, LONGEST_NAME)}~${digest}`;
}
