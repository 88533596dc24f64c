/** From LOGIN7 to the login's answer (MS-TDS 3.2.5.4). */

import { ByteWriter } from '../../tds/bytes.ts';
import { COLLATION } from '../../tds/code-page.ts';
import { LOGIN_FLAG, type Login7 } from '../../tds/login7.ts';
import { DEFAULT_PACKET_BYTES, framePackets, PACKET } from '../../tds/packet.ts';
import {
  DONE,
  TOKEN,
  writeDone,
  writeEnvChange,
  writeFeatureExtAck,
  writeLoginAck,
  writeMessage,
} from '../../tds/token.ts';
import type { Dialect } from '../../tds/version.ts';
import type { LabEndpoint, LabSession, LoginRequest, ServerMessage } from '../session.ts';
import { notSimulated } from './requests.ts';

const LANGUAGE = 'us_english';
const MIN_PACKET_BYTES = 512;
const MAX_PACKET_BYTES = 32_767;
const FEATURE_UTF8 = 0x0a;
/** OptionFlags3: the password shall be changed. */
const CHANGE_PASSWORD = 0x01;

/** What the connection knows about itself when a login arrives. */
export interface ConnectionFacts {
  readonly clientAddress: string;
  readonly serverAddress: string;
  readonly serverPort: number;
  readonly encrypted: boolean;
}

/** What the session side is asked. */
export function loginRequest(login: Login7, facts: ConnectionFacts): LoginRequest {
  return {
    user: login.userName,
    password: login.password,
    database: login.database,
    applicationName: login.applicationName,
    hostName: login.hostName,
    clientInterfaceName: login.clientInterfaceName,
    hostProcessId: login.clientProcessId,
    readOnlyIntent: (login.typeFlags & LOGIN_FLAG.readOnlyIntent) !== 0,
    serverName: login.serverName,
    tdsVersion: login.tdsVersion,
    ...facts,
  };
}

/** The refusal of a login that the session side need not see, or undefined. */
export function refusalOf(login: Login7): ServerMessage | undefined {
  if ((login.optionFlags2 & LOGIN_FLAG.integratedSecurity) !== 0 || login.sspi.length > 0)
    return {
      number: 18_452,
      state: 1,
      severity: 14,
      text: 'Login failed. The login is from an untrusted domain and cannot be used with Integrated authentication.',
      procedure: '',
      line: 1,
    };
  if ((login.optionFlags3 & CHANGE_PASSWORD) !== 0 || login.newPassword !== '')
    return notSimulated('a change of password at login');
  if (login.attachDatabaseFile !== '') return notSimulated('attaching a database file at login');
  return undefined;
}

/** What a server that forces encryption says to a client that cannot (or did not) encrypt. */
export const ENCRYPTION_REQUIRED: ServerMessage = {
  number: 17_835,
  state: 1,
  severity: 20,
  text: 'Encryption is required to connect to this server but the client library does not support encryption; the connection has been closed.',
  procedure: '',
  line: 1,
};

/** The packet size of the session: what the client asked for, within the limits; 0 means the default. */
export function agreedPacketBytes(asked: number): number {
  if (asked === 0) return DEFAULT_PACKET_BYTES;
  return Math.min(MAX_PACKET_BYTES, Math.max(MIN_PACKET_BYTES, asked));
}

/** The refusal as a complete message. */
export function refusalMessage(
  endpoint: LabEndpoint,
  messages: readonly ServerMessage[],
  dialect: Dialect,
): Uint8Array {
  const writer = new ByteWriter();
  for (const message of messages)
    writeMessage(writer, { ...message, server: endpoint.serverName }, dialect);
  const done = { token: TOKEN.done, status: DONE.error, command: 0, rowCount: 0n };
  writeDone(writer, done, dialect);
  return framed(writer, 0);
}

/** What the answer to an accepted login is made of. */
export interface Acceptance {
  readonly endpoint: LabEndpoint;
  readonly login: Login7;
  readonly session: LabSession;
  readonly messages: readonly ServerMessage[];
  readonly dialect: Dialect;
  /** Read-only routing: the server the client goes on to. */
  readonly route?: { readonly server: string; readonly port: number } | undefined;
}

/** The answer as a complete message, in the order clients expect; packets still have the default size. */
export function acceptanceMessage(acceptance: Acceptance): Uint8Array {
  const { endpoint, login, session, messages, dialect } = acceptance;
  const writer = new ByteWriter();
  const inform = (number: number, state: number, text: string): void => {
    const server = endpoint.serverName;
    const message = { number, state, severity: 0, text, server, procedure: '', line: 1 };
    writeMessage(writer, message, dialect);
  };
  writeEnvChange(writer, { kind: 'database', to: session.database, from: 'master' });
  inform(5701, 2, `Changed database context to '${session.database}'.`);
  writeEnvChange(writer, { kind: 'collation', to: COLLATION });
  writeEnvChange(writer, { kind: 'language', to: LANGUAGE, from: '' });
  inform(5703, 1, `Changed language setting to ${LANGUAGE}.`);
  for (const message of messages)
    writeMessage(writer, { ...message, server: endpoint.serverName }, dialect);
  const { version } = endpoint;
  writeLoginAck(writer, { tdsVersion: dialect.version, program: 'Microsoft SQL Server', version });
  writeEnvChange(writer, {
    kind: 'packet-size',
    to: String(agreedPacketBytes(login.packetBytes)),
    from: String(DEFAULT_PACKET_BYTES),
  });
  // Clients of before 7.4 do not know the token and stay (MS-TDS 2.2.7.9, type 20).
  const { route } = acceptance;
  if (route !== undefined && dialect.since74) writeEnvChange(writer, { kind: 'routing', ...route });
  const utf8 = login.features.some((feature) => feature.id === FEATURE_UTF8);
  if (utf8 && dialect.since74)
    writeFeatureExtAck(writer, [{ id: FEATURE_UTF8, data: Uint8Array.of(1) }]);
  writeDone(writer, { token: TOKEN.done, status: 0, command: 0, rowCount: 0n }, dialect);
  return framed(writer, session.sessionId);
}

function framed(writer: ByteWriter, sessionId: number): Uint8Array {
  return framePackets(writer.written(), {
    type: PACKET.response,
    packetBytes: DEFAULT_PACKET_BYTES,
    sessionId,
    firstPacketId: 1,
    last: true,
  });
}
