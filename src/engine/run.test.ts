import assert from 'node:assert/strict';
import test from 'node:test';

import type { ActReply } from '../model/act.ts';
import type { Intent } from '../model/decision.ts';
import type { EngineEvent, RunResult } from '../model/event.ts';
import type { Journal, JournalEntry } from '../ports/journal.ts';
import { manualClock, type ManualClock } from '../../tests/support/manual-clock.ts';
import {
  modelServers,
  withSideAway,
  type ModelOptions,
  type ModelServers,
} from '../../tests/support/model-servers.ts';
import { articleMigration, driven, freshObservation } from '../../tests/support/observation.ts';
import { run, type RunOptions } from './run.ts';

function memoryJournal(): Journal {
  const lines: JournalEntry[] = [];
  return {
    append: (entry) => void lines.push(JSON.parse(JSON.stringify(entry)) as JournalEntry),
    entries: () => [...lines],
    close: () => {},
  };
}

interface Played {
  readonly result: RunResult;
  readonly events: readonly EngineEvent[];
  readonly servers: ModelServers;
  readonly journal: Journal;
}

interface Play {
  readonly intent: Intent;
  readonly model?: Partial<ModelOptions>;
  readonly options?: Partial<RunOptions>;
  readonly clock?: ManualClock;
}

async function play(what: Play): Promise<Played> {
  const clock = what.clock ?? manualClock();
  const servers = modelServers({
    start: freshObservation(),
    migration: articleMigration,
    clock,
    ...what.model,
  });
  const events: EngineEvent[] = [];
  const journal = what.options?.journal ?? memoryJournal();
  const result = await run({
    servers,
    migration: articleMigration,
    intent: what.intent,
    clock,
    emit: (event) => void events.push(event),
    signal: new AbortController().signal,
    ...what.options,
    journal,
  });
  return { result, events, servers, journal };
}

const migrate: Intent = { goal: 'migrate' };
const cutover: Intent = { goal: 'cutover' };
const ready = driven(freshObservation(), migrate);

const failed = (code: 'SF-SQL-001' | 'SF-SQL-002'): ActReply => ({
  outcome: 'failed',
  elapsedMs: 1,
  problem: { code, summary: 'refused', because: [], remedy: 'mend it' },
});

test('migrates two fresh servers until they are ready for the cutover', async () => {
  const { result, servers, events } = await play({ intent: migrate });
  assert.equal(result.outcome, 'ready-for-cutover');
  assert.equal(result.acts, servers.acts.length);
  assert.ok(servers.acts.some((act) => act.kind === 'join-distributed'));
  assert.equal(events.at(-1)?.kind, 'result');
});

test('a second run of migrate sends nothing', async () => {
  const first = await play({ intent: migrate });
  const second = await play({ intent: migrate, model: { start: first.servers.state() } });
  assert.deepEqual(second.servers.acts, []);
  assert.equal(second.result.outcome, 'ready-for-cutover');
});

test('a run that is cut off after any act is finished by the next one', async () => {
  const whole = await play({ intent: migrate });
  for (let cut = 1; cut < whole.servers.acts.length; cut += 1) {
    const stop = new AbortController();
    let left = cut;
    const first = await play({
      intent: migrate,
      options: {
        signal: stop.signal,
        interception: {
          after: async () => {
            left -= 1;
            if (left === 0) stop.abort();
          },
        },
      },
    });
    const second = await play({
      intent: migrate,
      model: { start: first.servers.state() },
      options: { journal: first.journal },
    });
    assert.equal(first.servers.acts.length, cut);
    assert.equal(first.servers.acts.length + second.servers.acts.length, whole.servers.acts.length);
    assert.equal(second.result.outcome, 'ready-for-cutover');
  }
});

test('switches in two serial round trips and measures the time between them', async () => {
  const { result, servers } = await play({ intent: cutover, model: { start: ready, tripMs: 10 } });
  assert.equal(result.outcome, 'done');
  assert.equal(result.serialRoundTrips, 2);
  assert.equal(result.outageMs, 20);
  const kinds = servers.acts.map((act) => act.kind);
  assert.ok(kinds.indexOf('demote') < kinds.indexOf('promote'));
});

test('looks again before promoting when the session of the source was replaced', async () => {
  const clock = manualClock();
  const servers = modelServers({ start: ready, migration: articleMigration, clock });
  const perform = servers.perform.bind(servers);
  const { result } = await play({
    intent: cutover,
    clock,
    options: {
      servers: {
        observe: (signal) => servers.observe(signal),
        async perform(act, signal) {
          const reply = await perform(act, signal);
          return reply.outcome === 'ok' && act.kind === 'demote'
            ? { ...reply, generation: 99 }
            : reply;
        },
      },
    },
  });
  assert.equal(result.outcome, 'done');
  assert.equal(result.serialRoundTrips, 3);
});

test('goes on after the reply of the demotion was lost', async () => {
  const clock = manualClock();
  const start = ready;
  const servers = modelServers({ start, migration: articleMigration, clock });
  const perform = servers.perform.bind(servers);
  let lost = false;
  const { result } = await play({
    intent: cutover,
    clock,
    model: { start },
    options: {
      servers: {
        observe: (signal) => servers.observe(signal),
        async perform(act, signal) {
          const reply = await perform(act, signal);
          if (act.kind !== 'demote' || lost) return reply;
          lost = true;
          return {
            outcome: 'unknown',
            elapsedMs: 1,
            problem: { code: 'SF-NET-003', summary: 'lost', because: [], remedy: '' },
          };
        },
      },
    },
  });
  assert.equal(result.outcome, 'done');
  assert.ok((result.serialRoundTrips ?? 0) > 2);
  assert.equal(servers.acts.filter((act) => act.kind === 'demote').length, 1);
});

