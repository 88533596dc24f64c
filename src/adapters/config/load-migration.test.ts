import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { listenerAddress, memberUrl } from '../../model/migration.ts';
import type { Problem } from '../../model/problem.ts';
import { loadMigration, loadMigrationOnly } from './load-migration.ts';
import { migrationJsonSchema } from './schema.ts';
import { editDistance, nearest } from './suggest.ts';

const folder = mkdtempSync(join(tmpdir(), 'sqlferry-config-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const good = `version: 1
name: contoso-erp
databases: [Adventureworks]
distributedAvailabilityGroup: DAG
source:
  availabilityGroup: OnPremAG
  instances:
    - name: OnPremNode
      fqdn: OnPremNode.contoso.com
      connect: {address: 127.0.0.1, port: 14331}
target:
  availabilityGroup: AzureAG
  instances:
    - {name: SQLVM, fqdn: SQLVM.contoso.com}
auth:
  source: {kind: sql-login, user: sa, password: {env: SOURCE_PASSWORD}}
  target: {kind: sql-login, user: sa, password: {file: target-password}}
`;
const env = { SOURCE_PASSWORD: 'first-secret' };

let count = 0;
function write(text: string): string {
  count += 1;
  const path = join(folder, `migration-${count}.yaml`);
  writeFileSync(path, text);
  return path;
}

function problems(text: string): readonly Problem[] {
  writeFileSync(join(folder, 'target-password'), 'second-secret\n');
  const loaded = loadMigration({ path: write(text), env });
  assert.ok(!loaded.ok, 'the file was accepted');
  return loaded.error;
}

function only(text: string): Problem {
  const found = problems(text);
  assert.equal(found.length, 1, found.map((one) => one.summary).join('\n'));
  return found[0] as Problem;
}

test('a good file gives the migration, its defaults and the way to each server apart', () => {
  writeFileSync(join(folder, 'target-password'), 'second-secret\n');
  const loaded = loadMigration({ path: write(good), env });
  assert.ok(loaded.ok);
  const { migration, connections } = loaded.value;
  assert.deepEqual(migration.source.instances[0], {
    name: 'OnPremNode',
    fqdn: 'OnPremNode.contoso.com',
    endpoint: { name: 'Hadr_endpoint', port: 5022 },
  });
  assert.equal(migration.cutover.maxOutageMs, 30_000);
  assert.deepEqual(
    [connections.source.host, connections.source.port, connections.source.fqdn],
    ['127.0.0.1', 14_331, 'OnPremNode.contoso.com'],
  );
  assert.deepEqual([connections.target.host, connections.target.port], ['SQLVM.contoso.com', 1433]);
  assert.equal(connections.source.password.reveal(), 'first-secret');
  assert.equal(connections.target.password.reveal(), 'second-secret');
  assert.doesNotMatch(JSON.stringify(loaded.value), /secret"/u);
});

test('a file that is not there is named', () => {
  const loaded = loadMigrationOnly(join(folder, 'nothing.yaml'));
  assert.ok(!loaded.ok);
  assert.equal(loaded.error[0]?.code, 'SF-CFG-001');
  assert.match(loaded.error[0]?.summary ?? '', /nothing\.yaml.*ENOENT/u);
});

test('a YAML mistake has its line and column', () => {
  const problem = problems(good.replace('name: contoso-erp', 'name: "contoso-erp'))[0];
  assert.equal(problem?.code, 'SF-CFG-002');
  assert.match(problem?.summary ?? '', /\.yaml:\d+:\d+: /u);
});

test('an unknown key is pointed at with a suggestion and what is allowed', () => {
  const problem = only(good.replace('port: 14331', 'prt: 14331'));
  assert.equal(problem.code, 'SF-CFG-003');
  assert.match(
    problem.summary,
    /\.yaml:10:37: .*"prt"; did you mean "port"\? \(allowed: address, port\)/u,
  );
});

test('every mistake is reported at once, in the order of the file', () => {
  const text = good.replace('version: 1', 'version: 2').replace('port: 14331', 'port: 70000');
  const found = problems(`${text}cutover: {maxOutage: 30}\n`);
  assert.deepEqual(
    found.map((one) => /:(\d+):\d+:/u.exec(one.summary)?.[1]),
    ['1', '10', '18'],
  );
});

test('a duration says what was found and what is allowed, and nothing lasts longer than a day', () => {
  for (const text of ['-5s', '0', 'soon', '1e3s', '1d', '25h', '597h', '99999999999999999999h']) {
    const { code, summary } = only(`${good}cutover: {maxOutage: ${text}}\n`);
    assert.equal(code, 'SF-CFG-003', text);
    assert.match(summary, /:18:\d+: cutover\.maxOutage: found /u, text);
    assert.ok(summary.includes(text), summary);
    assert.match(summary, /500ms, 30s, 2m or 1h, at most 24h/u, text);
  }
  const day = loadMigration({ path: write(`${good}cutover: {maxOutage: 24h}\n`), env });
  assert.equal(day.ok ? day.value.migration.cutover.maxOutageMs : null, 86_400_000);
});

test('a literal password is refused and not repeated', () => {
  const problem = only(good.replace('{env: SOURCE_PASSWORD}', 'hunter2'));
  assert.equal(problem.code, 'SF-CFG-005');
  assert.doesNotMatch(JSON.stringify(problem), /hunter2/u);
});

test('an environment variable or a file that is not there is named', () => {
  const byName = only(good.replace('env: SOURCE_PASSWORD', 'env: NOT_SET'));
  assert.equal(byName.code, 'SF-CFG-004');
  assert.match(byName.summary, /NOT_SET is not set/u);
  const byFile = only(good.replace('file: target-password', 'file: ./nowhere'));
  assert.match(byFile.summary, /nowhere cannot be read \(ENOENT\)/u);
});

test('a certificate authority that is none is said', () => {
  writeFileSync(join(folder, 'not-a-ca.pem'), 'hello');
  assert.equal(only(`${good}tls: {ca: ./not-a-ca.pem}\n`).code, 'SF-CFG-006');
});

test('names that cannot work together are refused at their place', () => {
  assert.match(
    only(good.replace('availabilityGroup: AzureAG', 'availabilityGroup: dag')).summary,
    /:4:31: .*used twice/u,
  );
  assert.match(
    only(good.replace('[Adventureworks]', '[Adventureworks, MASTER]')).summary,
    /databases\.1: .*system database/u,
  );
});

test('names with brackets, quotes, blanks, emoji and 128 characters are taken as they are', () => {
  const names = ['a]b', "it's", 'with blank', '🚢', 'x'.repeat(128)];
  const loaded = loadMigrationOnly(write(good.replace('[Adventureworks]', JSON.stringify(names))));
  assert.ok(loaded.ok);
  assert.deepEqual(loaded.value.databases, { kind: 'named', names });
  assert.equal(loadMigrationOnly(write(good.replace('Adventureworks', 'x'.repeat(129)))).ok, false);
});

test('the schema for editors names every top-level key', () => {
  const schema = migrationJsonSchema() as { properties: Readonly<Record<string, unknown>> };
  for (const key of ['version', 'databases', 'source', 'target', 'auth', 'tls', 'cutover']) {
    assert.ok(key in schema.properties, key);
  }
});

test('a suggestion is given only for something near', () => {
  assert.equal(nearest('databses', ['databases', 'seeding']), 'databases');
  assert.equal(nearest('colour', ['databases', 'seeding']), null);
  assert.equal(editDistance('kitten', 'sitting'), 3);
});

const grouped = `version: 1
name: contoso-erp
databases: [Adventureworks]
distributedAvailabilityGroup: DAG
source:
  availabilityGroup: OnPremAG
  instances:
    - {name: OnPremNode1, fqdn: OnPremNode1.contoso.com}
    - {name: OnPremNode2, fqdn: OnPremNode2.contoso.com, connect: {port: 14332}}
  listener: {name: OnPremAG_LST, port: 60173, ips: [10.0.0.50]}
target:
  availabilityGroup: AzureAG
  instances:
    - {name: SQLVM1, fqdn: SQLVM1.contoso.com}
    - {name: SQLVM2, fqdn: SQLVM2.contoso.com}
  listener: {name: AzureAG_LST, port: 60173, ips: [10.1.0.50/24, 10.1.1.50/23]}
auth:
  source: {kind: sql-login, user: sa, password: {env: SOURCE_PASSWORD}}
  target: {kind: sql-login, user: sa, password: {file: target-password}}
`;

test('several instances come with a listener each side, its full name and its subnets, and a way to every instance', () => {
  writeFileSync(join(folder, 'target-password'), 'second-secret\n');
  const loaded = loadMigration({ path: write(grouped), env });
  assert.ok(loaded.ok);
  const { migration, connections, otherInstances } = loaded.value;
  assert.equal(memberUrl(migration.source), 'TCP://OnPremAG_LST.contoso.com:5022');
  assert.deepEqual(migration.target.listener?.ips.map(listenerAddress), [
    { ip: '10.1.0.50', mask: '255.255.255.0' },
    { ip: '10.1.1.50', mask: '255.255.254.0' },
  ]);
  assert.deepEqual(listenerAddress('10.0.0.50'), { ip: '10.0.0.50', mask: null });
  assert.equal(connections.source.instance, 'OnPremNode1');
  assert.deepEqual(
    otherInstances.map(({ side, instance, port }) => [side, instance, port]),
    [
      ['source', 'OnPremNode2', 14_332],
      ['target', 'SQLVM2', 1433],
    ],
  );
});

test('what cannot work with several instances is refused with place, value and remedy', () => {
  const changes: readonly (readonly [string, string, RegExp])[] = [
    [
      '  listener: {name: AzureAG_LST, port: 60173, ips: [10.1.0.50/24, 10.1.1.50/23]}\n',
      '',
      /:12:3: target: 2 instances and no listener; .*add listener: \{name, port, ips\}/u,
    ],
    [
      'port: 60173, ips: [10.0.0.50]',
      'port: 5022, ips: [10.0.0.50]',
      /source\.listener\.port: port 5022 is the port of the endpoint/u,
    ],
    [
      'fqdn: SQLVM2.contoso.com',
      'fqdn: SQLVM2.contoso.com, endpoint: {port: 5023}',
      /the endpoint of \[SQLVM2\] has port 5023, that of \[SQLVM1\] 5022/u,
    ],
    ['name: SQLVM2', 'name: onpremnode1', /\[onpremnode1\] is named twice/u],
    [
      'AzureAG_LST',
      'OnPremAG_LST',
      /target\.listener\.name: \[OnPremAG_LST\] is the listener of the source too/u,
    ],
    ['AzureAG_LST', 'SQLVM1', /\[SQLVM1\] is the host of \[SQLVM1\]/u],
    ['10.0.0.50', '10.0.0.500', /Expected an IPv4 address such as 10\.0\.0\.4/u],
    ['10.0.0.50', '10.0.0.50/33', /Expected an IPv4 address/u],
  ];
  for (const [from, to, summary] of changes)
    assert.match(only(grouped.replace(from, to)).summary, summary);
  const oneSided = good.replace(
    '    - {name: SQLVM, fqdn: SQLVM.contoso.com}\n',
    '    - {name: SQLVM, fqdn: SQLVM.contoso.com}\n  listener: {name: L, port: 1433, ips: [10.0.0.1]}\n',
  );
  assert.match(only(oneSided).summary, /source: no listener, and the other side has one/u);
});

const waived = (entry: string): string => `${good}waivers:\n  - ${entry}\n`;
const rules = ['DB-OWNER', 'DB-ONLINE'];

test('a waiver is read with its reason and its last day', () => {
  writeFileSync(join(folder, 'target-password'), 'second-secret\n');
  const text = waived(
    '{rule: DB-OWNER, database: "Sales [1]", reason: agreed in CHG-1, expires: 2026-12-31}',
  );
  const loaded = loadMigration({ path: write(text), env, ruleIds: rules });
  assert.ok(loaded.ok);
  assert.deepEqual(loaded.value.waivers, [
    {
      rule: 'DB-OWNER',
      database: 'Sales [1]',
      instance: null,
      reason: 'agreed in CHG-1',
      expires: '2026-12-31',
    },
  ]);
});

test('a waiver with a rule or an instance that is none, a bad day, no reason or no end is refused at its line', () => {
  const cases: readonly [string, RegExp][] = [
    [
      '{rule: DB-OWNR, reason: agreed in CHG-1, expires: 2026-12-31}',
      /:19:12: waivers\.0\.rule: found "DB-OWNR"; .*did you mean "DB-OWNER"\?/u,
    ],
    [
      '{rule: DB-OWNER, instance: SQLWM, reason: agreed in CHG-1, expires: 2026-12-31}',
      /:19:\d+: waivers\.0\.instance: found "SQLWM"; .*did you mean "SQLVM"\?/u,
    ],
    [
      '{rule: DB-OWNER, reason: agreed in CHG-1, expires: 2026-02-30}',
      /:19:\d+: waivers\.0\.expires: found "2026-02-30"; Expected a day such as 2026-12-31/u,
    ],
    ['{rule: DB-OWNER, reason: agreed in CHG-1}', /:19:\d+: waivers\.0\.expires: missing;/u],
    [
      '{rule: DB-OWNER, reason: " ok ", expires: 2026-12-31}',
      /waivers\.0\.reason: .*8 characters or more/u,
    ],
    [
      '{rule: DB-OWNER, reson: agreed in CHG-1, expires: 2026-12-31}',
      /unknown key "reson"; did you mean "reason"\?/u,
    ],
  ];
  for (const [entry, expected] of cases) {
    const loaded = loadMigration({ path: write(waived(entry)), env, ruleIds: rules });
    assert.ok(!loaded.ok, entry);
    assert.match(loaded.error.map(({ summary }) => summary).join('\n'), expected);
  }
});
