/**
 * The dead-man's step on a server in this process: a row of the register, a role, what somebody else does
 * while it runs, and what it leaves, to the millisecond of a clock that jumps.
 */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

import type { RegisterPhase } from '../../src/model/register.ts';
import { batchFor } from '../../src/sql/statement/batch-for.ts';
import { deadManStep } from '../../src/sql/statement/dead-man-statement.ts';
import {
  otherName,
  PLACE_VARIABLE,
  registerSeal,
  REGISTER,
} from '../../src/sql/statement/register-guard.ts';
import { OUTSIDE, startStatementLab, type StatementLab } from './statement-lab.ts';

/** Key of the row that a rehearsal writes. */
export const REHEARSAL = 'DAG?rehearsal';

/** A row of the register; what is left out is as the dead-man of the group DAG expects it. */
export interface StageRow {
  readonly dag?: string;
  readonly epoch?: number;
  readonly phase: RegisterPhase;
  /** From now, in milliseconds; none when left out. */
  readonly deadlineMs?: number;
  readonly protocol?: number;
  readonly isBroken?: boolean;
  readonly isForeign?: boolean;
  readonly isOfOtherGroup?: boolean;
  readonly prior?: string;
}

/** What the step finds, and what comes in between. */
export interface StageCase {
  readonly rows: readonly StageRow[];
  /** By default SECONDARY: the role was given away. */
  readonly role?: 'PRIMARY' | 'SECONDARY';
  /** Text that somebody runs so many milliseconds after the step began. */
  readonly later?: readonly (readonly [ms: number, text: string])[];
  /** Text that somebody runs in front of a statement of ours. */
  readonly between?: StageBetween;
  /** How long it is watched, in milliseconds. */
  readonly ms?: number;
}

/** Somebody else inside the step. */
interface StageBetween {
  /** How the statement of ours begins. */
  readonly at: string;
  /** The last one that begins so, not the first. */
  readonly isLast?: boolean;
  readonly text: string;
  /** In every turn, not only in the first. */
  readonly isEachTurn?: boolean;
}

/** What was seen. */
export interface StageResult {
  /** Milliseconds after which the step ended; null while it still watches. */
  readonly endedMs: number | null;
  readonly errors: readonly number[];
  /** `dag: epoch phase until|at rest owner`, by key. */
  readonly rows: readonly string[];
  readonly role: string;
  readonly login: 'enabled' | 'disabled' | 'dropped';
}

/** A server with the step. */
export interface DeadManStage {
  readonly lab: StatementLab;
  watch(one: StageCase): Promise<StageResult>;
}

/** Where somebody notes that he has been in between. */
const BEEN = `[${OUTSIDE}].dbo.been`;
const PRIOR = '{"enabledLogins":["app_writer"],"distributedMode":"ASYNCHRONOUS_COMMIT"}';
const GROUP =
  "(SELECT CONVERT(varchar(36), ag.group_id) FROM sys.availability_groups AS ag WHERE ag.name = N'DAG')";

/** The row in place of the one with its key, sealed unless it is to be broken. */
export function rowText(lab: StatementLab, row: StageRow, owner = 'before'): string {
  const dag = `N'${row.dag ?? 'DAG'}'`;
  const target =
    row.isForeign === true ? 'ELSEWHERE' : otherName(lab.migration, lab.migration.source);
  const values = {
    dag,
    epoch: String(row.epoch ?? 1),
    phase: `N'${row.phase}'`,
    deadline: '@then',
    owner: `N'${owner}'`,
    target: `N'${target}'`,
    prior: `N'${row.prior ?? PRIOR}'`,
    rehearsed: 'NULL',
    group: '@group',
  };
  const then =
    row.deadlineMs === undefined
      ? 'NULL'
      : `DATEADD(millisecond, ${row.deadlineMs}, SYSUTCDATETIME())`;
  const group = row.isOfOtherGroup === true ? "'ELSEWHERE'" : GROUP;
  const seal = row.isBroken === true ? "HASHBYTES('SHA2_256', N'x')" : registerSeal(values);
  return `DECLARE ${PLACE_VARIABLE}, @then datetime2(3) = ${then}, @group varchar(36) = ${group};
DELETE FROM ${REGISTER} WHERE dag = ${dag};
INSERT INTO ${REGISTER} (dag, protocol, epoch, phase, deadline_utc, owner, target_id, prior_state, rehearsed_utc, group_id, place, seal)
VALUES (${dag}, ${row.protocol ?? 1}, ${values.epoch}, ${values.phase}, @then, ${values.owner}, ${values.target}, ${values.prior}, NULL, @group, @place, ${seal});`;
}

