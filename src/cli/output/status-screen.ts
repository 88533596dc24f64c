/** `sqlferry status` as text for people. Pure. */

import { stripVTControlCharacters } from 'node:util';

import { parseUtc } from '../../base/utc.ts';
import type {
  StatusDatabase,
  StatusDocument,
  StatusPhase,
  StatusSide,
} from '../status-document.ts';
import { deadManLine, registerLine } from '../status-register.ts';
import { bytes, count, displayWidth, duration, printable, wrap } from './format.ts';
import { bar } from './painter.ts';
import { replicaLines } from './status-replicas.ts';
import type { Style } from './style.ts';
import { estimateLines } from './estimate-text.ts';
import { waitingLines } from './waiting-text.ts';
import { renderTable } from './table.ts';
import type { Cell } from './table.ts';

/** What the screen is made from. */
export interface StatusScreenOptions {
  readonly document: StatusDocument;
  readonly width: number;
  readonly style: Style;
}

const PHASE: Readonly<Record<StatusPhase, string>> = {
  unknown: 'unknown: the groups of this file cannot be seen',
  'not-started': 'not started',
  preparing: 'being prepared',
  seeding: 'seeding: the first copy travels',
  synchronizing: 'synchronising',
  'ready-for-cutover': 'ready for cutover',
  fenced: 'fenced: logins are disabled, the role has not moved',
  outage: 'outage open: neither side is writable',
  'cut-over': 'cut over: the target is writable',
  finished: 'finished',
  'split-brain': 'split brain: both sides hold the primary role',
};

/** Answers that stand beside the way: they explain no condition that does not hold yet. */
const ASIDE: ReadonlySet<string> = new Set([
  'WAIT-AGENT-STOPPED',
  'WAIT-CLOCK',
  'WAIT-LOCK-HELD',
  'WAIT-LOG-HELD',
  'WAIT-OTHER-SESSION',
  'WAIT-WATCHER-ABSENT',
]);

/** The screen. */
export function statusScreen(options: StatusScreenOptions): string {
  const { document, style } = options;
  const headline = `${printable(document.migration)}  ${PHASE[document.phase]}  ${document.observedAt}`;
  const gap = displayWidth(headline) > options.width ? '\n' : '  ';
  const lines = [
    `${style.strong(printable(document.migration))}  ${phasePaint(document.phase, style)(PHASE[document.phase])}${gap}${style.faint(document.observedAt)}`,
    '',
    ...sides(options),
    ...replicaLines(document, options),
  ];
  if (document.databases.length > 0) lines.push('', ...databases(options));
  if (document.phase === 'seeding') {
    lines.push(...document.databases.flatMap((database) => seedingLine(database, style)));
  }
  if (showsRegister(document)) {
    lines.push('', ...paragraph('epoch', registerLine(document.register), options));
    lines.push(...paragraph('guard', `dead-man: ${deadManLine(document.deadMan)}`, options));
  }
  lines.push(
    '',
    ...paragraph('next', document.next.action, options),
    ...paragraph('because', document.next.because, options),
  );
  // The answers say the same with more; without one the bare conditions are all there is.
  const isExplained = document.waiting.some(
    ({ id, limitMs }) => limitMs !== null && !ASIDE.has(id),
  );
  for (const blocker of isExplained ? [] : document.blockers) {
    if (blocker !== document.next.because) lines.push(...paragraph('waits', blocker, options));
  }
  if (document.waiting.length > 0) {
    const now = parseUtc(document.observedAt) ?? 0;
    lines.push('', ...waitingLines(document.waiting, { ...options, now }));
  }
  const estimates = document.estimates;
  if (estimates.length > 0) lines.push('', ...estimateLines(estimates, options));
  if (document.outage !== null) {
    const since = document.outage.since === null ? '' : ` (since ${document.outage.since})`;
    const open = document.phase === 'outage' ? 'open' : 'may be open, as the journal has it';
    lines.push(...paragraph('outage', `${open}${since}`, options));
  }
  lines.push('');
  return lines.join('\n');
}

/** Before the register exists and after it is gone there is nothing to say about it. */
function showsRegister({ phase, register }: StatusDocument): boolean {
  return register.state === 'present' || register.state === 'newer-protocol' || phase === 'outage';
}

function phasePaint(phase: StatusPhase, style: Style): (text: string) => string {
  if (phase === 'outage' || phase === 'split-brain') return style.bad;
  if (phase === 'ready-for-cutover' || phase === 'cut-over' || phase === 'finished')
    return style.good;
  return phase === 'fenced' || phase === 'unknown' ? style.careful : style.accent;
}

function paragraph(label: string, text: string, options: StatusScreenOptions): readonly string[] {
  return wrap(printable(text), options.width - 9).map(
    (line, at) => `${options.style.faint((at === 0 ? label : '').padEnd(8))} ${line}`,
  );
}

