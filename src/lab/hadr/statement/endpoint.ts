/** CREATE, ALTER and DROP ENDPOINT for database mirroring. */

import { unreachable } from '../../../base/assert.ts';
import type { EndpointStatement, MirroringOptions } from '../../tsql/ast.ts';
import { hangUp } from '../connection.ts';
import type { EngineError } from '../effect.ts';
import type { EndpointState } from '../state.ts';
import { changeInstance, connectionKeys, engineError, instanceAt } from '../turn.ts';
import type { Turn } from '../turn.ts';

/** `endpoint_id` of the first endpoint a user creates. */
const firstEndpointId = 65_536;

/** Runs an endpoint statement. */
export function endpointStatement(
  turn: Turn,
  at: { readonly instance: string; readonly login: string },
  statement: EndpointStatement,
): EngineError | null {
  const { endpoint } = instanceAt(turn, at.instance);
  switch (statement.kind) {
    case 'create-endpoint': {
      if (endpoint !== null) return engineError(7862);
      const port = statement.tcp.listenerPort;
      if (port === null) return engineError(153, 'LISTENER_PORT', 'CREATE ENDPOINT');
      changeInstance(turn, at.instance, {
        endpoint: {
          name: statement.endpoint,
          id: firstEndpointId,
          owner: at.login,
          state: statement.state ?? 'STOPPED',
          port,
          ip: statement.tcp.listenerIp,
          authentication: { windows: 'NEGOTIATE', certificate: null, certificateFirst: false },
          encryption: { mode: 'REQUIRED', algorithm: 'AES' },
          role: 'ALL',
          ...mirroring(statement.mirroring),
        },
      });
      return null;
    }
    case 'alter-endpoint': {
      if (endpoint === null || !sameName(endpoint, statement.endpoint))
        return engineError(15_151, 'alter', 'endpoint', statement.endpoint);
      changeInstance(turn, at.instance, {
        endpoint: {
          ...endpoint,
          state: statement.state ?? endpoint.state,
          port: statement.tcp?.listenerPort ?? endpoint.port,
          ip: statement.tcp === null ? endpoint.ip : statement.tcp.listenerIp,
          ...(statement.mirroring === null ? {} : mirroring(statement.mirroring)),
        },
      });
      // Changing or stopping the transport drops every connection; they come back if they can.
      if (statement.tcp !== null || (statement.state ?? endpoint.state) !== endpoint.state)
        hangUpAll(turn, at.instance);
      return null;
    }
    case 'drop-endpoint':
      if (endpoint === null || !sameName(endpoint, statement.endpoint))
        return engineError(15_151, 'drop', 'endpoint', statement.endpoint);
      hangUpAll(turn, at.instance);
      changeInstance(turn, at.instance, { endpoint: null });
      return null;
  }
  return unreachable(statement);
}

function sameName(endpoint: EndpointState, name: string): boolean {
  return endpoint.name.toLowerCase() === name.toLowerCase();
}

function hangUpAll(turn: Turn, instance: string): void {
  for (const group of connectionKeys(instanceAt(turn, instance))) hangUp(turn, { instance, group });
}

function mirroring(options: MirroringOptions): Partial<EndpointState> {
  const { authentication, encryption, role } = options;
  return {
    ...(authentication === null ? {} : { authentication }),
    ...(encryption === null
      ? {}
      : {
          encryption: {
            mode: encryption.mode,
            algorithm: encryption.mode === 'DISABLED' ? null : (encryption.algorithm ?? 'AES'),
          },
        }),
    ...(role === null ? {} : { role }),
  };
}
