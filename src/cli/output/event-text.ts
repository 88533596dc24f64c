/** Events of a run as lines for people and as JSON lines. Pure; when to print what is in `event-sink.ts`. */

import type { EngineEvent, RunResult, SeedingProgress } from '../../model/event.ts';
import { bytes, counted, duration, fit, padTo, printable, wrap } from './format.ts';
import { bar } from './painter.ts';
import type { Style } from './style.ts';

/** Width of a progress bar, in columns. */
const BAR_WIDTH = 24;
/** Longest database name shown beside a bar, in columns; the full name is in `status`. */
const NAME_WIDTH = 28;

/** An event as one object of the NDJSON stream. */
export function eventObject(event: EngineEvent, at: string): Readonly<Record<string, unknown>> {
  switch (event.kind) {
    case 'observed':
      return { kind: event.kind, at, message: event.message };
    case 'problem':
      return {
        kind: event.kind,
        at,
        ...(event.problem.instance === undefined ? {} : { instance: event.problem.instance }),
        message: event.message,
        problem: event.problem,
      };
    case 'result':
      return { kind: event.kind, at, message: event.message, ...event.result };
    case 'decided':
    case 'acted':
    case 'waiting':
    case 'progress':
      break;
  }
  const { kind, ...rest } = event;
  return { kind, at, ...rest };
}

/** The line of an act that was carried out. */
export function actedLine(event: Extract<EngineEvent, { kind: 'acted' }>, style: Style): string {
  const marks = { ok: style.good('✓'), failed: style.bad('✗'), unknown: style.careful('?') };
  const end = { ok: '', failed: style.bad('  refused'), unknown: style.careful('  no answer') };
  return `${marks[event.outcome]} ${padTo(printable(event.instance), 14)} ${printable(event.message)}  ${style.faint(duration(event.elapsedMs))}${end[event.outcome]}`;
}

/** The progress of one database, with a bar. */
export function progressLine(progress: SeedingProgress, style: Style): string {
  const name = padTo(fit(printable(progress.database), NAME_WIDTH), 14);
  const percent = progress.percent ?? 0;
  return `  ${name} ${style.accent(bar(percent / 100, BAR_WIDTH))} ${`${percent.toFixed(0)} %`.padStart(5)}  ${amounts(progress)}`;
}

/** The same for a pipe: no bar. */
export function progressPlain(progress: SeedingProgress): string {
  const percent = progress.percent === null ? '' : ` ${progress.percent.toFixed(0)} %,`;
  return `  seeding [${printable(progress.database)}]${percent} ${amounts(progress)}`;
}

function amounts(progress: SeedingProgress): string {
  const total = progress.bytesTotal === null ? '' : ` of ${bytes(progress.bytesTotal)}`;
  const rate = progress.bytesPerSecond === null ? '' : `, ${bytes(progress.bytesPerSecond)}/s`;
  const eta = progress.etaSeconds === null ? '' : `, ${duration(progress.etaSeconds * 1000)} left`;
  return `${bytes(progress.bytesDone)}${total}${rate}${eta}`;
}

/** The last lines of a run; `width` null leaves the message on one line, for a log. */
export function resultLines(
  message: string,
  result: RunResult,
  { style, width }: { readonly style: Style; readonly width: number | null },
): readonly string[] {
  const marks: Readonly<Record<RunResult['outcome'], string>> = {
    done: style.good('✓'),
    'ready-for-cutover': style.good('✓'),
    'needs-human': style.careful('!'),
    refused: style.bad('✗'),
    problem: style.bad('✗'),
    'outage-open': style.bad('✗'),
  };
  const text = printable(message);
  const lines = (width === null ? [text] : wrap(text, width - 2)).map(
    (line, at) => `${at === 0 ? marks[result.outcome] : ' '} ${style.strong(line)}`,
  );
  if (result.outageMs !== undefined) lines.push(...outageLines(result.outageMs, result, style));
  if (result.lostCommits !== undefined) {
    lines.push(`  lost commits: ${result.lostCommits}`);
  }
  return lines;
}

/** The outage in one line, then prediction and measurement beside one another. */
function outageLines(outageMs: number, result: RunResult, style: Style): readonly string[] {
  const { prediction, measurement, predictedOutageMs, serialRoundTrips } = result;
  const trips =
    serialRoundTrips === undefined ? '' : `, ${counted(serialRoundTrips, 'serial round trip')}`;
  const whole = prediction !== undefined && measurement !== undefined;
  const predicted =
    whole || predictedOutageMs === undefined ? '' : ` (predicted ${duration(predictedOutageMs)})`;
  const headline = `  outage ${style.strong(duration(outageMs))}${predicted}${trips}`;
  if (!whole) return [headline];
  const basis =
    prediction.measured === null
      ? 'The role changes were assumed; the next prediction counts with these.'
      : `The role changes were predicted from the ${prediction.measured.by} of ${prediction.measured.at}.`;
  const rows: readonly (readonly [string, number, number])[] = [
    ['log still to arrive', prediction.queueMs, measurement.queueMs],
    ['role given away', prediction.demoteMs, measurement.demoteMs],
    ['role taken', prediction.promoteMs, measurement.promoteMs],
    ['round trips, pauses', prediction.roundTripsMs, measurement.roundTripsMs],
    ['together', prediction.totalMs, measurement.totalMs],
  ];
  const table = rows.map(
    ([label, left, right]) =>
      `    ${padTo(label, 20)} predicted ${duration(left)}, measured ${duration(right)}`,
  );
  return [headline, ...table, `    ${style.faint(basis)}`];
}
