/**
 * What the process tests share: a lab with an application that never stops writing, commands that are
 * stopped at a mark and killed there, and the proof at the end.
 *
 * The marks are described in `src/cli/stop-mark.ts`; a stopped process says where it stands on stderr.
 */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import type { Connection } from 'tedious';

import { systemRandom } from '../../src/adapters/random.ts';
import { connect, errorNumber, execute } from '../../src/cli/demo/connection.ts';
import { proveLedger } from '../../src/cli/demo/ledger.ts';
import { documentOf, startCli, startLab } from '../e2e/harness.ts';
import type { LabHandle, RunningCli } from '../e2e/harness.ts';

/** Names of the preset. */
export const SOURCE = 'OnPremNode';
export const TARGET = 'SQLVM';

/** Pause between two orders of the application, in milliseconds. */
const ORDER_PAUSE_MS = 40;
/** Violation of a primary key: an earlier attempt was committed, its answer was lost. */
const DUPLICATE_KEY = 2627;
/** Runs of one command before the test says that it never ends. */
const RUN_LIMIT = 150;

const INSERT = `INSERT INTO sales.web_order (web_order_id, customer_id, product_id, quantity, amount)
VALUES (@id, 1, 1, 1, 10)`;

/** A lab with an application that writes to whichever side lets it. */
export interface Stage {
  readonly lab: LabHandle;
  /** Writes on both sides at the same moment; answers the sides that took the write. */
  writableSides(): Promise<readonly string[]>;
  /** Resolves when a write was acknowledged by this instance after this call. */
  acknowledged(instance: string): Promise<void>;
  /** Ends the application; every acknowledged row must be on the instance exactly once. */
  proveOn(instance: string): Promise<{ readonly acknowledged: number }>;
}

/** Starts the lab and the application; both end with the test. */
export async function openStage(
  t: TestContext,
  change: (text: string) => string = (text) => text,
): Promise<Stage> {
  const lab = await startLab(t);
  // Every run of a cutover waits this long for sessions to leave. The budget is for a switch that is
  // killed and started again many times on a loaded machine; tests of the budget bring their own.
  lab.edit((text) =>
    change(
      text
        .replace(/killSessionsAfter: \S+/u, 'killSessionsAfter: 100ms')
        .replace(/maxOutage: \S+/u, 'maxOutage: 10m'),
    ),
  );
  const ledger: string[] = [];
  const listeners = new Set<(instance: string) => void>();
  const note = (id: string, instance: string): void => {
    ledger.push(id);
    for (const listener of listeners) listener(instance);
  };
  const stop = new AbortController();
  const writing = runApplication(lab, stop.signal, note);
  t.after(async () => {
    stop.abort();
    await writing;
  });
  return {
    lab,
    async writableSides() {
      const sides = await Promise.all([SOURCE, TARGET].map((name) => probe(lab, name, note)));
      return sides.flatMap((name) => (name === null ? [] : [name]));
    },
    acknowledged: (wanted) =>
      new Promise((resolve) => {
        const listener = (instance: string): void => {
          if (instance !== wanted) return;
          listeners.delete(listener);
          resolve();
        };
        listeners.add(listener);
      }),
    async proveOn(instance) {
      stop.abort();
      await writing;
      const rows = await lab.sql(instance, 'SELECT web_order_id FROM sales.web_order', {
        database: 'Adventureworks',
      });
      const proof = proveLedger(
        ledger,
        rows.map((row) => String(row[0])),
      );
      assert.deepEqual(proof.missing, [], 'acknowledged rows are missing');
      assert.deepEqual(proof.doubled, [], 'acknowledged rows are doubled');
      assert.ok(proof.acknowledged > 0, 'the application wrote nothing');
      return { acknowledged: proof.acknowledged };
    },
  };
}

function open(lab: LabHandle, name: string): Promise<Connection> {
  const instance = lab.lab.instances.find((one) => one.name === name);
  const login = lab.lab.logins.find(({ user }) => user === 'app_writer');
  assert.ok(instance && login);
  return connect(
    {
      address: instance.address,
      port: instance.port,
      serverName: instance.fqdn,
      database: 'Adventureworks',
      user: login.user,
      passwordFile: login.passwordFile,
      caFile: `${lab.folder}/ca.pem`,
    },
    'shop',
  );
}

/** One write on one side; the instance's name when it took it. */
async function probe(
  lab: LabHandle,
  name: string,
  note: (id: string, instance: string) => void,
): Promise<string | null> {
  let connection: Connection | null = null;
  try {
    connection = await open(lab, name);
    const id = systemRandom.guid();
    await execute(connection, INSERT, { id });
    note(id, name);
    return name;
  } catch {
    return null;
  } finally {
    connection?.close();
  }
}

/** Places orders one after another; an order whose answer got lost is sent again with the same id. */
async function runApplication(
  lab: LabHandle,
  signal: AbortSignal,
  note: (id: string, instance: string) => void,
): Promise<void> {
  let name = SOURCE;
  let connection: Connection | null = null;
  let id = systemRandom.guid();
  while (!signal.aborted) {
    try {
      connection ??= await open(lab, name);
      await execute(connection, INSERT, { id });
      note(id, name);
      id = systemRandom.guid();
    } catch (error) {
      if (errorNumber(error) === DUPLICATE_KEY) {
        note(id, name);
        id = systemRandom.guid();
      } else {
        connection?.close();
        connection = null;
        name = name === SOURCE ? TARGET : SOURCE;
      }
    }
    await pause(ORDER_PAUSE_MS, undefined, { signal }).catch(() => {});
  }
  connection?.close();
}

