/**
 * CREATE, ALTER and DROP ENDPOINT for database mirroring (Microsoft Learn, "CREATE ENDPOINT").
 *
 * The articles write DATA_MIRRORING and put ROLE first: both spellings and any order are read.
 */

import type { EndpointState, EndpointStatement, MirroringOptions, TcpOptions } from '../ast.ts';
import type { Cursor } from '../parse-cursor.ts';
import { INTEGER, parseOptionBlock, rule, words } from './option.ts';
import type { OptionTable } from './option.ts';

const TCP_OPTIONS: OptionTable = { LISTENER_PORT: INTEGER, LISTENER_IP: rule(parseListenerIp) };

/** `= ALL`, `= (1.2.3.4)` or `= ('::1')`. */
function parseListenerIp(cursor: Cursor): string | null {
  cursor.expect('=');
  if (cursor.accept('ALL')) return null;
  cursor.expect('(');
  const first = cursor.peek();
  const quoted = first.kind === 'string';
  while (!cursor.is(')')) {
    const token = cursor.take();
    if (
      !['string', 'integer', 'decimal'].includes(token.kind) &&
      token.upper !== '.' &&
      token.upper !== ':'
    )
      throw cursor.error(token);
  }
  const text = quoted ? first.value : cursor.textSince(first);
  if (text === '') throw cursor.error();
  cursor.expect(')');
  return text;
}

const MIRRORING_OPTIONS: OptionTable = {
  AUTHENTICATION: rule(parseAuthentication),
  ENCRYPTION: rule(parseEncryption),
  ROLE: words('WITNESS', 'PARTNER', 'ALL'),
};

type Authentication = NonNullable<MirroringOptions['authentication']>;

function parseAuthentication(cursor: Cursor): Authentication {
  cursor.expect('=');
  const bracket = cursor.accept('(');
  const certificateFirst = cursor.is('CERTIFICATE');
  let windows: Authentication['windows'] = null;
  let certificate: string | null = null;
  const first = cursor.peek();
  while (cursor.isOneOf('WINDOWS', 'CERTIFICATE')) {
    if (cursor.accept('WINDOWS')) {
      if (windows !== null) throw cursor.error(first);
      windows = cursor.isOneOf('NTLM', 'KERBEROS', 'NEGOTIATE')
        ? cursor.oneOf('NTLM', 'KERBEROS', 'NEGOTIATE')
        : 'NEGOTIATE';
    } else {
      cursor.expect('CERTIFICATE');
      if (certificate !== null) throw cursor.error(first);
      certificate = cursor.name();
    }
  }
  if (windows === null && certificate === null) throw cursor.error();
  if (bracket) cursor.expect(')');
  return { windows, certificate, certificateFirst };
}

function parseEncryption(cursor: Cursor): MirroringOptions['encryption'] {
  cursor.expect('=');
  const mode = cursor.oneOf('DISABLED', 'SUPPORTED', 'REQUIRED');
  if (mode === 'DISABLED' || !cursor.accept('ALGORITHM')) return { mode, algorithm: null };
  const first = cursor.oneOf('AES', 'RC4');
  if (first === 'AES') return { mode, algorithm: cursor.accept('RC4') ? 'AES RC4' : 'AES' };
  return { mode, algorithm: cursor.accept('AES') ? 'RC4 AES' : 'RC4' };
}

/** Takes CREATE ENDPOINT behind the word CREATE. */
export function parseCreateEndpoint(cursor: Cursor): EndpointStatement {
  cursor.expect('ENDPOINT');
  const endpoint = cursor.name();
  if (cursor.accept('AUTHORIZATION')) cursor.name();
  const state = parseState(cursor);
  const tcp = parseTcp(cursor);
  const mirroring = parseMirroring(cursor);
  if (tcp === null || mirroring === null) throw cursor.error();
  return { kind: 'create-endpoint', endpoint, state, tcp, mirroring };
}

/** Takes ALTER ENDPOINT behind the word ALTER. */
export function parseAlterEndpoint(cursor: Cursor): EndpointStatement {
  cursor.expect('ENDPOINT');
  const endpoint = cursor.name();
  const state = parseState(cursor);
  const tcp = parseTcp(cursor);
  const mirroring = parseMirroring(cursor);
  if (state === null && tcp === null && mirroring === null) throw cursor.error();
  return { kind: 'alter-endpoint', endpoint, state, tcp, mirroring };
}

function parseState(cursor: Cursor): EndpointState | null {
  if (!cursor.accept('STATE')) return null;
  cursor.expect('=');
  const state = cursor.oneOf('STARTED', 'STOPPED', 'DISABLED');
  cursor.accept(',');
  return state;
}

function parseTcp(cursor: Cursor): TcpOptions | null {
  if (!cursor.accept('AS')) return null;
  if (cursor.is('HTTP')) throw cursor.notSimulated('HTTP endpoints');
  cursor.expect('TCP');
  const values = parseOptionBlock(cursor, TCP_OPTIONS, 'TCP');
  const port = values.get('LISTENER_PORT');
  const ip = values.get('LISTENER_IP');
  return {
    listenerPort: typeof port === 'number' ? port : null,
    listenerIp: typeof ip === 'string' ? ip : null,
  };
}

function parseMirroring(cursor: Cursor): MirroringOptions | null {
  if (!cursor.accept('FOR')) return null;
  if (cursor.isOneOf('TSQL', 'SERVICE_BROKER', 'SOAP'))
    throw cursor.notSimulated(`endpoints FOR ${cursor.peek().upper}`);
  cursor.oneOf('DATABASE_MIRRORING', 'DATA_MIRRORING');
  const values = parseOptionBlock(cursor, MIRRORING_OPTIONS, 'DATABASE_MIRRORING');
  return {
    authentication: (values.get('AUTHENTICATION') as Authentication | undefined) ?? null,
    encryption: (values.get('ENCRYPTION') as MirroringOptions['encryption'] | undefined) ?? null,
    role: (values.get('ROLE') as MirroringOptions['role'] | undefined) ?? null,
  };
}

/** Takes DROP ENDPOINT behind the word DROP. */
export function parseDropEndpoint(cursor: Cursor): EndpointStatement {
  cursor.expect('ENDPOINT');
  return { kind: 'drop-endpoint', endpoint: cursor.name() };
}
