import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommitMode } from '../../model/prior-state.ts';
import { configuration } from './configuration.ts';
import { migration } from './start.ts';
import { World } from './world.ts';

test('a commit mode that is changed to and fro behind a commit under way does not fill the wire', () => {
  const world = new World(configuration({ commits: 1 }));
  const { hadr } = world;
  const committed = hadr.commit(world.first().hadr, 'source', 1);
  assert.ok(committed !== null, 'the commit is on its way');
  const seen = new Set<number>();
  let at = committed.to;
  for (let turn = 0; turn < 300; turn += 1) {
    const mode: CommitMode = turn % 2 === 0 ? 'ASYNCHRONOUS_COMMIT' : 'SYNCHRONOUS_COMMIT';
    const changed = hadr.statement(at, 'source', {
      kind: 'alter-availability-group',
      group: migration.distributedAvailabilityGroup,
      action: {
        kind: 'modify-distributed',
        members: [migration.source, migration.target].map((each) => ({
          availabilityGroup: each.availabilityGroup,
          availabilityMode: mode,
        })),
      },
    });
    assert.equal(changed.error, null);
    at = changed.to;
    seen.add(at);
  }
  assert.ok(seen.size > 1, 'the changes are seen');
  assert.ok(seen.size < 20, `${seen.size} situations of 300 changes`);
  assert.equal(hadr.restless, 0);
  const first = hadr.moves(at).find(({ label }) => label.startsWith('log arrives'));
  assert.ok(first !== undefined, 'the commit is still under way');
  assert.equal(hadr.facts(first.to).targetCommits, 1, 'and arrives with everything behind it');
  assert.equal(hadr.restless, 0);
});
