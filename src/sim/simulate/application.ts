/**
 * Applications that write through the whole migration, with a ledger of every acknowledged commit.
 *
 * A writer keeps its session while it has one, reconnects where its database takes writes, and tries
 * again when it is refused. What the engine acknowledged must be in the surviving copy at the end
 * (Jepsen's set); a commit whose answer was lost may be there or not.
 */

import type { Prng } from '../../base/prng.ts';
import type { Side } from '../../model/side.ts';
import { nameKey } from '../../lab/hadr/state.ts';
import type { Kernel } from './kernel.ts';
import type { SimSession, SimWorld } from './world.ts';

/** Commits of one run by database. */
export class Ledger {
  readonly #commits = new Map<string, number[]>();
  /** Commits since the role last moved, by database: those whose place in the log can be compared. */
  #young = new Map<string, number[]>();

  /** A commit was sent. */
  add(database: string, commit: number): void {
    append(this.#commits, database, commit);
    append(this.#young, database, commit);
  }

  /** A side took the role: what follows is written to its log. */
  forget(): void {
    this.#young = new Map();
  }

  /** Acknowledged commits since the role last moved that the log of this side does not hold. */
  behind(world: SimWorld, side: Side): number {
    let count = 0;
    for (const [database, commits] of this.#young) {
      const end = world.instance(side)?.databases[database]?.log.end;
      for (const commit of commits) {
        const at = world.engine.positions.get(commit);
        const isHeld = end !== undefined && at !== undefined && at < end;
        if (!isHeld && world.engine.commits.get(commit) === 'acknowledged') count += 1;
      }
    }
    return count;
  }

  /** Commits that were acknowledged and are not in the copy. */
  missing(world: SimWorld, side: Side): readonly number[] {
    const lost: number[] = [];
    for (const [database, commits] of this.#commits) {
      const content = new Set(world.engine.contentOf(world.key(side), database));
      for (const commit of commits)
        if (world.engine.commits.get(commit) === 'acknowledged' && !content.has(commit))
          lost.push(commit);
    }
    return lost;
  }

  /** How many commits were acknowledged. */
  acknowledged(world: SimWorld): number {
    let count = 0;
    for (const commits of this.#commits.values())
      for (const commit of commits)
        if (world.engine.commits.get(commit) === 'acknowledged') count += 1;
    return count;
  }
}

function append(map: Map<string, number[]>, key: string, value: number): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}

/** One writing program. */
export interface WriterOptions {
  readonly kernel: Kernel;
  readonly world: SimWorld;
  readonly ledger: Ledger;
  readonly prng: Prng;
  readonly database: string;
  readonly login: string;
  /** Longest pause between two commits, in milliseconds. */
  readonly pauseMs: number;
  /** Numbers its commits; unique in the run. */
  readonly nextCommit: () => number;
}

/** Starts a writer; the returned function ends it. */
export function startWriter(options: WriterOptions): () => void {
  const { kernel, world, prng, pauseMs } = options;
  let session: SimSession | null = null;
  let isOver = false;
  const turn = (): void => {
    if (isOver) return;
    if (session?.isAlive !== true) session = connect(options);
    if (session !== null) write(options, session);
    kernel.schedule(10 + prng.below(pauseMs), turn);
  };
  kernel.schedule(prng.below(pauseMs), turn);
  return () => {
    isOver = true;
    if (session !== null) world.end(session);
  };
}

function connect(options: WriterOptions): SimSession | null {
  const { world, database, login } = options;
  for (const side of ['source', 'target'] as const) {
    const known = world.login(side, login);
    if (known === undefined || known.isDisabled || !world.isWritable(side, database)) continue;
    return world.connect(side, { login, program: 'application', database });
  }
  return null;
}

function write(options: WriterOptions, session: SimSession): void {
  const { world, ledger, database, nextCommit } = options;
  if (!world.isWritable(session.side, database)) return;
  const commit = nextCommit();
  ledger.add(nameKey(database), commit);
  world.engine.commit({ instance: world.key(session.side), database }, commit);
}

/** One commit in every database wherever it is taken, by a session too short to be seen. */
export function commitEverywhere(world: SimWorld, ledger: Ledger, nextCommit: () => number): void {
  for (const database of world.databases) {
    for (const side of ['source', 'target'] as const) {
      // A source that was dropped out of the group stands alone: what is written there is not part of the migration.
      const isAlone =
        side === 'source' && !world.hasDag(side) && world.isWritable('target', database);
      if (isAlone || !world.isWritable(side, database)) continue;
      const commit = nextCommit();
      ledger.add(nameKey(database), commit);
      world.engine.commit({ instance: world.key(side), database }, commit);
    }
  }
}
