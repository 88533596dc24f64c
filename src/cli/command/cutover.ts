/** `sqlferry cutover`: moves the writes from the source to the target, after typed consent. */

import { LONGEST_MS } from '../../adapters/config/schema.ts';
import { fail, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { formatUtc, parseUtc } from '../../base/utc.ts';
import { outageStart } from '../../engine/journal-memory.ts';
import { primaryInstance } from '../../model/migration.ts';
import type { Observation } from '../../model/observation.ts';
import type { ExitCode, Problem } from '../../model/problem.ts';
import { flagOption, textOption } from '../command-module.ts';
import type { CliContext, Command, CommandInput } from '../command-module.ts';
import { confirmGroup, reportStop } from '../confirm.ts';
import { hookInterception } from '../hooks.ts';
import { unreachableProblems } from '../migration-session.ts';
import type { MigrationSession } from '../migration-session.ts';
import { openSession } from '../open-session.ts';
import { duration, printable, wrap } from '../output/format.ts';
import { answerSentence } from '../output/waiting-text.ts';
import { humanStream, reportProblem, reportProblems, say, textWidth } from '../output/report.ts';
import { forcePromotion } from '../force-promotion.ts';
import { runGoal } from '../run-goal.ts';
import { clockWarnings, startMistake, waitForStart } from '../start-time.ts';
import { runStepwise, stepwiseMistake } from '../stepwise-run.ts';
import { showSteps } from '../what-if.ts';
import { predictionWords, predictOutage } from '../../reconcile/outage-prediction.ts';
import { defaultPolicy } from '../../reconcile/policy.ts';
import { noWaitMemory, whyWaiting } from '../../reconcile/waiting/why.ts';

/** The command. */
export const command: Command = {
  name: 'cutover',
  summary: 'move the writes from the source to the target',
  options: [
    { flags: '--confirm <DAG name>', help: 'confirm without being asked' },
    { flags: '--max-outage <time>', help: 'longest time without a writable copy, for example 30s' },
    { flags: '--at <time>', help: 'start then, for example 2026-11-21T22:30Z' },
    { flags: '--what-if', help: 'print what would run; changes nothing' },
    {
      flags: '--stepwise',
      help: "the articles' own sequence, one statement a step, each shown and asked about",
    },
    { flags: '--yes', help: 'with --stepwise: show every step and ask about none' },
    { flags: '--takeover', help: 'end the session of another operator that leads this migration' },
    {
      flags: '--accept-data-loss',
      help: 'disaster only: make the target writable although the source cannot be seen; commits may be lost',
    },
  ],
  async run(context, input) {
    const wishes = readWishes(context, input);
    if (!wishes.ok) return reportProblem(context, wishes.error, 'events');
    const opened = openSession(context, {
      form: 'events',
      acting: true,
      takeOver: flagOption(input, 'takeover'),
      maxOutageMs: wishes.value.maxOutageMs,
      stepwise: wishes.value.stepwise,
    });
    if (!opened.ok) return opened.error;
    try {
      return flagOption(input, 'acceptDataLoss')
        ? await forcePromotion(context, opened.value, textOption(input, 'confirm'))
        : await cutover(context, opened.value, { input, wishes: wishes.value });
    } finally {
      await opened.value.close();
    }
  },
};

interface Wishes {
  readonly maxOutageMs: number | null;
  /** Milliseconds since 1970. */
  readonly at: number | null;
  readonly stepwise: boolean;
  /** Nobody is asked about a step. */
  readonly yes: boolean;
}

/** Units of `--max-outage`, in milliseconds. */
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function readWishes(context: CliContext, input: CommandInput): Result<Wishes, Problem> {
  const bad = (summary: string, remedy: string): Result<Wishes, Problem> =>
    fail({ code: 'SF-CLI-008', summary, because: [], remedy });
  const outage = textOption(input, 'maxOutage');
  const match = outage === null ? null : /^(\d+(?:\.\d+)?)(ms|s|m|h)$/u.exec(outage);
  if (outage !== null && match === null) {
    return bad(
      `--max-outage is ${printable(outage)}; allowed: a time such as 500ms, 30s, 2m.`,
      'sqlferry cutover --max-outage 30s',
    );
  }
  const when = textOption(input, 'at');
  const at = when === null ? null : parseUtc(when);
  if (when !== null && at === null) {
    return bad(
      `--at is ${printable(when)}; allowed: a time with its zone such as 2026-11-21T22:30Z or 2026-11-21T23:30+01:00.`,
      `sqlferry cutover --at ${formatUtc(context.clock.now() + 3_600_000)}`,
    );
  }
  const mistake = at === null ? null : startMistake(at, context.clock.now());
  if (mistake !== null) return bad(mistake.summary, mistake.remedy);
  const stepwise = flagOption(input, 'stepwise');
  const yes = flagOption(input, 'yes');
  const unasked = stepwiseMistake(context, { stepwise, yes });
  if (unasked !== null) return bad(unasked.summary, unasked.remedy);
  const outageMs = match === null ? null : Number(match[1]) * (UNIT_MS[match[2] ?? 's'] ?? 1000);
  if (outageMs !== null && outageMs < defaultPolicy.leastMeasuredBudgetMs) {
    return bad(
      `--max-outage ${printable(outage ?? '')} is too small: nothing below ${duration(defaultPolicy.leastMeasuredBudgetMs)} is accepted, because the dead-man looks only every 200 ms and a role change takes its time.`,
      'sqlferry cutover --max-outage 30s',
    );
  }
  if (outageMs !== null && outageMs > LONGEST_MS) {
    return bad(
      `--max-outage ${printable(outage ?? '')} is too long; allowed: at most 24h, for the dead-man stands guard for a day.`,
      'sqlferry cutover --max-outage 30s',
    );
  }
  if (flagOption(input, 'acceptDataLoss') && (at !== null || flagOption(input, 'stepwise'))) {
    return bad(
      '--accept-data-loss goes with neither --at nor --stepwise: it is for the moment in which the source is gone.',
      'sqlferry cutover --accept-data-loss --confirm <DAG name>',
    );
  }
  return ok({ maxOutageMs: outageMs, at, stepwise, yes });
}

async function cutover(
  context: CliContext,
  session: MigrationSession,
  options: { readonly input: CommandInput; readonly wishes: Wishes },
): Promise<ExitCode> {
  const { input, wishes } = options;
  const group = session.migration.distributedAvailabilityGroup;
  const given = textOption(input, 'confirm');
  const consent = { command: 'cutover', group, given, consequence: consequence(session) };
  // A wrong name is found out before any server is asked.
  if (given !== null && given !== group) {
    return (await confirmGroup(context, consent)) ?? reportStop(context, 'cutover');
  }
  if (flagOption(input, 'whatIf')) {
    const planned = await session.plan(context.signal);
    if (planned.problems.length > 0) return reportProblems(context, planned.problems, 'events');
    const shown = showSteps(context, planned.plan, ['cutover']);
    return (await readiness(context, session)) ?? shown;
  }
  const notReady = await readiness(context, session);
  if (notReady !== null) return notReady;
  const refused = await confirmGroup(context, consent);
  if (refused !== null) return refused;
  if (wishes.at !== null) {
    const missed = await startAt(context, session, wishes.at);
    if (missed !== null) return missed;
  }
  const hooks = hookInterception(context, session.migration.cutover.hooks, {
    secrets: session.secrets,
  });
  return wishes.stepwise
    ? runStepwise(context, session, { hooks, yes: wishes.yes })
    : runGoal(context, session, { intent: { goal: 'cutover' }, interception: hooks });
}

/** The outage that a cutover would cause now, beside the budget; nothing once the switch has begun. */
function sayPrediction(
  context: CliContext,
  session: MigrationSession,
  observation: Observation,
): void {
  const { migration, policy } = session;
  const { source } = observation;
  const role = source.distributed.known ? source.distributed.value?.localRoleDesc : null;
  if (role !== 'PRIMARY') return;
  const words = predictionWords(predictOutage(observation, migration, policy));
  const text = `${words} The budget is ${duration(migration.cutover.maxOutageMs)}.`;
  const stream = humanStream(context);
  const lines = stream.isTty ? wrap(printable(text), textWidth(stream)) : [printable(text)];
  say(context, lines.join('\n'));
}

function consequence(session: MigrationSession): string {
  const { migration } = session;
  const source = primaryInstance(migration.source).name;
  const target = primaryInstance(migration.target).name;
  const logins = migration.cutover.fenceLogins.map((login) => `[${login}]`).join(', ');
  const fence = logins === '' ? '' : ` The logins ${logins} are disabled on [${source}].`;
  return `The writes move from [${source}] to [${target}]; sessions in the databases are ended.${fence}`;
}

/** Refuses, before anybody is asked to confirm, what cannot work yet; null when it can. */
async function readiness(context: CliContext, session: MigrationSession): Promise<ExitCode | null> {
  const { observation, decision } = await session.glance({ goal: 'cutover' }, context.signal);
  const unreachable = unreachableProblems(observation);
  if (unreachable.length > 0) return reportProblems(context, unreachable, 'events');
  if (decision.kind !== 'needs-human' || decision.outageOpen) {
    sayPrediction(context, session, observation);
    return null;
  }
  // An outage that the journal knows of is not "cannot begin": the run says what it is.
  if (outageStart(session.journal()) !== null) return null;
  return reportProblem(
    context,
    {
      code: 'SF-CLI-013',
      summary: `The cutover cannot begin: ${decision.because}`,
      because: [...decision.blockers, ...whyNot(context, session, observation)],
      remedy: decision.remedy,
    },
    'events',
  );
}

/** Causes that stand in the way of a switch, each with whose move it is. */
function whyNot(
  context: CliContext,
  { migration }: MigrationSession,
  observation: Observation,
): readonly string[] {
  const look = { goal: 'switch', migration, observation, now: context.clock.now() } as const;
  return whyWaiting(noWaitMemory, look)
    .answers.filter(({ limitMs }) => limitMs !== null)
    .map((answer) => `${answerSentence(answer)} (${answer.id})`);
}

/** Waits for the time of `--at`; the exit code when the cutover is not to start. */
async function startAt(
  context: CliContext,
  session: MigrationSession,
  at: number,
): Promise<ExitCode | null> {
  const { observation } = await session.glance({ goal: 'cutover' }, context.signal);
  for (const warning of clockWarnings(observation, context.clock.now(), at)) {
    say(context, `! ${warning}`);
  }
  const answer = await waitForStart(context, at);
  if (answer === null) return null;
  return answer === 'stopped'
    ? reportStop(context, 'cutover')
    : reportProblem(context, answer, 'events');
}