/** Sets it up; it ends with the test. */
export async function deadManStage(context: Pick<TestContext, 'after'>): Promise<DeadManStage> {
  const lab = await startStatementLab(context);
  // Building the job is how its step becomes a batch of ours.
  batchFor({ kind: 'create-dead-man', side: 'source' }, lab.migration);
  const step = deadManStep(lab.migration, lab.migration.source);
  await lab.run('source', `CREATE TABLE ${BEEN} (x int NOT NULL)`);
  await addGroup(lab);
  return {
    lab,
    async watch(one) {
      await set(lab, one);
      const { between } = one;
      return await run(lab, one, between === undefined ? step : inserted(step, between));
    },
  };
}

async function set(lab: StatementLab, { rows, role = 'SECONDARY' }: StageCase): Promise<void> {
  if ((await roleOf(lab)) !== role)
    await lab.run(
      'source',
      role === 'PRIMARY'
        ? 'ALTER AVAILABILITY GROUP [DAG] FORCE_FAILOVER_ALLOW_DATA_LOSS'
        : 'ALTER AVAILABILITY GROUP [DAG] SET (ROLE = SECONDARY)',
    );
  await lab.run(
    'source',
    "IF EXISTS (SELECT 1 FROM sys.server_principals WHERE name = N'app_writer') ALTER LOGIN [app_writer] DISABLE;",
  );
  await lab.clock.sleep(1000);
  assert.equal(await roleOf(lab), role);
  await lab.run('source', `DELETE FROM ${BEEN}; DELETE FROM ${REGISTER}`);
  for (const row of rows) await lab.run('source', rowText(lab, row));
}

/** A group beside ours whose role here is PRIMARY. */
async function addGroup(lab: StatementLab): Promise<void> {
  const { migration } = lab;
  const stranger = {
    ...migration,
    source: { ...migration.source, availabilityGroup: 'ZULU' },
  };
  const batch = batchFor(
    { kind: 'create-availability-group', side: 'source', databases: [] },
    stranger,
  );
  await lab.run('source', batch.text);
}

/** The comment tells the mutants' cache which text is not ours. */
function inserted(step: string, between: StageBetween): string {
  const { at, text, isLast = false, isEachTurn = false } = between;
  const index = isLast ? step.lastIndexOf(at) : step.indexOf(at);
  assert.ok(index !== -1, `no place for ${at}`);
  const what = isEachTurn
    ? text
    : `IF NOT EXISTS (SELECT 1 FROM ${BEEN}) BEGIN INSERT INTO ${BEEN} VALUES (1); ${text} END`;
  const literal = `N'${what.replaceAll("'", "''")}'`;
  return `${step.slice(0, index)}/* somebody else */ EXEC (${literal}); /* ends */${step.slice(index)}`;
}

async function run(lab: StatementLab, one: StageCase, text: string): Promise<StageResult> {
  const began = lab.clock.monotonic();
  const session = await lab.session('source', { program: 'dead-man' });
  const stop = new AbortController();
  const cancels = [
    lab.clock.schedule(one.ms ?? 1000, () => stop.abort()),
    ...(one.later ?? []).map(([ms, what]) =>
      lab.clock.schedule(ms, () => void lab.run('source', what)),
    ),
  ];
  const { errors } = await session.askUntil(text, stop.signal);
  const endedMs = stop.signal.aborted ? null : lab.clock.monotonic() - began;
  for (const cancel of cancels) cancel();
  session.close();
  const rows = await lab.run(
    'source',
    `IF OBJECT_ID(N'${REGISTER}') IS NOT NULL SELECT CONCAT(dag, N': ', epoch, N' ', phase, N' ', CASE WHEN deadline_utc IS NULL THEN N'' ELSE N'until ' END, owner) AS shown FROM ${REGISTER} ORDER BY dag`,
  );
  const login = await lab.run(
    'source',
    "SELECT is_disabled FROM sys.server_principals WHERE name = N'app_writer'",
  );
  const disabled = login.sets[0]?.rows[0]?.['is_disabled'];
  return {
    endedMs,
    errors: endedMs === null ? [] : errors,
    rows: (rows.sets[0]?.rows ?? []).map((row) => String(row['shown'])),
    role: await roleOf(lab),
    login:
      disabled === undefined
        ? 'dropped'
        : disabled === true || disabled === 1
          ? 'disabled'
          : 'enabled',
  };
}

async function roleOf(lab: StatementLab): Promise<string> {
  const { sets } = await lab.run(
    'source',
    "SELECT rs.role_desc FROM sys.dm_hadr_availability_replica_states AS rs INNER JOIN sys.availability_groups AS ag ON ag.group_id = rs.group_id WHERE ag.name = N'DAG' AND rs.is_local = 1",
  );
  const role = sets[0]?.rows[0]?.['role_desc'];
  return typeof role === 'string' ? role : 'none';
}
