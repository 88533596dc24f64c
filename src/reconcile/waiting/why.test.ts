import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';

import { anyObservation } from '../../../tests/support/arbitrary-observation.ts';
import {
  articleMigration,
  changed,
  driven,
  freshObservation,
} from '../../../tests/support/observation.ts';
import {
  answersOf,
  NOON,
  ready,
  unseeded,
  waitingCases,
  withCopy,
  withDag,
} from '../../../tests/support/waiting-case.ts';
import { known } from '../../model/fact.ts';
import type { Migration } from '../../model/migration.ts';
import type { Observation } from '../../model/observation.ts';
import { defaultWaitingLimits } from '../../model/waiting.ts';
import { references } from '../../model/reference.ts';
import { waitJudges } from './table.ts';
import { noWaitMemory, whyWaiting } from './why.ts';

for (const one of waitingCases) {
  test(`${one.id} says why when ${one.what}`, () => {
    const answers = answersOf(one);
    const answer = answers.find(({ id }) => id === one.id);
    const all = answers.map(({ id, cause }) => `${id}: ${cause}`).join('\n');
    assert.ok(answer !== undefined, `not said; said were:\n${all}`);
    assert.match(answer.cause, one.cause);
    assert.equal(answer.whose, one.whose);
    assert.match(answer.next, one.next);
    const said = answer.limitMs === null ? !answer.overdue : answer.overdue;
    assert.ok(said, `${answer.id}, overdue ${answer.overdue} after ${one.elapsedMs ?? 0} ms`);
    assert.ok(answer.evidence.length > 0, 'an answer without evidence');
  });
}

test('every judge has a situation in which it speaks, and no id is used twice', () => {
  const ids = waitJudges.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  const spoken = new Set(waitingCases.map(({ id }) => id));
  assert.deepEqual(
    ids.filter((id) => !spoken.has(id)),
    [],
  );
  assert.deepEqual(
    [...spoken].filter((id) => !ids.includes(id)),
    [],
  );
});

test('no judge speaks where nothing waits, during the migration and before a switch', () => {
  for (const goal of ['migrate', 'switch'] as const) {
    assert.deepEqual(answersOf({ seen: ready, goal }), [], goal);
  }
});

test('no judge speaks on servers that have nothing of a migration, nor after a switch that went well', () => {
  assert.deepEqual(answersOf({ seen: freshObservation() }), []);
  const over = driven(ready, { goal: 'cutover' });
  assert.deepEqual(answersOf({ seen: over }), []);
});

test('what explains what names judges that exist, without a circle', () => {
  const explains = new Map(waitJudges.map((judge) => [judge.id, judge.explains]));
  const walk = (id: string, path: readonly string[]): void => {
    assert.ok(!path.includes(id), `circle: ${[...path, id].join(' -> ')}`);
    const next = explains.get(id);
    assert.ok(next !== undefined, `${id} is no judge`);
    for (const each of next) walk(each, [...path, id]);
  };
  for (const { id } of waitJudges) walk(id, []);
});

test('every judge cites a page', () => {
  for (const { id, reference, title, why } of waitJudges) {
    assert.ok(references[reference] !== undefined, id);
    assert.ok(title.length > 0 && why.length > 0, id);
    assert.doesNotMatch(title, /\.$/u, id);
  }
});

test('the deepest cause is said, and what follows from it stands beneath it', () => {
  const cut = waitingCases.find(({ id }) => id === 'WAIT-ENDPOINT-STOPPED')?.seen;
  assert.ok(cut !== undefined);
  const stopped = withCopy(cut, 'source', {});
  const [first, ...rest] = answersOf({ seen: stopped, elapsedMs: 60_000 });
  assert.equal(first?.id, 'WAIT-ENDPOINT-STOPPED');
  assert.deepEqual(
    first.consequences.map(({ id }) => id),
    ['WAIT-LINK'],
  );
  assert.deepEqual(rest, []);
});

