/**
 * Says why a run waits, while it waits: looks at what the run observes and adds its own `waiting` events.
 *
 * A cause is said once when its limit is over, and again when it went and came back.
 */

import type { Clock } from '../ports/clock.ts';
import type { Intent } from '../model/decision.ts';
import type { EngineEvent } from '../model/event.ts';
import type { Migration } from '../model/migration.ts';
import type { Observation } from '../model/observation.ts';
import type { WaitingAnswer } from '../model/waiting.ts';
import type { WaitGoal } from '../reconcile/waiting/scene.ts';
import { noWaitMemory, whyWaiting } from '../reconcile/waiting/why.ts';
import { answerSentence } from './output/waiting-text.ts';

/** What a run is watched with. */
export interface WaitWatchOptions {
  readonly migration: Migration;
  readonly intent: Intent;
  readonly clock: Clock;
}

/** Watches one run. */
export interface WaitWatch {
  /** Takes the next event of the run; answers what to say after it. */
  after(event: EngineEvent): readonly EngineEvent[];
  /** What was not said yet of a run that ends without having reached its goal. */
  atEnd(): readonly EngineEvent[];
}

/** Begins to watch. */
export function watchWaits({ migration, intent, clock }: WaitWatchOptions): WaitWatch {
  const goal: WaitGoal = intent.goal === 'migrate' ? 'migrate' : 'switch';
  let memory = noWaitMemory;
  let answers: readonly WaitingAnswer[] = [];
  let said = new Set<string>();
  let waits = false;
  const look = (observation: Observation): void => {
    const step = whyWaiting(memory, { goal, migration, observation, now: clock.now() });
    ({ memory, answers } = step);
    const there = new Set(answers.map((answer) => keyOf(answer)));
    said = new Set([...said].filter((key) => there.has(key)));
  };
  const unsaid = (wanted: (answer: WaitingAnswer) => boolean): readonly EngineEvent[] => {
    const due = answers.filter((answer) => wanted(answer) && !said.has(keyOf(answer)));
    for (const answer of due) said.add(keyOf(answer));
    return due.map((answer) => ({
      kind: 'waiting',
      rule: answer.id,
      message: answerSentence(answer),
      answer,
    }));
  };
  return {
    after(event) {
      switch (event.kind) {
        case 'observed':
          look(event.observation);
          return waits ? unsaid(({ overdue }) => overdue) : [];
        case 'waiting':
          waits = true;
          return unsaid(({ overdue }) => overdue);
        case 'decided':
        case 'acted':
          waits = false;
          return [];
        case 'problem':
        case 'progress':
        case 'result':
          break;
      }
      return [];
    },
    // What is younger than its limit may be what the run has just brought about.
    atEnd: () => unsaid(({ overdue }) => overdue),
  };
}

function keyOf({ id, side, database }: WaitingAnswer): string {
  return `${id} ${side ?? ''} ${database ?? ''}`;
}
