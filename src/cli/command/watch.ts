/** `sqlferry watch`: gives the writes back when a cutover is abandoned, where no Agent job can; runs until Ctrl-C. */

import { loadMigration } from '../../adapters/config/load-migration.ts';
import { watchDeadMan } from '../../adapters/sqlserver/watch.ts';
import type { WatchEvent } from '../../adapters/sqlserver/watch.ts';
import { formatUtc } from '../../base/utc.ts';
import { primaryInstance } from '../../model/migration.ts';
import type { Migration } from '../../model/migration.ts';
import { ExitCode } from '../../model/problem.ts';
import type { CliContext, Command } from '../command-module.ts';
import { printable, wrap } from '../output/format.ts';
import { jsonLine } from '../output/json.ts';
import { humanStream, reportProblems, say, styleOf, textWidth } from '../output/report.ts';

/** The command. */
export const command: Command = {
  name: 'watch',
  summary: 'stand guard as the dead-man (deadMan: watcher) until Ctrl-C',
  options: [],
  async run(context) {
    const loaded = loadMigration({ path: context.globals.file, env: context.environment });
    if (!loaded.ok) return reportProblems(context, loaded.error, 'events');
    const { migration } = loaded.value;
    if (migration.cutover.deadMan !== 'watcher') {
      say(
        context,
        `${styleOf(context).careful('!')} The migration file says deadMan: ${migration.cutover.deadMan}; this watcher stands guard beside it.`,
      );
    }
    const stream = humanStream(context);
    const words = wrap(
      `Standing guard over [${printable(migration.distributedAvailabilityGroup)}] until Ctrl-C: a cutover that is fenced and past its deadline, or given up half-way, is taken back.`,
      textWidth(stream),
    );
    say(context, words.join('\n'));
    await watchDeadMan({
      loaded: loaded.value,
      clock: context.clock,
      signal: context.signal,
      emit: (event) => tell(context, event, migration),
    });
    say(context, 'No watcher stands guard any more.');
    return ExitCode.done;
  },
};

function tell(context: CliContext, event: WatchEvent, migration: Migration): void {
  const side = event.side === 'source' ? migration.source : migration.target;
  const instance = primaryInstance(side).name;
  const message = wordsOf(event);
  if (context.globals.json) {
    const at = formatUtc(context.clock.now());
    context.io.stdout.write(jsonLine({ ...event, at, instance, message }));
  }
  say(context, `[${printable(instance)}] ${printable(message)}`);
}

function wordsOf(event: WatchEvent): string {
  switch (event.kind) {
    case 'on-guard':
      return 'on guard';
    case 'gave-back':
      return `epoch ${event.epoch} was abandoned; the writes are given back, this side is writable again`;
    case 'away':
      return `does not answer, tried again every second: ${event.problem.summary}`;
    case 'refused':
      break;
  }
  return `the step was refused, tried again: ${event.message}`;
}