test('a cause about one database does not explain what another one waits for', () => {
  const seen = twoDatabases();
  const answers = answersOf({
    seen: seen.observation,
    migration: seen.migration,
    elapsedMs: 60_000,
  });
  assert.deepEqual(
    answers.map(({ id, database }) => `${id} ${database ?? ''}`),
    ['WAIT-SUSPENDED-BY-USER Adventureworks', 'WAIT-NOT-SYNCHRONIZING Other'],
  );
  assert.deepEqual(
    answers[0]?.consequences.map(({ id, database }) => `${id} ${database ?? ''}`),
    ['WAIT-NOT-SYNCHRONIZING Adventureworks'],
  );
});

function twoDatabases(): { readonly observation: Observation; readonly migration: Migration } {
  const migration: Migration = {
    ...articleMigration,
    databases: { kind: 'named', names: ['Adventureworks', 'Other'] },
  };
  const both = driven(freshObservation(migration), { goal: 'migrate' }, migration);
  const out = (side: 'source' | 'target') => {
    const { databases } = both[side];
    assert.ok(databases.known);
    return known(
      databases.value.map((database) => ({
        ...database,
        distributed:
          database.distributed === null
            ? null
            : { ...database.distributed, synchronizationStateDesc: 'NOT SYNCHRONIZING' },
        local:
          database.local === null || database.name !== 'Adventureworks' || side === 'source'
            ? database.local
            : { ...database.local, isSuspended: true, suspendReasonDesc: 'SUSPEND_FROM_USER' },
      })),
    );
  };
  const observation = changed(changed(both, 'source', { databases: out('source') }), 'target', {
    databases: out('target'),
  });
  return { observation, migration };
}

test('a state is overdue only after its limit, and the limit is a setting', () => {
  const seen = waitingCases.find(({ id }) => id === 'WAIT-LINK')?.seen;
  assert.ok(seen !== undefined);
  const after = (elapsedMs: number, connectMs: number): boolean | undefined =>
    answersOf({
      seen,
      elapsedMs,
      migration: { ...articleMigration, limits: { ...defaultWaitingLimits, connectMs } },
    }).find(({ id }) => id === 'WAIT-LINK')?.overdue;
  assert.equal(after(9999, 10_000), false);
  assert.equal(after(10_000, 10_000), true);
  assert.equal(after(10_000, 60_000), false);
});

test('a state that went and came back counts anew', () => {
  const seen = waitingCases.find(({ id }) => id === 'WAIT-LINK')?.seen;
  assert.ok(seen !== undefined);
  let memory = noWaitMemory;
  const look = (observation: Observation, at: number) => {
    const step = whyWaiting(memory, {
      goal: 'migrate',
      migration: articleMigration,
      observation,
      now: NOON + at,
    });
    memory = step.memory;
    return step.answers.find(({ id }) => id === 'WAIT-LINK');
  };
  look(ready, 0);
  assert.equal(look(seen, 1000)?.overdue, false);
  assert.equal(look(seen, 12_000)?.overdue, true);
  look(ready, 13_000);
  const again = look(seen, 14_000);
  assert.equal(again?.overdue, false);
  assert.equal(again.since, '2026-11-21T12:00:14.000Z');
});

test('one look alone claims no age that no server tells', () => {
  const seen = waitingCases.find(({ id }) => id === 'WAIT-LINK')?.seen;
  assert.ok(seen !== undefined);
  const { answers } = whyWaiting(noWaitMemory, {
    goal: 'migrate',
    migration: articleMigration,
    observation: seen,
    now: NOON,
  });
  assert.deepEqual(
    answers.map(({ id, since, overdue }) => [id, since, overdue]),
    [['WAIT-LINK', null, false]],
  );
});

