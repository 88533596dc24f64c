/** Rules about the pair after the cutover: roles, link, who still works where, what has to be set back. */

import { sameName, shownLiteral, shownName, shownNames } from '../../base/name.ts';
import { afterRule } from '../after-rule.ts';
import { byName } from '../name-index.ts';
import { travels } from '../travel.ts';
import type { CopyFacts } from '../../model/assess-replica.ts';
import { together } from '../../model/fact.ts';
import { bad, doubtful, good, later, type AssessRule } from '../rule.ts';

const WORKING = ['SYNCHRONIZED', 'SYNCHRONIZING'];

function shownCopy(copy: CopyFacts): string {
  const states = [
    copy.databaseStateDesc,
    copy.synchronizationStateDesc,
    copy.isSuspended ? 'suspended' : null,
  ];
  return `${shownName(copy.database)} ${states.filter((each) => each !== null).join(', ')}`;
}

const roles = [
  afterRule({
    id: 'POST-ROLE',
    title: 'The source follows the target',
    why: 'Two primaries take writes that never meet again; a source that has not followed keeps its writes to itself.',
    remedy: 'sqlferry diagnose says which side leads and how the other follows.',
    reference: 'complete',
    read: ({ source }) => source.availabilityGroups,
    judge: (groups, { migration, facts }) => {
      const name = migration.distributedAvailabilityGroup;
      const own = groups.find((group) => group.isDistributed && sameName(group.name, name));
      const shown = shownName(facts.source.instance);
      if (own === undefined) return good(`${shown} is no longer in ${shownName(name)}.`);
      const evidence = `${shown} is ${own.localRoleDesc ?? 'without a role'} in ${shownName(name)}, the target is PRIMARY.`;
      return own.localRoleDesc === 'SECONDARY' ? good(evidence) : bad(evidence);
    },
  }),
  afterRule({
    id: 'POST-COPIES',
    title: 'Every database of the migration is up on the target',
    why: 'A database that is not ONLINE there is missing for the application.',
    remedy: 'Look at sys.dm_hadr_database_replica_states and the error log of the target.',
    reference: 'complete',
    read: ({ source, target }) => together({ copies: target.copies, databases: source.databases }),
    judge: ({ copies, databases }, { migration }) => {
      const local = copies.filter((copy) => copy.isLocal && !copy.isDistributed);
      const isSelected = travels(migration);
      const wanted = databases.filter(
        (each) => each.sourceDatabaseId === null && isSelected(each.name),
      );
      const missing = wanted.filter(({ name }) => !byName(local).has(name.toLowerCase()));
      const down = local.filter(
        (copy) =>
          isSelected(copy.database) &&
          (copy.databaseStateDesc !== 'ONLINE' ||
            copy.isSuspended ||
            !WORKING.includes(copy.synchronizationStateDesc)),
      );
      const faults = [
        ...(missing.length === 0
          ? []
          : [`not in the group: ${shownNames(missing.map(({ name }) => name))}`]),
        ...down.map(shownCopy),
      ];
      return faults.length === 0
        ? good(`${wanted.length} database(s) are ONLINE on the target.`)
        : bad(`${faults.join('; ')}.`);
    },
  }),
  afterRule({
    id: 'POST-WAY-BACK',
    seed: 'SEED-POST-DAG',
    title: 'The distributed group still works, or is gone',
    why: 'While it stands, a source that does not follow keeps the log of the target from being truncated, until the drive is full.',
    remedy: 'Mend the link, or give up the way back: sqlferry finish --drop.',
    reference: 'complete',
    read: ({ target }) => target.copies,
    judge: (copies) => {
      const remote = copies.filter((copy) => copy.isDistributed && !copy.isLocal);
      const stuck = remote.filter(
        (copy) => copy.isSuspended || !WORKING.includes(copy.synchronizationStateDesc),
      );
      if (stuck.length > 0)
        return doubtful(`The source does not follow: ${stuck.map(shownCopy).join('; ')}.`);
      return remote.length === 0
        ? doubtful('The target shows no copy of the source.')
        : good(`The source follows with ${remote.length} database(s).`);
    },
  }),
];

