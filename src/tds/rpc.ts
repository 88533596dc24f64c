/** Remote procedure calls (MS-TDS 2.2.6.6): one message may carry several, answered in one response. */

import { ByteWriter, MalformedMessage, type ByteReader } from './bytes.ts';
import { readHeaders, writeHeaders, type RequestHeaders } from './request.ts';
import type { SqlType, SqlValue } from './sql-type.ts';
import { dialectType, readTypeInfo, writeTypeInfo } from './type-info.ts';
import { readValue, valueWriter } from './value.ts';
import type { Dialect } from './version.ts';

/** One parameter. */
export interface ProcedureParameter {
  /** With `@`, empty when positional. */
  readonly name: string;
  readonly type: SqlType;
  readonly value: SqlValue;
  /** Passed by reference: its value comes back. */
  readonly output: boolean;
  /** The procedure's default is asked for; the value is null. */
  readonly isDefault: boolean;
}

/** One call. */
export interface ProcedureCall {
  readonly procedure: string;
  readonly parameters: readonly ProcedureParameter[];
}

/** Names of the procedures that clients call by number. */
const WELL_KNOWN: readonly string[] = [
  '',
  'sp_cursor',
  'sp_cursoropen',
  'sp_cursorprepare',
  'sp_cursorexecute',
  'sp_cursorprepexec',
  'sp_cursorunprepare',
  'sp_cursorfetch',
  'sp_cursoroption',
  'sp_cursorclose',
  'sp_executesql',
  'sp_prepare',
  'sp_execute',
  'sp_prepexec',
  'sp_prepexecrpc',
  'sp_unprepare',
];

const BY_NUMBER = 0xffff;
const PARAMETER = { byReference: 0x01, isDefault: 0x02, encrypted: 0x08 } as const;
/** Between calls; before 7.2 another byte. NoExec (0xFE) is refused by name below. */
const SEPARATOR = 0xff;
const OLD_SEPARATOR = 0x80;
const NO_EXEC = 0xfe;

/** Writes a message of calls; procedures that have a number are called by it. */
export function encodeCalls(
  calls: readonly ProcedureCall[],
  headers: RequestHeaders,
  dialect: Dialect,
): Uint8Array {
  const writer = new ByteWriter();
  writeHeaders(writer, headers, dialect);
  calls.forEach((call, index) => {
    if (index > 0) writer.u8(dialect.since72 ? SEPARATOR : OLD_SEPARATOR);
    const number = WELL_KNOWN.indexOf(call.procedure);
    if (number > 0) {
      writer.u16(BY_NUMBER);
      writer.u16(number);
    } else writer.text(call.procedure);
    writer.u16(0);
    for (const parameter of call.parameters) {
      writer.shortText(parameter.name);
      writer.u8(
        (parameter.output ? PARAMETER.byReference : 0) |
          (parameter.isDefault ? PARAMETER.isDefault : 0),
      );
      writeTypeInfo(writer, dialectType(parameter.type, dialect));
      valueWriter(parameter.type, dialect, 'parameter')(writer, parameter.value);
    }
  });
  return writer.written();
}

/** Reads a message of calls. */
export function decodeCalls(
  reader: ByteReader,
  dialect: Dialect,
): RequestHeaders & { readonly calls: readonly ProcedureCall[] } {
  const headers = readHeaders(reader, dialect);
  const separator = dialect.since72 ? SEPARATOR : OLD_SEPARATOR;
  const calls: ProcedureCall[] = [];
  // A separator after the last call is allowed.
  while (reader.remaining > 0) calls.push(readCall(reader, separator));
  if (calls.length === 0) throw new MalformedMessage('a message without a procedure call');
  return { ...headers, calls };
}

function readCall(reader: ByteReader, separator: number): ProcedureCall {
  const procedure = readProcedure(reader);
  reader.u16();
  const parameters: ProcedureParameter[] = [];
  while (reader.remaining > 0) {
    if (reader.peek() === separator) {
      reader.u8();
      break;
    }
    if (separator === SEPARATOR && reader.peek() === NO_EXEC)
      throw new MalformedMessage('NoExec calls are not simulated');
    parameters.push(readParameter(reader));
  }
  return { procedure, parameters };
}

function readProcedure(reader: ByteReader): string {
  const length = reader.u16();
  if (length !== BY_NUMBER) return reader.ucs2(length * 2);
  const number = reader.u16();
  const name = WELL_KNOWN[number];
  if (name === undefined || number === 0) throw new MalformedMessage(`procedure number ${number}`);
  return name;
}

function readParameter(reader: ByteReader): ProcedureParameter {
  const name = reader.shortText();
  const flags = reader.u8();
  if ((flags & PARAMETER.encrypted) !== 0)
    throw new MalformedMessage(`parameter ${name}: Always Encrypted is not simulated`);
  const info = readTypeInfo(reader);
  const value = readValue(reader, info, 'parameter');
  return {
    name,
    type: info.type,
    value,
    output: (flags & PARAMETER.byReference) !== 0,
    isDefault: (flags & PARAMETER.isDefault) !== 0,
  };
}
