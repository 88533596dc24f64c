/** Which of the instances of a side its facts are about: the one that acts, as `observe-side.ts` does for observations. */

import { sameName } from '../../base/name.ts';
import type { AssessFacts, SideFacts } from '../../model/assess-facts.ts';
import type { Migration } from '../../model/migration.ts';
import type { Side } from '../../model/side.ts';

/** Puts the facts of every instance in their places; each side needs at least one. */
export function assembleFacts(
  source: readonly [SideFacts, ...SideFacts[]],
  target: readonly [SideFacts, ...SideFacts[]],
  migration: Migration,
): AssessFacts {
  const acting = {
    source: actingOf(source, migration, 'source'),
    target: actingOf(target, migration, 'target'),
  };
  const replicas = [...source, ...target].filter(
    (facts) => facts !== acting.source && facts !== acting.target,
  );
  return { ...acting, replicas };
}

/** The local primary of the side's group; without one, the first instance that answers. */
function actingOf(
  all: readonly [SideFacts, ...SideFacts[]],
  migration: Migration,
  side: Side,
): SideFacts {
  const own = migration[side].availabilityGroup;
  const primary = all.find(
    ({ availabilityGroups: groups }) =>
      groups.known &&
      groups.value.some(
        ({ name, isDistributed, localRoleDesc }) =>
          !isDistributed && sameName(name, own) && localRoleDesc === 'PRIMARY',
      ),
  );
  return primary ?? all.find(({ connection }) => connection.kind !== 'unreachable') ?? all[0];
}