test('a run killed between demotion and promotion is finished by the next cutover', async () => {
  const stop = new AbortController();
  const first = await play({
    intent: cutover,
    model: { start: ready },
    options: {
      signal: stop.signal,
      interception: { after: async (act) => void (act.kind === 'demote' && stop.abort()) },
    },
  });
  assert.equal(first.result.outcome, 'outage-open');
  const problem = first.events.findLast((event) => event.kind === 'problem');
  assert.equal(problem?.problem.code, 'SF-RUN-004');
  const second = await play({
    intent: cutover,
    model: { start: first.servers.state() },
    options: { journal: first.journal },
  });
  assert.equal(second.result.outcome, 'done');
  assert.ok(second.servers.acts.every((act) => act.kind !== 'demote'));
});

test('cutover of servers that are not ready changes nothing and says what is missing', async () => {
  const { result, servers, events } = await play({ intent: cutover });
  assert.equal(result.outcome, 'needs-human');
  assert.deepEqual(servers.acts, []);
  const end = events.at(-1);
  assert.ok(end !== undefined && end.message.length > 40, end?.message);
});

test('a missing permission ends the run at once, another refusal after three tries', async () => {
  const denied = await play({
    intent: migrate,
    model: { fault: () => failed('SF-SQL-002') },
  });
  assert.equal(denied.result.outcome, 'problem');
  assert.equal(denied.servers.acts.length, 1);
  const refused = await play({ intent: migrate, model: { fault: () => failed('SF-SQL-001') } });
  assert.equal(refused.result.outcome, 'problem');
  assert.equal(refused.servers.acts.length, 3);
});

test('a refusal that passes does not end the run', async () => {
  const { result } = await play({
    intent: migrate,
    model: {
      fault: (act, count) =>
        act.kind === 'create-endpoint' && count === 1 ? failed('SF-SQL-001') : null,
    },
  });
  assert.equal(result.outcome, 'ready-for-cutover');
});

test('a server that never answered ends the run with its problem', async () => {
  const { result, events } = await play({
    intent: migrate,
    model: { view: (observation) => withSideAway(observation, 'target') },
  });
  assert.equal(result.outcome, 'problem');
  const problem = events.find((event) => event.kind === 'problem');
  assert.equal(problem?.problem.code, 'SF-NET-001');
});

test('a server that goes away for a while is waited for, one that stays away is not', async () => {
  const back = await play({
    intent: migrate,
    model: {
      view: (observation, look) =>
        look > 3 && look < 8 ? withSideAway(observation, 'target') : observation,
    },
  });
  assert.equal(back.result.outcome, 'ready-for-cutover');
  const clock = manualClock();
  const gone = await play({
    intent: migrate,
    clock,
    model: {
      clock,
      view: (observation, look) => (look > 3 ? withSideAway(observation, 'target') : observation),
    },
  });
  assert.equal(gone.result.outcome, 'problem');
  assert.ok(clock.monotonic() >= 60_000 && clock.monotonic() < 90_000, `${clock.monotonic()}`);
});

test('waiting without any movement ends after the limit, not never', async () => {
  const clock = manualClock();
  const { result, events } = await play({
    intent: migrate,
    clock,
    model: {
      clock,
      view: (observation) => {
        const row = observation.target.databases;
        return row.known
          ? {
              ...observation,
              target: { ...observation.target, databases: { known: true, value: [] } },
            }
          : observation;
      },
    },
  });
  assert.notEqual(result.outcome, 'ready-for-cutover');
  assert.ok(clock.monotonic() < 86_400_000);
  assert.equal(events.at(-1)?.kind, 'result');
});

test('Ctrl-C during a wait ends the run between two steps and names the state', async () => {
  const stop = new AbortController();
  const events: EngineEvent[] = [];
  const { result } = await play({
    intent: migrate,
    model: {
      view: (observation, look) => (look > 3 ? withSideAway(observation, 'target') : observation),
    },
    options: {
      signal: stop.signal,
      emit: (event) => {
        events.push(event);
        if (event.kind === 'waiting') stop.abort();
      },
    },
  });
  assert.equal(result.outcome, 'needs-human');
  assert.equal(result.rule, 'E-INTERRUPTED');
  const problem = events.findLast((event) => event.kind === 'problem');
  assert.equal(problem?.problem.code, 'SF-RUN-003');
});

test('an interception that refuses ends the run before the act is sent', async () => {
  const { result, servers } = await play({
    intent: migrate,
    options: {
      interception: {
        before: async () => ({ code: 'SF-RUN-003', summary: 'no', because: [], remedy: '' }),
      },
    },
  });
  assert.equal(result.outcome, 'needs-human');
  assert.deepEqual(servers.acts, []);
});

test('nothing is sent when the journal cannot be written', async () => {
  const broken: Journal = {
    append: () => {
      throw new Error('ENOSPC');
    },
    entries: () => [],
    close: () => {},
  };
  const { result, servers } = await play({ intent: migrate, options: { journal: broken } });
  assert.equal(result.outcome, 'problem');
  assert.deepEqual(servers.acts, []);
});

test('abort after a cutover that was stopped enables the logins that the earlier run disabled', async () => {
  const stop = new AbortController();
  const first = await play({
    intent: cutover,
    model: { start: ready },
    options: {
      signal: stop.signal,
      interception: { after: async (act) => void (act.kind === 'disable-login' && stop.abort()) },
    },
  });
  const second = await play({
    intent: { goal: 'abort' },
    model: { start: first.servers.state() },
    options: { journal: first.journal },
  });
  assert.equal(second.result.outcome, 'done');
  assert.ok(
    second.servers.acts.some((act) => act.kind === 'enable-login' && act.side === 'source'),
  );
});
