/** The words of `guard-scenario.ts` in the shipping T-SQL, on the statement lab. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

import { unreachable } from '../../src/base/assert.ts';
import type { Act } from '../../src/model/act.ts';
import type { Side } from '../../src/model/side.ts';
import { leadershipResource } from '../../src/sql/statement/act-lock.ts';
import { batchFor } from '../../src/sql/statement/batch-for.ts';
import { deadManStep } from '../../src/sql/statement/dead-man-statement.ts';
import {
  PLACE_VARIABLE,
  refusedSeal,
  registerSeal,
  REFUSED,
  REGISTER,
} from '../../src/sql/statement/register-guard.ts';
import { decodeRegisterEnd, decodeRole } from '../../src/sql/statement/reply.ts';
import type { Between, Disturbance, Finale, Outcome, Stage } from './guard-scenario.ts';
import {
  databases,
  startStatementLab,
  type StatementLab,
  type StatementLabOptions,
  type StatementSession,
} from './statement-lab.ts';

const sides = ['source', 'target'] as const;
const OURS = "dag = N'DAG'";
const PLACE = `DECLARE ${PLACE_VARIABLE};`;
const GROUP =
  "(SELECT CONVERT(varchar(36), ag.group_id) FROM sys.availability_groups AS ag WHERE ag.name = N'DAG')";

/** After the act under test, and between two things before it, in virtual milliseconds. */
const SETTLE_MS = 20_000;
const PAUSE_MS = 1000;

/** A stage with its lab. */
export interface SqlStage extends Stage {
  readonly lab: StatementLab;
  /** The session that sends the batches of a side. */
  readonly acting: Readonly<Record<Side, StatementSession>>;
  performs(finale: Finale): Promise<SqlOutcome>;
  /** Rows of other groups in both tables; no batch of ours may change them. */
  strangers(): Promise<string>;
}

/** What a batch came to, with what only T-SQL says. */
export interface SqlOutcome extends Outcome {
  /** Numbers of all its errors, in order. */
  readonly errors: readonly number[];
  /** The act; null: the dead-man's step. */
  readonly act: Act | null;
}

/** Sets it up; it ends with the test. */
export async function sqlStage(
  context: Pick<TestContext, 'after'>,
  options: StatementLabOptions = {},
): Promise<SqlStage> {
  const lab = await startStatementLab(context, options);
  const acting: Record<Side, StatementSession> = {
    source: await lab.session('source'),
    target: await lab.session('target'),
  };
  const send = async (
    act: Act,
    insert: (text: string) => string = (text) => text,
  ): Promise<SqlOutcome> => {
    const batch = batchFor(act, lab.migration);
    const { reply, errors } = await acting[act.side].ask(insert(batch.text), batch.parameters);
    const role = decodeRole(reply);
    const end = decodeRegisterEnd(reply);
    return {
      accepted: errors.length === 0,
      error: errors[0] ?? null,
      errors,
      act,
      localRole: role.known ? role.value : null,
      phase: end.known ? end.value.phase : null,
    };
  };
  return {
    lab,
    acting,
    lsns: (side) => lab.lsns(side),
    async does(what) {
      if (what.kind === 'act') await send(await what.act(lab));
      else await happens(lab, what);
      const isQuick = what.kind === 'pass' || (what.kind === 'act' && what.isQuick === true);
      if (!isQuick && what.kind !== 'later') await lab.clock.sleep(PAUSE_MS);
    },
    async performs(finale: Finale) {
      const { between } = finale;
      const insert = (text: string): string =>
        between === undefined ? text : inserted(text, between.at, somebody(between.what));
      if ('deadMan' in finale) {
        await deadMan(lab, finale, insert);
        return {
          accepted: true,
          error: null,
          errors: [],
          act: null,
          localRole: null,
          phase: null,
        };
      }
      const outcome = await send(await finale.act(lab), insert);
      await lab.clock.sleep(SETTLE_MS);
      return outcome;
    },
    shows: () => shown(lab),
    async strangers() {
      const texts: string[] = [];
      for (const side of sides)
        for (const shown of [
          `SELECT CONCAT(dag, N' ', epoch, N' ', phase, N' ', owner, N' ', CONVERT(varchar(33), deadline_utc, 126)) AS shown FROM ${REGISTER}`,
          `SELECT CONCAT(dag, N' ', epoch) AS shown FROM ${REFUSED}`,
        ])
          texts.push(await tableText(lab, side, `${shown} WHERE NOT ${OURS} ORDER BY dag`));
      return texts.join('; ');
    },
  };
}

