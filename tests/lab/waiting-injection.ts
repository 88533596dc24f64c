/** Causes of waits as they are brought about in a lab, and how they are taken back. */

import type { ConnectionSettings } from '../../src/adapters/config/load-migration.ts';
import type { SqlSession } from '../../src/adapters/sqlserver/session.ts';
import type { HadrSwitches } from '../../src/lab/hadr/state.ts';
import type { Migration } from '../../src/model/migration.ts';
import type { Observation } from '../../src/model/observation.ts';
import type { WaitingLimits } from '../../src/model/waiting.ts';
import type { Side } from '../../src/model/side.ts';

/** What an injection may do. */
export interface InjectionLab {
  /** T-SQL as `sa`, without errors. */
  text(side: Side, sql: string): Promise<void>;
  fault(value: unknown): void;
  switches(change: Partial<HadrSwitches>): void;
  session(side: Side, change?: Partial<ConnectionSettings>): Promise<SqlSession>;
  /** Looks until the source shows the target as not connected. */
  untilCut(): Promise<void>;
  /** Looks until the copy of the first database has joined the target's group. */
  untilJoined(): Promise<void>;
  /** Looks until the first database is being sent. */
  untilSending(): Promise<void>;
  /** Looks until it is so. */
  until(what: string, isSo: (seen: Observation) => boolean): Promise<void>;
  /** T-SQL as `sa` on another replica of a side, without errors. */
  onReplica(instance: string, sql: string): Promise<void>;
  /** Another sqlferry that takes the leadership, until it is closed. */
  operator(): Promise<{ close(): void }>;
  /** Runs statements on a session. */
  run(session: SqlSession, sql: string): Promise<void>;
}

/** One cause. */
export interface Injection {
  /** Judge that must name it. */
  readonly id: string;
  /** What is done, for the catalogue. */
  readonly words: string;
  /** Judges whose answers stand beneath it. */
  readonly hence?: readonly string[];
  readonly goal?: 'switch';
  readonly limits?: Partial<WaitingLimits>;
  /** The lab cannot take it back at once: why. */
  readonly lasts?: string;
  readonly migration?: (migration: Migration) => Migration;
  /** Brings it about; the answer takes it back. */
  inject(lab: InjectionLab): Promise<() => Promise<void>>;
}

const DAG_ON_SOURCE = "ALTER AVAILABILITY GROUP [DAG] MODIFY AVAILABILITY GROUP ON N'AzureAG' WITH";
const MANUAL = `${DAG_ON_SOURCE} (SEEDING_MODE = MANUAL);`;
const AUTOMATIC = `${DAG_ON_SOURCE} (SEEDING_MODE = AUTOMATIC);`;
const FAST = 500_000_000;

/** A statement on one side, and the one that takes it back. */
function statement(
  one: Omit<Injection, 'words' | 'inject'>,
  texts: { readonly side: Side; readonly make: string; readonly mend: string },
): Injection {
  return {
    ...one,
    words: `${texts.side}: \`${texts.make}\``,
    async inject(lab) {
      await lab.text(texts.side, texts.make);
      return () => lab.text(texts.side, texts.mend);
    },
  };
}

/** A fault, and the one that takes it back. */
function faulty(
  one: Omit<Injection, 'words' | 'inject'>,
  faults: { readonly words: string; readonly make: unknown; readonly mend: unknown },
): Injection {
  return {
    ...one,
    words: `\`lab fault ${faults.words}\``,
    inject(lab) {
      lab.fault(faults.make);
      return Promise.resolve(() => {
        lab.fault(faults.mend);
        return Promise.resolve();
      });
    },
  };
}

/** Both members of the group, as one side keeps them. */
export function mode(name: string): string {
  const of = (group: string): string => `N'${group}' WITH (AVAILABILITY_MODE = ${name})`;
  return `ALTER AVAILABILITY GROUP [DAG] MODIFY AVAILABILITY GROUP ON ${of('OnPremAG')}, ${of('AzureAG')};`;
}

/** Writes more log than one percent of its file. */
async function fillLog(lab: InjectionLab): Promise<void> {
  const row = "VALUES (1, REPLICATE(CONVERT(nvarchar(max), N'x'), 4000));";
  for (let turn = 0; turn < 16; turn += 1)
    await lab.text('source', `INSERT INTO Adventureworks.dbo.t ${row}`);
}

