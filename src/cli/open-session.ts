/** Wires a migration: file, secrets, servers, journal, rules, plan and engine behind `MigrationSession`. */

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { loadMigration } from '../adapters/config/load-migration.ts';
import type { LoadedMigration } from '../adapters/config/load-migration.ts';
import { sha256 } from '../adapters/hash.ts';
import { openJournal } from '../adapters/journal/file-journal.ts';
import { makeFolder } from '../adapters/make-folder.ts';
import { openServers } from '../adapters/sqlserver/servers.ts';
import type { SqlServers, StatementLogEntry } from '../adapters/sqlserver/servers.ts';
import { assess } from '../assess/assess.ts';
import { assessRules } from '../assess/table.ts';
import { applyWaivers } from '../assess/waiver.ts';
import { fail, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import { formatUtc } from '../base/utc.ts';
import { actText, instanceOf } from '../engine/act-text.ts';
import { measuredRoleChange, memoryFromJournal } from '../engine/journal-memory.ts';
import { run } from '../engine/run.ts';
import type { Decision, Intent, Memory, Policy } from '../model/decision.ts';
import type { Migration } from '../model/migration.ts';
import type { Observation } from '../model/observation.ts';
import type { ExitCode } from '../model/problem.ts';
import type { Journal, JournalEntry } from '../ports/journal.ts';
import { decide } from '../reconcile/decide.ts';
import { bindTo } from '../reconcile/look.ts';
import { rememberAct, rememberObservation, startMemory } from '../reconcile/memory.ts';
import { planActs } from '../reconcile/plan.ts';
import { defaultPolicy } from '../reconcile/policy.ts';
import { planSteps } from '../sql/plan-steps.ts';
import type { CliContext } from './command-module.ts';
import { estimatesNow } from './estimates-now.ts';
import { unreachableProblems } from './migration-session.ts';
import type { Glance, MigrationSession, PlannedRun, RunOptions } from './migration-session.ts';
import { reportProblems, say } from './output/report.ts';
import type { JsonForm } from './output/report.ts';
import { journalWithStop, readStopMark, stopVariable } from './stop-mark.ts';

/** How a session is opened. */
export interface OpenOptions {
  /** What stdout holds with `--json`, for problems found while opening. */
  readonly form: JsonForm;
  /** The command may change a server: keeps a journal, and its sessions mark themselves. */
  readonly acting: boolean;
  /** End the session of another operator that leads (`--takeover`); default: leave it alone. */
  readonly takeOver?: boolean;
  /** One statement of the articles a step. */
  readonly stepwise?: boolean;
  /** Longest outage, in milliseconds, in place of the one in the migration file. */
  readonly maxOutageMs?: number | null;
}

/** Opens the migration of the context; the error is the exit code of what was reported. */
export function openSession(
  context: CliContext,
  options: OpenOptions,
): Result<MigrationSession, ExitCode> {
  const read = loadMigration({
    path: context.globals.file,
    env: context.environment,
    ruleIds: assessRules.map(({ id }) => id),
  });
  if (!read.ok) return fail(reportProblems(context, read.error, options.form));
  const loaded = withBudget(read.value, options.maxOutageMs ?? null);
  const journal = options.acting
    ? actingJournal(context, loaded.migration)
    : ok(readOnlyJournal(context, loaded.migration));
  if (!journal.ok) return fail(reportProblems(context, [journal.error], options.form));
  const servers = openServers({
    loaded,
    clock: context.clock,
    acting: options.acting,
    ...(context.globals.debug ? { onStatement: statementLog(context) } : {}),
  });
  const policy = {
    ...defaultPolicy,
    takeOver: options.takeOver === true,
    stepwise: options.stepwise === true,
    measuredRoleChange: measuredRoleChange(journal.value.entries()),
  };
  return ok(makeSession(context, { loaded, servers, journal: journal.value, policy }));
}

/** The same migration with the outage budget of the command line. */
function withBudget(loaded: LoadedMigration, maxOutageMs: number | null): LoadedMigration {
  if (maxOutageMs === null) return loaded;
  const { migration } = loaded;
  return { ...loaded, migration: { ...migration, cutover: { ...migration.cutover, maxOutageMs } } };
}

/** What a decision does, in words. */
function actionOf(decision: Decision, migration: Migration): string {
  switch (decision.kind) {
    case 'act':
      return `${actText(decision.act, migration)} on [${instanceOf(decision.act, migration)}] (sqlferry migrate)`;
    case 'wait':
      return 'wait';
    case 'needs-human':
      return decision.remedy;
    case 'done':
      break;
  }
  return 'nothing';
}

interface Parts {
  readonly loaded: LoadedMigration;
  readonly servers: SqlServers;
  readonly journal: Journal;
  readonly policy: Policy;
}

function makeSession(context: CliContext, parts: Parts): MigrationSession {
  const { servers, journal } = parts;
  const { migration, connections, otherInstances } = parts.loaded;
  const ways = [connections.source, connections.target, ...otherInstances];
  return {
    migration,
    secrets: ways.map(({ password }) => password),
    contacts: ways.flatMap(({ host, user, domain }) => [host, user, domain ?? '']),
    policy: parts.policy,
    async assess(signal) {
      const facts = await servers.assess(signal);
      const problems = [facts.source, facts.target].flatMap((side) =>
        side.connection.kind === 'unreachable' ? [side.connection.problem] : [],
      );
      const { waivers } = parts.loaded;
      const waived = applyWaivers(assess(facts, migration), waivers, context.clock.now());
      return { ...waived, facts, problems };
    },
    inventory: (signal) => servers.inventory(signal),
    glance: (intent, signal) => glance(parts, intent, signal),
    plan: (signal) => plan(parts, signal),
    planOf: (intent, signal) => planOf(parts, intent, signal),
    run: (options) => runIntent(context, parts, options),
    journal: () => journal.entries(),
    close() {
      servers.close();
      journal.close();
      return Promise.resolve();
    },
  };
}

async function glance(parts: Parts, intent: Intent, signal: AbortSignal): Promise<Glance> {
  const { migration } = parts.loaded;
  const observation = await parts.servers.observe(signal);
  const memory = grantsAssumed(
    memoryFromJournal(startMemory(intent), parts.journal.entries()),
    observation,
  );
  const decision = decide(observation, intent, {
    migration,
    memory: rememberObservation(memory, observation, 0),
    policy: parts.policy,
  });
  return { observation, decision, action: actionOf(decision, bindTo(migration, observation)) };
}

/**
 * Servers do not show the grants that seeding needs, so a run repeats them once. To say what is going
 * on now, a migration that both sides have joined counts as past them.
 */
function grantsAssumed(memory: Memory, { source, target }: Observation): Memory {
  const joined = [source, target].every(
    ({ distributed }) => distributed.known && distributed.value !== null,
  );
  if (!joined) return memory;
  const others = [source, target].flatMap((seen) =>
    (seen.others ?? []).map(({ side, instance }) => ({ side, instance })),
  );
  return [{ side: 'source' } as const, { side: 'target' } as const, ...others].reduce(
    (folded, place) =>
      rememberAct(
        folded,
        { kind: 'grant-create-database', ...place },
        { outcome: 'ok', elapsedMs: 0 },
      ),
    memory,
  );
}

/** One runbook for both ways to finish: what keeping does, then what dropping does. */
async function plan(parts: Parts, signal: AbortSignal): Promise<PlannedRun> {
  const { migration } = parts.loaded;
  const observation = await parts.servers.observe(signal);
  const problems = unreachableProblems(observation);
  const planWith = (finish: 'keep' | 'drop') =>
    planActs(observation, { migration, policy: parts.policy, finish });
  const keep = planWith('keep');
  const drop = planWith('drop');
  const only = (finish: 'keep' | 'drop', work: typeof keep) =>
    work.acts
      .filter(({ phase }) => phase === 'finish')
      .map((act) => ({ ...act, title: `${act.title} (only for finish --${finish})` }));
  const acts = [
    ...keep.acts.filter(({ phase }) => phase !== 'finish'),
    ...only('keep', keep),
    ...only('drop', drop),
  ];
  const steps = planSteps({
    acts,
    recovery: keep.recovery,
    migration: bindTo(migration, observation),
    hash: sha256,
  });
  const estimates = estimatesNow(observation, migration, parts.policy);
  return { plan: steps, stopped: keep.stopped, estimates, problems };
}

/** What one command would do from where the servers stand. */
async function planOf(parts: Parts, intent: Intent, signal: AbortSignal): Promise<PlannedRun> {
  const { migration } = parts.loaded;
  const observation = await parts.servers.observe(signal);
  const { acts, recovery, stopped } = planActs(observation, {
    migration,
    policy: parts.policy,
    finish: 'keep',
    intents: [intent],
  });
  const bound = bindTo(migration, observation);
  const steps = planSteps({ acts, recovery, migration: bound, hash: sha256 });
  const problems = unreachableProblems(observation);
  return { plan: steps, stopped, estimates: [], problems };
}

function runIntent(context: CliContext, parts: Parts, options: RunOptions): ReturnType<typeof run> {
  return run({
    servers: parts.servers,
    migration: parts.loaded.migration,
    policy: parts.policy,
    intent: options.intent,
    clock: context.clock,
    journal: parts.journal,
    emit: options.emit,
    signal: options.signal,
    ...(options.interception === undefined ? {} : { interception: options.interception }),
  });
}

function journalPath(context: CliContext, migration: Migration): string {
  return join(context.globals.stateDir, `${migration.name}.journal.ndjson`);
}

function actingJournal(
  context: CliContext,
  migration: Migration,
): ReturnType<typeof openJournal> extends Result<unknown, infer E> ? Result<Journal, E> : never {
  const opened = openJournal(journalPath(context, migration));
  if (!opened.ok) return opened;
  for (const warning of opened.value.warnings) say(context, `! ${warning}`);
  const wanted = context.environment[stopVariable];
  if (wanted === undefined) return ok(opened.value.journal);
  const mark = readStopMark(wanted);
  return mark.ok ? ok(journalWithStop(opened.value.journal, mark.value)) : mark;
}

/** What only looks must not touch the file of a run that may be under way. */
function readOnlyJournal(context: CliContext, migration: Migration): Journal {
  const path = journalPath(context, migration);
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
  const entries = lines.flatMap((line): readonly JournalEntry[] => {
    try {
      return [JSON.parse(line) as JournalEntry];
    } catch {
      return [];
    }
  });
  return { append: () => {}, entries: () => entries, close: () => {} };
}

/** `--debug`: every statement, in the order it was sent, as one JSON line in the state folder. */
function statementLog(context: CliContext): (entry: StatementLogEntry) => void {
  const path = join(context.globals.stateDir, 'statements.ndjson');
  makeFolder(context.globals.stateDir, 0o700);
  context.io.stderr.write(`Statements are written to ${path}\n`);
  return (entry) => {
    const line = { at: formatUtc(context.clock.now()), ...entry };
    appendFileSync(path, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  };
}
