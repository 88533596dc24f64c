/**
 * Both servers of a migration over TDS: the `Servers` port, and the facts for `assess`.
 *
 * Observing and assessing cost exactly one round trip per instance, both sides at once. An act runs on
 * the session of the last observation and never opens a new one: a reconnect would void what was seen.
 */

import { shownName } from '../../base/name.ts';
import { fail, ok, type Result } from '../../base/result.ts';
import { instanceOfAct, type Act, type ActReply } from '../../model/act.ts';
import type { AssessFacts, SideFacts } from '../../model/assess-facts.ts';
import type { InstanceInventory } from '../../model/inventory.ts';
import { bindMigration } from '../../model/migration.ts';
import type { Observation, SideObservation } from '../../model/observation.ts';
import { ProblemCatalogue, type Problem } from '../../model/problem.ts';
import type { Side } from '../../model/side.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Servers } from '../../ports/servers.ts';
import type { RawReply, SqlBatch, SqlParameter } from '../../sql/batch.ts';
import { batchFor } from '../../sql/statement/batch-for.ts';
import { ACT_LOCK_LIMIT_MS } from '../../sql/statement/act-lock.ts';
import { REHEARSAL_LIMIT_MS } from '../../sql/statement/dead-man-statement.ts';
import {
  decodeFinalLsns,
  decodeRegisterEnd,
  decodeRole,
  decodeServerMs,
} from '../../sql/statement/reply.ts';
import { ONLINE_LIMIT_MS } from '../../sql/statement/role-part.ts';
import { DEMOTE_LIMIT_MS } from '../../sql/statement/role-statement.ts';
import { assembleFacts } from '../../sql/view/assess-side.ts';
import { decodeInventory, inventoryBatch } from '../../sql/view/inventory.ts';
import { observeBatch } from '../../sql/view/observe-batch.ts';
import { decodeObservation, unreachableObservation } from '../../sql/view/observe-decode.ts';
import { assembleSide } from '../../sql/view/observe-side.ts';
import { restrictToSource } from '../../sql/view/selection.ts';
import type { LoadedMigration } from '../config/load-migration.ts';
import { sha256 } from '../hash.ts';
import { lookAtFacts } from './assess-look.ts';
import { classify } from './classify.ts';
import { makeSideWay, type InstanceWay, type SideWay } from './side-way.ts';

/** Longest wait for an observation, in milliseconds. */
export const LOOK_LIMIT_MS = 20_000;

/** Longest wait for an ordinary act, in milliseconds: joins and endpoint changes wait for the other side. */
export const ACT_LIMIT_MS = 120_000;

/** Reserve on top of what a batch waits for on the server, in milliseconds. */
const REPLY_RESERVE_MS = 15_000;

/** One request as it was sent, for `--debug` and for the proof that only planned statements run. */
export interface StatementLogEntry {
  readonly side: Side;
  readonly instance: string;
  readonly text: string;
  readonly parameters: readonly SqlParameter[];
  readonly changesState: boolean;
}

/** What `openServers` needs. */
export interface ServersOptions {
  readonly loaded: LoadedMigration;
  readonly clock: Clock;
  /** The run acts: its sessions mark themselves, so that another operator sees them. Default false. */
  readonly acting?: boolean;
  readonly onStatement?: (entry: StatementLogEntry) => void;
}

/** The port, the facts for `assess`, and the end. */
export interface SqlServers extends Servers {
  /** Reads the facts of both sides, one round trip each. Never throws for what a server does. */
  assess(signal: AbortSignal): Promise<AssessFacts>;
  /** Reads the groups of every instance with their options; the errors are those of all that could not be read. */
  inventory(signal: AbortSignal): Promise<Result<readonly InstanceInventory[], readonly Problem[]>>;
  close(): void;
}

interface Context extends ServersOptions {
  readonly ways: { readonly source: SideWay; readonly target: SideWay };
  readonly marker: string;
}

