/**
 * Two endpoints meet: who is let in.
 *
 * Each side shows its Windows account, its certificate and what its endpoint is set to; the other checks
 * it against its own endpoint, its logins and the certificates it was given. Microsoft Learn, "CREATE
 * ENDPOINT", "Use certificates for a database mirroring endpoint"; texts of errors 28027, 28034, 28035.
 */

import type { EngineError } from './effect.ts';
import type { EndpointCertificate } from './endpoint-certificate.ts';
import type { Credentials } from './message.ts';
import type { EndpointState, InstanceState } from './state.ts';
import { engineError } from './turn.ts';

/** What an instance shows to the other side. */
export function credentialsOf(instance: InstanceState): Credentials {
  return {
    account: instance.serviceAccount,
    authentication: instance.endpoint?.authentication ?? null,
    encryption: instance.endpoint?.encryption ?? null,
    certificate: instance.endpointCertificate,
  };
}

/** What this instance writes into its error log about the caller; null when it lets it in. */
export function handshakeError(
  instance: InstanceState,
  caller: Credentials,
  at: number,
): EngineError | null {
  const { endpoint } = instance;
  if (endpoint === null) return engineError(28_080, 'Database Mirroring', noState);
  if (!encryptionAgrees(endpoint.encryption, caller.encryption))
    return engineError(28_027, 'encryption algorithm', noEncryption);
  const chosen = method(endpoint, caller);
  if (chosen === null) return engineError(28_027, 'authentication protocol', noAuthentication);
  return chosen === 'windows'
    ? windowsError(instance, caller.account)
    : certificateError(instance, caller.certificate, at);
}

/** Numbers behind "State", as servers print them. */
const noState = 17;
const noAuthentication = 21;
const noEncryption = 22;
const noConnect = 84;
const noCertificate = 89;

/** What both have; where both have two, the order of the accepting endpoint decides. */
function method(endpoint: EndpointState, caller: Credentials): 'windows' | 'certificate' | null {
  const own = endpoint.authentication;
  const windows = own.windows !== null && caller.authentication?.windows !== null;
  const certificate =
    own.certificate !== null && (caller.authentication?.certificate ?? null) !== null;
  if (windows && certificate) return own.certificateFirst ? 'certificate' : 'windows';
  if (windows) return 'windows';
  return certificate ? 'certificate' : null;
}

function windowsError(instance: InstanceState, account: string): EngineError | null {
  const login = account.toLowerCase();
  const isKnown =
    login === instance.serviceAccount.toLowerCase() || instance.endpointAccounts.includes(login);
  return isKnown ? null : engineError(28_034, account, noConnect);
}

function certificateError(
  instance: InstanceState,
  shown: EndpointCertificate | null,
  at: number,
): EngineError | null {
  const reason = (text: string): EngineError => engineError(28_035, text, noCertificate);
  if (shown === null) return reason('Certificate not found');
  const trusted = instance.trustedCertificates.find(
    ({ thumbprint }) => thumbprint === shown.thumbprint,
  );
  if (trusted === undefined) return reason('Certificate not found');
  if (at < trusted.startAt) return reason('Certificate not yet valid');
  if (at > trusted.expiresAt) return reason('Certificate expired');
  return instance.endpointAccounts.includes(trusted.account)
    ? null
    : engineError(28_034, trusted.account, noConnect);
}

/** REQUIRED meets DISABLED never; algorithms have to have one in common where anything is encrypted. */
function encryptionAgrees(
  own: EndpointState['encryption'],
  other: EndpointState['encryption'] | null,
): boolean {
  if (other === null) return false;
  const modes = [own.mode, other.mode];
  if (modes.includes('DISABLED')) return !modes.includes('REQUIRED');
  const algorithms = (given: EndpointState['encryption']): readonly string[] =>
    (given.algorithm ?? 'AES').split(' ');
  return algorithms(own).some((each) => algorithms(other).includes(each));
}
