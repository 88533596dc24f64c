/**
 * A look at the server's PRELOGIN answer before the driver goes on (MS-TDS 2.2.6.5).
 *
 * The driver accepts "encryption not supported" and would send the password in clear text, although
 * MS-TDS 3.2.5.1 says that the client must close. So the answer is read here first, and the version of
 * the server with it, which the first batch needs.
 */

/** What the answer says. */
export type PreloginAnswer =
  /** Not enough bytes yet. */
  | { readonly kind: 'incomplete' }
  /** The peer does not speak TDS; `speaks` names what it looks like, with its first bytes. */
  | { readonly kind: 'not-tds'; readonly speaks: string }
  /** `encrypted`: the server will encrypt everything. */
  | { readonly kind: 'answer'; readonly encrypted: boolean; readonly versionMajor: number };

const HEADER_BYTES = 8;
/** Packet type of every answer of a server (MS-TDS 2.2.3.1.1). */
const TABULAR_RESULT = 0x04;
const OPTION_VERSION = 0x00;
const OPTION_ENCRYPTION = 0x01;
const OPTION_END = 0xff;
/** ENCRYPT_ON and ENCRYPT_REQ: encryption of the login and of the data. */
const FULL_ENCRYPTION: ReadonlySet<number> = new Set([0x01, 0x03]);

/** Reads the first packet of a server. */
export function readPrelogin(bytes: Uint8Array): PreloginAnswer {
  if (bytes.length > 0 && bytes[0] !== TABULAR_RESULT) return notTds(bytes);
  if (bytes.length < HEADER_BYTES) return { kind: 'incomplete' };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint16(2);
  if (length <= HEADER_BYTES) return notTds(bytes);
  if (bytes.length < length) return { kind: 'incomplete' };
  return readOptions(bytes.subarray(HEADER_BYTES, length));
}

/** The option list: token, offset and length of each, closed by 0xFF; offsets count from its start. */
function readOptions(payload: Uint8Array): PreloginAnswer {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  let encrypted = false;
  let versionMajor = 0;
  for (let at = 0; at < payload.length && payload[at] !== OPTION_END; at += 5) {
    if (at + 5 > payload.length) return notTds(payload);
    const value = payload[view.getUint16(at + 1)];
    if (value === undefined) return notTds(payload);
    if (payload[at] === OPTION_VERSION) versionMajor = value;
    if (payload[at] === OPTION_ENCRYPTION) encrypted = FULL_ENCRYPTION.has(value);
  }
  return { kind: 'answer', encrypted, versionMajor };
}

type Signature = (bytes: Uint8Array, start: string) => boolean;

const begins =
  (pattern: RegExp): Signature =>
  (_bytes, start) =>
    pattern.test(start);

/** First bytes of other services. */
const SIGNATURES: readonly (readonly [Signature, string])[] = [
  [begins(/^HTTP\/\d/u), 'HTTP (a web server)'],
  [begins(/^<(!doctype|html)/iu), 'HTTP (a web server)'],
  [begins(/^SSH-/u), 'SSH'],
  [begins(/^220[ -]/u), 'SMTP or FTP'],
  [begins(/^-ERR|^\+OK|^-NOAUTH/u), 'Redis or POP3'],
  [
    // A TLS alert: version 3.x after the record type 21 (RFC 8446, 5.1).
    (bytes) => bytes[0] === 21 && bytes[1] === 3,
    'TLS from the first byte (HTTPS, or TDS 8.0: then set tls.encrypt to strict)',
  ],
  // MySQL greets first: length of three bytes, sequence 0, protocol version 10.
  [(bytes) => bytes[3] === 0 && bytes[4] === 10, 'MySQL or MariaDB'],
  // Messages of PostgreSQL: one letter and a length of four bytes; E error, R authentication. N alone refuses TLS.
  [(bytes, start) => /^[ER]/u.test(start) && bytes[1] === 0 && bytes[2] === 0, 'PostgreSQL'],
  [(bytes, start) => bytes.length === 1 && start === 'N', 'PostgreSQL'],
];

/** Bytes of the answer that are shown. */
const SHOWN_BYTES = 24;

function notTds(bytes: Uint8Array): PreloginAnswer {
  const start = String.fromCharCode(...bytes.subarray(0, 64));
  const known = SIGNATURES.find(([isIt]) => isIt(bytes, start));
  const shown = start.slice(0, SHOWN_BYTES).replaceAll(/[^\x20-\x7e]/gu, '.');
  return { kind: 'not-tds', speaks: `${known?.[1] ?? 'another protocol'}: "${shown}"` };
}