/** What is told from the rest by its place: the last of them, because a batch looks more than once. */
const PLACES: Readonly<Record<Between, readonly string[]>> = {
  watched: ['SET @tries = @tries + 1;'],
  aborted: ['SELECT @phase = NULL, @owed = 0;'],
  refuse: ['UPDATE [sqlferry_control].[dbo].[refused_epoch]'],
  compare: ['SET @fence_until', 'UPDATE [sqlferry_control]'],
  armed: ['IF @started_job <> 0'],
  failed: ["IF @role = N'PRIMARY'\n"],
  read: ['IF (SELECT COUNT(*) FROM sys.dm_hadr_database_replica_states AS drs'],
  locked: ['SET @role = NULL;'],
  raised: ['IF NOT EXISTS (SELECT 1 FROM'],
  altered: ['ALTER AVAILABILITY GROUP'],
  settled: ['UPDATE [sqlferry_control]'],
};

const LAST: ReadonlySet<Between> = new Set<Between>(['failed', 'read', 'settled']);

/** The text with another statement in it; the comment tells it from ours. */
function inserted(text: string, at: Between, statement: string): string {
  const place = PLACES[at].find((each) => text.includes(each));
  assert.ok(place !== undefined, `no place for ${at}`);
  const index = LAST.has(at) ? text.lastIndexOf(place) : text.indexOf(place);
  const literal = `N'${statement.replaceAll("'", "''")}'`;
  return `${text.slice(0, index)}/* somebody else */ EXEC (${literal}); /* ends */${text.slice(index)}`;
}

/** A disturbance as one text, for those that are one. */
function somebody(what: Disturbance): string {
  switch (what.kind) {
    case 'damage':
      return damage(what);
    case 'written':
      return written(what);
    case 'refused':
      return `${PLACE} UPDATE ${REFUSED} SET epoch = ${what.epoch}, seal = ${refusedSeal({ epoch: what.epoch.toString() })} WHERE ${OURS}`;
    case 'pass':
      return `WAITFOR DELAY '00:00:${(what.ms / 1000).toFixed(3).padStart(6, '0')}'`;
    case 'force':
      return 'ALTER AVAILABILITY GROUP [DAG] FORCE_FAILOVER_ALLOW_DATA_LOSS';
    case 'no-group':
      return 'DROP AVAILABILITY GROUP [DAG]';
    case 'suspend':
      return `ALTER DATABASE [${what.database}] SET HADR SUSPEND`;
    default:
      throw new TypeError(`${what.kind} is not one statement`);
  }
}

function damage(what: Extract<Disturbance, { kind: 'damage' }>): string {
  const table = what.table === 'register' ? REGISTER : REFUSED;
  const foreign =
    what.table === 'register'
      ? `target_id = N'ELSEWHERE', seal = ${registerSeal({ target: "N'ELSEWHERE'" })}`
      : `source_id = N'ELSEWHERE', seal = ${refusedSeal({ source: "N'ELSEWHERE'" })}`;
  switch (what.what) {
    case 'seal':
      return `UPDATE ${table} SET seal = HASHBYTES('SHA2_256', N'x') WHERE ${OURS}`;
    case 'protocol':
      return `UPDATE ${table} SET protocol = 2 WHERE ${OURS}`;
    case 'foreign':
      return `${PLACE} UPDATE ${table} SET ${foreign} WHERE ${OURS}`;
    case 'other-group':
      return `${PLACE} UPDATE ${table} SET group_id = 'ELSEWHERE', seal = ${registerSeal({ group: "'ELSEWHERE'" })} WHERE ${OURS}`;
    case 'no-row':
      return `DELETE FROM ${table} WHERE ${OURS}`;
    case 'no-register-table':
      return `DROP TABLE ${REGISTER}`.replaceAll('[sqlferry_control].', '');
    case 'no-refused-table':
      return `DROP TABLE ${REFUSED}`.replaceAll('[sqlferry_control].', '');
  }
  return unreachable(what.what);
}