const people = [
  afterRule({
    id: 'POST-SESSIONS',
    title: 'Nobody works on the source any more',
    why: 'A session there reads data that stands still, or waits for a write that is refused; its connection string still leads to the old server.',
    remedy: 'Change the connection string of the program that is named.',
    reference: 'complete',
    seed: 'SEED-POST-REPOINT',
    read: ({ source }) => source.databaseSessions,
    judge: (sessions, { migration }) => {
      const isSelected = travels(migration);
      const own = sessions.filter(({ database }) => isSelected(database));
      return own.length === 0
        ? good('No session is in a database of the migration on the source.')
        : doubtful(
            own
              .map(
                (each) =>
                  `${each.sessions} session(s) of ${shownName(each.loginName)} (${each.programName === '' ? 'no program name' : each.programName}) in ${shownName(each.database)}.`,
              )
              .join(' '),
          );
    },
  }),
  afterRule({
    id: 'POST-FENCE',
    title: 'The fenced logins are disabled on the source and enabled on the target',
    why: 'Enabled on the source they let an old connection string in unnoticed; disabled on the target they keep the application out.',
    remedy: 'ALTER LOGIN ... DISABLE on the source, ALTER LOGIN ... ENABLE on the target.',
    reference: 'alterLogin',
    read: ({ source, target }) => together({ from: source.fenceLogins, to: target.fenceLogins }),
    judge: ({ from, to }, { migration, facts }) => {
      const wanted = migration.cutover.fenceLogins;
      if (wanted.length === 0) return later('The migration file names no logins to fence.');
      const open = from.filter((login) => !login.isDisabled).map(({ name }) => name);
      const shut = wanted.filter(
        (name) => !to.some((login) => sameName(login.name, name) && !login.isDisabled),
      );
      const faults = [
        ...(open.length === 0
          ? []
          : [`enabled on ${shownName(facts.source.instance)}: ${shownNames(open)}`]),
        ...(shut.length === 0
          ? []
          : [`missing or disabled on ${shownName(facts.target.instance)}: ${shownNames(shut)}`]),
      ];
      if (faults.length === 0)
        return good(`${shownNames(wanted)}: fenced on the source, let in on the target.`);
      const steps = [
        ...open.map((name) => `ALTER LOGIN ${shownName(name)} DISABLE on the source`),
        ...shut.map((name) => `ALTER LOGIN ${shownName(name)} ENABLE on the target`),
      ];
      return doubtful(`${faults.join('; ')}.`, steps.join('; '));
    },
  }),
];

const settings = [
  afterRule({
    id: 'POST-COMMIT-MODE',
    title: 'The distributed group commits asynchronously again',
    why: 'Synchronous across the distance every commit of the application waits for a round trip to the old site.',
    remedy:
      'ALTER AVAILABILITY GROUP ... MODIFY AVAILABILITY GROUP ON ... WITH (AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT) on both sides.',
    reference: 'availabilityModes',
    read: ({ source, target }) =>
      together({ from: source.groupReplicas, to: target.groupReplicas }),
    judge: ({ from, to }, { migration }) => {
      const name = migration.distributedAvailabilityGroup;
      const synchronous = [...from, ...to].filter(
        (each) =>
          each.isDistributed &&
          sameName(each.group, name) &&
          each.availabilityModeDesc === 'SYNCHRONOUS_COMMIT',
      );
      if (synchronous.length === 0)
        return good(`Every member of ${shownName(name)} is in ASYNCHRONOUS_COMMIT.`);
      const members = [...new Set(synchronous.map((each) => each.replicaServerName))];
      const clause = members
        .map(
          (member) =>
            `${shownLiteral(member).slice(1)} WITH (AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT)`,
        )
        .join(', ');
      return doubtful(
        `${shownNames(members)} of ${shownName(name)} is in SYNCHRONOUS_COMMIT.`,
        `ALTER AVAILABILITY GROUP ${shownName(name)} MODIFY AVAILABILITY GROUP ON ${clause}, on both sides; a failback sets it again`,
      );
    },
  }),
];

/** Rules about the pair after the cutover. */
export const postCutoverRules: readonly AssessRule[] = [...roles, ...people, ...settings];
