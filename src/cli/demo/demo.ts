/**
 * The demo: two servers, an application that never stops writing, the whole migration by the real
 * commands' own functions, and the proof that no acknowledged row was lost.
 *
 * Relies on the lab for the servers and on nothing of it in this process: lab and application are
 * child processes, reached over TDS like any server.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { required } from '../../base/assert.ts';
import { fail, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { RunResult } from '../../model/event.ts';
import type { Problem } from '../../model/problem.ts';
import type { CliContext } from '../command-module.ts';
import type { MigrationSession } from '../migration-session.ts';
import { openSession } from '../open-session.ts';
import { counted, duration } from '../output/format.ts';
import { writeOutput } from '../output/file.ts';
import { planMarkdown } from '../output/plan-script.ts';
import { say, styleOf } from '../output/report.ts';
import { defaultPolicy } from '../../reconcile/policy.ts';
import { runForResult } from '../run-goal.ts';
import { deadManLine, deadManStatus, predictedOutage } from '../status-register.ts';
import { startDemoApplication } from './application-process.ts';
import type { DemoApplication } from './application-process.ts';
import { connect, execute } from './connection.ts';
import { startDemoLab } from './lab-process.ts';
import type { DemoLab } from './lab-process.ts';
import { prove, readOrders, settingsFor } from './proof.ts';
import type { DemoProof } from './proof.ts';
import { writeSettings } from './settings.ts';
import type { ApplicationSettings } from './settings.ts';

/** Where the application of a preset connects before and after, and what fails over locally on the way. */
interface DemoPreset {
  readonly source: string;
  readonly target: string;
  /** What the lab consists of, in words. */
  readonly words: string;
  /** Instance that takes the role of the source's group between migrate and cutover; null: none. */
  readonly localFailover: string | null;
}

/** The articles' servers, by name of the preset. */
export const demoPresets: Readonly<Record<string, DemoPreset>> = {
  standalone: {
    source: 'OnPremNode',
    target: 'SQLVM',
    words: 'two SQL Servers in one process, behind the real protocol',
    localFailover: null,
  },
  'availability-group': {
    source: 'OnPremAG_LST',
    target: 'AzureAG_LST',
    words: 'four SQL Servers in two clusters in one process, behind the real protocol',
    localFailover: 'OnPremNode2',
  },
};
/** Orders the application places before and between the steps. */
const WARM_UP_ORDERS = 100;
/** Longest wait for the application to place them, in milliseconds. */
const ORDERS_LIMIT_MS = 10_000;

/** What is run where. */
export interface DemoOptions {
  readonly folder: string;
  readonly preset: string;
  readonly seed: number;
  /** Leave the lab running at the end. */
  readonly keep: boolean;
}

/** What the demo showed. */
export interface DemoOutcome {
  readonly proof: DemoProof;
  readonly cutover: RunResult;
  /** Longest time without an acknowledged order, as the application saw it, in milliseconds. */
  readonly longestGapMs: number;
  readonly migrationFile: string;
}

/** Everything that runs beside this process. */
interface Stage {
  readonly lab: DemoLab;
  readonly preset: DemoPreset;
  readonly application: DemoApplication;
  readonly before: readonly string[];
  readonly target: ApplicationSettings;
  readonly applicationTarget: ApplicationSettings;
  readonly settingsFile: string;
  readonly ledgerFile: string;
}

/** Runs the demo; whatever happens, the application is stopped at the end, and the lab unless it is kept. */
export async function runDemo(
  context: CliContext,
  options: DemoOptions,
): Promise<Result<DemoOutcome, Problem>> {
  const { clock, signal } = context;
  const preset = required(demoPresets[options.preset], 'a preset of the demo');
  heading(context, 'Lab', preset.words);
  const folder = join(options.folder, 'lab');
  const lab = await startDemoLab({ folder, preset: options.preset, clock, signal });
  if (!lab.ok) return fail(demoProblem(`The lab did not start: ${lab.error}`, options));
  try {
    for (const { name, address, port } of [...lab.value.instances, ...lab.value.listeners]) {
      say(context, `  ${name} at ${address}:${port}`);
    }
    return await withApplication(context, options, { lab: lab.value, preset });
  } finally {
    if (options.keep) lab.value.leave();
    else await lab.value.stop();
  }
}

