/** SHA-256, for the hash of a plan, the chain of the journal and the marker of a session. */

import { createHash } from 'node:crypto';

/** Hexadecimal SHA-256 of a text in UTF-8: 64 lower-case digits. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
