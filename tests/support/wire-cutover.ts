/**
 * A cutover over a broken wire: a small lab, operators that reach it through fault proxies, and the
 * ledger of what the servers acknowledged.
 */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import { systemClock } from '../../src/adapters/clock.ts';
import { openServers, type SqlServers } from '../../src/adapters/sqlserver/servers.ts';
import { defaultEnginePolicy, type EnginePolicy } from '../../src/engine/policy.ts';
import { run, type Interception } from '../../src/engine/run.ts';
import type { Act } from '../../src/model/act.ts';
import type { Intent } from '../../src/model/decision.ts';
import type { RunResult } from '../../src/model/event.ts';
import type { CutoverPolicy } from '../../src/model/migration.ts';
import type { Problem } from '../../src/model/problem.ts';
import type { Side } from '../../src/model/side.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { JournalEntry } from '../../src/ports/journal.ts';
import { defaultPolicy } from '../../src/reconcile/policy.ts';
import { startFaultProxy, type FaultProxy } from './fault-proxy.ts';
import { startSmallLab, type SmallLab } from './small-lab.ts';
import { worldSession } from './world-session.ts';

const TABLE = '[Adventureworks].[dbo].[ledger]';

/** Names of the instances by side. */
export const instanceOf = { source: 'OnPremNode', target: 'SQLVM' } as const;

/** Looks often, so that a test takes as long as the servers and not as the pauses. */
const IMPATIENT: EnginePolicy = {
  ...defaultEnginePolicy,
  pollMinMs: 20,
  pollMaxMs: 100,
  pollSeedingMs: 20,
};

/** Somebody with a sqlferry of their own: no journal but the own one. */
export interface Operator {
  readonly servers: SqlServers;
  readonly problems: readonly Problem[];
  run(intent: Intent, interception?: Interception, signal?: AbortSignal): Promise<RunResult>;
  close(): void;
}

/** How an operator differs. */
export interface OperatorOptions {
  readonly takeOver?: boolean;
  /** Measures the limits of its requests. */
  readonly clock?: Clock;
}

/** The lab after `migrate`, with its proxies and its ledger. */
export interface WireCutover {
  readonly lab: SmallLab;
  readonly proxies: Readonly<Record<Side, FaultProxy>>;
  /** An operator behind the proxies, or straight at the servers; `--takeover` when it takes over. */
  operator(way: 'proxied' | 'straight', how?: OperatorOptions): Operator;
  /** Resolves when the target has hardened everything that the source has. */
  caughtUp(): Promise<void>;
  /** Tries one row on each side; fails the test when both take it. */
  tryBoth(): Promise<void>;
  /** Demands one writable copy on this side, and every acknowledged row in it. */
  demandOne(side: Side): Promise<void>;
}

/** A problem that ends a run before an act, as an operator that dies there. */
export function diesBefore(kind: Act['kind']): Interception {
  return {
    before: (act) =>
      Promise.resolve(
        act.kind === kind
          ? { code: 'SF-RUN-003', summary: 'died', because: [], remedy: 'run it again' }
          : null,
      ),
  };
}

/** Starts lab and proxies and migrates one database. */
export async function startWireCutover(
  context: TestContext,
  cutover: Partial<CutoverPolicy>,
): Promise<WireCutover> {
  // Servers that look at their links often find each other again soon.
  const lab = await startSmallLab(context, { cutover, settings: { tickMs: 50 } });
  const proxies = { source: await proxyTo(lab, 'source'), target: await proxyTo(lab, 'target') };
  const operators: Operator[] = [];
  context.after(async () => {
    for (const one of operators) one.close();
    await Promise.all([proxies.source.close(), proxies.target.close()]);
  });
  const ledger = await makeLedger(lab);
  const wire: WireCutover = {
    lab,
    proxies,
    operator(way, how = {}) {
      const made = operatorOf(lab, { ...how, proxies: way === 'proxied' ? proxies : null });
      operators.push(made);
      return made;
    },
    tryBoth: () => ledger.tryBoth(),
    caughtUp: () => caughtUp(wire),
    demandOne: (side) => ledger.demandOne(side),
  };
  const first = wire.operator('straight');
  const migrated = await first.run({ goal: 'migrate' });
  assert.equal(migrated.outcome, 'ready-for-cutover', JSON.stringify(first.problems));
  first.close();
  for (let row = 0; row < 3; row += 1) await ledger.tryBoth();
  return wire;
}