function written(what: Extract<Disturbance, { kind: 'written' }>): string {
  const values = {
    epoch: what.epoch.toString(),
    phase: `N'${what.phase}'`,
    deadline: '@then',
    owner: "N'by hand'",
    group: '@group',
  };
  const then =
    what.deadlineMs === undefined
      ? 'NULL'
      : `DATEADD(millisecond, ${what.deadlineMs}, SYSUTCDATETIME())`;
  return `${PLACE} DECLARE @then datetime2(3) = ${then}, @group varchar(36) = ${GROUP}; UPDATE ${REGISTER} SET epoch = ${values.epoch}, phase = ${values.phase}, deadline_utc = @then, owner = ${values.owner}, group_id = @group, seal = ${registerSeal(values)} WHERE ${OURS}`;
}

/** Every other row gets the values of ours, under its own key. */
function twins(): string {
  const values = {
    epoch: '@epoch',
    phase: '@phase',
    deadline: '@deadline',
    owner: "N'somebody'",
    target: '@target',
    prior: '@prior',
    rehearsed: '@rehearsed',
    group: '@group',
  };
  return `${PLACE} DECLARE @group varchar(36), @epoch bigint, @phase varchar(12), @deadline datetime2(3), @target nvarchar(128), @prior nvarchar(max), @rehearsed datetime2(3);
SELECT @epoch = epoch, @phase = phase, @deadline = deadline_utc, @target = target_id, @prior = prior_state, @rehearsed = rehearsed_utc, @group = group_id FROM ${REGISTER} WHERE ${OURS};
UPDATE ${REGISTER} SET epoch = @epoch, phase = @phase, deadline_utc = @deadline, target_id = @target, prior_state = @prior, rehearsed_utc = @rehearsed, group_id = @group, seal = ${registerSeal(values)} WHERE NOT ${OURS};
SELECT @epoch = epoch, @target = source_id FROM ${REFUSED} WHERE ${OURS};
UPDATE ${REFUSED} SET epoch = @epoch, source_id = @target, seal = ${refusedSeal({ epoch: '@epoch', source: '@target' })} WHERE NOT ${OURS};`;
}

type Happening = Exclude<Disturbance, { kind: 'act' }>;

async function happens(lab: StatementLab, what: Happening): Promise<void> {
  const { world } = lab;
  const name = (side: Side): string => lab.migration[side].instances[0].name;
  switch (what.kind) {
    case 'twins':
      for (const side of sides) await lab.run(side, twins());
      return;
    case 'session': {
      const one = await lab.session(what.side, { program: 'shop' });
      assert.deepEqual((await one.ask(`USE [${what.database}]`)).errors, []);
      return;
    }
    case 'lock': {
      const one = await lab.session(what.side);
      const resource = leadershipResource(lab.migration).replace('lead', 'act');
      await one.ask(
        `EXEC sys.sp_getapplock @Resource = N'${resource}', @LockMode = N'Exclusive', @LockOwner = N'Session', @DbPrincipal = N'public'`,
      );
      return;
    }
    case 'pass':
      await lab.clock.sleep(what.ms);
      return;
    case 'commit':
      await commit(lab, what.database);
      return;
    case 'cut':
      world.partition(name('source'), name('target'));
      return;
    case 'heal':
      world.heal();
      return;
    case 'latch':
      world.latchDemotions(name(what.side), 1);
      return;
    case 'no-redo':
      world.setRedoRate(name(what.side), 1);
      return;
    case 'delay':
      world.setLinkDelay(name('source'), name('target'), what.ms);
      world.setLinkDelay(name('target'), name('source'), what.ms);
      return;
    case 'late':
      world.lateWriter(name(what.side), what.database);
      return;
    case 'later': {
      const { what: then } = what;
      assert.ok(then.kind !== 'act');
      lab.clock.schedule(what.ms, () => void happens(lab, then));
      return;
    }
    case 'suspend':
      await lab.run('source', somebody(what));
      return;
    case 'damage':
      if (what.what === 'no-register-table' || what.what === 'no-refused-table')
        await lab.run(what.side, `USE [sqlferry_control]; EXEC (N'${somebody(what)}')`);
      else await lab.run(what.side, somebody(what));
      return;
    case 'written':
    case 'refused':
    case 'force':
    case 'no-group':
      await lab.run(what.side, somebody(what));
  }
}

