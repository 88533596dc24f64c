/**
 * The availability-group path by commands against two plus two servers: the whole way, with local
 * failovers while it seeds, between the steps of a cutover, and in the outage.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { documentOf, expectCli, startCli, startLab, type LabHandle } from './harness.ts';

const failOver = {
  source: 'ALTER AVAILABILITY GROUP [OnPremAG] FAILOVER',
  target: 'ALTER AVAILABILITY GROUP [AzureAG] FAILOVER',
} as const;

interface Replica {
  readonly instance: string;
  readonly acts: boolean;
  readonly failoverMode: string | null;
}

async function replicas(lab: LabHandle, side: 'source' | 'target'): Promise<readonly Replica[]> {
  const document = documentOf(await lab.cli(0, 'status', '--json'));
  return (document[side] as { readonly replicas: readonly Replica[] }).replicas;
}

async function acting(lab: LabHandle, side: 'source' | 'target'): Promise<string> {
  return (await replicas(lab, side)).find((each) => each.acts)?.instance ?? 'nobody';
}

/** Runs a cutover that stops itself at a mark, does something, and lets it go on. */
async function stoppedAt(
  lab: LabHandle,
  mark: string,
  meanwhile: () => Promise<unknown>,
): Promise<{ readonly code: number | null; readonly text: string }> {
  const running = startCli(['cutover', '--confirm', 'DAG'], {
    cwd: lab.folder,
    env: { SQLFERRY_STOP_AT: mark },
  });
  await running.sees('stopped at');
  await meanwhile();
  running.child.kill('SIGCONT');
  const { code, stdout, stderr } = await running.ended;
  return { code, text: stdout + stderr };
}

test('two plus two are migrated by the commands alone, and local failovers are followed', async (t) => {
  const lab = await startLab(t, { preset: 'availability-group' });
  const count = 'SELECT COUNT(*) FROM Adventureworks.sales.orders';
  const [[before]] = (await lab.sql('OnPremNode1', count)) as readonly [readonly [number]];

  await t.test(
    'the plan names every instance and leaves the group of the source alone',
    async () => {
      const plan = documentOf(await lab.cli(0, 'plan', '--json'));
      const steps = plan['steps'] as readonly { readonly instance: string; readonly sql: string }[];
      assert.deepEqual([...new Set(steps.map((step) => step.instance))].toSorted(), [
        'OnPremNode1',
        'SQLVM1',
        'SQLVM2',
      ]);
      const altered = steps.filter(
        ({ sql }) =>
          /ALTER AVAILABILITY GROUP \[OnPremAG\]/u.test(sql) && !/FAILOVER_MODE/u.test(sql),
      );
      assert.deepEqual(altered, []);
      const distributed = steps.find(({ sql }) => sql.includes('WITH (DISTRIBUTED)'));
      assert.match(distributed?.sql ?? '', /TCP:\/\/OnPremAG_LST\.contoso\.com:5022/u);
      assert.match(distributed?.sql ?? '', /TCP:\/\/AzureAG_LST\.contoso\.com:5022/u);
    },
  );

  await t.test('both sides fail over locally while it seeds, and migrate ends ready', async () => {
    const running = lab.start('migrate', '--yes');
    await running.sees(/Join \[DAG\][^]*seeding \[Adventureworks\]/u);
    await lab.sql('OnPremNode2', failOver.source);
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /✓ OnPremNode2 +Create the commit register/u);
    assert.match(stdout, /✓ OnPremNode1 +Drop the commit register/u);
    assert.equal(await acting(lab, 'source'), 'OnPremNode2');
    await lab.sql('SQLVM2', failOver.target);
    assert.equal(await acting(lab, 'target'), 'SQLVM2');
  });

  await t.test('a cutover follows a failover between its steps and loses nothing', async () => {
    const { code, text } = await stoppedAt(lab, 'before:disable-login', () =>
      lab.sql('OnPremNode1', failOver.source),
    );
    const done = code === 0 ? text : (await lab.cli(0, 'cutover', '--confirm', 'DAG')).stdout;
    assert.match(done, /✓ OnPremNode1 +Give the primary role of \[DAG\] away/u, text);
    assert.match(done, /✓ SQLVM2 +Take the primary role of \[DAG\]/u);
    const [[after]] = (await lab.sql('SQLVM2', count)) as readonly [readonly [number]];
    assert.equal(after, before);
    for (const side of ['source', 'target'] as const) {
      const modes = (await replicas(lab, side)).map((each) => each.failoverMode);
      assert.deepEqual(modes, ['AUTOMATIC', 'AUTOMATIC'], `failover modes of the ${side}`);
    }
  });

  await t.test('failback is the same the other way round', async () => {
    const { stdout } = await lab.cli(0, 'failback', '--confirm', 'DAG');
    assert.match(stdout, /✓ OnPremNode1 +Take the primary role of \[DAG\]/u);
    // Fenced before the local failover: applications may come in on every replica that serves.
    assert.match(stdout, /✓ OnPremNode2 +Enable login \[app_writer\]/u);
    await lab.cli(0, 'migrate', '--yes');
  });

  await t.test(
    'a failover in the outage is told apart; failed over back, the switch goes on',
    async () => {
      const running = startCli(['cutover', '--confirm', 'DAG'], {
        cwd: lab.folder,
        env: { SQLFERRY_STOP_AT: 'outcome:demote' },
      });
      await running.sees('stopped at');
      running.child.kill('SIGKILL');
      await running.ended;
      await lab.sql('OnPremNode2', failOver.source);
      const refused = await expectCli(5, ['cutover', '--confirm', 'DAG'], { cwd: lab.folder });
      assert.match(
        refused.stderr + refused.stdout,
        /failed over locally in the middle of a switch/u,
      );
      assert.match(
        refused.stderr + refused.stdout,
        /\[OnPremNode1\] on the source holds epoch 2 \(committing\)/u,
      );
      await lab.sql('OnPremNode1', failOver.source);
      await lab.cli(0, 'cutover', '--confirm', 'DAG');
      assert.equal(documentOf(await lab.cli(0, 'status', '--json'))['phase'], 'cut-over');
    },
  );

  await t.test(
    'finish --drop asks for the fence on every replica, then leaves nothing behind',
    async () => {
      const { stderr, stdout } = await lab.cli(3, 'finish', '--drop', '--confirm', 'DAG');
      assert.match(stderr + stdout, /\[app_writer\] is enabled on \[OnPremNode2\]/u);
      await lab.sql('OnPremNode2', 'ALTER LOGIN [app_writer] DISABLE');
      await lab.cli(0, 'finish', '--drop', '--confirm', 'DAG');
      for (const name of ['OnPremNode1', 'OnPremNode2', 'SQLVM1', 'SQLVM2']) {
        const left = await lab.sql(
          name,
          "SELECT name FROM sys.databases WHERE name = 'sqlferry_control'",
        );
        assert.deepEqual(left, [], `the control database is gone on ${name}`);
      }
    },
  );
});
