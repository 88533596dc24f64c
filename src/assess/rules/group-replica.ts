/** Rules about the replicas of the local groups. */

import { shownLiteral, shownName, shownNames } from '../../base/name.ts';
import { isGrouped } from '../../model/migration.ts';
import type { ReplicaFacts } from '../../model/assess-replica.ts';
import { bothGroups, groupRule, type GroupContext } from '../group-rule.ts';
import { bad, doubtful, good, later, type AssessRule, type Judgement } from '../rule.ts';

/** Below this, in seconds, a replica counts as lost too early; the default of SQL Server. */
const LEAST_SESSION_TIMEOUT = 10;

function namesOf(replicas: readonly ReplicaFacts[]): string {
  return shownNames(replicas.map((replica) => replica.replicaServerName));
}

/** One statement per replica that changes one option. */
function modifyReplicas(
  { shown }: GroupContext,
  replicas: readonly ReplicaFacts[],
  option: string,
): string {
  return replicas
    .map(
      ({ replicaServerName }) =>
        `ALTER AVAILABILITY GROUP ${shown} MODIFY REPLICA ON ${shownLiteral(replicaServerName)} WITH (${option})`,
    )
    .join('; ');
}

/** The last error of a replica that is not connected. */
function lastError({ lastConnectErrorNumber, lastConnectErrorDescription }: ReplicaFacts): string {
  return lastConnectErrorNumber === null || lastConnectErrorNumber === 0
    ? 'no error is shown'
    : `last error ${lastConnectErrorNumber}: ${lastConnectErrorDescription ?? ''}`.trimEnd();
}

function judgeConnected({ shown, replicas }: GroupContext): Judgement {
  const states = replicas.filter((replica) => replica.connectedStateDesc !== null);
  if (states.length === 0)
    return { outcome: 'unknown', evidence: `The states of ${shown} are not shown here.` };
  const lost = states.filter((replica) => replica.connectedStateDesc !== 'CONNECTED');
  if (lost.length === 0) return good(`${namesOf(states)} of ${shown} are connected.`);
  return bad(
    lost
      .map((each) => `${namesOf([each])} is ${each.connectedStateDesc ?? ''}, ${lastError(each)}.`)
      .join(' '),
    'Look at the endpoint, the service and the firewall of the replica: SELECT replica_server_name, last_connect_error_number, last_connect_error_description FROM sys.dm_hadr_availability_replica_states AS s INNER JOIN sys.availability_replicas AS r ON r.replica_id = s.replica_id',
  );
}

