/** Which acts are broken on the wire, and at which points: the matrix is full, its holes are named. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { batchFor } from '../../src/sql/statement/batch-for.ts';
import { brokenKinds, pointNames } from '../support/broken-wire.ts';
import type { BrokenKind } from '../support/broken-wire.ts';
import { everyAct } from '../support/every-act.ts';
import { articleMigration } from '../support/observation.ts';

/** What a batch must hold to move a role, or a row that decides about one. */
const MOVES =
  /SET \(ROLE = SECONDARY\)|FORCE_FAILOVER_ALLOW_DATA_LOSS|(?:UPDATE|INSERT INTO|DELETE FROM) \[sqlferry_control\]/u;

/** Acts that hold such a text and are not broken on the wire, each with the reason. */
const HOLES: Readonly<Record<string, string>> = {
  'create-register': 'before anything is decided; killed at every mark by tests/process',
  'drop-register': 'after everything is decided; killed at every mark by tests/process',
  'record-prior-state': 'notes settings before the fence; killed at every mark by tests/process',
  'create-dead-man': 'its text is the step of a job, which this batch does not run',
  'rehearse-dead-man': 'writes the row of the dummy epoch only; killed by tests/process',
};

test('every act that moves a role or decides about one is broken on the wire, or is a hole with a reason', () => {
  const moving = everyAct('Adventureworks')
    .filter((act) => MOVES.test(batchFor(act, articleMigration).text))
    .map(({ kind }) => kind);
  assert.ok(moving.length > 8, `only ${moving.join(', ')}`);
  const named = new Set([...brokenKinds, ...Object.keys(HOLES)]);
  assert.deepEqual(moving.toSorted(), [...named].toSorted());
});

test('every kind has a file of its own, and is met by a break on each side of its effect', () => {
  const files = readdirSync(import.meta.dirname).map((name) =>
    readFileSync(`${import.meta.dirname}/${name}`, 'utf8'),
  );
  for (const kind of brokenKinds) {
    assert.ok(
      files.some((text) => text.includes(`breakEverywhere('${kind}')`)),
      `nobody breaks ${kind}`,
    );
    const names = pointNames(kind as BrokenKind);
    for (const wanted of [
      /before it leaves/u,
      /before it runs/u,
      /inside it, (?:before|after)/u,
      /after its effect/u,
      /cut in its middle/u,
      /cut inside a token/u,
      /slow by/u,
      /slower than the operator waits/u,
      /lost in silence/u,
    ]) {
      assert.ok(
        names.some((name) => wanted.test(name)),
        `${kind} has no point ${wanted.source}`,
      );
    }
  }
});
