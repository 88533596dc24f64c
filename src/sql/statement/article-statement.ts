/**
 * The one statement of an act that the articles tell a person to run, word for word as it stands in the
 * batch that `batch-for.ts` builds; the guards around it are not here.
 * Microsoft Learn, configure distributed availability groups, "Fail over to a secondary availability group".
 */

import type { Act } from '../../model/act.ts';
import type { Migration } from '../../model/migration.ts';
import { setRequiredSecondaries } from './control-statement.ts';
import { disableLogin, enableLogin } from './fence-statement.ts';
import { setDistributedMode, setReplicaSynchronous } from './group-statement.ts';
import { forceFailover, giveRoleAway } from './role-part.ts';

/** The statement; null for acts that are sqlferry's own. */
export function articleStatement(act: Act, migration: Migration): string | null {
  const own = act.side === 'source' ? migration.source : migration.target;
  switch (act.kind) {
    case 'set-replica-synchronous':
      return setReplicaSynchronous(own);
    case 'set-distributed-mode':
      return setDistributedMode(migration, act.mode);
    case 'set-required-secondaries':
      return setRequiredSecondaries(migration, act.value);
    case 'disable-login':
      return disableLogin(act.login);
    case 'enable-login':
      return enableLogin(act.login);
    case 'demote':
      return giveRoleAway(migration);
    case 'promote':
    case 'give-back':
      return forceFailover(migration);
    default:
      return null;
  }
}
