import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { Secret } from '../../base/secret.ts';
import { readFault } from '../fault/fault.ts';
import { applyFault, type FaultTarget, type FaultyWorld } from '../fault/inject.ts';
import { faultOfWords } from '../fault/arguments.ts';
import { callControl } from './client.ts';
import { startControl } from './server.ts';

interface Recorder extends FaultTarget {
  readonly calls: readonly (readonly unknown[])[];
}

function recorder(): Recorder {
  const calls: (readonly unknown[])[] = [];
  const world: FaultyWorld = {
    setClientDelay: (...call) => void calls.push(['client-delay', ...call]),
    setLinkDelay: (...call) => void calls.push(['link-delay', ...call]),
    setLinkBandwidth: (...call) => void calls.push(['bandwidth', ...call]),
    partition: (...call) => void calls.push(['partition', ...call]),
    heal: (...call) => void calls.push(['heal', ...call]),
    crash: (...call) => void calls.push(['crash', ...call]),
    restart: (...call) => void calls.push(['restart', ...call]),
    loseCommit: (...call) => void calls.push(['lose-commit', ...call]),
    crashAt: (...call) => void calls.push(['crash-at', ...call]),
    lateWriter: (...call) => void calls.push(['late-writer', ...call]),
    setAgent: (...call) => void calls.push(['agent', ...call]),
    setClockOffset: (...call) => void calls.push(['clock', ...call]),
    setRedoRate: (...call) => void calls.push(['redo', ...call]),
    latchDemotions: (...call) => void calls.push(['latch', ...call]),
    revoke: (...call) => void calls.push(['revoke', ...call]),
    setBlackHole: (...call) => void calls.push(['clients', ...call]),
    setPath: (...call) => void calls.push(['path', ...call]),
    setBackupRate: (...call) => void calls.push(['backup-rate', ...call]),
    setSessionTimeout: (...call) => void calls.push(['session-timeout', ...call]),
    failSeedings: (...call) => void calls.push(['seeding-failure', ...call]),
    setSwitches: (...call) => void calls.push(['switch', ...call]),
  };
  return { calls, instances: ['OnPremNode', 'SQLVM'], world };
}

async function started(t: TestContext, target: FaultTarget) {
  const seen = { resets: 0, stops: 0 };
  const token = new Secret('a-token');
  const server = await startControl({
    host: '127.0.0.1',
    port: 0,
    token,
    controlled: {
      status: () => ({ instances: target.instances }),
      fault(value) {
        const fault = readFault(value);
        return fault.ok ? applyFault(target, fault.value) : fault;
      },
      reset() {
        seen.resets += 1;
        return Promise.resolve();
      },
      stop() {
        seen.stops += 1;
      },
    },
  });
  t.after(() => server.close());
  return { server, seen, address: { url: server.url, token } };
}

test('answers with the status when the token is right, and with 401 when it is wrong', async (t) => {
  const { server, address } = await started(t, recorder());
  const right = await callControl(address, 'GET', { path: '/status' });
  assert.deepEqual(right, { ok: true, value: { instances: ['OnPremNode', 'SQLVM'] } });
  for (const authorization of ['Bearer wrong', 'Bearer a-token2', '']) {
    const response = await fetch(`${server.url}/status`, { headers: { authorization } });
    assert.equal(response.status, 401);
    assert.match(await response.text(), /"error"/u);
  }
  const without = await fetch(`${server.url}/stop`, { method: 'POST' });
  assert.equal(without.status, 401);
});

test('injects faults, resets and stops', async (t) => {
  const target = recorder();
  const { seen, address } = await started(t, target);
  const body = { fault: 'lose-commit', instance: 'sqlvm', database: 'Adventureworks' };
  assert.ok((await callControl(address, 'POST', { path: '/fault', body })).ok);
  assert.deepEqual(target.calls, [['lose-commit', 'SQLVM', 'Adventureworks']]);
  assert.ok((await callControl(address, 'POST', { path: '/reset' })).ok);
  assert.ok((await callControl(address, 'POST', { path: '/stop' })).ok);
  assert.deepEqual(seen, { resets: 1, stops: 1 });
});

test('says what is allowed when a call is wrong', async (t) => {
  const { server, address } = await started(t, recorder());
  const call = async (path: string, body?: unknown) => {
    const answer = await callControl(address, 'POST', { path, body });
    assert.ok(!answer.ok);
    return answer.error.message;
  };
  assert.match(await call('/fault', { fault: 'flood' }), /allowed: delay, bandwidth, partition/u);
  assert.match(
    await call('/fault', { fault: 'crash', instance: 'X' }),
    /there are: OnPremNode, SQLVM/u,
  );
  assert.match(
    await call('/fault', { fault: 'delay', instance: 'SQLVM', delayMs: -1 }),
    /^delayMs: /u,
  );
  assert.match(
    await call('/fault', { fault: 'partition', a: 'SQLVM', b: 'sqlvm' }),
    /needs two instances/u,
  );
  assert.match(await call('/nothing'), /no \/nothing/u);
  assert.match(await call('/status'), /does not take POST/u);
  const text = await fetch(`${server.url}/fault`, {
    method: 'POST',
    headers: { authorization: 'Bearer a-token' },
    body: 'no json',
  });
  assert.equal(text.status, 400);
});

