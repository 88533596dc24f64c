/** The whole way by commands, as a person types them: assess, plan, migrate, status, cutover, finish. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { matchGolden } from './golden.ts';
import { documentOf, eventsOf, startLab } from './harness.ts';

interface Step {
  readonly id: string;
  readonly sql: string;
  readonly instance: string;
  readonly phase: string;
  readonly outage: boolean;
}

interface Database {
  readonly name: string;
  readonly sourceState: string | null;
  readonly targetState: string | null;
  readonly dagState: string | null;
  readonly sourceHardenedLsn: unknown;
  readonly lsnEqual: boolean | null;
}

test('a standalone instance is migrated by the commands alone', async (t) => {
  const lab = await startLab(t);
  let assessed = '';

  await t.test('assess: nothing stands in the way, every finding has its keys', async () => {
    const result = await lab.cli(0, 'assess', '--json', '--html', 'a.html', '--junit', 'a.xml');
    const document = documentOf(result);
    assert.equal((document['counts'] as Record<string, number>)['error'], 0);
    assert.ok(['ready', 'ready-with-conditions'].includes(String(document['verdict'])));
    const findings = document['findings'] as readonly Record<string, unknown>[];
    assert.ok(findings.length >= 30, `${findings.length} findings`);
    for (const finding of findings) {
      for (const key of [
        'id',
        'title',
        'outcome',
        'side',
        'instance',
        'database',
        'evidence',
        'remedy',
        'reference',
      ]) {
        assert.ok(key in finding, `${String(finding['id'])} has ${key}`);
      }
    }
    assert.match(readFileSync(join(lab.folder, 'a.html'), 'utf8'), /<!doctype html>/u);
    assert.match(readFileSync(join(lab.folder, 'a.xml'), 'utf8'), /<testsuite/u);
    assessed = (await lab.cli(0, 'assess')).stdout;
    matchGolden('assess', assessed);
    assert.ok(!assessed.includes('\u001B'), 'plain text in a pipe');
  });

  await t.test('status before the start says that nothing has begun', async () => {
    const document = documentOf(await lab.cli(0, 'status', '--json'));
    assert.equal(document['phase'], 'not-started');
    assert.equal(document['readyForCutover'], false);
    assert.equal(document['outage'], null);
  });

  await t.test('cutover before ready ends with 3 and says what is missing', async () => {
    const { stderr } = await lab.cli(3, 'cutover', '--confirm', 'DAG');
    assert.match(stderr, /sqlferry migrate/u);
  });

  await t.test('plan: table, JSON and files hold the same steps', async () => {
    const plan = documentOf(
      await lab.cli(
        0,
        'plan',
        '--json',
        '--out',
        'p.json',
        '--sqlcmd',
        'p.sql',
        '--markdown',
        'p.md',
        '--sql-dir',
        'steps',
      ),
    );
    const steps = plan['steps'] as readonly Step[];
    assert.match(String(plan['hash']), /^[0-9a-f]{64}$/u);
    const sqlcmd = readFileSync(join(lab.folder, 'p.sql'), 'utf8');
    const markdown = readFileSync(join(lab.folder, 'p.md'), 'utf8');
    for (const step of steps) {
      assert.ok(sqlcmd.includes(step.sql.trimEnd()), `${step.id} is in the sqlcmd script`);
      assert.ok(markdown.includes(step.sql.trimEnd()), `${step.id} is in the markdown`);
    }
    assert.match(sqlcmd, /^:CONNECT SQLVM$/mu);
    const recovery = plan['recovery'] as readonly Step[];
    for (const step of recovery) {
      assert.ok(markdown.includes(step.sql.trimEnd()), `${step.id} is in the markdown`);
    }
    assert.equal(readdirSync(join(lab.folder, 'steps')).length, steps.length + recovery.length);
    const grants = steps.filter(({ sql }) => /GRANT CREATE ANY DATABASE/u.test(sql));
    assert.ok(
      grants.some(({ instance }) => instance === 'SQLVM'),
      'the grant that the article forgets',
    );
    assert.ok(steps.some(({ outage }) => outage));
    matchGolden('plan', (await lab.cli(0, 'plan')).stdout);
  });

  await t.test('migrate --what-if prints statements and changes nothing', async () => {
    const { stdout } = await lab.cli(0, 'migrate', '--what-if');
    assert.match(stdout, /CREATE ENDPOINT/u);
    assert.deepEqual(await lab.sql('OnPremNode', 'SELECT name FROM sys.availability_groups'), []);
  });

  await t.test('migrate reaches ready for cutover with the plan that was approved', async () => {
    const events = eventsOf(await lab.cli(0, 'migrate', '--plan', 'p.json', '--json'));
    const last = events.at(-1);
    assert.equal(last?.['kind'], 'result');
    assert.equal(last?.['outcome'], 'ready-for-cutover');
    assert.ok(Number(last?.['acts']) > 5);
    for (const event of events) {
      assert.match(String(event['at']), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/u);
    }
  });

  await t.test('migrate again changes nothing', async () => {
    const last = eventsOf(await lab.cli(0, 'migrate', '--yes', '--json')).at(-1);
    assert.equal(last?.['outcome'], 'ready-for-cutover');
    assert.equal(last?.['acts'], 0);
  });

  await t.test('status shows the conditions of the article', async () => {
    const document = documentOf(await lab.cli(0, 'status', '--json'));
    assert.equal(document['phase'], 'ready-for-cutover');
    assert.equal(document['readyForCutover'], true);
    const databases = document['databases'] as readonly Database[];
    assert.equal(databases.length, 1);
    const [database] = databases;
    assert.equal(database?.name, 'Adventureworks');
    assert.equal(database?.sourceState, 'SYNCHRONIZED');
    assert.equal(database?.targetState, 'SYNCHRONIZED');
    assert.ok(['SYNCHRONIZING', 'SYNCHRONIZED'].includes(String(database?.dagState)));
    assert.equal(database?.lsnEqual, true);
    assert.match(String(database?.sourceHardenedLsn), /^\d{17,25}$/u);
    assert.equal(typeof database?.sourceHardenedLsn, 'string');
    matchGolden('status', (await lab.cli(0, 'status')).stdout);
  });

  await t.test('export scripts what was created, for both servers', async () => {
    const { sides } = documentOf(await lab.cli(0, 'export', '--json')) as {
      readonly sides: readonly {
        readonly instance: string;
        readonly statements: readonly string[];
      }[];
    };
    const made = sides.flatMap(({ instance, statements }) =>
      statements.map((text) => `${instance}: ${text.split('\n')[0]}`),
    );
    for (const wanted of [
      'OnPremNode: CREATE ENDPOINT [Hadr_endpoint]',
      'OnPremNode: CREATE AVAILABILITY GROUP [OnPremAG]',
      'SQLVM: CREATE AVAILABILITY GROUP [AzureAG]',
      'OnPremNode: CREATE AVAILABILITY GROUP [DAG]',
      'SQLVM: ALTER AVAILABILITY GROUP [DAG]',
    ]) {
      assert.ok(made.includes(wanted), `${wanted} in ${made.join(', ')}`);
    }
  });

  await t.test('a wrong or missing confirmation moves nothing', async () => {
    await lab.cli(2, 'cutover', '--confirm', 'dag');
    const { stderr } = await lab.cli(3, 'cutover');
    assert.match(stderr, /--confirm DAG/u);
    await lab.cli(0, 'cutover', '--what-if');
    const document = documentOf(await lab.cli(0, 'status', '--json'));
    assert.equal((document['source'] as Record<string, unknown>)['dagRole'], 'PRIMARY');
  });

  await t.test('cutover moves the writes and measures the outage', async () => {
    const events = eventsOf(await lab.cli(0, 'cutover', '--confirm', 'DAG', '--json'));
    const last = events.at(-1);
    assert.equal(last?.['outcome'], 'done');
    assert.ok(Number(last?.['outageMs']) > 0);
    assert.equal(last?.['serialRoundTrips'], 2);
    assert.deepEqual(last?.['databases'], ['Adventureworks']);
    const document = documentOf(await lab.cli(0, 'status', '--json'));
    assert.equal(document['phase'], 'cut-over');
    assert.equal((document['target'] as Record<string, unknown>)['writable'], true);
    assert.equal((document['source'] as Record<string, unknown>)['writable'], false);
  });

  await t.test('cutover again changes nothing', async () => {
    const last = eventsOf(await lab.cli(0, 'cutover', '--confirm', 'DAG', '--json')).at(-1);
    assert.equal(last?.['acts'], 0);
  });

  await t.test('abort after the point of no return is refused', async () => {
    await lab.cli(3, 'abort', '--confirm', 'DAG');
  });

  await t.test('finish --keep, then --drop, target first', async () => {
    await lab.cli(2, 'finish');
    await lab.cli(0, 'finish', '--keep');
    await lab.cli(3, 'finish', '--drop');
    const events = eventsOf(await lab.cli(0, 'finish', '--drop', '--confirm', 'DAG', '--json'));
    const drops = events.filter(({ act }) => act === 'drop-distributed');
    assert.deepEqual(
      drops.map(({ instance }) => instance),
      ['SQLVM', 'OnPremNode'],
    );
    const rows = await lab.sql('SQLVM', 'SELECT COUNT(*) FROM sales.orders', {
      database: 'Adventureworks',
    });
    assert.ok(Number(rows[0]?.[0]) > 0);
    const document = documentOf(await lab.cli(0, 'status', '--json'));
    assert.equal(document['phase'], 'finished');
  });

  await t.test('no password is in the journal', () => {
    const state = join(lab.folder, '.sqlferry');
    assert.ok(existsSync(state));
    const text = readdirSync(state, { recursive: true })
      .map((name) => join(state, String(name)))
      .filter((path) => !readdirSafe(path))
      .map((path) => readFileSync(path, 'utf8'))
      .join('\n');
    for (const { passwordFile } of lab.lab.logins) {
      const password = readFileSync(passwordFile, 'utf8').trim();
      assert.ok(!text.includes(password));
    }
  });
});

function readdirSafe(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch {
    return false;
  }
}
