/**
 * Screens kept as files, compared with what the program prints now; volatile parts are masked.
 * `UPDATE_GOLDEN=1` writes them anew.
 */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const FOLDER = new URL('./golden/', import.meta.url).pathname;

/** Fails when the screen is not the one in `golden/<name>.txt`. */
export function matchGolden(name: string, screen: string): void {
  matchExpected(`${FOLDER}${name}.txt`, screen);
}

/** Fails when the text is not the one in the file. */
export function matchExpected(path: string, text: string): void {
  const masked = mask(text);
  if (process.env['UPDATE_GOLDEN'] !== undefined) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, masked);
    return;
  }
  assert.ok(existsSync(path), `${path} is missing; UPDATE_GOLDEN=1 writes it`);
  assert.equal(masked, readFileSync(path, 'utf8'));
}

/** A paragraph of estimates: its figures move the line breaks. */
const ESTIMATES = /^estimate .*\n(?:\S.*\n| {9}.*\n)*/gmu;

/** Times, LSNs, hashes, addresses, sizes and the operator's host differ from run to run; the width stays. */
function mask(text: string): string {
  return text
    .replaceAll(ESTIMATES, 'estimate <ranges>\n')
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?/gu, blank)
    .replaceAll(/\b[0-9a-f]{64}\b/gu, blank)
    .replaceAll(/\b\d{17,25}\b/gu, blank)
    .replaceAll(/\bby sa@[\w.-]+/gu, 'by sa@<host>')
    .replaceAll(/127\.\d+\.\d+\.\d+/gu, '<address>')
    .replaceAll(/\b\d+(?:\.\d+)? (?:B|KB|MB|GB)(?:\/s)?(?!\w)/gu, blank)
    .replaceAll(/\b\d+(?:\.\d+)?\s+(?:ms|s|minutes?|hours?)\b/gu, '<time>');
}

function blank(found: string): string {
  return '#'.repeat(found.length);
}