test('a dead seeding is named within a minute, by the first look already where the server tells its age', () => {
  const dead = answersOf({ seen: unseeded, elapsedMs: 59_000 });
  assert.deepEqual(
    dead.map(({ id }) => id),
    ['WAIT-SEEDING-DEAD'],
  );
  const told = changed(unseeded, 'source', {
    circumstances: known({
      databases: [],
      seedings: [
        {
          database: 'Adventureworks',
          groupDatabaseId: '1',
          failureStateDesc: null,
          errorCode: null,
          isSource: true,
          stateDesc: 'CHECK_IF_SEEDING_NEEDED',
          failureState: null,
          startedUtc: '2026-11-21T11:59:00.000Z',
          endedUtc: null,
        },
      ],
      streams: [],
      lastConnectErrorUtc: null,
      startedUtc: '2026-11-01T00:00:00.000Z',
    }),
  });
  const { answers } = whyWaiting(noWaitMemory, {
    goal: 'migrate',
    migration: articleMigration,
    observation: told,
    now: NOON,
  });
  assert.deepEqual(
    answers.map(({ id, since }) => [id, since]),
    [['WAIT-SEEDING-DEAD', '2026-11-21T11:59:00.000Z']],
  );
});

test('after a switch the sides are judged by the way the log goes', () => {
  const over = driven(ready, { goal: 'cutover' });
  const cut = withDag(over, 'source', { localConnectedStateDesc: 'DISCONNECTED' });
  const [answer] = answersOf({ seen: cut, elapsedMs: 60_000 });
  assert.equal(answer?.id, 'WAIT-LINK');
  assert.match(answer.evidence[0] ?? '', /the source shows itself as DISCONNECTED/u);
});

test('names cannot break out of the statements that are proposed', () => {
  const name = "a]b'c\n😀";
  const migration: Migration = {
    ...articleMigration,
    databases: { kind: 'named', names: [name] },
  };
  const seen = driven(freshObservation(migration), { goal: 'migrate' }, migration);
  const databases = seen.target.databases;
  assert.ok(databases.known);
  const suspended = changed(seen, 'target', {
    databases: known(
      databases.value.map((each) => ({
        ...each,
        local:
          each.local === null
            ? null
            : { ...each.local, isSuspended: true, suspendReasonDesc: 'SUSPEND_FROM_USER' },
      })),
    ),
  });
  const [answer] = answersOf({ seen: suspended, migration });
  assert.ok(answer?.next.includes("ALTER DATABASE [a]]b'c\n😀] SET HADR RESUME"));
});

test('of any pair of servers an answer is given, and nothing is said twice', () => {
  fc.assert(
    fc.property(anyObservation, anyObservation, fc.boolean(), (one, other, switching) => {
      const goal = switching ? 'switch' : 'migrate';
      const look = { goal, migration: articleMigration } as const;
      const first = whyWaiting(noWaitMemory, { ...look, observation: one, now: NOON });
      const { answers } = whyWaiting(first.memory, {
        ...look,
        observation: other,
        now: NOON + 60_000,
      });
      const keys = answers.flatMap(({ id, side, database, consequences }) => [
        `${id} ${side ?? ''} ${database ?? ''}`,
        ...consequences.map(
          (each) => `beneath ${id} ${each.id} ${each.database ?? ''} ${each.cause}`,
        ),
      ]);
      assert.equal(new Set(keys).size, keys.length, keys.join('\n'));
      for (const { cause, evidence, next } of answers) {
        assert.match(cause, /\S\.$/u);
        assert.ok(next !== '' && evidence.every((each) => each !== ''), cause);
      }
      JSON.stringify(answers);
    }),
    { seed: 20_261_122, numRuns: 300 },
  );
});

test('each of a thousand databases that wait for their seeding gets its answer', () => {
  const names = Array.from({ length: 1000 }, (_, at) => `db${at}`);
  const { databases } = unseeded.source;
  const group = unseeded.source.availabilityGroup;
  assert.ok(databases.known && group.known && group.value !== null);
  const [plain] = databases.value;
  assert.ok(plain !== undefined);
  const seen = changed(unseeded, 'source', {
    databases: known(names.map((name) => ({ ...plain, name }))),
    availabilityGroup: known({ ...group.value, databases: names }),
  });
  const migration: Migration = { ...articleMigration, databases: { kind: 'named', names } };
  const answers = answersOf({ seen, migration, elapsedMs: 2000 });
  assert.equal(answers.length, 1000);
});
