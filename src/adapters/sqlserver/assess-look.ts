/**
 * The facts of one instance for `assess`: connect, one batch, decode.
 *
 * A server that stops answering in the middle keeps what it said before; the rest is unknown with the
 * part it was busy with. Many instances are looked at with `lookAtMany`, a few at a time.
 */

import type { SideFacts } from '../../model/assess-facts.ts';
import type { Migration } from '../../model/migration.ts';
import type { Side } from '../../model/side.ts';
import type { SqlBatch } from '../../sql/batch.ts';
import { assessBatch, INSIDE_LIMIT_MS } from '../../sql/view/assess-batch.ts';
import { decodeFacts, unreachableFacts } from '../../sql/view/assess-decode.ts';
import type { InstanceLink } from './link.ts';

/** Longest wait for the facts, in milliseconds: the time inside databases, and as much again. */
export const ASSESS_LIMIT_MS = 2 * INSIDE_LIMIT_MS;

/** Which instance is asked, and for what. */
export interface FactsLook {
  readonly link: InstanceLink;
  readonly migration: Migration;
  readonly side: Side;
  /** Name from the migration file. */
  readonly instance: string;
  readonly signal: AbortSignal;
  /** Longest wait for the answer, in milliseconds; default `ASSESS_LIMIT_MS`. */
  readonly limitMs?: number;
  /** Told of the batch before it is sent. */
  readonly onBatch?: (batch: SqlBatch) => void;
}

/** Reads the facts in one round trip; never throws for what a server does. */
export async function lookAtFacts(asked: FactsLook): Promise<SideFacts> {
  const { link, migration, side, instance, signal } = asked;
  const options = { migration, side, instance };
  const opened = await link.open(signal);
  if (!opened.ok) return unreachableFacts(options, opened.error);
  const { session } = opened.value;
  const { versionMajor } = session;
  const text = assessBatch({ migration, side, versionMajor });
  const batch: SqlBatch = { side, text, parameters: [], changesState: false };
  asked.onBatch?.(batch);
  const limitMs = asked.limitMs ?? ASSESS_LIMIT_MS;
  const answer = await session.execute({ ...batch, limitMs, signal });
  if (answer.kind === 'ended') return decodeFacts(answer.reply, { ...options, versionMajor });
  const { problem, partial, lastMessage } = answer;
  return partial.sets.length === 0
    ? unreachableFacts(options, problem)
    : decodeFacts(partial, {
        ...options,
        versionMajor,
        broken: { problem, during: lastMessage },
      });
}

/** Asks many instances, at most so many at once; the answers are in the order of the questions. */
export async function lookAtMany(
  looks: readonly FactsLook[],
  atOnce: number,
): Promise<readonly SideFacts[]> {
  const answers: SideFacts[] = [];
  const waiting = looks.entries();
  const worker = async (): Promise<void> => {
    for (const [index, look] of waiting) answers[index] = await lookAtFacts(look);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, looks.length) }, worker));
  return answers;
}
