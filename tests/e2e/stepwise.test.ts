/** `cutover --stepwise`, typed on a terminal of its own, in a script, and declined in the middle. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  documentOf,
  eventsOf,
  PROGRAM,
  startLab,
  startOnTerminal,
  type RunningCli,
} from './harness.ts';

/** The statements that the articles tell a person to run, in their order. */
const SEQUENCE = [
  'AVAILABILITY_MODE = SYNCHRONOUS_COMMIT',
  'ALTER AVAILABILITY GROUP [DAG] SET (ROLE = SECONDARY);',
  'ALTER AVAILABILITY GROUP [DAG] FORCE_FAILOVER_ALLOW_DATA_LOSS;',
];
/** Steps of a cutover at most. */
const STEPS = 30;

/** Types y at every step until one shows the words; answers the screen up to its question. */
async function answerUntil(running: RunningCli, words: string): Promise<string> {
  let screen = '';
  running.child.stdout?.on('data', (text: string) => (screen += text));
  for (let step = 1; step <= STEPS; step += 1) {
    await running.sees(`Run step ${step}?`);
    const shown = screen.slice(screen.lastIndexOf(`Step ${step}  on`));
    if (shown.replaceAll(/\s+/gu, ' ').includes(words)) return screen;
    running.child.stdin?.write('y\r');
  }
  return assert.fail(`no step says ${words}:\n${screen}`);
}

test('the articles’ sequence is asked about step by step on a terminal; a no stops safely and says what goes on', async (t) => {
  const lab = await startLab(t);
  lab.edit((text) => text.replace(/killSessionsAfter: \S+/u, 'killSessionsAfter: 100ms'));
  await lab.cli(0, 'migrate', '--yes');
  const global = `-f ${lab.file} --state-dir ${lab.folder}/.sqlferry`;
  const command = `${PROGRAM} cutover --stepwise --confirm DAG --max-outage 5m ${global}`;

  const first = startOnTerminal(command);
  const screen = await answerUntil(first, 'fail over only when they');
  for (const [at, statement] of SEQUENCE.slice(0, 2).entries()) {
    const place = screen.indexOf(statement);
    assert.ok(place > screen.indexOf(SEQUENCE[at - 1] ?? ''), `${statement}:\n${screen}`);
  }
  assert.ok(!screen.includes('FORCE_FAILOVER'), 'the failover comes after the comparison');
  assert.match(screen, /Adventureworks +\d+ +\d+ +equal/u);
  assert.match(screen, /left until \S+Z;/u);
  first.child.stdin?.write('n\r');
  const declined = await first.ended;
  assert.equal(declined.code, 5, declined.stdout);
  assert.match(declined.stdout, /was not confirmed and not run/u);
  assert.match(declined.stdout, /stands +Outage: demoted, everything has arrived/u);
  assert.match(declined.stdout, /sqlferry abort goes back/u);
  assert.equal(documentOf(await lab.start('status', '--json').ended)['phase'], 'outage');

  // Said no to once more, after the abort that the screen named: nothing is left of the first try.
  await lab.cli(0, 'abort', '--confirm', 'DAG');
  const second = startOnTerminal(command);
  const whole = await answerUntil(second, SEQUENCE[2] ?? '');
  assert.match(whole, /no timer runs any more/u);
  second.child.stdin?.write('t\r');
  await second.sees('sp_getapplock');
  second.child.stdin?.write('y\r');
  await second.sees('Close epoch');
  for (let step = 1; step <= STEPS && second.child.exitCode === null; step += 1) {
    second.child.stdin?.write('y\r');
    await Promise.race([second.ended, second.sees(`Run step ${step}?`)]);
  }
  const done = await second.ended;
  assert.equal(done.code, 0, done.stdout);
  assert.equal(documentOf(await lab.cli(0, 'status', '--json'))['phase'], 'cut-over');
});

test('a script runs the steps with --yes; what was measured lets the next switch have a budget that was refused before', async (t) => {
  const lab = await startLab(t);
  lab.edit((text) => text.replace(/killSessionsAfter: \S+/u, 'killSessionsAfter: 100ms'));
  await lab.cli(0, 'migrate', '--yes');
  await lab.cli(2, 'cutover', '--yes', '--confirm', 'DAG');
  const piped = await lab.cli(2, 'cutover', '--stepwise', '--confirm', 'DAG');
  assert.match(piped.stderr, /needs a terminal/u);
  const early = await lab.cli(3, 'cutover', '--confirm', 'DAG', '--max-outage', '1900ms');
  assert.match(early.stderr, /nothing\s+was\s+measured\s+yet/u);

  const stepwise = await lab.cli(0, 'cutover', '--stepwise', '--yes', '--confirm', 'DAG');
  const places = SEQUENCE.map((statement) => stepwise.stdout.indexOf(statement));
  assert.ok(
    places.every((place, at) => place > (places[at - 1] ?? -1)),
    places.join(', '),
  );
  assert.match(stepwise.stdout, /sp_getapplock/u, 'the whole batch, for nobody can ask for it');

  await lab.cli(0, 'failback', '--confirm', 'DAG');
  const ran = await lab.start('cutover', '--confirm', 'DAG', '--max-outage', '1900ms', '--json')
    .ended;
  // A machine so busy that its last switch took longer is refused, with what it measured.
  if (ran.code === 3) {
    assert.match(ran.stderr, /measured\s+by\s+the\s+failback/u);
    return;
  }
  assert.equal(ran.code, 0, ran.stderr);
  const events = eventsOf(ran);
  const result = events.at(-1) as {
    readonly outageMs: number;
    readonly serialRoundTrips: number;
    readonly prediction: { readonly totalMs: number; readonly measured: { readonly by: string } };
    readonly measurement: { readonly totalMs: number; readonly demoteMs: number };
  };
  assert.equal(result.prediction.measured.by, 'failback');
  assert.ok(result.prediction.totalMs <= 1900, JSON.stringify(result.prediction));
  assert.equal(result.measurement.totalMs, result.outageMs);
  assert.equal(result.serialRoundTrips, 2, 'a cutover that is not stepwise decides in the batch');
});