function sides(options: StatusScreenOptions): readonly string[] {
  const { document, style } = options;
  const row = (name: string, side: StatusSide): readonly Cell[] => [
    { text: name, paint: style.faint },
    { text: printable(side.instance) },
    { text: printable(side.availabilityGroup ?? '-') },
    { text: side.dagRole ?? '-' },
    { text: side.connected ? 'yes' : 'no', paint: side.connected ? style.good : style.bad },
    { text: yesNo(side.writable), paint: side.writable === true ? style.good : style.faint },
  ];
  return renderTable({
    columns: ['side', 'instance', 'availability group', 'DAG role', 'connected', 'writable'].map(
      (title) => ({ title }),
    ),
    rows: [row('source', document.source), row('target', document.target)],
    width: options.width,
    paintTitle: style.faint,
  });
}

/** Titles and cells of one column of the table of databases. */
interface DatabaseColumn {
  readonly title: string;
  readonly align?: 'right';
  readonly cell: (database: StatusDatabase, style: Style) => Cell;
}

const nameColumn: DatabaseColumn = {
  title: 'database',
  cell: ({ name }) => ({ text: printable(name) }),
};

const stateColumns: readonly DatabaseColumn[] = [
  { title: 'source', cell: ({ sourceState }) => ({ text: sourceState ?? '-' }) },
  { title: 'target', cell: ({ targetState }) => ({ text: targetState ?? '-' }) },
  { title: 'DAG', cell: ({ dagState }) => ({ text: dagState ?? '-' }) },
  {
    title: 'LSN equal',
    cell: ({ lsnEqual }, style) => ({
      text: yesNo(lsnEqual),
      paint: lsnEqual === true ? style.good : style.careful,
    }),
  },
];

const queueColumns: readonly DatabaseColumn[] = [
  { title: 'to send', align: 'right', cell: ({ sendQueueKb }) => ({ text: queue(sendQueueKb) }) },
  { title: 'to redo', align: 'right', cell: ({ redoQueueKb }) => ({ text: queue(redoQueueKb) }) },
  {
    title: 'lag',
    align: 'right',
    cell: ({ lagSeconds }) => ({ text: lagSeconds === null ? '-' : `${count(lagSeconds)} s` }),
  },
];

const positionColumns: readonly DatabaseColumn[] = [
  {
    title: 'hardened LSN, source',
    align: 'right',
    cell: ({ sourceHardenedLsn }) => ({ text: sourceHardenedLsn ?? '-' }),
  },
  {
    title: 'hardened LSN, target',
    align: 'right',
    cell: ({ targetHardenedLsn }) => ({ text: targetHardenedLsn ?? '-' }),
  },
];

/** Two tables, or three where the first would be wider than the terminal. */
function databases(options: StatusScreenOptions): readonly string[] {
  const positions = ['', ...databaseTable(positionColumns, options)];
  const whole = databaseTable([...stateColumns, ...queueColumns], options);
  if (whole.every((line) => displayWidth(stripVTControlCharacters(line)) <= options.width)) {
    return [...whole, ...positions];
  }
  const [states, queues] = [stateColumns, queueColumns].map((columns) =>
    databaseTable(columns, options),
  );
  return [...(states ?? []), '', ...(queues ?? []), ...positions];
}

function databaseTable(
  columns: readonly DatabaseColumn[],
  { document, style, width }: StatusScreenOptions,
): readonly string[] {
  const all = [nameColumn, ...columns];
  return renderTable({
    columns: all.map(({ title, align }, at) => ({
      title,
      ...(align === undefined ? {} : { align }),
      flexible: at === 0,
    })),
    rows: document.databases.map((database) => all.map(({ cell }) => cell(database, style))),
    width,
    paintTitle: style.faint,
  });
}

/** Width of a progress bar, in columns. */
const BAR_WIDTH = 24;

function seedingLine(database: StatusDatabase, style: Style): readonly string[] {
  const seeding = database.seeding;
  if (seeding === null || seeding.state === 'COMPLETED') return [];
  const total = seeding.bytesTotal === null ? '?' : bytes(seeding.bytesTotal);
  const rate = seeding.bytesPerSecond === null ? '' : `, ${bytes(seeding.bytesPerSecond)}/s`;
  const eta = seeding.etaSeconds === null ? '' : `, ${duration(seeding.etaSeconds * 1000)} left`;
  const drawn =
    seeding.percent === null
      ? ''
      : `${style.accent(bar(seeding.percent / 100, BAR_WIDTH))} ${seeding.percent.toFixed(0)} %  `;
  return [
    '',
    `${style.faint('seeding')} ${printable(database.name)}  ${drawn}${bytes(seeding.bytesDone)} of ${total}${rate}${eta}  ${style.faint(seeding.state)}`,
  ];
}

function queue(kilobytes: number | null): string {
  return kilobytes === null ? '-' : bytes(kilobytes * 1024);
}

function yesNo(value: boolean | null): string {
  return value === null ? 'unknown' : value ? 'yes' : 'no';
}
