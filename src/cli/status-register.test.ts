import assert from 'node:assert/strict';
import { test } from 'node:test';

import { articleMigration, freshObservation } from '../../tests/support/observation.ts';
import { known, unknown } from '../model/fact.ts';
import type { Observation } from '../model/observation.ts';
import type { CommitRegister, ControlState, DeadManState } from '../model/register.ts';
import { deadManLine, deadManStatus, registerLine, registerStatus } from './status-register.ts';

const agentMigration = {
  ...articleMigration,
  cutover: { ...articleMigration.cutover, deadMan: 'agent' as const },
};

function present(register: Partial<CommitRegister>, refused = 0n): ControlState {
  return {
    kind: 'present',
    register: {
      protocol: 1,
      epoch: 3n,
      phase: 'idle',
      deadlineUtc: null,
      isExpired: false,
      owner: 'sa@laptop',
      targetId: 'SQLVM',
      prior: null,
      isIntact: true,
      ...register,
    },
    refused: { protocol: 1, epoch: refused, sourceId: 'SQLVM', isIntact: true },
  };
}

function observed(control: ControlState | null, deadMan?: DeadManState): Observation {
  const fresh = freshObservation();
  return {
    ...fresh,
    source: {
      ...fresh.source,
      serverUtc: known('2026-11-21T21:00:00.000Z'),
      control: control === null ? unknown('no right') : known(control),
      ...(deadMan === undefined ? {} : { deadMan: known(deadMan) }),
    },
  };
}

test('the deadline counts down by the clock of the server that keeps it, and stops at 0', () => {
  const fenced = (deadlineUtc: string) =>
    registerStatus(observed(present({ phase: 'fenced', deadlineUtc })));
  assert.equal(fenced('2026-11-21T21:00:12.300Z').secondsLeft, 13);
  assert.match(registerLine(fenced('2026-11-21T21:00:12.300Z')), /takes over in 13 s/u);
  assert.equal(fenced('2026-11-21T20:00:00.000Z').secondsLeft, 0);
  assert.match(registerLine(fenced('2026-11-21T20:00:00.000Z')), /deadline has passed/u);
});

test('an epoch larger than a JavaScript number keeps every digit', () => {
  const status = registerStatus(observed(present({ epoch: 9_007_199_254_740_993n })));
  assert.equal(status.epoch, '9007199254740993');
});

test('a register that cannot be read, is missing or was changed by hand is told apart', () => {
  assert.equal(registerStatus(observed(null)).state, 'unknown');
  assert.equal(registerStatus(observed({ kind: 'missing' })).state, 'missing');
  const tampered = registerStatus(observed(present({ isIntact: false })));
  assert.equal(tampered.intact, false);
  assert.match(registerLine(tampered), /changed by hand/u);
});

test('the line of the dead-man says what it waits for', () => {
  const state: DeadManState = {
    jobExists: true,
    agentRunning: false,
    jobRunning: false,
    watcherConnected: false,
    rehearsedUtc: null,
  };
  const line = (deadMan: DeadManState): string =>
    deadManLine(deadManStatus(observed(present({}), deadMan), agentMigration));
  assert.match(line(state), /Agent is stopped, not yet tried/u);
  assert.match(line({ ...state, jobExists: false }), /no job yet/u);
  assert.match(line({ ...state, agentRunning: true, jobRunning: true }), /on guard/u);
});
