/** A diagnosis as a person reads it: title, reason, what was seen, both tails of a split brain, what goes on. Pure. */

import { shownName } from '../../base/name.ts';
import type { Diagnosis } from '../../reconcile/diagnose.ts';
import type { Divergence, LogTail } from '../../reconcile/diagnosis-tail.ts';
import { printable, wrap } from './format.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';

/** Columns that two whole GUIDs and their titles need. */
const WIDE = 96;
/** Widest line of a paragraph; longer ones are hard to read. */
const WIDEST = 110;

/** The screen. `columns`: width of the terminal. */
export function diagnosisScreen(diagnosis: Diagnosis, columns: number, style: Style): string {
  const width = Math.min(columns, WIDEST);
  const labelled = (label: string, text: string): readonly string[] =>
    wrap(printable(text), width - 9).map(
      (line, at) => `${style.faint((at === 0 ? label : '').padEnd(8))} ${line}`,
    );
  const paint = diagnosis.outageOpen || diagnosis.tails.length > 0 ? style.bad : style.strong;
  return [
    ...wrap(printable(diagnosis.title), width).map((line) => paint(line)),
    ...labelled('row', diagnosis.row),
    ...labelled('because', diagnosis.because),
    ...diagnosis.evidence.flatMap((line, at) => labelled(at === 0 ? 'seen' : '', line)),
    ...diagnosis.divergences.flatMap((one) => [
      '',
      ...databaseLines(diagnosis, one, { width, style }),
    ]),
    ...(diagnosis.divergences.length === 0 ? [] : ['']),
    ...labelled('next', diagnosis.next),
  ].join('\n');
}

function databaseLines(
  diagnosis: Diagnosis,
  divergence: Divergence,
  { width, style }: { readonly width: number; readonly style: Style },
): readonly string[] {
  const tailOf = (side: LogTail['side']): LogTail | undefined =>
    diagnosis.tails.find((tail) => tail.database === divergence.database && tail.side === side);
  const [source, target] = [tailOf('source'), tailOf('target')];
  const guid = (tail: LogTail | undefined): string => shownGuid(tail?.recoveryForkGuid, width);
  const rows: readonly (readonly [string, string | null, string | null])[] = [
    ['recovery fork', guid(source), guid(target)],
    ['fork began at LSN', source?.forkPointLsn ?? null, target?.forkPointLsn ?? null],
    ['last hardened LSN', source?.lastHardenedLsn ?? null, target?.lastHardenedLsn ?? null],
    ['end of log LSN', source?.endOfLogLsn ?? null, target?.endOfLogLsn ?? null],
    ['last commit LSN', source?.lastCommitLsn ?? null, target?.lastCommitLsn ?? null],
    ['last commit time', source?.lastCommitUtc ?? null, target?.lastCommitUtc ?? null],
  ];
  const table = renderTable({
    columns: [{ title: '' }, { title: titleOf(source) }, { title: titleOf(target) }],
    rows: rows.map(([label, left, right]) => [
      { text: label, paint: style.faint },
      { text: left ?? '-' },
      { text: right ?? '-' },
    ]),
    width,
    indent: '  ',
    paintTitle: style.strong,
  });
  const say = (text: string): readonly string[] =>
    wrap(printable(text), width - 2).map((line) => `  ${line}`);
  return [
    style.strong(printable(shownName(divergence.database))),
    ...table,
    ...say(divergence.parting),
    ...say(`If the source loses: ${divergence.ifLoses.source}.`),
    ...say(`If the target loses: ${divergence.ifLoses.target}.`),
  ];
}

function titleOf(tail: LogTail | undefined): string {
  return tail === undefined ? '' : printable(`${tail.side} ${shownName(tail.instance)}`);
}

/** The first eight digits tell two forks apart; `--json` has them all. */
function shownGuid(guid: string | null | undefined, width: number): string {
  if (guid === null || guid === undefined) return '-';
  return width >= WIDE ? guid : `${guid.slice(0, 8)}…`;
}
