import assert from 'node:assert/strict';
import { test } from 'node:test';

import { everyAct } from '../../../tests/support/every-act.ts';
import { articleMigration } from '../../../tests/support/observation.ts';
import { articleStatement } from './article-statement.ts';
import { batchFor } from './batch-for.ts';

test('what a step shows as its statement stands in the batch that is sent, word for word', () => {
  let shown = 0;
  for (const act of everyAct('Adventureworks')) {
    const statement = articleStatement(act, articleMigration);
    if (statement === null) continue;
    shown += 1;
    const { text } = batchFor(act, articleMigration);
    assert.equal(text.split(statement).length, 2, `${act.kind}: ${statement}`);
  }
  assert.ok(shown >= 7, `${shown} statements`);
});

test('both role changes and both commit modes are among them', () => {
  const statements = everyAct('Adventureworks').flatMap(
    (act) => articleStatement(act, articleMigration) ?? [],
  );
  for (const wanted of [
    'ALTER AVAILABILITY GROUP [DAG] SET (ROLE = SECONDARY);',
    'ALTER AVAILABILITY GROUP [DAG] FORCE_FAILOVER_ALLOW_DATA_LOSS;',
  ]) {
    assert.ok(statements.includes(wanted), wanted);
  }
  assert.ok(statements.some((one) => one.includes('AVAILABILITY_MODE = SYNCHRONOUS_COMMIT')));
  assert.ok(
    statements.some((one) => one.includes('REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT = 1')),
  );
});
