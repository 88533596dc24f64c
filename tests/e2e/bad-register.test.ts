/** A commit register that is missing, changed, newer or somebody else's, before a cutover: refused, named, mended. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  PLACE_VARIABLE,
  REFUSED,
  REGISTER,
  registerSeal,
} from '../../src/sql/statement/register-guard.ts';
import { documentOf, startCli, startLab } from './harness.ts';
import type { LabHandle } from './harness.ts';

const CUTOVER = ['cutover', '--confirm', 'DAG'] as const;
const DROP_CONTROL = 'DROP DATABASE sqlferry_control';

/** What `diagnose` says, whatever its exit code. */
async function diagnosis(lab: LabHandle): Promise<Readonly<Record<string, unknown>>> {
  return documentOf(await startCli(['diagnose', '--json'], { cwd: lab.folder }).ended);
}

/** Nothing was moved: the source is primary and takes writes, the target does not. */
async function demandUnmoved(lab: LabHandle): Promise<void> {
  const status = documentOf(await startCli(['status', '--json'], { cwd: lab.folder }).ended);
  const side = (name: string): unknown => {
    const { dagRole, writable } = status[name] as Readonly<Record<string, unknown>>;
    return { dagRole, writable };
  };
  assert.deepEqual(side('source'), { dagRole: 'PRIMARY', writable: true });
  assert.deepEqual(side('target'), { dagRole: 'SECONDARY', writable: false });
}

test('a register that is missing is named with its side, and migrate makes it anew', async (t) => {
  const lab = await startLab(t);
  await lab.cli(0, 'migrate', '--yes');
  const cases = [
    { instances: ['OnPremNode'], words: /no commit register on the source\./u },
    // Missing on the source already.
    { instances: ['SQLVM'], words: /on the source and the target\./u },
  ];
  for (const { instances, words } of cases) {
    for (const instance of instances) await lab.sql(instance, DROP_CONTROL);
    const { stderr } = await lab.cli(3, ...CUTOVER);
    assert.match(stderr, words);
    assert.match(stderr, /sqlferry migrate/u);
  }
  await demandUnmoved(lab);
  await lab.cli(0, 'migrate', '--yes');
  await lab.sql('SQLVM', DROP_CONTROL);
  assert.match((await lab.cli(3, ...CUTOVER)).stderr, /no commit register on the target\./u);
  await lab.cli(0, 'migrate', '--yes');
  await lab.cli(0, ...CUTOVER);
});

/** One way of spoiling the register. */
interface Spoiled {
  readonly what: string;
  readonly instance: string;
  /** Before and back again. */
  readonly sql: readonly [string, string];
  readonly words: RegExp;
  readonly remedy: RegExp;
}

const sealed = (target: string): string =>
  `DECLARE ${PLACE_VARIABLE};
UPDATE ${REGISTER} SET target_id = N'${target}', seal = ${registerSeal({ target: `N'${target}'` })}`;

const SPOILED: readonly Spoiled[] = [
  {
    what: 'a phase edited by hand on the source',
    instance: 'OnPremNode',
    sql: [
      `UPDATE ${REGISTER} SET phase = 'committing' WHERE dag = N'DAG'`,
      `UPDATE ${REGISTER} SET phase = 'idle' WHERE dag = N'DAG'`,
    ],
    words: /commit_register on the source was changed by hand: its seal does not match/u,
    remedy: /sqlferry diagnose/u,
  },
  {
    what: 'a refused epoch edited by hand on the target',
    instance: 'SQLVM',
    sql: [`UPDATE ${REFUSED} SET epoch = 9`, `UPDATE ${REFUSED} SET epoch = 0`],
    words: /refused_epoch on the target was changed by hand/u,
    remedy: /sqlferry diagnose/u,
  },
  {
    what: "a seal that is another row's",
    instance: 'OnPremNode',
    sql: [
      `UPDATE ${REGISTER} SET seal = 0x00 WHERE dag = N'DAG'`,
      `DECLARE ${PLACE_VARIABLE};
UPDATE ${REGISTER} SET seal = ${registerSeal()} WHERE dag = N'DAG'`,
    ],
    words: /its seal does not match/u,
    remedy: /sqlferry diagnose/u,
  },
  {
    what: 'a newer protocol',
    instance: 'SQLVM',
    sql: [
      `UPDATE ${REGISTER} SET protocol = 2 WHERE dag = N'DAG'`,
      `UPDATE ${REGISTER} SET protocol = 1 WHERE dag = N'DAG'`,
    ],
    words: /on the target was written by a newer sqlferry \(protocol 2\)/u,
    remedy: /Use the newer sqlferry/u,
  },
  {
    what: 'the sealed register of a switch to another server',
    instance: 'OnPremNode',
    sql: [sealed('SQLVM9'), sealed('SQLVM')],
    words: /belongs to a switch with SQLVM9, the migration file says SQLVM/u,
    remedy: /Use the migration file that names that server/u,
  },
];

test('a register that may not be trusted stops every command that acts, and goes on when it is mended', async (t) => {
  const lab = await startLab(t);
  await lab.cli(0, 'migrate', '--yes');
  const refuses = async (spoiled: Spoiled, args: readonly string[]): Promise<void> => {
    const { stdout, stderr } = await lab.cli(3, ...args);
    // Long lines are wrapped: blanks are one.
    const text = `${stdout}${stderr}`.replaceAll(/\s+/gu, ' ');
    assert.match(text, spoiled.words, args[0]);
    assert.match(text, spoiled.remedy, args[0]);
  };
  for (const [index, spoiled] of SPOILED.entries()) {
    await t.test(spoiled.what, async () => {
      const [spoil, mend] = spoiled.sql;
      await lab.sql(spoiled.instance, spoil);
      await refuses(spoiled, CUTOVER);
      if (index === 0) {
        await refuses(spoiled, ['abort', '--confirm', 'DAG']);
        await refuses(spoiled, ['migrate', '--yes']);
        await refuses(spoiled, ['finish', '--drop', '--confirm', 'DAG']);
        assert.equal((await diagnosis(lab))['row'], 'D-REGISTER');
      }
      await lab.sql(spoiled.instance, mend);
    });
  }
  await demandUnmoved(lab);
  await lab.cli(0, ...CUTOVER);
});
