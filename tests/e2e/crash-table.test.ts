/**
 * The table of what a dead operator leaves behind, row by row: the servers are brought there through the
 * real driver, `diagnose` and `status` read it, and the advice that is printed is followed to a good end.
 *
 * An operator "dies" at a question of `cutover --stepwise`: the steps before it have happened, the next
 * ones never do, and whoever comes next knows only what the servers show.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import { systemClock } from '../../src/adapters/clock.ts';
import type { HadrSettings } from '../../src/lab/hadr/state.ts';
import { COLUMNS, startCliLab, type CliLab, type Ran } from '../support/cli-lab.ts';
import { worldSession } from '../support/world-session.ts';

const SOURCE = 'OnPremNode';
const TARGET = 'SQLVM';
const CONFIRM = { confirm: 'DAG' } as const;
/** Longest wait for a state that the servers reach by themselves, in looks. */
const LOOKS = 200;

/** Rows that were reached, to be compared with the table at the end of the file. */
const reached = new Set<string>();

interface Stage extends CliLab {
  /** Runs the command and demands its exit code. */
  expect(code: number, ...command: Parameters<CliLab['run']>): Promise<Ran>;
  /** What `diagnose` says, held against `status`; demands the row. */
  row(id: string): Promise<Diagnosed>;
  /** `cutover --stepwise` up to the step with these words, which is declined. */
  dieBefore(words: string, doing?: () => void): Promise<Ran>;
  /** Names of the instances that take a commit now. */
  writable(): Promise<readonly string[]>;
}

interface Diagnosed {
  readonly next: string;
  readonly evidence: readonly string[];
  readonly outageOpen: boolean;
  readonly code: number;
}

async function openStage(
  t: TestContext,
  settings: Partial<HadrSettings> = {},
  edit?: (file: string) => string,
): Promise<Stage> {
  const cli = await startCliLab(t, { settings }, edit);
  const world = cli.small.lab.world();
  const password = cli.small.lab.password('sa').reveal();
  let tables = 0;
  const takesCommit = async (instance: string): Promise<boolean> => {
    tables += 1;
    const text = `CREATE TABLE [Adventureworks].[dbo].[t${tables}] (id int NOT NULL)`;
    try {
      const session = await worldSession(world, instance, { user: 'sa', password });
      const answer = await Promise.race([
        session.batch(text),
        // A commit that hangs because its copy is away is not acknowledged.
        systemClock.sleep(300).then(() => null),
      ]);
      session.close();
      return answer !== null && answer.errors.length === 0;
    } catch {
      return false;
    }
  };
  const expect: Stage['expect'] = async (code, ...command) => {
    const ran = await cli.run(...command);
    assert.equal(ran.code, code, `${JSON.stringify(command)}\n${ran.stdout}${ran.stderr}`);
    return ran;
  };
  return {
    ...cli,
    expect,
    async row(id) {
      const json = await cli.run('diagnose', { json: true });
      const said = JSON.parse(json.stdout) as Diagnosed & { readonly row: string };
      assert.equal(said.row, id, json.stdout);
      reached.add(id);
      assert.equal(json.code === 5, said.outageOpen, id);
      const status = await cli.run('status', { json: true });
      const shown = JSON.parse(status.stdout) as { readonly outage: unknown };
      assert.equal(shown.outage !== null, said.outageOpen, `${id}: ${status.stdout}`);
      assert.equal(status.code === 5, said.outageOpen, `${id}: status ends with ${status.code}`);
      for (const screen of [await cli.run('diagnose'), await cli.run('status')]) {
        for (const line of screen.stdout.split('\n')) {
          assert.ok(line.length <= COLUMNS, `${line.length} columns: ${line}`);
        }
      }
      return { ...said, code: json.code };
    },
    dieBefore: (words, doing) =>
      cli.run('cutover', {
        options: { stepwise: true, ...CONFIRM },
        answer: (printed) => {
          const step = printed.slice(printed.lastIndexOf('\nStep '));
          if (!step.split('\n', 2).join(' ').includes(words)) return 'y';
          doing?.();
          return doing === undefined ? 'n' : 'y';
        },
      }),
    async writable() {
      const taken = await Promise.all(
        [SOURCE, TARGET].map(async (name) => ((await takesCommit(name)) ? [name] : [])),
      );
      return taken.flat();
    },
  };
}

