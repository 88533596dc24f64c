/**
 * Records two recoveries as text: a cutover that is killed between steps 3 and 4 and finished by a
 * second operator, and the dead-man giving the writes back.
 *
 *     node scripts/record-recovery.ts [folder]      default: docs/recordings
 *
 * Everything is real: the program is `bin/sqlferry`, the servers are a lab in another process, an
 * application writes through the ordinary driver all the time, and what stands in the file is what the
 * commands printed. Lines that begin with # were added here.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '../src/adapters/clock.ts';
import { systemRandom } from '../src/adapters/random.ts';
import { formatUtc } from '../src/base/utc.ts';
import { connect, execute } from '../src/cli/demo/connection.ts';
import { startDemoLab } from '../src/cli/demo/lab-process.ts';
import type { DemoLab } from '../src/cli/demo/lab-process.ts';
import { proveLedger } from '../src/cli/demo/ledger.ts';
import type { ApplicationSettings } from '../src/cli/demo/settings.ts';
import { runWriter } from '../src/cli/demo/writer.ts';

const ROOT = new URL('..', import.meta.url).pathname;
const PROGRAM = join(ROOT, 'bin/sqlferry');
const FOLDER = join(ROOT, 'docs/recordings');
const SOURCE = 'OnPremNode';
const TARGET = 'SQLVM';
/** Longest wait for anything, in milliseconds. */
const LIMIT_MS = 60_000;
/** Time between two looks, in milliseconds. */
const LOOK_MS = 20;

/** The recordings by the name of their file, without `.txt`. */
export const recordings = {
  'second-operator-finishes': secondOperator,
  'dead-man-gives-back': deadMan,
} as const;

/** Name of a recording. */
export type RecordingName = keyof typeof recordings;

/** What a recording is made with. */
interface Scene {
  readonly lab: DemoLab;
  /** Adds a remark. */
  note(text: string): void;
  /** Runs a command to its end and adds what it printed; `state` is the operator's own store. */
  run(state: string, ...args: readonly string[]): Promise<void>;
  /** The same, killed with SIGKILL where it stops itself. */
  runKilled(state: string, mark: string, ...args: readonly string[]): Promise<void>;
  /** Runs a command whose screen is left out. */
  quietly(...args: readonly string[]): Promise<void>;
  /** Resolves when this instance serves the application; adds the longest wait of any order so far. */
  served(instance: string): Promise<void>;
  /** Ends the application and adds what became of its orders. */
  prove(instance: string): Promise<void>;
}

async function secondOperator(scene: Scene): Promise<void> {
  scene.note(
    'Operator 1 cuts over. Step 3 has run: the source gave its role away and the decision is',
  );
  scene.note('in the register. Before step 4 leaves, the program is killed with SIGKILL.');
  await scene.runKilled('operator-1', 'intent:promote', 'cutover', '--confirm', 'DAG');
  scene.note('Operator 2, another machine: no journal, nothing but the migration file.');
  await scene.run('operator-2', 'diagnose');
  await scene.run('operator-2', 'cutover', '--confirm', 'DAG');
  await scene.served(TARGET);
  await scene.run('operator-2', 'status');
  await scene.prove(TARGET);
}

async function deadMan(scene: Scene): Promise<void> {
  scene.note(
    'A commit slips in between the last look and the demotion, so that step 3 cannot decide:',
  );
  scene.note(
    'the epoch is only fenced. Then the program is killed with SIGKILL, and nobody comes.',
  );
  await scene.quietly('lab', 'fault', 'late-writer', SOURCE, 'Adventureworks', '--dir', '.');
  const budget = ['--max-outage', '15s'] as const;
  await scene.runKilled('operator-1', 'reply:demote', 'cutover', '--confirm', 'DAG', ...budget);
  await scene.run('operator-2', 'status');
  scene.note('Nobody types anything. The SQL Server Agent job waits for the deadline.');
  await scene.served(SOURCE);
  await scene.run('operator-2', 'diagnose');
  scene.note('The next day the cutover is simply done again.');
  await scene.run('operator-2', 'cutover', '--confirm', 'DAG');
  await scene.prove(TARGET);
}

