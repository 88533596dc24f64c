/**
 * How long neither side will take writes, told before anything is changed.
 *
 * The largest of what the databases still have to send and redo, the role change of both sides, and
 * two round trips. A rate that is not shown counts nothing: the equality of the LSNs is waited for
 * before the demotion in any case.
 */

import { shownName } from '../base/name.ts';
import type { Policy } from '../model/decision.ts';
import type { Migration } from '../model/migration.ts';
import type { DatabaseReplicaObservation, Observation } from '../model/observation.ts';
import { findDatabase, selectedNames } from './look.ts';
import { glance } from './parts.ts';

/** A prediction and what it is made of; milliseconds. */
export interface OutagePrediction {
  readonly totalMs: number;
  /** Longest time any database needs to send and redo its queues. */
  readonly queueMs: number;
  /** Role change on both sides. */
  readonly roleChangeMs: number;
  /** Two round trips to the slower side. */
  readonly roundTripsMs: number;
  /** Database with the longest queues; null when none has any. */
  readonly slowest: string | null;
}

/** Predicts the outage of a switch away from the source of this observation. */
export function predictOutage(
  observation: Observation,
  migration: Migration,
  policy: Policy,
): OutagePrediction {
  const source = glance(observation, 'sourceDatabases') ?? [];
  const target = glance(observation, 'targetDatabases') ?? [];
  let queueMs = 0;
  let slowest: string | null = null;
  for (const name of selectedNames(migration, source)) {
    const time =
      sendMs(findDatabase(source, name)?.distributed ?? null) +
      redoMs(findDatabase(target, name)?.local ?? null);
    if (time <= queueMs) continue;
    queueMs = time;
    slowest = name;
  }
  const trip = Math.max(observation.source.roundTripMs ?? 0, observation.target.roundTripMs ?? 0);
  const roundTripsMs = Math.ceil(2 * trip);
  const roleChangeMs = 2 * policy.roleChangeMs;
  const totalMs = Math.ceil(queueMs) + roleChangeMs + roundTripsMs;
  return { totalMs, queueMs: Math.ceil(queueMs), roleChangeMs, roundTripsMs, slowest };
}

/** The figures in one sentence. */
export function predictionWords(prediction: OutagePrediction): string {
  const { totalMs, queueMs, roleChangeMs, roundTripsMs, slowest } = prediction;
  const queue =
    slowest === null
      ? 'nothing to send or redo'
      : `${queueMs} ms to send and redo ${shownName(slowest)}`;
  return `Predicted outage ${totalMs} ms: ${queue}, ${roleChangeMs} ms role change, ${roundTripsMs} ms for two round trips.`;
}

function sendMs(row: DatabaseReplicaObservation | null): number {
  return queueTime(row?.logSendQueueKb ?? null, row?.logSendRateKb ?? null);
}

function redoMs(row: DatabaseReplicaObservation | null): number {
  return queueTime(row?.redoQueueKb ?? null, row?.redoRateKb ?? null);
}

function queueTime(queueKb: number | null, rateKb: number | null): number {
  return queueKb === null || rateKb === null || rateKb <= 0 ? 0 : (1000 * queueKb) / rateKb;
}
