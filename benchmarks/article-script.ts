/**
 * The failover of the Microsoft article as a script: one statement per round trip, and the article's
 * own pause ("rerun the query on both sides every 5 seconds or so").
 *
 * Two readings of that pause. `every 5 s`: the monitor query runs on a timer and what it shows is seen
 * at the next tick, as with a person or a job that follows the article. `at once`: the script looks
 * right after each statement and pauses only when it has to look again; in a lab where nothing lags
 * that hardly happens. It starts where the article starts, with the application stopped, and ends when
 * the target is primary.
 */

import type { SqlSession } from '../src/adapters/sqlserver/session.ts';
import { systemClock } from '../src/adapters/clock.ts';
import { query, sessionOf } from './cutover-rig.ts';
import type { Rig } from './rig.ts';

/** The article's pause between two looks, in milliseconds. */
const POLL_MS = 5000;
/** Looks before the script gives up. */
const LOOK_LIMIT = 24;

/** What the script took, in milliseconds. */
export interface ArticleFigures {
  /** From the stop of the application to the target in service. */
  readonly stoppedMs: number;
  /** From the demotion to the target in service. */
  readonly outageMs: number;
  readonly statements: number;
}

const MONITOR = `SELECT d.name, r.synchronization_state_desc AS state,
  CONVERT(varchar(30), r.last_hardened_lsn) AS lsn, g.name AS ag
FROM sys.dm_hadr_database_replica_states AS r
JOIN sys.availability_groups AS g ON g.group_id = r.group_id
JOIN sys.databases AS d ON d.database_id = r.database_id
WHERE r.is_local = 1 OR g.is_distributed = 1;`;

const ROLE = `SELECT r.role_desc AS role FROM sys.dm_hadr_availability_replica_states AS r
JOIN sys.availability_groups AS g ON g.group_id = r.group_id
WHERE g.is_distributed = 1 AND r.is_local = 1;`;

/** When the script looks. */
export type Looks = 'every 5 s' | 'at once';

/** Runs the script from the source to the target. */
export async function runArticleScript(rig: Rig, looks: Looks): Promise<ArticleFigures> {
  const source = await sessionOf(rig, 'source');
  const target = await sessionOf(rig, 'target');
  let statements = 0;
  const send = (session: SqlSession, text: string) => {
    statements += 1;
    return query(session, text);
  };
  const { migration } = rig.loaded;
  const dag = `[${migration.distributedAvailabilityGroup}]`;
  const mode = `ALTER AVAILABILITY GROUP ${dag} MODIFY AVAILABILITY GROUP ON
    '${migration.source.availabilityGroup}' WITH (AVAILABILITY_MODE = SYNCHRONOUS_COMMIT),
    '${migration.target.availabilityGroup}' WITH (AVAILABILITY_MODE = SYNCHRONOUS_COMMIT);`;
  const begin = performance.now();
  await send(source, mode);
  await send(target, mode);
  await poll(looks, async () => {
    const here = await send(source, MONITOR);
    const there = await send(target, MONITOR);
    const group = here.filter((row) => row['ag'] === migration.distributedAvailabilityGroup);
    return (
      group.length > 0 &&
      group.every((row) => row['state'] === 'SYNCHRONIZED') &&
      sameLsns(here, there)
    );
  });
  const demoted = performance.now();
  await send(source, `ALTER AVAILABILITY GROUP ${dag} SET (ROLE = SECONDARY);`);
  await poll(looks, async () => sameLsns(await send(source, MONITOR), await send(target, MONITOR)));
  await send(target, `ALTER AVAILABILITY GROUP ${dag} FORCE_FAILOVER_ALLOW_DATA_LOSS;`);
  // The target serves from here on, whenever the script notices it.
  await poll('at once', async () => {
    const [row] = await send(target, ROLE);
    return row?.['role'] === 'PRIMARY';
  });
  const end = performance.now();
  source.close();
  target.close();
  return { stoppedMs: end - begin, outageMs: end - demoted, statements };
}

/** Every database shows the same hardened LSN in the local groups of both sides. */
function sameLsns(
  here: readonly Readonly<Record<string, unknown>>[],
  there: readonly Readonly<Record<string, unknown>>[],
): boolean {
  const names = new Set(here.map((row) => String(row['name'])));
  return [...names].every((name) => {
    const lsn = (rows: typeof here): unknown => rows.find((row) => row['name'] === name)?.['lsn'];
    return typeof lsn(here) === 'string' && lsn(here) === lsn(there);
  });
}

/** Looks until it is so, by the article's pause. */
async function poll(looks: Looks, look: () => Promise<boolean>): Promise<void> {
  if (looks === 'every 5 s') await systemClock.sleep(POLL_MS);
  for (let turn = 0; turn < LOOK_LIMIT; turn += 1) {
    if (await look()) return;
    await systemClock.sleep(POLL_MS);
  }
  throw new Error('the article script never got on');
}
