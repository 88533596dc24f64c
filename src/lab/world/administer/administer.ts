/** Runs an administrative statement: permission first, then the part that knows how. */

import { unreachable } from '../../../base/assert.ts';
import { nameKey } from '../../hadr/state.ts';
import type { HadrStatement } from '../../hadr/event.ts';
import type { RequestContext } from '../../instance.ts';
import type { ServerMessage } from '../../session.ts';
import type { AdminStatement } from '../../tsql/ast.ts';
import { NOT_SIMULATED } from '../../tsql/message-table.ts';
import { serverMessage } from '../../tsql/message.ts';
import { publishEndpointAccounts, publishSizes } from '../instance-parts.ts';
import type { InstanceParts } from '../instance-parts.ts';
import { backupStatement } from './backup-statement.ts';
import { endpointCertificateError, publishEndpointCertificates } from './certificate.ts';
import { databaseStatement } from './database.ts';
import { configure, reconfigure } from './configuration.ts';
import { killSession } from './kill.ts';
import { securityStatement } from './security.ts';
import { sendTraceStatus } from './trace-status.ts';

/** Resolves to the error that ended the statement, or null. */
export async function administer(
  parts: InstanceParts,
  request: RequestContext,
  statement: AdminStatement,
): Promise<ServerMessage | null> {
  switch (statement.kind) {
    case 'create-availability-group':
    case 'create-distributed-availability-group':
    case 'alter-availability-group':
    case 'drop-availability-group':
    case 'create-endpoint':
    case 'alter-endpoint':
    case 'drop-endpoint':
    case 'alter-database-hadr':
      return await engineStatement(parts, request, statement);
    case 'create-master-key':
    case 'create-certificate':
    case 'backup-certificate':
    case 'drop-certificate':
    case 'create-login':
    case 'alter-login':
    case 'drop-login':
    case 'alter-server-role':
    case 'permission':
      return securityStatement(parts, request, statement);
    case 'create-database':
    case 'drop-database':
    case 'alter-database-set':
      return databaseStatement(parts, request, statement);
    case 'backup':
    case 'restore':
    case 'restore-inspect':
      return await backupStatement(parts, request, statement);
    case 'kill':
      return killSession(parts, request.identity, statement.sessionId);
    case 'dbcc':
      return dbcc(parts, request, statement);
    case 'checkpoint':
      return null;
    case 'configure':
      return configure(parts, request, statement);
    case 'reconfigure':
      return reconfigure(parts, request);
    case 'shutdown':
      if (parts.security.hasServerPermission(request.identity.loginName, 'SHUTDOWN') !== true)
        return serverMessage(6004);
      parts.crash();
      return null;
  }
  return unreachable(statement);
}

async function engineStatement(
  parts: InstanceParts,
  request: RequestContext,
  statement: HadrStatement,
): Promise<ServerMessage | null> {
  const login = request.identity.loginName;
  const error = refusal(parts, request, statement);
  if (error !== null) return error;
  publishSizes(parts);
  const run = { instance: parts.key, login, statement };
  const outcome = await parts.host.statement(run, request.inform);
  if (outcome === null && statement.kind.endsWith('endpoint')) {
    publishEndpointAccounts(parts);
    publishEndpointCertificates(parts);
  }
  return outcome;
}

function refusal(
  parts: InstanceParts,
  { identity, state }: RequestContext,
  statement: HadrStatement,
): ServerMessage | null {
  const may = (permission: string): boolean =>
    parts.security.hasServerPermission(identity.loginName, permission) === true;
  switch (statement.kind) {
    case 'create-availability-group':
    case 'create-distributed-availability-group':
      if (!may('CREATE AVAILABILITY GROUP')) return serverMessage(15_247);
      break;
    case 'alter-availability-group':
    case 'drop-availability-group':
      if (!may('ALTER ANY AVAILABILITY GROUP'))
        return serverMessage(
          15_151,
          statement.kind === 'drop-availability-group' ? 'drop' : 'alter',
          'availability group',
          statement.group,
        );
      break;
    case 'create-endpoint':
      return may('CREATE ENDPOINT')
        ? endpointCertificateError(parts, statement)
        : serverMessage(15_247);
    case 'alter-endpoint':
    case 'drop-endpoint':
      return may('ALTER ANY ENDPOINT')
        ? endpointCertificateError(parts, statement)
        : serverMessage(
            15_151,
            statement.kind === 'drop-endpoint' ? 'drop' : 'alter',
            'endpoint',
            statement.endpoint,
          );
    case 'alter-database-hadr':
      return may('ALTER ANY DATABASE') ? null : serverMessage(5011, statement.database);
  }
  return nameKey(state.database) === 'master' ? null : serverMessage(35_208);
}

function dbcc(
  parts: InstanceParts,
  request: RequestContext,
  statement: Extract<AdminStatement, { readonly kind: 'dbcc' }>,
): ServerMessage | null {
  const flags = statement.arguments.filter((each) => typeof each === 'number' && each > 0);
  switch (statement.command.toUpperCase()) {
    case 'TRACEON':
    case 'TRACEOFF':
      if (parts.security.isMember(request.identity.loginName, 'sysadmin') !== true)
        return serverMessage(15_247);
      for (const flag of flags) {
        if (statement.command.toUpperCase() === 'TRACEON') parts.traceFlags.add(Number(flag));
        else parts.traceFlags.delete(Number(flag));
      }
      return null;
    case 'TRACESTATUS':
      sendTraceStatus(parts, request, statement.arguments);
      return null;
    default:
      return serverMessage(NOT_SIMULATED, `DBCC ${statement.command.toUpperCase()}`);
  }
}
