/**
 * The outage of a switch against its lower bound (two round trips and the time the servers themselves
 * took), at several delays and numbers of databases; against the article's procedure in the same run;
 * and how long an abandoned fence stays.
 *
 * Operator, servers and clients share one process here, so the servers' time is part of both sides of
 * the ratio: what is left is what sqlferry adds.
 */

import { systemClock } from '../src/adapters/clock.ts';
import { openServers } from '../src/adapters/sqlserver/servers.ts';
import { run } from '../src/engine/run.ts';
import { runArticleScript } from './article-script.ts';
import { query, reach, roundTripMs, sessionOf, startRigOf } from './cutover-rig.ts';
import { line } from './measure.ts';
import { memoryJournal, type Rig } from './rig.ts';

const DELAYS_MS = [1, 10, 50, 100];
const DATABASES = [1, 10, 100];
const BUDGET_MS = 4000;

/** All parts. */
export async function cutoverOutage(): Promise<void> {
  for (const databases of DATABASES) await againstBound(databases);
  for (const delayMs of [10, 50]) await againstArticle(delayMs);
  await abandoned();
}

function delay(rig: Rig, delayMs: number): void {
  for (const { name } of rig.lab.instances) rig.lab.world().setClientDelay(name, delayMs);
}

/** Cutover and failback in turn on one lab: the same protocol, so each delay is measured on either. */
async function againstBound(databases: number): Promise<void> {
  await using rig = await startRigOf(databases);
  await reach(rig, { goal: 'migrate' });
  let there = false;
  for (const delayMs of DELAYS_MS) {
    delay(rig, delayMs);
    const trip = await roundTripMs(rig);
    const { result } = await reach(rig, { goal: there ? 'failback' : 'cutover' });
    there = !there;
    const outageMs = result.outageMs ?? Number.NaN;
    const serverMs = result.serverMs ?? Number.NaN;
    line(
      `${databases} database(s), ${delayMs} ms each way`,
      `${outageMs.toFixed(0)} ms`,
      `${result.serialRoundTrips ?? '?'} trips; 2 x ${trip.toFixed(1)} ms + ${serverMs.toFixed(0)} ms server`,
      outageMs / (2 * trip + serverMs),
    );
  }
}

/** Equal labs: the script in both readings of the article's pause, and sqlferry. */
async function againstArticle(delayMs: number): Promise<void> {
  await using rig = await startRigOf(1);
  await reach(rig, { goal: 'migrate' });
  delay(rig, delayMs);
  const { result, stoppedMs } = await reach(rig, { goal: 'cutover' });
  const outageMs = result.outageMs ?? Number.NaN;
  for (const looks of ['every 5 s', 'at once'] as const) {
    await using byHand = await startRigOf(1);
    await reach(byHand, { goal: 'migrate' });
    delay(byHand, delayMs);
    const article = await runArticleScript(byHand, looks);
    line(
      `script, looks ${looks}, ${delayMs} ms: outage`,
      `${article.outageMs.toFixed(0)} ms`,
      `sqlferry ${outageMs.toFixed(0)} ms, from the demotion`,
      article.outageMs / outageMs,
    );
    line(
      `script, looks ${looks}, ${delayMs} ms: app stopped`,
      `${article.stoppedMs.toFixed(0)} ms`,
      `sqlferry ${(stoppedMs ?? Number.NaN).toFixed(0)} ms, from the fence`,
      article.stoppedMs / (stoppedMs ?? Number.NaN),
    );
  }
}

/** The tool dies right after the fence, with a commit that came too late: the dead-man gives the writes back. */
async function abandoned(): Promise<void> {
  await using rig = await startRigOf(1);
  await reach(rig, { goal: 'migrate' });
  const late = rig.lab.fault({ fault: 'late-writer', instance: 'OnPremNode', database: 'Db1' });
  if (!late.ok) throw new Error(late.error);
  const servers = openServers({ loaded: rig.loaded, clock: systemClock, acting: true });
  const gone = new AbortController();
  const { migration } = rig.loaded;
  let fenced = Number.NaN;
  await run({
    servers,
    migration: { ...migration, cutover: { ...migration.cutover, maxOutageMs: BUDGET_MS } },
    intent: { goal: 'cutover' },
    clock: systemClock,
    journal: memoryJournal(),
    emit: () => undefined,
    signal: gone.signal,
    interception: {
      after: (act) => {
        if (act.kind === 'demote') {
          fenced = performance.now();
          gone.abort();
        }
        return Promise.resolve();
      },
    },
  });
  servers.close();
  const session = await sessionOf(rig, 'source');
  while ((await query(session, IS_PRIMARY)).length === 0) await systemClock.sleep(20);
  const took = performance.now() - fenced;
  session.close();
  line(
    'abandoned fence, source writable again',
    `${took.toFixed(0)} ms`,
    `budget ${BUDGET_MS} ms + 2000 ms`,
    took / (BUDGET_MS + 2000),
  );
}

const IS_PRIMARY = `SELECT 1 AS yes FROM sys.dm_hadr_availability_replica_states AS r
JOIN sys.availability_groups AS g ON g.group_id = r.group_id
WHERE g.is_distributed = 1 AND r.is_local = 1 AND r.role_desc = N'PRIMARY';`;