const bothRules = [
  ...bothGroups({
    name: 'AG-PRIMARY',
    title: 'The instance that sqlferry talks to is the primary of its group',
    family: 'groups',
    why: 'Statements about a group are accepted by its primary only (41190); with the primary elsewhere nothing can be done here.',
    remedy: 'ALTER AVAILABILITY GROUP ... FAILOVER on the instance that is to be the primary.',
    reference: 'failoverModes',
    judge: ({ shown, group, facts }) => {
      const { localRoleDesc } = group;
      const evidence = `${shownName(facts.instance)} is ${localRoleDesc ?? 'without a role'} in ${shown}.`;
      if (localRoleDesc === 'PRIMARY') return good(evidence);
      return bad(
        evidence,
        `Name the primary in the migration file too, or run on ${shownName(facts.instance)}: ALTER AVAILABILITY GROUP ${shown} FAILOVER`,
      );
    },
  }),
  ...bothGroups({
    name: 'AG-CONNECTED',
    title: 'Every replica of the group is connected to the primary',
    family: 'groups',
    why: 'A replica that is away keeps log on the primary, and is missing when a local failover needs it.',
    remedy: 'Bring the replica back or remove it from the group.',
    reference: 'prerequisites',
    judge: judgeConnected,
  }),
  ...bothGroups({
    name: 'AG-COMMIT-MODE',
    title: 'The primary of the group commits synchronously',
    family: 'groups',
    why: 'The cutover compares hardened logs; the row of an asynchronous primary does not show them, and the two sides never reach SYNCHRONIZED.',
    remedy: 'Set AVAILABILITY_MODE = SYNCHRONOUS_COMMIT on the primary replica before the cutover.',
    reference: 'configure',
    judge: (context) => {
      const local = context.replicas.filter((replica) => replica.isLocal === true);
      const [primary] = local;
      if (primary === undefined)
        return {
          outcome: 'unknown',
          evidence: `The local replica of ${context.shown} is not shown.`,
        };
      const evidence = `${namesOf(local)} of ${context.shown} is in ${primary.availabilityModeDesc}.`;
      return primary.availabilityModeDesc === 'SYNCHRONOUS_COMMIT'
        ? good(evidence)
        : doubtful(
            evidence,
            modifyReplicas(context, local, 'AVAILABILITY_MODE = SYNCHRONOUS_COMMIT'),
          );
    },
  }),
  ...bothGroups({
    name: 'AG-ASYNC-SECONDARY',
    title: 'Every secondary of the group commits synchronously',
    family: 'groups',
    why: 'The cutover waits for no asynchronous secondary: after it, that replica may lack the last transactions, and a forced failover to it loses them.',
    remedy:
      'Accept it, or set AVAILABILITY_MODE = SYNCHRONOUS_COMMIT on the secondary before the cutover.',
    reference: 'availabilityModes',
    judge: (context) => {
      const others = context.replicas.filter((replica) => replica.isLocal !== true);
      if (others.length === 0) return good(`${context.shown} has no secondary.`);
      const behind = others.filter((each) => each.availabilityModeDesc !== 'SYNCHRONOUS_COMMIT');
      return behind.length === 0
        ? good(`${namesOf(others)} of ${context.shown} commit synchronously.`)
        : doubtful(
            `${namesOf(behind)} of ${context.shown}: ${[...new Set(behind.map((each) => each.availabilityModeDesc))].join(', ')}.`,
            modifyReplicas(context, behind, 'AVAILABILITY_MODE = SYNCHRONOUS_COMMIT'),
          );
    },
  }),
  ...bothGroups({
    name: 'AG-SESSION-TIMEOUT',
    title: 'No replica has a session timeout below 10 seconds',
    family: 'groups',
    why: 'With a shorter timeout a busy link counts as lost, and the group stops waiting for the replica.',
    remedy: 'Set SESSION_TIMEOUT = 10 or more.',
    reference: 'sessionTimeout',
    judge: (context) => {
      const short = context.replicas.filter((each) => each.sessionTimeout < LEAST_SESSION_TIMEOUT);
      return short.length === 0
        ? good(`Session timeouts of ${context.shown} are ${LEAST_SESSION_TIMEOUT} s or more.`)
        : doubtful(
            short.map((each) => `${namesOf([each])} has ${each.sessionTimeout} s.`).join(' '),
            modifyReplicas(context, short, `SESSION_TIMEOUT = ${LEAST_SESSION_TIMEOUT}`),
          );
    },
  }),
];

const seedingRule = groupRule('target', {
  name: 'AG-SEEDING-MODE',
  title: 'The replicas seed the way the migration file says',
  family: 'groups',
  why: 'A replica with SEEDING_MODE = MANUAL waits for a restore that nobody makes: its copy never appears.',
  remedy: 'Set SEEDING_MODE = AUTOMATIC on the replica, or seeding: manual in the migration file.',
  reference: 'seeding',
  judge: (context) => {
    if (context.migration.seeding.kind !== 'automatic')
      return later('The migration file seeds by backup and restore.');
    const manual = context.replicas.filter((each) => each.seedingModeDesc !== 'AUTOMATIC');
    return manual.length === 0
      ? good(`Every replica of ${context.shown} seeds automatically.`)
      : doubtful(
          `${namesOf(manual)} of ${context.shown} has SEEDING_MODE = MANUAL.`,
          modifyReplicas(context, manual, 'SEEDING_MODE = AUTOMATIC'),
        );
  },
});

