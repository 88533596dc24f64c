/**
 * Everything sqlferry can do to a server, as data.
 *
 * An act carries no T-SQL: `sql/statement/` builds the one batch that carries it out, with its guard
 * inside; `lab/hadr/` implements what that batch does; `reconcile/` says when it is due.
 */

import type { Lsn } from '../base/lsn.ts';
import type { Problem } from './problem.ts';
import type { Side } from './side.ts';

/** Commit mode of a DAG member. */
export type CommitMode = 'SYNCHRONOUS_COMMIT' | 'ASYNCHRONOUS_COMMIT';

/** One act on one side: one T-SQL batch. */
export type Act =
  /** CREATE ENDPOINT, started, LISTENER_IP = ALL. */
  | { readonly kind: 'create-endpoint'; readonly side: Side }
  /** ALTER ENDPOINT ... STATE = STARTED on an existing endpoint. */
  | { readonly kind: 'start-endpoint'; readonly side: Side; readonly endpoint: string }
  /** CREATE LOGIN [DOMAIN\account] FROM WINDOWS for the peer's service account. */
  | { readonly kind: 'create-peer-login'; readonly side: Side; readonly login: string }
  /** GRANT CONNECT ON ENDPOINT to the peer's service account. */
  | {
      readonly kind: 'grant-endpoint-connect';
      readonly side: Side;
      readonly endpoint: string;
      readonly login: string;
    }
  /** CREATE AVAILABILITY GROUP, CLUSTER_TYPE = NONE; with databases on the source, empty on the target. */
  | {
      readonly kind: 'create-availability-group';
      readonly side: Side;
      readonly databases: readonly string[];
    }
  /** ALTER AVAILABILITY GROUP ... ADD DATABASE on the source. */
  | { readonly kind: 'add-database'; readonly side: Side; readonly database: string }
  /** ALTER AVAILABILITY GROUP ... GRANT CREATE ANY DATABASE. */
  | { readonly kind: 'grant-create-database'; readonly side: Side }
  /** CREATE AVAILABILITY GROUP ... WITH (DISTRIBUTED) on the source. */
  | { readonly kind: 'create-distributed'; readonly side: Side }
  /** ALTER AVAILABILITY GROUP ... JOIN AVAILABILITY GROUP ON on the target. */
  | { readonly kind: 'join-distributed'; readonly side: Side }
  /** Re-issues SEEDING_MODE = AUTOMATIC on one side after a seeding that gave up. */
  | { readonly kind: 'restart-seeding'; readonly side: Side }
  /** ALTER DATABASE ... SET HADR RESUME. */
  | { readonly kind: 'resume-database'; readonly side: Side; readonly database: string }
  /** MODIFY REPLICA: the local replica commits synchronously. */
  | { readonly kind: 'set-replica-synchronous'; readonly side: Side }
  /** MODIFY AVAILABILITY GROUP ON: both members' mode in this side's copy of the DAG. */
  | { readonly kind: 'set-distributed-mode'; readonly side: Side; readonly mode: CommitMode }
  /** ALTER LOGIN ... DISABLE. */
  | { readonly kind: 'disable-login'; readonly side: Side; readonly login: string }
  /** ALTER LOGIN ... ENABLE. */
  | { readonly kind: 'enable-login'; readonly side: Side; readonly login: string }
  /** Kills every user session, other than sqlferry's, whose database is one of these. */
  | { readonly kind: 'kill-sessions'; readonly side: Side; readonly databases: readonly string[] }
  /** Guarded SET (ROLE = SECONDARY) on the global primary; answers the final LSN of every database. */
  | { readonly kind: 'demote'; readonly side: Side; readonly databases: readonly string[] }
  /** Guarded FORCE_FAILOVER_ALLOW_DATA_LOSS on the forwarder, after its hardened LSNs reached these; then a write check. */
  | {
      readonly kind: 'promote';
      readonly side: Side;
      readonly finalLsns: readonly FinalLsn[];
      /** How long the batch waits on the server for the LSNs, in milliseconds. */
      readonly waitMs: number;
    }
  /** Guarded FORCE_FAILOVER_ALLOW_DATA_LOSS on the demoted side: takes the role back, loses nothing. */
  | { readonly kind: 'give-back'; readonly side: Side; readonly databases: readonly string[] }
  /** DROP AVAILABILITY GROUP of the DAG on one side. */
  | { readonly kind: 'drop-distributed'; readonly side: Side };

/** Name of an act. */
export type ActKind = Act['kind'];

/** The last log sequence number of a database on the demoted side. */
export interface FinalLsn {
  readonly database: string;
  readonly lsn: Lsn;
}

/** What came back from a batch. It is a hint: only the next observation says what happened. */
export type ActReply =
  | {
      readonly outcome: 'ok';
      readonly elapsedMs: number;
      /** Generation of the session the batch ran on, to tell whether an earlier observation still holds. */
      readonly generation?: number;
      /** Role of the local DAG member read at the end of the batch; only `demote`, `promote`, `give-back`. */
      readonly localRoleDesc?: string;
      /** Only `demote`: what the batch read after the role change. */
      readonly finalLsns?: readonly FinalLsn[];
    }
  /** The server refused: the batch's guard or an error; it is known that the batch has ended. */
  | { readonly outcome: 'failed'; readonly elapsedMs: number; readonly problem: Problem }
  /** No reply: it may have happened, may still happen, or never. */
  | { readonly outcome: 'unknown'; readonly elapsedMs: number; readonly problem: Problem };
