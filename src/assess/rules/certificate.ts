/** Rules about the certificates that endpoints prove themselves with. */

import { sameName, shownLiteral, shownName } from '../../base/name.ts';
import { parseUtc } from '../../base/utc.ts';
import type { EndpointFacts } from '../../model/assess-endpoint.ts';
import { factsOf, type SideFacts } from '../../model/assess-facts.ts';
import type { CertificateFacts } from '../../model/assess-network.ts';
import { together } from '../../model/fact.ts';
import { otherSide } from '../../model/side.ts';
import {
  bad,
  bothSidesRead,
  doubtful,
  good,
  later,
  notReadable,
  type AssessRule,
  type Judgement,
} from '../rule.ts';

/** A certificate that ends earlier than this has to be renewed before the migration, in days. */
const SHORT_DAYS = 60;
const DAY_MS = 86_400_000;

const WINDOWS = later('The endpoint proves itself with its Windows account.');

interface OwnCertificate {
  readonly endpoint: EndpointFacts;
  readonly certificate: CertificateFacts;
}

/** The certificate of the endpoint, or what is to be said without it. */
function ownCertificate(
  endpoints: readonly EndpointFacts[],
  certificates: readonly CertificateFacts[],
): OwnCertificate | Judgement {
  const [endpoint] = endpoints;
  if (endpoint === undefined)
    return later('There is no endpoint yet; migrate creates it with Windows authentication.');
  const name = endpoint.certificate;
  if (name === null) {
    return /certificate/iu.test(endpoint.connectionAuthDesc)
      ? {
          outcome: 'unknown',
          evidence: `The certificate of ${shownName(endpoint.name)} is not shown.`,
        }
      : WINDOWS;
  }
  const certificate = certificates.find((each) => sameName(each.name, name));
  return certificate === undefined
    ? { outcome: 'unknown', evidence: `Certificate ${shownName(name)} is not shown.` }
    : { endpoint, certificate };
}

function isJudgement(value: OwnCertificate | Judgement): value is Judgement {
  return 'outcome' in value;
}

/** Milliseconds since 1970; null for a time that is not shown. SQL Server's datetime has no Z. */
function moment(text: string | null): number | null {
  if (text === null) return null;
  const short = text.replace(/(\.\d{3})\d+/u, '$1');
  return parseUtc(short.endsWith('Z') ? short : `${short}Z`);
}

function judgeValidity(certificate: CertificateFacts, now: number | null): Judgement {
  const start = moment(certificate.startDate);
  const end = moment(certificate.expiryDate);
  const shown = shownName(certificate.name);
  if (now === null || start === null || end === null)
    return { outcome: 'unknown', evidence: `The dates of ${shown} are not shown.` };
  const evidence = `${shown} is valid from ${certificate.startDate} to ${certificate.expiryDate} (UTC).`;
  const renew = `CREATE CERTIFICATE <new name> WITH SUBJECT = N'...', EXPIRY_DATE = N'...'; bring its public part to the other side, then ALTER ENDPOINT ... FOR DATABASE_MIRRORING (AUTHENTICATION = CERTIFICATE <new name>)`;
  if (now < start) return bad(`${evidence} It is not valid yet.`, renew);
  if (now >= end) return bad(`${evidence} It has expired.`, renew);
  const days = Math.floor((end - now) / DAY_MS);
  return days < SHORT_DAYS
    ? doubtful(`${evidence} It ends in ${days} day(s).`, renew)
    : good(evidence);
}

/** `CERTENCODED` gives the public part as a literal; no file has to travel. */
function importRemedy(from: SideFacts, certificate: string): string {
  return `On ${shownName(from.instance)}: SELECT CERTENCODED(CERT_ID(${shownLiteral(certificate)})). Here: CREATE CERTIFICATE ${shownName(certificate)} AUTHORIZATION <user of a login with CONNECT on the endpoint> FROM BINARY = 0x<result>`;
}

/** Rules about certificates of endpoints. */
export const certificateRules: readonly AssessRule[] = [
  ...bothSidesRead({
    name: 'CERT-PRIVATE-KEY',
    title: 'The private key of the certificate of the endpoint can be opened',
    family: 'authentication',
    why: 'The endpoint signs with it without asking anybody: the key has to be there and encrypted by the master key of master (28023 otherwise).',
    remedy:
      'ALTER CERTIFICATE <name> WITH PRIVATE KEY (DECRYPTION BY PASSWORD = ...) in master, after CREATE MASTER KEY.',
    reference: 'endpointCertificates',
    read: ({ endpoints, certificates }) => together({ endpoints, certificates }),
    judge: ({ endpoints, certificates }) => {
      const own = ownCertificate(endpoints, certificates);
      if (isJudgement(own)) return own;
      const { name, pvtKeyEncryptionTypeDesc } = own.certificate;
      const evidence = `${shownName(name)}: ${pvtKeyEncryptionTypeDesc}.`;
      return pvtKeyEncryptionTypeDesc === 'ENCRYPTED_BY_MASTER_KEY'
        ? good(evidence)
        : bad(
            evidence,
            `ALTER CERTIFICATE ${shownName(name)} WITH PRIVATE KEY (DECRYPTION BY PASSWORD = N'<password>') in master`,
          );
    },
  }),
  ...bothSidesRead({
    name: 'CERT-VALID',
    title: 'The certificate of the endpoint is valid, and stays so for two months',
    family: 'authentication',
    why: 'With an expired certificate, or one that is not valid yet, no connection comes up (15297, 28022); without EXPIRY_DATE a certificate ends after one year.',
    remedy:
      'Create a new certificate with an EXPIRY_DATE, bring its public part to the other side, change the endpoint.',
    reference: 'endpointCertificates',
    read: ({ endpoints, certificates, server }) => together({ endpoints, certificates, server }),
    judge: ({ endpoints, certificates, server }) => {
      const own = ownCertificate(endpoints, certificates);
      return isJudgement(own) ? own : judgeValidity(own.certificate, moment(server.utcNow));
    },
  }),
  ...bothSidesRead({
    name: 'CERT-PEER',
    title: 'The certificate of the other endpoint is known here',
    family: 'authentication',
    why: 'An endpoint lets in whose certificate it has, under a login with CONNECT; without it the peer is turned away (28022).',
    remedy:
      'Create the certificate from the public part of the peer, for a user of a login with CONNECT on the endpoint.',
    reference: 'endpointCertificates',
    read: ({ certificates }) => certificates,
    judge: (certificates, { side, all }) => {
      const there = factsOf(all, otherSide(side));
      const read = together({ endpoints: there.endpoints, certificates: there.certificates });
      if (!read.known) return notReadable(read);
      const peer = ownCertificate(read.value.endpoints, read.value.certificates);
      if (isJudgement(peer))
        return peer.outcome === 'unknown' ? peer : later(`Of the other side: ${peer.evidence}`);
      const { name, thumbprint } = peer.certificate;
      const known = certificates.find(
        (each) => each.thumbprint.toLowerCase() === thumbprint.toLowerCase(),
      );
      if (known !== undefined)
        return good(`${shownName(known.name)} is the certificate of ${shownName(there.instance)}.`);
      const evidence = `No certificate here has the thumbprint ${thumbprint} of ${shownName(name)} on ${shownName(there.instance)}.`;
      const remedy = importRemedy(there, name);
      return /^certificate$/iu.test(peer.endpoint.connectionAuthDesc)
        ? bad(evidence, remedy)
        : doubtful(`${evidence} Windows accounts are left.`, remedy);
    },
  }),
];
