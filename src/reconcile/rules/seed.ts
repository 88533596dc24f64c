/** Rules of `migrate` from the joined DAG to "ready for cutover": link, seeding, synchronisation. */

import { shownName } from '../../base/name.ts';
import type { DatabaseObservation, SeedingObservation } from '../../model/observation.ts';
import { otherSide } from '../../model/side.ts';
import { attemptsOf } from '../memory.ts';
import { findDatabase, networkAccount, planOf, selectedNames, sides } from '../look.ts';
import { glance } from '../parts.ts';
import { lagWords, missingFor, readinessNeeds, seedingWords } from '../readiness.ts';
import { asynchronousNotes } from './replica-group.ts';
import { rule, type Situation } from '../rule.ts';

/** The two endpoints have not found each other. */
export const waitConnect = rule({
  id: 'R-WAIT-CONNECT',
  phase: 'create',
  title: 'Wait until the two sides are connected',
  why: 'JOIN says nothing about the link; both sides must show CONNECTED.',
  emits: 'wait',
  reversal: null,
  reference: 'configure',
  needs: ['sourceDag', 'targetDag'],
  match: ({ sourceDag, targetDag }, situation) => {
    const remote = sourceDag?.remote?.connectedStateDesc ?? null;
    const local = targetDag?.localConnectedStateDesc ?? null;
    if (remote === 'CONNECTED' && local === 'CONNECTED') return null;
    const error = sourceDag?.remote?.lastConnectErrorNumber ?? null;
    const text = sourceDag?.remote?.lastConnectErrorDescription ?? null;
    return {
      kind: 'wait',
      because: 'The two sides are not connected.',
      blockers: [
        `The source shows the target as ${remote ?? 'absent'}, the target shows itself as ${local ?? 'absent'}.`,
        ...(error === null || error === 0
          ? []
          : [`Last connection error ${error}${text === null ? '' : `: ${text}`}`]),
        // Finding each other takes a moment: what may be wrong is worth saying when it lasts.
        ...(error !== null || situation.memory.seedingStillMs >= linkPatienceMs
          ? linkHints(situation)
          : []),
      ],
    };
  },
});

/** Time that two healthy endpoints may take to find each other, in milliseconds. */
const linkPatienceMs = 5000;

/** What usually stands in the way, checked against what is known. */
function linkHints({ observation, migration }: Situation): readonly string[] {
  const hints: string[] = [];
  for (const side of sides) {
    const instance = planOf(migration, side).instances[0];
    hints.push(
      `${instance.fqdn}:${instance.endpoint.port} must be reachable from the ${otherSide(side)} (any source port).`,
    );
    const server = glance(observation, side === 'source' ? 'sourceServer' : 'targetServer');
    if (server !== null && networkAccount(server) === null) {
      hints.push(
        `The service account of the ${side} (${server.serviceAccount ?? 'not shown'}) is not one that the other side can know: certificates or a domain account are needed.`,
      );
    }
  }
  return hints;
}

/** A person stopped data movement. */
export const suspendedByUser = rule({
  id: 'R-SUSPENDED-BY-USER',
  phase: 'seed',
  title: 'Stop: data movement was suspended by a person',
  why: 'What somebody switched off on purpose is not switched on behind their back.',
  emits: 'needs-human',
  reversal: null,
  reference: 'alterDatabaseHadr',
  needs: ['sourceDatabases', 'targetDatabases'],
  match: (parts, { migration }) => {
    const found = suspended(parts.sourceDatabases, parts.targetDatabases, migration).find(
      (entry) => entry.reason === 'SUSPEND_FROM_USER',
    );
    if (found === undefined) return null;
    return {
      kind: 'needs-human',
      because: `Data movement of ${shownName(found.database)} is suspended on the ${found.side} (SUSPEND_FROM_USER).`,
      remedy: `Run on the ${found.side}: ALTER DATABASE ${shownName(found.database)} SET HADR RESUME`,
    };
  },
});

/** The server stopped data movement. */
export const resumeDatabase = rule({
  id: 'R-RESUME',
  phase: 'seed',
  title: 'Resume data movement that the server suspended',
  why: 'After a role change or an error the server suspends a copy; a resume may be accepted without effect, so it is repeated a few times.',
  emits: 'resume-database',
  reversal: 'ALTER DATABASE ... SET HADR SUSPEND.',
  reference: 'alterDatabaseHadr',
  needs: ['sourceDatabases', 'targetDatabases'],
  match: (parts, { migration }) => {
    const found = suspended(parts.sourceDatabases, parts.targetDatabases, migration)[0];
    if (found === undefined) return null;
    return {
      kind: 'act',
      because: `Data movement of ${shownName(found.database)} is suspended on the ${found.side} (${found.reason ?? 'no reason shown'}).`,
      act: { kind: 'resume-database', side: found.side, database: found.database },
    };
  },
});

