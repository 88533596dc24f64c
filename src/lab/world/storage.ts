/**
 * The file systems of the simulated servers: drives of each instance and shares that all reach.
 *
 * A backup file is a real file below the lab's folder. Every folder exists and has room unless a rule
 * says otherwise; rules come from the definition and from faults.
 */

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hostSegments, isBelow, parseFolder } from '../backup/device-path.ts';
import type { DevicePath } from '../backup/device-path.ts';
import type { PathRule } from '../definition-storage.ts';
import { nameKey } from '../hadr/state.ts';

/** A file as one instance names it. */
export interface FilePlace {
  /** Key of the instance. */
  readonly instance: string;
  readonly path: DevicePath;
}

/** An error of the operating system as SQL Server prints it, `5(Access is denied.)`. */
export type SystemError = string;

const ERRORS = {
  noFile: '2(The system cannot find the file specified.)',
  noFolder: '3(The system cannot find the path specified.)',
  denied: '5(Access is denied.)',
  noShare: '53(The network path was not found.)',
  full: '112(There is not enough space on the disk.)',
} as const;

/** Files, and what is wrong with their places. */
export class Storage {
  readonly #directory: string;
  #rules: readonly PathRule[];
  /** Bytes per second of BACKUP and RESTORE; null: at once. */
  bytesPerSecond: number | null = null;

  constructor(directory: string, rules: readonly PathRule[]) {
    this.#directory = directory;
    this.#rules = rules;
  }

  /** A rule of an instance about a folder takes the place of the one before; null: nothing is wrong with it. */
  setRule(instance: string, path: string, problem: PathRule['problem'] | null): void {
    const others = this.#rules.filter(
      (rule) =>
        nameKey(rule.path) !== nameKey(path) || nameKey(rule.instance ?? instance) !== instance,
    );
    this.#rules = problem === null ? others : [{ instance, path, problem }, ...others];
  }

  /** Why a file in this place cannot be read or made; null when it can. */
  error(place: FilePlace, use: 'read' | 'write'): SystemError | null {
    const problem = this.#ruleOf(place)?.problem ?? null;
    if (problem === 'missing') return place.path.isShare ? ERRORS.noShare : ERRORS.noFolder;
    const isDenied = problem === 'denied' || (problem === 'read-only' && use === 'write');
    return isDenied ? ERRORS.denied : null;
  }

  /** The place has no room for more bytes. */
  isFull(place: FilePlace): boolean {
    return this.#ruleOf(place)?.problem === 'full';
  }

  /** The bytes of a file, `absent`, or the error. */
  read(place: FilePlace): Uint8Array | 'absent' | { readonly error: SystemError } {
    const error = this.error(place, 'read');
    if (error !== null) return { error };
    const file = this.#file(place);
    return existsSync(file) ? new Uint8Array(readFileSync(file)) : 'absent';
  }

  /** Replaces a file as a whole; the error when there is no room. */
  write(place: FilePlace, bytes: Uint8Array): SystemError | null {
    const error = this.error(place, 'write') ?? (this.isFull(place) ? ERRORS.full : null);
    if (error !== null) return error;
    const file = this.#file(place);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.part`, bytes);
    renameSync(`${file}.part`, file);
    return null;
  }

  #file({ instance, path }: FilePlace): string {
    return join(this.#directory, ...hostSegments(path, instance));
  }

  #ruleOf({ instance, path }: FilePlace): PathRule | undefined {
    return this.#rules.find((rule) => {
      const folder = parseFolder(rule.path);
      const isMeant = rule.instance === null || nameKey(rule.instance) === instance;
      return isMeant && folder !== undefined && isBelow(path, folder);
    });
  }
}

/** What a missing file is called in 3201. */
export const NO_SUCH_FILE: SystemError = ERRORS.noFile;
