/** GROUP BY: the check that every column is grouped (8120, 8121, 8127) and the grouping itself. */

import type { SqlValue } from '../../../tds/sql-type.ts';
import type { Expression } from '../ast.ts';
import { sqlError } from '../message.ts';
import { hashKey } from '../value/operate.ts';
import type { Accumulator, AggregateCollector } from './collector.ts';
import { isAggregate } from './aggregate.ts';
import type { Compiled } from './compiled.ts';
import { operandsOf } from './conjunct.ts';
import type { Environment, Frame, Frames } from './execution.ts';
import { PAUSE } from './execution.ts';
import type { Scope } from './scope.ts';

/** A text that is equal for expressions that mean the same. */
export function canonical(expression: Expression, scope: Scope): string {
  return JSON.stringify(expression, (name, value: unknown) => {
    if (name === 'line') return undefined;
    if (typeof value === 'bigint') return `${value}n`;
    if (isColumn(value)) {
      const resolved = scope.resolve(value.qualifier, value.name);
      return `column ${resolved.depth} ${resolved.slot} ${resolved.index}`;
    }
    return value;
  });
}

function isColumn(value: unknown): value is Extract<Expression, { kind: 'column' }> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    value.kind === 'column' &&
    'qualifier' in value
  );
}

/** Refuses a column that is neither grouped nor aggregated. */
export function checkGrouped(
  expression: Expression,
  groups: ReadonlySet<string>,
  scope: Scope,
): void {
  const operands = operandsOf(expression);
  if (operands === null) return;
  if (groups.size > 0 && groups.has(canonical(expression, scope))) return;
  if (expression.kind === 'column') {
    if (scope.resolve(expression.qualifier, expression.name).depth > 0) return;
    throw sqlError(8120, [...expression.qualifier, expression.name].join('.'));
  }
  if (expression.kind === 'call' && expression.over === null && isAggregate(expression.name))
    return;
  for (const operand of operands) checkGrouped(operand, groups, scope);
}

interface Group {
  readonly frame: Frame;
  readonly accumulators: readonly Accumulator[];
}

/** Groups frames: one frame per group, with the aggregates in their slot. */
export function* groupFrames(
  frames: Frames,
  by: { readonly keys: readonly Compiled[]; readonly aggregates: AggregateCollector },
  environment: Environment,
): Generator<Frame | typeof PAUSE> {
  const groups = new Map<string | number | bigint, Group>();
  const { keys, aggregates } = by;
  const start = (frame: Frame): Group => ({
    frame,
    accumulators: aggregates.list.map((aggregate) => aggregate.start()),
  });
  if (keys.length === 0) groups.set('', start([]));
  for (const frame of frames) {
    if (frame === PAUSE) {
      yield PAUSE;
      continue;
    }
    environment.frame = frame;
    const key =
      keys.length === 0
        ? ''
        : rowKey(
            keys,
            keys.map((part) => part.evaluate(environment)),
          );
    let group = groups.get(key);
    if (group === undefined) {
      group = start(frame);
      groups.set(key, group);
    }
    for (const accumulator of group.accumulators) accumulator.add(environment);
  }
  for (const group of groups.values()) {
    const frame = group.frame.slice();
    frame[aggregates.slot] = group.accumulators.map((accumulator) => accumulator.result());
    yield frame;
  }
}

/** One key for a list of values; NULL equals NULL here. */
export function rowKey(
  columns: readonly Pick<Compiled, 'type'>[],
  values: readonly SqlValue[],
): string {
  let result = '';
  for (let i = 0; i < columns.length; i += 1) {
    const value = values[i] ?? null;
    const type = columns[i]?.type;
    if (value === null || type === undefined) {
      result += 'n;';
      continue;
    }
    const part = String(hashKey(value, type));
    result += `${part.length}:${part};`;
  }
  return result;
}
