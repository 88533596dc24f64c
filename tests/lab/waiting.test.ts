/**
 * The catalogue of waits: each cause brought about in a lab, over the real driver, and what a person is
 * told. Where it is taken back the answer must go too.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { systemClock } from '../../src/adapters/clock.ts';
import { loadMigration } from '../../src/adapters/config/load-migration.ts';
import { systemRandom } from '../../src/adapters/random.ts';
import { openServers } from '../../src/adapters/sqlserver/servers.ts';
import { openSession } from '../../src/adapters/sqlserver/session.ts';
import { startLab } from '../../src/lab/lab.ts';
import { availabilityGroupPreset } from '../../src/lab/preset/availability-group.ts';
import type { Observation } from '../../src/model/observation.ts';
import { defaultWaitingLimits, type WaitingAnswer } from '../../src/model/waiting.ts';
import { waitJudges } from '../../src/reconcile/waiting/table.ts';
import { noWaitMemory, whyWaiting } from '../../src/reconcile/waiting/why.ts';
import { startCliLab } from '../support/cli-lab.ts';
import { startSmallLab, type SmallLab, type SmallLabOptions } from '../support/small-lab.ts';
import {
  inStepInjections,
  lastInjections,
  replicaInjections,
  seedingInjections,
  type Injection,
  type InjectionLab,
} from './waiting-injection.ts';
import { slowServerInjections, queueInjections, roleInjections } from './waiting-injection-role.ts';

/** Looks after which an answer counts as missing, and the pause between two, in milliseconds. */
const LOOKS = 400;
const PAUSE_MS = 25;
/** Bytes per second at which a small database travels for most of a minute. */
const SLOW = 200;
const never = new AbortController().signal;
/** Limits at which every answer speaks at its first look. */
const atOnce = {
  ...defaultWaitingLimits,
  connectMs: 0,
  synchronizeMs: 0,
  fenceMs: 0,
  clockMs: 60_000,
};
const settings = { tickMs: 20, sessionTimeoutMs: 2000, seedingAttempts: 1, seedingMs: 20 };

/** A lab with the way to it. */
type Watched = Pick<SmallLab, 'lab' | 'loaded' | 'session'>;

interface StatusWaits {
  readonly waiting: readonly WaitingAnswer[];
  readonly estimates: readonly { readonly id: string }[];
}

interface SaidWait {
  readonly kind: string;
  readonly rule: string;
  readonly answer: WaitingAnswer;
}

function kitOf(context: TestContext, small: Watched): InjectionLab {
  const run: InjectionLab['run'] = async (session, sql) => {
    const answer = await session.execute({
      text: sql,
      parameters: [],
      limitMs: 10_000,
      signal: never,
    });
    assert.ok(answer.kind === 'ended', `the session was lost: ${sql}`);
    assert.deepEqual(answer.reply.errors, [], sql);
  };
  const until = async (what: string, isSo: (seen: Observation) => boolean): Promise<void> => {
    const servers = openServers({ loaded: small.loaded, clock: systemClock, acting: false });
    context.after(() => servers.close());
    for (let turn = 0; turn < LOOKS; turn += 1) {
      if (isSo(await servers.observe(never))) {
        servers.close();
        return;
      }
      await systemClock.sleep(PAUSE_MS);
    }
    throw new Error(`never so: ${what}`);
  };
  return {
    run,
    async text(side, sql) {
      const session = await small.session(side);
      await run(session, sql);
      session.close();
    },
    fault(value) {
      const done = small.lab.fault(value);
      assert.ok(done.ok, done.ok ? '' : done.error);
    },
    switches: (change) => small.lab.world().setSwitches(change),
    session: (side, change) => small.session(side, change),
    until,
    async onReplica(instance, sql) {
      const settings = small.loaded.otherInstances.find((each) => each.instance === instance);
      assert.ok(settings !== undefined, instance);
      const session = await small.session(settings.side, settings);
      await run(session, sql);
      session.close();
    },
    untilCut: () =>
      until(
        'the sides are cut',
        ({ source: { distributed } }) =>
          distributed.known && distributed.value?.remote?.connectedStateDesc !== 'CONNECTED',
      ),
    untilSending: () =>
      until('the copy is being sent', ({ source: { databases } }) => {
        const row = databases.known ? databases.value[0]?.seeding : null;
        return row?.stateDesc === 'SEEDING' && (row.transferredBytes ?? 0) > 0;
      }),
    untilJoined: () =>
      until(
        'the copy has joined',
        ({ target: { databases } }) =>
          databases.known && (databases.value[0]?.local ?? null) !== null,
      ),
    async operator() {
      const servers = openServers({ loaded: small.loaded, clock: systemClock, acting: true });
      context.after(() => servers.close());
      await servers.observe(never);
      return servers;
    },
  };
}