test('before the switch: modes, a lost link, ready; the advice is followed to a cutover', async (t) => {
  const stage = await openStage(t);
  const world = stage.small.lab.world();
  await stage.expect(0, 'migrate', { options: { yes: true } });
  assert.match((await stage.row('D-ASYNCHRONOUS')).next, /^sqlferry cutover/u);

  const died = await stage.dieBefore('Set [DAG] to SYNCHRONOUS_COMMIT');
  assert.equal(died.code, 3);
  await stage.expect(0, 'abort', { options: CONFIRM });
  await stage.row('D-ASYNCHRONOUS');

  let asked = 0;
  await stage.run('cutover', {
    options: { stepwise: true, ...CONFIRM },
    answer: (printed) => {
      const step = printed.slice(printed.lastIndexOf('\nStep '));
      if (step.includes('Set [DAG] to')) asked += 1;
      return asked === 2 ? 'n' : 'y';
    },
  });
  assert.match((await stage.row('D-ONE-SIDE-SYNCHRONOUS')).next, /sqlferry abort sets it back/u);
  assert.deepEqual(await stage.writable(), [SOURCE]);

  await stage.dieBefore('Set the secondaries');
  world.partition(SOURCE, TARGET);
  world.setSessionTimeout(200);
  await becomes(stage, 'D-SYNCHRONISING');
  const late = await stage.row('D-SYNCHRONISING');
  assert.match(late.next, /waits for it; sqlferry abort/u);
  world.heal();
  world.setSessionTimeout(10_000);
  await becomes(stage, 'D-READY');

  await stage.dieBefore('Give the primary role');
  assert.match((await stage.row('D-READY')).next, /proves anew that nothing writes/u);
  await stage.expect(0, 'cutover', { options: CONFIRM });
  await stage.row('D-CUT-OVER');
  assert.deepEqual(await stage.writable(), [TARGET]);
});

test('in the outage: fenced and equal, the target away, decided, promoted; each advice leads to one writable copy', async (t) => {
  const stage = await openStage(t);
  const world = stage.small.lab.world();
  await stage.expect(0, 'migrate', { options: { yes: true } });

  assert.equal((await stage.dieBefore('Commit epoch')).code, 5);
  const equal = await stage.row('D-FENCED-EQUAL');
  assert.match(equal.next, /^sqlferry cutover goes forward/u);
  assert.ok(
    equal.evidence.some((line) => /hardened up to: source (\d+), target \1\./u.test(line)),
    equal.evidence.join('\n'),
  );
  assert.deepEqual(await stage.writable(), []);

  world.crash(TARGET);
  assert.match(
    (await stage.row('D-TARGET-AWAY-OUTAGE')).next,
    /^sqlferry abort takes the role back/u,
  );
  const half = await stage.expect(1, 'abort', { options: CONFIRM });
  assert.match(half.stdout, /stands +.*\[OnPremNode\]:\s+PRIMARY,\s+takes\s+writes/u);
  assert.deepEqual(await stage.writable(), [SOURCE], 'a target that is away keeps nobody waiting');
  const away = await stage.row('D-TARGET-AWAY');
  assert.match(away.next, /^Bring \[SQLVM\] back; .*sqlferry abort sets back what is left/u);
  assert.doesNotMatch(away.evidence.join(' '), /Disabled/u, 'the application may come back');
  world.restart(TARGET);
  await stage.expect(0, 'abort', { options: CONFIRM });
  await becomes(stage, 'D-ASYNCHRONOUS');
  assert.deepEqual(await stage.writable(), [SOURCE]);

  assert.equal((await stage.dieBefore('Take the primary role')).code, 5);
  assert.match((await stage.row('D-COMMITTING')).next, /^sqlferry cutover promotes/u);
  world.crash(TARGET);
  assert.match(
    (await stage.row('D-TARGET-AWAY-OUTAGE')).next,
    /^Wait for \[SQLVM\]: its role decides/u,
  );
  world.restart(TARGET);
  await becomes(stage, 'D-COMMITTING');

  assert.equal((await stage.dieBefore('Close epoch')).code, 3);
  assert.match((await stage.row('D-PROMOTED')).next, /^sqlferry cutover finishes it/u);
  assert.deepEqual(await stage.writable(), [TARGET]);
  await stage.expect(0, 'cutover', { options: CONFIRM });
  assert.match((await stage.row('D-CUT-OVER')).next, /sqlferry finish --keep/u);

  world.crash(SOURCE);
  const gone = await stage.row('D-AFTER-SOURCE-AWAY');
  assert.equal(gone.code, 1);
  assert.match(gone.next, /^Go on with \[SQLVM\].*look at its role before anything else/u);
  world.restart(SOURCE);
  await becomes(stage, 'D-CUT-OVER');
  assert.deepEqual(await stage.writable(), [TARGET]);
});