const failoverRule = groupRule('source', {
  name: 'AG-FAILOVER-MODE',
  title: 'No replica of the source fails over by itself during the cutover',
  family: 'groups',
  why: 'An automatic failover within the cutover moves the primary away from under the fence.',
  remedy: 'Set FAILOVER_MODE = MANUAL for the time of the cutover, and AUTOMATIC again afterwards.',
  reference: 'failoverModes',
  judge: (context) => {
    const { migration, side, replicas, shown } = context;
    const external = replicas.filter((each) => each.failoverModeDesc === 'EXTERNAL');
    if (external.length > 0)
      return doubtful(
        `${namesOf(external)} of ${shown} has FAILOVER_MODE = EXTERNAL.`,
        'Keep the cluster manager from acting during the cutover, for example: pcs property set maintenance-mode=true',
      );
    const automatic = replicas.filter((each) => each.failoverModeDesc === 'AUTOMATIC');
    if (automatic.length === 0)
      return good(`No replica of ${shown} has FAILOVER_MODE = AUTOMATIC.`);
    const evidence = `${namesOf(automatic)} of ${shown} has FAILOVER_MODE = AUTOMATIC.`;
    return isGrouped(migration[side])
      ? good(`${evidence} The cutover sets MANUAL before the fence, and gives AUTOMATIC back.`)
      : doubtful(evidence, modifyReplicas(context, automatic, 'FAILOVER_MODE = MANUAL'));
  },
});

const readableRule = groupRule('target', {
  name: 'AG-READABLE',
  title: 'The copies on the target can be read before the cutover',
  family: 'groups',
  why: 'With ALLOW_CONNECTIONS = NO nobody can look into the copy before the switch (976), so rows cannot be compared.',
  remedy: 'Set SECONDARY_ROLE (ALLOW_CONNECTIONS = ALL) on the replicas of the target.',
  reference: 'alterGroup',
  judge: (context) => {
    const closed = context.replicas.filter(
      (each) => each.secondaryRoleAllowConnectionsDesc === 'NO',
    );
    return closed.length === 0
      ? good(`The replicas of ${context.shown} allow readers in the secondary role.`)
      : doubtful(
          `${namesOf(closed)} of ${context.shown} allows no connections in the secondary role.`,
          modifyReplicas(context, closed, 'SECONDARY_ROLE (ALLOW_CONNECTIONS = ALL)'),
        );
  },
});

const routingRule = groupRule('target', {
  name: 'AG-ROUTING',
  title: 'Readers are routed on the target as on the source',
  family: 'groups',
  why: 'Read-only routing is an option of the replicas and does not travel; afterwards readers with ApplicationIntent=ReadOnly end on the primary.',
  remedy: 'Set READ_ONLY_ROUTING_URL and READ_ONLY_ROUTING_LIST on the replicas of the target.',
  reference: 'readOnlyRouting',
  judge: ({ all, replicas, shown, migration }) => {
    const { groupReplicas } = all.source;
    if (!groupReplicas.known)
      return { outcome: 'unknown', evidence: `Not read on the source: ${groupReplicas.because}.` };
    const routed = (found: readonly ReplicaFacts[]): readonly ReplicaFacts[] =>
      found.filter((each) => each.routingTargets > 0 && !each.isDistributed);
    const wanted = migration.source.availabilityGroup.toLowerCase();
    const there = routed(groupReplicas.value.filter((each) => each.group.toLowerCase() === wanted));
    if (there.length === 0) return good('The source routes no readers.');
    const here = routed(replicas);
    return here.length > 0
      ? good(`${namesOf(here)} of ${shown} have routing lists.`)
      : doubtful(`The source routes readers (${namesOf(there)}), ${shown} does not.`);
  },
});

/** Rules about the replicas of the local groups. */
export const replicaRules: readonly AssessRule[] = [
  ...bothRules,
  failoverRule,
  seedingRule,
  readableRule,
  routingRule,
];
