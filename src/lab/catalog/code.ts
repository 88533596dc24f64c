/** Codes of catalog columns with the text of their `_desc` twin. */

/** A code and its text. */
export interface Code {
  readonly code: number;
  readonly text: string;
}

/** The texts of a code column, from code 0 on; the function finds a code by its text. */
export function codes(...texts: readonly string[]): (text: string) => Code {
  const byText = new Map(texts.map((text, code) => [text, { code, text }]));
  return (text) => {
    const found = byText.get(text);
    if (found === undefined) throw new RangeError(`no code for ${text}`);
    return found;
  };
}

/** `synchronization_health`. */
export type Health = 'NOT_HEALTHY' | 'PARTIALLY_HEALTHY' | 'HEALTHY';

/** `role`. */
export const roleCode = codes('RESOLVING', 'PRIMARY', 'SECONDARY');
/** `operational_state`. */
export const operationalCode = codes(
  'PENDING_FAILOVER',
  'PENDING',
  'ONLINE',
  'OFFLINE',
  'FAILED',
  'FAILED_NO_QUORUM',
);
/** `connected_state`. */
export const connectedCode = codes('DISCONNECTED', 'CONNECTED');
/** `recovery_health`. */
export const recoveryCode = codes('ONLINE_IN_PROGRESS', 'ONLINE');
/** `synchronization_health`. */
export const healthCode = codes('NOT_HEALTHY', 'PARTIALLY_HEALTHY', 'HEALTHY');
/** `synchronization_state`. */
export const synchronizationCode = codes(
  'NOT SYNCHRONIZING',
  'SYNCHRONIZING',
  'SYNCHRONIZED',
  'REVERTING',
  'INITIALIZING',
);
/** `database_state`, `sys.databases.state`. */
export const databaseStateCode = codes(
  'ONLINE',
  'RESTORING',
  'RECOVERING',
  'RECOVERY_PENDING',
  'SUSPECT',
  'EMERGENCY',
  'OFFLINE',
);
/** `suspend_reason`, as the documentation numbers them. */
export const suspendCode = codes(
  'SUSPEND_FROM_USER',
  'SUSPEND_FROM_PARTNER',
  'SUSPEND_FROM_REDO',
  'SUSPEND_FROM_CAPTURE',
  'SUSPEND_FROM_APPLY',
  'SUSPEND_FROM_RESTART',
  'SUSPEND_FROM_UNDO',
  'SUSPEND_FROM_REVALIDATION',
  'SUSPEND_FROM_XRF_UPDATE',
);

/** The lowest of several; HEALTHY when there is none. */
export function worstHealth(healths: readonly Health[]): Health {
  if (healths.includes('NOT_HEALTHY')) return 'NOT_HEALTHY';
  return healths.includes('PARTIALLY_HEALTHY') ? 'PARTIALLY_HEALTHY' : 'HEALTHY';
}
