/** Estimates as text for people. Pure. */

import type { Estimate } from '../../model/estimate.ts';
import { printable, wrap } from './format.ts';
import type { Style } from './style.ts';

/** Estimates of one kind that are shown; those with a warning come first. */
const SHOWN = 3;

/** How the text is laid out. */
export interface EstimateLayout {
  readonly width: number;
  readonly style: Style;
}

/** One paragraph per estimate, then once what they rest on; nothing when there is none. */
export function estimateLines(
  estimates: readonly Estimate[],
  { width, style }: EstimateLayout,
): readonly string[] {
  const paragraph = (label: string, text: string): readonly string[] =>
    wrap(printable(text), width - 9).map(
      (line, at) => `${style.faint((at === 0 ? label : '').padEnd(8))} ${line}`,
    );
  // Of what is not known one sentence is enough: that of the whole.
  const told = estimates.filter(({ id, low }) => low !== null || id === 'EST-SEEDING-TOTAL');
  const kinds = [...new Set(told.map(({ id }) => id))];
  const shown = kinds.flatMap((id) => {
    const all = told.filter((estimate) => estimate.id === id);
    return all.toSorted((one, other) => urgency(one) - urgency(other)).slice(0, SHOWN);
  });
  const more = told.length - shown.length;
  const rests = [...new Set(shown.flatMap(({ restsOn }) => restsOn))];
  return [
    ...shown.flatMap(({ words, warning }) => [
      ...paragraph('estimate', words),
      ...(warning === null ? [] : paragraph('careful', warning)),
    ]),
    ...(more === 0 ? [] : paragraph('', `And ${more} more of other databases (--json).`)),
    ...(rests.length === 0 ? [] : paragraph('rests on', rests.join(' '))),
  ];
}

function urgency({ warning, high }: Estimate): number {
  return (warning === null ? 0 : Number.MIN_SAFE_INTEGER / 2) - (high ?? 0);
}