/** Makes one recording; answers its text. */
export async function record(name: RecordingName): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'sqlferry-recording-'));
  const stop = new AbortController();
  const started = await startDemoLab({
    folder,
    preset: 'standalone',
    clock: systemClock,
    signal: stop.signal,
  });
  assert.ok(started.ok, started.ok ? '' : started.error);
  const lab = started.value;
  const file = join(folder, 'sqlferry.yaml');
  // The application never leaves by itself.
  const impatient = readFileSync(file, 'utf8').replace(
    /killSessionsAfter: \S+/u,
    'killSessionsAfter: 500ms',
  );
  writeFileSync(file, impatient);
  const application = startApplication(lab, stop.signal);
  try {
    const lines: string[] = [];
    const scene = makeScene(lab, { lines, application, stop });
    await scene.quietly('migrate', '--yes');
    await recordings[name](scene);
    return `${lines.join('\n').trim()}\n`;
  } finally {
    stop.abort();
    await application.ended;
    await lab.stop();
    rmSync(folder, { recursive: true, force: true });
    rmSync(`${folder}.log`, { force: true });
  }
}

interface Application {
  readonly ended: Promise<void>;
  readonly ledger: readonly string[];
  /** Where the last order was acknowledged. */
  servedBy(): string;
  /** Longest time between two acknowledged orders, in milliseconds. */
  longestGapMs(): number;
}

/** Orders one after another, on whichever side takes them. */
function startApplication(lab: DemoLab, signal: AbortSignal): Application {
  const ledger: string[] = [];
  let side = 0;
  const instance = (): string => (side % 2 === 0 ? SOURCE : TARGET);
  let servedBy = '';
  let last = systemClock.monotonic();
  let longestGapMs = 0;
  const ended = runWriter({
    name: 'shop',
    clock: systemClock,
    random: systemRandom,
    pauseMs: 20,
    settings: () => settingsOf(lab, instance(), 'app_writer'),
    acknowledged(id) {
      ledger.push(id);
      servedBy = instance();
      const now = systemClock.monotonic();
      longestGapMs = Math.max(longestGapMs, now - last);
      last = now;
    },
    interrupted() {
      side += 1;
      servedBy = '';
    },
    signal,
  });
  return { ended, ledger, servedBy: () => servedBy, longestGapMs: () => longestGapMs };
}

function settingsOf(lab: DemoLab, name: string, user: string): ApplicationSettings {
  const instance = lab.instances.find((one) => one.name === name);
  const passwordFile = lab.passwordFile(user);
  assert.ok(instance !== undefined && passwordFile !== null);
  return {
    address: instance.address,
    port: instance.port,
    serverName: instance.fqdn,
    database: 'Adventureworks',
    user,
    passwordFile,
    caFile: join(lab.folder, 'ca.pem'),
  };
}

