/**
 * Memories of operators by number, reduced to what makes a difference here.
 *
 * Counters of repeated acts are left out, so that every limit of repetition is as if it did not exist:
 * an operator of the small world may try more often than a real one, never less. Samples of LSNs are
 * left out too: whoever has looked twice over the same sessions believes that nothing was written in
 * between, whether or not that is so, because no guard of the protocol may rest on it.
 */

import { required } from '../../base/assert.ts';
import type { Memory, Policy, QuietSample } from '../../model/decision.ts';
import type { Observation } from '../../model/observation.ts';
import { quietSample } from '../../reconcile/memory.ts';
import { mirrorObservation } from '../../reconcile/mirror.ts';
import { defaultPolicy } from '../../reconcile/policy.ts';
import { currentGeneration } from './observation-space.ts';

/** The shipping limits, without limits of repetition. */
export const explorerPolicy: Policy = {
  ...defaultPolicy,
  maxAttempts: Number.MAX_SAFE_INTEGER,
  maxSessionKills: Number.MAX_SAFE_INTEGER,
};

/** An outage that has lasted longer than the migration file allows, in milliseconds. */
export const overdueMs = 31_000;

/** An outage that has outlasted the patience of every wait, in milliseconds. */
export const hopelessMs = overdueMs + defaultPolicy.overduePatienceMs;

/**
 * How much time may go by between two looks, in milliseconds: what makes a difference to the rules. Only
 * where rows may be gone does a wait last until nobody has patience any more.
 */
export function delays({ outageMs }: Memory, endsWaits: boolean): readonly number[] {
  if (outageMs === null) return [0];
  const overdue = outageMs < overdueMs ? [overdueMs] : [];
  const hopeless = endsWaits && outageMs < hopelessMs ? [hopelessMs] : [];
  return [0, ...overdue, ...hopeless];
}

/** Memories by number. */
export class MemorySpace {
  readonly #memories: Memory[] = [];
  readonly #byKey = new Map<string, number>();

  /** Number of memories. */
  get size(): number {
    return this.#memories.length;
  }

  /** The memory. */
  memory(id: number): Memory {
    return required(this.#memories[id], `memory ${id}`);
  }

  /** Number of the memory. */
  intern(memory: Memory): number {
    const plain: Memory = {
      ...memory,
      refusal: null,
      attempts: {},
      seedingMark: null,
      seedingStillMs: 0,
      sinceSeedingRestartMs: null,
      outageMs: memory.outageMs === null ? null : Math.min(memory.outageMs, hopelessMs),
      fencedMs: memory.fencedMs === null ? null : 0,
      current: bare(memory.current),
      previous: bare(memory.previous),
    };
    const key = keyOf(plain);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const id = this.#memories.length;
    this.#memories.push(plain);
    this.#byKey.set(key, id);
    return id;
  }
}

function keyOf(memory: Memory): string {
  const finals = memory.finalLsns?.map((final) => `${final.database} ${final.lsn}`).join() ?? '-';
  return [
    memory.demoting,
    memory.fencedEpoch,
    memory.giveBackRefused,
    finals,
    memory.fencedLogins.join(),
    memory.unsettledRoleChange,
    memory.outageMs,
    memory.givenBack,
    memory.fencedMs,
    sampleText(memory.current),
    sampleText(memory.previous),
  ].join('|');
}

function sampleText(sample: QuietSample | null): string {
  return sample === null ? '-' : `${sample.sourceGeneration} ${sample.targetGeneration}`;
}

function bare(sample: QuietSample | null): QuietSample | null {
  return sample === null || sample.databases.length === 0 ? sample : { ...sample, databases: [] };
}

/** The memory as the rules get it: the samples are those of this look, taken as unchanged since the one before. */
export function believingInQuiet(memory: Memory, seen: Observation): Memory {
  const { current, previous } = memory;
  const own = memory.demoting === 'target' ? mirrorObservation(seen) : seen;
  const databases = quietSample(own)?.databases ?? [];
  return {
    ...memory,
    current: current === null ? null : { ...current, databases },
    previous: previous === null ? null : { ...previous, databases },
  };
}

/** The memory without the sample before the newest: the next look replaces it. */
export function withoutPrevious(memory: Memory): Memory {
  return { ...memory, previous: null };
}

/** The memory after a reconnect: its samples came over other sessions. */
export function reconnected(memory: Memory): Memory {
  return { ...memory, current: aged(memory.current), previous: aged(memory.previous) };
}

/** The memory as if no session had ever been lost: what a missing guard makes of it. */
export function kept(memory: Memory): Memory {
  const { current, previous } = memory;
  return {
    ...memory,
    current: current && present(current),
    previous: previous && present(previous),
  };
}

function present(sample: QuietSample): QuietSample {
  return { ...sample, sourceGeneration: currentGeneration, targetGeneration: currentGeneration };
}

function aged(sample: QuietSample | null): QuietSample | null {
  return sample === null
    ? null
    : {
        ...sample,
        sourceGeneration: currentGeneration - 1,
        targetGeneration: currentGeneration - 1,
      };
}
