/** Two operators with different migration files for the same servers: what the second one means is refused, by name. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { documentOf, startCli, startLab } from './harness.ts';
import type { LabHandle } from './harness.ts';

/** Two databases, and a third server that another operator takes for the target. */
const THREE = `version: 1
name: three
instances:
  - name: OnPremNode
    side: source
    domain: contoso.com
    serviceAccount: 'CONTOSO\\sqlservice'
    databases: [{name: Shop}, {name: Ledger}]
  - name: SQLVM
    side: target
    domain: contoso.com
    serviceAccount: 'CONTOSO\\sqlservice'
  - name: SQLVM9
    side: target
    domain: contoso.com
    serviceAccount: 'CONTOSO\\sqlservice'
`;

const NAME = /^ {4}- name: (\w+)\n(?: {6}.*\n)+/gmu;

/** The lab's file names both targets; each operator's file keeps one of them. */
function withTarget(text: string, kept: string): string {
  return text.replaceAll(NAME, (block, name: string) =>
    name === kept || name === 'OnPremNode' ? block : '',
  );
}

/** Runs a command with the other operator's file and a store of its own. */
async function other(
  lab: LabHandle,
  code: number,
  file: string,
  ...args: readonly string[]
): Promise<string> {
  const own = ['-f', file, '--state-dir', `${lab.folder}/other-state`];
  const { stdout, stderr } = await lab.cli(code, ...args, ...own);
  return `${stdout}${stderr}`.replaceAll(/\s+/gu, ' ');
}

test('a second file with other databases, another group, another target or another budget moves nothing it does not mean', async (t) => {
  const lab = await startLab(t, { yaml: THREE });
  const generated = readFileSync(lab.file, 'utf8');
  const ours = withTarget(generated, 'SQLVM');
  lab.edit(() => ours);
  await lab.cli(0, 'migrate', '--yes');

  await t.test('fewer databases: refused before anything is changed, and named', async () => {
    const file = lab.edit((text) => text.replace('  - Ledger\n', ''), 'fewer.yaml');
    const text = await other(lab, 3, file, 'cutover', '--confirm', 'DAG');
    assert.match(text, /The migration file lists \[Shop\], and more databases would move/u);
    assert.match(text, /\[OnPremAG\] on the source holds \[Ledger\]/u);
    assert.match(text, /\[AzureAG\] on the target holds \[Ledger\]/u);
    assert.match(text, /add them to databases in the migration file/u);
    const before = await other(lab, 3, file, 'cutover', '--what-if');
    assert.match(before, /The cutover cannot begin/u);
  });

  await t.test('more databases: what is not there yet is named', async () => {
    const file = lab.edit(
      (text) => text.replace('  - Ledger\n', '  - Ledger\n  - Third\n'),
      'm.yaml',
    );
    const text = await other(lab, 3, file, 'cutover', '--confirm', 'DAG');
    assert.match(text, /\[Third\]/u);
  });

  await t.test(
    'another group over the same servers: its name is given, and nothing is called finished',
    async () => {
      const file = lab.edit((text) => text.replace('Group: DAG\n', 'Group: DAG2\n'), 'group.yaml');
      for (const args of [
        ['cutover', '--confirm', 'DAG2'],
        ['abort', '--confirm', 'DAG2'],
        ['finish', '--drop', '--confirm', 'DAG2'],
        ['migrate', '--yes'],
      ]) {
        const text = await other(lab, 3, file, ...args);
        assert.match(text, /\[OnPremAG\] on the source \(\[OnPremNode\]\) is in \[DAG\]/u, args[0]);
        assert.match(text, /Use the migration file of that group/u, args[0]);
      }
      const own = ['-f', file, '--state-dir', `${lab.folder}/other-state`];
      const look = startCli(['status', '--json', ...own], { cwd: lab.folder });
      const status = documentOf(await look.ended);
      assert.notEqual(status['phase'], 'finished');
      const { writable } = status['target'] as Readonly<Record<string, unknown>>;
      assert.notEqual(writable, true, 'the target is a forwarder of the other group');
    },
  );

  await t.test('another target: the register says whose switch it is', async () => {
    const file = lab.edit(() => withTarget(generated, 'SQLVM9'), 'target.yaml');
    const text = await other(lab, 3, file, 'cutover', '--confirm', 'DAG');
    assert.match(text, /belongs to a switch with SQLVM, the migration file says SQLVM9/u);
    assert.match(text, /Use the migration file that names that server/u);
  });

  await t.test(
    'nothing of this has touched the servers, and the first file cuts over',
    async () => {
      const look = await startCli(['status', '--json'], { cwd: lab.folder }).ended;
      assert.equal(documentOf(look)['phase'], 'ready-for-cutover');
      // Another budget is no contradiction: each attempt has the one of whoever starts it.
      const file = lab.edit(
        (text) => text.replace(/maxOutage: \S+/u, 'maxOutage: 20s'),
        'time.yaml',
      );
      await other(lab, 0, file, 'cutover', '--confirm', 'DAG');
      await lab.cli(0, 'cutover', '--confirm', 'DAG');
    },
  );
});
