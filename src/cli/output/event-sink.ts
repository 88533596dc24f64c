/**
 * Where the events of `migrate`, `cutover`, `abort` and `finish` go: a live screen on a terminal,
 * plain lines in a pipe, one JSON object per line with `--json`.
 *
 * Human text goes to stderr when stdout belongs to a machine. A wait is said once per reason and
 * then again only now and then, so that a log of an hour stays readable.
 */

import { stripVTControlCharacters } from 'node:util';

import { formatUtc } from '../../base/utc.ts';
import type { EngineEvent } from '../../model/event.ts';
import type { WaitingAnswer } from '../../model/waiting.ts';
import type { CliContext } from '../command-module.ts';
import { actedLine, eventObject, progressLine, progressPlain, resultLines } from './event-text.ts';
import { duration, fit, printable } from './format.ts';
import { jsonLine } from './json.ts';
import { makePainter } from './painter.ts';
import type { Painter } from './painter.ts';
import { humanStream, problemText, styleOf, textWidth } from './report.ts';
import type { Style } from './style.ts';
import { answerLines, answerSentence } from './waiting-text.ts';

/** Least time between two plain lines about the same wait or seeding, in milliseconds. */
const PLAIN_INTERVAL_MS = 10_000;
/** Least time between two progress lines in a pipe, in milliseconds. */
const PLAIN_PROGRESS_MS = 2000;

/** Takes events until it is closed. */
export interface EventSink {
  emit(event: EngineEvent): void;
  /** Takes the live region away; nothing may be emitted afterwards. */
  close(): void;
}

/** Opens the sink that fits the options of this run; `scrolling` leaves out the live region. */
export function openEventSink(
  context: CliContext,
  options: { readonly scrolling: boolean } = { scrolling: false },
): EventSink {
  const human = openHumanSink(context, options.scrolling);
  if (!context.globals.json) return human;
  return {
    emit: (event) => {
      context.io.stdout.write(jsonLine(eventObject(event, formatUtc(context.clock.now()))));
      human.emit(event);
    },
    close: () => human.close(),
  };
}

function openHumanSink(context: CliContext, scrolling: boolean): EventSink {
  const stream = humanStream(context);
  const isLive = stream.isTty && !context.globals.quiet && !scrolling;
  return isLive ? liveSink(context, makePainter(stream)) : plainSink(context);
}

/** Lines that stay, common to both forms; null for events that are not worth one. */
function lastingText(event: EngineEvent, context: CliContext, style: Style): string | null {
  switch (event.kind) {
    case 'acted':
      return context.globals.quiet ? null : `${actedLine(event, style)}\n`;
    case 'problem':
      return problemText(event.problem, style, textWidth(humanStream(context)));
    case 'result':
      return `${resultLines(event.message, event.result, { style, width: resultWidth(context) }).join('\n')}\n`;
    case 'decided':
      return context.globals.debug
        ? `${style.faint(`  ${event.rule}: ${printable(event.message)}`)}\n`
        : null;
    case 'waiting':
      return event.answer === undefined || context.globals.quiet
        ? null
        : `${waitLines(event.answer, context, style).join('\n')}\n`;
    case 'observed':
    case 'progress':
      break;
  }
  return null;
}

/** Why it waits: a paragraph on a terminal, one line in a pipe. */
function waitLines(answer: WaitingAnswer, context: CliContext, style: Style): readonly string[] {
  const width = resultWidth(context);
  if (width === null) return [`  why: ${printable(answerSentence(answer))} (${answer.id})`];
  return answerLines(answer, { width, style, now: context.clock.now() }).map((line) => `  ${line}`);
}

/** On a terminal the message is broken into lines; in a pipe it stays one. */
function resultWidth(context: CliContext): number | null {
  const stream = humanStream(context);
  return stream.isTty ? textWidth(stream) : null;
}

function liveSink(context: CliContext, painter: Painter): EventSink {
  const style = styleOf(context);
  const stream = humanStream(context);
  let waiting: { readonly rule: string; readonly at: number; readonly message: string } | null =
    null;
  let bars: readonly string[] = [];
  return {
    emit(event) {
      const now = context.clock.monotonic();
      const lasting = lastingText(event, context, style);
      if (lasting !== null) {
        painter.paint([]);
        painter.print(lasting);
        // Why it waits stays above, and the wait goes on below.
        if (event.kind !== 'waiting') {
          bars = [];
          waiting = null;
          return;
        }
      } else if (event.kind === 'progress') {
        bars = event.databases.map((one) => fitStyled(progressLine(one, style), stream.columns));
      } else if (event.kind === 'waiting') {
        const at = waiting?.rule === event.rule ? waiting.at : now;
        waiting = { rule: event.rule, at, message: event.message };
      }
      if (waiting === null) painter.paint(bars);
      else {
        const seconds = Math.floor((now - waiting.at) / 1000);
        const waited = seconds === 0 ? '' : ` ${style.faint(duration(seconds * 1000))}`;
        const text = fit(printable(waiting.message), stream.columns - 14);
        painter.paint([...bars, `${style.accent('…')} ${text}${waited}`]);
      }
    },
    close: () => painter.clear(),
  };
}

/** A styled line is cut only when its plain text is too long; then it loses its colours. */
function fitStyled(line: string, width: number): string {
  const plain = stripVTControlCharacters(line);
  return plain.length < width ? line : fit(plain, width - 1);
}

function plainSink(context: CliContext): EventSink {
  const style = styleOf(context);
  const stream = humanStream(context);
  let lastWait = { rule: '', at: 0 };
  let lastProgress = Number.NEGATIVE_INFINITY;
  return {
    emit(event) {
      const now = context.clock.monotonic();
      const lasting = lastingText(event, context, style);
      if (lasting !== null) {
        (event.kind === 'problem' ? context.io.stderr : stream).write(lasting);
        return;
      }
      if (context.globals.quiet) return;
      if (event.kind === 'waiting') {
        if (lastWait.rule === event.rule && now - lastWait.at < PLAIN_INTERVAL_MS) return;
        lastWait = { rule: event.rule, at: now };
        stream.write(`  waiting: ${printable(event.message)}\n`);
      } else if (event.kind === 'progress' && now - lastProgress >= PLAIN_PROGRESS_MS) {
        lastProgress = now;
        stream.write(event.databases.map((one) => `${progressPlain(one)}\n`).join(''));
      }
    },
    close: () => {},
  };
}
