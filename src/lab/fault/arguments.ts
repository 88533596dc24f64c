/** Reads a fault as it is typed after `lab fault`. */

import { fail, type Result } from '../../base/result.ts';
import { parseBytes } from '../definition-file.ts';
import { FAULT_USAGE, readFault, type Fault } from './fault.ts';

/** The fault of the words, or what should have been typed. */
export function faultOfWords(words: readonly string[]): Result<Fault, string> {
  const [kind = '', ...rest] = words;
  const usage = Object.entries(FAULT_USAGE).find(([name]) => name === kind)?.[1];
  if (usage === undefined) {
    return fail(`unknown fault "${kind}"; allowed:\n  ${Object.values(FAULT_USAGE).join('\n  ')}`);
  }
  const read = readFault(jsonOf(kind, rest));
  return read.ok ? read : fail(`${read.error}; usage: lab fault ${usage}`);
}

function jsonOf(fault: string, words: readonly string[]): Readonly<Record<string, unknown>> {
  const [first, second, third] = words;
  switch (fault) {
    case 'delay': {
      return third === undefined
        ? { fault, instance: first, delayMs: milliseconds(second) }
        : { fault, instance: first, to: second, delayMs: milliseconds(third) };
    }
    case 'bandwidth': {
      return { fault, bytesPerSecond: parseBytes(first ?? '') };
    }
    case 'partition': {
      return { fault, a: first, b: second };
    }
    case 'heal': {
      return first === undefined ? { fault } : { fault, a: first, b: second ?? '' };
    }
    case 'lose-commit': {
      return { fault, instance: first, database: second };
    }
    default: {
      return { fault, instance: first };
    }
  }
}

function milliseconds(text: string | undefined): number {
  return /^\d+(?:\.\d+)?(?:ms)?$/u.test(text ?? '') ? Number.parseFloat(text ?? '') : Number.NaN;
}
