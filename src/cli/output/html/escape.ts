/** Text inside HTML and SVG. */

import { printable } from '../format.ts';

/** The text as content or attribute; control and direction characters are spelled out, so that no name can disguise itself. */
export function escapeHtml(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** The same for text of several lines, which stay lines. */
export function escapeLines(text: string): string {
  return text
    .split('\n')
    .map((line) => escapeHtml(line))
    .join('\n');
}
