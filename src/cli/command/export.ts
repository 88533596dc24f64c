/** `sqlferry export`: scripts the groups that exist, every instance, as T-SQL; changes nothing. */

import { ExitCode } from '../../model/problem.ts';
import { inventoryScript, type ScriptBlock } from '../../sql/statement/inventory-script.ts';
import { textOption } from '../command-module.ts';
import type { Command } from '../command-module.ts';
import { openSession } from '../open-session.ts';
import { writeOutput } from '../output/file.ts';
import { printable } from '../output/format.ts';
import { jsonDocument } from '../output/json.ts';
import { reportProblem, reportProblems, say } from '../output/report.ts';
import { connectTo, sqlcmdHead, withoutVariables } from '../output/sqlcmd.ts';

/** The command. */
export const command: Command = {
  name: 'export',
  summary: 'script the existing availability groups as T-SQL, both sides',
  options: [
    { flags: '--out <file.sql>', help: 'write to a file instead of the screen' },
    { flags: '--all', help: 'every group of the instances, not only those of this migration' },
  ],
  async run(context, input) {
    const opened = openSession(context, { form: 'document', acting: false });
    if (!opened.ok) return opened.error;
    const session = opened.value;
    try {
      const read = await session.inventory(context.signal);
      if (!read.ok) return reportProblems(context, read.error);
      const { migration } = session;
      const sides = inventoryScript(
        read.value,
        input.options['all'] === true
          ? 'everything'
          : {
              distributed: migration.distributedAvailabilityGroup,
              local: {
                source: migration.source.availabilityGroup,
                target: migration.target.availabilityGroup,
              },
            },
      );
      const script = scriptText(migration.name, sides);
      const out = textOption(input, 'out');
      if (out !== null) {
        const written = writeOutput(out, script);
        if (!written.ok) return reportProblem(context, written.error);
        say(context, `wrote ${out}`);
      } else if (!context.globals.json) context.io.stdout.write(script);
      if (context.globals.json) {
        context.io.stdout.write(jsonDocument({ migration: migration.name, sides }));
      }
      return ExitCode.done;
    } finally {
      await session.close();
    }
  },
};

/** One file in sqlcmd mode; it stops at the first error, because each statement stands on those before. */
function scriptText(migration: string, blocks: readonly ScriptBlock[]): string {
  if (blocks.length === 0) return '-- no endpoint and no availability group of this migration\n';
  const parts = blocks.flatMap(({ instance, statements }) => [
    ...connectTo(instance),
    ...statements.flatMap((text) =>
      text.startsWith('--') ? [withoutVariables(text)] : [withoutVariables(text), 'GO'],
    ),
  ]);
  const head = [
    `-- sqlferry export of ${printable(migration)}: endpoints, availability groups, listeners, the distributed group.`,
    '-- Not in it: data (the databases of the global primary have to be there, with a full backup), passwords, keys.',
    '-- Run in sqlcmd mode: sqlcmd -b -i <this file>, or SSMS > Query > SQLCMD Mode.',
  ];
  return `${[...head, ...sqlcmdHead, ...parts].join('\n')}\n`;
}
