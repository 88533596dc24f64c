/**
 * The commit register in T-SQL: names, seal, guards and compare-and-set, shared by every batch that uses it.
 *
 * The seal is a hash over the other columns of a row and over the place of the database now (`@place`).
 * Every write of ours makes it anew and every guard checks it, so a row that somebody edited by hand, or
 * one of a restored copy, decides nothing. One UPDATE with its condition is the compare-and-set: it is
 * atomic by itself.
 */

import { controlDatabase, registerProtocol, type RegisterPhase } from '../../model/register.ts';
import { sideIdentity, type Migration, type MigrationSide } from '../../model/migration.ts';
import { bracket, integer, nliteral } from '../quote.ts';
import { guards, throwGuard, type Guard } from './guard.ts';

/** Three-part name of the register. */
export const REGISTER = `${bracket(controlDatabase)}.[dbo].[commit_register]`;

/** Three-part name of the table of refused epochs. */
export const REFUSED = `${bracket(controlDatabase)}.[dbo].[refused_epoch]`;

/** Who writes a row, as T-SQL. */
export const OWNER = "CONCAT(ORIGINAL_LOGIN(), N'@', HOST_NAME())";

/**
 * DECLARE item: which copy of the control database this is. A restore makes a new recovery fork, a copy
 * or an attached file a new database or creation date (sys.database_recovery_status, sys.databases).
 */
export const PLACE_VARIABLE = `@place varchar(120) = (SELECT CONCAT(CONVERT(varchar(36), r.recovery_fork_guid), ' ', CONVERT(varchar(36), r.database_guid), ' ', CONVERT(varchar(33), d.create_date, 126))
  FROM sys.databases AS d INNER JOIN sys.database_recovery_status AS r ON r.database_id = d.database_id
  WHERE d.name = ${nliteral(controlDatabase)})`;

/** Id of the distributed group as this side has it; NULL where it does not exist. */
export function currentGroup(migration: Migration): string {
  return `(SELECT CONVERT(varchar(36), ag.group_id) FROM sys.availability_groups AS ag WHERE ag.name = ${dagKey(migration)})`;
}

/**
 * Whether a row may be acted on in the group that is here now: an epoch that is under way, or whose role
 * is owed, belongs to the group it was fenced in. One that is at rest binds nobody.
 */
export const SAME_GROUP = `(${phaseIn('phase', ['idle', 'done'])} OR (phase = ${phase('aborted')} AND deadline_utc IS NULL) OR group_id = @group)`;

/** Columns of a register row as T-SQL expressions; those left out stay as they are. */
export interface RegisterValues {
  readonly dag?: string;
  readonly epoch?: string;
  readonly phase?: string;
  readonly deadline?: string;
  readonly owner?: string;
  readonly target?: string;
  readonly prior?: string;
  readonly rehearsed?: string;
  readonly group?: string;
}

/** Seal of a register row with these values. */
export function registerSeal(values: RegisterValues = {}): string {
  const parts = [
    values.dag ?? 'dag',
    integer(registerProtocol),
    values.epoch ?? 'epoch',
    values.phase ?? 'phase',
    `CONVERT(varchar(33), ${values.deadline ?? 'deadline_utc'}, 126)`,
    values.owner ?? 'owner',
    values.target ?? 'target_id',
    `CONVERT(varchar(33), ${values.rehearsed ?? 'rehearsed_utc'}, 126)`,
    values.prior ?? 'prior_state',
    values.group ?? 'group_id',
    '@place',
  ];
  return `HASHBYTES('SHA2_256', CONCAT(${parts.join(", N'|', ")}))`;
}

/** Seal of a row of refused epochs. */
export function refusedSeal(
  values: { readonly dag?: string; readonly epoch?: string; readonly source?: string } = {},
): string {
  const parts = [
    values.dag ?? 'dag',
    integer(registerProtocol),
    values.epoch ?? 'epoch',
    values.source ?? 'source_id',
    '@place',
  ];
  return `HASHBYTES('SHA2_256', CONCAT(${parts.join(", N'|', ")}))`;
}

/** The other side as a register names it: its instance, or its listener on the availability-group path. */
export function otherName(migration: Migration, own: MigrationSide): string {
  const other = own.side === 'source' ? migration.target : migration.source;
  return sideIdentity(other);
}

/** Name of the group as the key of the rows. */
export function dagKey(migration: Migration): string {
  return nliteral(migration.distributedAvailabilityGroup);
}

/** Key of the row that the dead-man is tried on. */
export function rehearsalKey(migration: Migration): string {
  return nliteral(`${migration.distributedAvailabilityGroup}?rehearsal`);
}

