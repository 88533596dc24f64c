/**
 * Objects of the server that no database carries along, as `assess` compares both sides.
 *
 * All kinds have one shape, so that one judge serves them: a name, a comparable definition, on or off.
 * Passwords and secrets are never among it.
 */

/** One object. */
export interface ServerObjectFacts {
  /** Unique within its kind on an instance; compared without regard to case. */
  readonly name: string;
  /** What must be equal on both sides, as readable text; empty: the name says all. */
  readonly detail: string;
  /** Null for kinds that cannot be switched off. */
  readonly isEnabled: boolean | null;
}

/** Kinds of objects, named as the parts of the batch. */
export const serverObjectKinds = [
  'serverRoles',
  'roleMembers',
  'serverGrants',
  'credentials',
  'cryptographicProviders',
  'asymmetricKeys',
  'symmetricKeys',
  'masterCertificates',
  'linkedServers',
  'linkedLogins',
  'jobs',
  'jobOwners',
  'proxies',
  'operators',
  'alerts',
  'mailProfiles',
  'mailAccounts',
  'serverTriggers',
  'userMessages',
  'serverAudits',
  'serverAuditSpecifications',
  'eventSessions',
  'resourceGovernor',
  'resourcePools',
  'workloadGroups',
  'startupProcedures',
  'masterObjects',
  'msdbObjects',
  'backupDevices',
  'otherEndpoints',
] as const;

/** A kind of object. */
export type ServerObjectKind = (typeof serverObjectKinds)[number];

/** A login of the instance, `sys.server_principals` joined with `sys.sql_logins`. */
export interface LoginFacts {
  readonly name: string;
  /** As 0x...; database users find their login by it. */
  readonly sid: string;
  /** S SQL login, U Windows login, G Windows group, E and X Entra logins, C and K certificate and key. */
  readonly type: string;
  readonly isDisabled: boolean;
  readonly defaultDatabase: string | null;
  readonly defaultLanguage: string | null;
  /** CHECK_POLICY; null for logins without a password of their own. */
  readonly isPolicyChecked: boolean | null;
  /** Hash of the salted hash of the password, to compare and never to show; null without CONTROL SERVER. */
  readonly passwordMark: string | null;
}

/** The parts of this family: logins, and one part per kind of object. */
export type ServerObjectParts = {
  readonly [Kind in ServerObjectKind]: readonly ServerObjectFacts[];
} & {
  /** Every login, groups and roles aside. */
  readonly logins: readonly LoginFacts[];
};