function makeScene(
  lab: DemoLab,
  parts: {
    readonly lines: string[];
    readonly application: Application;
    readonly stop: AbortController;
  },
): Scene {
  const { lines, application, stop } = parts;
  const noted = new Set<string>();
  const tell = (text: string): void => {
    lines.push(...text.trimEnd().split('\n'));
  };
  const shown = (prefix: string, args: readonly string[]): void => {
    if (lines.at(-1) !== '') lines.push('');
    lines.push(`$ ${prefix}sqlferry ${args.join(' ')}`);
  };
  return {
    lab,
    note(text) {
      const last = lines.at(-1);
      if (last !== undefined && !noted.has(last)) lines.push('');
      noted.add(`# ${text}`);
      lines.push(`# ${text}`);
    },
    async run(state, ...args) {
      shown('', args);
      const { text, code } = await runProgram(lab, { state, args });
      tell(text);
      lines.push(`# exit code ${code}`);
    },
    async runKilled(state, mark, ...args) {
      shown('', args);
      const { text } = await runProgram(lab, { state, args, mark });
      tell(text.replace(/^stopped at .*\n?/mu, ''));
      lines.push(`# killed with SIGKILL at the mark ${mark}; ${await writable(lab)}`);
    },
    async quietly(...args) {
      const { text, code } = await runProgram(lab, { state: 'operator-1', args });
      assert.equal(code, 0, text);
    },
    async served(instance) {
      await until(() => application.servedBy() === instance);
      const seconds = (application.longestGapMs() / 1000).toFixed(1);
      lines.push(`# the application writes on ${instance}; its longest wait was ${seconds} s`);
    },
    async prove(instance) {
      stop.abort();
      await application.ended;
      const connection = await connect(settingsOf(lab, instance, 'sa'), 'recording');
      const rows = await execute(connection, 'SELECT web_order_id FROM sales.web_order');
      connection.close();
      const proof = proveLedger(
        application.ledger,
        rows.map((row) => String(row[0])),
      );
      lines.push(
        '',
        `# the application's ledger: ${proof.acknowledged} orders acknowledged; on ${instance} ${proof.missing.length} missing, ${proof.doubled.length} doubled`,
      );
    },
  };
}

/** One write on each side at the same moment. */
async function writable(lab: DemoLab): Promise<string> {
  const takes = async (name: string): Promise<boolean> => {
    const connection = await connect(settingsOf(lab, name, 'sa'), 'probe').catch(() => null);
    if (connection === null) return false;
    const insert = 'CREATE TABLE dbo.probe (n int); DROP TABLE dbo.probe;';
    const taken = await execute(connection, insert).then(
      () => true,
      () => false,
    );
    connection.close();
    return taken;
  };
  const [source, target] = await Promise.all([takes(SOURCE), takes(TARGET)]);
  const word = (taken: boolean): string => (taken ? 'takes writes' : 'takes no writes');
  return `${SOURCE} ${word(source)}, ${TARGET} ${word(target)}`;
}

interface ProgramRun {
  readonly state: string;
  readonly args: readonly string[];
  /** Where it stops itself, to be killed there. */
  readonly mark?: string;
}

async function runProgram(
  lab: DemoLab,
  { state, args, mark }: ProgramRun,
): Promise<{ readonly text: string; readonly code: number | null }> {
  const path = join(lab.folder, 'screen.txt');
  // A file takes both streams in the order in which they were written.
  const screen = openSync(path, 'w');
  const own = args[0] === 'lab' ? [] : ['--state-dir', join(lab.folder, state)];
  const stopAt = mark === undefined ? {} : { SQLFERRY_STOP_AT: mark };
  const child = spawn(PROGRAM, [...args, ...own], {
    cwd: lab.folder,
    env: { ...process.env, NO_COLOR: '1', ...stopAt },
    stdio: ['ignore', screen, screen],
  });
  closeSync(screen);
  const read = (): string => readFileSync(path, 'utf8');
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  if (mark !== undefined) {
    await until(() => isOver() || /^stopped at /mu.test(read()));
    assert.ok(!isOver(), `it ended before ${mark}:\n${read()}`);
    child.kill('SIGKILL');
  }
  await ended(child);
  return { text: read(), code: child.exitCode };
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
  });
}

async function until(isSo: () => boolean): Promise<void> {
  const end = systemClock.monotonic() + LIMIT_MS;
  while (!isSo()) {
    assert.ok(systemClock.monotonic() < end, `it did not happen within ${LIMIT_MS} ms`);
    await systemClock.sleep(LOOK_MS);
  }
}

if (import.meta.main) {
  const folder = process.argv[2] ?? FOLDER;
  mkdirSync(folder, { recursive: true });
  for (const name of Object.keys(recordings) as RecordingName[]) {
    const text = await record(name);
    const head = `# Recorded by node scripts/record-recovery.ts, ${formatUtc(systemClock.now()).slice(0, 10)}.\n\n`;
    writeFileSync(join(folder, `${name}.txt`), head + text);
    process.stdout.write(`${join(folder, `${name}.txt`)}\n`);
  }
}