/** Prepares the way to both servers; connections open with the first look. */
export function openServers(options: ServersOptions): SqlServers {
  const { loaded, clock } = options;
  const wayOf = (side: Side): SideWay =>
    makeSideWay(
      loaded.connections[side],
      loaded.otherInstances.filter((settings) => settings.side === side),
      clock,
    );
  const context: Context = {
    ...options,
    ways: { source: wayOf('source'), target: wayOf('target') },
    marker: sha256(loaded.migration.distributedAvailabilityGroup.toLowerCase()).slice(0, 32),
  };
  return {
    async observe(signal): Promise<Observation> {
      const [source, target] = await Promise.all([
        observeSide(context, 'source', signal),
        observeSide(context, 'target', signal),
      ]);
      return restrictToSource({ source, target }, loaded.migration);
    },
    async assess(signal): Promise<AssessFacts> {
      const [source, target] = await Promise.all([
        assessSide(context, 'source', signal),
        assessSide(context, 'target', signal),
      ]);
      return assembleFacts(source, target, loaded.migration);
    },
    inventory: (signal) => readInventory(context, signal),
    perform: (act, signal) => performAct(context, act, signal),
    close() {
      context.ways.source.close();
      context.ways.target.close();
    },
  };
}

/** Asks every instance of the side at once; the primary of its group is the one that acts. */
async function observeSide(
  context: Context,
  side: Side,
  signal: AbortSignal,
): Promise<SideObservation> {
  const way = context.ways[side];
  const [first, ...others] = way.ways;
  const all = await Promise.all([
    observeInstance(context, first, signal),
    ...others.map((each) => observeInstance(context, each, signal)),
  ] as const);
  const seen = assembleSide(all, 0);
  if (seen.connection.kind === 'connected') way.found(seen.instance);
  return { ...seen, generation: way.generation() };
}

async function observeInstance(
  context: Context,
  way: InstanceWay,
  signal: AbortSignal,
): Promise<SideObservation> {
  const { migration } = context.loaded;
  const { marker, acting = false } = context;
  const { side, instance } = way.settings;
  const looked = await look(context, way, {
    signal,
    limitMs: LOOK_LIMIT_MS,
    text: (versionMajor) => observeBatch({ migration, side, versionMajor, marker, acting }),
  });
  const options = { migration, side, instance, generation: looked.generation };
  return 'problem' in looked
    ? unreachableObservation(options, looked.problem)
    : decodeObservation(looked.reply, { ...options, elapsedMs: looked.elapsedMs });
}

/** Asks every instance of the side at once. */
function assessSide(
  context: Context,
  side: Side,
  signal: AbortSignal,
): Promise<readonly [SideFacts, ...SideFacts[]]> {
  const [first, ...others] = context.ways[side].ways;
  return Promise.all([
    assessInstance(context, first, signal),
    ...others.map((way) => assessInstance(context, way, signal)),
  ] as const);
}

function assessInstance(
  context: Context,
  way: InstanceWay,
  signal: AbortSignal,
): Promise<SideFacts> {
  const { settings, link } = way;
  return lookAtFacts({
    link,
    migration: context.loaded.migration,
    side: settings.side,
    instance: settings.instance,
    signal,
    onBatch: (batch) => log(context, settings.instance, batch),
  });
}

async function readInventory(
  context: Context,
  signal: AbortSignal,
): Promise<Result<readonly InstanceInventory[], readonly Problem[]>> {
  const { source, target } = context.ways;
  const all = await Promise.all(
    [...source.ways, ...target.ways].map((way) => inventoryOf(context, way, signal)),
  );
  const problems = all.flatMap((each) => (each.ok ? [] : [each.error]));
  return problems.length > 0
    ? fail(problems)
    : ok(all.flatMap((each) => (each.ok ? [each.value] : [])));
}

async function inventoryOf(
  context: Context,
  way: InstanceWay,
  signal: AbortSignal,
): Promise<Result<InstanceInventory, Problem>> {
  const { side, instance } = way.settings;
  const looked = await look(context, way, {
    signal,
    limitMs: LOOK_LIMIT_MS,
    text: (versionMajor) => inventoryBatch(versionMajor),
  });
  if ('problem' in looked) return fail(looked.problem);
  const inventory = decodeInventory(looked.reply, side);
  if (inventory.known) return ok(inventory.value);
  return fail({
    code: 'SF-SQL-002',
    summary: `The groups of ${shownName(instance)} could not be read: ${inventory.because}.`,
    because: looked.reply.errors.map(({ number, message }) => `error ${number}: ${message}`),
    remedy: inventory.remedy ?? ProblemCatalogue['SF-SQL-002'].remedy,
    instance,
  });
}

interface Look {
  readonly signal: AbortSignal;
  /** Longest wait, in milliseconds. */
  readonly limitMs: number;
  readonly text: (versionMajor: number) => string;
}

