import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { issue, makeAuthority } from './certificate.ts';

/** Not part of the lab: an outside judge of its certificates. */
const OPENSSL = 'openssl';
const now = Date.UTC(2026, 10, 21, 12, 0, 0);
const authority = makeAuthority({ commonName: 'sqlferry lab CA', now });
const request = {
  names: ['OnPremNode.contoso.com', 'OnPremNode', 'localhost'],
  addresses: ['127.0.0.1', '127.10.0.1', '::1', 'fe80::1:2'],
};

test('a leaf carries its names, its addresses and the signature of its authority', () => {
  const leaf = new X509Certificate(issue(authority, request).certificate);
  const root = new X509Certificate(authority.certificate);
  assert.equal(leaf.verify(root.publicKey), true);
  assert.equal(leaf.checkIssued(root), true);
  assert.equal(leaf.ca, false);
  assert.equal(root.ca, true);
  for (const name of request.names) assert.equal(leaf.checkHost(name, { subject: 'never' }), name);
  for (const address of request.addresses) assert.equal(leaf.checkIP(address), address);
  assert.equal(leaf.checkHost('SQLVM.contoso.com'), undefined);
  assert.equal(leaf.checkIP('127.0.0.2'), undefined);
});

test('validity starts an hour before the given time and ends where asked', () => {
  const leaf = new X509Certificate(issue(authority, { ...request, validDays: 30 }).certificate);
  assert.equal(Date.parse(leaf.validFrom), now - 3_600_000);
  assert.equal(Date.parse(leaf.validTo), now - 3_600_000 + 30 * 86_400_000);
  const expired = new X509Certificate(issue(authority, { ...request, validDays: -1 }).certificate);
  assert.ok(Date.parse(expired.validTo) < now);
  assert.ok(Date.parse(expired.validFrom) < Date.parse(expired.validTo));
});

test('years after 2049 are written as generalized time', () => {
  const late = makeAuthority({ commonName: 'late', now: Date.UTC(2051, 1, 28, 23, 59, 59) });
  assert.equal(
    Date.parse(new X509Certificate(late.certificate).validFrom),
    Date.UTC(2051, 1, 28, 22, 59, 59),
  );
});

test('a nameless or wrong request is refused', () => {
  assert.throws(() => issue(authority, { names: [], addresses: [] }), RangeError);
  assert.throws(() => issue(authority, { names: ['x'], addresses: ['300.1.1.1'] }), RangeError);
});

test('openssl verify accepts the chain, also strictly', (context) => {
  if (spawnSync(OPENSSL, ['version']).status !== 0) {
    context.skip('openssl is not installed');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'sqlferry-certificate-'));
  try {
    writeFileSync(join(folder, 'ca.pem'), authority.certificate);
    writeFileSync(join(folder, 'leaf.pem'), issue(authority, request).certificate);
    const options = [
      'verify',
      '-x509_strict',
      '-attime',
      String(now / 1000),
      '-purpose',
      'sslserver',
    ];
    const name = ['-verify_hostname', 'OnPremNode.contoso.com', '-CAfile', join(folder, 'ca.pem')];
    const output = execFileSync(OPENSSL, [...options, ...name, join(folder, 'leaf.pem')]);
    assert.match(output.toString(), /leaf\.pem: OK/u);
    const wrong = ['-verify_hostname', 'SQLVM', '-CAfile', join(folder, 'ca.pem')];
    assert.notEqual(spawnSync(OPENSSL, [...options, ...wrong, join(folder, 'leaf.pem')]).status, 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
