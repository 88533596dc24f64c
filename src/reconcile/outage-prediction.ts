/**
 * How long neither side will take writes, told before anything is changed.
 *
 * What the slowest database still has to send and redo, the role change of both sides, and one round
 * trip to each side. The role changes are taken from the newest switch of this migration that was
 * measured; where there is none, from a default that grows with the number of databases, because their
 * recovery is serial. The trial of the dead-man measures none: it touches no availability group.
 */

import { shownName } from '../base/name.ts';
import type { Policy } from '../model/decision.ts';
import type { Migration } from '../model/migration.ts';
import type { DatabaseReplicaObservation, Observation } from '../model/observation.ts';
import type { OutagePrediction } from '../model/outage.ts';
import { findDatabase, selectedNames } from './look.ts';
import { glance } from './parts.ts';

/** Predicts the outage of a switch away from the source of this observation. */
export function predictOutage(
  observation: Observation,
  migration: Migration,
  policy: Policy,
): OutagePrediction {
  const source = glance(observation, 'sourceDatabases') ?? [];
  const target = glance(observation, 'targetDatabases') ?? [];
  const names = selectedNames(migration, source);
  let queueMs = 0;
  let slowest: string | null = null;
  for (const name of names) {
    const time =
      sendMs(findDatabase(source, name)?.distributed ?? null, policy) +
      redoMs(findDatabase(target, name)?.local ?? null, policy);
    if (time <= queueMs) continue;
    queueMs = time;
    slowest = name;
  }
  const parts = {
    queueMs: Math.ceil(queueMs),
    ...roleChange(names.length, policy),
    roundTripsMs: roundTrips(observation),
  };
  const totalMs = parts.queueMs + parts.demoteMs + parts.promoteMs + parts.roundTripsMs;
  const measured = policy.measuredRoleChange;
  return { totalMs, ...parts, slowest, databases: names.length, measured };
}

/** Least outage of this pair, whatever the queues: both role changes and the round trips. */
export function leastOutageMs(prediction: OutagePrediction): number {
  return prediction.totalMs - prediction.queueMs;
}

/** The figures in one sentence. */
export function predictionWords(prediction: OutagePrediction): string {
  return `Predicted outage ${prediction.totalMs} ms: ${predictionLines(prediction).join(', ')}.`;
}

/** One phrase per part, with where it comes from. */
export function predictionLines(prediction: OutagePrediction): readonly string[] {
  const { queueMs, demoteMs, promoteMs, roundTripsMs, slowest, databases, measured } = prediction;
  const count = `${databases} ${databases === 1 ? 'database' : 'databases'}`;
  const basis =
    measured === null
      ? `assumed for ${count}, nothing was measured yet`
      : `measured by the ${measured.by} of ${measured.at}`;
  return [
    slowest === null
      ? 'nothing to send or redo'
      : `${queueMs} ms to send and redo ${shownName(slowest)}`,
    `${demoteMs} ms to give the role away and ${promoteMs} ms to take it (${basis})`,
    `${roundTripsMs} ms for two round trips`,
  ];
}

/** Databases that came after the measure, or after the first one, cost their recovery on top. */
function roleChange(
  databases: number,
  policy: Policy,
): { readonly demoteMs: number; readonly promoteMs: number } {
  const measured = policy.measuredRoleChange;
  const counted = measured === null ? 1 : measured.databases;
  const more = policy.roleChangePerDatabaseMs * Math.max(0, databases - counted);
  return {
    demoteMs: Math.ceil((measured?.demoteMs ?? policy.roleChangeMs) + more),
    promoteMs: Math.ceil((measured?.promoteMs ?? policy.roleChangeMs) + more),
  };
}

/** One to each side; a side whose way was not measured counts as far as the other one. */
function roundTrips({ source, target }: Observation): number {
  const toSource = source.roundTripMs ?? target.roundTripMs ?? 0;
  const toTarget = target.roundTripMs ?? source.roundTripMs ?? 0;
  return Math.ceil(toSource + toTarget);
}

function sendMs(row: DatabaseReplicaObservation | null, policy: Policy): number {
  return queueTime(row?.logSendQueueKb ?? null, row?.logSendRateKb ?? null, policy);
}

function redoMs(row: DatabaseReplicaObservation | null, policy: Policy): number {
  return queueTime(row?.redoQueueKb ?? null, row?.redoRateKb ?? null, policy);
}

/** A rate of 0 is what the views show before anything was sent: then the policy's is taken. */
function queueTime(queueKb: number | null, rateKb: number | null, policy: Policy): number {
  if (queueKb === null || queueKb <= 0) return 0;
  const rate = rateKb === null || rateKb <= 0 ? policy.assumedRateKb : rateKb;
  return (1000 * queueKb) / rate;
}
