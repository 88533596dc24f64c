/** Logins: who may come in, and what the client is told beside what the error log keeps. */

import { nameKey } from '../hadr/state.ts';
import { readOnlyRoute } from '../hadr/read-only-routing.ts';
import type { ReadOnlyRoute } from '../hadr/read-only-routing.ts';
import type { DatabaseAccess, Instance, SessionIdentity, SessionState } from '../instance.ts';
import type { LoginOutcome, LoginRequest, ServerMessage } from '../session.ts';
import { makeSession } from '../tsql/run/session.ts';
import { serverMessage } from '../tsql/message.ts';
import { databaseOf, stateOf } from './instance-parts.ts';
import type { InstanceParts } from './instance-parts.ts';
import { openDatabase } from './permission.ts';
import { systemDatabaseIds } from './row-keeper.ts';

/** States of 18456 as the error log has them; the client always sees 1. */
const logState = { unknownLogin: 5, disabled: 7, wrongPassword: 8, databaseUnavailable: 38 };

/**
 * Refusals of an availability database that the client is told before 4060: no access on a
 * secondary, read-intent only, neither primary nor secondary. A missing right or name is not told.
 */
const toldAtLogin: ReadonlySet<number> = new Set([976, 978, 979, 982, 983]);

/** Answers LOGIN7. */
export function logIn(
  parts: InstanceParts,
  instance: Instance,
  request: LoginRequest,
): LoginOutcome {
  const refused = refuse(parts, request);
  if (refused !== null) return refused;
  const sessionId = parts.sessions.nextId();
  if (sessionId === undefined)
    return { kind: 'refused', messages: [serverMessage(17_809, 32_767)] };
  const now = parts.clock.now();
  const login = parts.security.principal(request.user);
  const wanted = request.database === '' ? (login?.defaultDatabase ?? 'master') : request.database;
  const identity = identityOf(request, { sessionId, loginName: login?.name ?? request.user, now });
  const route: ReadOnlyRoute = identity.readOnlyIntent ? routeOf(parts, request) : { kind: 'stay' };
  const access: DatabaseAccess =
    route.kind === 'nobody'
      ? { kind: 'refused', error: serverMessage(982, wanted) }
      : openDatabase(
          parts,
          route.kind === 'route' ? { ...identity, readOnlyIntent: false } : identity,
          wanted,
        );
  if (access.kind === 'refused') {
    log(parts, failed(request.user), logState.databaseUnavailable);
    const reason = toldAtLogin.has(access.error.number) ? [access.error] : [];
    const messages = [...reason, serverMessage(4060, wanted), failed(request.user)];
    return { kind: 'refused', messages };
  }
  const state: SessionState = {
    database: databaseOf(parts, wanted)?.name ?? systemName(wanted),
    openTransactions: 0,
    status: 'sleeping',
    currentBatch: '',
    waitType: '',
    lastRequestStart: now,
    lastRequestEnd: now,
    contextInfo: null,
  };
  const session = makeSession({ instance, identity, state });
  parts.sessions.add({ identity, state, connectionId: parts.random.guid() }, session);
  return {
    kind: 'accepted',
    messages: [],
    ...(route.kind === 'route' ? { route: { server: route.host, port: route.port } } : {}),
    session: {
      sessionId: session.sessionId,
      database: session.database,
      batch: (text, sink, signal) => session.batch(text, sink, signal),
      rpc: (call, sink, signal) => session.rpc(call, sink, signal),
      transaction: (transaction, sink, signal) => session.transaction(transaction, sink, signal),
      reset: (keepTransaction) => session.reset(keepTransaction),
      onEnded: (callback) => session.onEnded(callback),
      close: () => {
        session.close();
        parts.sessions.remove(sessionId);
      },
    },
  };
}

/** A read-only connection through a listener is sent on to a readable secondary. */
function routeOf(parts: InstanceParts, request: LoginRequest): ReadOnlyRoute {
  return readOnlyRoute(stateOf(parts), {
    database: request.database,
    address: request.serverAddress,
    port: request.serverPort,
  });
}

function refuse(parts: InstanceParts, request: LoginRequest): LoginOutcome | null {
  const login = parts.security.principal(request.user);
  if (login === undefined || login.type !== 'S') {
    log(parts, failed(request.user), logState.unknownLogin);
    return { kind: 'refused', messages: [failed(request.user)] };
  }
  const right = parts.security.passwordIs(login.name, request.password);
  if (right && !login.isDisabled) return null;
  // Only who knows the password is told that the login is disabled.
  const message = right ? serverMessage(18_470, login.name, '') : failed(request.user);
  const reason = login.isDisabled ? logState.disabled : logState.wrongPassword;
  log(parts, message, right ? message.state : reason);
  return { kind: 'refused', messages: [message] };
}

function failed(user: string): ServerMessage {
  return { ...serverMessage(18_456, user, '', ''), state: 1 };
}

function log(parts: InstanceParts, message: ServerMessage, state: number): void {
  parts.errorLog.add(parts.clock.now(), message, state);
}

function systemName(name: string): string {
  return systemDatabaseIds[nameKey(name)] === undefined ? name : nameKey(name);
}

function identityOf(
  request: LoginRequest,
  given: { readonly sessionId: number; readonly loginName: string; readonly now: number },
): SessionIdentity {
  return {
    sessionId: given.sessionId,
    loginName: given.loginName,
    hostName: request.hostName,
    programName: request.applicationName,
    clientInterfaceName: request.clientInterfaceName,
    hostProcessId: request.hostProcessId,
    clientAddress: request.clientAddress,
    serverAddress: request.serverAddress,
    serverPort: request.serverPort,
    encrypted: request.encrypted,
    readOnlyIntent: request.readOnlyIntent,
    loginTime: given.now,
  };
}
