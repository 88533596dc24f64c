/**
 * Certificates in master, and what the endpoints make of them.
 *
 * The public part is a real X.509 certificate, so that it can be carried to another server by
 * `CERTENCODED` and `CREATE CERTIFICATE ... FROM BINARY`; the lab keeps no private key, only that the
 * server has it. Microsoft Learn, "CREATE CERTIFICATE", "CERTENCODED".
 */

import { createHash, X509Certificate } from 'node:crypto';

import type { EndpointCertificate, TrustedCertificate } from '../../hadr/endpoint-certificate.ts';
import { nameKey } from '../../hadr/state.ts';
import { selfSigned } from '../../server/certificate.ts';
import type { ServerMessage } from '../../session.ts';
import type { EndpointStatement, SecurityStatement } from '../../tsql/ast.ts';
import { NOT_SIMULATED } from '../../tsql/message-table.ts';
import { serverMessage } from '../../tsql/message.ts';
import { parseDateText } from '../../tsql/value/date-text.ts';
import { stateOf, type InstanceParts } from '../instance-parts.ts';
import type { CertificateRecord } from '../record.ts';

type Created = Extract<SecurityStatement, { readonly kind: 'create-certificate' }>;

const firstCertificateId = 256;
/** EXPIRY_DATE without one: a year after START_DATE. */
const msPerYear = 365 * 24 * 3_600_000;
const msPerDay = 24 * 3_600_000;
const ticksPerMs = 10_000;
/** Days from 0001-01-01 to 1970-01-01. */
const epochDays = 719_162;

/** CREATE CERTIFICATE by somebody who may; the error that ended it, or null. */
export function createCertificate(parts: InstanceParts, statement: Created): ServerMessage | null {
  const { security } = parts;
  const owner = statement.authorization ?? 'dbo';
  const user = userOf(parts, owner);
  if (user === undefined) return serverMessage(15_151, 'find', 'user', owner);
  if (statement.fromFile !== null)
    return serverMessage(NOT_SIMULATED, 'CREATE CERTIFICATE ... FROM FILE');
  if (statement.fromBinary === null && !security.hasMasterKey) return serverMessage(15_581);
  const made = statement.fromBinary === null ? make(parts, statement) : read(statement.fromBinary);
  if (made === null) return serverMessage(15_297);
  const isThere = security.certificates.some(
    ({ name, thumbprint }) =>
      nameKey(name) === nameKey(statement.name) || hex(thumbprint) === hex(made.thumbprint),
  );
  if (isThere) return serverMessage(15_232, statement.name);
  const last = Math.max(
    firstCertificateId - 1,
    ...security.certificates.map((each) => each.certificateId),
  );
  security.certificates = [
    ...security.certificates,
    {
      ...made,
      name: statement.name,
      certificateId: last + 1,
      hasPrivateKey: statement.fromBinary === null,
      owner,
      ownerId: user.id,
    },
  ];
  return null;
}

type Content = Pick<
  CertificateRecord,
  'subject' | 'startAt' | 'expiresAt' | 'thumbprint' | 'encoded'
>;

function make(parts: InstanceParts, { subject, startDate, expiryDate }: Created): Content | null {
  const startAt = startDate === null ? parts.clock.now() : dateOf(startDate);
  const expiresAt = expiryDate === null ? startAt + msPerYear : dateOf(expiryDate);
  if (Number.isNaN(startAt) || Number.isNaN(expiresAt) || expiresAt <= startAt) return null;
  return read(selfSigned({ subject: subject ?? '', validFrom: startAt, validTo: expiresAt }));
}

/** START_DATE and EXPIRY_DATE are UTC; NaN for what is no date. */
function dateOf(text: string): number {
  const date = parseDateText(text, 0);
  if (typeof date === 'string') return Number.NaN;
  return (date.days - epochDays) * msPerDay + Math.floor(date.ticks / ticksPerMs);
}

function read(encoded: Uint8Array): Content | null {
  try {
    const certificate = new X509Certificate(encoded);
    return {
      subject: certificate.subject.replace(/^CN=/u, ''),
      startAt: certificate.validFromDate.getTime(),
      expiresAt: certificate.validToDate.getTime(),
      thumbprint: new Uint8Array(createHash('sha1').update(encoded).digest()),
      encoded,
    };
  } catch {
    // OpenSSL refuses it: not a certificate.
    return null;
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** The login behind a user of master; undefined when there is no such user. */
function userOf(
  parts: InstanceParts,
  user: string,
): { readonly id: number; readonly login: string | null } | undefined {
  if (nameKey(user) === 'dbo') return { id: 1, login: 'sa' };
  const store = parts.rows.systemStore({ instance: parts.key, database: 'master' });
  const principal = store?.catalog.principal(user);
  return principal?.type === 'user' ? { id: principal.id, login: principal.login } : undefined;
}

/** Why an endpoint cannot take its certificate, or null. */
export function endpointCertificateError(
  parts: InstanceParts,
  statement: EndpointStatement,
): ServerMessage | null {
  if (statement.kind === 'drop-endpoint') return null;
  const name = statement.mirroring?.authentication?.certificate ?? null;
  if (name === null) return null;
  const found = parts.security.certificates.find((each) => nameKey(each.name) === nameKey(name));
  if (found === undefined) return serverMessage(15_151, 'find', 'certificate', name);
  const now = parts.clock.now();
  const isUsable = found.hasPrivateKey && found.startAt <= now && now < found.expiresAt;
  return isUsable ? null : serverMessage(28_055, name);
}

/** Tells the engine which certificates count at the handshake; after every change of one or of the endpoint. */
export function publishEndpointCertificates(parts: InstanceParts): void {
  const { endpoint } = stateOf(parts);
  const wanted = endpoint?.authentication.certificate ?? null;
  const own = parts.security.certificates.find(
    ({ name, hasPrivateKey }) =>
      hasPrivateKey && wanted !== null && nameKey(name) === nameKey(wanted),
  );
  const trusted = parts.security.certificates.flatMap((each): readonly TrustedCertificate[] => {
    const login = userOf(parts, each.owner)?.login ?? null;
    return each.hasPrivateKey || login === null
      ? []
      : [{ ...shown(each), account: nameKey(login) }];
  });
  parts.host.apply({
    kind: 'endpoint-certificates',
    instance: parts.key,
    own: own === undefined ? null : shown(own),
    trusted,
  });
}

function shown(record: CertificateRecord): EndpointCertificate {
  const { thumbprint, startAt, expiresAt } = record;
  return { thumbprint: hex(thumbprint), startAt, expiresAt };
}