test('says unreachable when nobody listens', async (t) => {
  const { server, address } = await started(t, recorder());
  await server.close();
  const answer = await callControl(address, 'GET', { path: '/status' });
  assert.ok(!answer.ok);
  assert.equal(answer.error.kind, 'unreachable');
});

const TYPED: readonly { readonly words: string; readonly call: readonly unknown[] }[] = [
  { words: 'delay SQLVM 20ms', call: ['client-delay', 'SQLVM', 20] },
  { words: 'delay OnPremNode SQLVM 5', call: ['link-delay', 'OnPremNode', 'SQLVM', 5] },
  { words: 'bandwidth 2MB', call: ['bandwidth', 2_000_000] },
  { words: 'partition OnPremNode SQLVM', call: ['partition', 'OnPremNode', 'SQLVM'] },
  { words: 'heal', call: ['heal'] },
  { words: 'heal onpremnode sqlvm', call: ['heal', 'OnPremNode', 'SQLVM'] },
  { words: 'crash SQLVM', call: ['crash', 'SQLVM'] },
  { words: 'restart SQLVM', call: ['restart', 'SQLVM'] },
  { words: 'lose-commit SQLVM Adventureworks', call: ['lose-commit', 'SQLVM', 'Adventureworks'] },
  {
    words: 'crash-at SQLVM before statement set-role-secondary',
    call: [
      'crash-at',
      'SQLVM',
      { when: 'before', what: 'statement', pattern: 'set-role-secondary' },
    ],
  },
  {
    words: 'crash-at SQLVM after batch FORCE_FAILOVER of it',
    call: ['crash-at', 'SQLVM', { when: 'after', what: 'batch', pattern: 'FORCE_FAILOVER of it' }],
  },
  { words: 'late-writer sqlvm Adventureworks', call: ['late-writer', 'SQLVM', 'Adventureworks'] },
  { words: 'agent SQLVM stopped', call: ['agent', 'SQLVM', false] },
  { words: 'clock SQLVM -1500ms', call: ['clock', 'SQLVM', -1500] },
  { words: 'redo SQLVM 10kB', call: ['redo', 'SQLVM', 10_000] },
  { words: 'redo SQLVM full', call: ['redo', 'SQLVM', null] },
  { words: 'latch SQLVM 2', call: ['latch', 'SQLVM', 2] },
  { words: 'revoke SQLVM migrator', call: ['revoke', 'SQLVM', 'migrator'] },
  { words: 'clients SQLVM black-hole', call: ['clients', 'SQLVM', true] },
  {
    words: 'path SQLVM F:\\SQL Data missing',
    call: ['path', 'SQLVM', 'F:\\SQL Data', 'missing'],
  },
  { words: 'path sqlvm \\\\files\\m good', call: ['path', 'SQLVM', '\\\\files\\m', null] },
  { words: 'backup-rate 4MB', call: ['backup-rate', 4e6] },
  { words: 'backup-rate full', call: ['backup-rate', null] },
  { words: 'session-timeout 500', call: ['session-timeout', 500] },
  {
    words: 'seeding-failure 16 5133',
    call: ['seeding-failure', { state: 16, errorCode: 5133 }],
  },
  { words: 'seeding-failure 12', call: ['seeding-failure', { state: 12, errorCode: null }] },
  { words: 'seeding-failure none', call: ['seeding-failure', null] },
  {
    words: 'switch giveBackWithRequiredSecondaries refused',
    call: ['switch', { giveBackWithRequiredSecondaries: 'refused' }],
  },
];

for (const { words, call } of TYPED) {
  test(`reads "lab fault ${words}"`, () => {
    const fault = faultOfWords(words.split(' '));
    assert.ok(fault.ok);
    const target = recorder();
    assert.ok(applyFault(target, fault.value).ok);
    assert.deepEqual(target.calls, [call]);
  });
}

test('prints the usage of a fault that was typed wrong', () => {
  for (const words of [
    'delay',
    'delay SQLVM soon',
    'bandwidth much',
    'crash',
    'lose-commit SQLVM',
    'crash-at SQLVM during statement x',
    'crash-at SQLVM before statement',
    'agent SQLVM asleep',
    'clock SQLVM',
    'redo SQLVM fast',
    'latch SQLVM -1',
    'switch giveBackWithRequiredSecondaries maybe',
    'seeding-failure 26',
    'seeding-failure',
    'switch nonsense on',
  ]) {
    const fault = faultOfWords(words.split(' '));
    assert.ok(!fault.ok, words);
    assert.match(fault.error, /usage: lab fault /u);
  }
  const unknown = faultOfWords(['flood']);
  assert.ok(!unknown.ok);
  assert.match(unknown.error, /lose-commit <instance> <database>/u);
});
