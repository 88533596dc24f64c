/**
 * Every situation of both servers that was seen, by number, and what may happen next in each.
 *
 * The servers are the lab's own engine: each move is one call of `step()`, remembered by number, so
 * that a world of millions of states runs the engine some thousands of times. Messages are delivered
 * in order per direction and in any interleaving. Reductions: redo keeps up with hardening, unless the
 * world says that it lags (then each record is redone after any time, and recovery waits for the last);
 * one period of the clockwork with its answers is one move, taken only when nothing is under way (a ping
 * alone changes nothing); and, with `wire` set to `log`, only log and the word of a demotion take time,
 * while greetings, options and reports arrive as soon as nothing is before them. That one hides
 * interleavings; small worlds run with every message too.
 */

import { required } from '../../base/assert.ts';
import { accessTo } from '../../lab/hadr/access.ts';
import type { EngineError } from '../../lab/hadr/effect.ts';
import type { HadrEvent, HadrStatement } from '../../lab/hadr/event.ts';
import type { HadrMessage } from '../../lab/hadr/message.ts';
import type { HadrState } from '../../lab/hadr/state.ts';
import { step } from '../../lab/hadr/step.ts';
import type { Side } from '../../model/side.ts';
import type { Wire } from './configuration.ts';
import {
  commitsIn,
  dagKey,
  instant,
  normalise,
  nothingInside,
  serverKeys,
  type HadrNode,
} from './hadr-node.ts';
import {
  areOpposite,
  isWritableReplica,
  replicaLinksIn,
  sentInside,
  withoutServer,
} from './inside.ts';
import { NodeStore } from './node-store.ts';
import { isUpIn, likeBefore } from './server-life.ts';
import { orderRoleChange, roleChanges, saltOf, timerNames } from './role-order.ts';
import { database } from './start.ts';
import { secondReplicas } from './start-availability-group.ts';

/** One thing that may happen to the servers by themselves. */
export interface HadrMove {
  readonly label: string;
  readonly to: number;
  /** Commits whose clients got their answer, as bits. */
  readonly acknowledged: number;
}

/** What the invariants read of a situation. */
export interface HadrFacts {
  readonly sourceWritable: boolean;
  readonly targetWritable: boolean;
  readonly sourceCommits: number;
  readonly targetCommits: number;
}

type Timeless<E> = E extends HadrEvent ? Omit<E, 'at'> : never;

interface Applied {
  readonly node: HadrNode;
  readonly error: EngineError | null;
  readonly acknowledged: number;
  /** The commit of a client was refused. */
  readonly isRefused: boolean;
}

const databaseKey = database.toLowerCase();
const timeoutMs = 10_001;
/** Messages that one move may deliver; more means that the servers answer each other without end. */
const maxBurst = 200;
const commitBytes = 512;

/** Messages that take time when the others do not: what decides whether a commit is lost. */
const slowMessages: ReadonlySet<HadrMessage['kind']> = new Set<HadrMessage['kind']>([
  'log',
  'demoted',
]);

/** Nothing takes time between the replicas of the source: no reading and no decision depends on it. */
const sourceReplica = secondReplicas.source.name.toLowerCase();

/** All situations of the servers. */
export class HadrSpace {
  readonly #wire: Wire;
  readonly #store = new NodeStore();
  readonly #moves: (readonly HadrMove[] | undefined)[] = [];
  readonly #facts: (HadrFacts | undefined)[] = [];
  /** Calls of the engine so far. */
  steps = 0;
  /** Times that messages answered each other without end: from there they are delivered one by one. */
  restless = 0;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** Number of situations. */
  get size(): number {
    return this.#store.size;
  }

