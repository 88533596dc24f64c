/** Programs around the switch that fail, hang, write without end or leave something running. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { eventsOf, startCli, startLab } from './harness.ts';
import type { LabHandle } from './harness.ts';

const CUTOVER = ['cutover', '--confirm', 'DAG'] as const;
const WRITE = `INSERT INTO sales.web_order (web_order_id, customer_id, product_id, quantity, amount)
VALUES (NEWID(), 1, 1, 1, 10)`;

/** Puts the hooks into the migration file, in place of those that were there. */
function setHooks(
  lab: LabHandle,
  hooks: Readonly<Partial<Record<'beforeFence' | 'afterPromote', string>>>,
): void {
  lab.edit((text) =>
    text
      .replace(/^ {2}hooks: .*\n/mu, '')
      .replace(/^cutover:\n/mu, `cutover:\n  hooks: ${JSON.stringify(hooks)}\n`),
  );
}

/** The application writes on this side. */
async function serves(lab: LabHandle, instance: string): Promise<void> {
  await lab.sql(instance, WRITE, { user: 'app_writer', database: 'Adventureworks' });
}

test('a hook stops the switch before the fence, and never takes it back after the promotion', async (t) => {
  const lab = await startLab(t);
  await lab.cli(0, 'migrate', '--yes');

  await t.test(
    'one that fails before the fence: 1, with its output, its code and what to do',
    async () => {
      setHooks(lab, { beforeFence: 'echo the queue is not empty; exit 7' });
      const { stderr } = await lab.cli(1, ...CUTOVER);
      const text = stderr.replaceAll(/\s+/gu, ' ');
      assert.match(text, /the queue is not empty/u);
      assert.match(text, /The hook beforeFence failed: echo the queue/u);
      assert.match(text, /exit code 7/u);
      assert.match(text, /The role has not moved; the source serves/u);
      assert.match(text, /Run it by hand in .*sqlferry cutover goes on; sqlferry abort/u);
      await serves(lab, 'OnPremNode');
    },
  );

  await t.test('one that hangs and ignores SIGTERM: Ctrl-C ends it and the cutover', async () => {
    const ran = join(lab.folder, 'hung');
    setHooks(lab, { beforeFence: `trap '' TERM; echo $$ > ${ran}; while :; do sleep 1; done` });
    const running = lab.start(...CUTOVER);
    await until(() => existsSync(ran) && readFileSync(ran, 'utf8') !== '');
    running.child.kill('SIGINT');
    const { code, stdout, stderr } = await running.ended;
    assert.ok(code === 1 || code === 3, `${code}\n${stdout}${stderr}`);
    assert.match(stderr, /It was ended by Ctrl-C/u);
    await until(() => !existsSync(`/proc/${readFileSync(ran, 'utf8').trim()}/stat`));
    await serves(lab, 'OnPremNode');
  });

  await t.test('one that fails after the promotion: said, 0, and the target serves', async () => {
    const ran = join(lab.folder, 'left');
    setHooks(lab, {
      beforeFence: 'head -c 3000000 /dev/zero | tr "\\0" x',
      afterPromote: `sleep 300 & echo $! > ${ran}; exit 9`,
    });
    const result = await lab.cli(0, ...CUTOVER, '--json');
    const events = eventsOf(result);
    const problem = events.find(({ kind }) => kind === 'problem')?.['problem'];
    assert.equal((problem as Readonly<Record<string, unknown>>)['code'], 'SF-CLI-012');
    assert.equal(events.at(-1)?.['outcome'], 'done');
    assert.match(result.stderr, /The target is writable and stays so/u);
    assert.match(result.stderr, /exit code 9/u);
    assert.ok(result.stderr.length < 100_000, `${result.stderr.length} characters`);
    const left = Number(readFileSync(ran, 'utf8'));
    process.kill(left, 'SIGKILL');
    await serves(lab, 'SQLVM');
  });

  await t.test('one that a killed run owes is run by the next one', async () => {
    await lab.cli(0, 'failback', '--confirm', 'DAG');
    const ran = join(lab.folder, 'owed');
    setHooks(lab, { afterPromote: `echo x >> ${ran}` });
    const env = { SQLFERRY_STOP_AT: 'reply:promote' };
    const killed = startCli(CUTOVER, { cwd: lab.folder, env });
    await killed.sees('stopped at reply:promote:target');
    killed.child.kill('SIGKILL');
    await killed.ended;
    assert.ok(!existsSync(ran));
    await lab.cli(0, ...CUTOVER);
    assert.equal(readFileSync(ran, 'utf8'), 'x\n');
    await lab.cli(0, ...CUTOVER);
    assert.equal(readFileSync(ran, 'utf8'), 'x\n', 'once');
  });
});

/** Looks again until it is so; the runner's limit ends a wait that never does. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
