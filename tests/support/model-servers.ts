/**
 * The Servers port over the prediction model: acts take effect at once, the servers move on by one
 * step between two looks. Faults are hooks, so that a test says in one line what goes wrong.
 */

import type { Act, ActReply } from '../../src/model/act.ts';
import type { Migration } from '../../src/model/migration.ts';
import { sideOf, type Observation } from '../../src/model/observation.ts';
import type { Servers } from '../../src/ports/servers.ts';
import { predict, settle } from '../../src/reconcile/predict.ts';
import { lsnAt } from './observation.ts';
import type { ManualClock } from './manual-clock.ts';

/** What a test may turn. */
export interface ModelOptions {
  readonly start: Observation;
  readonly migration: Migration;
  readonly clock: ManualClock;
  /** Time one request takes. */
  readonly tripMs?: number;
  /** Replaces the reply of an act; `null` lets it happen. The effect takes place only when it answers ok. */
  readonly fault?: (act: Act, count: number) => ActReply | null;
  /** Changes what a look shows. */
  readonly view?: (observation: Observation, look: number) => Observation;
}

/** The port with what happened on it. */
export interface ModelServers extends Servers {
  readonly acts: Act[];
  looks(): number;
  state(): Observation;
}

/** Makes the servers. */
export function modelServers(options: ModelOptions): ModelServers {
  const { migration, clock, tripMs = 1 } = options;
  const acts: Act[] = [];
  let state = options.start;
  let looks = 0;
  return {
    acts,
    looks: () => looks,
    state: () => state,
    async observe() {
      clock.advance(tripMs);
      state = settle(state, migration);
      looks += 1;
      return options.view?.(state, looks) ?? state;
    },
    async perform(act) {
      clock.advance(tripMs);
      acts.push(act);
      const fault = options.fault?.(act, acts.filter((other) => other.kind === act.kind).length);
      if (fault !== null && fault !== undefined) return fault;
      state = predict(state, act, migration);
      const { control } = sideOf(state, act.side);
      return {
        outcome: 'ok',
        elapsedMs: tripMs,
        ...(control.known && control.value.kind === 'present'
          ? { registerPhase: control.value.register.phase }
          : {}),
        generation: act.side === 'source' ? state.source.generation : state.target.generation,
        ...(act.kind === 'demote'
          ? {
              localRoleDesc: 'SECONDARY',
              finalLsns: act.databases.map((database) => ({ database, lsn: lsnAt(1n) })),
            }
          : {}),
      };
    },
  };
}

/** An observation in which a side does not answer. */
export function withSideAway(observation: Observation, side: 'source' | 'target'): Observation {
  const problem = {
    code: 'SF-NET-001',
    summary: `The ${side} does not answer.`,
    because: [],
    remedy: '',
  } as const;
  const away = { known: false, because: problem.summary } as const;
  return {
    ...observation,
    [side]: {
      ...observation[side],
      connection: { kind: 'unreachable', problem },
      server: away,
      endpoint: away,
      availabilityGroup: away,
      distributed: away,
      databases: away,
      windowsLogins: away,
      fenceLogins: away,
      sessions: away,
      operators: away,
      control: away,
      deadMan: away,
      leadership: away,
      roundTripMs: null,
    },
  };
}