  /** Number of the situation with these servers and nothing under way. */
  start(state: HadrState): number {
    return this.#store.intern({
      state,
      toTarget: [],
      toSource: [],
      inside: nothingInside,
      timers: [],
      isCut: false,
    });
  }

  /** The situation. */
  node(id: number): HadrNode {
    return this.#store.node(id);
  }

  /** What the invariants read. */
  facts(id: number): HadrFacts {
    const known = this.#facts[id];
    if (known !== undefined) return known;
    const { state } = this.node(id);
    const writable = (side: Side): boolean => {
      const place = { instance: serverKeys[side], database: databaseKey };
      const access = accessTo(state, place, false);
      return access.kind === 'open' && access.writable && isUpIn(state, side);
    };
    const facts: HadrFacts = {
      sourceWritable: writable('source') || isWritableReplica(state, 'source'),
      targetWritable: writable('target') || isWritableReplica(state, 'target'),
      sourceCommits: commitsIn(state.instances[serverKeys.source], databaseKey),
      targetCommits: commitsIn(state.instances[serverKeys.target], databaseKey),
    };
    this.#facts[id] = facts;
    return facts;
  }

  /** Everything the servers may do by themselves: messages, timers, timeouts, the clockwork. */
  moves(id: number): readonly HadrMove[] {
    const known = this.#moves[id];
    if (known !== undefined) return known;
    const node = this.node(id);
    const found: HadrMove[] = [];
    const add = (label: string, raw: Applied): void => {
      const applied = this.#settle(raw);
      const to = this.#store.intern(applied.node);
      if (to !== id) found.push({ label, to, acknowledged: applied.acknowledged });
    };
    for (const side of ['source', 'target'] as const) {
      const queue = side === 'source' ? node.toSource : node.toTarget;
      const [first] = queue;
      if (first !== undefined)
        add(`${first.kind} arrives at the ${side}`, this.#deliver(node, side));
      if (this.#mayTimeOut(node, side))
        add(`the ${side} misses its partner (35206)`, this.#tick(node, side, timeoutMs));
    }
    for (const way of Object.keys(node.inside)) {
      const [first] = node.inside[way] ?? [];
      if (first !== undefined)
        add(`${first.kind} arrives (${way})`, this.#deliverInside(node, way));
    }
    for (const timer of node.timers) {
      const rest = { ...node, timers: node.timers.filter((other) => other !== timer) };
      const side = timer.instance === serverKeys.source ? 'source' : 'target';
      add(
        `${timerNames[timer.kind]} on the ${side}`,
        this.#apply(rest, { kind: 'timer', timer, salt: saltOf(node) }),
      );
    }
    const isQuiet = node.toSource.length + node.toTarget.length === 0;
    if (isQuiet && node.inside === nothingInside && !node.isCut) {
      for (const side of ['source', 'target'] as const)
        add(`the ${side} looks for its partner`, this.#burst(this.#tick(node, side, 0)));
      for (const [instance, link] of replicaLinksIn(node.state))
        add(
          `${instance} looks for its other replica`,
          this.#burst(this.#tickAt(node, { instance, group: link, lateMs: 0 })),
        );
    }
    this.#moves[id] = found;
    return found;
  }

  /** A client commits on one side: the next situation, or null when the server refuses. */
  commit(id: number, side: Side, commit: number): HadrMove | null {
    const node = this.node(id);
    const applied = this.#apply(node, {
      kind: 'commit',
      commit,
      instance: serverKeys[side],
      database: databaseKey,
      payload: { id: commit },
      bytes: commitBytes,
    });
    if (applied.isRefused) return null;
    const settled = this.#settle(applied);
    return {
      label: `an application commits row ${commit} on the ${side}`,
      to: this.#store.intern(settled.node),
      acknowledged: settled.acknowledged,
    };
  }

  /** The network between the servers goes away, with everything under way, or comes back. */
  setCut(id: number, isCut: boolean): number {
    const node = this.node(id);
    const links = Object.fromEntries(
      [
        [serverKeys.source, serverKeys.target],
        [serverKeys.target, serverKeys.source],
      ].map(([from = '', to = '']) => [
        `${from}>${to}`,
        { from, to, delayMs: 0, bytesPerSecond: null, cut: isCut },
      ]),
    );
    return this.#store.intern({
      ...node,
      state: { ...node.state, links },
      isCut,
      ...(isCut ? { toSource: [], toTarget: [] } : {}),
    });
  }

  /** Whether the server runs. */
  isUp(id: number, side: Side): boolean {
    return isUpIn(this.node(id).state, side);
  }

  /** The server dies; what it has sent and not yet delivered, and what is on its way to it, is lost. */
  crash(id: number, side: Side): number {
    const node = this.node(id);
    const instance = serverKeys[side];
    const { node: after } = this.#apply(node, { kind: 'crash', instance });
    return this.#store.intern({
      ...after,
      state: likeBefore(after.state, node.state, side),
      toTarget: [],
      toSource: [],
      inside: withoutServer(after.inside, instance),
      timers: node.timers.filter((timer) => timer.instance !== instance),
    });
  }

  /** The server starts again: its databases recover. */
  restart(id: number, side: Side): number {
    const node = this.node(id);
    const event = { kind: 'restart', instance: serverKeys[side], hadrEnabled: true } as const;
    const applied = this.#apply(node, event);
    const state = likeBefore(applied.node.state, node.state, side);
    return this.#store.intern(this.#settle({ ...applied, node: { ...applied.node, state } }).node);
  }

  /** A statement on one side. */
  statement(
    id: number,
    side: Side,
    statement: HadrStatement,
  ): { readonly to: number; readonly error: EngineError | null; readonly acknowledged: number } {
    const node = this.node(id);
    const applied = this.#apply(node, {
      kind: 'statement',
      request: 1,
      instance: serverKeys[side],
      login: 'sqlferry',
      statement,
      salt: saltOf(node),
    });
    const ordinal = roleChanges(node) + 1;
    const ordered = orderRoleChange(applied, { side, statement, ordinal });
    const settled = this.#settle({ ...applied, node: ordered });
    const { error } = applied;
    return { to: this.#store.intern(settled.node), error, acknowledged: settled.acknowledged };
  }

  #deliver(node: HadrNode, to: Side): Applied {
    const queue = to === 'source' ? node.toSource : node.toTarget;
    const [message, ...rest] = queue;
    const left = to === 'source' ? { ...node, toSource: rest } : { ...node, toTarget: rest };
    return this.#apply(left, {
      kind: 'deliver',
      from: to === 'source' ? serverKeys.target : serverKeys.source,
      to: serverKeys[to],
      message: required(message, 'a message'),
      salt: saltOf(node),
    });
  }

  #deliverInside(node: HadrNode, way: string): Applied {
    const [message, ...rest] = node.inside[way] ?? [];
    const [from = '', to = ''] = way.split('>');
    return this.#apply(
      { ...node, inside: { ...node.inside, [way]: rest } },
      {
        kind: 'deliver',
        from,
        to,
        message: required(message, 'a message'),
        salt: saltOf(node),
      },
    );
  }

  #mayTimeOut(node: HadrNode, side: Side): boolean {
    const own = node.state.instances[serverKeys[side]]?.distributed[dagKey]?.link;
    const other = side === 'source' ? serverKeys.target : serverKeys.source;
    const partner = node.state.instances[other]?.distributed[dagKey]?.link;
    if (own?.connected !== true) return false;
    return node.isCut || partner?.connected !== true || partner.session !== own.session;
  }

  #tick(node: HadrNode, side: Side, lateMs: number): Applied {
    return this.#tickAt(node, { instance: serverKeys[side], group: dagKey, lateMs });
  }

  #tickAt(
    node: HadrNode,
    {
      instance,
      group,
      lateMs,
    }: { readonly instance: string; readonly group: string; readonly lateMs: number },
  ): Applied {
    const incarnation = node.state.instances[instance]?.incarnation ?? 0;
    const timer = { kind: 'tick', instance, incarnation, group } as const;
    return this.#apply(node, { kind: 'timer', timer, salt: saltOf(node) }, lateMs);
  }

  /** Delivers what takes no time; nothing of it where that has no end. */
  #settle(first: Applied): Applied {
    let applied = first;
    if (this.#wire === 'every-message') return applied;
    for (let count = 0; count < maxBurst; count += 1) {
      const { node } = applied;
      const isQuick = ([message]: readonly HadrMessage[], way = ''): boolean =>
        message !== undefined && (!slowMessages.has(message.kind) || way.includes(sourceReplica));
      const next = this.#deliverFirst(node, isQuick);
      if (next === null) return applied;
      applied = { ...next, acknowledged: next.acknowledged | applied.acknowledged };
    }
    this.restless += 1;
    return first;
  }

  /** Delivers until nothing is under way; nothing of it where that has no end. */
  #burst(first: Applied): Applied {
    let applied = first;
    for (let count = 0; count < maxBurst; count += 1) {
      const next = this.#deliverFirst(applied.node, (queue) => queue.length > 0);
      if (next === null) return applied;
      applied = { ...next, acknowledged: next.acknowledged | applied.acknowledged };
    }
    this.restless += 1;
    return first;
  }

  /** Delivers from the first queue that is wanted; null when none is. */
  #deliverFirst(
    node: HadrNode,
    isWanted: (queue: readonly HadrMessage[], way?: string) => boolean,
  ): Applied | null {
    for (const way in node.inside)
      if (isWanted(node.inside[way] ?? [], way)) return this.#deliverInside(normalise(node), way);
    if (isWanted(node.toTarget)) return this.#deliver(normalise(node), 'target');
    return isWanted(node.toSource) ? this.#deliver(normalise(node), 'source') : null;
  }

  #apply(node: HadrNode, event: Timeless<HadrEvent>, lateMs = 0): Applied {
    this.steps += 1;
    const result = step(node.state, { ...event, at: instant + lateMs });
    const toTarget = [...node.toTarget];
    const toSource = [...node.toSource];
    let { inside } = node;
    const timers = [...node.timers];
    let error: EngineError | null = null;
    let acknowledged = 0;
    let isRefused = false;
    for (const effect of result.effects) {
      if (effect.kind === 'send' && !areOpposite(effect)) inside = sentInside(inside, effect);
      else if (effect.kind === 'send')
        (effect.to === serverKeys.target ? toTarget : toSource).push(effect.message);
      else if (effect.kind === 'timer' && effect.timer.kind !== 'tick') timers.push(effect.timer);
      else if (effect.kind === 'commit-refused') isRefused = true;
      else if (effect.kind === 'statement-ended') error = effect.error;
      else if (effect.kind === 'commit-hardened' && !effect.waits)
        acknowledged |= 1 << (effect.commit - 1);
      else if (effect.kind === 'commit-ended' && effect.outcome === 'acknowledged')
        acknowledged |= 1 << (effect.commit - 1);
    }
    const { isCut } = node;
    const next: HadrNode = { state: result.state, toTarget, toSource, inside, timers, isCut };
    return { node: next, error, acknowledged, isRefused };
  }
}