/** Looks as one who only watches until the answers are as wanted. */
async function lookUntil(
  context: TestContext,
  small: Watched,
  wanted: { readonly one: Injection; readonly spoken: boolean },
): Promise<WaitingAnswer | null> {
  const { one, spoken } = wanted;
  const servers = openServers({ loaded: small.loaded, clock: systemClock, acting: false });
  context.after(() => servers.close());
  const base = one.migration?.(small.loaded.migration) ?? small.loaded.migration;
  const migration = { ...base, limits: { ...atOnce, ...one.limits } };
  let memory = noWaitMemory;
  let said = '';
  for (let turn = 0; turn < LOOKS; turn += 1) {
    const step = whyWaiting(memory, {
      goal: one.goal ?? 'migrate',
      migration,
      observation: await servers.observe(never),
      now: systemClock.now(),
    });
    memory = step.memory;
    said = step.answers
      .map(
        ({ id, cause, consequences }) =>
          `${id} ${cause} <- ${consequences.map((each) => each.id).join()}`,
      )
      .join('\n');
    const answer = step.answers.find(({ id }) => id === one.id) ?? null;
    const beneath = answer?.consequences.map(({ id }) => id) ?? [];
    const whole = answer !== null && (one.hence ?? []).every((id) => beneath.includes(id));
    if (spoken ? whole : answer === null) {
      servers.close();
      return answer;
    }
    await systemClock.sleep(PAUSE_MS);
  }
  throw new Error(
    `${one.id} ${spoken ? 'is not said' : 'is still said'} when: ${one.words}\n${said}`,
  );
}

async function walk(
  context: TestContext,
  small: SmallLab,
  injections: readonly Injection[],
): Promise<void> {
  const kit = kitOf(context, small);
  for (const one of injections) {
    const mend = await one.inject(kit);
    const answer = await lookUntil(context, small, { one, spoken: true });
    assert.ok(answer !== null);
    context.diagnostic(`${one.id}: ${answer.cause} | ${answer.whose}: ${answer.next}`);
    await mend();
  }
}

/** As `walk`, and the answer must go when its cause is taken back. */
async function mendEach(
  context: TestContext,
  small: Watched,
  injections: readonly Injection[],
): Promise<void> {
  const kit = kitOf(context, small);
  for (const one of injections) {
    const mend = await one.inject(kit);
    const answer = await lookUntil(context, small, { one, spoken: true });
    context.diagnostic(`${one.id}: ${answer?.cause} | ${answer?.whose}: ${answer?.next}`);
    await mend();
    if (one.lasts !== undefined) continue;
    await lookUntil(context, small, { one, spoken: false });
  }
}

async function start(context: TestContext, options: SmallLabOptions): Promise<SmallLab> {
  return startSmallLab(context, { ...options, settings: { ...settings, ...options.settings } });
}

test('each cause of a seeding that waits is named while it is there', async (t) => {
  const databases = ['Adventureworks', 'Two', 'Three', 'Four', 'Five', 'Six'];
  const small = await start(t, { databases, settings: { seedingMs: 60_000 } });
  small.lab.fault({ fault: 'bandwidth', bytesPerSecond: SLOW });
  const enough = new AbortController();
  await small.run(
    { goal: 'migrate' },
    {},
    {
      signal: enough.signal,
      emit: (event) => {
        if (event.kind === 'waiting' && event.rule === 'R-WAIT-SEEDING') enough.abort();
      },
    },
  );
  await walk(t, small, seedingInjections);
});

test('each cause of a migration in step that waits is named, and no longer once it is mended', async (t) => {
  const small = await start(t, {
    instance: (each) =>
      each.side === 'target' ? { ...each, serviceAccount: 'CONTOSO\\sqltarget' } : each,
  });
  const ended = await small.run({ goal: 'migrate' });
  assert.equal(ended.outcome, 'ready-for-cutover');
  small.servers.close();
  const kit = kitOf(t, small);
  await kit.text('source', 'CREATE TABLE Adventureworks.dbo.t (n int, x nvarchar(max));');
  await mendEach(t, small, [
    ...queueInjections,
    ...inStepInjections,
    ...roleInjections,
    ...lastInjections,
  ]);
});

test('a copy that recovers is named, and a role that is on its way', async (t) => {
  const small = await start(t, { settings: { recoveryMs: 6_000, roleChangeMs: 60_000 } });
  const ended = await small.run({ goal: 'migrate' });
  assert.equal(ended.outcome, 'ready-for-cutover', JSON.stringify(ended));
  small.servers.close();
  await mendEach(t, small, slowServerInjections);
});

