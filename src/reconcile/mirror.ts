/**
 * The same pair of servers seen from the other end.
 *
 * A failback is a cutover with the sides exchanged: the rules are written once, for a source that gives
 * the role away, and `decide()` shows them the mirror when the target is the side that does.
 */

import { unreachable } from '../base/assert.ts';
import type { Act } from '../model/act.ts';
import type { Decision, Memory, QuietSample } from '../model/decision.ts';
import type { Migration } from '../model/migration.ts';
import type { Observation } from '../model/observation.ts';
import { otherSide, type Side } from '../model/side.ts';

/** Both sides exchanged. */
export function mirrorObservation(observation: Observation): Observation {
  return {
    source: { ...observation.target, side: 'source' },
    target: { ...observation.source, side: 'target' },
  };
}

/** Both ends of the migration file exchanged. */
export function mirrorMigration(migration: Migration): Migration {
  return {
    ...migration,
    source: { ...migration.target, side: 'source' },
    target: { ...migration.source, side: 'target' },
  };
}

/** The act on the other side. */
export function mirrorAct(act: Act): Act {
  return { ...act, side: otherSide(act.side) };
}

/** The memory as the other end would have kept it; what was kept about fence logins belongs to one side and is dropped. */
export function mirrorMemory(memory: Memory): Memory {
  return {
    ...memory,
    demoting: otherSide(memory.demoting),
    fencedLogins: [],
    fencedMs: null,
    current: mirrorSample(memory.current),
    previous: mirrorSample(memory.previous),
    attempts: Object.fromEntries(
      Object.entries(memory.attempts).map(([key, count]) => [mirrorKey(key), count]),
    ),
  };
}

/** The decision in the words and on the sides of the real pair. */
export function mirrorDecision(decision: Decision): Decision {
  const because = mirrorText(decision.because);
  switch (decision.kind) {
    case 'act':
      return { ...decision, because, act: mirrorAct(decision.act) };
    case 'wait':
      return { ...decision, because, blockers: decision.blockers.map(mirrorText) };
    case 'needs-human':
      return {
        ...decision,
        because,
        blockers: decision.blockers.map(mirrorText),
        remedy: mirrorText(decision.remedy),
      };
    case 'done':
      return { ...decision, because };
  }
  return unreachable(decision);
}

/** Exchanges the words source and target, and the commands of both directions; names in brackets stay. */
export function mirrorText(text: string): string {
  return text
    .split(/(\[(?:[^\]]|\]\])*\])/u)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll(mirrored, mirrorWord)))
    .join('');
}

const mirrored = /\b(?:source|target|Source|Target|sqlferry cutover|sqlferry failback)\b/gu;

const words: Readonly<Record<string, string>> = {
  source: 'target',
  target: 'source',
  Source: 'Target',
  Target: 'Source',
  'sqlferry cutover': 'sqlferry failback',
  'sqlferry failback': 'sqlferry cutover',
};

function mirrorWord(word: string): string {
  return words[word] ?? word;
}

function mirrorSample(sample: QuietSample | null): QuietSample | null {
  if (sample === null) return null;
  return {
    sourceGeneration: sample.targetGeneration,
    targetGeneration: sample.sourceGeneration,
    // Only the giving side's last commit is sampled; the other one's is not known.
    databases: sample.databases.map((row) => ({
      name: row.name,
      sourceLastCommit: null,
      sourceHardened: row.targetHardened,
      targetHardened: row.sourceHardened,
    })),
  };
}

/** Keys of attempts name the side as their second word (`actKey`). */
function mirrorKey(key: string): string {
  return key.replace(/^(\S+) (source|target)/u, (_all, kind: string, side: Side) => {
    return `${kind} ${otherSide(side)}`;
  });
}