async function caughtUp(wire: WireCutover): Promise<void> {
  const onlooker = wire.operator('straight');
  const ends = async (): Promise<readonly (readonly (bigint | null)[])[]> => {
    const seen = await onlooker.servers.observe(new AbortController().signal);
    return [seen.source, seen.target].map(({ databases }) =>
      databases.known ? databases.value.map(({ local }) => local?.lastHardenedLsn ?? null) : [],
    );
  };
  let [source, target] = await ends();
  for (let tries = 0; tries < 100 && !isDeepStrictEqual(source, target); tries += 1) {
    await systemClock.sleep(20);
    [source, target] = await ends();
  }
  assert.deepEqual(target, source, 'the target has not caught up');
  onlooker.close();
}

function proxyTo(lab: SmallLab, side: Side): Promise<FaultProxy> {
  const { host, port } = lab.loaded.connections[side];
  return startFaultProxy({ host, port });
}

function operatorOf(
  lab: SmallLab,
  how: {
    readonly proxies: Readonly<Record<Side, FaultProxy>> | null;
  } & OperatorOptions,
): Operator {
  const { loaded } = lab;
  const { proxies, takeOver = false, clock = systemClock } = how;
  const { source, target } = loaded.connections;
  const connections =
    proxies === null
      ? loaded.connections
      : {
          source: { ...source, host: '127.0.0.1', port: proxies.source.port },
          target: { ...target, host: '127.0.0.1', port: proxies.target.port },
        };
  const servers = openServers({
    loaded: { ...loaded, connections },
    clock,
    acting: true,
  });
  const journal: JournalEntry[] = [];
  const problems: Problem[] = [];
  return {
    servers,
    problems,
    run: (intent, interception = {}, signal = new AbortController().signal) =>
      run({
        servers,
        migration: loaded.migration,
        intent,
        clock: systemClock,
        journal: {
          append: (entry) => void journal.push(entry),
          entries: () => journal,
          close: () => undefined,
        },
        emit: (event) => {
          if (event.kind === 'problem') problems.push(event.problem);
        },
        signal,
        interception,
        policy: { ...defaultPolicy, takeOver },
        enginePolicy: IMPATIENT,
      }),
    close: () => servers.close(),
  };
}

interface Ledger {
  tryBoth(): Promise<void>;
  demandOne(side: Side): Promise<void>;
}

/** Rows are written from `master`, where the fence does not look for sessions: an application that slipped through. */
async function makeLedger(lab: SmallLab): Promise<Ledger> {
  const world = lab.lab.world();
  const password = lab.lab.password('sa').reveal();
  const session = (side: Side) => worldSession(world, instanceOf[side], { user: 'sa', password });
  const setup = await session('source');
  await setup.run(`CREATE TABLE ${TABLE} (id int NOT NULL PRIMARY KEY)`);
  setup.close();
  const acknowledged: number[] = [];
  let next = 0;
  const attempt = async (side: Side): Promise<boolean> => {
    if (lab.lab.world().state().instances[instanceOf[side].toLowerCase()]?.up !== true)
      return false;
    const writer = await session(side);
    next += 1;
    const id = next;
    const answer = await Promise.race([
      writer.batch(`INSERT INTO ${TABLE} (id) VALUES (${id}); SELECT 1 AS acknowledged;`),
      // A commit that hangs is not acknowledged; its client goes away.
      systemClock.sleep(300).then(() => null),
    ]);
    writer.close();
    const isAcknowledged =
      answer !== null && answer.errors.length === 0 && answer.rowsets.length === 1;
    if (isAcknowledged) acknowledged.push(id);
    return isAcknowledged;
  };
  return {
    async tryBoth() {
      const [source, target] = [await attempt('source'), await attempt('target')];
      const roles = dagRoles(lab);
      assert.ok(!(source && target), `both sides took a row: ${JSON.stringify(roles)}`);
    },
    async demandOne(side) {
      const other = side === 'source' ? 'target' : 'source';
      assert.equal(await attempt(other), false, `the ${other} takes writes too`);
      // Databases may still recover, and a commit waits until the copies have found each other.
      let taken = await attempt(side);
      for (let tries = 0; tries < 40 && !taken; tries += 1) {
        await systemClock.sleep(50);
        taken = await attempt(side);
      }
      assert.ok(taken, `the ${side} takes no writes: ${dagRoles(lab).join(', ')}`);
      const reader = await session(side);
      const rows = await reader.rows(`SELECT id FROM ${TABLE} ORDER BY id`);
      reader.close();
      const there = new Set(rows.map((row) => row['id']));
      const lost = acknowledged.filter((id) => !there.has(id));
      assert.deepEqual(lost, [], 'acknowledged commits that are gone');
    },
  };
}

function dagRoles(lab: SmallLab): readonly string[] {
  return Object.values(lab.lab.world().state().instances).flatMap((instance) =>
    Object.values(instance.distributed).map((group) => `${instance.serverName} ${group.role}`),
  );
}
