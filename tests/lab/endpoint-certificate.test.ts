/** Endpoints of servers in different domains that authenticate with certificates: Microsoft Learn, "Use certificates for a database mirroring endpoint". */

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test, type TestContext } from 'node:test';

import type { LabDefinition } from '../../src/lab/definition.ts';
import { startAssessLab, type AssessLab } from '../support/assess-lab.ts';
import { openWorldSession } from '../support/statement-lab.ts';

const SOURCE = 'OnPremNode';
const TARGET = 'SQLVM';
const WAIT_LIMIT_MS = 60_000;
const LOOK_MS = 20;

function twoDomains(standalone: LabDefinition): LabDefinition {
  return {
    ...standalone,
    instances: standalone.instances.map((instance) => ({
      ...instance,
      domain: instance.side === 'source' ? 'contoso.com' : 'fabrikam.com',
      serviceAccount: instance.side === 'source' ? 'CONTOSO\\sql' : 'FABRIKAM\\sql',
      databases: instance.databases.map((database) => ({ ...database, sample: 'none' as const })),
    })),
  };
}

const start = (t: TestContext): Promise<AssessLab> =>
  startAssessLab(t, { title: 'two domains', lab: twoDomains, expect: [] });

async function errors(lab: AssessLab, name: string, text: string): Promise<readonly number[]> {
  const session = await openWorldSession(lab.world, { name });
  const { reply } = await session.ask(text);
  session.close();
  return reply.errors.map(({ number }) => number);
}

async function logged(lab: AssessLab, name: string, number: number): Promise<string> {
  const end = lab.monotonic() + WAIT_LIMIT_MS;
  for (;;) {
    const found = lab.world.record(name).errorLog.find((each) => each.number === number);
    if (found !== undefined) return found.text;
    assert.ok(lab.monotonic() < end, `error ${number} in the log of ${name}`);
    await lab.sleep(LOOK_MS);
  }
}

async function makeCertificate(lab: AssessLab, name: string, expiry: string | null): Promise<void> {
  await lab.run(name, "CREATE MASTER KEY ENCRYPTION BY PASSWORD = 'Pa55 of a test'");
  const until = expiry === null ? '' : `, EXPIRY_DATE = '${expiry}'`;
  await lab.run(name, `CREATE CERTIFICATE [${name}_cert] WITH SUBJECT = 'CN of ${name}'${until}`);
}

const endpointText = (name: string, authentication = `CERTIFICATE [${name}_cert]`): string =>
  `CREATE ENDPOINT [Hadr_endpoint] STATE = STARTED AS TCP (LISTENER_PORT = 5022)
   FOR DATABASE_MIRRORING (ROLE = ALL, AUTHENTICATION = ${authentication}, ENCRYPTION = REQUIRED ALGORITHM AES)`;

async function publicPart(lab: AssessLab, name: string): Promise<string> {
  const [row] = await lab.run(name, `SELECT CERTENCODED(CERT_ID('${name}_cert')) AS encoded`);
  const encoded = row?.['encoded'];
  assert.ok(encoded instanceof Uint8Array);
  return `0x${Buffer.from(encoded).toString('hex')}`;
}

/** The peer's public part, with the login and the user that stand for it. */
async function trust(lab: AssessLab, here: string, peer: string): Promise<void> {
  await lab.run(here, `CREATE LOGIN [peer_${peer}] WITH PASSWORD = 'Pa55 of a test, too'`);
  await lab.run(here, `CREATE USER [user_${peer}] FOR LOGIN [peer_${peer}]`);
  await lab.run(
    here,
    `CREATE CERTIFICATE [${peer}_cert] AUTHORIZATION [user_${peer}] FROM BINARY = ${await publicPart(lab, peer)}`,
  );
}

const grant = (peer: string): string =>
  `GRANT CONNECT ON ENDPOINT::[Hadr_endpoint] TO [peer_${peer}]`;