type Looked =
  | { readonly generation: number; readonly reply: RawReply; readonly elapsedMs: number }
  | { readonly generation: number; readonly problem: Problem };

async function look(context: Context, way: InstanceWay, wanted: Look): Promise<Looked> {
  const { link, settings } = way;
  const opened = await link.open(wanted.signal);
  if (!opened.ok) return { generation: link.generation(), problem: opened.error };
  const { session, generation } = opened.value;
  const batch: SqlBatch = {
    side: settings.side,
    text: wanted.text(session.versionMajor),
    parameters: [],
    changesState: false,
  };
  log(context, settings.instance, batch);
  const sent = context.clock.monotonic();
  const answer = await session.execute({
    ...batch,
    limitMs: wanted.limitMs,
    signal: wanted.signal,
  });
  return answer.kind === 'ended'
    ? { generation, reply: answer.reply, elapsedMs: context.clock.monotonic() - sent }
    : { generation, problem: answer.problem };
}

async function performAct(context: Context, act: Act, signal: AbortSignal): Promise<ActReply> {
  const started = context.clock.monotonic();
  const elapsed = (): number => context.clock.monotonic() - started;
  const side = context.ways[act.side];
  const { settings, link } = side.to(instanceOfAct(act));
  const live = link.current();
  if (live === null) {
    const kind = ProblemCatalogue['SF-NET-001'];
    const summary = `The session to [${settings.instance}] is gone; nothing was sent.`;
    const problem: Problem = {
      code: 'SF-NET-001',
      summary,
      because: [],
      remedy: kind.remedy,
      instance: settings.instance,
    };
    return { outcome: 'failed', elapsedMs: elapsed(), problem };
  }
  const acting = {
    source: context.ways.source.acting(),
    target: context.ways.target.acting(),
  };
  const batch = batchFor(act, bindMigration(context.loaded.migration, acting));
  const generation = side.generation();
  log(context, settings.instance, batch);
  const answer = await live.session.execute({ ...batch, limitMs: limitOf(act), signal });
  if (answer.kind === 'lost') {
    return { outcome: 'unknown', elapsedMs: elapsed(), problem: answer.problem };
  }
  const [first, ...rest] = answer.reply.errors;
  if (first !== undefined) {
    return { elapsedMs: elapsed(), ...classify([first, ...rest], settings.instance) };
  }
  return {
    outcome: 'ok',
    elapsedMs: elapsed(),
    generation,
    ...roleReply(act, answer.reply),
  };
}

/** What the batches of the protocol answered; a part that cannot be read is left out, and the next look decides. */
function roleReply(
  act: Act,
  reply: RawReply,
): Pick<
  ActReply & { outcome: 'ok' },
  'localRoleDesc' | 'finalLsns' | 'registerPhase' | 'serverMs'
> {
  const role = decodeRole(reply);
  const finals = act.kind === 'demote' ? decodeFinalLsns(reply, act.databases) : null;
  const register = decodeRegisterEnd(reply);
  const serverMs = decodeServerMs(reply);
  return {
    ...(role.known ? { localRoleDesc: role.value } : {}),
    ...(finals !== null && finals.known ? { finalLsns: finals.value } : {}),
    ...(register.known && isOwnEpoch(act, register.value.epoch)
      ? { registerPhase: register.value.phase }
      : {}),
    ...(serverMs === null ? {} : { serverMs }),
  };
}

/** A phase counts only for the epoch the act was about. */
function isOwnEpoch(act: Act, epoch: bigint): boolean {
  if (act.kind === 'demote') return epoch === act.fromEpoch + 1n;
  return 'epoch' in act ? epoch === act.epoch : true;
}

function limitOf(act: Act): number {
  const reserve = ACT_LOCK_LIMIT_MS + REPLY_RESERVE_MS;
  switch (act.kind) {
    case 'demote':
    case 'fence-split-brain':
      return DEMOTE_LIMIT_MS + reserve;
    case 'promote':
      return act.waitMs + ONLINE_LIMIT_MS + reserve;
    case 'await-lsns':
      return act.waitMs + reserve;
    case 'give-back':
    case 'force-promote-accepting-data-loss':
      return ONLINE_LIMIT_MS + reserve;
    case 'rehearse-dead-man':
      return REHEARSAL_LIMIT_MS + reserve;
    default:
      return ACT_LIMIT_MS;
  }
}

function log(context: Context, instance: string, batch: SqlBatch): void {
  context.onStatement?.({ ...batch, instance });
}
