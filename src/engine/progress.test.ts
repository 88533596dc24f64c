import assert from 'node:assert/strict';
import { test } from 'node:test';

import { freshObservation, plainDatabase } from '../../tests/support/observation.ts';
import { known } from '../model/fact.ts';
import type { Observation, SeedingObservation } from '../model/observation.ts';
import { seedingProgress } from './progress.ts';

const seeding: SeedingObservation = {
  stateDesc: 'COMPLETED',
  failureStateDesc: null,
  errorCode: null,
  attempts: 1,
  transferredBytes: 500,
  totalBytes: 1000,
  bytesPerSecond: 100,
};

function seen(copyState: string): Observation {
  const start = freshObservation();
  const database = { ...plainDatabase('Adventureworks'), seeding };
  const copy = { ...plainDatabase('ADVENTUREWORKS'), stateDesc: copyState };
  return {
    source: { ...start.source, databases: known([database]) },
    target: { ...start.target, databases: known([copy]) },
  };
}

test('a copy that is being restored shows how far it is', () => {
  assert.deepEqual(
    seedingProgress(seen('RESTORING')).map(({ percent, etaSeconds }) => [percent, etaSeconds]),
    [[50, 5]],
  );
});

test('a copy that is open is not being seeded, whatever the views keep of the past', () => {
  // In the outage no side shows a synchronisation state, and the rows of the seeding stay.
  assert.deepEqual(seedingProgress(seen('ONLINE')), []);
});
