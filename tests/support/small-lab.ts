/** A lab of two standalone servers that seeds in a moment, with sqlferry's own way to them. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

import { systemClock } from '../../src/adapters/clock.ts';
import {
  loadMigration,
  type ConnectionSettings,
  type LoadedMigration,
} from '../../src/adapters/config/load-migration.ts';
import { systemRandom } from '../../src/adapters/random.ts';
import {
  openServers,
  type SqlServers,
  type StatementLogEntry,
} from '../../src/adapters/sqlserver/servers.ts';
import { openSession, type SqlSession } from '../../src/adapters/sqlserver/session.ts';
import { run, type Interception, type RunOptions } from '../../src/engine/run.ts';
import type { LabDefinition, LabInstanceDefinition } from '../../src/lab/definition.ts';
import type { HadrSettings } from '../../src/lab/hadr/state.ts';
import { startLab, type Lab } from '../../src/lab/lab.ts';
import { standalonePreset } from '../../src/lab/preset/standalone.ts';
import type { CutoverPolicy } from '../../src/model/migration.ts';
import type { Intent } from '../../src/model/decision.ts';
import type { EngineEvent, RunResult } from '../../src/model/event.ts';
import type { JournalEntry } from '../../src/ports/journal.ts';
import type { Side } from '../../src/model/side.ts';

/** What differs from the small standalone preset. */
export interface SmallLabOptions {
  /** Databases of the source; none is filled. */
  readonly databases?: readonly string[];
  /** What the cutover may cost and whom it stops, where it differs from the file. */
  readonly cutover?: Partial<CutoverPolicy>;
  /** Changes an instance of the preset. */
  readonly instance?: (instance: LabInstanceDefinition) => LabInstanceDefinition;
  /** Pace of the servers, where it differs from the default. */
  readonly settings?: Partial<HadrSettings>;
  /** Assumed behaviours in their other position. */
  readonly switches?: LabDefinition['switches'];
}

/** A running lab with what a test needs of it. */
export interface SmallLab {
  readonly lab: Lab;
  /** Folder of the lab, with a migration file for exactly its servers. */
  readonly directory: string;
  readonly loaded: LoadedMigration;
  readonly servers: SqlServers;
  /** Every statement that sqlferry sent. */
  readonly log: readonly StatementLogEntry[];
  readonly journal: readonly JournalEntry[];
  readonly events: readonly EngineEvent[];
  run(intent: Intent, interception?: Interception, more?: Partial<RunOptions>): Promise<RunResult>;
  /** Another session, by default of `sa`; closed at the end of the test. */
  session(side: Side, change?: Partial<ConnectionSettings>): Promise<SqlSession>;
}

const never = new AbortController().signal;

/** Starts the lab; it ends with the test. */
export async function startSmallLab(
  context: TestContext,
  options: SmallLabOptions = {},
): Promise<SmallLab> {
  const { databases = ['Adventureworks'], instance = (same) => same } = options;
  const directory = mkdtempSync(join(tmpdir(), 'sqlferry-lab-'));
  const bugs: unknown[] = [];
  const lab = await startLab({
    definition: {
      ...definitionOf(databases, instance),
      ...(options.switches === undefined ? {} : { switches: options.switches }),
    },
    directory,
    ...(options.settings === undefined ? {} : { settings: options.settings }),
    addresses: { kind: 'ports', basePort: 0 },
    clock: systemClock,
    random: systemRandom,
    onBug: (error) => bugs.push(error),
  });
  const read = loadMigration({ path: join(directory, 'sqlferry.yaml'), env: {} });
  assert.ok(read.ok, read.ok ? '' : JSON.stringify(read.error));
  const loaded: LoadedMigration = {
    ...read.value,
    migration: {
      ...read.value.migration,
      cutover: { ...read.value.migration.cutover, ...options.cutover },
    },
  };
  const log: StatementLogEntry[] = [];
  const journal: JournalEntry[] = [];
  const events: EngineEvent[] = [];
  const onStatement = (entry: StatementLogEntry): void => void log.push(entry);
  const servers = openServers({ loaded, clock: systemClock, acting: true, onStatement });
  const sessions: SqlSession[] = [];
  context.after(async () => {
    servers.close();
    for (const session of sessions) session.close();
    await lab.close();
    rmSync(directory, { recursive: true, force: true });
    assert.deepEqual(bugs, []);
  });
  return {
    lab,
    directory,
    loaded,
    servers,
    log,
    journal,
    events,
    run: (intent, interception = {}, more = {}) =>
      run({
        servers,
        migration: loaded.migration,
        intent,
        clock: systemClock,
        journal: {
          append: (entry) => void journal.push(entry),
          entries: () => journal,
          close: () => {},
        },
        emit: (event) => void events.push(event),
        signal: never,
        interception,
        ...more,
      }),
    async session(side, change = {}) {
      const opened = await openSession(
        { ...loaded.connections[side], ...change },
        systemClock,
        never,
      );
      assert.ok(opened.ok, opened.ok ? '' : JSON.stringify(opened.error));
      sessions.push(opened.value);
      return opened.value;
    },
  };
}

function definitionOf(
  databases: readonly string[],
  change: (instance: LabInstanceDefinition) => LabInstanceDefinition,
): LabDefinition {
  return {
    ...standalonePreset,
    link: { latencyMs: 1, bandwidth: 1_000_000_000 },
    instances: standalonePreset.instances.map((instance) =>
      change({
        ...instance,
        databases:
          instance.side === 'source'
            ? databases.map((name) => ({
                name,
                sample: 'none',
                recoveryModel: 'FULL',
                fullBackup: true,
              }))
            : [],
        logins: instance.logins.map((login) => ({ ...login, users: [] })),
      }),
    ),
  };
}
