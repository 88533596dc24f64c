/** Servers of the small world that die and start again. */

import { required } from '../../base/assert.ts';
import type { HadrState } from '../../lab/hadr/state.ts';
import type { Side } from '../../model/side.ts';
import { serverKeys } from './hadr-node.ts';

/** The server of a side runs. */
export function isUpIn(state: HadrState, side: Side): boolean {
  return state.instances[serverKeys[side]]?.up === true;
}

/** Number and time of the start are as before: timers of the process that died are gone, and nothing else reads them. */
export function likeBefore(after: HadrState, before: HadrState, side: Side): HadrState {
  const key = serverKeys[side];
  const { incarnation, startedAt } = required(before.instances[key], key);
  const instance = { ...required(after.instances[key], key), incarnation, startedAt };
  return { ...after, instances: { ...after.instances, [key]: instance } };
}