function suspended(
  source: readonly DatabaseObservation[],
  target: readonly DatabaseObservation[],
  migration: Situation['migration'],
): readonly {
  readonly side: 'source' | 'target';
  readonly database: string;
  readonly reason: string | null;
}[] {
  return selectedNames(migration, source).flatMap((name) =>
    sides.flatMap((side) => {
      const row = findDatabase(side === 'source' ? source : target, name)?.local ?? null;
      return row?.isSuspended === true
        ? [{ side, database: name, reason: row.suspendReasonDesc }]
        : [];
    }),
  );
}

/** Seeding failed for a reason that repeating does not mend. */
export const seedingBlocked = rule({
  id: 'R-SEEDING-BLOCKED',
  phase: 'seed',
  title: 'Stop: seeding failed for a reason that has to be mended first',
  why: 'The name is taken, a path does not exist, a certificate is missing or the versions differ: another try gives the same answer.',
  emits: 'needs-human',
  reversal: null,
  reference: 'seeding',
  needs: ['sourceDatabases', 'targetDatabases'],
  match: ({ sourceDatabases, targetDatabases }, { migration }) => {
    for (const name of selectedNames(migration, sourceDatabases)) {
      const target = findDatabase(targetDatabases, name);
      if (isJoined(target)) continue;
      for (const row of seedingRows(findDatabase(sourceDatabases, name), target)) {
        const cause = lastingCause(row);
        if (cause === null) continue;
        return {
          kind: 'needs-human',
          because: `Seeding of ${shownName(name)} failed: ${row.failureStateDesc ?? 'no state'}${row.errorCode === null ? '' : `, error ${row.errorCode}`}.`,
          remedy: cause,
        };
      }
    }
    return null;
  },
});

/** Seeding gave up more often than it is worth. */
export const seedingStuck = rule({
  id: 'R-SEEDING-STUCK',
  phase: 'seed',
  title: 'Stop: seeding does not get on its feet',
  why: 'It was started again as often as the limit allows; the error log of the target names the cause.',
  emits: 'needs-human',
  reversal: null,
  reference: 'seeding',
  needs: ['sourceDatabases', 'targetDatabases'],
  match: (parts, situation) => {
    const stuck = deadSeeding(parts.sourceDatabases, parts.targetDatabases, situation);
    if (stuck === null || nextRestart(situation) !== null) return null;
    const done = attemptsOf(situation.memory, { kind: 'restart-seeding', side: 'source' });
    if (done < situation.policy.maxSeedingRestarts) return null;
    return {
      kind: 'needs-human',
      because: `${stuck} It was started again ${done} times in this run.`,
      remedy:
        'Read the error log of the target (EXEC sp_readerrorlog). Usual causes: GRANT CREATE ANY DATABASE missing (20/3), a path that does not exist there (5123, 5133), a full disk, a log backup during the seeding (1412).',
    };
  },
});

/** Seeding gave up: start it again. */
export const seedingRestart = rule({
  id: 'R-SEEDING-RESTART',
  phase: 'seed',
  title: 'Start a seeding again that has given up',
  why: 'The server gives up silently after some tries; SEEDING_MODE = AUTOMATIC said again on both sides starts it, and leaves running ones alone.',
  emits: 'restart-seeding',
  reversal: 'SEEDING_MODE = MANUAL cancels it.',
  reference: 'seeding',
  needs: ['sourceDatabases', 'targetDatabases'],
  match: (parts, situation) => {
    const stuck = deadSeeding(parts.sourceDatabases, parts.targetDatabases, situation);
    if (stuck === null) return null;
    const side = nextRestart(situation);
    if (side === null) return null;
    return { kind: 'act', because: stuck, act: { kind: 'restart-seeding', side } };
  },
});

/** Which side's turn it is; null while the pause lasts or the limit is reached. */
function nextRestart({ memory, policy }: Situation): 'source' | 'target' | null {
  const source = attemptsOf(memory, { kind: 'restart-seeding', side: 'source' });
  const target = attemptsOf(memory, { kind: 'restart-seeding', side: 'target' });
  if (target < source) return 'target';
  const rested =
    memory.sinceSeedingRestartMs === null ||
    memory.sinceSeedingRestartMs >= policy.seedingRestartPauseMs;
  return rested && source < policy.maxSeedingRestarts ? 'source' : null;
}

