/** Rules about options of the groups, their databases, and other distributed groups over them. */

import { sameName, shownName, shownNames } from '../../base/name.ts';
import type { GroupFacts } from '../../model/assess-group.ts';
import {
  bothDistributed,
  bothGroups,
  groupNames,
  groupRule,
  type GroupContext,
} from '../group-rule.ts';
import {
  bad,
  bothSides,
  doubtful,
  finding,
  good,
  later,
  pairRule,
  type AssessRule,
  type AssessRuleText,
  type Judgement,
} from '../rule.ts';
import { travels } from '../travel.ts';
import { isGrouped, type Migration } from '../../model/migration.ts';

/** Longest name of an availability group, in characters (sysname). */
const LONGEST_NAME = 128;

/** The local groups of both sides, when both exist. */
function localGroups(
  source: readonly GroupFacts[],
  target: readonly GroupFacts[],
  migration: Migration,
): readonly [GroupFacts, GroupFacts] | null {
  const named = (groups: readonly GroupFacts[], name: string): GroupFacts | undefined =>
    groups.find((group) => !group.isDistributed && sameName(group.name, name));
  const from = named(source, migration.source.availabilityGroup);
  const to = named(target, migration.target.availabilityGroup);
  return from === undefined || to === undefined ? null : [from, to];
}

const NOT_BOTH = later('One of the two local groups does not exist yet.');

const pairRules = [
  pairRule({
    id: 'PAIR-AG-DTC',
    title: 'Both groups treat distributed transactions alike',
    family: 'groups',
    part: 'availabilityGroups',
    why: 'DTC_SUPPORT = PER_DB is an option of the group: without it on the target, transactions across databases are no longer resolved after the switch.',
    remedy: 'ALTER AVAILABILITY GROUP ... SET (DTC_SUPPORT = PER_DB) on the target.',
    reference: 'distributedTransactions',
    judge: (source, target, { migration }) => {
      const both = localGroups(source, target, migration);
      if (both === null) return NOT_BOTH;
      const [from, to] = both;
      const shown = (group: GroupFacts): string =>
        `${shownName(group.name)} ${group.dtcSupport ? 'PER_DB' : 'NONE'}`;
      const evidence = `DTC_SUPPORT: ${shown(from)}, ${shown(to)}.`;
      return from.dtcSupport && !to.dtcSupport
        ? doubtful(
            evidence,
            `ALTER AVAILABILITY GROUP ${shownName(to.name)} SET (DTC_SUPPORT = PER_DB)`,
          )
        : good(evidence);
    },
  }),
  pairRule({
    id: 'PAIR-AG-DB-FAILOVER',
    title: 'Both groups watch the health of their databases alike',
    family: 'groups',
    part: 'availabilityGroups',
    why: 'With DB_FAILOVER = ON a lost database fails the group over; whoever relies on it misses it on the target.',
    remedy: 'ALTER AVAILABILITY GROUP ... SET (DB_FAILOVER = ON) on the target.',
    reference: 'databaseHealth',
    judge: (source, target, { migration }) => {
      const both = localGroups(source, target, migration);
      if (both === null) return NOT_BOTH;
      const [from, to] = both;
      const shown = (group: GroupFacts): string =>
        `${shownName(group.name)} ${group.dbFailover ? 'ON' : 'OFF'}`;
      const evidence = `DB_FAILOVER: ${shown(from)}, ${shown(to)}.`;
      return from.dbFailover && !to.dbFailover
        ? doubtful(
            evidence,
            `ALTER AVAILABILITY GROUP ${shownName(to.name)} SET (DB_FAILOVER = ON)`,
          )
        : good(evidence);
    },
  }),
];

/** Synchronous secondaries of the group that are connected, as far as it is shown. */
function synchronousSecondaries({ replicas }: GroupContext): number {
  return replicas.filter(
    (each) =>
      each.isLocal !== true &&
      each.availabilityModeDesc === 'SYNCHRONOUS_COMMIT' &&
      each.connectedStateDesc !== 'DISCONNECTED',
  ).length;
}

function judgeRequired(context: GroupContext): Judgement {
  const required = context.group.requiredSynchronizedSecondariesToCommit;
  if (required === null) return later('SQL Server 2016 has no such option.');
  const count = synchronousSecondaries(context);
  const evidence = `REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT of ${context.shown} is ${required}, ${count} synchronous secondary replica(s) are there.`;
  const setTo = (value: number): string =>
    `ALTER AVAILABILITY GROUP ${context.shown} SET (REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT = ${value})`;
  if (required > count) return bad(evidence, setTo(count));
  return required > 0 && required === count
    ? doubtful(`${evidence} The loss of one of them stops every commit.`, setTo(required - 1))
    : good(evidence);
}

