/** What the two sides of a DAG, and the replicas of a local group, say to each other, in order per direction. */

import type { Lsn } from '../../base/lsn.ts';
import type { EndpointCertificate } from './endpoint-certificate.ts';
import type { LogRecord } from './log.ts';
import type {
  EndpointState,
  GroupState,
  PartnerOptions,
  RecoveryFork,
  SuspendReason,
} from './state.ts';

/** What a side shows. */
export interface Credentials {
  /** Account of the service, `DOMAIN\name`. */
  readonly account: string;
  readonly authentication: EndpointState['authentication'] | null;
  readonly encryption: EndpointState['encryption'] | null;
  /** Certificate of its endpoint, with the private key; null without. */
  readonly certificate: EndpointCertificate | null;
}

/** One copy as its owner describes it. */
export interface CopyPosition {
  readonly database: string;
  readonly familyId: string;
  readonly forks: readonly RecoveryFork[];
  readonly end: Lsn;
  readonly joined: boolean;
  readonly suspended: SuspendReason | null;
  /** RESUME was given: what the primary never had may be taken back. */
  readonly mayRevert: boolean;
}

/** What a local group has in common on every replica. */
export type GroupConfiguration = Omit<
  GroupState,
  'role' | 'operationalState' | 'databases' | 'createAnyDatabase' | 'pendingFailover'
>;

/** How far a forwarder's copy is. */
export interface Progress {
  readonly database: string;
  /** On disk here and on every synchronous replica this copy feeds. */
  readonly hardened: Lsn;
  readonly hardenedBytes: number;
  readonly redone: Lsn | null;
  readonly redonePosition: Lsn;
  readonly redoneBytes: number;
  readonly redoRate: number;
  readonly lastCommit: Lsn | null;
  readonly lastCommitAt: number | null;
  /** Log is missing between the last record and the message that came. */
  readonly gap: boolean;
}

/** A message; `group` is the key of the DAG or of the link between replicas, `session` the connection it belongs to. */
export type HadrMessage = { readonly group: string; readonly session: number } &
  /** Forwarder dials the primary. */
  (
    | {
        readonly kind: 'hello';
        readonly credentials: Credentials;
        /** Port the dialler believes the endpoint listens on. */
        readonly port: number;
        readonly options: PartnerOptions;
      }
    /** Primary accepts. */
    | {
        readonly kind: 'welcome';
        readonly credentials: Credentials;
        readonly port: number;
        readonly options: PartnerOptions;
        /** Databases whose data movement the primary's administrator suspended. */
        readonly suspended: readonly string[];
      }
    /** Forwarder is through: the connection stands, and these are its copies. */
    | {
        readonly kind: 'ready';
        /** When the forwarder gave up the primary role, if it ever had it. */
        readonly demotedAt: number | null;
        readonly options: PartnerOptions;
        readonly copies: readonly CopyPosition[];
      }
    /** A primary that waits for its forwarder asks it to dial now. */
    | { readonly kind: 'call' }
    | { readonly kind: 'ping' | 'pong'; readonly options: PartnerOptions }
    /** The sender gave up the primary role. */
    | { readonly kind: 'demoted' }
    /** The sender leaves the DAG or stops: the connection ends. */
    | { readonly kind: 'goodbye' }
    /** Forwarder offers a copy: after seeding, SET HADR or RESUME. */
    | { readonly kind: 'join'; readonly copy: CopyPosition }
    /** Primary accepts the copy from this position. */
    | {
        readonly kind: 'joined';
        readonly database: string;
        readonly from: Lsn;
        readonly forks: readonly RecoveryFork[];
        /** Between replicas: the id of the database in their group; null in a DAG. */
        readonly groupDatabaseId: string | null;
      }
    /** Primary refuses the copy with a SQL Server error. */
    | { readonly kind: 'join-refused'; readonly database: string; readonly error: number }
    /** Primary asks the copy to take back what lies behind the position. */
    | { readonly kind: 'revert'; readonly database: string; readonly to: Lsn }
    /** Primary suspends or resumes a copy. */
    | { readonly kind: 'suspend'; readonly database: string; readonly reason: SuspendReason }
    | { readonly kind: 'resume'; readonly database: string }
    /** Forwarder tells that its own administrator suspended the copy. */
    | { readonly kind: 'suspended'; readonly database: string; readonly reason: SuspendReason }
    | { readonly kind: 'remove-database'; readonly database: string }
    /** Log. */
    | {
        readonly kind: 'log';
        readonly database: string;
        readonly from: Lsn;
        readonly records: readonly LogRecord[];
      }
    | { readonly kind: 'progress'; readonly progress: Progress }
    /** Between replicas: the group changed on its primary. */
    | { readonly kind: 'configuration'; readonly configuration: GroupConfiguration }
    /** Between replicas: the copy is to offer itself again. */
    | { readonly kind: 'offer'; readonly database: string }
    /** Between replicas: a synchronized secondary asks for the primary role (planned FAILOVER). */
    | { readonly kind: 'yield' }
    /** The primary keeps the role: the secondary is not synchronized any more. */
    | { readonly kind: 'yield-refused' }
    /** The copy is (or is no longer) SYNCHRONIZED. */
    | { readonly kind: 'synchronized'; readonly database: string; readonly synchronized: boolean }
    /** Automatic seeding. */
    | {
        readonly kind: 'seed-request';
        readonly operation: string;
        readonly database: string;
        readonly groupDatabaseId: string;
        readonly familyId: string;
        readonly bytes: number;
        readonly attempts: number;
      }
    | {
        readonly kind: 'seed-accepted';
        readonly operation: string;
        readonly database: string;
        readonly streamId: string;
      }
    | {
        readonly kind: 'seed-failed';
        readonly operation: string;
        readonly database: string;
        readonly failure: number;
        readonly errorCode: number | null;
      }
    | { readonly kind: 'seed-cancelled'; readonly operation: string; readonly database: string }
    | {
        readonly kind: 'seed-chunk';
        readonly operation: string;
        readonly database: string;
        readonly transferred: number;
        readonly bytesPerSecond: number;
      }
    | {
        readonly kind: 'seed-done';
        readonly operation: string;
        readonly database: string;
        readonly position: Lsn;
        readonly totalBytes: number;
        readonly forks: readonly RecoveryFork[];
        readonly lastCommit: Lsn | null;
        readonly lastCommitAt: number | null;
      }
  );
