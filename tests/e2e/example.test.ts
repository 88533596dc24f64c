/** The example runs as it is written down: its migration file, its commands, its expected output. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { matchExpected } from './golden.ts';
import { expectCli, startLab } from './harness.ts';

const EXAMPLE = new URL('../../examples/standalone/', import.meta.url).pathname;

const COMMANDS: readonly (readonly string[])[] = [
  ['assess'],
  ['plan'],
  ['migrate', '--yes'],
  ['status'],
  ['cutover', '--confirm', 'DAG'],
  ['status'],
  ['finish', '--keep'],
  ['finish', '--drop', '--confirm', 'DAG'],
];

test('the standalone example runs as written and shows what it says', async (t) => {
  const lab = await startLab(t);
  const [source, target] = lab.lab.instances;
  const password = lab.lab.logins.find(({ user }) => user === 'sa')?.passwordFile ?? '';
  const secret = readFileSync(password, 'utf8').trim();
  const env = { SQLFERRY_SOURCE_PASSWORD: secret, SQLFERRY_TARGET_PASSWORD: secret };
  // The example's ports are fixed for people; a test takes the lab's own addresses.
  const text = readFileSync(join(EXAMPLE, 'sqlferry.yaml'), 'utf8')
    .replace('127.0.0.1, port: 14330', `${source?.address}, port: ${source?.port}`)
    .replace('127.0.0.1, port: 14331', `${target?.address}, port: ${target?.port}`)
    .replace('./lab/ca.pem', './ca.pem');
  writeFileSync(lab.file, text);
  let shown = '';
  for (const args of COMMANDS) {
    const { stdout } = await expectCli(0, args, { cwd: lab.folder, env });
    // How often a wait or a progress line is printed depends on the machine.
    const lines = stdout.split('\n').filter((line) => !/^ {2}(?:waiting|seeding|why)/u.test(line));
    shown += `$ sqlferry ${args.join(' ')}\n${lines.join('\n')}\n`;
  }
  matchExpected(join(EXAMPLE, 'expected-output.txt'), shown);
});
