/** Rights that are revoked between preflight and cutover, and in the middle: unknown, stopped, gone on with after the GRANT. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { killAt, openStage, SOURCE, startStopping, stoppedAt, TARGET } from './stage.ts';
import type { Stage } from './stage.ts';

const CUTOVER = ['cutover', '--confirm', 'DAG'] as const;
const PASSWORD = 'Migrator-pass-1';
/** What is left of a sysadmin: everything on the server, but no way into a database of somebody else's. */
const SERVER_RIGHTS = [
  'VIEW SERVER STATE',
  'VIEW ANY DEFINITION',
  'ALTER ANY AVAILABILITY GROUP',
  'ALTER ANY CONNECTION',
  'ALTER ANY LOGIN',
].join(', ');

/** Runs the statements on both instances, one after another. */
async function both(stage: Stage, ...statements: readonly string[]): Promise<void> {
  for (const statement of statements) {
    for (const instance of [SOURCE, TARGET]) await stage.lab.sql(instance, statement);
  }
}

/** `sa` has migrated; from here the operator is [migrator], a sysadmin until somebody takes that away. */
async function asMigrator(stage: Stage): Promise<void> {
  const { lab } = stage;
  await lab.cli(0, 'migrate', '--yes');
  await both(
    stage,
    `CREATE LOGIN migrator WITH PASSWORD = '${PASSWORD}'`,
    'ALTER SERVER ROLE sysadmin ADD MEMBER migrator',
  );
  const file = join(lab.folder, 'migrator-password');
  writeFileSync(file, PASSWORD, { mode: 0o600 });
  lab.edit((text) =>
    text
      .replaceAll('user: sa', 'user: migrator')
      .replaceAll(/^ {6}file: .*$/gmu, `      file: ${file}`)
      .replace(/^cutover:\n/mu, "cutover:\n  deadMan: 'off'\n"),
  );
}

const flat = (text: string): string => text.replaceAll(/\s+/gu, ' ');

test('a right that is revoked before the cutover stops it with its name; the source goes on serving', async (t) => {
  const stage = await openStage(t);
  const { lab } = stage;
  await asMigrator(stage);
  const cases = [
    {
      what: 'sysadmin',
      revoke: 'ALTER SERVER ROLE sysadmin DROP MEMBER migrator',
      grant: 'GRANT CONTROL SERVER TO migrator',
      code: 3,
      words: /the login lacks VIEW SERVER STATE.* Give the login the missing right/u,
    },
    {
      what: 'VIEW ANY DEFINITION',
      revoke: 'DENY VIEW ANY DEFINITION TO migrator',
      grant: 'REVOKE VIEW ANY DEFINITION TO migrator',
      code: 3,
      words: /the login lacks VIEW ANY DEFINITION.* Give the login the missing right/u,
    },
    {
      what: 'ALTER ANY AVAILABILITY GROUP',
      revoke: 'DENY ALTER ANY AVAILABILITY GROUP TO migrator',
      grant: 'REVOKE ALTER ANY AVAILABILITY GROUP TO migrator',
      code: 1,
      words: /Error 15151.* the rights of the login/u,
    },
    {
      what: 'the login itself',
      revoke: 'ALTER LOGIN migrator DISABLE',
      grant: 'ALTER LOGIN migrator ENABLE',
      code: 1,
      words: /The login is disabled: \[OnPremNode\].*18470.* Enable the login/u,
    },
  ];
  for (const { what, revoke, grant, code, words } of cases) {
    await lab.sql(SOURCE, revoke);
    const { stdout, stderr } = await lab.cli(code, ...CUTOVER);
    assert.match(flat(stdout + stderr), words, what);
    assert.deepEqual(await stage.writableSides(), [SOURCE], what);
    await lab.sql(SOURCE, grant);
  }
  await lab.cli(0, ...CUTOVER);
  assert.deepEqual(await stage.writableSides(), [TARGET]);
  await stage.proveOn(TARGET);
});

test('a right that is revoked in the outage makes the run wait, and the GRANT lets the same run finish', async (t) => {
  const stage = await openStage(t);
  const { lab } = stage;
  await asMigrator(stage);
  const running = startStopping(lab, 'reply:demote', CUTOVER);
  assert.equal(await stoppedAt(running), 'reply:demote:source');
  await both(stage, 'ALTER SERVER ROLE sysadmin DROP MEMBER migrator');
  running.child.kill('SIGCONT');
  await running.sees(/lacks VIEW SERVER STATE/u);
  assert.deepEqual(await stage.writableSides(), [], 'nothing is guessed');
  await both(stage, 'ALTER SERVER ROLE sysadmin ADD MEMBER migrator');
  const { code, stdout, stderr } = await running.ended;
  assert.equal(code, 0, stdout + stderr);
  assert.deepEqual(await stage.writableSides(), [TARGET]);
  await stage.proveOn(TARGET);
});

test('without rights on sqlferry_control nothing is decided, whoever asks; the next operator with them finishes', async (t) => {
  const stage = await openStage(t);
  const { lab } = stage;
  await asMigrator(stage);
  await killAt(lab, 'reply:demote', CUTOVER);
  await both(
    stage,
    `GRANT ${SERVER_RIGHTS} TO migrator`,
    'ALTER SERVER ROLE sysadmin DROP MEMBER migrator',
  );
  for (const goal of ['cutover', 'abort']) {
    const running = lab.start(goal, '--confirm', 'DAG');
    await running.sees(/commit register on the source cannot be read.*sqlferry_control/u);
    assert.deepEqual(await stage.writableSides(), [], goal);
    // It waits for the right to come back, for as long as the budget and some patience.
    running.child.kill('SIGINT');
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 5, stdout + stderr);
  }
  await both(stage, 'ALTER SERVER ROLE sysadmin ADD MEMBER migrator');
  await lab.cli(0, ...CUTOVER);
  assert.deepEqual(await stage.writableSides(), [TARGET]);
  await stage.proveOn(TARGET);
});