const groupRulesOfBoth = [
  ...bothGroups({
    name: 'AG-REQUIRED-SECONDARIES',
    title: 'The group can commit with the secondaries it has',
    family: 'groups',
    why: 'When fewer synchronous secondaries are there than required, the primary accepts no commit.',
    remedy: 'Lower REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT.',
    reference: 'createGroup',
    judge: judgeRequired,
  }),
  ...bothDistributed({
    name: 'DAG-REQUIRED-SECONDARIES',
    title: 'The distributed group asks for no synchronised secondary outside the cutover',
    family: 'groups',
    why: 'Set to 1 it stops every commit on the primary while the link between the sides is down; it belongs into the cutover only.',
    remedy: 'Set REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT = 0 on the distributed group.',
    reference: 'configure',
    judge: ({ group, shown }) => {
      const required = group.requiredSynchronizedSecondariesToCommit;
      if (required === null) return later('SQL Server 2016 has no such option.');
      const evidence = `REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT of ${shown} is ${required}.`;
      return required === 0
        ? good(evidence)
        : doubtful(
            evidence,
            `ALTER AVAILABILITY GROUP ${shown} SET (REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT = 0), unless a cutover is under way`,
          );
    },
  }),
  ...bothGroups({
    name: 'AG-BACKUP-PREFERENCE',
    title: 'The backup preference leaves somebody to take backups',
    family: 'groups',
    why: 'With SECONDARY_ONLY and no secondary, sys.fn_hadr_backup_is_preferred_replica is 0 everywhere and jobs that ask it take no backup.',
    remedy: 'ALTER AVAILABILITY GROUP ... SET (AUTOMATED_BACKUP_PREFERENCE = PRIMARY)',
    reference: 'secondaryBackups',
    judge: ({ group, replicas, shown }) => {
      const preference = group.automatedBackupPreferenceDesc.toUpperCase();
      const evidence = `AUTOMATED_BACKUP_PREFERENCE of ${shown} is ${preference} with ${replicas.length} replica(s).`;
      return preference === 'SECONDARY_ONLY' && replicas.length < 2
        ? doubtful(
            evidence,
            `ALTER AVAILABILITY GROUP ${shown} SET (AUTOMATED_BACKUP_PREFERENCE = PRIMARY)`,
          )
        : good(evidence);
    },
  }),
];

const healthRule = groupRule('source', {
  name: 'AG-DB-FAILOVER',
  title: 'A database in trouble does not fail the source over during the cutover',
  family: 'groups',
  why: 'DB_FAILOVER = ON together with an automatic partner moves the primary when a database goes offline.',
  remedy: 'Set DB_FAILOVER = OFF for the time of the cutover.',
  reference: 'databaseHealth',
  judge: ({ group, replicas, shown, migration, side }) => {
    const automatic = replicas.filter((each) => each.failoverModeDesc === 'AUTOMATIC').length;
    const evidence = `DB_FAILOVER of ${shown} is ${group.dbFailover ? 'ON' : 'OFF'}, ${automatic} replica(s) fail over automatically.`;
    if (isGrouped(migration[side]))
      return good(`${evidence} The cutover sets their failover mode to MANUAL.`);
    return group.dbFailover && automatic > 1
      ? doubtful(evidence, `ALTER AVAILABILITY GROUP ${shown} SET (DB_FAILOVER = OFF)`)
      : good(evidence);
  },
});

const databaseRule = groupRule('source', {
  name: 'AG-DATABASES',
  title: 'The group of the source holds no database that stays behind',
  family: 'groups',
  why: 'A distributed availability group carries every database of the group: one that is not in the migration file travels and is switched with the others.',
  remedy:
    'Name the database in the migration file, or take it out: ALTER AVAILABILITY GROUP ... REMOVE DATABASE.',
  reference: 'distributed',
  judge: ({ group, migration, shown }) => {
    const isSelected = travels(migration);
    const extra = group.databases.filter((name) => !isSelected(name));
    return extra.length === 0
      ? good(`${shown} holds ${group.databases.length} database(s), all of them travel.`)
      : bad(
          `${shown} also holds ${shownNames(extra)}.`,
          `Name them in the migration file, or: ${extra.map((name) => `ALTER AVAILABILITY GROUP ${shown} REMOVE DATABASE ${shownName(name)}`).join('; ')}`,
        );
  },
});

const otherDistributed = bothSides({
  name: 'DAG-OTHER',
  title: 'The group is in no other distributed availability group',
  family: 'groups',
  part: 'availabilityGroups',
  why: 'A forwarder follows one global primary only, and what the other distributed group does is not in this plan.',
  remedy: 'Drop the other distributed availability group, or migrate by it.',
  reference: 'distributed',
  judge: (groups, { side, migration }) => {
    const own = migration[side].availabilityGroup;
    const others = groups.filter(
      (group) =>
        group.isDistributed &&
        !sameName(group.name, migration.distributedAvailabilityGroup) &&
        group.replicas.some((member) => sameName(member, own)),
    );
    return others.length === 0
      ? good(`${shownName(own)} is in no other distributed availability group.`)
      : bad(
          `${shownName(own)} is a member of ${shownNames(others.map((group) => group.name))} too.`,
          others
            .map(
              (group) => `DROP AVAILABILITY GROUP ${shownName(group.name)}, when nobody needs it`,
            )
            .join('; '),
        );
  },
});

const lengthText: AssessRuleText = {
  id: 'AG-NAME-LENGTH',
  title: 'The names of the groups are not too long',
  family: 'groups',
  why: 'Names of availability groups have up to 128 characters.',
  remedy: 'Choose shorter names in the migration file.',
  reference: 'createGroup',
};

const nameLength: AssessRule = {
  ...lengthText,
  check: (_facts, migration) => {
    const names = groupNames(migration);
    const long = names.filter((name) => name.length > LONGEST_NAME);
    const longest = Math.max(...names.map((name) => name.length));
    const judgement =
      long.length === 0
        ? good(`The longest name has ${longest} characters.`)
        : bad(`${long.length} name(s) are too long, the longest has ${longest} characters.`);
    return [finding(lengthText, { side: null, instance: null, database: null }, judgement)];
  },
};

/** Rules about options of groups. */
export const groupOptionRules: readonly AssessRule[] = [
  nameLength,
  ...otherDistributed,
  databaseRule,
  ...groupRulesOfBoth,
  healthRule,
  ...pairRules,
];