/** The link between the two servers is cut. */
export const PARTITION = { fault: 'partition', a: 'OnPremNode', b: 'SQLVM' };

/** A seeding that fails on its receiver as the fault says. */
function planted(id: string, state: number, errorCode: number | null): Injection {
  const words = `seeding-failure ${state}${errorCode === null ? '' : ` ${errorCode}`}`;
  return {
    id,
    words: `\`lab fault ${words}\``,
    async inject(lab) {
      lab.fault({ fault: 'seeding-failure', failure: { state, errorCode } });
      await lab.text('source', AUTOMATIC);
      return async () => {
        lab.fault({ fault: 'seeding-failure', failure: null });
        await lab.text('source', MANUAL);
      };
    },
  };
}

/** While six databases are seeded, in this order: one leads into the next. */
export const seedingInjections: readonly Injection[] = [
  {
    id: 'WAIT-SEEDING-RUNS',
    words: '`lab fault bandwidth 200`',
    inject: () => Promise.resolve(() => Promise.resolve()),
  },
  {
    id: 'WAIT-SEEDING-QUEUED',
    words: 'six databases at once',
    inject: () => Promise.resolve(() => Promise.resolve()),
  },
  {
    id: 'WAIT-SEEDING-STILL',
    words:
      '`lab fault session-timeout 60000`, `lab fault partition OnPremNode SQLVM`: all was sent and nothing arrives (limit of the test: 100 ms)',
    limits: { seedingStillMs: 100 },
    inject(lab) {
      lab.fault({ fault: 'session-timeout', delayMs: 60_000 });
      lab.fault(PARTITION);
      lab.fault({ fault: 'bandwidth', bytesPerSecond: FAST });
      return Promise.resolve(() => {
        lab.fault({ fault: 'bandwidth', bytesPerSecond: 200 });
        lab.fault({ fault: 'session-timeout', delayMs: 2000 });
        return Promise.resolve();
      });
    },
  },
  faulty(
    { id: 'WAIT-LINK', hence: ['WAIT-SEEDING-TRANSPORT'] },
    { words: 'partition OnPremNode SQLVM', make: PARTITION, mend: { fault: 'heal' } },
  ),
  {
    id: 'WAIT-SEEDING-RUNS',
    words: '`lab fault heal`: it begins again from zero',
    inject: () => Promise.resolve(() => Promise.resolve()),
  },
  {
    id: 'WAIT-SEEDING-MODE',
    words: `source: \`${MANUAL}\``,
    hence: ['WAIT-SEEDING-CANCELLED', 'WAIT-SEEDING-DEAD'],
    limits: { seedingStartMs: 1 },
    async inject(lab) {
      await lab.text('source', MANUAL);
      return () => Promise.resolve();
    },
  },
  {
    id: 'WAIT-SEEDING-STARTS',
    words:
      '`lab fault session-timeout 60000`, `lab fault partition OnPremNode SQLVM`, and source: AUTOMATIC: what is asked for stays without an answer',
    async inject(lab) {
      lab.fault({ fault: 'session-timeout', delayMs: 60_000 });
      lab.fault(PARTITION);
      await lab.text('source', AUTOMATIC);
      return async () => {
        await lab.text('source', MANUAL);
        lab.fault({ fault: 'heal' });
        lab.fault({ fault: 'session-timeout', delayMs: 2000 });
      };
    },
  },
  {
    id: 'WAIT-SEEDING-NAME-TAKEN',
    words: 'target: `CREATE DATABASE [Adventureworks];` before the seeding',
    async inject(lab) {
      await lab.text('target', 'CREATE DATABASE [Adventureworks];');
      await lab.text('source', AUTOMATIC);
      return async () => {
        await lab.text('target', 'DROP DATABASE [Adventureworks];');
        await lab.text('source', MANUAL);
      };
    },
  },
  {
    id: 'WAIT-SEEDING-GRANT',
    words: 'target: `ALTER AVAILABILITY GROUP [AzureAG] DENY CREATE ANY DATABASE;`',
    async inject(lab) {
      await lab.text('target', 'ALTER AVAILABILITY GROUP [AzureAG] DENY CREATE ANY DATABASE;');
      await lab.text('source', AUTOMATIC);
      return async () => {
        await lab.text('target', 'ALTER AVAILABILITY GROUP [AzureAG] GRANT CREATE ANY DATABASE;');
        await lab.text('source', MANUAL);
      };
    },
  },
  planted('WAIT-SEEDING-PATH', 16, 5133),
  planted('WAIT-SEEDING-CERTIFICATE', 15, 33_111),
  planted('WAIT-SEEDING-VERSION', 20, 946),
  planted('WAIT-SEEDING-GAVE-UP', 12, null),
  {
    id: 'WAIT-SEEDING-LOG-GONE',
    words: 'source: `BACKUP LOG` while it is seeded, with writes',
    async inject(lab) {
      await lab.text('source', AUTOMATIC);
      await lab.untilSending();
      await lab.text(
        'source',
        `CREATE TABLE Adventureworks.dbo.during (n int); BACKUP LOG Adventureworks TO DISK = N'log.trn';`,
      );
      lab.fault({ fault: 'bandwidth', bytesPerSecond: FAST });
      return async () => {
        lab.switches({ seedingFalseAlarm: true });
        await lab.text('source', AUTOMATIC);
      };
    },
  },
  {
    id: 'WAIT-SEEDING-FALSE-ALARM',
    words: 'the switch `seedingFalseAlarm`, and data movement suspended before it is in step',
    async inject(lab) {
      await lab.untilJoined();
      await lab.text('target', 'ALTER DATABASE [Adventureworks] SET HADR SUSPEND;');
      return () => lab.text('target', 'ALTER DATABASE [Adventureworks] SET HADR RESUME;');
    },
  },
];

