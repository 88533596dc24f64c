/** `sqlferry failback`: promised, not built; it says so and changes nothing. */

import type { Command } from '../command-module.ts';
import { reportProblem } from '../output/report.ts';

/** The command. */
export const command: Command = {
  name: 'failback',
  summary: 'after the cutover: move the writes back to the source',
  options: [{ flags: '--confirm <DAG name>', help: 'confirm without being asked' }],
  run(context) {
    return Promise.resolve(
      reportProblem(context, {
        code: 'SF-CLI-004',
        summary: 'sqlferry cannot move the writes back yet; nothing was changed.',
        because: ['Failing back is planned for a later version.'],
        remedy:
          'Before the point of no return: sqlferry abort. After it: sqlferry finish --keep leaves the source as a synchronised copy.',
      }),
    );
  },
};
