/**
 * A distributed availability group as one side stores it and sees its partner.
 *
 * The link between two replicas of one local group is the same kind of thing: one side sends log, the
 * other receives it. It is kept as a `DistributedState` whose members are the two replicas.
 */

import type { Lsn } from '../../base/lsn.ts';
import type {
  AvailabilityMode,
  ByName,
  OperationalState,
  Role,
  SeedingMode,
  SuspendReason,
  SynchronizationState,
} from './vocabulary.ts';

/** A DAG as one side stores it: options are this side's copy. Or the link to another replica. */
export interface DistributedState {
  readonly key: string;
  /** `replicas`: the members are this instance's replica and another one of the same local group. */
  readonly between: 'groups' | 'replicas';
  readonly name: string;
  readonly groupId: string;
  /** Both members, in the order written; of a link between replicas the own one is first. */
  readonly members: readonly [DistributedMember, DistributedMember];
  /** Key of the member group that lives on this instance. */
  readonly localGroup: string;
  readonly requiredSynchronizedSecondariesToCommit: number;
  readonly sequenceNumber: bigint;
  readonly createdAt: number;
  /** Role of the local member. */
  readonly role: Role;
  readonly operationalState: OperationalState;
  readonly link: PartnerLink;
  /** What the partner last said about its own copy of the options; null before the first contact. */
  readonly partner: PartnerOptions | null;
  /** The partner reported that it had given up the primary role. */
  readonly partnerDemoted: boolean;
  /** This side was the last primary and gave the role up by SET (ROLE = SECONDARY). */
  readonly selfDemoted: boolean;
  /** The promotion that made this side primary followed an orderly demotion. */
  readonly orderly: boolean;
  /** When this side gave up the primary role; null when it never did. */
  readonly demotedAt: number | null;
  /** When FORCE_FAILOVER_ALLOW_DATA_LOSS was accepted here; null when it never was. */
  readonly forcedAt: number | null;
  /** Demotions that still fail with 41104. */
  readonly latchedDemotions: number;
  /** On the primary side: the partner's copy of every database, by database key. */
  readonly databases: ByName<PartnerDatabase>;
}

/** What a side knows before it has ever spoken to its partner. */
export function neverConnected(
  at: number,
): Pick<
  DistributedState,
  | 'link'
  | 'partner'
  | 'partnerDemoted'
  | 'selfDemoted'
  | 'orderly'
  | 'demotedAt'
  | 'forcedAt'
  | 'databases'
> {
  return {
    link: {
      connected: false,
      peer: null,
      session: 0,
      lastHeardAt: at,
      dialledAt: null,
      everConnected: false,
      lastError: null,
    },
    partner: null,
    partnerDemoted: false,
    selfDemoted: false,
    orderly: true,
    demotedAt: null,
    forcedAt: null,
    databases: {},
  };
}

/** One member of a DAG. */
export interface DistributedMember {
  /** Name of the member group, as written; between replicas the server name. */
  readonly group: string;
  /** Equal on both sides. */
  readonly replicaId: string;
  /** Between replicas the ENDPOINT_URL. */
  readonly listenerUrl: string;
  readonly availabilityMode: AvailabilityMode;
  readonly seedingMode: SeedingMode;
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/** Options the partner keeps in its own copy of the DAG. */
export interface PartnerOptions {
  /** Both of its member modes are SYNCHRONOUS_COMMIT. */
  readonly synchronous: boolean;
  /** SEEDING_MODE of both members in its copy, by group key. */
  readonly seeding: ByName<SeedingMode>;
  readonly versionMajor: number;
}

/** Connection to the other side. */
export interface PartnerLink {
  readonly connected: boolean;
  /** Key of the instance at the other end while connected. */
  readonly peer: string | null;
  /** Number of this connection; messages of older ones are ignored. */
  readonly session: number;
  readonly lastHeardAt: number;
  /** First dialling since the link is down. */
  readonly dialledAt: number | null;
  readonly everConnected: boolean;
  /** `last_connect_error_*`. */
  readonly lastError: {
    readonly number: number;
    readonly text: string;
    readonly at: number;
  } | null;
}

/** The partner's copy of one database, as the global primary knows it: the DAG row. */
export interface PartnerDatabase {
  readonly key: string;
  readonly groupDatabaseId: string;
  /** The partner's copy is joined and log flows. */
  readonly joined: boolean;
  readonly synchronizationState: SynchronizationState;
  readonly suspended: SuspendReason | null;
  /** In synchronous mode, commits already wait; SYNCHRONIZED once the copy has hardened up to here. */
  readonly catchUpTarget: Lsn | null;
  /** Where sending stands. */
  readonly sentLsn: Lsn;
  readonly sentBytes: number;
  readonly sentAt: number | null;
  readonly receivedLsn: Lsn | null;
  readonly receivedAt: number | null;
  /** Last reported; the resend point. */
  readonly hardenedLsn: Lsn | null;
  readonly hardenedAt: number | null;
  readonly hardenedBytes: number;
  readonly redoneLsn: Lsn | null;
  readonly redoneAt: number | null;
  readonly redoneBytes: number;
  readonly redoRate: number;
  readonly lastCommitLsn: Lsn | null;
  readonly lastCommitAt: number | null;
  /** Bytes per second of the last active period. */
  readonly sendRate: number;
  /** Ticks without progress while something was under way. */
  readonly stalledTicks: number;
  /** Log from here is kept for this copy (seeding image); null: the hardened position decides. */
  readonly holdLsn: Lsn | null;
  /** Automatic seeding of this copy. */
  readonly seeding: PartnerSeeding;
}

/** Where the automatic seeding of one copy stands, on the sending side. */
export type PartnerSeeding =
  | { readonly phase: 'none' }
  /** The other replica has a copy and was asked to offer it again. */
  | { readonly phase: 'not-needed' }
  | { readonly phase: 'waiting'; readonly attempts: number }
  | {
      readonly phase: 'checking' | 'sending' | 'catching-up';
      readonly operation: string;
      readonly attempts: number;
      /** Position of the image; null before it is taken. */
      readonly imageLsn: Lsn | null;
      readonly imageBytes: number;
    }
  | { readonly phase: 'gave-up'; readonly attempts: number };
