/** The ways back and on around the switch: a fence that is lifted, a cutover that is killed and resumed. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { makePrng } from '../../src/base/prng.ts';
import { connect } from '../../src/cli/demo/connection.ts';
import { documentOf, eventsOf, startLab } from './harness.ts';
import type { LabHandle } from './harness.ts';

/** Kills of one cutover. */
const KILLS = 6;
/** Latest moment of a kill after the start, in milliseconds: the whole cutover takes about a second. */
const LATEST_KILL_MS = 1200;

/** Opens a session of the application in the database and keeps it. */
async function holdSession(lab: LabHandle): Promise<{ close(): void }> {
  const [instance] = lab.lab.instances;
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

const WRITE = `INSERT INTO sales.web_order (web_order_id, customer_id, product_id, quantity, amount)
VALUES (NEWID(), 1, 1, 1, 10)`;

test('abort lifts the fence: the application logs in and writes on the source again', async (t) => {
  const lab = await startLab(t);
  await lab.cli(0, 'migrate', '--yes');
  lab.edit((text) => text.replace(/killSessionsAfter: \S+/u, 'killSessionsAfter: 10m'));
  const session = await holdSession(lab);
  t.after(() => session.close());
  const cutover = lab.start('cutover', '--confirm', 'DAG');
  await cutover.sees('session(s) are in the databases');
  cutover.child.kill('SIGINT');
  const stopped = await cutover.ended;
  assert.equal(stopped.code, 3, stopped.stdout + stopped.stderr);
  assert.equal(documentOf(await lab.cli(0, 'status', '--json'))['phase'], 'fenced');
  const app = { user: 'app_writer', database: 'Adventureworks' };
  await assert.rejects(lab.sql('OnPremNode', WRITE, app), 'the login is disabled');
  await lab.cli(3, 'abort');
  await lab.cli(0, 'abort', '--confirm', 'DAG');
  assert.equal(documentOf(await lab.cli(0, 'status', '--json'))['phase'], 'ready-for-cutover');
  await lab.sql('OnPremNode', WRITE, app);
});

test('a cutover killed with SIGKILL at random moments is finished by the next one', async (t) => {
  const seed = Number(
    process.env['SQLFERRY_SEED'] ?? Math.floor(performance.now() * 1000) % 100_000,
  );
  t.diagnostic(`seed ${seed} (SQLFERRY_SEED=${seed} repeats it)`);
  const prng = makePrng(seed);
  const lab = await startLab(t);
  await lab.cli(0, 'migrate', '--yes');
  // Slow answers make every step long enough to be hit.
  await lab.fault('delay', 'OnPremNode', '40');
  await lab.fault('delay', 'SQLVM', '40');
  for (let kill = 0; kill < KILLS; kill += 1) {
    const running = lab.start('cutover', '--confirm', 'DAG');
    // The moment itself is what is random here: no condition to wait for.
    await pause(300 + prng.below(LATEST_KILL_MS));
    running.child.kill('SIGKILL');
    await running.ended;
  }
  const last = eventsOf(await lab.cli(0, 'cutover', '--confirm', 'DAG', '--json')).at(-1);
  assert.equal(last?.['outcome'], 'done', `seed ${seed}`);
  const document = documentOf(await lab.cli(0, 'status', '--json'));
  assert.equal(document['phase'], 'cut-over', `seed ${seed}`);
  const app = { user: 'app_writer', database: 'Adventureworks' };
  await lab.sql('SQLVM', WRITE, app);
});

test('status --watch follows both sides until Ctrl-C', async (t) => {
  const lab = await startLab(t);
  const watching = lab.start('status', '--watch', '--json');
  await watching.sees('"phase":"not-started"');
  await lab.cli(0, 'migrate', '--yes');
  await watching.sees('"phase":"ready-for-cutover"');
  watching.child.kill('SIGINT');
  assert.equal((await watching.ended).code, 0);
});

test('a reader that goes away does not stop the program in the middle', async (t) => {
  const lab = await startLab(t);
  const running = lab.start('migrate', '--yes');
  running.child.stdout?.destroy();
  assert.equal((await running.ended).code, 0);
  assert.equal(documentOf(await lab.cli(0, 'status', '--json'))['readyForCutover'], true);
});
