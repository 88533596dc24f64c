/**
 * Certificates of the lab: one authority, and leaves with the names and addresses of the instances.
 *
 * EC P-256, because an RSA leaf costs over ten times as much to make. Written with `node:crypto`
 * and the DER writer, so that the lab needs no OpenSSL program. Time is an argument.
 */

import { createHash, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { isIP } from 'node:net';

import {
  concatBytes,
  derBitString,
  derElement,
  derInteger,
  derObjectId,
  derOctets,
  derSequence,
  derSet,
  derText,
  derTime,
  derTrue,
} from './der.ts';

/** A certification authority of the lab. */
export interface Authority {
  readonly commonName: string;
  /** PEM; what clients are told to trust. */
  readonly certificate: string;
  /** PEM (PKCS #8). */
  readonly privateKey: string;
  /** Start of validity of the authority and its leaves, milliseconds since 1970 UTC. */
  readonly validFrom: number;
}

/** A server certificate with its key. */
export interface ServerCertificate {
  /** PEM of the leaf alone. */
  readonly certificate: string;
  /** PEM (PKCS #8). */
  readonly privateKey: string;
}

/** What a leaf is issued for. */
export interface LeafRequest {
  /** DNS names; the first is the subject. */
  readonly names: readonly string[];
  /** IPv4 and IPv6 addresses. */
  readonly addresses: readonly string[];
  /** Length of validity in days; an expired certificate is a negative one. Default 825. */
  readonly validDays?: number;
}

const DAY = 86_400_000;
/** Clients whose clock is a little behind still accept a certificate made a moment ago. */
const CLOCK_TOLERANCE = 3_600_000;
const AUTHORITY_DAYS = 3650;
const LEAF_DAYS = 825;
const ECDSA_SHA256 = '1.2.840.10045.4.3.2';
/** Uncompressed P-256 point at the end of a SubjectPublicKeyInfo. */
const POINT_BYTES = 65;

/** Makes a new authority, valid for ten years from an hour before `now` (milliseconds since 1970 UTC). */
export function makeAuthority(options: {
  readonly commonName: string;
  readonly now: number;
}): Authority {
  const { commonName, now } = options;
  const key = newKey();
  const validFrom = now - CLOCK_TOLERANCE;
  const keyId = keyIdentifier(key.spki);
  const certificate = signCertificate(
    {
      subject: commonName,
      issuer: commonName,
      spki: key.spki,
      validFrom,
      validTo: validFrom + AUTHORITY_DAYS * DAY,
      extensions: [
        extension('2.5.29.19', derSequence(derTrue()), true),
        // keyCertSign (5) and cRLSign (6).
        extension('2.5.29.15', derBitString(Uint8Array.of(0x06), 1), true),
        extension('2.5.29.14', derOctets(keyId), false),
      ],
    },
    key.pem,
  );
  return { commonName, certificate, privateKey: key.pem, validFrom };
}

/** Issues a server certificate; throws RangeError when there is no name, or an address is not an IP address. */
export function issue(authority: Authority, request: LeafRequest): ServerCertificate {
  const [subject] = request.names.length > 0 ? request.names : request.addresses;
  if (subject === undefined)
    throw new RangeError('issue: a certificate needs a name or an address');
  const key = newKey();
  const validTo = authority.validFrom + (request.validDays ?? LEAF_DAYS) * DAY;
  const alternatives = [
    ...request.names.map((name) => derElement(0x82, new TextEncoder().encode(name))),
    ...request.addresses.map((address) => derElement(0x87, addressBytes(address))),
  ];
  const certificate = signCertificate(
    {
      subject,
      issuer: authority.commonName,
      spki: key.spki,
      validFrom: Math.min(authority.validFrom, validTo - DAY),
      validTo,
      extensions: [
        extension('2.5.29.19', derSequence(), true),
        // digitalSignature (0), all an ECDHE handshake needs.
        extension('2.5.29.15', derBitString(Uint8Array.of(0x80), 7), true),
        extension('2.5.29.37', derSequence(derObjectId('1.3.6.1.5.5.7.3.1')), false),
        extension('2.5.29.17', derSequence(...alternatives), false),
        extension('2.5.29.14', derOctets(keyIdentifier(key.spki)), false),
        extension('2.5.29.35', derSequence(derElement(0x80, authorityKeyId(authority))), false),
      ],
    },
    authority.privateKey,
  );
  return { certificate, privateKey: key.pem };
}

/** A certificate that signs itself, DER; the private key is not kept. Times in milliseconds since 1970 UTC. */
export function selfSigned(of: {
  readonly subject: string;
  readonly validFrom: number;
  readonly validTo: number;
}): Uint8Array {
  const key = newKey();
  const text = signCertificate(
    {
      ...of,
      issuer: of.subject,
      spki: key.spki,
      extensions: [extension('2.5.29.14', derOctets(keyIdentifier(key.spki)), false)],
    },
    key.pem,
  );
  return new Uint8Array(Buffer.from(text.replaceAll(/-----[^-]+-----|\s/gu, ''), 'base64'));
}

interface CertificateBody {
  readonly subject: string;
  readonly issuer: string;
  readonly spki: Uint8Array;
  readonly validFrom: number;
  readonly validTo: number;
  readonly extensions: readonly Uint8Array[];
}

function signCertificate(body: CertificateBody, issuerKey: string): string {
  const algorithm = derSequence(derObjectId(ECDSA_SHA256));
  // The serial number comes from the key, which is random already; 16 bytes, positive.
  const serial = createHash('sha256')
    .update(body.spki)
    .update(body.subject)
    .digest()
    .subarray(0, 16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const unsigned = derSequence(
    derElement(0xa0, derInteger(Uint8Array.of(2))),
    derInteger(serial),
    algorithm,
    commonNameOnly(body.issuer),
    derSequence(derTime(body.validFrom), derTime(body.validTo)),
    commonNameOnly(body.subject),
    body.spki,
    derElement(0xa3, derSequence(...body.extensions)),
  );
  const signature = sign('sha256', unsigned, createPrivateKey(issuerKey));
  return pem(derSequence(unsigned, algorithm, derBitString(signature)));
}

function commonNameOnly(name: string): Uint8Array {
  // RFC 5280 allows 64 characters in a common name; the true names are in the alternatives.
  return derSequence(derSet(derSequence(derObjectId('2.5.4.3'), derText(name.slice(0, 64)))));
}

function extension(id: string, content: Uint8Array, critical: boolean): Uint8Array {
  const parts = [derObjectId(id), ...(critical ? [derTrue()] : []), derOctets(content)];
  return derSequence(...parts);
}

function newKey(): { readonly spki: Uint8Array; readonly pem: string } {
  const pair = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { spki: pair.publicKey, pem: pair.privateKey };
}

function keyIdentifier(spki: Uint8Array): Uint8Array {
  return createHash('sha1').update(spki.subarray(-POINT_BYTES)).digest();
}

function authorityKeyId(authority: Authority): Uint8Array {
  const jwk = createPrivateKey(authority.privateKey).export({ format: 'jwk' });
  const point = concatBytes([
    Uint8Array.of(4),
    Buffer.from(jwk.x ?? '', 'base64url'),
    Buffer.from(jwk.y ?? '', 'base64url'),
  ]);
  return createHash('sha1').update(point).digest();
}

function pem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/gu) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** Network bytes of an IP address. */
function addressBytes(address: string): Uint8Array {
  switch (isIP(address)) {
    case 4:
      return Uint8Array.from(address.split('.').map(Number));
    case 6: {
      const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
      const [head = '', tail] = canonical.split('::');
      const groups = (text: string | undefined): string[] =>
        text === undefined || text === '' ? [] : text.split(':');
      const missing = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length;
      const all = [...groups(head), ...Array<string>(missing).fill('0'), ...groups(tail)];
      return Uint8Array.from(
        all.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff]),
      );
    }
    default:
      throw new RangeError(`issue: not an IP address: ${address}`);
  }
}
