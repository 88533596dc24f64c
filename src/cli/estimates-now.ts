/** The estimates of one look: what is left to seed, and the outage that a cutover would cause now. Pure. */

import { estimatesOfLook } from '../assess/estimate-observation.ts';
import type { Policy } from '../model/decision.ts';
import type { Estimate } from '../model/estimate.ts';
import type { Migration } from '../model/migration.ts';
import type { Observation } from '../model/observation.ts';
import { predictionLines, predictOutage } from '../reconcile/outage-prediction.ts';

/** Makes them. */
export function estimatesNow(
  observation: Observation,
  migration: Migration,
  policy: Policy,
): readonly Estimate[] {
  return estimatesOfLook({
    observation,
    migration,
    outage: outageOf(observation, migration, policy),
  });
}

/** Null where no cutover can follow: the source does not hold the role, or the target is not connected to it. */
function outageOf(
  observation: Observation,
  migration: Migration,
  policy: Policy,
): Parameters<typeof estimatesOfLook>[0]['outage'] {
  const { source, target } = observation;
  const group = source.distributed.known ? source.distributed.value : null;
  const isLinked = group?.remote?.connectedStateDesc === 'CONNECTED';
  if (group?.localRoleDesc !== 'PRIMARY' || !isLinked) return null;
  if (target.connection.kind !== 'connected') return null;
  const prediction = predictOutage(observation, migration, policy);
  return {
    totalMs: prediction.totalMs,
    queueMs: prediction.queueMs,
    isMeasured: prediction.measured !== null,
    restsOn: predictionLines(prediction).map(
      (line) => `${line.charAt(0).toUpperCase()}${line.slice(1)}.`,
    ),
  };
}
