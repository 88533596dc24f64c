/** A whole response as a list of tokens: what raw-socket tests and tools read. */

import { MalformedMessage, type ByteReader } from './bytes.ts';
import { readColumns, readRow, ROWSET_TOKEN, type ReadColumn } from './rowset.ts';
import type { SqlValue } from './sql-type.ts';
import {
  readDone,
  readEnvChange,
  readFeatureExtAck,
  readLoginAck,
  readMessage,
  readReturnValue,
  TOKEN,
  type DoneToken,
  type EnvChange,
  type LoginAck,
  type MessageToken,
  type ReturnValue,
} from './token.ts';
import type { Dialect } from './version.ts';

/** One token of a response. */
export type ResponseToken =
  | { readonly is: 'columns'; readonly columns: readonly ReadColumn[] }
  | { readonly is: 'row'; readonly withoutNulls: boolean; readonly values: readonly SqlValue[] }
  | { readonly is: 'done'; readonly done: DoneToken }
  | { readonly is: 'error' | 'info'; readonly message: MessageToken }
  | { readonly is: 'login-ack'; readonly ack: LoginAck }
  | { readonly is: 'env-change'; readonly change: EnvChange }
  | { readonly is: 'features'; readonly features: readonly { id: number; data: Uint8Array }[] }
  | { readonly is: 'return-status'; readonly status: number }
  | { readonly is: 'return-value'; readonly returned: ReturnValue };

/** Reads all tokens of a message. */
export function readResponse(reader: ByteReader, dialect: Dialect): ResponseToken[] {
  const tokens: ResponseToken[] = [];
  let columns: readonly ReadColumn[] = [];
  while (reader.remaining > 0) {
    const token = readToken(reader, columns, dialect);
    if (token.is === 'columns') ({ columns } = token);
    tokens.push(token);
  }
  return tokens;
}

function readToken(
  reader: ByteReader,
  columns: readonly ReadColumn[],
  dialect: Dialect,
): ResponseToken {
  const token = reader.u8();
  switch (token) {
    case ROWSET_TOKEN.columns:
      return { is: 'columns', columns: readColumns(reader, dialect) };
    case ROWSET_TOKEN.row:
    case ROWSET_TOKEN.rowWithoutNulls: {
      const withoutNulls = token === ROWSET_TOKEN.rowWithoutNulls;
      return { is: 'row', withoutNulls, values: readRow(reader, token, columns) };
    }
    case TOKEN.done:
    case TOKEN.doneProc:
    case TOKEN.doneInProc:
      return { is: 'done', done: readDone(reader, token, dialect) };
    case TOKEN.error:
    case TOKEN.info:
      return {
        is: token === TOKEN.error ? 'error' : 'info',
        message: readMessage(reader, dialect),
      };
    case TOKEN.loginAck:
      return { is: 'login-ack', ack: readLoginAck(reader) };
    case TOKEN.envChange:
      return { is: 'env-change', change: readEnvChange(reader) };
    case TOKEN.featureExtAck:
      return { is: 'features', features: readFeatureExtAck(reader) };
    case TOKEN.returnStatus:
      return { is: 'return-status', status: reader.i32() };
    case TOKEN.returnValue:
      return { is: 'return-value', returned: readReturnValue(reader, dialect) };
    default:
      throw new MalformedMessage(`token 0x${token.toString(16)}`);
  }
}
