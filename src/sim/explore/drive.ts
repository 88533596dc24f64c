/**
 * One undisturbed way through a world: an operator reaches its goal, everything else comes to rest.
 *
 * Worlds that begin after a cutover begin where the shipping rules end one, not where somebody thinks
 * that they do.
 */

import { assert } from '../../base/assert.ts';
import type { Goal } from './configuration.ts';
import type { Move, WorldState } from './move.ts';

/** What is driven. */
export interface Driven {
  first(): WorldState;
  moves(state: WorldState, visit: (move: Move) => void): void;
}

const maxMoves = 2000;
/** Moves in a row that the servers get before an operator or a dead-man. */
const maxRest = 100;

/** The state in which operator A has reached the goal, no job runs and nothing is under way. */
export function drive(world: Driven, goal: Goal): WorldState {
  const first = rested(world, world.first());
  const started = calm(world, first).find((move) => move.label.endsWith(`sqlferry ${goal}`));
  assert(started !== undefined, `${goal} can be started`);
  let state: WorldState = started;
  for (let count = 0; count < maxMoves; count += 1) {
    state = rested(world, state);
    const isOver = state.a === first.a;
    const next = calm(world, state).find((move) =>
      isOver ? isLastOfJob(state, move) : move.who === 'A' && move.a !== state.a,
    );
    if (next === undefined) {
      assert(isOver, `${goal} comes to its end in a calm world`);
      return state;
    }
    state = next;
  }
  throw new RangeError(`${goal} does not end within ${maxMoves} moves`);
}

function isLastOfJob(state: WorldState, move: Move): boolean {
  return move.by === 'dead-man' && move.control !== state.control;
}

/** The servers alone, until they show nothing new. */
function rested(world: Driven, from: WorldState): WorldState {
  const seen = new Set([from.hadr]);
  let state = from;
  for (let count = 0; count < maxRest; count += 1) {
    const next = calm(world, state).find(
      (move) => move.by === 'server' && move.who === null && !seen.has(move.hadr),
    );
    if (next === undefined) return state;
    seen.add(next.hadr);
    state = next;
  }
  return state;
}

function calm(world: Driven, state: WorldState): readonly Move[] {
  const found: Move[] = [];
  world.moves(state, (move) => {
    if (!move.isFault) found.push(move);
  });
  return found;
}