/** Once both sides are in step. */
export const inStepInjections: readonly Injection[] = [
  statement(
    { id: 'WAIT-ENDPOINT-STOPPED', hence: ['WAIT-LINK'] },
    {
      side: 'target',
      make: 'ALTER ENDPOINT [Hadr_endpoint] STATE = STOPPED;',
      mend: 'ALTER ENDPOINT [Hadr_endpoint] STATE = STARTED;',
    },
  ),
  statement(
    { id: 'WAIT-ENDPOINT-MISSING', hence: ['WAIT-LINK'] },
    {
      side: 'target',
      make: 'DROP ENDPOINT [Hadr_endpoint];',
      mend: 'CREATE ENDPOINT [Hadr_endpoint] STATE = STARTED AS TCP (LISTENER_PORT = 5022) FOR DATABASE_MIRRORING (ROLE = ALL, AUTHENTICATION = WINDOWS NEGOTIATE, ENCRYPTION = REQUIRED ALGORITHM AES); GRANT CONNECT ON ENDPOINT::[Hadr_endpoint] TO [CONTOSO\\sqlservice];',
    },
  ),
  {
    id: 'WAIT-LINK',
    words: 'fence up, `lab fault partition OnPremNode SQLVM`, and a commit before it was up',
    goal: 'switch',
    hence: ['WAIT-LSN'],
    async inject(lab) {
      lab.fault(PARTITION);
      await lab.untilCut();
      await lab.text('source', "INSERT INTO Adventureworks.dbo.t VALUES (5, N'early');");
      await lab.text('source', 'ALTER LOGIN [app_writer] DISABLE;');
      return async () => {
        lab.fault({ fault: 'heal' });
        await lab.text('source', 'ALTER LOGIN [app_writer] ENABLE;');
      };
    },
  },
  {
    id: 'WAIT-ENDPOINT-CONNECT',
    words:
      'target: `REVOKE CONNECT ON ENDPOINT::[Hadr_endpoint] FROM [CONTOSO\\sqlservice];` and the endpoint started anew',
    hence: ['WAIT-LINK'],
    async inject(lab) {
      await lab.text(
        'target',
        `ALTER ENDPOINT [Hadr_endpoint] STATE = STOPPED; REVOKE CONNECT ON ENDPOINT::[Hadr_endpoint] FROM [CONTOSO\\sqlservice];`,
      );
      await lab.untilCut();
      await lab.text('target', 'ALTER ENDPOINT [Hadr_endpoint] STATE = STARTED;');
      return () =>
        lab.text('target', 'GRANT CONNECT ON ENDPOINT::[Hadr_endpoint] TO [CONTOSO\\sqlservice];');
    },
  },
  faulty(
    { id: 'WAIT-LINK' },
    { words: 'partition OnPremNode SQLVM', make: PARTITION, mend: { fault: 'heal' } },
  ),
  {
    id: 'WAIT-LINK',
    words:
      '`lab fault partition OnPremNode SQLVM`, and writes until the log is full (limit of the test: 1 %)',
    hence: ['WAIT-LOG-HELD'],
    limits: { logUsedPercent: 1 },
    async inject(lab) {
      lab.fault(PARTITION);
      await fillLog(lab);
      return () => {
        lab.fault({ fault: 'heal' });
        return Promise.resolve();
      };
    },
  },
  {
    id: 'WAIT-LOG-HELD',
    words: 'writes without a log backup until the log is full (limit of the test: 1 %)',
    lasts: 'the lab keeps log in pieces of 32 commits',
    limits: { logUsedPercent: 1 },
    async inject(lab) {
      await fillLog(lab);
      return () => lab.text('source', "BACKUP LOG Adventureworks TO DISK = N'log.trn';");
    },
  },
  {
    id: 'WAIT-REQUIRED-SECONDARIES',
    words: 'REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT = 1 on the source, and a partition',
    async inject(lab) {
      const set = (value: number) =>
        `ALTER AVAILABILITY GROUP [DAG] SET (REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT = ${value});`;
      for (const side of ['source', 'target'] as const)
        await lab.text(side, mode('SYNCHRONOUS_COMMIT'));
      await lab.text('source', set(1));
      lab.fault(PARTITION);
      return async () => {
        lab.fault({ fault: 'heal' });
        await lab.text('source', set(0));
        for (const side of ['source', 'target'] as const)
          await lab.text(side, mode('ASYNCHRONOUS_COMMIT'));
      };
    },
  },
  statement(
    { id: 'WAIT-SUSPENDED-BY-USER', hence: ['WAIT-NOT-SYNCHRONIZING'] },
    {
      side: 'target',
      make: 'ALTER DATABASE [Adventureworks] SET HADR SUSPEND;',
      mend: 'ALTER DATABASE [Adventureworks] SET HADR RESUME;',
    },
  ),
  {
    id: 'WAIT-REDO-QUEUE',
    words: '`lab fault redo SQLVM 100`, and writes',
    limits: { queueMs: 1000 },
    async inject(lab) {
      lab.fault({ fault: 'redo', instance: 'SQLVM', bytesPerSecond: 100 });
      await lab.text(
        'source',
        "INSERT INTO Adventureworks.dbo.t VALUES (2, REPLICATE(CONVERT(nvarchar(max), N'y'), 4000));",
      );
      return () => {
        lab.fault({ fault: 'redo', instance: 'SQLVM', bytesPerSecond: null });
        return Promise.resolve();
      };
    },
  },
  statement(
    { id: 'WAIT-MODE-ON-ONE-SIDE' },
    {
      side: 'source',
      make: mode('SYNCHRONOUS_COMMIT'),
      mend: mode('ASYNCHRONOUS_COMMIT'),
    },
  ),
  {
    id: 'WAIT-FENCE-SESSIONS',
    words: 'fence up; a sleeping session in the database',
    goal: 'switch',
    async inject(lab) {
      await lab.text('source', 'ALTER LOGIN [app_writer] DISABLE;');
      const session = await lab.session('source');
      await lab.run(session, 'USE [Adventureworks];');
      return async () => {
        session.close();
        await lab.text('source', 'ALTER LOGIN [app_writer] ENABLE;');
      };
    },
  },
  {
    id: 'WAIT-FENCE-TRANSACTION',
    words: 'fence up; `BEGIN TRANSACTION` and an INSERT without end',
    goal: 'switch',
    async inject(lab) {
      await lab.text('source', 'ALTER LOGIN [app_writer] DISABLE;');
      const session = await lab.session('source');
      await lab.run(
        session,
        "USE [Adventureworks]; BEGIN TRANSACTION; INSERT INTO dbo.t VALUES (3, N'open');",
      );
      return async () => {
        session.close();
        await lab.text('source', 'ALTER LOGIN [app_writer] ENABLE;');
      };
    },
  },
  {
    id: 'WAIT-FENCE-WRITES',
    words: 'fence up; a session in master commits into the database between two looks',
    goal: 'switch',
    async inject(lab) {
      await lab.text('source', 'ALTER LOGIN [app_writer] DISABLE;');
      const session = await lab.session('source');
      const stop = new AbortController();
      const writes = (async () => {
        for (let turn = 0; !stop.signal.aborted && turn < 2000; turn += 1)
          await lab.run(session, "INSERT INTO Adventureworks.dbo.t VALUES (4, N'late');");
      })();
      return async () => {
        stop.abort();
        await writes;
        session.close();
        await lab.text('source', 'ALTER LOGIN [app_writer] ENABLE;');
      };
    },
  },
  faulty(
    { id: 'WAIT-AGENT-STOPPED' },
    {
      words: 'agent OnPremNode stopped',
      make: { fault: 'agent', instance: 'OnPremNode', state: 'stopped' },
      mend: { fault: 'agent', instance: 'OnPremNode', state: 'running' },
    },
  ),
  {
    id: 'WAIT-WATCHER-ABSENT',
    lasts: 'it is in the migration file',
    words: '`cutover.deadMan: watcher`, and no `sqlferry watch`',
    goal: 'switch',
    migration: (migration) => ({
      ...migration,
      cutover: { ...migration.cutover, deadMan: 'watcher' },
    }),
    inject: () => Promise.resolve(() => Promise.resolve()),
  },
  faulty(
    { id: 'WAIT-CLOCK', limits: { clockMs: 5000 } },
    {
      words: 'clock SQLVM 3600000',
      make: { fault: 'clock', instance: 'SQLVM', offsetMs: 3_600_000 },
      mend: { fault: 'clock', instance: 'SQLVM', offsetMs: 0 },
    },
  ),
  {
    id: 'WAIT-LOCK-HELD',
    words: 'another sqlferry that leads',
    hence: ['WAIT-OTHER-SESSION'],
    async inject(lab) {
      const other = await lab.operator();
      return () => {
        other.close();
        return Promise.resolve();
      };
    },
  },
];

