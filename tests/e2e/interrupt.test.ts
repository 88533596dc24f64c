/** Killed and interrupted: what is left, what the program says about it, and that the next run goes on. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { makePrng } from '../../src/base/prng.ts';
import { documentOf, eventsOf, PROGRAM, startLab, startOnTerminal } from './harness.ts';

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

test('on a terminal Ctrl-C, a wrong name and the right one do what they say', async (t) => {
  const lab = await startLab(t);
  const global = `-f ${lab.file} --state-dir ${lab.folder}/.sqlferry`;

  const declined = startOnTerminal(`${PROGRAM} migrate ${global}`);
  await declined.sees('[y/N]');
  declined.child.stdin?.write('n\r');
  assert.equal((await declined.ended).code, 3);
  assert.equal(documentOf(await lab.cli(0, 'status', '--json'))['phase'], 'not-started');

  const accepted = startOnTerminal(`${PROGRAM} migrate ${global}`);
  await accepted.sees('[y/N]');
  accepted.child.stdin?.write('y\r');
  const migrated = await accepted.ended;
  assert.equal(migrated.code, 0, migrated.stdout);
  assert.match(migrated.stdout, /Ready for cutover/u);

  const interrupted = startOnTerminal(`${PROGRAM} cutover ${global}`);
  await interrupted.sees('Type the name');
  // The terminal turns this character into SIGINT, as the keyboard does.
  interrupted.child.stdin?.write('\u0003');
  const stopped = await interrupted.ended;
  assert.equal(stopped.code, 3, stopped.stdout);
  assert.match(stopped.stdout, /before it changed anything/u);

  const wrong = startOnTerminal(`${PROGRAM} cutover ${global}`);
  await wrong.sees('Type the name');
  wrong.child.stdin?.write('AzureAG\r');
  assert.equal((await wrong.ended).code, 2);
  assert.equal(documentOf(await lab.cli(0, 'status', '--json'))['phase'], 'ready-for-cutover');

  const right = startOnTerminal(`${PROGRAM} cutover ${global}`);
  await right.sees('Type the name');
  right.child.stdin?.write('DAG\r');
  const cut = await right.ended;
  assert.equal(cut.code, 0, cut.stdout);
  assert.match(cut.stdout, /2 serial round trips/u);
});

test('Ctrl-C while waiting for --at changes nothing and ends with 3; a time that comes starts it', async (t) => {
  const lab = await startLab(t);
  await lab.cli(0, 'migrate', '--yes');
  await lab.fault('clock', 'OnPremNode', '7200000');
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const running = lab.start('cutover', '--confirm', 'DAG', '--at', later);
  await running.sees('Waiting until');
  running.child.kill('SIGINT');
  const result = await running.ended;
  assert.equal(result.code, 3);
  assert.match(result.stderr, /before it changed anything/u);
  assert.match(result.stdout, /The clock of \[OnPremNode\] is 2 h 00 min ahead of this machine's/u);
  assert.doesNotMatch(result.stdout, /The clock of \[SQLVM\]/u);
  const soon = new Date(Date.now() + 3000).toISOString();
  const { stdout } = await lab.cli(0, 'cutover', '--confirm', 'DAG', '--at', soon);
  assert.match(stdout, /Waiting until/u);
  assert.ok(Date.now() >= Date.parse(soon));
});
