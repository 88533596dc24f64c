/**
 * `sqlferry diagnose`: says from the servers alone where a switch stands and which command goes on
 * safely; changes nothing. With `--resolve-split-brain` it demotes the side that the operator names.
 */

import { shownName } from '../../base/name.ts';
import { formatUtc } from '../../base/utc.ts';
import { outageStart } from '../../engine/journal-memory.ts';
import { sideOf } from '../../model/observation.ts';
import type { Observation } from '../../model/observation.ts';
import { ExitCode } from '../../model/problem.ts';
import type { Side } from '../../model/side.ts';
import { diagnose, nothingFits } from '../../reconcile/diagnose.ts';
import type { Diagnosis } from '../../reconcile/diagnose.ts';
import { sides } from '../../reconcile/look.ts';
import { flagOption, textOption } from '../command-module.ts';
import type { CliContext, Command } from '../command-module.ts';
import { confirmGroup } from '../confirm.ts';
import { unreachableProblems } from '../migration-session.ts';
import type { MigrationSession } from '../migration-session.ts';
import { openSession } from '../open-session.ts';
import { diagnosisScreen } from '../output/diagnosis-screen.ts';
import { printable } from '../output/format.ts';
import { jsonDocument } from '../output/json.ts';
import { humanStream, reportProblem, reportProblems, say, styleOf } from '../output/report.ts';
import { runGoal } from '../run-goal.ts';
import { deadManStatus, registerStatus } from '../status-register.ts';

/** The command. */
export const command: Command = {
  name: 'diagnose',
  summary: 'say from the servers alone where a switch stands and what goes on safely',
  options: [
    {
      flags: '--resolve-split-brain <side>',
      help: 'demote this side (source or target), whose own commits are then lost',
    },
    { flags: '--confirm <DAG name>', help: 'confirm without being asked' },
    { flags: '--takeover', help: 'end the session of another operator that leads this migration' },
  ],
  async run(context, input) {
    const wanted = textOption(input, 'resolveSplitBrain');
    const loser = wanted === 'source' || wanted === 'target' ? wanted : null;
    if (wanted !== null && loser === null) {
      return reportProblem(context, {
        code: 'SF-CLI-008',
        summary: `--resolve-split-brain is ${printable(wanted)}; allowed: source or target, the side that gives its role up.`,
        because: [],
        remedy: 'sqlferry diagnose shows the end of the log on both sides.',
      });
    }
    const opened = openSession(context, {
      form: loser === null ? 'document' : 'events',
      acting: loser !== null,
      takeOver: flagOption(input, 'takeover'),
    });
    if (!opened.ok) return opened.error;
    try {
      return loser === null
        ? await show(context, opened.value)
        : await resolve(context, opened.value, { loser, given: textOption(input, 'confirm') });
    } finally {
      await opened.value.close();
    }
  },
};

async function show(context: CliContext, session: MigrationSession): Promise<ExitCode> {
  const { migration } = session;
  const { observation } = await session.glance({ goal: 'migrate' }, context.signal);
  const seen = diagnose(observation, migration);
  const since = openSince(session, observation);
  const diagnosis = since === null ? seen : withJournal(seen, since);
  if (context.globals.json) {
    context.io.stdout.write(
      jsonDocument({
        migration: migration.name,
        ...diagnosis,
        register: registerStatus(observation),
        deadMan: deadManStatus(observation, migration),
        observedAt: formatUtc(context.clock.now()),
      }),
    );
  }
  say(context, screen(context, diagnosis));
  if (diagnosis.outageOpen) return ExitCode.outageOpen;
  if (diagnosis.tails.length > 0) return ExitCode.waiting;
  if (unreachableProblems(observation).length > 0) return ExitCode.problem;
  return diagnosis.row === nothingFits.id ? ExitCode.waiting : ExitCode.done;
}

/** When this machine's journal saw the role given away, where no server can show who has it now; else null. */
function openSince(session: MigrationSession, observation: Observation): string | null {
  const start = outageStart(session.journal());
  const roles = sides.map((side) => sideOf(observation, side).distributed);
  const isHidden = roles.some((role) => !role.known);
  const isPrimarySeen = roles.some((role) => role.known && role.value?.localRoleDesc === 'PRIMARY');
  return start === null || !isHidden || isPrimarySeen ? null : formatUtc(start);
}

/** What cannot be seen may be an outage when the journal has its beginning and no end. */
function withJournal(diagnosis: Diagnosis, since: string): Diagnosis {
  const line = `The journal of this machine: the role was given away at ${since} and no end of it was seen, so an outage may be open.`;
  return { ...diagnosis, outageOpen: true, evidence: [...diagnosis.evidence, line] };
}

async function resolve(
  context: CliContext,
  session: MigrationSession,
  choice: { readonly loser: Side; readonly given: string | null },
): Promise<ExitCode> {
  const { migration } = session;
  const { loser, given } = choice;
  const { observation } = await session.glance({ goal: 'migrate' }, context.signal);
  const unreachable = unreachableProblems(observation);
  if (unreachable.length > 0) return reportProblems(context, unreachable, 'events');
  const diagnosis = diagnose(observation, migration);
  say(context, screen(context, diagnosis));
  if (diagnosis.tails.length === 0) {
    return reportProblem(
      context,
      {
        code: 'SF-CLI-013',
        summary: 'There is no split brain to resolve; nothing was changed.',
        because: [`${diagnosis.title}. ${diagnosis.because}`],
        remedy: diagnosis.next,
      },
      'events',
    );
  }
  const instance = (loser === 'source' ? migration.source : migration.target).instances[0].name;
  const refused = await confirmGroup(context, {
    command: `diagnose --resolve-split-brain ${loser}`,
    group: migration.distributedAvailabilityGroup,
    given,
    consequence: `[${instance}] gives the primary role up. Lost unless they were backed up: ${lossOf(diagnosis, loser)}`,
  });
  return (
    refused ?? (await runGoal(context, session, { intent: { goal: 'resolve-split-brain', loser } }))
  );
}

function screen(context: CliContext, diagnosis: Diagnosis): string {
  return diagnosisScreen(diagnosis, humanStream(context).columns, styleOf(context));
}

/** What the choice throws away, database by database, before it is typed. */
function lossOf(diagnosis: Diagnosis, loser: Side): string {
  return diagnosis.divergences
    .map(({ database, ifLoses }) => `${shownName(database)}: ${ifLoses[loser]}.`)
    .join(' ');
}
