/**
 * The shipping batches on two servers in this process: no sockets, no driver, no waiting.
 *
 * A group of two databases, SYNCHRONIZED on both sides, registers of epoch 0, on a clock that jumps.
 * Beside it lies what must not matter: rows of other groups in the register, another group, another
 * database. For tests of single guards, which need many servers in little time.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { systemRandom } from '../../src/adapters/random.ts';
import { Secret } from '../../src/base/secret.ts';
import type { LabDefinition } from '../../src/lab/definition.ts';
import type { HadrSwitches } from '../../src/lab/hadr/state.ts';
import { standalonePreset } from '../../src/lab/preset/standalone.ts';
import type { LabSession, RpcParameter, ServerMessage } from '../../src/lab/session.ts';
import { loginNames, worldDefinition } from '../../src/lab/world-definition.ts';
import { makeWorld, type World, type WorldOptions } from '../../src/lab/world/world.ts';
import type { Act, FinalLsn } from '../../src/model/act.ts';
import type { CutoverPolicy, Migration } from '../../src/model/migration.ts';
import { sideOf, type Observation, type SideObservation } from '../../src/model/observation.ts';
import type { Side } from '../../src/model/side.ts';
import type { RawReply, RawRow, SqlParameter } from '../../src/sql/batch.ts';
import { batchFor } from '../../src/sql/statement/batch-for.ts';
import {
  PLACE_VARIABLE,
  refusedSeal,
  registerSeal,
  REFUSED,
  REGISTER,
} from '../../src/sql/statement/register-guard.ts';
import { observeBatch } from '../../src/sql/view/observe-batch.ts';
import { decodeObservation } from '../../src/sql/view/observe-decode.ts';
import type { SqlType, SqlValue } from '../../src/tds/sql-type.ts';
import { JumpingClock } from './jumping-clock.ts';
import { articleMigration } from './observation.ts';
import { ShownViews } from './shown-catalog.ts';

/** Databases of the group. */
export const databases = ['Adventureworks', 'Sales'] as const;

/** A database outside the group. */
export const OUTSIDE = 'Outside';

const PASSWORD = 'a test world has one password';
const MARKER = '0'.repeat(32);
const sides = ['source', 'target'] as const;
const never = new AbortController().signal;

/** Longest wait for a state of the servers, in virtual milliseconds. */
const SETTLE_LIMIT_MS = 120_000;
const LOOK_MS = 20;

/** What a batch came to. */
export interface StatementAnswer {
  readonly reply: RawReply;
  /** Numbers of its errors, in order. */
  readonly errors: readonly number[];
}

/** A session, by default of `sa`. */
export interface StatementSession {
  readonly id: number;
  /** The whole answer, errors and all. */
  ask(text: string, parameters?: readonly SqlParameter[]): Promise<StatementAnswer>;
  /** The same with a signal that cancels it. */
  askUntil(text: string, signal: AbortSignal): Promise<StatementAnswer>;
  close(): void;
}

/** Two servers and what a test does with them. */
export interface StatementLab {
  readonly world: World;
  readonly clock: JumpingClock;
  readonly migration: Migration;
  /** What the catalog views of both servers show instead of what is so. */
  readonly views: ShownViews;
  session(
    side: Side,
    who?: { readonly user?: string; readonly program?: string },
  ): Promise<StatementSession>;
  /** Text on a side; an error fails the test. */
  run(side: Side, text: string): Promise<RawReply>;
  /** Sends the batch of an act in a session of its own, which ends with it. */
  act(act: Act): Promise<StatementAnswer>;
  /** The same; an error fails the test. */
  done(act: Act): Promise<RawReply>;
  /** The same; demands this error and no other. */
  refused(act: Act, number: number): Promise<void>;
  look(): Promise<Observation>;
  until(what: string, isSo: (seen: Observation) => boolean): Promise<Observation>;
  role(side: Side): Promise<string | null>;
  /** `epoch phase`, and `broken` when the seal does not hold. */
  register(side: Side): Promise<string>;
  refusedEpoch(side: Side): Promise<string>;
  /** Ends of the log of one side, as acts carry them. */
  lsns(side: Side): Promise<readonly FinalLsn[]>;
}

/** How a lab differs. */
export interface StatementLabOptions {
  readonly cutover?: Partial<CutoverPolicy>;
  readonly switches?: Partial<HadrSwitches>;
  readonly release?: 2019 | 2022;
}

