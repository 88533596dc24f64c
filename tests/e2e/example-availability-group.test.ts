/** The example of the availability-group path runs as it is written down, and shows what it says. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { matchExpected } from './golden.ts';
import { expectCli, startLab } from './harness.ts';

const EXAMPLE = new URL('../../examples/availability-group/', import.meta.url).pathname;

const COMMANDS: readonly (readonly string[])[] = [
  ['plan'],
  ['migrate', '--yes'],
  ['cutover', '--confirm', 'DAG'],
  ['status'],
  ['finish', '--keep'],
];

/** Ports of the example, in the order of the lab's instances. */
const FIRST_PORT = 14_330;

test('the availability-group example runs as written and shows what it says', async (t) => {
  const lab = await startLab(t, { preset: 'availability-group' });
  const password = lab.lab.logins.find(({ user }) => user === 'sa')?.passwordFile ?? '';
  const secret = readFileSync(password, 'utf8').trim();
  const env = { SQLFERRY_SOURCE_PASSWORD: secret, SQLFERRY_TARGET_PASSWORD: secret };
  // The example's places are fixed for people; a test takes the lab's own addresses and listeners.
  const made = readFileSync(lab.file, 'utf8');
  const listeners = [...made.matchAll(/listener:[^]*?port: (\d+)\s+ips:\s+- (\S+)/gu)];
  let text = readFileSync(join(EXAMPLE, 'sqlferry.yaml'), 'utf8').replace(
    './lab/ca.pem',
    './ca.pem',
  );
  for (const [index, { address, port }] of lab.lab.instances.entries()) {
    text = text.replace(
      `address: 127.0.0.1, port: ${FIRST_PORT + index} }`,
      `address: ${address}, port: ${port} }`,
    );
  }
  for (const [index, [, port = '', ip = '']] of listeners.entries()) {
    text = text.replace(
      new RegExp(`port: ${FIRST_PORT + 4 + index}, ips: \\[[^\\]]+\\]`, 'u'),
      `port: ${port}, ips: [${ip}]`,
    );
  }
  writeFileSync(lab.file, text);
  let shown = '';
  for (const args of COMMANDS) {
    const { stdout } = await expectCli(0, args, { cwd: lab.folder, env });
    // How often a wait, its reason or a progress line is printed depends on the machine.
    const lines = stdout.split('\n').filter((line) => !/^ {2}(?:waiting|seeding|why)/u.test(line));
    shown += `$ sqlferry ${args.join(' ')}\n${lines.join('\n')}\n`;
  }
  matchExpected(join(EXAMPLE, 'expected-output.txt'), shown);
});
