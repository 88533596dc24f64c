/**
 * The reply of a demotion read as a look at the source.
 *
 * It saves the round trip of an observation in the middle of the outage. It counts only when it came
 * over the session of the last observation; what the target shows is a moment old, which is why the
 * promotion looks again inside its own batch.
 */

import type { Act, ActReply } from '../model/act.ts';
import { known } from '../model/fact.ts';
import type { Observation } from '../model/observation.ts';

/** The observation after the demotion, or `null` when the reply does not allow one. */
export function observationAfterDemotion(
  observation: Observation,
  act: Act,
  reply: ActReply,
): Observation | null {
  if (act.kind !== 'demote' || act.side !== 'source' || reply.outcome !== 'ok') return null;
  const { source } = observation;
  if (reply.generation !== source.generation || reply.localRoleDesc !== 'SECONDARY') return null;
  if (reply.finalLsns === undefined || reply.finalLsns.length === 0) return null;
  if (!source.distributed.known || source.distributed.value === null) return null;
  if (!source.databases.known) return null;
  return {
    ...observation,
    source: {
      ...source,
      distributed: known({
        ...source.distributed.value,
        localRoleDesc: 'SECONDARY',
        localOperationalStateDesc: 'ONLINE',
        remote: null,
      }),
      databases: known(
        source.databases.value.map((database) => ({ ...database, distributed: null })),
      ),
    },
  };
}
