/** Joins: hash joins on equalities, nested loops otherwise. */

import type { SqlValue } from '../../../tds/sql-type.ts';
import type { Expression } from '../ast.ts';
import { hashKey } from '../value/operate.ts';
import type { Compiled, Predicate } from './compiled.ts';
import { comparesDirectly, forComparison } from './compiled.ts';
import { slotsOf } from './conjunct.ts';
import type { Environment, Frame, Frames } from './execution.ts';
import { PAUSE, ROWS_PER_PAUSE } from './execution.ts';
import { compileExpression, compilePredicate } from './binder.ts';
import { comparisonType } from './comparison.ts';
import type { BlockBinder, SourcePlan } from './source-plan.ts';

/** What to join. `hints` are conjuncts of WHERE: usable as keys, checked again there. */
export interface JoinRequest {
  readonly kind: 'inner' | 'left' | 'full';
  readonly left: SourcePlan;
  readonly right: SourcePlan;
  readonly conjuncts: readonly Expression[];
  readonly hints: readonly Expression[];
}

interface JoinKey {
  readonly left: Compiled;
  readonly right: Compiled;
  readonly type: Compiled['type'];
  /** Place of the column when the right side is a plain column that needs no conversion. */
  readonly rightColumn: number | null;
}

/** Left rows up to which the right side is looked up by key instead of read whole. */
const LOOKUP_LIMIT = 200;

/** Joins two plans. */
export function makeJoin(binder: BlockBinder, request: JoinRequest): SourcePlan {
  const inner = { ...binder, aggregates: null, windows: null };
  const tests = request.conjuncts.map((conjunct) => compilePredicate(inner, conjunct));
  const keys = [...request.conjuncts, ...request.hints].flatMap(
    (conjunct) => joinKey(inner, conjunct, request) ?? [],
  );
  const { left, right } = request;
  return {
    slots: [...left.slots, ...right.slots],
    scan: null,
    produce: (outer, frame) => runJoin({ ...request, keys, tests }, outer, frame),
  };
}

function joinKey(
  binder: BlockBinder,
  conjunct: Expression,
  request: JoinRequest,
): JoinKey | undefined {
  if (conjunct.kind !== 'binary' || conjunct.operator !== '=') return undefined;
  const within = (expression: Expression, slots: readonly number[]): boolean => {
    const used = slotsOf(expression, binder.scope);
    return used !== null && used.size > 0 && [...used].every((slot) => slots.includes(slot));
  };
  const { left, right } = request;
  const straight = within(conjunct.left, left.slots) && within(conjunct.right, right.slots);
  const crossed =
    !straight && within(conjunct.right, left.slots) && within(conjunct.left, right.slots);
  if (!straight && !crossed) return undefined;
  const first = compileExpression(binder, straight ? conjunct.left : conjunct.right);
  const rightExpression = straight ? conjunct.right : conjunct.left;
  const second = compileExpression(binder, rightExpression);
  const type = comparisonType(first, second);
  const plain =
    rightExpression.kind === 'column' && right.scan !== null && comparesDirectly(second.type, type);
  const rightColumn = plain
    ? binder.scope.resolve(rightExpression.qualifier, rightExpression.name).index
    : null;
  return {
    left: forComparison(first, type),
    right: forComparison(second, type),
    type,
    rightColumn,
  };
}

interface RunningJoin extends JoinRequest {
  readonly keys: readonly JoinKey[];
  readonly tests: readonly Predicate[];
}

function* runJoin(
  join: RunningJoin,
  outer: Environment,
  frame: Frame,
): Frames & Generator<Frame | typeof PAUSE> {
  const leftFrames = join.left.produce(outer, frame)[Symbol.iterator]();
  try {
    yield* joinFrames(join, leftFrames, { frame, outer });
  } finally {
    // A reader who stops early, as TOP does, must not leave a scan open: it would hold its snapshot.
    leftFrames.return?.();
  }
}

