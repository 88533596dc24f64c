import assert from 'node:assert/strict';
import { test } from 'node:test';

import { manualClock } from '../../tests/support/manual-clock.ts';
import { articleMigration, changed } from '../../tests/support/observation.ts';
import { NOON, ready, waitingCases } from '../../tests/support/waiting-case.ts';
import { formatUtc } from '../base/utc.ts';
import type { EngineEvent } from '../model/event.ts';
import { known } from '../model/fact.ts';
import type { Observation } from '../model/observation.ts';
import { watchWaits } from './wait-watch.ts';

const waits: EngineEvent = { kind: 'waiting', rule: 'R-WAIT', message: 'it waits' };

/** What is seen at this time: the clocks of the servers go right. */
function seenAt(observation: Observation, now: number): EngineEvent {
  const serverUtc = known(formatUtc(now));
  const seen = changed(changed(observation, 'source', { serverUtc }), 'target', { serverUtc });
  return { kind: 'observed', observation: seen, message: '' };
}

function caseOf(id: string): Observation {
  const found = waitingCases.find((one) => one.id === id)?.seen;
  assert.ok(found !== undefined, id);
  return found;
}

function begin() {
  const clock = manualClock(NOON);
  const watch = watchWaits({ migration: articleMigration, intent: { goal: 'migrate' }, clock });
  const observed = (observation: Observation): EngineEvent => seenAt(observation, clock.now());
  const rules = (event: EngineEvent): readonly string[] =>
    watch.after(event).map((said) => (said.kind === 'waiting' ? said.rule : said.kind));
  return { clock, watch, rules, observed };
}

test('a run that waits says why once the limit is over, and once only', () => {
  const { clock, rules, observed } = begin();
  const cut = caseOf('WAIT-LINK');
  assert.deepEqual(rules(observed(cut)), []);
  assert.deepEqual(rules(waits), []);
  clock.advance(9000);
  assert.deepEqual(rules(observed(cut)), []);
  clock.advance(1500);
  assert.deepEqual(rules(observed(cut)), ['WAIT-LINK']);
  clock.advance(60_000);
  assert.deepEqual(rules(observed(cut)), []);
});

test('a cause that went and came back is said again', () => {
  const { clock, rules, observed } = begin();
  const suspended = caseOf('WAIT-SUSPENDED-BY-USER');
  rules(waits);
  assert.deepEqual(rules(observed(suspended)), ['WAIT-SUSPENDED-BY-USER']);
  clock.advance(1000);
  assert.deepEqual(rules(observed(ready)), []);
  clock.advance(1000);
  assert.deepEqual(rules(observed(suspended)), ['WAIT-SUSPENDED-BY-USER']);
});

test('a run that acts says nothing: what it is about to mend is no wait', () => {
  const { rules, observed } = begin();
  assert.deepEqual(rules(observed(caseOf('WAIT-ENDPOINT-STOPPED'))), []);
  assert.deepEqual(rules({ kind: 'decided', rule: 'R-ENDPOINT-START', message: '' }), []);
  assert.deepEqual(rules(observed(caseOf('WAIT-ENDPOINT-STOPPED'))), []);
});

test('what progress shows anyway is not said', () => {
  const { watch, rules, observed } = begin();
  rules(waits);
  assert.deepEqual(rules(observed(caseOf('WAIT-SEEDING-RUNS'))), []);
  assert.deepEqual(watch.atEnd(), []);
});

test('a run that ends short of its goal says what stands in the way, but not what is younger than its limit', () => {
  const { clock, watch, rules, observed } = begin();
  rules(observed(caseOf('WAIT-LINK')));
  assert.deepEqual(watch.atEnd(), []);
  clock.advance(11_000);
  rules(observed(caseOf('WAIT-LINK')));
  const [said, ...rest] = watch.atEnd();
  assert.deepEqual(rest, []);
  assert.ok(said?.kind === 'waiting' && said.answer !== undefined);
  assert.equal(said.answer.whose, 'network');
  assert.match(said.message, /Move of: network\. Next: From the target: Test-NetConnection/u);
  assert.deepEqual(watch.atEnd(), []);
});
