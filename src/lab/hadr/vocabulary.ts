/** Words the whole state uses: names as keys, roles, modes and states as the views print them. */

/** Commit mode. */
export type AvailabilityMode = 'SYNCHRONOUS_COMMIT' | 'ASYNCHRONOUS_COMMIT';

/** Seeding mode. */
export type SeedingMode = 'AUTOMATIC' | 'MANUAL';

/** Role of a replica or of a DAG member. */
export type Role = 'PRIMARY' | 'SECONDARY' | 'RESOLVING';

/** `operational_state_desc` of a local replica. */
export type OperationalState = 'PENDING_FAILOVER' | 'PENDING' | 'ONLINE' | 'OFFLINE' | 'FAILED';

/** `synchronization_state_desc`. */
export type SynchronizationState =
  | 'NOT SYNCHRONIZING'
  | 'SYNCHRONIZING'
  | 'SYNCHRONIZED'
  | 'REVERTING'
  | 'INITIALIZING';

/** `suspend_reason_desc`. */
export type SuspendReason =
  | 'SUSPEND_FROM_USER'
  | 'SUSPEND_FROM_PARTNER'
  | 'SUSPEND_FROM_REVALIDATION';

/** Values by lower-case name. */
export type ByName<T> = Readonly<Record<string, T>>;

/** Key of an instance, database, group or host name in a `ByName`. */
export function nameKey(name: string): string {
  return name.toLowerCase();
}
