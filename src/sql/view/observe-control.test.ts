import assert from 'node:assert/strict';
import test from 'node:test';

import type { RawReply, RawRow } from '../batch.ts';
import { decodeControl, decodeDeadMan, decodeLeadership } from './observe-decode-control.ts';

function reply(parts: Readonly<Record<string, readonly RawRow[]>>): RawReply {
  return {
    sets: Object.entries(parts).map(([name, rows]) => ({
      columns: [name],
      rows: rows.map((row) => ({ [name]: 1, ...row })),
    })),
    errors: [],
  };
}

const online = { state_desc: 'ONLINE', has_access: 1, has_tables: 1 };
const row = {
  epoch: '9007199254740993',
  phase: 'fenced',
  deadline_utc: '2026-11-21T12:00:00.000',
  is_expired: 0,
  owner: 'sa@host',
  target_id: 'SQLVM',
  prior_state: '{"enabledLogins":["a"],"distributedMode":"ASYNCHRONOUS_COMMIT"}',
  rehearsed_utc: null,
  is_intact: 1,
  is_here: 1,
  same_group: 1,
};
const refused = { epoch: '2', source_id: 'SQLVM', is_intact: 1, is_here: 1 };
const protocols = [
  { table_name: 'register', protocol: 1 },
  { table_name: 'refused', protocol: 1 },
];
const whole = {
  part_control: [online],
  part_protocols: protocols,
  part_register: [row],
  part_refused: [refused],
};

test('a register keeps its epoch beyond 2^53 and its prior state', () => {
  const control = decodeControl(reply(whole));
  assert.ok(control.known && control.value.kind === 'present');
  assert.equal(control.value.register.epoch, 9_007_199_254_740_993n);
  assert.equal(control.value.register.deadlineUtc, '2026-11-21T12:00:00.000Z');
  assert.deepEqual(control.value.register.prior?.enabledLogins, ['a']);
  assert.equal(control.value.refused.epoch, 2n);
});

test('no database is missing, no tables or rows is no row, and what cannot be read is unknown', () => {
  assert.deepEqual(decodeControl(reply({ part_control: [] })), {
    known: true,
    value: { kind: 'missing' },
  });
  const noTables = { part_control: [{ ...online, has_tables: 0 }] };
  assert.deepEqual(decodeControl(reply(noTables)), { known: true, value: { kind: 'no-row' } });
  assert.deepEqual(decodeControl(reply({ ...whole, part_refused: [] })), {
    known: true,
    value: { kind: 'no-row' },
  });
  for (const state of [
    { ...online, state_desc: 'RECOVERY_PENDING', has_tables: 0 },
    { ...online, has_access: 0, has_tables: 0 },
  ]) {
    assert.equal(decodeControl(reply({ part_control: [state] })).known, false);
  }
  assert.equal(decodeControl(reply({ part_control: [online] })).known, false);
  assert.equal(decodeControl(reply({})).known, false);
});

test('one row of a newer protocol makes the whole register one', () => {
  const newer = { ...whole, part_protocols: [...protocols, { table_name: 'x', protocol: 3 }] };
  assert.deepEqual(decodeControl(reply(newer)), {
    known: true,
    value: { kind: 'newer-protocol', protocol: 3 },
  });
});

test('a phase that is not ours is not intact, and a prior state of another form is unknown', () => {
  const strange = decodeControl(reply({ ...whole, part_register: [{ ...row, phase: 'open' }] }));
  assert.ok(strange.known && strange.value.kind === 'present');
  assert.equal(strange.value.register.isIntact, false);
  for (const prior of [
    '{',
    '[]',
    '{"enabledLogins":[1],"distributedMode":"ASYNCHRONOUS_COMMIT"}',
  ]) {
    const control = decodeControl(
      reply({ ...whole, part_register: [{ ...row, prior_state: prior }] }),
    );
    assert.equal(control.known, false, prior);
  }
});

test('an Agent that is not shown is not known to run, one that is stopped does not', () => {
  const parts = { part_watchers: [{ watchers: 0 }], part_dead_man_job: [] };
  const hidden = decodeDeadMan(reply({ ...parts, part_agent: [] }));
  assert.ok(hidden.known && hidden.value.agentRunning === null && !hidden.value.jobExists);
  const stopped = decodeDeadMan(reply({ ...parts, part_agent: [{ status_desc: 'Stopped' }] }));
  assert.ok(stopped.known && stopped.value.agentRunning === false);
  const disabled = { ...parts, part_dead_man_job: [{ enabled: 0, is_running: 0 }] };
  const off = decodeDeadMan(reply({ ...disabled, part_agent: [] }));
  assert.ok(off.known && !off.value.jobExists, 'a job that is disabled guards nothing');
  assert.equal(decodeDeadMan(reply({ part_watchers: [{ watchers: 1 }] })).known, false);
});

test('a lock held by a session that is not shown is unknown, never free', () => {
  const parts = (own: string, free: number) => ({
    part_leadership: [{ own_mode: own, is_free: free }],
    part_leaders: [],
  });
  assert.deepEqual(decodeLeadership(reply(parts('Exclusive', 1))), {
    known: true,
    value: { kind: 'ours' },
  });
  assert.deepEqual(decodeLeadership(reply(parts('NoLock', 1))), {
    known: true,
    value: { kind: 'free' },
  });
  assert.equal(decodeLeadership(reply(parts('NoLock', 0))).known, false);
});
