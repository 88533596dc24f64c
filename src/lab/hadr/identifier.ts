/** GUIDs: by rule for groups (captured from real servers), by salt for everything a server draws by chance. */

import { createHash } from 'node:crypto';

/**
 * GUID whose .NET byte order is MD5(UTF-16LE(lower-case name)): `group_id` of groups without a
 * cluster and of DAGs, equal for every install that uses the name.
 */
export function guidFromName(name: string): string {
  return formatGuid(createHash('md5').update(Buffer.from(name.toLowerCase(), 'utf16le')).digest());
}

/** A version 4 GUID that depends on the salt and the number alone. */
export function guidFromSalt(salt: string, number: number): string {
  const bytes = createHash('md5').update(`${salt}#${number}`).digest();
  bytes[7] = ((bytes[7] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return formatGuid(bytes);
}

/** `replica_id` of a DAG member: equal on both sides. The real derivation is unknown; this one is ours. */
export function memberId(distributedGroup: string, group: string): string {
  return guidFromName(`${distributedGroup}\u0000member\u0000${group}`);
}

/** `group_database_id` of a database inside a DAG: equal on both sides, other than in the local groups. */
export function distributedDatabaseId(distributedGroup: string, database: string): string {
  return guidFromName(`${distributedGroup}\u0000database\u0000${database}`);
}

function formatGuid(bytes: Buffer): string {
  const part = (order: readonly number[]): string =>
    order.map((index) => (bytes[index] ?? 0).toString(16).padStart(2, '0')).join('');
  const parts = [
    part([3, 2, 1, 0]),
    part([5, 4]),
    part([7, 6]),
    part([8, 9]),
    part([10, 11, 12, 13, 14, 15]),
  ];
  return parts.join('-').toUpperCase();
}