test('demoted while the target has not everything: never promoted, and abort loses nothing', async (t) => {
  const stage = await openStage(t);
  const world = stage.small.lab.world();
  await stage.expect(0, 'migrate', { options: { yes: true } });
  const died = await stage.run('cutover', {
    options: { stepwise: true, ...CONFIRM },
    answer: (printed) => {
      const step = printed.slice(printed.lastIndexOf('\nStep '));
      if (step.includes('Give the primary role')) {
        world.lateWriter(SOURCE, 'Adventureworks');
        world.partition(SOURCE, TARGET);
      }
      return step.includes('Wait until the log') ? 'n' : 'y';
    },
  });
  assert.equal(died.code, 5, died.stdout + died.stderr);
  assert.match(died.stdout, /differ/u);
  const behind = await stage.row('D-FENCED-BEHIND');
  assert.match(behind.next, /sqlferry abort goes back/u);
  await stage.expect(0, 'abort', { options: CONFIRM });
  world.heal();
  await becomes(stage, 'D-ASYNCHRONOUS');
  assert.deepEqual(await stage.writable(), [SOURCE]);
});

test('a role change under way is waited for', async (t) => {
  const stage = await openStage(t, { roleChangeMs: 3000 });
  await stage.expect(0, 'migrate', { options: { yes: true } });
  const switching = stage.run('cutover', { options: CONFIRM });
  await becomes(stage, 'D-CHANGING');
  assert.equal((await switching).code, 0);
  await stage.row('D-CUT-OVER');
  assert.deepEqual(await stage.writable(), [TARGET]);
});

test('the source is gone, then back: two primaries, both tails, and the one that is named gives up', async (t) => {
  const stage = await openStage(t);
  const world = stage.small.lab.world();
  await stage.expect(0, 'migrate', { options: { yes: true } });
  assert.deepEqual(await stage.writable(), [SOURCE]);
  await becomes(stage, 'D-ASYNCHRONOUS');
  world.partition(SOURCE, TARGET);
  assert.deepEqual(await stage.writable(), [SOURCE], 'a commit that never reaches the target');
  world.crash(SOURCE);
  const lost = await stage.row('D-SOURCE-AWAY');
  assert.equal(lost.code, 1);
  assert.match(lost.next, /^Bring \[OnPremNode\] back.*--accept-data-loss --confirm DAG/u);
  await stage.expect(0, 'cutover', { options: { acceptDataLoss: true, ...CONFIRM } });
  assert.deepEqual(await stage.writable(), [TARGET]);
  world.restart(SOURCE);
  world.heal();
  await becomes(stage, 'D-SPLIT-BRAIN');
  const { next } = await stage.row('D-SPLIT-BRAIN');
  assert.match(next, /diagnose --resolve-split-brain <source\|target> --confirm DAG/u);

  const document = JSON.parse((await stage.run('diagnose', { json: true })).stdout) as {
    readonly tails: readonly {
      readonly recoveryForkGuid: string;
      readonly lastCommitUtc: string;
    }[];
    readonly divergences: readonly {
      readonly commonUpToLsn: string;
      readonly ifLoses: { readonly source: string; readonly target: string };
    }[];
  };
  const [left, right] = document.tails;
  assert.match(left?.recoveryForkGuid ?? '', /^[0-9A-F-]{36}$/iu);
  assert.notEqual(left?.recoveryForkGuid, right?.recoveryForkGuid, 'two forks');
  for (const tail of document.tails) assert.match(tail.lastCommitUtc, /^\d{4}-.*Z$/u);
  const [apart] = document.divergences;
  assert.match(apart?.commonUpToLsn ?? '', /^\d+$/u);
  assert.match(apart?.ifLoses.source ?? '', /^every commit of \[OnPremNode\] after that position/u);
  assert.match(apart?.ifLoses.target ?? '', /^every commit of \[SQLVM\] after that position/u);

  const resolve = { resolveSplitBrain: 'source' } as const;
  const asked = await stage.run('diagnose', { options: resolve, answer: () => 'dag' });
  assert.equal(asked.code, 2, 'the wrong name');
  assert.match(asked.stdout, /Lost unless they were backed up.*every commit of \[OnPremNode\]/u);
  await stage.row('D-SPLIT-BRAIN');
  await stage.expect(0, 'diagnose', { options: resolve, answer: () => 'DAG' });
  await becomes(stage, 'D-CUT-OVER');
  assert.deepEqual(await stage.writable(), [TARGET]);
});

