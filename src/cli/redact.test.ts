import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';

import { environmentSecrets, redact } from './redact.ts';

const none: ReadonlyMap<string, string> = new Map();

test('a known secret is in no form left: plain, JSON, JSON in JSON, T-SQL, URL, base64', () => {
  const secrets = [`S3cr'et "quoted" \\ back`, 'päss wörd&x', "''", 'plain-secret'];
  const forms = secrets.flatMap((secret) => [
    secret,
    JSON.stringify({ sql: secret }),
    JSON.stringify(JSON.stringify(secret)),
    `N'${secret.replaceAll("'", "''")}'`,
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
  ]);
  const { text, secretPlaces } = redact(forms.join('\n'), { secrets, names: none });
  for (const form of forms) assert.ok(!text.includes(form), form);
  for (const secret of secrets) assert.ok(!text.includes(secret), secret);
  assert.ok(secretPlaces >= forms.length, String(secretPlaces));
});

test('whatever the secret is, it is not in the result', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 5 }), fc.string(), fc.string(), (secret, before, after) => {
      fc.pre(!'<secret>'.includes(secret));
      const { text } = redact(`${before}${secret}${after}`, { secrets: [secret], names: none });
      // What stands in its place must not complete the secret again.
      return !text.replaceAll('<secret>', '\u0000').includes(secret);
    }),
  );
});

test('what looks like a secret is hidden though nobody knew it', () => {
  const cases: readonly string[] = [
    'Server=a;User ID=b;Password=HIDE-1;Encrypt=true',
    'pwd=HIDE-1;',
    "CREATE LOGIN [a] WITH PASSWORD = N'HIDE''-1', CHECK_POLICY = OFF",
    'ALTER LOGIN [a] WITH PASSWORD = 0xABCDEF0123456789 HASHED',
    "CREATE CREDENTIAL [c] WITH IDENTITY = 'x', SECRET = 'HIDE-1'",
    "BACKUP MASTER KEY TO FILE = 'x' ENCRYPTION BY PASSWORD = 'HIDE-1'",
    'https://user:HIDE-1@host/path',
    'https://account.blob.core.windows.net/c?sv=2024&sig=HIDE-1%3D&se=1',
    '{"user":"sa","password":"HIDE-1"}',
    'Authorization: Bearer HIDE-1.abc',
    'DefaultEndpointsProtocol=https;AccountKey=HIDE-1==;EndpointSuffix=x',
  ];
  for (const given of cases) {
    const { text, secretPlaces } = redact(given, { secrets: [], names: none });
    assert.doesNotMatch(text, /HIDE|ABCDEF/u, given);
    assert.equal(secretPlaces, 1, given);
  }
  assert.match(redact(cases[0] ?? '', { secrets: [], names: none }).text, /;Encrypt=true$/u);
});

test('what is no secret stays as it is', () => {
  const text =
    'password: {env: NAME}\nGRANT VIEW SERVER STATE TO [reader];\nhttps://learn.microsoft.com/x?view=1\nThe password is wrong.';
  assert.deepEqual(redact(text, { secrets: [], names: none }), {
    text,
    secretPlaces: 0,
    namePlaces: 0,
  });
});

test('names are replaced as words, in brackets, in JSON and in any case, the longer one first', () => {
  const names = new Map([
    ['OnPremNode', 'instance-1'],
    ['OnPremNode.contoso.com', 'host-1'],
    ["O'Brien] x", 'database-1'],
    ['Sales', 'database-2'],
  ]);
  const text =
    "[ONPREMNODE] OnPremNode.contoso.com:5022 OnPremNode2 [O'Brien]] x] N'O''Brien] x' Sales Salesman \"Sales\"";
  const { text: result, namePlaces } = redact(text, { secrets: [], names });
  assert.equal(
    result,
    '[instance-1] host-1:5022 OnPremNode2 [database-1] N\'database-1\' database-2 Salesman "database-2"',
  );
  assert.equal(namePlaces, 6);
});

test('values of the environment count as secrets by the name of their variable', () => {
  assert.deepEqual(
    environmentSecrets({
      SQLFERRY_SOURCE_PASSWORD: 'from-env',
      AZURE_CLIENT_SECRET: 'client',
      GITHUB_TOKEN: 'ghp_x',
      PATH: '/usr/bin',
      SSH_PRIVATE_KEY: '/home/me/.ssh/id',
      PASSIVE: 'yes',
      EMPTY_PASSWORD: '',
      CI: 'true',
    }),
    ['from-env', 'client', 'ghp_x'],
  );
});
