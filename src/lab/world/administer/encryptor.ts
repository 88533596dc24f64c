/** Transparent data encryption as far as backups show it: the certificate a database needs to be opened. */

import type { InstanceParts } from '../instance-parts.ts';

const VIEW = 'sys.dm_database_encryption_keys';

/** Thumbprint `0x...` of the certificate the database is stated to be encrypted with; null without TDE. */
export function encryptorOf(parts: InstanceParts, database: string): string | null {
  const { encryptor_thumbprint: thumbprint } = parts.declared.about(database, VIEW);
  return typeof thumbprint === 'string' ? thumbprint : null;
}

/** The instance has the certificate. */
export function hasEncryptor(parts: InstanceParts, thumbprint: string): boolean {
  const wanted = thumbprint.replace(/^0x/iu, '').toLowerCase();
  const known = parts.security.certificates.map((each) =>
    Buffer.from(each.thumbprint).toString('hex'),
  );
  const stated = parts.declared
    .of('sys.certificates')
    .filter((each) => each.database === null || each.database === 'master')
    .map((each) => each.row['thumbprint'])
    .filter((each) => typeof each === 'string')
    .map((each) => each.replace(/^0x/iu, '').toLowerCase());
  return [...known, ...stated].includes(wanted);
}

/** A restored database is encrypted as its backup was. */
export function stateEncryptor(parts: InstanceParts, database: string, thumbprint: string): void {
  if (encryptorOf(parts, database) !== null) return;
  parts.declared.state(database, VIEW, {
    encryption_state: 3,
    encryptor_thumbprint: thumbprint,
    encryptor_type: 'CERTIFICATE',
  });
}