/** Starts it; it ends with the test. */
export async function startStatementLab(
  context: Pick<TestContext, 'after'>,
  options: StatementLabOptions = {},
): Promise<StatementLab> {
  const clock = new JumpingClock();
  const directory = mkdtempSync(join(tmpdir(), 'sqlferry-statement-'));
  const views = new ShownViews();
  const world = makeLabWorld(options, {
    clock,
    dataDirectory: directory,
    catalog: views.factory(),
  });
  context.after(() => {
    world.close();
    clock.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  const migration: Migration = {
    ...articleMigration,
    databases: { kind: 'named', names: databases },
    cutover: { ...articleMigration.cutover, deadMan: 'off', ...options.cutover },
  };
  const lab = labOn({ world, clock, views }, migration);
  await prepare(lab);
  return lab;
}

function makeLabWorld(
  options: StatementLabOptions,
  place: Pick<WorldOptions, 'clock' | 'dataDirectory' | 'catalog'>,
): World {
  const definition: LabDefinition = {
    ...standalonePreset,
    instances: standalonePreset.instances.map((instance) => ({
      ...instance,
      release: options.release ?? 2022,
      databases:
        instance.side === 'source'
          ? [...databases, OUTSIDE].map((name) => ({
              name,
              sample: 'none' as const,
              recoveryModel: 'FULL' as const,
              fullBackup: true,
            }))
          : [],
      logins: instance.logins.map((login) => ({ ...login, users: [] })),
    })),
  };
  const { instances } = definition;
  return makeWorld({
    ...place,
    random: systemRandom,
    definition: worldDefinition(definition, {
      places: instances.map((_, index) => ({ address: '127.0.0.1', port: 1433 + index })),
      passwords: new Map(
        loginNames(definition).map((user) => [user.toLowerCase(), new Secret(PASSWORD)]),
      ),
      now: place.clock.now(),
      settings: { seedingMs: 200, seedingRetryMs: 50 },
      ...(options.switches === undefined ? {} : { switches: options.switches }),
    }),
  });
}

function labOn(
  parts: Pick<StatementLab, 'world' | 'clock' | 'views'>,
  migration: Migration,
): StatementLab {
  const { world, clock } = parts;
  const nameOf = (side: Side): string => migration[side].instances[0].name;
  const session: StatementLab['session'] = (side, who = {}) =>
    openWorldSession(world, { name: nameOf(side), ...who });
  const within = async <T>(side: Side, use: (one: StatementSession) => Promise<T>): Promise<T> => {
    const one = await session(side);
    try {
      return await use(one);
    } finally {
      one.close();
    }
  };
  const ask = (side: Side, text: string, parameters: readonly SqlParameter[] = []) =>
    within(side, (one) => one.ask(text, parameters));
  const act: StatementLab['act'] = (wanted) => {
    const batch = batchFor(wanted, migration);
    return ask(batch.side, batch.text, batch.parameters);
  };
  const lookAt = async (side: Side): Promise<SideObservation> => {
    const versionMajor = world.state().instances[nameOf(side).toLowerCase()]?.version.major ?? 16;
    const text = observeBatch({ migration, side, versionMajor, marker: MARKER, acting: false });
    const { reply } = await ask(side, text);
    return decodeObservation(reply, { migration, side, generation: 1 });
  };
  const look = async (): Promise<Observation> => ({
    source: await lookAt('source'),
    target: await lookAt('target'),
  });
  const rows = async (side: Side, text: string): Promise<readonly RawRow[]> =>
    (await lab.run(side, text)).sets[0]?.rows ?? [];
  const lab: StatementLab = {
    ...parts,
    migration,
    session,
    act,
    look,
    async run(side, text) {
      const { reply } = await ask(side, text);
      assert.deepEqual(reply.errors, [], text);
      return reply;
    },
    async done(wanted) {
      const { reply } = await act(wanted);
      assert.deepEqual(reply.errors, [], wanted.kind);
      return reply;
    },
    async refused(wanted, number) {
      const { errors } = await act(wanted);
      assert.deepEqual(errors, [number], wanted.kind);
    },
    async until(what, isSo) {
      const end = clock.monotonic() + SETTLE_LIMIT_MS;
      for (;;) {
        const seen = await look();
        if (isSo(seen)) return seen;
        assert.ok(clock.monotonic() < end, `never so: ${what}`);
        await clock.sleep(LOOK_MS);
      }
    },
    async role(side) {
      const { distributed } = await lookAt(side);
      assert.ok(distributed.known);
      return distributed.value?.localRoleDesc ?? null;
    },
    async register(side) {
      const [row] = await rows(
        side,
        `DECLARE ${PLACE_VARIABLE}; SELECT CONCAT(epoch, N' ', phase, CASE WHEN seal = ${registerSeal()} THEN N'' ELSE N' broken' END) AS shown FROM ${REGISTER} WHERE dag = N'DAG'`,
      );
      return String(row?.['shown']);
    },
    async refusedEpoch(side) {
      const [row] = await rows(
        side,
        `DECLARE ${PLACE_VARIABLE}; SELECT CONCAT(epoch, CASE WHEN seal = ${refusedSeal()} THEN N'' ELSE N' broken' END) AS shown FROM ${REFUSED} WHERE dag = N'DAG'`,
      );
      return String(row?.['shown']);
    },
    async lsns(side) {
      const seen = sideOf(await look(), side).databases;
      assert.ok(seen.known);
      return seen.value.flatMap(({ name, local }) => {
        const lsn = local?.endOfLogLsn ?? null;
        return lsn === null ? [] : [{ database: name, lsn }];
      });
    },
  };
  return lab;
}

/** The way to SYNCHRONIZED on both sides, by the shipping batches. */
async function prepare(lab: StatementLab): Promise<void> {
  const both = (of: (side: Side) => Act): readonly Act[] => sides.map((side) => of(side));
  const login = 'CONTOSO\\sqlservice';
  for (const act of [
    ...both((side) => ({ kind: 'create-control-database', side })),
    ...both((side) => ({ kind: 'create-register', side, epoch: 0n, refused: 0n })),
    ...both((side) => ({ kind: 'create-endpoint', side })),
    ...both((side) => ({ kind: 'create-peer-login', side, login })),
    ...both((side) => ({
      kind: 'grant-endpoint-connect',
      side,
      endpoint: 'Hadr_endpoint',
      login,
    })),
    { kind: 'create-availability-group', side: 'source', databases },
    { kind: 'create-availability-group', side: 'target', databases: [] },
    ...both((side) => ({ kind: 'grant-create-database', side })),
    { kind: 'create-distributed', side: 'source' },
    { kind: 'join-distributed', side: 'target' },
  ] as const)
    await lab.done(act);
  await copiesAre(lab, 'SYNCHRONIZING');
  for (const act of both((side) => ({
    kind: 'set-distributed-mode',
    side,
    mode: 'SYNCHRONOUS_COMMIT',
  })))
    await lab.done(act);
  await copiesAre(lab, 'SYNCHRONIZED');
  for (const side of sides) await addStrangers(lab, side);
}

/** Waits until every copy shows the state; a whole look would be slow here. */
async function copiesAre(lab: StatementLab, state: string): Promise<void> {
  const text = `SELECT COUNT(*) AS copies FROM sys.dm_hadr_database_replica_states AS drs
INNER JOIN sys.availability_groups AS ag ON ag.group_id = drs.group_id
WHERE ag.name = N'DAG' AND drs.synchronization_state_desc = N'${state}';`;
  const end = lab.clock.monotonic() + SETTLE_LIMIT_MS;
  while ((await lab.run('source', text)).sets[0]?.rows[0]?.['copies'] !== databases.length) {
    assert.ok(lab.clock.monotonic() < end, `never ${state}`);
    await lab.clock.sleep(LOOK_MS);
  }
}

/** Rows of groups that sort before and behind ours, fenced and past their deadline, sealed. */
async function addStrangers(lab: StatementLab, side: Side): Promise<void> {
  const { migration } = lab;
  const [source] = migration.source.instances;
  const [target] = migration.target.instances;
  for (const dag of ['ALPHA', 'ZULU']) {
    const stranger: Migration = {
      ...migration,
      distributedAvailabilityGroup: dag,
      source: { ...migration.source, instances: [{ ...source, name: 'ELSEWHERE' }] },
      target: { ...migration.target, instances: [{ ...target, name: 'ELSEWHERE' }] },
    };
    const batch = batchFor({ kind: 'create-register', side, epoch: 0n, refused: 0n }, stranger);
    const one = await lab.session(side);
    assert.deepEqual((await one.ask(batch.text, batch.parameters)).errors, []);
    one.close();
  }
  const written = {
    epoch: '7',
    phase: "N'fenced'",
    deadline: '@then',
    owner: "N'somebody'",
  };
  await lab.run(
    side,
    `DECLARE @then datetime2(3) = DATEADD(second, -5, SYSUTCDATETIME()), ${PLACE_VARIABLE};
UPDATE ${REGISTER} SET epoch = 7, phase = N'fenced', deadline_utc = @then, owner = N'somebody', seal = ${registerSeal(written)} WHERE dag <> N'DAG';
UPDATE ${REFUSED} SET epoch = 3, seal = ${refusedSeal({ epoch: '3' })} WHERE dag <> N'DAG';`,
  );
}

/** Opens a session on an instance of a world; a refused login fails the test. */
export async function openWorldSession(
  world: World,
  who: { readonly name: string; readonly user?: string; readonly program?: string },
): Promise<StatementSession> {
  const outcome = await world.endpoint(who.name).login({
    user: who.user ?? 'sa',
    password: PASSWORD,
    database: '',
    applicationName: who.program ?? 'sqlferry',
    hostName: 'test-host',
    clientInterfaceName: 'in process',
    hostProcessId: 1,
    readOnlyIntent: false,
    serverName: who.name,
    clientAddress: '127.0.0.1',
    serverAddress: '127.0.0.1',
    serverPort: 1433,
    encrypted: true,
    tdsVersion: 0x74_00_00_04,
  });
  assert.ok(outcome.kind === 'accepted', JSON.stringify(outcome.messages));
  const { session } = outcome;
  return {
    id: session.sessionId,
    ask: (text, parameters = []) => send(session, { text, parameters, signal: never }),
    askUntil: (text, signal) => send(session, { text, parameters: [], signal }),
    close: () => session.close(),
  };
}

interface Sent {
  readonly text: string;
  readonly parameters: readonly SqlParameter[];
  readonly signal: AbortSignal;
}

/** Without parameters a plain batch, with parameters sp_executesql, as the driver does it. */
async function send(session: LabSession, sent: Sent): Promise<StatementAnswer> {
  const sets: { columns: readonly string[]; rows: RawRow[] }[] = [];
  const failures: ServerMessage[] = [];
  const sink = {
    columns: (columns: readonly { readonly name: string }[]) =>
      void sets.push({ columns: columns.map((column) => column.name), rows: [] }),
    row(values: readonly SqlValue[]) {
      const current = sets.at(-1);
      assert.ok(current !== undefined, 'a row without columns');
      current.rows.push(
        Object.fromEntries(
          current.columns.map((name, index) => [name, driverValue(values[index] ?? null)]),
        ),
      );
    },
    message: (message: ServerMessage) => {
      if (message.severity > 10) failures.push(message);
    },
    done: () => undefined,
    databaseChanged: () => undefined,
    transactionChanged: () => undefined,
    returnStatus: () => undefined,
    returnValue: () => undefined,
    drain: () => Promise.resolve(),
  };
  const { text, parameters, signal } = sent;
  if (parameters.length === 0) await session.batch(text, sink, signal);
  else
    await session.rpc(
      { procedure: 'sp_executesql', parameters: rpc(text, parameters) },
      sink,
      signal,
    );
  const errors = failures.map((failure) => ({
    number: failure.number,
    state: failure.state,
    class: failure.severity,
    message: failure.text,
    serverName: '',
  }));
  return { reply: { sets, errors }, errors: errors.map((error) => error.number) };
}

const TYPES: Readonly<Record<SqlParameter['type'], SqlType>> = {
  int: { kind: 'int' },
  'varchar(30)': { kind: 'varchar', length: 30 },
  'varchar(33)': { kind: 'varchar', length: 33 },
  'nvarchar(128)': { kind: 'nvarchar', length: 128 },
  'nvarchar(max)': { kind: 'nvarchar', length: 'max' },
};

function rpc(text: string, parameters: readonly SqlParameter[]): readonly RpcParameter[] {
  const long: SqlType = { kind: 'nvarchar', length: 'max' };
  const declared = parameters.map(({ name, type }) => `@${name} ${type}`).join(', ');
  return [
    { name: '', type: long, value: text, output: false },
    { name: '', type: long, value: declared, output: false },
    ...parameters.map(({ name, type, value }) => ({
      name: `@${name}`,
      type: TYPES[type],
      value,
      output: false,
    })),
  ];
}

/** A value as the driver hands it out, as far as our decoders ask. */
function driverValue(value: SqlValue): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (value.kind === 'decimal') return Number(value.unscaled) / 10 ** value.scale;
  return value.kind === 'variant' ? driverValue(value.value) : value;
}
