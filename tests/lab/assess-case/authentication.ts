/** Lab cases of the rules about certificates, Kerberos and the connections between endpoints. */

import type { DeclaredRow } from '../../../src/lab/declared.ts';
import type { LabDefinition } from '../../../src/lab/definition.ts';
import { all, bothSides, type AssessCase } from './case.ts';
import { everyInstance, instances } from './definition.ts';

const CERTIFICATE: readonly string[] = [
  "CREATE MASTER KEY ENCRYPTION BY PASSWORD = N'Very-long-pass-phrase-1'",
  "CREATE CERTIFICATE [Own] WITH SUBJECT = N'endpoint', EXPIRY_DATE = N'2030-01-01'",
  'ALTER ENDPOINT [Hadr_endpoint] FOR DATABASE_MIRRORING (AUTHENTICATION = CERTIFICATE [Own])',
];

/** Each side has its own certificate, and knows the other side's when told so. */
function certificates(
  own: DeclaredRow,
  knowEachOther: boolean,
): (definition: LabDefinition) => LabDefinition {
  const rows = (mine: string, other: string): readonly DeclaredRow[] => [
    { name: 'Own', thumbprint: mine, ...own },
    ...(knowEachOther
      ? [{ name: 'Peer', certificate_id: 300, thumbprint: other, pvt_key_encryption_type: 'NA' }]
      : []),
  ];
  return (definition) =>
    instances('source', { catalog: { 'sys.certificates': rows('0xAA01', '0xBB02') } })(
      instances('target', { catalog: { 'sys.certificates': rows('0xBB02', '0xAA01') } })(
        definition,
      ),
    );
}

function transport(row: DeclaredRow): (definition: LabDefinition) => LabDefinition {
  return everyInstance({
    catalog: { 'sys.dm_db_mirroring_connections': [{ state_desc: 'LOGGED_IN', ...row }] },
  });
}

/** The cases. */
export const authenticationCases: readonly AssessCase[] = [
  {
    title: 'the endpoints prove themselves with certificates that each side knows',
    stage: 'endpoints',
    lab: certificates({}, true),
    source: CERTIFICATE,
    target: CERTIFICATE,
    expect: [
      ...bothSides('success', ['CERT-PRIVATE-KEY', 'CERT-VALID', 'CERT-PEER']),
      ...bothSides('warning', ['EP-AUTHENTICATION']),
      ...all('success', ['PAIR-EP-AUTHENTICATION']),
    ],
  },
  {
    title:
      'the certificates end next month, have lost their private key, and no side knows the other one',
    stage: 'endpoints',
    lab: certificates(
      {
        expiry_date: 'now+30d',
        pvt_key_encryption_type: 'NA',
        pvt_key_encryption_type_desc: 'NO_PRIVATE_KEY',
      },
      false,
    ),
    source: CERTIFICATE,
    target: CERTIFICATE,
    expect: [
      { rule: 'SRC-CERT-VALID', outcome: 'warning', evidence: /ends in (?:29|30) day/u },
      { rule: 'SRC-CERT-PRIVATE-KEY', outcome: 'error', evidence: /NO_PRIVATE_KEY/u },
      {
        rule: 'SRC-CERT-PEER',
        outcome: 'error',
        evidence: /0xBB02/u,
        remedy: /CERTENCODED\(CERT_ID\(N'Own'\)\)/u,
      },
      ...all('warning', ['TGT-CERT-VALID']),
      ...all('error', ['TGT-CERT-PRIVATE-KEY', 'TGT-CERT-PEER']),
    ],
  },
  {
    title: 'the certificates have expired',
    stage: 'endpoints',
    lab: certificates({ expiry_date: 'now-1d' }, true),
    source: CERTIFICATE,
    target: CERTIFICATE,
    expect: [
      { rule: 'SRC-CERT-VALID', outcome: 'error', evidence: /has expired/u },
      ...all('error', ['TGT-CERT-VALID']),
    ],
  },
  {
    title: 'the source takes certificates only, the target Windows accounts only',
    stage: 'endpoints',
    source: CERTIFICATE,
    expect: [
      {
        rule: 'PAIR-EP-AUTHENTICATION',
        outcome: 'error',
        evidence: /CERTIFICATE, target NEGOTIATE/u,
      },
    ],
  },
  {
    title: 'sessions come in with Kerberos',
    lab: everyInstance({ catalog: { 'sys.dm_exec_connections': [{ auth_scheme: 'KERBEROS' }] } }),
    expect: bothSides('success', ['AUTH-SCHEME']),
  },
  {
    title: 'sessions come in with NTLM',
    lab: everyInstance({ catalog: { 'sys.dm_exec_connections': [{ auth_scheme: 'NTLM' }] } }),
    expect: [
      {
        rule: 'SRC-AUTH-SCHEME',
        outcome: 'warning',
        remedy: /^setspn -S MSSQLSvc\/OnPremNode\.contoso\.com:\d+ CONTOSO\\sqlservice$/u,
      },
      ...all('warning', ['TGT-AUTH-SCHEME']),
    ],
  },
  {
    title: 'the endpoints are connected with Kerberos and AES',
    lab: transport({ authentication_method: 'KERBEROS', encryption_algorithm_desc: 'AES' }),
    expect: bothSides('success', ['AUTH-TRANSPORT', 'EP-TRANSPORT-ENCRYPTED']),
  },
  {
    title: 'the endpoints are connected with NTLM and without encryption',
    lab: transport({ authentication_method: 'NTLM', encryption_algorithm_desc: 'NONE' }),
    expect: [
      { rule: 'SRC-AUTH-TRANSPORT', outcome: 'warning', remedy: /OnPremNode\.contoso\.com:5022/u },
      ...all('warning', ['TGT-AUTH-TRANSPORT']),
      ...bothSides('warning', ['EP-TRANSPORT-ENCRYPTED']),
    ],
  },
];