async function groups(lab: AssessLab): Promise<void> {
  const fqdn = { [SOURCE]: 'OnPremNode.contoso.com', [TARGET]: 'SQLVM.fabrikam.com' };
  const replica = (name: typeof SOURCE | typeof TARGET): string =>
    `REPLICA ON N'${name}' WITH (ENDPOINT_URL = N'TCP://${fqdn[name]}:5022', AVAILABILITY_MODE = SYNCHRONOUS_COMMIT,
     FAILOVER_MODE = MANUAL, SEEDING_MODE = AUTOMATIC)`;
  const member = (group: string, host: string): string =>
    `N'${group}' WITH (LISTENER_URL = N'TCP://${host}:5022', AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT, FAILOVER_MODE = MANUAL, SEEDING_MODE = AUTOMATIC)`;
  const both = `AVAILABILITY GROUP ON ${member('OnPremAG', fqdn[SOURCE])}, ${member('AzureAG', fqdn[TARGET])}`;
  await lab.run(
    SOURCE,
    `CREATE AVAILABILITY GROUP [OnPremAG] WITH (CLUSTER_TYPE = NONE) FOR DATABASE [Adventureworks] ${replica(SOURCE)}`,
  );
  await lab.run(
    TARGET,
    `CREATE AVAILABILITY GROUP [AzureAG] WITH (CLUSTER_TYPE = NONE) FOR ${replica(TARGET)}`,
  );
  await lab.run(TARGET, 'ALTER AVAILABILITY GROUP [AzureAG] GRANT CREATE ANY DATABASE');
  await lab.run(SOURCE, `CREATE AVAILABILITY GROUP [DAG] WITH (DISTRIBUTED) ${both}`);
  await lab.run(TARGET, `ALTER AVAILABILITY GROUP [DAG] JOIN ${both}`);
}

async function seeded(lab: AssessLab): Promise<void> {
  const end = lab.monotonic() + WAIT_LIMIT_MS;
  const text =
    "SELECT COUNT(*) AS n FROM sys.dm_hadr_database_replica_states WHERE is_local = 0 AND synchronization_state_desc = 'SYNCHRONIZING'";
  while ((await lab.run(SOURCE, text))[0]?.['n'] === 0) {
    assert.ok(lab.monotonic() < end, 'the database is seeded in time');
    await lab.sleep(LOOK_MS);
  }
}

test('two domains connect with certificates once both public parts, logins and grants are exchanged', async (t) => {
  const lab = await start(t);
  for (const name of [SOURCE, TARGET]) {
    await makeCertificate(lab, name, null);
    await lab.run(name, endpointText(name));
  }
  await groups(lab);
  assert.match(await logged(lab, SOURCE, 28_035), /Certificate not found/u);
  await trust(lab, SOURCE, TARGET);
  assert.match(await logged(lab, SOURCE, 28_034), /'peer_sqlvm' does not have CONNECT/u);
  await lab.run(SOURCE, grant(TARGET));
  await trust(lab, TARGET, SOURCE);
  await lab.run(TARGET, grant(SOURCE));
  await seeded(lab);
  const rows = await lab.run(
    SOURCE,
    'SELECT name, pvt_key_encryption_type_desc AS kept FROM sys.certificates ORDER BY name',
  );
  assert.deepEqual(
    rows.map(({ name, kept }) => [name, kept]),
    [
      ['OnPremNode_cert', 'ENCRYPTED_BY_MASTER_KEY'],
      ['SQLVM_cert', 'NO_PRIVATE_KEY'],
    ],
  );
});

test('the public part is a certificate that anybody can read; a private key is in no answer', async (t) => {
  const lab = await start(t);
  await makeCertificate(lab, SOURCE, '2031-02-03');
  const certificate = new X509Certificate(
    Buffer.from((await publicPart(lab, SOURCE)).slice(2), 'hex'),
  );
  assert.equal(certificate.subject, 'CN=CN of OnPremNode');
  assert.equal(certificate.validToDate.toISOString(), '2031-02-03T00:00:00.000Z');
  assert.ok(certificate.verify(certificate.publicKey));
  const [elsewhere] = await lab.run(
    SOURCE,
    "SELECT CERTENCODED(CERT_ID('nobody')) AS a, CERT_ID('nobody') AS b",
  );
  assert.deepEqual(elsewhere, { a: null, b: null });
});

