/** JSON for machines: log sequence numbers and other bigints leave as decimal strings, never as numbers. */

/** One document, indented for people who look at it anyway. */
export function jsonDocument(value: unknown): string {
  return `${JSON.stringify(value, exact, 2)}\n`;
}

/** One line of an event stream. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value, exact)}\n`;
}

function exact(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
