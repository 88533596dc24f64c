/** `sqlferry finish`: after the cutover, keeps the distributed availability group or drops it. */

import { primaryInstance } from '../../model/migration.ts';
import { flagOption, textOption } from '../command-module.ts';
import type { Command } from '../command-module.ts';
import { confirmGroup } from '../confirm.ts';
import { openSession } from '../open-session.ts';
import { reportProblem } from '../output/report.ts';
import { runGoal } from '../run-goal.ts';

/** The command. */
export const command: Command = {
  name: 'finish',
  summary: 'after the cutover or the failback: keep the distributed availability group or drop it',
  options: [
    { flags: '--keep', help: 'back to asynchronous commit; the source stays a synchronised copy' },
    {
      flags: '--drop',
      help: 'drop it: the side that serves first, the other last and only while it is fenced',
    },
    { flags: '--give-up', help: 'with --drop, before any cutover: give the whole migration up' },
    { flags: '--confirm <DAG name>', help: 'confirm without being asked' },
    { flags: '--takeover', help: 'end the session of another operator that leads this migration' },
  ],
  async run(context, input) {
    const keep = flagOption(input, 'keep');
    const giveUp = flagOption(input, 'giveUp');
    if (keep && giveUp) {
      return reportProblem(
        context,
        {
          code: 'SF-CLI-008',
          summary: '--give-up goes with --drop: there is nothing to keep of a migration given up.',
          because: [],
          remedy: 'sqlferry finish --drop --give-up',
        },
        'events',
      );
    }
    if (keep === flagOption(input, 'drop')) {
      return reportProblem(
        context,
        {
          code: 'SF-CLI-008',
          summary:
            'finish needs to know what becomes of the distributed availability group: exactly one of --keep and --drop.',
          because: [],
          remedy: 'sqlferry finish --keep',
        },
        'events',
      );
    }
    const takeOver = flagOption(input, 'takeover');
    const opened = openSession(context, { form: 'events', acting: true, takeOver });
    if (!opened.ok) return opened.error;
    const session = opened.value;
    try {
      const group = session.migration.distributedAvailabilityGroup;
      const given = textOption(input, 'confirm');
      const { source, target } = session.migration;
      const copy = `[${primaryInstance(giveUp ? target : source).name}]`;
      // Keeping changes options that can be set back; only dropping needs consent by name.
      if (!keep || given !== null) {
        const refused = await confirmGroup(context, {
          command: keep ? 'finish --keep' : giveUp ? 'finish --drop --give-up' : 'finish --drop',
          group,
          given,
          consequence: keep
            ? `[${group}] goes back to asynchronous commit.`
            : giveUp
              ? `The migration is given up: [${group}] is dropped on both sides, its copies on ${copy} receive nothing any more, and starting again needs a new seeding.`
              : `[${group}] is dropped on both sides; the side that does not serve is no copy any more, and going back needs a new seeding.`,
        });
        if (refused !== null) return refused;
      }
      return await runGoal(context, session, {
        intent: {
          goal: 'finish',
          distributed: keep ? 'keep' : 'drop',
          ...(giveUp ? { giveUp } : {}),
        },
      });
    } finally {
      await session.close();
    }
  },
};