async function withApplication(
  context: CliContext,
  options: DemoOptions,
  { lab, preset }: Pick<Stage, 'lab' | 'preset'>,
): Promise<Result<DemoOutcome, Problem>> {
  const login = settingsFor(lab, preset.source, 'app_writer');
  const applicationTarget = settingsFor(lab, preset.target, 'app_writer');
  const source = settingsFor(lab, preset.source, 'sa');
  const target = settingsFor(lab, preset.target, 'sa');
  if (login === null || applicationTarget === null || source === null || target === null) {
    return fail(demoProblem('The lab has not the servers and logins of the preset.', options));
  }
  const settingsFile = join(options.folder, 'application.json');
  const ledgerFile = join(options.folder, 'ledger.txt');
  const before = await readOrders(source);
  writeSettings(settingsFile, login);
  const { clock } = context;
  heading(
    context,
    'Application',
    `four writers place orders on [${preset.source}] and keep a ledger`,
  );
  const application = startDemoApplication({ settingsFile, ledgerFile, seed: options.seed, clock });
  try {
    if (!(await placed(application, WARM_UP_ORDERS))) {
      return fail(
        demoProblem(`The application places no orders. ${application.errors()}`, options),
      );
    }
    say(
      context,
      `  ${counted(application.report()?.acknowledged ?? 0, 'order')} acknowledged so far`,
    );
    const places = { lab, preset, before, target, applicationTarget, settingsFile, ledgerFile };
    const stage = { ...places, application };
    return await migrateAndProve(context, options, stage);
  } finally {
    await application.stop();
  }
}

async function migrateAndProve(
  context: CliContext,
  options: DemoOptions,
  stage: Stage,
): Promise<Result<DemoOutcome, Problem>> {
  const migrationFile = join(options.folder, 'sqlferry.yaml');
  // The application reconnects at once: a long grace would only show waiting.
  const ready = readFileSync(join(stage.lab.folder, 'sqlferry.yaml'), 'utf8');
  writeFileSync(
    migrationFile,
    ready.replace(/killSessionsAfter: \S+/u, 'killSessionsAfter: 500ms'),
  );
  const inner: CliContext = {
    ...context,
    globals: {
      ...context.globals,
      file: migrationFile,
      fileGiven: true,
      stateDir: join(options.folder, 'state'),
    },
  };
  const opened = openSession(inner, { form: 'events', acting: true });
  if (!opened.ok)
    return fail(demoProblem('The migration file of the lab cannot be used.', options));
  const session = opened.value;
  try {
    const cutover = await migrateAndCutOver(inner, options, { ...stage, session });
    if (!cutover.ok) return cutover;
    if (!(await placed(stage.application, WARM_UP_ORDERS))) {
      return fail(demoProblem('The application did not find the target.', options));
    }
    const longestGapMs = stage.application.report()?.longestGapMs ?? 0;
    const finished = await finish(inner, session);
    if (finished !== null) return fail(demoProblem(finished, options));
    await stage.application.stop();
    const proof = await prove(stage.ledgerFile, stage.target, stage.before);
    return ok({ proof, cutover: cutover.value, longestGapMs, migrationFile });
  } finally {
    await session.close();
  }
}

