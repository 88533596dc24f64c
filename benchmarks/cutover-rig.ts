/** A lab with a chosen number of empty databases, in this process, and one switch on it with its figures. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '../src/adapters/clock.ts';
import { loadMigration } from '../src/adapters/config/load-migration.ts';
import { systemRandom } from '../src/adapters/random.ts';
import { openServers } from '../src/adapters/sqlserver/servers.ts';
import { openSession, type SqlSession } from '../src/adapters/sqlserver/session.ts';
import { run } from '../src/engine/run.ts';
import { startLab } from '../src/lab/lab.ts';
import { standalonePreset } from '../src/lab/preset/standalone.ts';
import type { Intent } from '../src/model/decision.ts';
import type { RunResult } from '../src/model/event.ts';
import type { Side } from '../src/model/side.ts';
import { median } from './measure.ts';
import { memoryJournal, type Rig } from './rig.ts';

const never = new AbortController().signal;

/** Starts a lab with this many databases on the source; dispose of it to stop. */
export async function startRigOf(databases: number): Promise<Rig> {
  const directory = mkdtempSync(join(tmpdir(), 'sqlferry-bench-'));
  const names = Array.from({ length: databases }, (_none, at) => `Db${at + 1}`);
  const lab = await startLab({
    definition: {
      ...standalonePreset,
      link: { latencyMs: 1, bandwidth: 1_000_000_000 },
      instances: standalonePreset.instances.map((instance) => ({
        ...instance,
        databases:
          instance.side === 'source'
            ? names.map((name) => ({
                name,
                sample: 'none',
                recoveryModel: 'FULL',
                fullBackup: true,
              }))
            : [],
        logins: instance.logins.map((login) => ({ ...login, users: [] })),
      })),
    },
    directory,
    addresses: { kind: 'ports', basePort: 0 },
    clock: systemClock,
    random: systemRandom,
    onBug: (error) => {
      throw error instanceof Error ? error : new Error(String(error));
    },
    settings: { seedingMs: 100 },
  });
  const read = loadMigration({ path: join(directory, 'sqlferry.yaml'), env: {} });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return {
    lab,
    loaded: read.value,
    async [Symbol.asyncDispose]() {
      await lab.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A run, and how long nobody could write because the logins were disabled or the role was away. */
export interface Measured {
  readonly result: RunResult;
  /** From the first act that stops the application to the reply of the promotion, in milliseconds; null without one. */
  readonly stoppedMs: number | null;
}

/** Runs one goal to its end; throws when it does not get there. */
export async function reach(rig: Rig, intent: Intent): Promise<Measured> {
  const servers = openServers({ loaded: rig.loaded, clock: systemClock, acting: true });
  let stopped: number | null = null;
  let stoppedMs: number | null = null;
  const result = await run({
    servers,
    migration: rig.loaded.migration,
    intent,
    clock: systemClock,
    journal: memoryJournal(),
    emit: () => undefined,
    signal: never,
    interception: {
      before: (act) => {
        if (act.kind === 'disable-login' || act.kind === 'demote') stopped ??= performance.now();
        return Promise.resolve(null);
      },
      after: (act) => {
        if (act.kind === 'promote' && stopped !== null) stoppedMs = performance.now() - stopped;
        return Promise.resolve();
      },
    },
  });
  servers.close();
  if (result.outcome !== 'done' && result.outcome !== 'ready-for-cutover') {
    throw new Error(JSON.stringify(result));
  }
  return { result, stoppedMs };
}

/** A session of sa on one side. */
export async function sessionOf(rig: Rig, side: Side): Promise<SqlSession> {
  const opened = await openSession(rig.loaded.connections[side], systemClock, never);
  if (!opened.ok) throw new Error(opened.error.summary);
  return opened.value;
}

/** Rows of one statement; throws the server's first error. */
export async function query(
  session: SqlSession,
  text: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const answer = await session.execute({ text, parameters: [], limitMs: 30_000, signal: never });
  if (answer.kind === 'lost') throw new Error(answer.problem.summary);
  const [error] = answer.reply.errors;
  if (error !== undefined) throw new Error(`${error.number}: ${error.message}`);
  return answer.reply.sets.flatMap((set) => set.rows);
}

/** One round trip to the slower side, in milliseconds, measured on a session of its own. */
export async function roundTripMs(rig: Rig): Promise<number> {
  const medians: number[] = [];
  for (const side of ['source', 'target'] as const) {
    const session = await sessionOf(rig, side);
    const times: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      const begin = performance.now();
      await query(session, 'SELECT 1 AS one;');
      times.push(performance.now() - begin);
    }
    session.close();
    medians.push(median(times));
  }
  return Math.max(...medians);
}