/** Writes these values into the row with this key, if the condition and the seal hold; @@ROWCOUNT tells. */
export function writeRegister(key: string, values: RegisterValues, condition: string): string {
  const columns: readonly (readonly [string, string | undefined])[] = [
    ['epoch', values.epoch],
    ['phase', values.phase],
    ['deadline_utc', values.deadline],
    ['owner', values.owner],
    ['target_id', values.target],
    ['prior_state', values.prior],
    ['rehearsed_utc', values.rehearsed],
    ['group_id', values.group],
    ['seal', registerSeal(values)],
  ];
  const set = columns.flatMap(([column, value]) =>
    value === undefined ? [] : [`${column} = ${value}`],
  );
  return `UPDATE ${REGISTER} SET ${set.join(', ')}
    WHERE dag = ${key} AND protocol = ${integer(registerProtocol)} AND seal = ${registerSeal()}
      AND ${condition};`;
}

/** DECLARE items that the guards of the register use. */
export function registerVariables(migration: Migration): readonly string[] {
  return [
    '@protocol int',
    '@epoch_now bigint',
    '@phase nvarchar(12)',
    '@other_id nvarchar(128)',
    '@intact bit',
    '@same_group bit = 1',
    PLACE_VARIABLE,
    `@group varchar(36) = ${currentGroup(migration)}`,
  ];
}

/** Refuses when the tables of the register are not there. */
export function tablesGuard(): string {
  return `IF OBJECT_ID(${nliteral(REGISTER)}) IS NULL OR OBJECT_ID(${nliteral(REFUSED)}) IS NULL
  ${throwGuard(guards.registerMissing)};`;
}

/** Reads the register row and refuses unless it is ours: there, of this protocol, sealed, for this other side and this group. */
export function registerGuard(migration: Migration, other: string): string {
  const row = rowGuard({
    table: REGISTER,
    columns: `@protocol = protocol, @epoch_now = epoch, @phase = phase, @other_id = target_id, @intact = CASE WHEN seal = ${registerSeal()} THEN 1 ELSE 0 END, @same_group = CASE WHEN ${SAME_GROUP} THEN 1 ELSE 0 END`,
    key: dagKey(migration),
    other,
  });
  return `${row}
${refuseIf('@same_group <> 1', guards.registerForeign)}`;
}

/** The same for the row of refused epochs. */
export function refusedGuard(migration: Migration, other: string): string {
  return rowGuard({
    table: REFUSED,
    columns: `@protocol = protocol, @epoch_now = epoch, @other_id = source_id, @intact = CASE WHEN seal = ${refusedSeal()} THEN 1 ELSE 0 END`,
    key: dagKey(migration),
    other,
  });
}

interface RowGuard {
  readonly table: string;
  readonly columns: string;
  readonly key: string;
  readonly other: string;
}

function rowGuard({ table, columns, key, other }: RowGuard): string {
  return `SELECT ${columns}
  FROM ${table} WHERE dag = ${key};
${refuseIf('@protocol IS NULL', guards.registerMissing)}
${refuseIf(`@protocol <> ${integer(registerProtocol)}`, guards.registerNewer)}
${refuseIf('@intact IS NULL OR @intact <> 1', guards.registerTampered)}
${refuseIf(`@other_id <> ${nliteral(other)}`, guards.registerForeign)}`;
}

/** `IF ... THROW`. */
export function refuseIf(condition: string, guard: Guard): string {
  return `IF ${condition}
  ${throwGuard(guard)};`;
}

/** Literal of a phase. */
export function phase(name: RegisterPhase): string {
  return `N'${name}'`;
}

/** `phase IN (...)`, for compare-and-set and guards; the column or a variable. */
export function phaseIn(column: string, names: readonly RegisterPhase[]): string {
  return `${column} IN (${names.map((name) => phase(name)).join(', ')})`;
}

/** Rowset with phase and epoch at the end of a batch and the time it took on the server. */
export function registerAnswer(migration: Migration): string {
  return `SELECT 1 AS part_register_end, phase, CONVERT(varchar(20), epoch) AS epoch,
  DATEDIFF(millisecond, @started, SYSUTCDATETIME()) AS server_ms
FROM ${REGISTER} WHERE dag = ${dagKey(migration)};`;
}

/** Rowset with the time the batch took on the server, for batches that do not touch the register. */
export const SERVER_TIME_ANSWER =
  'SELECT 1 AS part_server_time, DATEDIFF(millisecond, @started, SYSUTCDATETIME()) AS server_ms;';
