/** From what the driver says about a failed connection to a problem with a code. */

import {
  ProblemCatalogue,
  type Problem,
  type ProblemCode,
  type ServerErrorEvidence,
} from '../../model/problem.ts';
import type { ConnectionSettings } from '../config/load-migration.ts';
import type { Inspection } from './connector.ts';

/** Everything known about a failed attempt. */
export interface FailedConnection {
  readonly settings: ConnectionSettings;
  readonly inspection: Inspection;
  /** Errors the server sent during the login. */
  readonly serverErrors: readonly ServerErrorEvidence[];
  readonly error: unknown;
}

const LOGIN_CODES: ReadonlyMap<number, ProblemCode> = new Map([
  [18_452, 'SF-AUTH-001'],
  [18_456, 'SF-AUTH-001'],
  [18_470, 'SF-AUTH-002'],
  [18_486, 'SF-AUTH-002'],
  [18_487, 'SF-AUTH-003'],
  [18_488, 'SF-AUTH-003'],
  [911, 'SF-AUTH-004'],
  [916, 'SF-AUTH-004'],
  [4060, 'SF-AUTH-004'],
]);

/** Names Node gives to a certificate that does not verify. */
const CERTIFICATE_CODE =
  /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(GET|VERIFY)_|ERR_TLS_CERT_|HOSTNAME_MISMATCH)/u;

/** The port is open, and nothing came back. */
const SILENT =
  'The port is open, but nothing answered the greeting: another service (PostgreSQL is silent to it), a load balancer without a server behind it, or a server that is starting.';

/** The problem behind a failed attempt to connect. */
export function connectProblem(failed: FailedConnection): Problem {
  const codes = errorCodes(failed.error);
  const evidence =
    failed.serverErrors.find((error) => LOGIN_CODES.has(error.number)) ?? failed.serverErrors[0];
  const code = codeOf(failed, codes, evidence);
  const { settings } = failed;
  const where = `[${settings.instance}] at ${settings.host}:${settings.port}`;
  return {
    code,
    summary: `${ProblemCatalogue[code].title}: ${where}, login [${settings.user}].`,
    because: reasons(failed, evidence),
    remedy: ProblemCatalogue[code].remedy,
    instance: settings.instance,
    ...(evidence === undefined ? {} : { evidence }),
  };
}

function codeOf(
  failed: FailedConnection,
  codes: readonly string[],
  evidence: ServerErrorEvidence | undefined,
): ProblemCode {
  if (failed.inspection.refusal === 'no-encryption' || codes.includes('EENCRYPT')) {
    return 'SF-TDS-001';
  }
  if (failed.inspection.refusal === 'not-tds') return 'SF-NET-004';
  if (evidence !== undefined) return LOGIN_CODES.get(evidence.number) ?? 'SF-SQL-001';
  if (codes.some((code) => CERTIFICATE_CODE.test(code))) return 'SF-TDS-002';
  if (codes.includes('ETIMEOUT') || codes.includes('ETIMEDOUT')) return 'SF-NET-002';
  return 'SF-NET-001';
}

function reasons(failed: FailedConnection, evidence: ServerErrorEvidence | undefined): string[] {
  if (evidence !== undefined) {
    return [`Error ${evidence.number}, state ${evidence.state}: ${evidence.message}`];
  }
  const { refusal, speaks, contact } = failed.inspection;
  const closed = 'The connection was closed before the password was sent.';
  if (refusal === 'not-tds') return [`It answered in ${speaks ?? 'another protocol'}.`, closed];
  if (refusal !== null) return [closed];
  const messages = [...new Set(errorMessages(failed.error))];
  return contact === 'connected' && failed.settings.tls.encrypt === 'mandatory'
    ? [...messages, SILENT]
    : messages;
}

/** `code` of the error and of everything that caused it. */
export function errorCodes(error: unknown): readonly string[] {
  return chain(error).flatMap((link) =>
    'code' in link && typeof link.code === 'string' ? [link.code] : [],
  );
}

function errorMessages(error: unknown): readonly string[] {
  const links = chain(error);
  const deepest = links[links.length - 1];
  return deepest === undefined ? [String(error)] : [deepest.message];
}

/** The error, its causes and the members of an aggregate; at most 16, because causes may form a ring. */
function chain(error: unknown): readonly Error[] {
  const links: Error[] = [];
  const waiting: unknown[] = [error];
  while (waiting.length > 0 && links.length < 16) {
    const next = waiting.shift();
    if (!(next instanceof Error)) continue;
    links.push(next);
    if (next instanceof AggregateError) waiting.push(...(next.errors as unknown[]));
    waiting.push(next.cause);
  }
  return links;
}