async function migrateAndCutOver(
  context: CliContext,
  options: DemoOptions,
  stage: Stage & { readonly session: MigrationSession },
): Promise<Result<RunResult, Problem>> {
  const { session, application } = stage;
  const style = styleOf(context);
  heading(context, 'Assess', 'every prerequisite, one round trip per server');
  const { assessment } = await session.assess(context.signal);
  const { counts } = assessment;
  say(
    context,
    `  ${assessment.verdict}: ${counted(counts.error, 'error')}, ${counted(counts.warning, 'warning')}, ${counts.success} in order, ${counts.skipped} skipped`,
  );
  if (assessment.verdict === 'not-ready') {
    return fail(demoProblem('The assessment refuses the lab.', options));
  }
  heading(context, 'Plan', 'every statement before it runs');
  const { plan } = await session.plan(context.signal);
  const planFile = join(options.folder, 'plan.md');
  const written = writeOutput(planFile, planMarkdown(plan));
  if (!written.ok) return written;
  say(
    context,
    `  ${counted(plan.steps.length, 'step')}, ${plan.steps.filter(({ outage }) => outage).length} of them during the outage${options.keep ? `  ${style.faint(planFile)}` : ''}`,
  );
  heading(context, 'Migrate', 'until ready for cutover, while the application writes');
  const migrated = await runForResult(context, session, { intent: { goal: 'migrate' } });
  if (migrated.outcome !== 'ready-for-cutover' && migrated.outcome !== 'done') {
    return fail(demoProblem('The migration did not get ready for cutover.', options));
  }
  if (!(await placed(application, WARM_UP_ORDERS))) {
    return fail(demoProblem('The application stopped writing.', options));
  }
  const moved = await failOverLocally(context, stage);
  if (moved !== null) return fail(demoProblem(moved, options));
  await saySafety(context, session);
  heading(
    context,
    'Cutover',
    `the writes move to [${stage.preset.target}], the application is re-pointed`,
  );
  application.resetGap();
  const cutover = await runForResult(context, session, {
    intent: { goal: 'cutover' },
    interception: {
      after: (act, reply) => {
        if (act.kind === 'promote' && reply.outcome === 'ok') {
          writeSettings(stage.settingsFile, stage.applicationTarget);
        }
        return Promise.resolve();
      },
    },
  });
  return cutover.outcome === 'done'
    ? ok(cutover)
    : fail(demoProblem('The cutover did not come to its end.', options));
}

/**
 * The source's own group fails over to its other replica, as a patch night would do it; the application
 * comes back through the listener. Null when that went well or is not part of the preset.
 */
async function failOverLocally(context: CliContext, stage: Stage): Promise<string | null> {
  const { preset, lab, application } = stage;
  if (preset.localFailover === null) return null;
  const replica = settingsFor(lab, preset.localFailover, 'sa');
  if (replica === null) return 'The lab has not the replicas of the preset.';
  heading(context, 'Failover', `[OnPremAG] moves to [${preset.localFailover}]; sqlferry follows`);
  const connection = await connect({ ...replica, database: 'master' }, 'patch night');
  try {
    await execute(connection, 'ALTER AVAILABILITY GROUP [OnPremAG] FAILOVER;');
  } finally {
    connection.close();
  }
  const goesOn = await placed(application, WARM_UP_ORDERS);
  say(
    context,
    `  ${counted(application.report()?.acknowledged ?? 0, 'order')} acknowledged so far`,
  );
  return goesOn ? null : 'The application did not find the listener again.';
}

/** What guards the switch and what it will cost, before it begins. */
async function saySafety(context: CliContext, session: MigrationSession): Promise<void> {
  const { migration } = session;
  const { observation } = await session.glance({ goal: 'cutover' }, context.signal);
  const predicted = predictedOutage(observation, migration, defaultPolicy);
  heading(context, 'Safety', 'nobody has to come back for the writes to come back');
  say(context, `  dead-man: ${deadManLine(deadManStatus(observation, migration))}`);
  say(
    context,
    `  predicted outage: ${predicted === null ? 'unknown' : duration(predicted)}, budget ${duration(migration.cutover.maxOutageMs)}`,
  );
}

/** Null when the DAG is kept and asynchronous again. */
async function finish(context: CliContext, session: MigrationSession): Promise<string | null> {
  heading(context, 'Finish', 'the source stays a copy, asynchronous again');
  const result = await runForResult(context, session, {
    intent: { goal: 'finish', distributed: 'keep' },
  });
  return result.outcome === 'done' ? null : 'The distributed availability group could not be kept.';
}

/** Waits until the application has placed this many orders more. */
function placed(application: DemoApplication, orders: number): Promise<boolean> {
  const start = application.report()?.acknowledged ?? 0;
  return application.until(({ acknowledged }) => acknowledged >= start + orders, ORDERS_LIMIT_MS);
}

function heading(context: CliContext, title: string, text: string): void {
  const style = styleOf(context);
  say(context, `\n${style.accent(title.padEnd(12))} ${style.faint(text)}`);
}

function demoProblem(summary: string, options: DemoOptions): Problem {
  return {
    code: 'SF-DEMO-002',
    summary,
    because: [`Files of this run: ${options.folder}`],
    remedy: `sqlferry demo --keep --seed ${options.seed}`,
  };
}
