import { goodEndpoint, goodServer } from '../../../tests/support/facts.ts';
import {
  altered,
  onBothSides,
  testJudges,
  type JudgeCase,
} from '../../../tests/support/judge-cases.ts';
import type { AssessFacts } from '../../model/assess-facts.ts';
import type { CertificateFacts } from '../../model/assess-network.ts';
import { known } from '../../model/fact.ts';
import { otherSide, type Side } from '../../model/side.ts';
import { certificateRules } from './certificate.ts';

// The servers' clocks show 2026-11-21T12:00:00.1234567.
const own: CertificateFacts = {
  certificateId: 256,
  name: "O'wn",
  thumbprint: '0xAA',
  pvtKeyEncryptionTypeDesc: 'ENCRYPTED_BY_MASTER_KEY',
  startDate: '2026-01-01T00:00:00',
  expiryDate: '2030-01-01T00:00:00.003',
};

const withCertificate = (
  side: Side,
  change: Partial<CertificateFacts> = {},
  certificates: readonly CertificateFacts[] = [{ ...own, ...change }],
): AssessFacts =>
  altered(side, {
    endpoints: known([{ ...goodEndpoint, connectionAuthDesc: 'CERTIFICATE', certificate: "O'WN" }]),
    certificates: known(certificates),
  });

/** The other side's endpoint has the certificate. */
const peer = (side: Side, here: readonly CertificateFacts[]): AssessFacts =>
  altered(side, { certificates: known(here) }, withCertificate(otherSide(side)));

const names = ['CERT-PRIVATE-KEY', 'CERT-VALID'];

const cases: readonly JudgeCase[] = [
  ...[...names, 'CERT-PEER'].flatMap((name) =>
    onBothSides(name, 'skipped', (side) => altered(side, {})),
  ),
  ...[...names, 'CERT-PEER'].flatMap((name) =>
    onBothSides(name, 'skipped', (side) =>
      altered('source', { endpoints: known([]) }, altered(side, { endpoints: known([]) })),
    ),
  ),
  ...names.flatMap((name) => onBothSides(name, 'success', (side) => withCertificate(side))),
  ...names.flatMap((name) => onBothSides(name, 'unknown', (side) => withCertificate(side, {}, []))),
  ...names.flatMap((name) =>
    onBothSides(name, 'unknown', (side) =>
      altered(side, {
        endpoints: known([{ ...goodEndpoint, connectionAuthDesc: 'CERTIFICATE' }]),
      }),
    ),
  ),
  ...['NO_PRIVATE_KEY', 'ENCRYPTED_BY_PASSWORD'].flatMap((pvtKeyEncryptionTypeDesc) =>
    onBothSides('CERT-PRIVATE-KEY', 'error', (side) =>
      withCertificate(side, { pvtKeyEncryptionTypeDesc }),
    ),
  ),
  ...onBothSides('CERT-VALID', 'error', (side) =>
    withCertificate(side, { expiryDate: '2026-11-21T12:00:00' }),
  ),
  ...onBothSides('CERT-VALID', 'error', (side) =>
    withCertificate(side, { startDate: '2026-11-21T12:00:01' }),
  ),
  {
    id: 'SRC-CERT-VALID',
    facts: withCertificate('source', { expiryDate: '2027-01-20T11:00:00' }),
    outcome: 'warning',
    evidence: /ends in 59 day/u,
  },
  {
    id: 'SRC-CERT-VALID',
    facts: withCertificate('source', { expiryDate: '2027-01-20T12:00:01' }),
    outcome: 'success',
  },
  ...onBothSides('CERT-VALID', 'unknown', (side) => withCertificate(side, { expiryDate: null })),
  ...onBothSides('CERT-VALID', 'unknown', (side) =>
    altered(
      side,
      { server: known({ ...goodServer(side), utcNow: 'noon' }) },
      withCertificate(side),
    ),
  ),
  ...onBothSides('CERT-PEER', 'success', (side) =>
    peer(side, [{ ...own, name: 'Peer', thumbprint: '0xaa' }]),
  ),
  ...onBothSides('CERT-PEER', 'error', (side) => peer(side, [])),
  {
    id: 'TGT-CERT-PEER',
    facts: altered('source', {
      endpoints: known([
        { ...goodEndpoint, connectionAuthDesc: 'NEGOTIATE, CERTIFICATE', certificate: "O'wn" },
      ]),
      certificates: known([own]),
    }),
    outcome: 'warning',
    evidence: /Windows accounts are left/u,
  },
  {
    id: 'TGT-CERT-PEER',
    facts: peer('target', [{ ...own, thumbprint: '0xBB' }]),
    outcome: 'error',
    evidence: /thumbprint 0xAA of \[O'wn\] on \[OnPremNode\]/u,
    remedy: /^On \[OnPremNode\]: SELECT CERTENCODED\(CERT_ID\(N'O''wn'\)\)/u,
  },
];

testJudges(certificateRules, cases);