test('domains that do not know each other never connect with Windows accounts', async (t) => {
  const lab = await start(t);
  for (const name of [SOURCE, TARGET]) {
    await lab.run(name, endpointText(name, 'WINDOWS NEGOTIATE'));
  }
  assert.deepEqual(
    await errors(lab, SOURCE, 'CREATE LOGIN [FABRIKAM\\sql] FROM WINDOWS'),
    [15_401],
  );
  await groups(lab);
  assert.match(await logged(lab, SOURCE, 28_034), /'FABRIKAM\\sql'/u);
});

test('endpoints without a common way to authenticate or encrypt say so in the log', async (t) => {
  const lab = await start(t);
  await makeCertificate(lab, TARGET, null);
  await lab.run(SOURCE, endpointText(SOURCE, 'WINDOWS NEGOTIATE'));
  await lab.run(TARGET, endpointText(TARGET));
  await groups(lab);
  assert.match(await logged(lab, SOURCE, 28_027), /no compatible authentication protocol/u);
  await lab.run(
    SOURCE,
    'ALTER ENDPOINT [Hadr_endpoint] FOR DATABASE_MIRRORING (ENCRYPTION = REQUIRED ALGORITHM RC4)',
  );
  const end = lab.monotonic() + WAIT_LIMIT_MS;
  const said = (): boolean =>
    lab.world.record(SOURCE).errorLog.some(({ text }) => text.includes('encryption algorithm'));
  while (!said()) {
    assert.ok(lab.monotonic() < end, 'the log names the encryption algorithm');
    await lab.sleep(LOOK_MS);
  }
});

test('an expired certificate is refused when an endpoint takes it, and at the next handshake', async (t) => {
  const lab = await start(t);
  const [now] = await lab.run(
    TARGET,
    'SELECT CONVERT(varchar(33), DATEADD(second, 20, SYSUTCDATETIME()), 126) AS soon',
  );
  await makeCertificate(lab, TARGET, String(now?.['soon']));
  await makeCertificate(lab, SOURCE, null);
  await lab.run(
    SOURCE,
    "CREATE CERTIFICATE [old] WITH SUBJECT = 'old', START_DATE = '20010101', EXPIRY_DATE = '01/02/2001'",
  );
  assert.deepEqual(await errors(lab, SOURCE, endpointText(SOURCE, 'CERTIFICATE [old]')), [28_055]);
  for (const [here, peer] of [
    [SOURCE, TARGET],
    [TARGET, SOURCE],
  ] as const) {
    await lab.run(here, endpointText(here));
    await trust(lab, here, peer);
    await lab.run(here, grant(peer));
  }
  await groups(lab);
  await seeded(lab);
  await lab.sleep(30_000);
  await lab.run(TARGET, 'ALTER ENDPOINT [Hadr_endpoint] STATE = STOPPED');
  await lab.run(TARGET, 'ALTER ENDPOINT [Hadr_endpoint] STATE = STARTED');
  assert.match(await logged(lab, SOURCE, 28_035), /Certificate expired/u);
});

test('what is no certificate, is there already or belongs to nobody is refused', async (t) => {
  const lab = await start(t);
  assert.deepEqual(
    await errors(lab, SOURCE, "CREATE CERTIFICATE [a] WITH SUBJECT = 'a'"),
    [15_581],
  );
  await makeCertificate(lab, SOURCE, null);
  const own = await publicPart(lab, SOURCE);
  assert.deepEqual(
    await errors(lab, SOURCE, `CREATE CERTIFICATE [b] FROM BINARY = ${own}`),
    [15_232],
  );
  assert.deepEqual(
    await errors(lab, SOURCE, 'CREATE CERTIFICATE [c] FROM BINARY = 0x30820102'),
    [15_297],
  );
  assert.deepEqual(
    await errors(lab, SOURCE, `CREATE CERTIFICATE [d] AUTHORIZATION [nobody] FROM BINARY = ${own}`),
    [15_151],
  );
  assert.deepEqual(
    await errors(lab, SOURCE, endpointText(SOURCE, 'CERTIFICATE [nobody]')),
    [15_151],
  );
});