/** Says which seeding is dead, or null. A restart that was begun on one side counts until both are done. */
function deadSeeding(
  source: readonly DatabaseObservation[],
  target: readonly DatabaseObservation[],
  situation: Situation,
): string | null {
  const { memory, policy } = situation;
  for (const name of selectedNames(situation.migration, source)) {
    const from = findDatabase(source, name);
    const to = findDatabase(target, name);
    if (isJoined(to)) continue;
    const failed = seedingRows(from, to).some((row) => hasFailed(row));
    const limit = failed ? policy.seedingFailedPauseMs : policy.seedingStillLimitMs;
    const halfDone = memory.sinceSeedingRestartMs !== null && nextRestart(situation) === 'target';
    if (memory.seedingStillMs < limit && !halfDone) continue;
    const seconds = Math.round(memory.seedingStillMs / 1000);
    return `Seeding of ${shownName(name)} shows nothing new for ${seconds} s: ${seedingWords(from, to)}.`;
  }
  return null;
}

function seedingRows(
  source: DatabaseObservation | null,
  target: DatabaseObservation | null,
): readonly SeedingObservation[] {
  return [source?.seeding ?? null, target?.seeding ?? null].filter((row) => row !== null);
}

/** The row of the local group appears once the copy has joined it. */
function isJoined(database: DatabaseObservation | null): boolean {
  return (database?.local ?? null) !== null;
}

/**
 * FAILED, except for the documented false alarm of the forwarder ("Seeding Check Message Timeout")
 * and the transient loss of a transport, after which the server tries again by itself.
 */
function hasFailed(row: SeedingObservation): boolean {
  const reason = row.failureStateDesc?.toLowerCase() ?? '';
  const harmless =
    reason.startsWith('seeding check message timeout') || reason.startsWith('transport replica');
  return row.stateDesc.toUpperCase() === 'FAILED' && !harmless;
}

/** Remedy for a failure that repeating does not mend; null for the others. */
function lastingCause(row: SeedingObservation): string | null {
  if (row.stateDesc.toUpperCase() !== 'FAILED') return null;
  const reason = row.failureStateDesc?.toLowerCase() ?? '';
  if (reason.startsWith('database with name already exists')) {
    return 'A database of that name is on the target: look at what it holds, then rename or drop it yourself.';
  }
  switch (row.errorCode) {
    case 946:
      return 'The target is of another version: use manual seeding, or a target of the same version.';
    case 33111:
      return 'The certificate of the encrypted database is missing on the target: restore it there with its private key (CREATE CERTIFICATE ... FROM FILE).';
    case 5123:
    case 5133:
      return 'A folder of the database files does not exist on the target, or its service account may not write there: create it with the right ACL.';
    case 5170:
    case 1834:
      return 'A file of that name is already at the path on the target: look at it, then remove it yourself.';
    default:
      return null;
  }
}

/** Seeding runs. */
export const waitSeeding = rule({
  id: 'R-WAIT-SEEDING',
  phase: 'seed',
  title: 'Wait until every database is seeded',
  why: 'Seeding is judged by the state of the database, not by the history rows, which are append-only and may show a false alarm.',
  emits: 'wait',
  reversal: null,
  reference: 'seeding',
  needs: readinessNeeds,
  match: (parts, { migration }) => {
    const blockers = selectedNames(migration, parts.sourceDatabases)
      .filter((name) => !isJoined(findDatabase(parts.targetDatabases, name)))
      .map((name) => {
        const source = findDatabase(parts.sourceDatabases, name);
        return `${shownName(name)}: ${seedingWords(source, findDatabase(parts.targetDatabases, name))}.`;
      });
    return blockers.length === 0
      ? null
      : { kind: 'wait', because: `${blockers.length} database(s) are being seeded.`, blockers };
  },
});

/** Seeded, not yet in step. */
export const waitSynchronizing = rule({
  id: 'R-WAIT-SYNCHRONIZING',
  phase: 'seed',
  title: 'Wait until the groups are synchronized',
  why: 'Each group SYNCHRONIZED and the distributed group SYNCHRONIZING or SYNCHRONIZED, connected, nothing suspended.',
  emits: 'wait',
  reversal: null,
  reference: 'complete',
  needs: readinessNeeds,
  match: (parts, { migration }) => {
    const missing = missingFor(parts, migration);
    const blockers = [...missing.structure, ...missing.movement];
    return blockers.length === 0
      ? null
      : { kind: 'wait', because: 'The databases are seeded and catch up.', blockers };
  },
});

/** The articles' conditions hold. */
export const ready = rule({
  id: 'R-READY',
  phase: 'ready',
  title: 'Done: ready for cutover',
  why: "The articles' conditions hold: both groups synchronized, the distributed group connected and in step.",
  emits: 'done',
  reversal: null,
  reference: 'complete',
  needs: readinessNeeds,
  match: ({ sourceDatabases, targetDatabases }, { migration, observation }) => ({
    kind: 'done',
    because: [
      `Ready for cutover. ${selectedNames(migration, sourceDatabases)
        .map((name) =>
          lagWords(findDatabase(sourceDatabases, name), findDatabase(targetDatabases, name)),
        )
        .join('; ')}.`,
      ...asynchronousNotes(observation, migration),
    ].join(' '),
  }),
});
