/** Window functions: ranking, LAG and LEAD, first and last value, aggregates OVER. */

import type { SqlType, SqlValue } from '../../../tds/sql-type.ts';
import type { Expression, FunctionCall } from '../ast.ts';
import { sqlError } from '../message.ts';
import { hashKey } from '../value/operate.ts';
import { isAggregate, makeAggregate } from './aggregate.ts';
import type { Compiled } from './compiled.ts';
import { coerce } from './compiled.ts';
import type { Environment, Frame } from './execution.ts';
import type { Binder } from './binder.ts';
import type { WindowCollector, WindowFunction } from './collector.ts';
import { compileExpression } from './binder.ts';
import { compareKeys, sortKey } from './order.ts';

/** Compiles a window function and registers it; 4108 where none is allowed. */
export function compileWindow(binder: Binder, call: FunctionCall): Compiled {
  const { windows } = binder;
  if (windows === null || call.over === null) throw sqlError(4108);
  const inner: Binder = { ...binder, windows: null };
  const partitionBy = call.over.partitionBy.map((expression) =>
    compileExpression(inner, expression),
  );
  const orderBy = call.over.orderBy.map((item) =>
    sortKey(item, compileExpression(inner, item.expression)),
  );
  const index = windows.list.push({ partitionBy, orderBy, ...makeWindow(inner, call) }) - 1;
  const { slot } = windows;
  return {
    type: windows.list[index]?.type ?? { kind: 'int' },
    nullable: true,
    local: true,
    nullLiteral: false,
    evaluate: (environment) => environment.frame[slot]?.[index] ?? null,
  };
}

type WindowBody = Pick<WindowFunction, 'type' | 'compute'>;

function makeWindow(binder: Binder, call: FunctionCall): WindowBody {
  const name = call.name.toUpperCase();
  const ordered = (call.over?.orderBy.length ?? 0) > 0;
  if (isAggregate(name)) return runningAggregate(binder, call, ordered);
  if (!ordered) throw sqlError(4112, call.name);
  const bigint: SqlType = { kind: 'bigint' };
  switch (name) {
    case 'ROW_NUMBER':
      return { type: bigint, compute: ({ frames }) => frames.map((_, i) => BigInt(i + 1)) };
    case 'RANK':
      return {
        type: bigint,
        compute: ({ peers }) => peers.map((peer) => BigInt(peers.indexOf(peer) + 1)),
      };
    case 'DENSE_RANK':
      return { type: bigint, compute: ({ peers }) => peers.map((peer) => BigInt(peer + 1)) };
    case 'NTILE':
      return tiles(compileExpression(binder, expressionArgument(call, 0)));
    case 'LAG':
    case 'LEAD':
      return shifted(binder, call, name === 'LAG' ? -1 : 1);
    case 'FIRST_VALUE':
    case 'LAST_VALUE':
      return edge(compileExpression(binder, expressionArgument(call, 0)), name === 'FIRST_VALUE');
    default:
      throw sqlError(195, call.name, 'windowed function');
  }
}

function expressionArgument(call: FunctionCall, index: number): Expression {
  const argument = call.arguments[index];
  if (argument === undefined || argument.kind === 'star')
    throw sqlError(174, call.name.toLowerCase(), 1);
  return argument;
}

function tiles(count: Compiled): WindowBody {
  return {
    type: { kind: 'bigint' },
    compute: ({ frames, environment }) => {
      const groups = Math.max(1, Number(count.evaluate(environment)));
      const small = Math.floor(frames.length / groups);
      const large = frames.length % groups;
      return frames.map((_, i) => {
        const inLarge = large * (small + 1);
        return BigInt(
          i < inLarge
            ? Math.floor(i / (small + 1)) + 1
            : large + Math.floor((i - inLarge) / Math.max(1, small)) + 1,
        );
      });
    },
  };
}

function shifted(binder: Binder, call: FunctionCall, direction: 1 | -1): WindowBody {
  const value = compileExpression(binder, expressionArgument(call, 0));
  const distance =
    call.arguments.length > 1 ? compileExpression(binder, expressionArgument(call, 1)) : null;
  const fallback =
    call.arguments.length > 2
      ? coerce(compileExpression(binder, expressionArgument(call, 2)), value.type)
      : null;
  return {
    type: value.type,
    compute: ({ frames, environment }) =>
      frames.map((frame, i) => {
        environment.frame = frame;
        const steps = distance === null ? 1 : Number(distance.evaluate(environment));
        const other = frames[i + direction * steps];
        if (other === undefined) return fallback === null ? null : fallback.evaluate(environment);
        environment.frame = other;
        return value.evaluate(environment);
      }),
  };
}

function edge(value: Compiled, first: boolean): WindowBody {
  return {
    type: value.type,
    compute: ({ frames, peers, environment }) =>
      frames.map((_, i) => {
        // The default frame ends with the last peer of the current row.
        const at = first ? 0 : peers.lastIndexOf(peers[i] ?? 0);
        const frame = frames[at];
        if (frame === undefined) return null;
        environment.frame = frame;
        return value.evaluate(environment);
      }),
  };
}

function runningAggregate(binder: Binder, call: FunctionCall, ordered: boolean): WindowBody {
  const aggregate = makeAggregate(binder, call);
  return {
    type: aggregate.type,
    compute: ({ frames, peers, environment }) => {
      const state = aggregate.start();
      const values: SqlValue[] = [];
      let i = 0;
      while (i < frames.length) {
        let end = i;
        const start = peers[i];
        const within = (at: number): boolean => !ordered || peers[at] === start;
        while (end < frames.length && within(end)) {
          const frame = frames[end];
          if (frame !== undefined) environment.frame = frame;
          state.add(environment);
          end += 1;
        }
        const value = state.result();
        for (; i < end; i += 1) values.push(value);
      }
      return values;
    },
  };
}

/** Computes every window function over all frames of the block and puts the values into the slot. */
export function applyWindows(
  frames: readonly Frame[],
  collector: WindowCollector,
  environment: Environment,
): void {
  const results = frames.map((): SqlValue[] => []);
  collector.list.forEach((window, index) => {
    for (const members of partitions(frames, window, environment)) {
      const ordered = members.map((member) => {
        environment.frame = frames[member] ?? [];
        return { member, keys: window.orderBy.map((key) => key.evaluate(environment)) };
      });
      ordered.sort((left, right) => compareKeys(window.orderBy, left.keys, right.keys));
      const peers: number[] = [];
      ordered.forEach((entry, i) => {
        const previous = ordered[i - 1];
        const last = peers[i - 1] ?? 0;
        peers.push(
          previous === undefined || compareKeys(window.orderBy, previous.keys, entry.keys) === 0
            ? last
            : last + 1,
        );
      });
      const values = window.compute({
        frames: ordered.map((entry) => frames[entry.member] ?? []),
        peers,
        environment,
      });
      ordered.forEach((entry, i) => {
        const row = results[entry.member];
        if (row !== undefined) row[index] = values[i] ?? null;
      });
    }
  });
  frames.forEach((frame, i) => {
    frame[collector.slot] = results[i] ?? [];
  });
}

function partitions(
  frames: readonly Frame[],
  window: WindowFunction,
  environment: Environment,
): Iterable<number[]> {
  const groups = new Map<string, number[]>();
  frames.forEach((frame, i) => {
    environment.frame = frame;
    const key = window.partitionBy
      .map((expression) => {
        const hash = hashKey(expression.evaluate(environment), expression.type);
        return `${typeof hash}:${String(hash).length}:${String(hash)}`;
      })
      .join('|');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [i]);
    else group.push(i);
  });
  return groups.values();
}
