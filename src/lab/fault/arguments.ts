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
    case 'lose-commit':
    case 'late-writer': {
      return { fault, instance: first, database: second };
    }
    case 'crash-at': {
      const pattern = words.slice(3).join(' ');
      return { fault, instance: first, when: second, what: third, pattern };
    }
    case 'agent':
    case 'clients': {
      return { fault, instance: first, state: second };
    }
    case 'clock': {
      return { fault, instance: first, offsetMs: milliseconds(second) };
    }
    case 'redo': {
      const bytesPerSecond = second === 'full' ? null : parseBytes(second ?? '');
      return { fault, instance: first, bytesPerSecond };
    }
    case 'latch': {
      return { fault, instance: first, times: Number(second ?? Number.NaN) };
    }
    case 'revoke': {
      return { fault, instance: first, login: second };
    }
    case 'path': {
      const path = words.slice(1, -1).join(' ');
      return { fault, instance: first, path, problem: words.at(-1) };
    }
    case 'backup-rate': {
      return { fault, bytesPerSecond: first === 'full' ? null : parseBytes(first ?? '') };
    }
    case 'session-timeout': {
      return { fault, delayMs: milliseconds(first) };
    }
    case 'seeding-failure': {
      const errorCode = second === undefined ? null : Number(second);
      return { fault, failure: first === 'none' ? null : { state: Number(first), errorCode } };
    }
    case 'switch': {
      return { fault, set: { [first ?? '']: second } };
    }
    default: {
      return { fault, instance: first };
    }
  }
}

function milliseconds(text: string | undefined): number {
  return /^-?\d+(?:\.\d+)?(?:ms)?$/u.test(text ?? '') ? Number.parseFloat(text ?? '') : Number.NaN;
}