function* joinFrames(
  join: RunningJoin,
  leftFrames: Iterator<Frame | typeof PAUSE>,
  environment: Environment & { readonly frame: Frame },
): Generator<Frame | typeof PAUSE> {
  const { frame } = environment;
  const lookup: Frame[] = [];
  let exhausted = false;
  while (lookup.length < LOOKUP_LIMIT) {
    const next = leftFrames.next();
    if (next.done === true) {
      exhausted = true;
      break;
    }
    if (next.value === PAUSE) yield PAUSE;
    else lookup.push(next.value);
  }
  if (exhausted && lookup.length === 0 && join.kind !== 'full') return;
  const table = yield* buildSide(join, exhausted ? lookup : null, environment);
  const probe = makeProbe(join, table, environment);
  let steps = 0;
  const all = function* all(): Generator<Frame | typeof PAUSE> {
    yield* lookup;
    if (!exhausted) yield* { [Symbol.iterator]: () => leftFrames };
  };
  for (const start of all()) {
    if (start === PAUSE) {
      yield PAUSE;
      continue;
    }
    let matched = false;
    for (const next of probe(start)) {
      steps += 1;
      if (steps % ROWS_PER_PAUSE === 0) yield PAUSE;
      if (next === null) continue;
      matched = true;
      yield next;
    }
    if (!matched && join.kind !== 'inner') yield start;
  }
  if (join.kind === 'full')
    for (const entry of table.all)
      if (!table.matched.has(entry)) yield merge(frame, entry, join.right.slots);
}

interface BuiltSide {
  readonly all: readonly Frame[];
  readonly byKey: ReadonlyMap<string | number | bigint, Frame[]> | null;
  readonly matched: Set<Frame>;
}

function* buildSide(
  join: RunningJoin,
  lookup: readonly Frame[] | null,
  environment: Environment,
): Generator<typeof PAUSE, BuiltSide> {
  const all: Frame[] = [];
  const base = environment.frame;
  const outer = environment.outer ?? { frame: [], outer: null };
  const byKey = join.keys.length === 0 ? null : new Map<string | number | bigint, Frame[]>();
  for (const next of rightFrames(join, lookup, { frame: base, outer })) {
    if (next === PAUSE) {
      yield PAUSE;
      continue;
    }
    all.push(next);
    if (byKey === null) continue;
    environment.frame = next;
    const key = keyOf(join.keys, 'right', environment);
    if (key === null) continue;
    const list = byKey.get(key);
    if (list === undefined) byKey.set(key, [next]);
    else list.push(next);
  }
  return { all, byKey, matched: new Set() };
}

function rightFrames(
  join: RunningJoin,
  lookup: readonly Frame[] | null,
  at: { frame: Frame; outer: Environment },
): Frames {
  const { right } = join;
  if (
    lookup === null ||
    right.scan === null ||
    right.scan.handle.definition === null ||
    join.kind === 'full'
  )
    return right.produce(at.outer, at.frame);
  const extra: { column: number; values: SqlValue[] }[] = [];
  for (const key of join.keys) {
    if (key.rightColumn === null) continue;
    const values = new Map<string | number | bigint, SqlValue>();
    for (const frame of lookup) {
      const value = key.left.evaluate({ frame, outer: at.outer });
      if (value !== null) values.set(hashKey(value, key.type), value);
    }
    if (values.size === 0) return [];
    extra.push({ column: key.rightColumn, values: [...values.values()] });
  }
  return right.scan.produceWith(extra, at);
}

/** One key for all equalities; null when a part is NULL, which equals nothing. */
function keyOf(
  keys: readonly JoinKey[],
  side: 'left' | 'right',
  environment: Environment,
): string | number | bigint | null {
  const [first] = keys;
  if (keys.length === 1 && first !== undefined) {
    const value = first[side].evaluate(environment);
    return value === null ? null : hashKey(value, first.type);
  }
  let result = '';
  for (const key of keys) {
    const value = key[side].evaluate(environment);
    if (value === null) return null;
    const part = String(hashKey(value, key.type));
    result += `${part.length}:${part}`;
  }
  return result;
}

/** Matches of a left frame; null stands for a candidate that failed. */
function makeProbe(
  join: RunningJoin,
  table: BuiltSide,
  environment: Environment,
): (start: Frame) => Generator<Frame | null> {
  return function* probe(start) {
    let candidates: readonly Frame[] = table.all;
    if (table.byKey !== null) {
      environment.frame = start;
      const key = keyOf(join.keys, 'left', environment);
      candidates = key === null ? [] : (table.byKey.get(key) ?? []);
    }
    for (const candidate of candidates) {
      const next = merge(start, candidate, join.right.slots);
      environment.frame = next;
      if (join.tests.every((test) => test.test(environment) === true)) {
        table.matched.add(candidate);
        yield next;
      } else yield null;
    }
  };
}

function merge(left: Frame, right: Frame, slots: readonly number[]): Frame {
  const result = left.slice();
  for (const slot of slots) {
    const row = right[slot];
    if (row !== undefined) result[slot] = row;
  }
  return result;
}
