/** Settings that a switch changes and puts back. */

/** Commit mode of a DAG member. */
export type CommitMode = 'SYNCHRONOUS_COMMIT' | 'ASYNCHRONOUS_COMMIT';

/** Whether the cluster may make a replica the primary by itself. */
export type FailoverMode = 'AUTOMATIC' | 'MANUAL';

/** Settings as they were before the cutover began; kept in the register so that any operator can restore them. */
export interface PriorState {
  /** Fence logins that were enabled on the demoting side. */
  readonly enabledLogins: readonly string[];
  readonly distributedMode: CommitMode;
  /**
   * Replicas of both groups with automatic failover, which the switch sets to manual; empty once it is
   * given back. Absent on the standalone path.
   */
  readonly automaticReplicas?: readonly string[];
}
