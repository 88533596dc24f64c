/** Why it waits, as text for people. Pure. */

import { shownNames } from '../../base/name.ts';
import { parseUtc } from '../../base/utc.ts';
import type { WaitingAnswer } from '../../model/waiting.ts';
import { duration, printable, wrap } from './format.ts';
import type { Style } from './style.ts';

/** Answers of one kind that are shown in full; the rest are named. */
const SHOWN = 3;
/** Further databases that are named. */
const NAMED = 10;
/** Pieces of evidence shown with one answer. */
const EVIDENCE = 5;

/** Shorter than this is a moment, in milliseconds. */
const WORTH_SAYING_MS = 1000;

/** How the text is laid out. */
export interface WaitingLayout {
  readonly width: number;
  readonly style: Style;
  /** Milliseconds since 1970, to say how long it lasts. */
  readonly now: number;
}

/** One line of an answer: its label, or nothing, and the text behind it. */
function labelled(label: string, text: string, { width, style }: WaitingLayout): readonly string[] {
  return wrap(printable(text), width - 9).map(
    (line, at) => `${style.faint((at === 0 ? label : '').padEnd(8))} ${line}`,
  );
}

/** The lines of all answers; many of one kind are folded to the first ones and the names of the rest. */
export function waitingLines(
  answers: readonly WaitingAnswer[],
  layout: WaitingLayout,
): readonly string[] {
  const kinds = [...new Set(answers.map(({ id }) => id))];
  return kinds.flatMap((id) => {
    const all = answers.filter((answer) => answer.id === id);
    const rest = all.slice(SHOWN);
    const names = rest.flatMap(({ database }) => (database === null ? [] : [database]));
    return [
      ...all.slice(0, SHOWN).flatMap((answer) => answerLines(answer, layout)),
      ...(rest.length === 0
        ? []
        : labelled('', `The same for ${rest.length} more: ${namesOf(names)}.`, layout)),
    ];
  });
}

/** The first names; the rest are in `--json`. */
function namesOf(names: readonly string[]): string {
  const more = names.length - NAMED;
  return `${shownNames(names.slice(0, NAMED))}${more > 0 ? ` and ${more} others` : ''}`;
}

/** The lines of one answer: cause, what was seen, whose move, next step, what follows from it. */
export function answerLines(answer: WaitingAnswer, layout: WaitingLayout): readonly string[] {
  const { evidence, consequences } = answer;
  const seen = evidence.slice(0, EVIDENCE);
  const more = evidence.length - seen.length;
  return [
    ...labelled('why', `${answer.cause}${lasting(answer, layout.now)}`, layout),
    ...seen.flatMap((each) => labelled('seen', each, layout)),
    ...(more === 0 ? [] : labelled('', `and ${more} more (--json shows them)`, layout)),
    ...labelled('move', `${answer.whose}: ${answer.next}`, layout),
    ...(consequences.length === 0
      ? []
      : labelled(
          'hence',
          [...new Set(consequences.map(({ cause }) => cause))].slice(0, EVIDENCE).join(' '),
          layout,
        )),
  ];
}

function lasting({ id, since }: WaitingAnswer, now: number): string {
  const began = since === null ? null : parseUtc(since);
  const lasted = began === null ? 0 : now - began;
  const age = lasted < WORTH_SAYING_MS ? '' : ` for ${duration(lasted)}`;
  return ` (${id}${age})`;
}

/** One sentence after the other, for a log line. */
export function answerSentence({ cause, whose, next }: WaitingAnswer): string {
  return `${cause} Move of: ${whose}. Next: ${next}`;
}
