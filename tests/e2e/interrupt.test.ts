/** Killed and interrupted: what is left, what the program says about it, and that the next run goes on. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { makePrng } from '../../src/base/prng.ts';
import { documentOf, eventsOf, PROGRAM, startLab, startProgram } from './harness.ts';

/** Kills of one migration. */
const KILLS = 10;
/** Latest moment of a kill after the start, in milliseconds: start-up and a few steps. */
const LATEST_KILL_MS = 600;

test('migrate killed with SIGKILL at random moments goes on each time', async (t) => {
  const seed = Number(
    process.env['SQLFERRY_SEED'] ?? Math.floor(performance.now() * 1000) % 100_000,
  );
  t.diagnostic(`seed ${seed} (SQLFERRY_SEED=${seed} repeats it)`);
  const prng = makePrng(seed);
  const lab = await startLab(t);
  await lab.fault('bandwidth', '2MB');
  for (let kill = 0; kill < KILLS; kill += 1) {
    const running = lab.start('migrate', '--yes');
    // The moment itself is what is random here: no condition to wait for.
    await pause(100 + prng.below(LATEST_KILL_MS));
    running.child.kill('SIGKILL');
    await running.ended;
  }
  await lab.fault('bandwidth', '400MB');
  const last = eventsOf(await lab.cli(0, 'migrate', '--yes', '--json')).at(-1);
  assert.equal(last?.['outcome'], 'ready-for-cutover', `seed ${seed}`);
  await lab.cli(0, 'cutover', '--confirm', 'DAG');
});

test('Ctrl-C while seeding ends with 3 and names the command that goes on', async (t) => {
  const lab = await startLab(t);
  await lab.fault('bandwidth', '200kB');
  const running = lab.start('migrate', '--yes');
  await running.sees(/seeding/u);
  running.child.kill('SIGINT');
  const result = await running.ended;
  assert.equal(result.code, 3, result.stdout + result.stderr);
  assert.match(result.stdout + result.stderr, /sqlferry migrate|same command again/u);
  const document = documentOf(await lab.cli(0, 'status', '--json'));
  assert.equal(document['phase'], 'seeding');
  await lab.fault('bandwidth', '400MB');
  await lab.cli(0, 'migrate', '--yes');
});

test('migrate --no-wait returns while the databases travel', async (t) => {
  const lab = await startLab(t);
  await lab.fault('bandwidth', '200kB');
  await lab.cli(0, 'migrate', '--yes', '--no-wait');
  const document = documentOf(await lab.cli(0, 'status', '--json'));
  assert.notEqual(document['phase'], 'ready-for-cutover');
});

test('Ctrl-C at the question of a cutover changes nothing and ends with 3', async (t) => {
  const lab = await startLab(t);
  await lab.cli(0, 'migrate', '--yes');
  // util-linux `script` gives the program a terminal of its own.
  const command = `${PROGRAM} cutover -f ${lab.file} --state-dir ${lab.folder}/.sqlferry`;
  const terminal = startProgram('script', ['-qec', command, '/dev/null'], { env: { CI: '' } });
  await terminal.sees('Type the name');
  const pid = terminal.child.pid;
  assert.ok(pid !== undefined);
  const { stdout: children } = await startProgram('pgrep', [
    '-P',
    String(pid),
    '-f',
    'sqlferry|main.ts',
  ]).ended;
  for (const child of children.trim().split('\n')) process.kill(Number(child), 'SIGINT');
  const result = await terminal.ended;
  assert.equal(result.code, 3, result.stdout);
  assert.match(result.stdout, /before it changed anything/u);
  const document = documentOf(await lab.cli(0, 'status', '--json'));
  assert.equal(document['phase'], 'ready-for-cutover');
});

test('Ctrl-C while waiting for --at changes nothing and ends with 3', async (t) => {
  const lab = await startLab(t);
  await lab.cli(0, 'migrate', '--yes');
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const running = lab.start('cutover', '--confirm', 'DAG', '--at', later);
  await running.sees('Waiting until');
  running.child.kill('SIGINT');
  const result = await running.ended;
  assert.equal(result.code, 3);
  assert.match(result.stderr, /before it changed anything/u);
});