test('the group was dropped on one side: joined again before the switch, dropped on the other after it', async (t) => {
  const stage = await openStage(t);
  await stage.expect(0, 'migrate', { options: { yes: true } });
  await drop(stage, TARGET);
  const early = await stage.row('D-DROPPED-EARLY');
  assert.match(early.next, /^Keep applications away from \[SQLVM\]/u);
  await statement(stage, TARGET, ...(early.next.match(/(?:ALTER|DROP) [^;]+;/gu) ?? []));
  assert.match((await stage.row('D-NOT-JOINED')).next, /^sqlferry migrate joins it/u);
  await stage.expect(0, 'migrate', { options: { yes: true } });
  await stage.row('D-ASYNCHRONOUS');
  assert.deepEqual(await stage.writable(), [SOURCE]);

  const after = await openStage(t);
  await after.expect(0, 'migrate', { options: { yes: true } });
  await after.expect(0, 'cutover', { options: CONFIRM });
  await drop(after, TARGET);
  assert.match((await after.row('D-DROPPED-TARGET')).next, /sqlferry finish --drop/u);
  await after.expect(0, 'finish', { options: { drop: true, ...CONFIRM } });
  await after.row('D-NO-GROUP');

  const reverse = await openStage(t);
  await reverse.expect(0, 'migrate', { options: { yes: true } });
  await reverse.expect(0, 'cutover', { options: CONFIRM });
  await drop(reverse, SOURCE);
  assert.match(
    (await reverse.row('D-DROPPED-SOURCE')).next,
    /no application writes on \[OnPremNode\]/u,
  );
});

/** Every row of section 5.3 of the reference, and the rows of `diagnose` that stand for it. */
const table: readonly (readonly [string, readonly string[]])[] = [
  ['PRIMARY SECONDARY async', ['D-ASYNCHRONOUS']],
  ['PRIMARY SECONDARY one side synchronous', ['D-ONE-SIDE-SYNCHRONOUS']],
  ['PRIMARY SECONDARY synchronizing', ['D-SYNCHRONISING']],
  ['PRIMARY SECONDARY equal', ['D-READY']],
  ['SECONDARY SECONDARY equal', ['D-FENCED-EQUAL', 'D-COMMITTING']],
  ['SECONDARY SECONDARY different', ['D-FENCED-BEHIND']],
  ['SECONDARY, the other unreachable', ['D-TARGET-AWAY-OUTAGE']],
  ['SECONDARY PRIMARY, required 1', ['D-PROMOTED']],
  ['SECONDARY PRIMARY, required 0', ['D-CUT-OVER']],
  ['RESOLVING or pending', ['D-CHANGING']],
  ['PRIMARY PRIMARY', ['D-SPLIT-BRAIN']],
  ['unreachable SECONDARY', ['D-SOURCE-AWAY']],
  ['unreachable PRIMARY', ['D-AFTER-SOURCE-AWAY']],
  ['PRIMARY none', ['D-NOT-JOINED', 'D-DROPPED-EARLY']],
  ['none PRIMARY', ['D-DROPPED-SOURCE']],
];

test('no row of the table was left out', () => {
  const missing = table.flatMap(([situation, rows]) =>
    rows.filter((row) => !reached.has(row)).map((row) => `${situation}: ${row}`),
  );
  assert.deepEqual(missing, []);
});

async function becomes(stage: Stage, id: string): Promise<void> {
  let seen = '';
  for (let look = 0; look < LOOKS; look += 1) {
    const { stdout } = await stage.run('diagnose', { json: true });
    seen = (JSON.parse(stdout) as { readonly row: string }).row;
    if (seen === id) {
      reached.add(id);
      return;
    }
    await systemClock.sleep(20);
  }
  assert.fail(`${seen} did not become ${id}`);
}

function drop(stage: Stage, instance: string): Promise<void> {
  return statement(stage, instance, 'DROP AVAILABILITY GROUP [DAG]');
}

/** What a person types on a server, one statement after the other. */
async function statement(stage: Stage, instance: string, ...texts: string[]): Promise<void> {
  assert.ok(texts.length > 0, 'nothing to type');
  const session = await worldSession(stage.small.lab.world(), instance, {
    user: 'sa',
    password: stage.small.lab.password('sa').reveal(),
  });
  for (const text of texts) await session.run(text);
  session.close();
}
