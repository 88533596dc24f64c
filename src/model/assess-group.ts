/** Facts of `assess` about availability groups. */

/** One availability group as this instance stores and sees it. */
export interface GroupFacts {
  readonly name: string;
  readonly isDistributed: boolean;
  /** `WSFC`, `EXTERNAL` or `NONE`. */
  readonly clusterTypeDesc: string;
  readonly isBasic: boolean;
  readonly isContained: boolean;
  /** `PRIMARY`, `SECONDARY_ONLY`, `SECONDARY` or `NONE`, in any case. */
  readonly automatedBackupPreferenceDesc: string;
  /** DTC_SUPPORT = PER_DB. */
  readonly dtcSupport: boolean;
  readonly dbFailover: boolean;
  /** Null before SQL Server 2017. */
  readonly requiredSynchronizedSecondariesToCommit: number | null;
  /** Role of the local replica or member; null without a state row. */
  readonly localRoleDesc: string | null;
  /** `sys.dm_hadr_availability_group_states.synchronization_health_desc` or the local row's; null when not shown. */
  readonly synchronizationHealthDesc: string | null;
  /** Names of the replicas (of the member groups when distributed). */
  readonly replicas: readonly string[];
  /** Replicas whose `connected_state_desc` is DISCONNECTED. */
  readonly disconnectedReplicas: readonly string[];
  readonly databases: readonly string[];
  /** Databases with `is_suspended = 1`. */
  readonly suspendedDatabases: readonly string[];
  readonly listeners: readonly string[];
}

/** The parts of this family. */
export interface GroupParts {
  /** Every availability group, local and distributed. */
  readonly availabilityGroups: readonly GroupFacts[];
}
