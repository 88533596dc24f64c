import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseBytes, readDefinition } from './definition-file.ts';

const MINIMAL = 'version: 1\ninstances:\n  - {name: A, side: source}\n';

test('fills in what a short file leaves out', () => {
  const read = readDefinition(MINIMAL, 'lab.yaml');
  assert.ok(read.ok);
  const [first] = read.value.instances;
  assert.equal(first?.release, 2022);
  assert.equal(first?.edition, 'Enterprise');
  assert.equal(first?.alwaysOn, 'enabled');
  assert.equal(first?.domain, null);
  assert.deepEqual(read.value.link, { latencyMs: 1, bandwidth: null });
});

test('keeps hostile database names as they are', () => {
  const hostile = "x]; DROP TABLE t;-- '\u{1F600}";
  const text = `version: 1\ninstances:\n  - name: A\n    side: source\n    databases: [{name: ${JSON.stringify(hostile)}}]\n`;
  const read = readDefinition(text, 'lab.yaml');
  assert.ok(read.ok);
  assert.equal(read.value.instances[0]?.databases[0]?.name, hostile);
});

const BAD: readonly { readonly claim: string; readonly text: string; readonly expected: RegExp }[] =
  [
    {
      claim: 'a wrong value',
      text: 'version: 1\ninstances:\n  - name: A\n    side: left\n',
      expected: /^lab\.yaml:4:11: instances\.0\.side: found "left", allowed: source, target$/u,
    },
    {
      claim: 'an unknown key',
      text: 'version: 1\ninstances:\n  - name: A\n    side: source\n    port: 1\n',
      expected: /^lab\.yaml:3:5: instances\.0: unknown key "port"$/u,
    },
    {
      claim: 'an unknown release',
      text: 'version: 1\ninstances:\n  - name: A\n    side: source\n    version: 2014\n',
      expected:
        /^lab\.yaml:5:14: instances\.0\.version: found 2014, allowed: 2016, 2017, 2019, 2022, 2025$/u,
    },
    {
      claim: 'a name twice',
      text: `${MINIMAL}  - {name: a, side: target}\n`,
      expected: /^lab\.yaml:4:12: this instance name is there twice$/u,
    },
    {
      claim: 'a group whose replica is not there',
      text: `${MINIMAL}availabilityGroups:\n  - {name: AG, replicas: [A, B]}\n`,
      expected: /^lab\.yaml:5:5: there is no instance "B"$/u,
    },
    {
      claim: 'a group whose database is not there',
      text: `${MINIMAL}availabilityGroups:\n  - {name: AG, replicas: [A], databases: [Shop]}\n`,
      expected: /^lab\.yaml:5:5: A has no database "Shop"$/u,
    },
    {
      claim: 'a group whose listener is not there',
      text: `${MINIMAL}availabilityGroups:\n  - {name: AG, replicas: [A], listener: L}\n`,
      expected: /^lab\.yaml:5:5: there is no listener "L"$/u,
    },
    {
      claim: 'a listener without a cluster',
      text: `${MINIMAL}listeners: [{name: L}]\navailabilityGroups:\n  - {name: AG, replicas: [A], listener: L}\n`,
      expected: /^lab\.yaml:6:5: a listener needs replicas in a cluster$/u,
    },
    {
      claim: 'replicas in different clusters',
      text: `${MINIMAL}  - {name: B, side: target, cluster: C1}\navailabilityGroups:\n  - {name: AG, replicas: [A, B]}\n`,
      expected: /^lab\.yaml:6:5: its replicas are not in the same cluster$/u,
    },
    {
      claim: 'a folder of an instance that is not there',
      text: `${MINIMAL}storage:\n  - {instance: B, path: 'F:\\Backup', problem: full}\n`,
      expected: /^lab\.yaml:5:5: there is no instance "B"$/u,
    },
    {
      claim: 'a path that is no folder',
      text: `${MINIMAL}storage:\n  - {path: /var/backup, problem: full}\n`,
      expected: /^lab\.yaml:5:12: storage\.0\.path: found "\/var\/backup": allowed: a folder/u,
    },
    {
      claim: 'what a folder cannot be',
      text: `${MINIMAL}storage:\n  - {path: 'F:\\Backup', problem: slow}\n`,
      expected: /found "slow", allowed: missing, denied, read-only, full$/u,
    },
    { claim: 'broken YAML', text: 'version: [1\n', expected: /^lab\.yaml:\d+:\d+: / },
    { claim: 'an empty file', text: '', expected: /^lab\.yaml:1:1: the file: / },
  ];

for (const { claim, text, expected } of BAD) {
  test(`says file, line and column of ${claim}`, () => {
    const read = readDefinition(text, 'lab.yaml');
    assert.ok(!read.ok);
    assert.match(read.error[0] ?? '', expected);
  });
}

test('reads folders and shares that are not as they should be', () => {
  const rules = `storage:\n  - {instance: a, path: 'F:\\Backup', problem: missing}\n  - {path: '\\\\files\\m', problem: denied}\n`;
  const read = readDefinition(MINIMAL + rules, 'lab.yaml');
  assert.ok(read.ok);
  assert.deepEqual(read.value.storage, [
    { instance: 'a', path: 'F:\\Backup', problem: 'missing' },
    { instance: null, path: '\\\\files\\m', problem: 'denied' },
  ]);
});

test('reads quantities of bytes', () => {
  assert.equal(parseBytes('40MB'), 40_000_000);
  assert.equal(parseBytes('1.5kb'), 1500);
  assert.equal(parseBytes('17'), 17);
  assert.equal(parseBytes('fast'), undefined);
});
