/** Security identifiers of SQL logins that were defined without one. */

import { createHash } from 'node:crypto';

const SID_BYTES = 16;

/** The SID of `sa` on every server. */
export const SA_SID = Uint8Array.of(1);

/** A SID made from the name, without regard to case: the same on every instance, so that users of a copy match. */
export function sidOf(name: string): Uint8Array {
  return new Uint8Array(
    createHash('sha256').update(`sid of ${name.toLowerCase()}`).digest().subarray(0, SID_BYTES),
  );
}