/** The last of them: what is not mended, or ends the servers. */
export const lastInjections: readonly Injection[] = [
  faulty(
    { id: 'WAIT-CANNOT-LOOK', lasts: 'a login that lost its rights does not get them back' },
    {
      words: 'revoke SQLVM sa',
      make: { fault: 'revoke', instance: 'SQLVM', login: 'sa' },
      mend: { fault: 'heal' },
    },
  ),
  faulty(
    { id: 'WAIT-UNREACHABLE' },
    {
      words: 'crash SQLVM',
      make: { fault: 'crash', instance: 'SQLVM' },
      mend: { fault: 'restart', instance: 'SQLVM' },
    },
  ),
];

/** On the two replicas of a source's own group, before anything is built. */
export const replicaInjections: readonly Injection[] = [
  faulty(
    { id: 'WAIT-REPLICA' },
    {
      words: 'crash OnPremNode2',
      make: { fault: 'crash', instance: 'OnPremNode2' },
      mend: { fault: 'restart', instance: 'OnPremNode2' },
    },
  ),
  {
    id: 'WAIT-REPLICA-BEHIND',
    words: 'OnPremNode2: `ALTER DATABASE [Adventureworks] SET HADR SUSPEND;`',
    async inject(lab) {
      await lab.onReplica('OnPremNode2', 'ALTER DATABASE [Adventureworks] SET HADR SUSPEND;');
      return () => lab.onReplica('OnPremNode2', 'ALTER DATABASE [Adventureworks] SET HADR RESUME;');
    },
  },
  {
    id: 'WAIT-DATABASE-STATE',
    words: 'key `catalog` of `lab.yaml`: `sys.databases` of the source states SUSPECT',
    lasts: 'it is in the definition of the lab',
    inject: () => Promise.resolve(() => Promise.resolve()),
  },
];
