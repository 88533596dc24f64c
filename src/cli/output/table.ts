/**
 * Column printer for tables of 80 to 120 columns.
 *
 * A column marked `flexible` is wrapped onto more lines when the table does not fit; all others keep
 * their text whole, since a cut name or LSN is a wrong one.
 */

import { displayWidth, padTo, wrap } from './format.ts';

/** One column. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** May be wrapped to fit the width. */
  readonly flexible?: boolean;
}

/** One cell: its text, and how it is painted after it was laid out. */
export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

/** What is printed and how. */
export interface TableOptions {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  readonly width: number;
  readonly indent?: string;
  readonly paintTitle?: (text: string) => string;
}

/** Narrowest a flexible column gets, in columns of the terminal. */
const FLEXIBLE_MINIMUM = 20;
const GAP = '  ';

/** The lines of the table: titles, then rows. */
export function renderTable(options: TableOptions): readonly string[] {
  const widths = columnWidths(options);
  const titles = options.columns.map((column) => ({
    text: column.title,
    ...(options.paintTitle === undefined ? {} : { paint: options.paintTitle }),
  }));
  return [titles, ...options.rows].flatMap((row) => renderRow(row, widths, options));
}

function columnWidths(options: TableOptions): readonly number[] {
  const natural = options.columns.map((column, at) =>
    Math.max(
      displayWidth(column.title),
      ...options.rows.map((row) => displayWidth(row[at]?.text ?? '')),
    ),
  );
  const total =
    natural.reduce((sum, width) => sum + width, 0) +
    GAP.length * (natural.length - 1) +
    (options.indent ?? '').length;
  const excess = total - options.width;
  const flexible = options.columns.filter((column) => column.flexible === true).length;
  if (excess <= 0 || flexible === 0) return natural;
  const share = Math.ceil(excess / flexible);
  return natural.map((width, at) =>
    options.columns[at]?.flexible === true
      ? Math.min(width, Math.max(FLEXIBLE_MINIMUM, width - share))
      : width,
  );
}

function renderRow(
  row: readonly Cell[],
  widths: readonly number[],
  options: TableOptions,
): readonly string[] {
  const blocks = row.map((cell, at) => {
    const width = widths[at] ?? 0;
    return options.columns[at]?.flexible === true ? wrap(cell.text, width) : [cell.text];
  });
  const height = Math.max(1, ...blocks.map((block) => block.length));
  return Array.from({ length: height }, (_, line) => {
    const cells = row.map((cell, at) => {
      const text = blocks[at]?.[line] ?? '';
      const width = widths[at] ?? 0;
      const isLast = at === row.length - 1;
      const padded =
        options.columns[at]?.align === 'right'
          ? ' '.repeat(Math.max(0, width - displayWidth(text))) + text
          : isLast
            ? text
            : padTo(text, width);
      return cell.paint === undefined || text === ''
        ? padded
        : padded.replace(text, () => cell.paint?.(text) ?? text);
    });
    return ((options.indent ?? '') + cells.join(GAP)).trimEnd();
  });
}
