/** KILL. */

import type { SessionIdentity } from '../../instance.ts';
import type { ServerMessage } from '../../session.ts';
import { serverMessage } from '../../tsql/message.ts';
import type { InstanceParts } from '../instance-parts.ts';

/** Ends a session; the error, or null. */
export function killSession(
  parts: InstanceParts,
  identity: SessionIdentity,
  sessionId: number,
): ServerMessage | null {
  const may = parts.security.hasServerPermission(identity.loginName, 'ALTER ANY CONNECTION');
  if (may !== true) return serverMessage(6102);
  if (sessionId === identity.sessionId) return serverMessage(6104);
  const entry = parts.sessions.get(sessionId);
  if (entry === undefined) return serverMessage(6106, sessionId);
  parts.sessions.end([entry.record], serverMessage(596));
  return null;
}
