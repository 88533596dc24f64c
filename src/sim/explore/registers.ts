/** Registers and refused epochs of both sides without locks, sessions and jobs, by number. */

import { required } from '../../base/assert.ts';
import type { Control, SideControl } from '../semantics/control.ts';
import { sideText, type ControlSpace } from './control-space.ts';

/** What the registers say, whoever holds which lock. */
export class RegisterSpace {
  readonly #control: ControlSpace;
  readonly #known: (number | undefined)[] = [];
  readonly #controls: Control[] = [];
  readonly #byText = new Map<string, number>();

  constructor(control: ControlSpace) {
    this.#control = control;
  }

  /** Number of what the registers of a control say. */
  of(control: number): number {
    const known = this.#known[control];
    if (known !== undefined) return known;
    const id = this.intern(this.#control.node(control).control);
    this.#known[control] = id;
    return id;
  }

  /** Number of what these registers say. */
  intern(control: Control): number {
    const free: Control = {
      source: withoutLocks(control.source),
      target: withoutLocks(control.target),
    };
    const text = `${sideText(free.source)}|${sideText(free.target)}`;
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const id = this.#controls.length;
    this.#controls.push(free);
    this.#byText.set(text, id);
    return id;
  }

  /** The registers, every lock free and no job running. */
  control(id: number): Control {
    return required(this.#controls[id], `registers ${id}`);
  }
}

function withoutLocks(side: SideControl): SideControl {
  return { ...side, actLock: null, leadLock: null, deadManRunning: false };
}
