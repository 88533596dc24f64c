import assert from 'node:assert/strict';
import { test } from 'node:test';

import { goodFacts } from '../../tests/support/facts.ts';
import { known } from '../model/fact.ts';
import { articleMigration } from '../../tests/support/observation.ts';
import { redactedNames } from './bundle-names.ts';
import { redact } from './redact.ts';

const names = redactedNames({
  migration: articleMigration,
  facts: goodFacts,
  contacts: ['jump.contoso.com', 'CORP\\dba', '', 'sa'],
  text: 'reached at 10.1.2.3:1433, build 16.0.4135.4, 127.0.0.1',
});

test('servers, hosts, domains, groups, databases, accounts and addresses have a replacement each', () => {
  const kinds = new Set([...names.values()].map((stand) => stand.replace(/-\d+$/u, '')));
  for (const kind of [
    'instance',
    'host',
    'domain',
    'group',
    'database',
    'account',
    'address',
    'contact',
  ])
    assert.ok(kinds.has(kind), `${kind}: ${[...kinds].join()}`);
  assert.equal(new Set(names.values()).size, names.size);
  assert.equal(names.get('10.1.2.3'), 'address-1');
  for (const kept of ['sa', '127.0.0.1', '16.0.4135.4', '']) assert.ok(!names.has(kept), kept);
});

test('no name of the migration is left in a text that holds all of them', () => {
  const text = `${JSON.stringify(articleMigration)} ${[...names.keys()].join(' ')} TCP://SQLVM.contoso.com:5022 [Adventureworks]`;
  const result = redact(text, { secrets: [], names }).text;
  assert.doesNotMatch(
    result,
    /OnPremNode|SQLVM|contoso|Adventureworks|OnPremAG|AzureAG|10\.1\.2\.3/iu,
  );
});

test('a Windows cluster and its members are named by nobody either', () => {
  const member = {
    memberName: 'WitnessShare',
    memberTypeDesc: 'FILE_SHARE_WITNESS',
    memberStateDesc: 'UP',
    numberOfQuorumVotes: 1,
  };
  const cluster = known({
    clusterName: 'ONPREMCLUSTER',
    quorumTypeDesc: 'NODE_MAJORITY',
    quorumStateDesc: 'NORMAL_QUORUM',
    members: [member],
  });
  const clustered = redactedNames({
    migration: articleMigration,
    facts: { ...goodFacts, source: { ...goodFacts.source, cluster } },
    contacts: [],
    text: '',
  });
  assert.deepEqual([clustered.has('ONPREMCLUSTER'), clustered.has('WitnessShare')], [true, true]);
});
