/** What stands on the servers beside the groups, by number: registers, locks, sessions, the dead-man. */

import { required } from '../../base/assert.ts';
import type { Side } from '../../model/side.ts';
import { withSide, withoutSession, type Control, type SideControl } from '../semantics/control.ts';
import type { DeadMan } from '../semantics/dead-man.ts';
import { textOf } from './hadr-node.ts';
import type { Troubled } from './trouble.ts';

/** Name of an operator, which is the name of its sessions; `A-old` is what a broken connection left. */
export type OperatorName = 'A' | 'B';

/** Session of a batch whose connection broke. */
export function orphanOf(name: OperatorName): string {
  return `${name}-old`;
}

/** Session of a batch that comes late, or twice; no view lists it. */
export function lateOf(name: OperatorName): string {
  return `${name}-late`;
}

/** Registers, locks, sessions and job. */
export interface ControlNode {
  readonly control: Control;
  /** Sessions of sqlferry that the views of each side list. */
  readonly sessions: { readonly source: readonly string[]; readonly target: readonly string[] };
  /** The running jobs; null where none runs. */
  readonly deadMan: Readonly<Record<Side, DeadMan | null>>;
  /** What somebody has done to the rows. */
  readonly trouble: Readonly<Record<Side, Troubled | null>>;
}

/** No dead-man runs. */
export const noDeadMan: ControlNode['deadMan'] = { source: null, target: null };

/** All of them, by number. */
export class ControlSpace {
  readonly #nodes: ControlNode[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #sidesByText = new Map<string, number>();
  readonly #sideNumbers = new WeakMap<SideControl, number>();

  /** Number of nodes. */
  get size(): number {
    return this.#nodes.length;
  }

  /** The node. */
  node(id: number): ControlNode {
    return required(this.#nodes[id], `control ${id}`);
  }

  /** Number of the node. */
  intern(node: ControlNode): number {
    const { control, sessions, deadMan, trouble } = node;
    const job = `${jobText(deadMan.source)}|${jobText(deadMan.target)}`;
    const names = `${sessions.source.join()}|${sessions.target.join()}`;
    const key = `${this.#sideNumber(control.source)}|${this.#sideNumber(control.target)}|${names}|${job}|${troubleText(trouble.source)}|${troubleText(trouble.target)}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const id = this.#nodes.length;
    this.#nodes.push(node);
    this.#byKey.set(key, id);
    return id;
  }

  /** A number that equal sides share: a short stand-in for their text. */
  #sideNumber(side: SideControl): number {
    let number = this.#sideNumbers.get(side);
    if (number === undefined) {
      const text = sideText(side);
      number = this.#sidesByText.get(text) ?? this.#sidesByText.size;
      this.#sidesByText.set(text, number);
      this.#sideNumbers.set(side, number);
    }
    return number;
  }
}

function troubleText(troubled: Troubled | null): string {
  return troubled === null ? '' : textOf(troubled);
}

function jobText(job: DeadMan | null): string {
  return job === null ? '' : textOf(job);
}

const sideTexts = new WeakMap<SideControl, string>();

/** One side's rows and locks as text, remembered by the identity of the immutable value. */
export function sideText(side: SideControl): string {
  let text = sideTexts.get(side);
  if (text === undefined) {
    text = freshSideText(side);
    sideTexts.set(side, text);
  }
  return text;
}

function freshSideText(side: SideControl): string {
  const row = side.register;
  const register =
    row === null
      ? ''
      : `${row.epoch} ${row.phase} ${row.isExpired} ${row.isOwed} ${row.isIntact} ${row.prior === null ? '' : textOf(row.prior)}`;
  return `${register} ${side.refusedEpoch} ${side.isRefusedIntact} ${side.actLock} ${side.leadLock} ${side.deadManExists} ${side.deadManRunning}`;
}

/** A session is listed on one side. */
export function listed(node: ControlNode, side: Side, session: string): ControlNode {
  if (node.sessions[side].includes(session)) return node;
  const sessions = [...node.sessions[side], session].toSorted();
  return { ...node, sessions: { ...node.sessions, [side]: sessions } };
}

/** A session has ended on both sides: not listed, its locks free. */
export function ended(node: ControlNode, session: string): ControlNode {
  const without = (names: readonly string[]): readonly string[] =>
    names.filter((name) => name !== session);
  return {
    ...node,
    control: withoutSession(node.control, session),
    sessions: { source: without(node.sessions.source), target: without(node.sessions.target) },
  };
}

/** The session on one side goes on under another name, with its locks: its client is gone. */
export function orphaned(node: ControlNode, side: Side, name: OperatorName): ControlNode {
  const orphan = orphanOf(name);
  let { control } = node;
  if (control[side].actLock === name) control = withSide(control, side, { actLock: orphan });
  if (control[side].leadLock === name) control = withSide(control, side, { leadLock: orphan });
  const sessions = node.sessions[side].filter((session) => session !== name);
  return listed(
    { ...node, control, sessions: { ...node.sessions, [side]: sessions } },
    side,
    orphan,
  );
}

/** The server of a side has died: its sessions and its job are gone, and every lock on it is free. */
export function crashed(node: ControlNode, side: Side): ControlNode {
  return {
    ...node,
    control: withSide(node.control, side, { actLock: null, leadLock: null, deadManRunning: false }),
    sessions: { ...node.sessions, [side]: [] },
    deadMan: { ...node.deadMan, [side]: null },
  };
}

/** The session on one side has ended. */
export function endedOn(node: ControlNode, side: Side, session: string): ControlNode {
  const { control, sessions } = node;
  const own = control[side];
  return {
    ...node,
    control: withSide(control, side, {
      actLock: own.actLock === session ? null : own.actLock,
      leadLock: own.leadLock === session ? null : own.leadLock,
    }),
    sessions: { ...sessions, [side]: sessions[side].filter((name) => name !== session) },
  };
}