test('status, migrate and cutover say why they wait, whose move it is and what to do', async (t) => {
  const cli = await startCliLab(t, {}, (file) =>
    file
      .replace(/killSessionsAfter: \S+/u, 'killSessionsAfter: 500ms')
      .replace(/^cutover:/mu, 'limits: {fence: 1ms}\ncutover:'),
  );
  const kit = kitOf(t, cli.small);
  cli.small.servers.close();
  assert.equal((await cli.run('migrate', { options: { yes: true } })).code, 0);
  const quiet = JSON.parse((await cli.run('status', { json: true })).stdout) as StatusWaits;
  assert.deepEqual(quiet.waiting, []);
  assert.deepEqual(
    quiet.estimates.map(({ id }) => id),
    ['EST-OUTAGE'],
  );

  await kit.text('target', 'ALTER DATABASE [Adventureworks] SET HADR SUSPEND;');
  const stood = JSON.parse((await cli.run('status', { json: true })).stdout) as StatusWaits;
  assert.deepEqual(
    stood.waiting.map(({ id, whose, next }) => [id, whose, next]),
    [
      [
        'WAIT-SUSPENDED-BY-USER',
        'DBA of the target',
        'When it may go on, run on [SQLVM]: ALTER DATABASE [Adventureworks] SET HADR RESUME',
      ],
    ],
  );
  const screen = (await cli.run('status')).stdout.replaceAll(/\s+/gu, ' ');
  assert.match(
    screen,
    /why Data movement of \[Adventureworks\] is suspended on the target by a person/u,
  );
  assert.match(screen, /move DBA of the target: When it may go on/u);
  const stopped = await cli.run('migrate', { options: { yes: true } });
  assert.equal(stopped.code, 3);
  assert.match(stopped.stdout, /why: Data movement .* \(WAIT-SUSPENDED-BY-USER\)/u);
  const refused = await cli.run('cutover', { options: { confirm: 'DAG' } });
  assert.equal(refused.code, 3);
  assert.match(refused.stderr, /WAIT-SUSPENDED-BY-USER/u);

  await kit.text('target', 'ALTER DATABASE [Adventureworks] SET HADR RESUME;');
  assert.equal((await cli.run('migrate', { options: { yes: true } })).code, 0);
  const session = await kit.session('source');
  await kit.run(session, 'USE [Adventureworks];');
  const over = await cli.run('cutover', { options: { confirm: 'DAG' }, json: true });
  assert.equal(over.code, 0, over.stdout);
  const events = over.stdout
    .split('\n')
    .filter((line) => line.includes('"WAIT-'))
    .map((line) => JSON.parse(line) as SaidWait);
  const [said] = events;
  assert.ok(said !== undefined, over.stdout);
  assert.equal(said.kind, 'waiting');
  assert.equal(said.rule, 'WAIT-FENCE-SESSIONS');
  assert.equal(said.answer.whose, 'application');
  assert.match(said.answer.evidence.join(' '), /Session \d+ in \[Adventureworks\]: sa from/u);
});

test('a replica of a group that is away is named, and no longer once it is back', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'sqlferry-lab-'));
  const bugs: unknown[] = [];
  const lab = await startLab({
    definition: {
      ...availabilityGroupPreset,
      instances: availabilityGroupPreset.instances.map((instance) => ({
        ...instance,
        databases: instance.databases.map((database) => ({
          ...database,
          sample: 'none' as const,
          catalog: { 'sys.databases': [{ state: 4, state_desc: 'SUSPECT' }] },
        })),
        logins: instance.logins.map((login) => ({ ...login, users: [] })),
      })),
    },
    directory,
    addresses: { kind: 'ports', basePort: 0 },
    settings,
    clock: systemClock,
    random: systemRandom,
    onBug: (error) => bugs.push(error),
  });
  t.after(async () => {
    await lab.close();
    rmSync(directory, { recursive: true, force: true });
    assert.deepEqual(bugs, []);
  });
  const loaded = loadMigration({ path: join(directory, 'sqlferry.yaml'), env: {} });
  assert.ok(loaded.ok);
  const watched: Watched = {
    lab,
    loaded: loaded.value,
    async session(side, change = {}) {
      const opened = await openSession(
        { ...loaded.value.connections[side], ...change },
        systemClock,
        never,
      );
      assert.ok(opened.ok);
      return opened.value;
    },
  };
  await mendEach(t, watched, replicaInjections);
});

test('every cause is brought about in a lab', () => {
  const all = [
    ...seedingInjections,
    ...queueInjections,
    ...inStepInjections,
    ...roleInjections,
    ...lastInjections,
    ...slowServerInjections,
    ...replicaInjections,
  ];
  const shown = new Set(all.flatMap(({ id, hence = [] }) => [id, ...hence]));
  assert.deepEqual(
    waitJudges.map(({ id }) => id).filter((id) => !shown.has(id)),
    [],
  );
});
