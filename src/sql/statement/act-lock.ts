/**
 * The two application locks: one that a running operator holds (leadership), one that each batch holds
 * which looks at the register and then alters the group.
 *
 * ALTER AVAILABILITY GROUP cannot run in a user transaction, so looking and altering are made one by the
 * lock of the batch. Both are owned by the session: a session that ends sets them free. Resource names
 * are compared byte by byte, so the name of the group is written in small letters.
 */

import type { Migration } from '../../model/migration.ts';
import { integer, nliteral } from '../quote.ts';
import { guards, throwGuard } from './guard.ts';

/** Longest wait for the lock of a batch, in milliseconds. */
export const ACT_LOCK_LIMIT_MS = 5000;

/** Resource that an operator holds as long as it runs. */
export function leadershipResource(migration: Migration): string {
  return `sqlferry:lead:${migration.distributedAvailabilityGroup.toLowerCase()}`;
}

function actResource(migration: Migration): string {
  return `sqlferry:act:${migration.distributedAvailabilityGroup.toLowerCase()}`;
}

/** EXEC that takes the lock of a batch; the variable `@lock` holds the answer, below 0 when it was not given. */
export function takeActLock(migration: Migration, limitMs: number): string {
  return `EXEC @lock = sys.sp_getapplock @Resource = ${nliteral(actResource(migration))}, @LockMode = N'Exclusive', @LockOwner = N'Session', @LockTimeout = ${integer(limitMs)}, @DbPrincipal = N'public';`;
}

/** EXEC that sets it free. */
export function releaseActLock(migration: Migration): string {
  return `EXEC sys.sp_releaseapplock @Resource = ${nliteral(actResource(migration))}, @LockOwner = N'Session', @DbPrincipal = N'public';`;
}

/** A batch that holds the lock from its first look to its last, on every way out. */
export interface LockedBatch {
  readonly migration: Migration;
  /** Variables besides `@lock`, `@failure` and `@started`. */
  readonly declare: readonly string[];
  /** Before the lock: looks and waits that change nothing. */
  readonly before?: string;
  /** Guards and compare-and-set, under the lock. */
  readonly guarded: string;
  /** The statement that alters the group; outside TRY, so that every error of it is answered. */
  readonly alter?: string;
  /** Runs when `alter` failed, before the lock is set free. */
  readonly afterFailure?: string;
  /** Waits and compare-and-set after it, still under the lock. */
  readonly settled?: string;
  /** Rowsets, after the lock was set free. */
  readonly answer: string;
}

/** Text of such a batch. */
export function lockedBatch(batch: LockedBatch): string {
  const release = releaseActLock(batch.migration);
  const held = (text: string): string => `BEGIN TRY
${text}
END TRY
BEGIN CATCH
  ${release}
  THROW;
END CATCH;`;
  return [
    `SET NOCOUNT ON;
SET XACT_ABORT OFF;
DECLARE ${['@lock int = -1', '@failure int = 0', '@started datetime2(7) = SYSUTCDATETIME()', ...batch.declare].join(', ')};`,
    ...(batch.before === undefined ? [] : [batch.before]),
    `${takeActLock(batch.migration, ACT_LOCK_LIMIT_MS)}
IF @lock IS NULL OR @lock < 0
  ${throwGuard(guards.actLock)};`,
    held(batch.guarded),
    ...(batch.alter === undefined ? [] : [alterText(batch, batch.alter, release)]),
    ...(batch.settled === undefined ? [] : [held(batch.settled)]),
    release,
    batch.answer,
  ].join('\n');
}

function alterText(batch: LockedBatch, alter: string, release: string): string {
  const undo =
    batch.afterFailure === undefined
      ? ''
      : `  BEGIN TRY
${batch.afterFailure}
  END TRY
  BEGIN CATCH
    SET @failure = @failure;
  END CATCH;
`;
  return `${alter}
SET @failure = @@ERROR;
IF @failure <> 0
BEGIN
${undo}  ${release}
  RETURN;
END;`;
}
