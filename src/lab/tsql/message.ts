/** SQL errors inside the lab's T-SQL engine: the exception class and the builder over `message-table.ts`. */

import type { ServerMessage } from '../session.ts';
import { backupMessages } from './message-table-backup.ts';
import { groupMessages } from './message-table-group.ts';
import { engineMessages } from './message-table.ts';
import type { MessageTemplate } from './message-table.ts';

/** An error that ends the running T-SQL statement; carries what the client is sent. */
export class SqlError extends Error {
  override readonly name = 'SqlError';
  readonly detail: ServerMessage;

  constructor(detail: ServerMessage) {
    super(`${detail.number}: ${detail.text}`);
    this.detail = detail;
  }
}

/** Template of a message number; undefined when the lab does not know the number. */
export function messageTemplate(number: number): MessageTemplate | undefined {
  return engineMessages[number] ?? groupMessages[number] ?? backupMessages[number];
}

/**
 * Builds a message: place holders (`%.*ls`, `%d`, `%s`) take the parameters in order.
 * An unknown number is a mistake of the lab and becomes a RangeError.
 */
export function serverMessage(
  number: number,
  ...parameters: readonly (string | number | bigint)[]
): ServerMessage {
  const template = messageTemplate(number);
  if (template === undefined) throw new RangeError(`message ${number} is not in the table`);
  return {
    number,
    state: template.state ?? 1,
    severity: template.severity,
    text: formatTemplate(template.text, parameters),
    procedure: '',
    line: 1,
  };
}

/** The exception for a message number. */
export function sqlError(
  number: number,
  ...parameters: readonly (string | number | bigint)[]
): SqlError {
  return new SqlError(serverMessage(number, ...parameters));
}

/** The same message on another line. */
export function atLine(message: ServerMessage, line: number): ServerMessage {
  return message.line === line ? message : { ...message, line };
}

/**
 * Replaces printf place holders of `sys.messages` in order; `%%` is a percent sign. A place holder
 * without a parameter prints `(null)`, as the server does for RAISERROR.
 */
export function formatTemplate(
  template: string,
  parameters: readonly (string | number | bigint | null)[],
): string {
  let next = 0;
  return template.replaceAll(
    /%(?:%|([-+0 #]*)(\d+|\*)?(?:\.(\d+|\*))?(?:h|l|I64)?([diouxXsS])(_MSG)?)/gu,
    (match: string, ...groups: readonly (string | undefined)[]) => {
      if (match === '%%') return '%';
      const [flags, width, precision, conversion] = groups;
      const value = parameters[next];
      next += 1;
      return formatOne(value ?? null, { flags: flags ?? '', width, precision, conversion });
    },
  );
}

interface Placeholder {
  readonly flags: string;
  readonly width: string | undefined;
  readonly precision: string | undefined;
  readonly conversion: string | undefined;
}

function formatOne(value: string | number | bigint | null, holder: Placeholder): string {
  if (value === null) return '(null)';
  let text = String(value);
  const conversion = holder.conversion ?? 's';
  if (typeof value !== 'string' && 'xXou'.includes(conversion)) {
    const unsigned = BigInt.asUintN(32, BigInt(value));
    text = unsigned.toString(conversion === 'o' ? 8 : conversion === 'u' ? 10 : 16);
    if (conversion === 'X') text = text.toUpperCase();
    if (holder.flags.includes('#') && conversion !== 'o' && conversion !== 'u') text = `0x${text}`;
  }
  if (conversion === 's' && holder.precision !== undefined && holder.precision !== '*') {
    text = text.slice(0, Number(holder.precision));
  }
  if (holder.flags.includes('+') && 'di'.includes(conversion) && !text.startsWith('-'))
    text = `+${text}`;
  const width = holder.width === undefined || holder.width === '*' ? 0 : Number(holder.width);
  if (holder.flags.includes('-')) return text.padEnd(width);
  const zero = holder.flags.includes('0') && conversion !== 's';
  return zero && text.startsWith('-')
    ? `-${text.slice(1).padStart(width - 1, '0')}`
    : text.padStart(width, zero ? '0' : ' ');
}
