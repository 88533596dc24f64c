/**
 * Everything sqlferry can do to a server, as data.
 *
 * An act carries no T-SQL: `sql/statement/` builds the one batch that carries it out, with its guard
 * inside; `lab/hadr/` implements what that batch does; `reconcile/` says when it is due.
 */

import type { Lsn } from '../base/lsn.ts';
import type { CommitMode, FailoverMode, PriorState } from './prior-state.ts';
import type { Problem } from './problem.ts';
import type { RegisterPhase } from './register.ts';
import type { Side } from './side.ts';

/** One act on one side: one T-SQL batch. */
export type Act =
  /** CREATE ENDPOINT, started, LISTENER_IP = ALL. */
  | {
      readonly kind: 'create-endpoint';
      readonly side: Side;
      /** Another instance of the side than the acting one; availability-group path only. */
      readonly instance?: string;
    }
  /** ALTER ENDPOINT ... STATE = STARTED on an existing endpoint. */
  | {
      readonly kind: 'start-endpoint';
      readonly side: Side;
      readonly endpoint: string;
      readonly instance?: string;
    }
  /** CREATE LOGIN [DOMAIN\account] FROM WINDOWS for the peer's service account. */
  | {
      readonly kind: 'create-peer-login';
      readonly side: Side;
      readonly login: string;
      readonly instance?: string;
    }
  /** GRANT CONNECT ON ENDPOINT to the peer's service account. */
  | {
      readonly kind: 'grant-endpoint-connect';
      readonly side: Side;
      readonly endpoint: string;
      readonly login: string;
      readonly instance?: string;
    }
  /**
   * CREATE AVAILABILITY GROUP; with databases on the source, empty on the target. CLUSTER_TYPE = NONE with
   * one replica, or on the availability-group path of the target in its cluster with every replica.
   */
  | {
      readonly kind: 'create-availability-group';
      readonly side: Side;
      readonly databases: readonly string[];
    }
  /** ALTER AVAILABILITY GROUP ... ADD DATABASE on the source. */
  | { readonly kind: 'add-database'; readonly side: Side; readonly database: string }
  /** ALTER AVAILABILITY GROUP ... GRANT CREATE ANY DATABASE. */
  | {
      readonly kind: 'grant-create-database';
      readonly side: Side;
      readonly instance?: string;
    }
  /** ALTER AVAILABILITY GROUP ... JOIN on a further replica of the side's own group. */
  | {
      readonly kind: 'join-availability-group';
      readonly side: Side;
      readonly instance: string;
    }
  /** ALTER AVAILABILITY GROUP ... ADD LISTENER with the addresses of the migration file. */
  | {
      readonly kind: 'create-listener';
      readonly side: Side;
      readonly listener: string;
      readonly port: number;
      readonly addresses: readonly { readonly ip: string; readonly mask: string }[];
    }
  /** MODIFY REPLICA ... FAILOVER_MODE of one replica of the side's own group. */
  | {
      readonly kind: 'set-failover-mode';
      readonly side: Side;
      readonly replica: string;
      readonly mode: FailoverMode;
    }
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
  | {
      readonly kind: 'disable-login';
      readonly side: Side;
      readonly login: string;
      readonly instance?: string;
    }
  /** ALTER LOGIN ... ENABLE. */
  | {
      readonly kind: 'enable-login';
      readonly side: Side;
      readonly login: string;
      readonly instance?: string;
    }
  /** Kills every user session, other than sqlferry's, whose database is one of these. */
  | { readonly kind: 'kill-sessions'; readonly side: Side; readonly databases: readonly string[] }
  /** CREATE DATABASE [sqlferry_control] outside every availability group. */
  | { readonly kind: 'create-control-database'; readonly side: Side }
  /**
   * Creates the tables of the commit register and of the refused epochs, and this DAG's rows (idle). Both
   * count on from what the other side knows, 0 where absent: no epoch is ever used twice.
   */
  | {
      readonly kind: 'create-register';
      readonly side: Side;
      readonly epoch?: bigint;
      readonly refused?: bigint;
    }
  /** Deletes this DAG's rows; drops the database when no other DAG has any. */
  | { readonly kind: 'drop-register'; readonly side: Side; readonly instance?: string }
  /** Creates the SQL Server Agent job of the dead-man on the demoting side. */
  | { readonly kind: 'create-dead-man'; readonly side: Side }
  /** Fires the dead-man once on a dummy epoch and demands that it took that epoch back. */
  | { readonly kind: 'rehearse-dead-man'; readonly side: Side }
  /** Deletes the job. */
  | { readonly kind: 'drop-dead-man'; readonly side: Side; readonly instance?: string }
  /** REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT of the DAG on one side; SQL Server 2022 and later. */
  | { readonly kind: 'set-required-secondaries'; readonly side: Side; readonly value: 0 | 1 }
  /** Records modes and fence logins as they were into the register, once per epoch, before anything is changed. */
  | { readonly kind: 'record-prior-state'; readonly side: Side; readonly prior: PriorState }
  /**
   * Guarded SET (ROLE = SECONDARY) on the global primary in one batch with the register: applock, CAS
   * idle|aborted|done -> fenced (epoch, deadline on the server's clock), dead-man started, role change,
   * final LSNs, and CAS fenced -> committing when they equal `targetLsns`. Answers role, phase, LSNs.
   */
  | {
      readonly kind: 'demote';
      readonly side: Side;
      readonly databases: readonly string[];
      /** Epoch the register must show before; the batch makes it `fromEpoch + 1`. */
      readonly fromEpoch: bigint;
      /** Time the fence may last before the dead-man lifts it, in milliseconds. */
      readonly budgetMs: number;
      /** Hardened LSNs of the target read before; a proof, because hardened LSNs only grow. */
      readonly targetLsns: readonly FinalLsn[];
      /**
       * Epoch of the other side's register. The batch raises this side's refused epoch to it, so that a
       * promotion left over from an earlier switch in the other direction can never take effect here.
       */
      readonly refuseEpoch: bigint;
    }
  /** Server-side wait on the forwarder until its hardened LSNs reached these; changes nothing. */
  | {
      readonly kind: 'await-lsns';
      readonly side: Side;
      readonly finalLsns: readonly FinalLsn[];
      readonly waitMs: number;
    }
  /** CAS fenced -> committing of this epoch, if the server's clock is before the deadline. */
  | { readonly kind: 'commit-epoch'; readonly side: Side; readonly epoch: bigint }
  /**
   * Guarded FORCE_FAILOVER_ALLOW_DATA_LOSS on the forwarder: applock, epoch not refused, role, LSNs
   * (waits for them), promotion, databases ONLINE, write check.
   */
  | {
      readonly kind: 'promote';
      readonly side: Side;
      readonly epoch: bigint;
      readonly finalLsns: readonly FinalLsn[];
      /** How long the batch waits on the server for the LSNs, in milliseconds. */
      readonly waitMs: number;
    }
  /** Raises the highest epoch that may not promote on the forwarder; guarded by its role not being PRIMARY. */
  | { readonly kind: 'refuse-epoch'; readonly side: Side; readonly epoch: bigint }
  /**
   * Takes the role back on the demoted side, loses nothing: applock, CAS `from` -> aborted of this
   * epoch, then FORCE_FAILOVER_ALLOW_DATA_LOSS. From `committing` only after the target refused the epoch.
   * Where the side is PRIMARY already (a demotion that died before its role change) only the CAS is done.
   */
  | {
      readonly kind: 'give-back';
      readonly side: Side;
      readonly databases: readonly string[];
      readonly epoch: bigint;
      readonly from: 'fenced' | 'committing' | 'aborted';
    }
  /** CAS committing -> done of this epoch, after the target was seen PRIMARY. */
  | { readonly kind: 'close-epoch'; readonly side: Side; readonly epoch: bigint }
  /** SET (ROLE = SECONDARY) on the loser of a split brain; only by a typed choice. */
  | {
      readonly kind: 'fence-split-brain';
      readonly side: Side;
      readonly databases: readonly string[];
    }
  /** FORCE_FAILOVER_ALLOW_DATA_LOSS while the other side cannot be seen; only with --accept-data-loss. */
  | {
      readonly kind: 'force-promote-accepting-data-loss';
      readonly side: Side;
      readonly databases: readonly string[];
    }
  /** KILL of exactly the session of another operator that holds the leadership lock. */
  | {
      readonly kind: 'take-over';
      readonly side: Side;
      readonly sessionId: number;
      readonly loginTimeUtc: string;
    }
  /** DROP AVAILABILITY GROUP of the DAG on one side. */
  | { readonly kind: 'drop-distributed'; readonly side: Side };

/** Name of an act. */
export type ActKind = Act['kind'];

/** Name of the instance the act runs on; null for the one that acts for its side. */
export function instanceOfAct(act: Act): string | null {
  return 'instance' in act ? (act.instance ?? null) : null;
}

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
      /** Phase of the register at the end of the batch; acts that change it. */
      readonly registerPhase?: RegisterPhase;
      /** Time the batch took on the server by its own clock, in milliseconds; role-changing acts. */
      readonly serverMs?: number;
    }
  /** The server refused: the batch's guard or an error; it is known that the batch has ended. */
  | { readonly outcome: 'failed'; readonly elapsedMs: number; readonly problem: Problem }
  /** No reply: it may have happened, may still happen, or never. */
  | { readonly outcome: 'unknown'; readonly elapsedMs: number; readonly problem: Problem };
