/** FreeTDS (tsql, bsqldb) and pymssql against the wire. A program that is not installed is skipped with a line. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { EncryptionOffer } from '../../src/lab/session.ts';
import { freetdsEnvironment } from '../support/freetds.ts';
import { runProgram, skipWithout } from '../support/program.ts';
import { startWireLab, wireAuthority } from '../support/wire-lab.ts';
import type { CannedRowset } from '../support/wire-session.ts';

const login = ['-U', 'sa', '-P', 'Passw0rd!'];
const PYTHON = '/usr/bin/python3';

const sample: CannedRowset = {
  columns: [
    { name: 'name', type: { kind: 'nvarchar', length: 128 }, nullable: false },
    { name: 'database_id', type: { kind: 'int' }, nullable: false },
    { name: 'lsn', type: { kind: 'numeric', precision: 25, scale: 0 }, nullable: true },
    { name: 'when', type: { kind: 'datetime2', scale: 3 }, nullable: true },
    { name: 'note', type: { kind: 'nvarchar', length: 'max' }, nullable: true },
  ],
  rows: [
    [
      'DAG',
      5,
      { kind: 'decimal', unscaled: 37_000_000_012_300_001n, scale: 0 },
      { kind: 'datetime', days: 739_940, ticks: 432_001_230_000, offsetMinutes: 0 },
      'h\u00e9',
    ],
    ['AzureAG', 6, null, null, null],
  ],
};

const modes: [EncryptionOffer, 'off' | 'request' | 'require', string][] = [
  ['not-supported', 'off', '7.4'],
  ['supported', 'off', '7.1'],
  ['supported', 'off', '7.2'],
  ['supported', 'off', '7.3'],
  ['supported', 'request', '7.4'],
  ['supported', 'require', '7.4'],
  ['required', 'request', '7.4'],
  ['required', 'require', '7.1'],
  ['required', 'require', '7.4'],
];
for (const [offer, encryption, version] of modes)
  test(`tsql: an instance that offers "${offer}", encryption = ${encryption}, TDS ${version}`, async (context) => {
    if (skipWithout(context, 'tsql', '-C')) return;
    const { port, endpoint } = await startWireLab(context, offer);
    endpoint.canned.set('sample', sample);
    const environment = freetdsEnvironment(context, {
      port,
      encryption,
      version,
      ...(encryption === 'require' ? { authority: wireAuthority } : {}),
    });
    const input = 'sample\ngo\nfail 41142\ngo\nrows 300\ngo\nexit\n';
    const { output } = await runProgram('tsql', ['-S', 'lab', ...login, '-o', 'q'], {
      input,
      environment,
    });
    assert.match(output, /DAG\t5\t37000000012300001\t.*12:00.*\thé/u);
    assert.match(output, /AzureAG\t6\tNULL\tNULL\tNULL/u);
    assert.match(output, /Msg 41142 \(severity 16, state 1\) from OnPremNode/u);
    assert.match(output, /299\trow 299 of 300/u);
    const all = encryption === 'require' || offer === 'required';
    assert.equal(endpoint.logins[0]?.encrypted, all && encryption !== 'off');
  });

test('tsql that is told not to encrypt encrypts all the same where the instance insists', async (context) => {
  if (skipWithout(context, 'tsql', '-C')) return;
  const { port, endpoint } = await startWireLab(context, 'required');
  const environment = freetdsEnvironment(context, { port, encryption: 'off' });
  await runProgram('tsql', ['-S', 'lab', ...login], { input: 'exit\n', environment });
  assert.equal(endpoint.logins[0]?.encrypted, true);
});

test('tsql that trusts another authority does not log in', async (context) => {
  if (skipWithout(context, 'tsql', '-C')) return;
  const { port, endpoint } = await startWireLab(context, 'required');
  const { makeAuthority } = await import('../../src/lab/server/certificate.ts');
  const authority = makeAuthority({ commonName: 'another', now: Date.now() }).certificate;
  const environment = freetdsEnvironment(context, { port, encryption: 'require', authority });
  const { output } = await runProgram('tsql', ['-S', 'lab', ...login], {
    input: 'exit\n',
    environment,
  });
  assert.match(output, /error|failed/iu);
  assert.equal(endpoint.logins.length, 0);
});

test('bsqldb runs a batch and prints its rows', async (context) => {
  if (skipWithout(context, 'bsqldb', '-h')) return;
  const { port, endpoint } = await startWireLab(context, 'required');
  // bsqldb 1.3 does not know datetime2.
  const keep = [0, 1, 2, 4];
  endpoint.canned.set('sample', {
    columns: sample.columns.filter((_, index) => keep.includes(index)),
    rows: sample.rows.map((row) => row.filter((_, index) => keep.includes(index))),
  });
  const environment = freetdsEnvironment(context, {
    port,
    encryption: 'require',
    authority: wireAuthority,
  });
  const { output } = await runProgram('bsqldb', ['-S', 'lab', ...login, '-q'], {
    input: 'sample\ngo\n',
    environment,
  });
  assert.match(output, /DAG\s+5\s+37000000012300001/u);
  assert.match(output, /AzureAG\s+6\s+NULL/u);
});

const SCRIPT = `
import sys, pymssql
connection = pymssql.connect(server='127.0.0.1', port=sys.argv[1], user='sa', password='Passw0rd!', database='Adventureworks', tds_version=sys.argv[2])
cursor = connection.cursor()
cursor.execute('sample')
for row in cursor: print(repr(row))
try:
    cursor.execute('fail 41142')
    cursor.fetchall()
except pymssql.Error as error:
    print('error', error.args[0])
cursor.execute('rows 300')
print(len(cursor.fetchall()))
connection.commit()
connection.close()
`;
for (const [offer, version] of [
  ['supported', '7.3'],
  ['not-supported', '7.1'],
  ['required', '7.2'],
] as const)
  test(`pymssql: an instance that offers "${offer}", TDS ${version}`, async (context) => {
    if (skipWithout(context, PYTHON, '-c', 'import pymssql')) return;
    const { port, endpoint } = await startWireLab(context, offer);
    endpoint.canned.set('sample', sample);
    const { status, output } = await runProgram(PYTHON, ['-c', SCRIPT, String(port), version]);
    assert.equal(status, 0, output);
    assert.match(output, /\('DAG', 5, Decimal\('37000000012300001'\),/u);
    assert.match(output, /\('AzureAG', 6, None, None, None\)/u);
    assert.match(output, /error 41142/u);
    assert.match(output, /^300$/mu);
    assert.equal(endpoint.logins[0]?.database, 'Adventureworks');
  });
