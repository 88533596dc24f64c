/**
 * sp_configure and RECONFIGURE: a value is written first and in use when RECONFIGURE takes it over
 * (Microsoft Learn, sp_configure). Options that need a restart stay written only.
 */

import type { RequestContext } from '../../instance.ts';
import type { ServerMessage } from '../../session.ts';
import type { ConfigureStatement } from '../../tsql/ast-admin.ts';
import { serverMessage } from '../../tsql/message.ts';
import type { InstanceParts } from '../instance-parts.ts';

const VIEW = 'sys.configurations';

/** Writes the value of an option. */
export function configure(
  parts: InstanceParts,
  request: RequestContext,
  statement: ConfigureStatement,
): ServerMessage | null {
  if (!maySet(parts, request)) return serverMessage(15_247);
  const { name, value, isDynamic } = statement;
  parts.declared.stateHere(VIEW, { name, value });
  if (isDynamic) parts.writtenSettings.set(name, value);
  return null;
}

/** Takes every written value over that needs no restart. */
export function reconfigure(parts: InstanceParts, request: RequestContext): ServerMessage | null {
  if (!maySet(parts, request)) return serverMessage(5812);
  for (const [name, value] of parts.writtenSettings)
    parts.declared.stateHere(VIEW, { name, value_in_use: value });
  parts.writtenSettings.clear();
  return null;
}

function maySet(parts: InstanceParts, { identity }: RequestContext): boolean {
  return parts.security.hasServerPermission(identity.loginName, 'ALTER SETTINGS') === true;
}
