/** Where an error comes from: RAISERROR only reports, THROW ends the batch. */

import type { SqlError } from '../message.ts';

const origins = new WeakMap<SqlError, 'raiserror' | 'throw'>();

/** Remembers that an error comes from RAISERROR or THROW. */
export function markOrigin(error: SqlError, origin: 'raiserror' | 'throw'): SqlError {
  origins.set(error, origin);
  return error;
}

/** Origin of an error; undefined for errors of statements. */
export function originOf(error: SqlError): 'raiserror' | 'throw' | undefined {
  return origins.get(error);
}
