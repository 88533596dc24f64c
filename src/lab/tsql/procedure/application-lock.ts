/** sp_getapplock, sp_releaseapplock and sp_set_session_context. */

import type { ApplicationLockRequest } from '../../instance.ts';
import { sqlError } from '../message.ts';
import { convertValue } from '../query/compiled.ts';
import type { Procedure } from './procedure.ts';
import { bindArguments, numberOf, textOf } from './procedure.ts';

const MODES: readonly ApplicationLockRequest['mode'][] = [
  'Shared',
  'Update',
  'IntentShared',
  'IntentExclusive',
  'Exclusive',
];
const BAD_CALL = -999;

function ownerOf(text: string | null): ApplicationLockRequest['owner'] | undefined {
  const owner = (text ?? 'Transaction').toLowerCase();
  if (owner === 'session') return 'Session';
  return owner === 'transaction' ? 'Transaction' : undefined;
}

/** `sp_getapplock @Resource, @LockMode, @LockOwner, @LockTimeout, @DbPrincipal`. */
export const getApplicationLock: Procedure = async (request, given) => {
  const bound = bindArguments('sp_getapplock', given, [
    '@Resource',
    '@LockMode',
    '@LockOwner',
    '@LockTimeout',
    '@DbPrincipal',
  ]);
  const { session } = request;
  const resource = textOf(bound.get('@Resource'));
  const wanted = (textOf(bound.get('@LockMode')) ?? '').toLowerCase();
  const mode = MODES.find((candidate) => candidate.toLowerCase() === wanted);
  const owner = ownerOf(textOf(bound.get('@LockOwner')));
  if (resource === null || mode === undefined || owner === undefined) return BAD_CALL;
  if (owner === 'Transaction' && session.transaction.count === 0) return BAD_CALL;
  return session.instance.applicationLock(request, {
    database: session.state.database,
    principal: textOf(bound.get('@DbPrincipal')) ?? 'public',
    resource,
    mode,
    owner,
    timeoutMs: numberOf(bound.get('@LockTimeout')) ?? session.options.lockTimeoutMs,
  });
};

/** `sp_releaseapplock @Resource, @LockOwner, @DbPrincipal`. */
export const releaseApplicationLock: Procedure = async (request, given) => {
  const bound = bindArguments('sp_releaseapplock', given, [
    '@Resource',
    '@LockOwner',
    '@DbPrincipal',
  ]);
  const { session } = request;
  const resource = textOf(bound.get('@Resource'));
  const owner = ownerOf(textOf(bound.get('@LockOwner')));
  if (resource === null || owner === undefined) return Promise.resolve(BAD_CALL);
  return Promise.resolve(
    session.instance.releaseApplicationLock(session.identity, {
      database: session.state.database,
      principal: textOf(bound.get('@DbPrincipal')) ?? 'public',
      resource,
      owner,
    }),
  );
};

/** `sp_set_session_context @key, @value`. */
export const setSessionContext: Procedure = async (request, given) => {
  const bound = bindArguments('sp_set_session_context', given, ['@key', '@value', '@read_only']);
  const key = textOf(bound.get('@key'));
  if (key === null) throw sqlError(214, '@key', 'sysname');
  const argument = bound.get('@value');
  const value = argument?.value ?? null;
  if (argument === undefined || value === null)
    request.session.sessionContext.delete(key.toLowerCase());
  else
    request.session.sessionContext.set(key.toLowerCase(), {
      kind: 'variant',
      type: argument.type,
      value: convertValue(value, argument.type, argument.type),
    });
  return Promise.resolve(0);
};
