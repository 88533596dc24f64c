/** Every batch sqlferry can send is read again by the lab's strict grammar, with hostile names too. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { parseBatch } from '../../src/lab/tsql/parse.ts';
import { NEWEST_RELEASE } from '../../src/lab/tsql/release.ts';
import type { Release } from '../../src/lab/tsql/release.ts';
import { assessBatch } from '../../src/sql/view/assess-batch.ts';
import { observeBatch } from '../../src/sql/view/observe-batch.ts';
import { batchFor } from '../../src/sql/statement/batch-for.ts';
import { undoFor } from '../../src/sql/statement/undo.ts';
import { everyAct, hostileMigration } from '../support/every-act.ts';
import { articleMigration } from '../support/observation.ts';

/** Major version and the words it knows. */
const releases = [
  [13, 2016],
  [14, 2017],
  [15, 2019],
  [16, 2022],
  [17, 2025],
] as const;
const names = ['Adventureworks', "it's] a [name", '漢字 🚢 with blanks', `${'x'.repeat(126)}]'`];

function assertParses(text: string, what: string, release: Release = NEWEST_RELEASE): void {
  const parsed = parseBatch(text, release);
  if (!parsed.ok) {
    const line = text.split('\n')[parsed.error.line - 1] ?? '';
    assert.fail(`${what}: error ${parsed.error.number} ${parsed.error.text} in: ${line}`);
  }
}

test('every act and every undo is a batch that parses, with every kind of name', () => {
  for (const name of names) {
    const migration = name === names[0] ? articleMigration : hostileMigration(name);
    for (const act of everyAct(name)) {
      assertParses(batchFor(act, migration).text, `${act.kind} ${name}`);
      const undo = undoFor(act, migration);
      if (undo !== null) assertParses(undo, `undo of ${act.kind} ${name}`);
    }
  }
});

test('the looks at an instance parse for every version from 2016 to 2025', () => {
  for (const name of names) {
    const migration = name === names[0] ? articleMigration : hostileMigration(name);
    for (const [versionMajor, release] of releases) {
      const marker = 'ab'.repeat(16);
      const options = { migration, side: 'source', versionMajor, marker, acting: true } as const;
      assertParses(observeBatch(options), `observe ${versionMajor}`, release);
      assertParses(
        assessBatch({ migration, side: 'source', versionMajor }),
        `assess ${versionMajor}`,
        release,
      );
    }
  }
});
