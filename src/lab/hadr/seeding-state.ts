/** Rows of the two seeding views as data. */

/** `current_state` of `sys.dm_hadr_automatic_seeding`. */
export type SeedingPhase =
  | 'PENDING'
  | 'CHECK_IF_SEEDING_NEEDED'
  | 'LIMIT_CONCURRENT_BACKUPS'
  | 'SENDING_FILE_LIST'
  | 'SEEDING'
  | 'CATCHUP'
  | 'COMPLETED'
  | 'FAILED';

/** One row of the history; never removed. */
export interface SeedingHistoryRow {
  readonly operationId: string;
  readonly startedAt: number;
  readonly completedAt: number | null;
  /** Group id of the DAG. */
  readonly groupId: string;
  /** Database id inside the DAG. */
  readonly groupDatabaseId: string;
  readonly remoteReplicaId: string;
  readonly database: string;
  readonly isSource: boolean;
  readonly phase: SeedingPhase;
  readonly performedSeeding: boolean;
  readonly failure: {
    readonly state: number;
    readonly text: string;
    readonly errorCode: number | null;
  } | null;
  readonly attempts: number;
}

/** `internal_state_desc` of `sys.dm_hadr_physical_seeding_stats`. */
export type SeedingStreamState =
  | 'WaitingForRestoreToStart'
  | 'ReadingAndSendingData'
  | 'WaitingForRestoreToFinish'
  | 'Success'
  | 'Failed';

/** One running or finished stream. */
export interface SeedingStream {
  readonly operationId: string;
  readonly localId: string;
  readonly remoteId: string | null;
  /** Name of the DAG. */
  readonly distributedGroup: string;
  readonly database: string;
  readonly databaseId: number;
  /** The partner's LISTENER_URL. */
  readonly remoteUrl: string;
  readonly role: 'Source' | 'Destination';
  readonly state: SeedingStreamState;
  readonly bytesPerSecond: number;
  readonly transferredBytes: number;
  readonly databaseBytes: number;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly estimatedEndAt: number | null;
  readonly failure: { readonly code: number; readonly text: string; readonly at: number } | null;
}