/** Starts a command that stops itself at the mark. */
export function startStopping(
  lab: LabHandle,
  mark: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunningCli {
  return startCli(args, { cwd: lab.folder, env: { ...env, SQLFERRY_STOP_AT: mark } });
}

/** Where the command stopped itself; null when it ended without reaching the mark. */
export async function stoppedAt(running: RunningCli): Promise<string | null> {
  let text = '';
  running.child.stderr?.on('data', (chunk: string) => (text += chunk));
  try {
    await running.sees(/^stopped at \S+$/mu);
  } catch {
    return null;
  }
  return /^stopped at (\S+)$/mu.exec(text)?.[1] ?? null;
}

/** Kills a command at the mark; fails when it does not get there. */
export async function killAt(
  lab: LabHandle,
  mark: string,
  args: readonly string[],
): Promise<string> {
  const running = startStopping(lab, mark, args);
  const place = await stoppedAt(running);
  if (place === null) {
    const { stdout, stderr, code } = await running.ended;
    assert.fail(`sqlferry ${args.join(' ')} ended with ${code} before ${mark}\n${stdout}${stderr}`);
  }
  running.child.kill('SIGKILL');
  await running.ended;
  return place;
}

/** How the marks of a command are gone through. */
export interface MarkWalk {
  readonly args: readonly string[];
  /** Points in the order in which they are tried; the last one lets the act happen. */
  readonly points: readonly string[];
  /** Called after each kill. */
  readonly afterKill: (place: string) => Promise<void>;
}

/**
 * Runs the command again and again, killing it at the next mark each time, until one run finds
 * nothing more to stop at and ends by itself with 0. Answers every place where it was killed.
 */
export async function killAtEveryMark(
  lab: LabHandle,
  { args, points, afterKill }: MarkWalk,
): Promise<ReadonlySet<string>> {
  const places = new Set<string>();
  for (let run = 0; run < RUN_LIMIT; run += 1) {
    const running = startStopping(lab, points[run % points.length] ?? 'before', args);
    const place = await stoppedAt(running);
    if (place === null) {
      const { code, stdout, stderr } = await running.ended;
      assert.equal(
        code,
        0,
        `sqlferry ${args.join(' ')} after ${[...places].at(-1)}\n${stdout}${stderr}`,
      );
      return places;
    }
    running.child.kill('SIGKILL');
    await running.ended;
    places.add(place);
    await afterKill(place);
  }
  return assert.fail(`not at its end after ${RUN_LIMIT} runs: ${[...places].join(', ')}`);
}

/**
 * Runs the command once; it puts itself to sleep at every mark and is woken after `atMark`. Answers
 * every place where it slept; the command must end with 0.
 */
export async function sleepAtEveryMark(
  lab: LabHandle,
  args: readonly string[],
  atMark: (place: string) => Promise<void>,
): Promise<ReadonlySet<string>> {
  const running = startStopping(lab, 'every', args);
  const { pid } = running.child;
  assert.ok(pid !== undefined);
  let text = '';
  let wake = (): void => {};
  running.child.stderr?.on('data', (chunk: string) => {
    text += chunk;
    wake();
  });
  let isOver = false;
  running.child.once('close', () => {
    isOver = true;
    wake();
  });
  const places: string[] = [];
  for (;;) {
    const next = [...text.matchAll(/^stopped at (\S+)$/gmu)][places.length]?.[1];
    if (next !== undefined) {
      places.push(next);
      await atMark(next);
      await asleep(pid);
      running.child.kill('SIGCONT');
    } else if (isOver) break;
    else await new Promise<void>((resolve) => (wake = resolve));
  }
  const { code, stdout, stderr } = await running.ended;
  assert.equal(code, 0, `sqlferry ${args.join(' ')} after ${places.at(-1)}\n${stdout}${stderr}`);
  return new Set(places);
}

/** Resolves when the process is stopped: it says so a moment before. */
async function asleep(pid: number): Promise<void> {
  while (existsSync(`/proc/${pid}/stat`)) {
    // The state follows the name of the program, which is in parentheses.
    if (/\) T /u.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) return;
    await pause(2);
  }
}

/** Demands that every act was passed at every point. */
export function assertEveryPoint(
  places: ReadonlySet<string>,
  points: readonly string[],
  acts: readonly string[],
): void {
  const seen = new Set([...places].map((place) => place.slice(place.indexOf(':') + 1)));
  for (const act of acts) {
    assert.ok(seen.has(act), `${act} was never reached: ${[...seen].join(', ')}`);
  }
  for (const act of seen) {
    for (const point of points) assert.ok(places.has(`${point}:${act}`), `${point}:${act}`);
  }
}

/** The document of `sqlferry status --json`, whatever its exit code. */
export async function statusOf(
  lab: LabHandle,
  env: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, unknown>>> {
  return documentOf(await startCli(['status', '--json'], { cwd: lab.folder, env }).ended);
}