/** A row in a table, acknowledged or not: nobody waits for it. */
async function commit(lab: StatementLab, database: string): Promise<void> {
  const side = (await lab.role('source')) === 'PRIMARY' ? 'source' : 'target';
  const table = `[${database}].dbo.late`;
  const one = await lab.session(side, { program: 'shop' });
  void one
    .ask(
      `IF OBJECT_ID(N'${table}') IS NULL CREATE TABLE ${table} (id int NOT NULL); INSERT INTO ${table} VALUES (1);`,
    )
    .finally(() => one.close());
  await lab.clock.sleep(100);
}

/** The step as the Agent runs it, until it ends or the time is over; what it did shows in the servers. */
async function deadMan(
  lab: StatementLab,
  finale: { readonly deadMan: Side; readonly ms: number },
  insert: (text: string) => string,
): Promise<void> {
  const one = await lab.session(finale.deadMan, { program: 'dead-man' });
  // Building the job is how its step becomes a batch of ours.
  batchFor({ kind: 'create-dead-man', side: finale.deadMan }, lab.migration);
  const text = deadManStep(lab.migration, lab.migration[finale.deadMan]);
  const stop = new AbortController();
  const cancel = lab.clock.schedule(finale.ms, () => stop.abort());
  await one.askUntil(insert(text), stop.signal);
  cancel();
  one.close();
  await lab.clock.sleep(SETTLE_MS);
}

async function shown(lab: StatementLab): Promise<Record<string, string>> {
  const lines: Record<string, string> = {};
  for (const side of sides) {
    const register = await tableText(
      lab,
      side,
      `SELECT CONCAT(epoch, N' ', phase, N' ', CASE WHEN phase = N'aborted' AND deadline_utc IS NOT NULL THEN N'owed ' WHEN deadline_utc IS NOT NULL THEN N'until ' END, prior_state) AS shown FROM ${REGISTER} WHERE ${OURS}`,
    );
    const refused = await tableText(
      lab,
      side,
      `SELECT CONCAT(epoch, N'') AS shown FROM ${REFUSED} WHERE ${OURS}`,
    );
    const group = await tableText(
      lab,
      side,
      `SELECT CONCAT(rs.role_desc, N' ', ag.required_synchronized_secondaries_to_commit) AS shown FROM sys.dm_hadr_availability_replica_states AS rs
INNER JOIN sys.availability_groups AS ag ON ag.group_id = rs.group_id WHERE ag.name = N'DAG' AND rs.is_local = 1`,
    );
    const states = await tableText(
      lab,
      side,
      `SELECT CONCAT(name, N' ', state_desc) AS shown FROM sys.databases WHERE name IN (N'${databases.join("', N'")}') ORDER BY name`,
    );
    const logins = await tableText(
      lab,
      side,
      "SELECT CONCAT(name, N' ', is_disabled) AS shown FROM sys.server_principals WHERE name = N'app_writer'",
    );
    const resource = leadershipResource(lab.migration).replace('lead', 'act');
    lines[`${side} lock`] = await tableText(
      lab,
      side,
      `SELECT CASE WHEN APPLOCK_TEST(N'public', N'${resource}', N'Exclusive', N'Session') = 1 THEN N'free' ELSE N'held' END AS shown`,
    );
    lines[`${side} register`] = register;
    lines[`${side} refused`] = refused;
    lines[`${side} group`] = group;
    lines[`${side} databases`] = states;
    lines[`${side} logins`] = logins;
  }
  return lines;
}

async function tableText(lab: StatementLab, side: Side, text: string): Promise<string> {
  const one = await lab.session(side);
  const { reply } = await one.ask(text);
  one.close();
  // A table that is not there is told from an empty one by its error.
  if (reply.errors.length > 0) return `error ${reply.errors[0]?.number}`;
  return (reply.sets[0]?.rows ?? []).map((row) => String(row['shown']).trim()).join(', ') || 'none';
}
